//! What makes a table a part of the directory: each change of it counts `directory_version` up.

/// The triggers of `table` for `SQLite`.
pub(crate) fn sqlite(table: &str) -> String {
    ["insert", "update", "delete"]
        .map(|event| {
            format!(
                "CREATE TRIGGER {table}_directory_{event} AFTER {event} ON {table}
                BEGIN UPDATE directory_version SET version = version + 1; END;\n"
            )
        })
        .concat()
}

/// The trigger of `table` for `PostgreSQL`.
pub(crate) fn postgres(table: &str) -> String {
    format!(
        "CREATE TRIGGER {table}_directory AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION count_directory_change();\n"
    )
}
