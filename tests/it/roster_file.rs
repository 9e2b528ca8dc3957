//! `clinic roster check`: what is wrong with a roster file, and what is odd, without a database.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::clinic;

/// Settings that no other command would take.
const BROKEN: [(&str, &str); 2] =
    [("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none"), ("PORT", "none")];

fn roster(opens_at: &str, closes_at: &str, numbers: [&str; 2]) -> Value {
    let provider = |reference: &str, number: &str| {
        json!({
            "reference": reference, "name": reference, "time_zone": "America/New_York",
            "licences": [{ "state": "CT", "number": number }], "insurances": ["Aetna"],
            "working_hours": [{ "weekday": "MONDAY", "opens_at": opens_at, "closes_at": closes_at }],
        })
    };
    json!({
        "payers": [{ "name": "Aetna" }],
        "providers": [provider("jane-doe", numbers[0]), provider("john-roe", numbers[1])],
    })
}

async fn check(roster: &Value) -> (Option<i32>, String, String) {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("roster.json"), roster.to_string()).unwrap();
    let ended = clinic(folder.path(), &BROKEN, &["roster", "check", "roster.json"]).await;
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "it wrote something: {left:?}");
    (ended.code, ended.out, ended.err)
}

#[tokio::test]
async fn a_good_file_passes() {
    let told = "roster.json: 1 payers, 2 providers; 0 errors, 0 warnings\n";
    let good = check(&roster("09:00", "17:00", ["1", "2"])).await;
    assert_eq!(good, (Some(0), told.to_owned(), String::new()));
}

#[tokio::test]
async fn what_is_odd_is_told_and_passes() {
    let told = "warning: line 1, providers[0].working_hours[0].closes_at: from 09:00 to 08:00 are 23 hours, \
                over midnight: is another time meant?\n\
                warning: line 1, providers[1].working_hours[0].closes_at: from 09:00 to 08:00 are 23 hours, \
                over midnight: is another time meant?\n\
                roster.json: 1 payers, 2 providers; 0 errors, 2 warnings\n";
    let odd = check(&roster("09:00", "08:00", ["1", "2"])).await;
    assert_eq!(odd, (Some(0), told.to_owned(), String::new()));
    // A night is no more than a night.
    assert_eq!(check(&roster("22:00", "06:00", ["1", "2"])).await.0, Some(0));
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once() {
    let told = "error: line 1, providers[0].working_hours[0].opens_at: must be a time of day such as 09:00, \
                at most 24:00\n\
                error: line 1, providers[1].licences[0].number: licence \"a 1\" of CT stands at \
                providers[0].licences[0].number already\n\
                error: line 1, providers[1].working_hours[0].opens_at: must be a time of day such as 09:00, \
                at most 24:00\n\
                roster.json: 3 errors, 0 warnings\n";
    let wrong = check(&roster("9", "17:00", ["A-1", "a 1"])).await;
    assert_eq!(wrong, (Some(1), told.to_owned(), String::new()));
    let folder = TempDir::new().unwrap();
    let missing = clinic(folder.path(), &BROKEN, &["roster", "check", "nothing.json"]).await;
    assert_eq!((missing.code, missing.out.as_str()), (Some(1), ""));
    assert!(missing.err.starts_with("clinic: cannot read nothing.json: "), "{missing:?}");
}
