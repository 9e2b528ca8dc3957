#!/usr/bin/env bash
# A closed server with the demo roster and a person of each role, to try things out: `just demo-closed`.
#
# Everybody's password is PASSWORD below. The database is a scratch one, gone when the server is stopped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PASSWORD='seven wise badgers'
binary=${CLINIC_BINARY:-}
if [[ -z $binary ]]; then
    cargo build --quiet
    target=${CARGO_TARGET_DIR:-target}
    [[ $target == /* ]] || target=$PWD/$target
    binary=$target/debug/clinic
fi

scratch=$(mktemp -d)
server=""
finish() {
    trap - EXIT
    if [[ -n $server ]]; then kill "$server" 2>/dev/null && wait "$server" 2>/dev/null || true; fi
    rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 0' INT TERM

# Elsewhere, so that nobody's `.env` is read.
cd "$scratch"
export DATABASE_URL="sqlite://$scratch/clinic.db?mode=rwc" ACCESS=closed SEED_DEMO=true PORT="${PORT:-8080}"
export RUST_LOG="${RUST_LOG:-warn}"
unset API_TOKEN PUBLIC_URL BIND ALLOW_ANONYMOUS
"$binary" >"$scratch/said" &
server=$!
for ((tries = 0; tries < 300; tries++)); do
    if grep -q 'clinic is ready' "$scratch/said" || ! kill -0 "$server" 2>/dev/null; then break; fi
    sleep 0.1
done
url=$(sed -n 's#^  Health *\(http://.*\)/readyz$#\1#p' "$scratch/said")
[[ -n $url ]] || { cat "$scratch/said"; exit 1; }

secret=$("$binary" token create --name 'demo set-up' --role viewer | grep -o 'clt_[0-9a-f]*')
provider=$(curl -sf "$url/providers" -H "Authorization: Bearer $secret" | grep -o 'prv_[0-9a-z]*' | head -n 1)
"$binary" token revoke "$("$binary" token list | awk 'NR == 1 { print $1 }')" >/dev/null

sed '/Nobody can come in yet/,$d' "$scratch/said"
printf '  Sign in at %s/sign-in with the password "%s" as one of\n\n' "$url" "$PASSWORD"
while read -r role name; do
    email="${role}@clinic.example"
    bound=()
    [[ $role != clinician ]] || bound=(--provider "$provider")
    invitation=$("$binary" person add --role "$role" --name "$name" --email "$email" "${bound[@]}" | grep -o 'cli_[0-9a-f]*')
    curl -sf "$url/session/password" -H 'Content-Type: application/json' \
        -d "{\"invitation\": \"$invitation\", \"password\": \"$PASSWORD\"}"
    printf '    %-28s %s\n' "$email" "$name"
done <<'PEOPLE'
admin Ada Admin
scheduler Sam Desk
clinician Cleo Clinician
auditor Otto Auditor
viewer Vera Viewer
PEOPLE
printf '\n  Ctrl+C stops it, and forgets everything.\n\n'
wait "$server"
