//! Lists as CSV (RFC 4180): a header, then a line a row, each ended by CRLF.

use std::borrow::Cow;

use csv::{Terminator, WriterBuilder};
use serde::Serialize;
use serde_json::Value;

use crate::domain::text::is_invisible;

/// What the lines are.
pub(super) const MEDIA_TYPE: &str = "text/csv; charset=utf-8; header=present";

/// A row of a list, an object as JSON.
pub(in crate::http::rest) trait Row: Serialize {
    /// The keys of the object, all that it may have, in order: the columns.
    const COLUMNS: &'static [&'static str];

    /// What stands in a cell whose column holds objects.
    fn summary(&self, _column: &str) -> Option<String> {
        None
    }
}

/// A list as CSV; where a row lacks a key the cell is empty.
pub(super) fn text<R: Row>(rows: &[R]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(R::COLUMNS)?;
    for row in rows {
        let object = serde_json::to_value(row).map_err(std::io::Error::from)?;
        let cells = R::COLUMNS.iter().map(|column| match row.summary(column) {
            Some(summary) => defused(&summary).into_owned(),
            None => cell(&object[*column]),
        });
        writer.write_record(cells)?;
    }
    Ok(writer.into_inner().map_err(csv::IntoInnerError::into_error)?)
}

/// One cell. What is a list stands in it one after the other.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => defused(text).into_owned(),
        Value::Array(items) => defused(&joined(items.iter().map(cell))).into_owned(),
        // Our own, so that no program reads them as anything else.
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// What is a list, as one text.
pub(super) fn joined(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join("; ")
}

/// A text that no spreadsheet takes for a formula, after OWASP's "CSV Injection": where the first
/// character that shows is one that formulas begin with, an apostrophe is put before it.
fn defused(text: &str) -> Cow<'_, str> {
    // Spreadsheets cut off what is blank; a tab or the end of a line begins a cell by itself.
    let begins_a_cell = text.starts_with(['\t', '\r', '\n']);
    let shown = text.trim_start_matches(|c: char| c.is_whitespace() || is_invisible(c) || c == '"');
    let begins_a_formula = shown
        .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '−', '﹢', '﹣', '﹦', '﹫']);
    if begins_a_cell || begins_a_formula {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_could_run_as_a_formula_is_text() {
        for formula in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            " =1",
            "\u{200b}=1",
            "\u{feff}@x",
            "＝1",
            "＋1",
            "－1",
            "＠x",
            "\"=1",
            "-",
            "\t",
        ] {
            assert_eq!(cell(&json!(formula)), format!("'{formula}"), "{formula:?}");
        }
        for text in ["John Doe", "a=1", "O'Brien", "5-1", "", "'=1", "2027-01-15T14:30:00Z"] {
            assert_eq!(cell(&json!(text)), text);
        }
    }

    #[test]
    fn each_kind_of_value_has_its_cell() {
        for (value, expected) in [
            (json!(null), ""),
            (json!(true), "true"),
            (json!(-5), "-5"),
            (json!([]), ""),
            (json!(["CT", "NY"]), "CT; NY"),
            (json!(["=1", "NY"]), "'=1; NY"),
        ] {
            assert_eq!(cell(&value), expected);
        }
    }
}
