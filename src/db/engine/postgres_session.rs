//! What a session of ours on `PostgreSQL` is set to, whatever `ALTER ROLE`, `ALTER DATABASE` or the
//! server's configuration say, now or in a session that is opened later.

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::{DatabaseConnection, sqlx};

/// What a statement, a lock and an idle transaction may take; that an answer that was given survives
/// a crash; how much a transaction sees of others, on which the locks rest; that errors alone are
/// told, for a notice may quote a row, and libraries repeat it in the log; that definitions are
/// written in one way, by which they are compared; and that no statement is compiled: that takes 25 ms, each
/// time, where a planner without statistics takes a few rows for very many, and ours take less than one.
const SETTINGS: [(&str, &str); 9] = [
    ("lock_timeout", "2s"),
    ("statement_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "10s"),
    ("synchronous_commit", "on"),
    ("default_transaction_isolation", "read committed"),
    ("client_min_messages", "error"),
    ("intervalstyle", "postgres"),
    ("quote_all_identifiers", "off"),
    ("jit", "off"),
];

/// The schemas of a session, in which its tables are; null if there is none.
const SCHEMAS: &str = "
    SELECT string_agg(quote_ident(name), ', ' ORDER BY place)
      FROM unnest(current_schemas(false)) WITH ORDINALITY AS it (name, place)";

pub(super) fn set(options: PgConnectOptions) -> PgConnectOptions {
    options.options(SETTINGS)
}

/// Where a session looks for its tables; none where there is nothing to set up in, which whoever does
/// that is told.
pub(super) async fn schemas(session: &mut PgConnection) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(SCHEMAS).fetch_one(session).await
}

/// Has every session that a pool opens from now on look there: in another schema there may be tables of
/// the same names.
pub(super) fn stay_in(schemas: &str, pool: &DatabaseConnection) {
    let pool = pool.get_postgres_connection_pool();
    let options = PgConnectOptions::clone(&pool.connect_options());
    pool.set_connect_options(options.options([("search_path", schemas)]));
}
