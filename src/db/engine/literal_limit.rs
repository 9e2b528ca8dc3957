//! Limits of `SQLite` statements, written out.
//!
//! `SQLite` looks at the value of a bound `LIMIT` while it compiles a statement, and compiles it anew
//! whenever another is bound: each time it is run. There are few limits, so their numbers may stand in
//! the text.

use sea_orm::{DbBackend, Statement, Value};

const BOUND: &str = "LIMIT ?";

/// The statement with its limits in its text, where it is for `SQLite`.
pub(super) fn with_its_limits(mut statement: Statement) -> Statement {
    let (DbBackend::Sqlite, Some(values)) = (statement.db_backend, &mut statement.values) else {
        return statement;
    };
    let mut from = 0;
    while let Some(found) = statement.sql.get(from..).and_then(|rest| rest.find(BOUND)) {
        let at = from + found + BOUND.len() - 1;
        from = at + 1;
        // Texts of ours stand among the values, so each question mark is the place of one.
        let place = statement.sql.get(..at).unwrap_or_default().matches('?').count();
        if let Some(Value::BigUnsigned(Some(limit))) = values.0.get(place) {
            statement.sql.replace_range(at..=at, &limit.to_string());
            values.0.remove(place);
        }
    }
    statement
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(backend: DbBackend, sql: &str, values: Vec<Value>) -> (String, Vec<Value>) {
        let statement = with_its_limits(Statement::from_sql_and_values(backend, sql, values));
        (statement.sql, statement.values.unwrap().0)
    }

    #[test]
    fn each_limit_stands_in_the_text_and_everything_else_is_bound() {
        let sql =
            "SELECT a FROM t WHERE b = ? AND c IN (SELECT d FROM u LIMIT ?) AND e = ? LIMIT ?";
        let values: Vec<Value> = vec!["x".into(), 101_u64.into(), 7_i32.into(), 1_u64.into()];
        let (text, rest) = written(DbBackend::Sqlite, sql, values.clone());
        let expected =
            "SELECT a FROM t WHERE b = ? AND c IN (SELECT d FROM u LIMIT 101) AND e = ? LIMIT 1";
        assert_eq!((text.as_str(), rest), (expected, vec!["x".into(), 7_i32.into()]));
        let numbered = "SELECT a FROM t WHERE b = $1 LIMIT $2";
        let (text, rest) = written(DbBackend::Postgres, numbered, vec!["x".into(), 1_u64.into()]);
        assert_eq!((text.as_str(), rest.len()), (numbered, 2));
        let (text, rest) = written(DbBackend::Sqlite, "SELECT a LIMIT ?", vec!["x".into()]);
        assert_eq!((text.as_str(), rest.len()), ("SELECT a LIMIT ?", 1));
    }
}
