# clinic in an image with nothing beside it: no shell, no package manager, not root. docs/deploy/docker.md
#
#   docker build --tag clinic .

# The pages (GraphiQL and the front desk), as build.rs would build them.
FROM node:22-bookworm-slim AS pages
WORKDIR /build/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY web/ ./
RUN npm run build

# The same release as rust-toolchain.toml, which is not copied: it would have rustup fetch rustfmt and clippy.
FROM rust:1.95-bookworm AS program
WORKDIR /build
# The lines of a panic's backtrace go, its names stay.
ENV CARGO_PROFILE_RELEASE_STRIP=debuginfo
# It writes the list of all crates into the program, for `cargo audit bin` and others. The version is that of .ci/artifacts.
RUN cargo install --locked cargo-auditable --version 0.7.7 && rm -rf /usr/local/cargo/registry
COPY Cargo.toml Cargo.lock ./
COPY .cargo/config.toml .cargo/
COPY migration/Cargo.toml migration/
# What Cargo.toml names, empty: so the layer of the dependencies is built anew only when they change.
RUN mkdir -p src migration/src benches/load benches/audit tests/torture \
    && touch src/lib.rs migration/src/lib.rs \
    && for file in build.rs src/main.rs benches/micro.rs benches/load/main.rs benches/audit/main.rs tests/torture/main.rs; \
       do echo 'fn main() {}' >"$file"; done \
    && cargo fetch --locked \
    && cargo auditable build --release --locked --offline
COPY build.rs ./
COPY migration/ migration/
COPY data/ data/
COPY web/ web/
COPY --from=pages /build/web/dist/ web/dist/
COPY src/ src/
# Files keep the time at which they were last changed, which may lie before that of the empty ones.
RUN find build.rs src migration -type f -exec touch {} + \
    && cargo auditable build --release --locked --offline \
    && mkdir /data

# glibc, libgcc and the certificates of public authorities, of the same Debian as above.
FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="clinic" \
      org.opencontainers.image.description="The booking server for virtual clinics" \
      org.opencontainers.image.licenses="MIT"
COPY --from=program /build/target/release/clinic /usr/local/bin/clinic
COPY --from=program --chown=65532:65532 /data /data
# Where SQLite has its files, those for a moment too, and the only place that is written to: with PostgreSQL nothing is.
VOLUME /data
WORKDIR /data
ENV DATABASE_URL=sqlite:///data/clinic.db?mode=rwc \
    BIND=0.0.0.0 \
    PORT=8080 \
    LOG_FORMAT=json
USER 65532:65532
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/usr/local/bin/clinic", "health"]
ENTRYPOINT ["/usr/local/bin/clinic"]
