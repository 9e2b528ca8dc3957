//! `clinic seed`: what it adds, what it leaves as it is, and what it says of both.

use serde_json::{Value, json};

use crate::support::{TestDatabase, clinic, on_both_engines};

fn provider(reference: &str) -> Value {
    json!({
        "reference": reference, "name": format!("Dr. {reference}"), "credentials": "MD",
        "time_zone": "America/New_York", "insurances": ["Aetna"],
        "licences": [{ "state": "CT", "number": reference, "valid_from": "2020-01-01" }],
        "working_hours": [
            { "weekday": "TUESDAY", "opens_at": "09:00", "closes_at": "17:00" },
            { "weekday": "MONDAY", "opens_at": "09:00", "closes_at": "17:00" },
        ],
    })
}

fn roster() -> Value {
    json!({
        "payers": [{ "name": "Aetna", "aliases": ["Aetna Inc"] }, { "name": "Cigna" }],
        "providers": [provider("one"), provider("two")],
    })
}

/// Seeds a roster: the exit code, and both outputs.
async fn seed(database: &TestDatabase, roster: &Value) -> (Option<i32>, String, String) {
    std::fs::write(database.folder.path().join("roster.json"), roster.to_string()).unwrap();
    let settings = [("DATABASE_URL", database.url.as_str()), ("RUST_LOG", "error")];
    let ended = clinic(database.folder.path(), &settings, &["seed", "--file", "roster.json"]).await;
    (ended.code, ended.out, ended.err)
}

fn told(payers: &str, providers: &str) -> String {
    format!("Loaded roster.json\n  payers: {payers}\n  providers: {providers}\n")
}

/// All that a roster is made of, as the database has it.
async fn stored(database: &TestDatabase) -> Vec<i64> {
    let tables = [
        "insurance",
        "insurance_alias",
        "provider",
        "provider_state",
        "provider_insurance",
        "working_hours",
    ];
    let mut counts = Vec::new();
    for table in tables {
        counts.push(database.number(&format!("SELECT count(*) FROM {table}")).await);
    }
    counts.push(database.number("SELECT version FROM directory_version").await);
    counts
}

const NOBODY_TAKES: &str = "warning: roster.json: line 1, payers[1]: no provider takes \"Cigna\"\n";

on_both_engines! {
    async fn a_roster_is_added_once(engine) {
        let database = TestDatabase::create(engine).await;
        let (code, out, err) = seed(&database, &roster()).await;
        let added = told("2 added, 0 unchanged, 0 left different", "2 added, 0 unchanged, 0 left different");
        assert_eq!((code, out.as_str(), err.as_str()), (Some(0), added.as_str(), NOBODY_TAKES));
        let before = stored(&database).await;
        assert_eq!(before[..6], [2, 3, 2, 2, 2, 4]);
        let (code, out, _) = seed(&database, &roster()).await;
        let unchanged = told("0 added, 2 unchanged, 0 left different", "0 added, 2 unchanged, 0 left different");
        assert_eq!((code, out), (Some(0), unchanged));
        assert_eq!(stored(&database).await, before);
        // In another order it is the same.
        let mut other = roster();
        other["providers"].as_array_mut().unwrap().reverse();
        other["providers"][0]["working_hours"].as_array_mut().unwrap().reverse();
        assert_eq!(seed(&database, &other).await.0, Some(0));
        assert_eq!(stored(&database).await, before);
    }
}

on_both_engines! {
    async fn what_is_there_otherwise_is_left_and_named(engine) {
        let database = TestDatabase::create(engine).await;
        seed(&database, &roster()).await;
        let before = stored(&database).await;
        let mut other = roster();
        other["payers"][0]["aliases"] = json!(["Aetna Inc", "Aetna Health"]);
        other["payers"][0]["self_pay"] = json!(true);
        other["providers"][0]["working_hours"][0]["closes_at"] = json!("18:00");
        other["providers"][0]["licences"][0]["valid_until"] = json!("2099-01-01");
        other["providers"][1]["name"] = json!("Dr. Too");
        other["providers"][1]["credentials"] = json!("DO");
        other["providers"][1]["time_zone"] = json!("America/Chicago");
        other["providers"][1]["insurances"] = json!(["Aetna", "Cigna"]);
        let (code, out, err) = seed(&database, &other).await;
        let left = told("0 added, 1 unchanged, 1 left different", "0 added, 0 unchanged, 2 left different")
            + "Left as they are in the database, although the roster has them otherwise:\n  \
               payer Aetna: aliases, self_pay\n  provider one: licences, working_hours\n  \
               provider two: name, credentials, time_zone, insurances\n";
        assert_eq!((code, out, err.as_str()), (Some(2), left, ""));
        assert_eq!(stored(&database).await, before);
        let name = "SELECT count(*) FROM provider WHERE name = 'Dr. two' AND time_zone = 'America/New_York'";
        assert_eq!(database.number(name).await, 1);
        // What is new comes in all the same.
        other["providers"].as_array_mut().unwrap().push(provider("three"));
        let (code, out, _) = seed(&database, &other).await;
        assert_eq!(code, Some(2));
        assert!(out.contains("providers: 1 added, 0 unchanged, 2 left different"), "{out}");
        assert_eq!(database.number("SELECT count(*) FROM provider").await, 3);
    }
}

on_both_engines! {
    async fn a_wrong_file_is_told_whole_and_nothing_of_it_is_loaded(engine) {
        let database = TestDatabase::create(engine).await;
        seed(&database, &roster()).await;
        let before = stored(&database).await;
        let mut wrong = roster();
        wrong["providers"].as_array_mut().unwrap().push(provider("three"));
        wrong["providers"][2]["licences"][0]["number"] = json!("T-W-O");
        wrong["providers"][1]["time_zone"] = json!("Mars/Olympus");
        let (code, out, err) = seed(&database, &wrong).await;
        let mistakes = "clinic: roster.json: 2 mistakes\n  \
            line 1, providers[1].time_zone: must be an IANA time zone such as America/New_York\n  \
            line 1, providers[2].licences[0].number: licence \"T-W-O\" of CT stands at \
            providers[1].licences[0].number already\n\
            Nothing was loaded\n";
        assert_eq!((code, out.as_str(), err.as_str()), (Some(1), "", mistakes));
        // The number is somebody else's also where only the database says so.
        wrong["providers"] = json!([wrong["providers"][2]]);
        let (code, _, err) = seed(&database, &wrong).await;
        let mistake = "clinic: roster.json: line 1, providers[0].licences[0].number: licence \"T-W-O\" of CT \
            belongs to \"two\" in the database\nNothing was loaded\n";
        assert_eq!((code, err.as_str()), (Some(1), mistake));
        assert_eq!(stored(&database).await, before);
    }
}

on_both_engines! {
    async fn the_demo_roster_is_seeded_and_told_like_any_other(engine) {
        let database = TestDatabase::create(engine).await;
        let settings = [("DATABASE_URL", database.url.as_str()), ("RUST_LOG", "error")];
        let first = clinic(database.folder.path(), &settings, &["seed"]).await;
        assert_eq!((first.code, first.err.as_str()), (Some(0), ""), "{first:?}");
        assert!(first.out.starts_with("Loaded the demo roster\n"), "{first:?}");
        let before = stored(&database).await;
        let second = clinic(database.folder.path(), &settings, &["seed"]).await;
        assert_eq!(second.code, Some(0));
        assert!(second.out.contains("payers: 0 added") && second.out.contains("providers: 0 added"), "{second:?}");
        assert_eq!(stored(&database).await, before);
    }
}
