# List the recipes
default:
    @just --list

# Start the server on http://127.0.0.1:8080 with demo data
run:
    cargo run

# Start a closed server with a person of each role, on a scratch database (docs/access.md)
demo-closed:
    bash examples/demo-closed.sh

# Run every test; those on PostgreSQL need TEST_POSTGRES_URL or a server on 127.0.0.1:5432
test:
    cargo test --workspace

# Everything to run before a push
check: fmt clippy test doc deny schema-check

# Check the formatting (`cargo fmt --all` repairs it)
fmt:
    cargo fmt --all --check

# Run the lints, warnings as errors
clippy:
    cargo clippy --workspace --all-targets -- -D warnings

# Build the documentation, private items too, warnings as errors
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items

# Audit licences, banned crates, sources and, where they can be fetched, advisories
deny:
    bash .ci/run deny

# Rewrite schema.graphql from the code (to a temporary file first: a failed build keeps the old one)
schema:
    mkdir -p target && cargo run --quiet -- schema > target/schema.graphql
    mv target/schema.graphql schema.graphql

# Check that schema.graphql is what the code prints
schema-check:
    bash .ci/run schema

# Lint the schema, audit GraphQL over HTTP, run the example client and some made-up requests
clients:
    bash .ci/clients

# Try the files of deploy/: an empty root, nginx and Caddy before two servers (docs/deploy)
deploy-check:
    bash .ci/deploy

# Check the rules for Prometheus, the dashboard and the runbook, and let alerts fire at a real server
monitoring:
    bash .ci/monitoring

# Back up under load, lose everything, restore, and hold it to what clients noted (docs/backup.md)
drill:
    bash .ci/drill

# Make a release from the changelog (docs/upgrade.md): `just release 0.2.0 --dry-run`
release version *options:
    bash .ci/release {{ version }} {{ options }}

# Make what a release carries: SBOMs, the program, its debug information (docs/upgrade.md)
artifacts *options:
    bash .ci/artifacts {{ options }}

# Compare verdicts and answers with graphql-js on so many made-up documents
graphql-differential documents="20000" seed="1":
    cargo build --quiet
    npm --prefix .ci/graphql ci --ignore-scripts --no-audit --no-fund --loglevel=error
    CLINIC_BINARY="${CARGO_TARGET_DIR:-$PWD/target}/debug/clinic" npm --prefix .ci/graphql run --silent differential -- {{ documents }} {{ seed }}

# Send about so many made-up requests to each door of a running server with a scratch database
schemathesis url="http://127.0.0.1:8080" cases="10000":
    bash .ci/schemathesis/run {{ url }} {{ cases }}

# Have Python's icalendar and ical.js read two thousand visits as they are written for calendars
calendars:
    bash .ci/calendar/run

# Run the migrations up, down and up again on an empty database of each kind
migrations:
    bash .ci/run migrations

# Torture the promises for a long time (docs/torture.md): `just torture --scale 0.02 --seed 7`
torture *options:
    cargo test --test torture -- {{ options }}

# What takes too long for every push: edits of the audit trail and rules at random, backups under load, what a release carries
nightly:
    bash .ci/artifacts --dry-run
    cargo test --test torture -- --only backup,series
    TEST_LONGEST_MINUTES=120 cargo test --release --test it -- --ignored ten_thousand_edits thousands_of_drawn

# Measure the engine by itself: `just bench offers` for a part of it
bench *options:
    cargo bench --bench micro -- {{ options }}

# Measure the server against a raw ceiling (docs/performance.md): `just load --only book --engine sqlite`
load *options:
    cargo bench --bench load -- {{ options }}
