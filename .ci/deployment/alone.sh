# shellcheck shell=bash disable=SC2154
# The program as an image holds it: an empty root with nothing but the program and the libraries that it names, a user
# that is nobody's, and one folder that can be written to. Part of .ci/deploy.

root=$scratch/root
chmod 755 "$scratch"
mkdir -p "$root/usr/local/bin" "$root/data"
cp "$binary" "$root/usr/local/bin/clinic"
while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
done < <(ldd "$binary" | grep -o '/[^ ]*')
chown 65532:65532 "$root/data"

read -r alone_port < <(free_ports 1)
alone=http://127.0.0.1:$alone_port
# What the Dockerfile sets, but for BIND: the server is of this machine alone, so ACCESS says what it is elsewhere.
alone_settings=(
    "$(grep -o 'DATABASE_URL=[^ ]*' Dockerfile)" LOG_FORMAT=json BIND=127.0.0.1 "PORT=$alone_port" ACCESS=closed
    SCHEDULER_URL=none METRICS_TOKEN=only-for-the-metrics PATH="$PATH"
)
# Takes the place of the shell that calls it.
become_clinic_in_root() {
    exec env -i "${alone_settings[@]}" \
        setpriv --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all,+sys_chroot,+setuid,+setgid \
        unshare --root "$root" --wd /data --setgid 65532 --setuid 65532 /usr/local/bin/clinic "$@"
}
in_root() { (become_clinic_in_root "$@"); }
# Asked each hundredth of a second, for the time that it takes is told: sets `ready_after`, in milliseconds.
start_alone() {
    local began tries
    began=$(date +%s%3N)
    (become_clinic_in_root >"$scratch/alone.log" 2>&1) &
    alone_process=$!
    processes+=("$alone_process")
    for ((tries = 0; tries < 1500; tries++)); do
        if curl -sf -o /dev/null "$alone/readyz"; then
            ready_after=$(($(date +%s%3N) - began))
            return
        fi
        sleep 0.01
    done
    die "does not serve"
}
# In MB of a million bytes.
megabytes() { awk -v bytes="$1" 'BEGIN { printf "%.1f MB", bytes / 1e6 }'; }
size_of() { find "$@" -type f -printf '%s\n' | awk '{ bytes += $1 } END { printf "%.0f", bytes }'; }
# Within what an image is given (compose.yaml: 30 s), and as a program that ends well.
stop_alone() {
    local began=$SECONDS code=0
    kill -TERM "$alone_process"
    wait "$alone_process" || code=$?
    processes=()
    ((code == 0)) || die "ended with $code after SIGTERM"
    ((SECONDS - began < 30)) || die "took $((SECONDS - began)) s to end after SIGTERM"
}

say "-- alone in an empty root, as user 65532: $(cd "$root" && find . -type f | sort | tr '\n' ' ')"
# The libraries are in the image that the Dockerfile begins with; what the program is there, it is without lines.
strip --strip-debug -o "$scratch/stripped" "$binary"
say "   in that root: the program $(megabytes "$(size_of "$root/usr/local/bin")"), of which $(megabytes "$(size_of "$scratch/stripped")") stay in an image; libraries $(megabytes "$(size_of "$root"/lib*)")"
start_alone
started_new=$ready_after
grep -qE '^Uid:\s65532\s65532\s65532\s65532$' "/proc/$alone_process/status" || die "is not user 65532"
grep -qE '^CapEff:\s0+$' "/proc/$alone_process/status" || die "has capabilities"
# The commands of an image are run beside its server, and nothing else is there to run.
secret=$(in_root token create --name trial --role scheduler --expires 2100-01-01T00:00:00Z | grep -o 'clt_[0-9a-f]*')
status=$(curl -s -o "$scratch/booking.json" -w '%{http_code}' "$alone/appointment" \
    -H "Authorization: Bearer $secret" -H 'Content-Type: application/json' \
    -d '{ "patient": { "name": "John Doe", "email": "john@example.com", "state": "CT", "insurance": "Aetna" } }')
[[ $status == 201 ]] && grep -q '"scheduled":true' "$scratch/booking.json" ||
    die "no booking: $status $(cat "$scratch/booking.json")"
resident=$(awk '/^VmRSS:/ { print $2 * 1024 }' "/proc/$alone_process/status")
[[ $(curl -s -o /dev/null -w '%{http_code}' "$alone/appointments") == 401 ]] || die "is open"
curl -sf -o "$scratch/metrics" "$alone/metrics" -H 'Authorization: Bearer only-for-the-metrics' || die "no metrics"
grep -q '^clinic_' "$scratch/metrics" || die "metrics without a metric"
in_root health || die "clinic health: not well, while it serves"
if (alone_settings+=(PORT=1) && in_root health >/dev/null 2>&1); then die "clinic health: well, where nobody serves"; fi
stop_alone
outside=$(cd "$root" && find . -newer usr/local/bin/clinic -type f ! -path './data/*' ! -path './lib*' | head -n 5)
[[ -z $outside ]] || die "wrote outside of its folder: $outside"
if grep john@example.com "$scratch/alone.log"; then die "names a patient in its log"; fi

say "-- with the certificates that the image has, and the mock that confirms bookings where nothing else is said"
mkdir -p "$root/etc/ssl/certs"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
alone_settings=("${alone_settings[@]/SCHEDULER_URL=none/SCHEDULER_URL=mock}")
start_alone
say "   /readyz was 200 after $started_new ms with a new database, which was set up, and after $ready_after ms with it; $(megabytes "$resident") resident after a booking"
stop_alone
rm -f "$scratch"/*.log
