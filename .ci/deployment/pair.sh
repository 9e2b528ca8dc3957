# shellcheck shell=bash disable=SC2154
# Two servers on one database of PostgreSQL, behind nginx and then behind Caddy, by the files of deploy/. What differs
# from the files are ports, folders and the certificate. Part of .ci/deploy.

until_so 300 psql --no-psqlrc --quiet --dbname "$POSTGRES" --command 'SELECT 1' ||
    die "PostgreSQL does not answer; start one, or name it in TEST_POSTGRES_URL"
database="clinic_deploy_${$}_$(date +%s)"
admin_sql --command "CREATE DATABASE $database"
# Servers need no more than this (docs/operating.md); the migrations below are the owner's.
password=$(openssl rand -hex 16)
admin_sql --command "CREATE ROLE $database LOGIN PASSWORD '$password'"
# The same server and parameters, another database.
plain=${POSTGRES%%\?*}
parameters=""
if [[ $POSTGRES == *\?* ]]; then parameters="?${POSTGRES#*\?}"; fi
authority=${plain#*://}
authority=${authority%%/*}
address=${authority##*@}
owner_url="${plain%%://*}://$authority/$database$parameters"

read -r tls_port http_port first_port second_port < <(free_ports 4)
public=https://clinic.example.com:$tls_port
pair_settings=(
    "DATABASE_URL=postgres://$database:$password@$address/$database$parameters" "AUDIT_KEY=$(openssl rand -hex 32)"
    "PUBLIC_URL=$public" TRUSTED_PROXIES=127.0.0.1 SCHEDULER_URL=none DATABASE_MAX_CONNECTIONS=8 PATH="$PATH"
)
mkdir -p "$scratch/empty"
become_clinic() {
    local port=$1
    shift
    # Elsewhere, so that nobody's `.env` is read.
    cd "$scratch/empty" && exec env -i "${pair_settings[@]}" PORT="$port" "$binary" "$@"
}
start_one() {
    (become_clinic "$1" >>"$scratch/server-$1.log" 2>&1) &
    processes+=("$!")
    servers[$1]=$!
    until_so 300 curl -sf "http://127.0.0.1:$1/readyz" || die "the server on port $1 does not serve"
}
declare -A servers

say "-- two servers on one database of PostgreSQL, after \`clinic migrate up\` and \`clinic seed\`"
(cd "$scratch/empty" && env -i DATABASE_URL="$owner_url" "$binary" migrate up) >"$scratch/migrate.log" 2>&1 ||
    die "clinic migrate up"
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname "$owner_url" \
    --command "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO $database" \
    --command "GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO $database"
(become_clinic 0 seed) >"$scratch/seed.log" 2>&1 || die "clinic seed"
secret=$( (become_clinic 0 token create --name trial --role scheduler) | grep -o 'clt_[0-9a-f]*')
start_one "$first_port"
start_one "$second_port"

certificate=$scratch/certificate.pem
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=clinic.example.com \
    -addext subjectAltName=DNS:clinic.example.com -keyout "$scratch/key.pem" -out "$certificate" 2>"$scratch/openssl.log"

from_outside=(
    curl --silent --cacert "$certificate" --resolve "clinic.example.com:$tls_port:127.0.0.1" --max-time 20
    --header "Authorization: Bearer $secret"
)
outside() { "${from_outside[@]}" "$@"; }
status_of() { outside --output /dev/null --write-out '%{http_code}' "$@"; }
asked=0
book() {
    asked=$((asked + 1))
    outside "$public/appointment" --header 'Content-Type: application/json' --data \
        "{ \"patient\": { \"name\": \"Jane Roe\", \"email\": \"jane$asked@example.com\", \"state\": \"CT\", \"insurance\": \"Aetna\" } }"
}
# A stream that is open, and what it says of a booking, which has to come while it goes on.
streams() {
    local how=$1 accept=$2 stream known
    : >"$scratch/stream"
    "${from_outside[@]}" --no-buffer "$public/graphql" --header 'Content-Type: application/json' \
        --header "Accept: $accept" --data \
        '{ "query": "subscription { appointmentChanged(after: \"evt_000000000000\") { cursor kind } }" }' >"$scratch/stream" &
    stream=$!
    processes+=("$stream")
    until_so 50 grep -q BOOKED "$scratch/stream" || die "$how: what was booked before does not come"
    known=$(grep -c BOOKED "$scratch/stream")
    [[ $(book) == *'"scheduled":true'* ]] || die "$how: no booking beside the stream"
    # shellcheck disable=SC2016
    until_so 50 bash -c '(($(grep -c BOOKED "$0") > $1))' "$scratch/stream" "$known" || die "$how: is held back"
    kill -0 "$stream" 2>/dev/null || die "$how: has ended"
    kill "$stream"
    wait "$stream" 2>/dev/null || true
}
# While requests come, one server is stopped and started again: nobody outside sees it.
replace_one() {
    local code
    (
        while [[ ! -e $scratch/replaced ]]; do
            code=$(status_of "$public/providers")
            [[ $code == 200 ]] || printf '%s\n' "$code"
        done
    ) >"$scratch/refused" &
    local asking=$!
    processes+=("$asking")
    kill -TERM "${servers[$first_port]}"
    wait "${servers[$first_port]}" || die "the server that was replaced did not end well"
    sleep 1
    start_one "$first_port"
    sleep 1
    touch "$scratch/replaced"
    wait "$asking"
    rm "$scratch/replaced"
    [[ ! -s $scratch/refused ]] || die "while one server was replaced, requests were answered $(sort "$scratch/refused" | uniq -c | tr '\n' ' ')"
}
behind() {
    local proxy=$1 answer forged
    until_so 100 outside --fail "$public/healthz" || die "$proxy does not serve"
    say "$proxy: a booking, by TLS"
    answer=$(book)
    [[ $answer == *'"scheduled":true'* ]] || die "$proxy: no booking: $answer"
    say "$proxy: server-sent events, and multipart, as they happen; a WebSocket"
    streams "$proxy, server-sent events" text/event-stream
    streams "$proxy, multipart" 'multipart/mixed;subscriptionSpec=1.0, application/json'
    outside --http1.1 --include --max-time 2 "$public/graphql/ws" --header 'Connection: Upgrade' --header 'Upgrade: websocket' \
        --header 'Sec-WebSocket-Version: 13' --header 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' \
        --header 'Sec-WebSocket-Protocol: graphql-transport-ws' >"$scratch/websocket" || true
    grep -q '^HTTP/1.1 101' "$scratch/websocket" || die "$proxy: no WebSocket: $(head -n 1 "$scratch/websocket")"
    say "$proxy: what is too large is refused by the server; metrics are not for the world; plain HTTP leads to TLS"
    head -c 200000 /dev/zero | tr '\0' ' ' >"$scratch/large"
    answer=$(outside --data-binary "@$scratch/large" --header 'Content-Type: application/json' --write-out ' %{http_code} %{content_type}' "$public/appointment")
    [[ $answer == *' 413 application/problem+json' ]] || die "$proxy: a body that is too large: $answer"
    [[ $(status_of "$public/metrics") == 404 ]] || die "$proxy: shows the metrics"
    answer=$(curl --silent --output /dev/null --write-out '%{http_code} %{redirect_url}' --header 'Host: clinic.example.com' "http://127.0.0.1:$http_port/desk")
    [[ $answer == 308\ https://clinic.example.com* ]] || die "$proxy: plain HTTP is answered $answer"
    say "$proxy: who says they are somebody else is not believed, and the secret of a link is not logged"
    forged=('X-Forwarded-For: 203.0.113.9' 'Forwarded: for=203.0.113.9')
    for answer in 1 2 3; do
        # Each alone, and both: from an address that is not the proxy's.
        status_of "$public/providers" --interface 127.0.0.2 --header "X-Request-Id: forged-$answer-$proxy" \
            --header "${forged[answer / 2]}" --header "${forged[answer / 3]}" >/dev/null
        until_so 50 grep -q "id=\"forged-$answer-$proxy\" client=127.0.0.2}" "$scratch/server-$first_port.log" "$scratch/server-$second_port.log" ||
            die "$proxy: servers take the client for another: $(grep -h "forged-$answer-$proxy" "$scratch"/server-*.log)"
    done
    status_of "$public/visit/secret-of-a-link?name=secret-name" >/dev/null
    if grep -r --include='*.log' -E 'secret-of-a-link|secret-name' "$scratch"; then die "$proxy: logs the secret of a link"; fi
    say "$proxy: one server is stopped and started while requests come"
    replace_one
}

say "-- deploy/nginx, with $(nginx -v 2>&1 | cut -d' ' -f3)"
sed -e "s#127.0.0.1:8081#127.0.0.1:$first_port#; s#127.0.0.1:8082#127.0.0.1:$second_port#; /listen \[::\]/d" \
    -e "s#listen 80;#listen 127.0.0.1:$http_port;#; s#listen 443 #listen 127.0.0.1:$tls_port #" \
    -e "s#/etc/letsencrypt/live/clinic.example.com/fullchain.pem#$certificate#; s#/etc/letsencrypt/live/clinic.example.com/privkey.pem#$scratch/key.pem#" \
    -e "s#/var/log/nginx/#$scratch/#; s#/var/www/html#$scratch/challenges#" deploy/nginx/clinic.conf >"$scratch/clinic.conf"
{
    if $is_root; then printf 'user root;\n'; fi
    printf 'worker_processes 1;\npid %s/nginx.pid;\nerror_log %s/nginx.log;\ndaemon off;\nevents {}\nhttp {\n' "$scratch" "$scratch"
    for kind in client_body proxy fastcgi uwsgi scgi; do printf '%s_temp_path %s/nginx-%s;\n' "$kind" "$scratch" "$kind"; done
    printf 'include %s/clinic.conf;\n}\n' "$scratch"
} >"$scratch/nginx.conf"
nginx -t -q -c "$scratch/nginx.conf" || die "nginx refuses the file"
start_nginx() {
    nginx -c "$scratch/nginx.conf" >"$scratch/nginx-output.log" 2>&1 &
    nginx_process=$!
    processes+=("$nginx_process")
}
start_nginx
behind nginx
mkdir -p "$scratch/challenges/.well-known/acme-challenge"
echo proof >"$scratch/challenges/.well-known/acme-challenge/name"
[[ $(curl -s --header 'Host: clinic.example.com' "http://127.0.0.1:$http_port/.well-known/acme-challenge/name") == proof ]] ||
    die "nginx: a certificate could not be renewed"
[[ -z $(find "$scratch"/nginx-* -type f ! -name '*.log') ]] || die "nginx has put what passes through it on the disk"
kill "$nginx_process"
wait "$nginx_process" || true

say "-- deploy/caddy, with Caddy $(caddy version | cut -d' ' -f1)"
export XDG_DATA_HOME=$scratch/caddy XDG_CONFIG_HOME=$scratch/caddy
caddy validate --adapter caddyfile --config deploy/caddy/Caddyfile >"$scratch/caddy-validate.log" 2>&1 || die "Caddy refuses the file"
[[ -z $(caddy fmt --diff deploy/caddy/Caddyfile | grep '^[-+]' || true) ]] || die "caddy fmt deploy/caddy/Caddyfile would change it"
sed -e "s#127.0.0.1:8081#127.0.0.1:$first_port#; s#127.0.0.1:8082#127.0.0.1:$second_port#" \
    -e "s#^{\$#{\n\tadmin off\n\thttp_port $http_port\n\thttps_port $tls_port\n\tdefault_bind 127.0.0.1\n\tskip_install_trust#" \
    -e "s#^clinic.example.com {#clinic.example.com {\n\ttls $certificate $scratch/key.pem#" deploy/caddy/Caddyfile >"$scratch/Caddyfile"
caddy run --adapter caddyfile --config "$scratch/Caddyfile" >"$scratch/caddy.log" 2>&1 &
caddy_process=$!
processes+=("$caddy_process")
behind Caddy

say "-- no server answers: nothing of what was asked is logged"
# Where the proxies complain of that, they would repeat whole requests.
without_servers() {
    local answer
    answer=$(status_of "$public/visit/secret-of-a-link?name=secret-name")
    [[ $answer == 502 || $answer == 503 ]] || die "$1: answers $answer for servers that are gone"
    sleep 0.2
    if grep -r --include='*.log' -E 'secret-of-a-link|secret-name' "$scratch"; then die "$1: logs the secret of a link"; fi
}
for port in "$first_port" "$second_port"; do
    kill "${servers[$port]}"
    wait "${servers[$port]}" || die "a server did not end well"
done
if grep -h 'lacks a right' "$scratch"/server-*.log; then die "the servers lack a right that docs/operating.md does not name"; fi
without_servers Caddy
kill "$caddy_process"
wait "$caddy_process" || true
start_nginx
until_so 50 curl -s "http://127.0.0.1:$http_port/" || die "nginx does not serve"
without_servers nginx
