# shellcheck shell=bash disable=SC2154,SC2034
# A cluster of PostgreSQL with WAL archiving: dump and restore, base backup and recovery to a moment. Part of .ci/drill.

bins=("$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin)
pg=""
for folder in "${bins[@]}"; do [[ ! -x $folder/initdb ]] || pg=$folder; done
[[ -n $pg ]] || die "PostgreSQL's server programs are missing: install them"
[[ -e $("$pg/pg_config" --sharedir 2>/dev/null || echo /usr/share/postgresql/"$(basename "$(dirname "$pg")")")/extension/btree_gist.control ]] ||
    die "PostgreSQL has no btree_gist: install its contrib package"

# It refuses root; what is its own is in a folder of its own.
owner=$(id -un)
if [[ $(id -u) -eq 0 ]]; then
    owner=postgres
    chmod 711 "$scratch"
fi
as_owner() { if [[ $(id -un) == "$owner" ]]; then (cd / && "$@"); else (cd / && runuser -u "$owner" -- "$@"); fi; }
room=$scratch/postgres
install -d -m 700 -o "$owner" "$room"
as_owner mkdir "$room/archive" "$room/archive-of-restored"
port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
# run_cluster FOLDER / stop_cluster MODE: one at a time, at 127.0.0.1 and by a socket in its folder.
run_cluster() {
    cluster_running=$1
    as_owner "$pg/pg_ctl" --pgdata "$1" --log "$room/cluster.log" --wait --timeout 120 start >/dev/null ||
        { as_owner tail -n 15 "$room/cluster.log"; die "PostgreSQL does not start"; }
}
stop_cluster() { as_owner "$pg/pg_ctl" --pgdata "$cluster_running" --mode "$1" --wait stop >/dev/null; cluster_running=""; }
sql() { as_owner "$pg/psql" --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --host "$room" --port "$port" --username clinic --dbname "$@"; }
held_in_database() { sql "$1" --command "SELECT replace(id::text, '-', '') FROM appointment WHERE status IN ('PENDING', 'CONFIRMED')"; }

audit_key=$(openssl rand -hex 32)
in_database() {
    settings=("DATABASE_URL=postgres://clinic@127.0.0.1:$port/$1" "SCHEDULER_URL=$mock" "AUDIT_KEY=$audit_key" DATABASE_MAX_CONNECTIONS=8)
}

say "-- PostgreSQL $("$pg/postgres" --version | grep -o '[0-9][0-9.]*' | head -n 1) with WAL archiving: four clients book; pg_dump and pg_basebackup meanwhile"
# Its superuser is named clinic: rights are not what is drilled here.
as_owner "$pg/initdb" --pgdata "$room/first" --username clinic --auth trust --data-checksums --locale C --encoding UTF8 >"$scratch/initdb.log" 2>&1 ||
    die "initdb"
as_owner tee -a "$room/first/postgresql.conf" >/dev/null <<CONFIGURATION_END
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$room'
archive_mode = on
archive_command = 'test ! -f $room/archive/%f && cp %p $room/archive/%f'
archive_timeout = 2s
CONFIGURATION_END
run_cluster "$room/first"
sql postgres --command 'CREATE DATABASE clinic'
start_mock scheduler-of-postgres
in_database clinic
start clinic-of-postgres
begin_bookings postgres
go_on postgres 50

dump_before=$(now)
as_owner "$pg/pg_dump" --host "$room" --port "$port" --username clinic --format custom --file "$room/clinic.dump" clinic || die "pg_dump"
dump_after=$(now)
say "   pg_dump took $(since "$dump_before")"
began=$(now)
as_owner "$pg/pg_basebackup" --host "$room" --port "$port" --username clinic --pgdata "$room/base" --checkpoint fast || die "pg_basebackup"
as_owner "$pg/pg_verifybackup" --quiet "$room/base" || die "pg_verifybackup"
say "   pg_basebackup took $(since "$began"), with pg_verifybackup"
go_on postgres 40
moment=$(now)
go_on postgres 40
# Recovery to a moment reads on until it finds something later: what is to be recovered to has to be archived.
segment=$(sql clinic --command 'SELECT pg_walfile_name(pg_current_wal_lsn())')
is_archived() { as_owner test -e "$room/archive/$segment"; }
until_so 300 is_archived || die "the WAL is not archived"
go_on postgres 20
end_bookings postgres
end_one KILL "$server"
stop_cluster immediate
say "   $(noted postgres) acknowledged; the server is killed and PostgreSQL has crashed"

say "-- recovery to the moment between two bookings"
began=$(now)
as_owner cp -a "$room/base" "$room/recovered"
as_owner tee -a "$room/recovered/postgresql.conf" >/dev/null <<CONFIGURATION_END
archive_command = 'test ! -f $room/archive-of-restored/%f && cp %p $room/archive-of-restored/%f'
restore_command = 'cp $room/archive/%f %p'
recovery_target_time = '$(date -u -d "@$moment" '+%F %T.%6N+00')'
recovery_target_action = promote
CONFIGURATION_END
as_owner touch "$room/recovered/recovery.signal"
run_cluster "$room/recovered"
is_promoted() { [[ $(sql clinic --command 'SELECT pg_is_in_recovery()') == f ]]; }
until_so 600 is_promoted || die "the recovery does not end"
say "   PostgreSQL takes writes $(since "$began") after the beginning"
verified postgres
say "   verified $(since "$began") after the beginning"
differs postgres
held_in_database clinic >"$scratch/postgres.held"
bookings judge "$scratch/postgres.notes" "$scratch/postgres.held" "$moment" "$moment" "$scratch/postgres.reconciled" "$scratch/postgres.lost" ||
    die "the recovered database is not that of the moment"
mend postgres

say "-- the dump, restored into a fresh database"
# restore NAME OPTIONS…
restore() {
    sql postgres --command "CREATE DATABASE $1"
    as_owner "$pg/pg_restore" --host "$room" --port "$port" --username clinic --exit-on-error --dbname "$1" "${@:2}" "$room/clinic.dump" || die "pg_restore"
}
began=$(now)
restore from_dump
in_database from_dump
verified dump
say "   verified $(since "$began") after the beginning"
held_in_database from_dump >"$scratch/dump.held"
bookings judge "$scratch/postgres.notes" "$scratch/dump.held" "$dump_before" "$dump_after" - - || die "the dump is not of its moment"

say "-- a dump without a table's rows is noticed"
as_owner "$pg/pg_restore" --list "$room/clinic.dump" >"$scratch/contents"
grep -v 'TABLE DATA public appointment_event ' "$scratch/contents" >"$scratch/fewer"
! cmp -s "$scratch/contents" "$scratch/fewer" || die "the log of events is not in the dump"
install -m 600 -o "$owner" "$scratch/fewer" "$room/fewer"
restore without_events --use-list "$room/fewer"
in_database without_events
if clinic verify >"$scratch/without" 2>&1; then die "clinic verify takes a database without events for whole"; fi
say "   $(grep -m 1 'in no event' "$scratch/without" || die "clinic verify: $(tail -n 3 "$scratch/without")")"
stop_cluster fast
