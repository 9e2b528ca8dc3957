//! What a statement is called: what it does, and to which table.

/// The verbs of statements that touch a table.
const VERBS: [&str; 4] = ["SELECT", "INSERT", "UPDATE", "DELETE"];

/// A statement by its verb, and its table where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StatementName<'a> {
    pub(super) verb: &'a str,
    pub(super) table: Option<&'a str>,
}

impl<'a> StatementName<'a> {
    /// Of a statement that begins with common table expressions: that of the first of them that writes, else the
    /// first that reads.
    pub(super) fn of(sql: &'a str) -> Self {
        let words = || sql.split(|letter: char| letter.is_whitespace() || "();,".contains(letter));
        let words = || words().filter(|word| !word.is_empty());
        let first = words().next().unwrap_or_default();
        let writes = || words().find(|word| VERBS[1..].contains(word));
        let verb = match first {
            "WITH" => writes().unwrap_or("SELECT"),
            verb => verb,
        };
        let before_table = match verb {
            "SELECT" | "DELETE" => "FROM",
            "INSERT" => "INTO",
            verb => verb,
        };
        let table =
            VERBS.contains(&verb).then(|| words().skip_while(|word| *word != before_table).nth(1));
        let table = table.flatten().map(|table| table.trim_matches('"'));
        Self { verb, table: table.filter(|table| is_name(table)) }
    }
}

fn is_name(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::StatementName;

    #[test]
    fn a_statement_is_named_by_its_verb_and_its_table_and_by_nothing_else() {
        for (sql, verb, table) in [
            (
                r#"SELECT "a"."id" FROM "appointment" AS "a" WHERE "id" = $1"#,
                "SELECT",
                Some("appointment"),
            ),
            (r#"INSERT INTO "outbox" ("id") VALUES (?)"#, "INSERT", Some("outbox")),
            (r#"UPDATE "patient" SET "name" = ?"#, "UPDATE", Some("patient")),
            (r#"DELETE FROM "outbox" WHERE "appointment_id" = $1"#, "DELETE", Some("outbox")),
            (
                r#"WITH "made" AS (INSERT INTO "appointment" ("id") VALUES ($1)) INSERT INTO "outbox" SELECT 1 FROM "made""#,
                "INSERT",
                Some("appointment"),
            ),
            (
                r#"WITH "of" AS (SELECT 1 FROM "provider") SELECT * FROM "of""#,
                "SELECT",
                Some("provider"),
            ),
            ("SELECT pg_advisory_xact_lock($1)", "SELECT", None),
            ("SAVEPOINT member_1", "SAVEPOINT", None),
            ("", "", None),
        ] {
            assert_eq!(StatementName::of(sql), StatementName { verb, table }, "{sql}");
        }
    }
}
