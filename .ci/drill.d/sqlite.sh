# shellcheck shell=bash disable=SC2154,SC2034
# `clinic backup` under load, the loss of everything, and the restore. Part of .ci/drill.

database=$scratch/clinic.db
at() { settings=("DATABASE_URL=sqlite://$1?mode=rw" "SCHEDULER_URL=$mock"); }
held_in() { sqlite3 "$1" "SELECT lower(hex(id)) FROM appointment WHERE status IN ('PENDING', 'CONFIRMED')"; }

say "-- SQLite: four clients book; \`clinic backup --with-key\` meanwhile"
start_mock scheduler
settings=("DATABASE_URL=sqlite://$database?mode=rwc" "SCHEDULER_URL=$mock")
start clinic
begin_bookings sqlite
go_on sqlite 100
before=$(now)
clinic backup "$scratch/kept.db" --with-key >"$scratch/backup.log" 2>&1 || die "clinic backup"
after=$(now)
say "   made in $(since "$before"): $(sed -n 's/.*kept.db: //p' "$scratch/backup.log")"
go_on sqlite 40
# What looks like a backup and is none: the file as it is, without what is beside it. Three times, for one may come just
# when SQLite has brought everything into it.
copied=()
for copy in 0 1 2; do
    copied[copy]=$(now)
    cp "$database" "$scratch/copied-$copy.db"
    cp "$database.audit-key" "$scratch/copied-$copy.db.audit-key"
    go_on sqlite 25
done
end_bookings sqlite
end_one KILL "$server"
rm "$database"*
say "   $(noted sqlite) acknowledged; the server is killed and its files are gone"

say "-- a copy that is not a backup is noticed"
noticed=0
for copy in 0 1 2; do
    at "$scratch/copied-$copy.db"
    if ! clinic verify >"$scratch/copied-verify" 2>&1; then
        noticed=$((noticed + 1))
        say "   by clinic verify: $(tail -n 1 "$scratch/copied-verify")"
        continue
    fi
    held_in "$scratch/copied-$copy.db" >"$scratch/copied.held"
    if bookings judge "$scratch/sqlite.notes" "$scratch/copied.held" "${copied[copy]}" "${copied[copy]}" - - 2>"$scratch/copied.judged"; then continue; fi
    grep -q '^LOST' "$scratch/copied.judged" || die "the copy is refused for another reason: $(<"$scratch/copied.judged")"
    noticed=$((noticed + 1))
    say "   by what it lacks, for it is whole in itself: $(<"$scratch/copied.judged")"
done
((noticed > 0)) || die "copies of the file without its -wal are taken for backups"

say "-- restored under another name"
began=$(now)
restored=$scratch/restored.db
install -m 600 "$scratch/kept.db" "$restored"
install -m 600 "$scratch/kept.db.audit-key" "$restored.audit-key"
at "$restored"
verified sqlite
say "   verified $(since "$began") after the beginning"
differs sqlite
held_in "$restored" >"$scratch/sqlite.held"
bookings judge "$scratch/sqlite.notes" "$scratch/sqlite.held" "$before" "$after" "$scratch/sqlite.reconciled" "$scratch/sqlite.lost" ||
    die "the restored database is not what was backed up"
mend sqlite
