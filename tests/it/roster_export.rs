//! `clinic roster export` and `apply`: the roster as a file, and the database as a file says.

use serde_json::{Value, json};

use crate::support::{
    AUDIT_KEY, Ended, RosterBuilder, TestApp, TestDatabase, clinic, id_of, on_both_engines,
    with_jane,
};

const FOUR: &str = "2027-01-11T21:00:00Z";

async fn command(database: &TestDatabase, arguments: &[&str]) -> Ended {
    let url = ("DATABASE_URL", database.url.as_str());
    let settings = [url, ("RUST_LOG", "error"), ("AUDIT_KEY", AUDIT_KEY)];
    clinic(database.folder.path(), &settings, arguments).await
}

fn put(database: &TestDatabase, roster: &Value) {
    let path = database.folder.path().join("roster.json");
    std::fs::write(path, serde_json::to_string_pretty(roster).unwrap()).unwrap();
}

/// A roster with everything that a file can speak of.
fn whole() -> Value {
    json!({
        "rules": { "grid_minutes": 10, "notice_minutes": 120, "patient_earliest": "08:00", "patient_latest": "20:00" },
        "closed_days": [{ "date": "2099-12-25", "name": "Christmas" }],
        "visit_types": [
            { "name": "Intake", "duration_minutes": 60, "buffer_after_minutes": 15 },
            { "name": "Follow-up", "duration_minutes": 20, "active": false },
        ],
        "payers": [{ "name": "Aetna", "aliases": ["Aetna Inc"] }, { "name": "Cash", "self_pay": true, "active": false }],
        "providers": [
            {
                "reference": "one", "name": "Dr. One", "credentials": "MD", "time_zone": "America/New_York",
                "licences": [{ "state": "CT", "number": "1", "valid_from": "2020-01-01" }, { "state": "NY", "number": "2" }],
                "insurances": ["Aetna", "Cash"],
                "working_hours": [
                    { "weekday": "MONDAY", "opens_at": "09:00", "closes_at": "17:00", "effective_until": "2098-12-31" },
                    { "weekday": "MONDAY", "opens_at": "10:00", "closes_at": "16:00", "effective_from": "2099-01-01" },
                    { "weekday": "FRIDAY", "opens_at": "22:00", "closes_at": "06:00" },
                ],
                "rules": { "max_appointments_per_day": 8 },
                "visit_types": ["intake"],
                "overrides": [{ "date": "2099-01-05", "hours": [{ "opens_at": "12:00", "closes_at": "14:00" }] },
                    { "date": "2099-01-06", "hours": [] }],
                "time_off": [{ "starts_at": "2099-02-01T05:00:00Z", "ends_at": "2099-02-08T05:00:00Z", "reason": "Leave" }],
            },
            {
                "reference": "two", "name": "Dr. Two", "time_zone": "America/Chicago", "active": false,
                "licences": [], "insurances": [], "working_hours": [],
            },
        ],
    })
}

on_both_engines! {
    async fn what_is_exported_and_seeded_changes_nothing_there_and_makes_the_same_elsewhere(engine) {
        let database = TestDatabase::create(engine).await;
        put(&database, &whole());
        let seeded = command(&database, &["seed", "--file", "roster.json"]).await;
        assert_eq!(seeded.code, Some(0), "{seeded:?}");
        assert!(seeded.out.contains("rules: 1 added") && seeded.out.contains("visit types: 2 added"), "{seeded:?}");
        let version = "SELECT version FROM directory_version";
        let before = database.number(version).await;
        let exported = command(&database, &["roster", "export"]).await;
        let file: Value = serde_json::from_str(&exported.out).unwrap_or_else(|_| panic!("{exported:?}"));
        let one = &file["providers"][0];
        for field in ["working_hours", "overrides", "time_off", "credentials", "reference"] {
            assert_eq!(one[field], whole()["providers"][0][field], "{field}");
        }
        assert_eq!((&one["visit_types"], &one["rules"]["max_appointments_per_day"]), (&json!(["Intake"]), &json!(8)));
        assert_eq!((&file["closed_days"], &file["rules"]["grid_minutes"]), (&whole()["closed_days"], &json!(10)));

        std::fs::write(database.folder.path().join("again.json"), &exported.out).unwrap();
        let again = command(&database, &["seed", "--file", "again.json"]).await;
        assert_eq!(again.code, Some(0), "{again:?}");
        assert!(again.out.contains("providers: 0 added, 2 unchanged, 0 left different"), "{again:?}");
        let applied = command(&database, &["roster", "apply", "again.json", "--prune"]).await;
        assert_eq!((applied.code, applied.out.as_str()), (Some(0), "0 changes, 0 visits that fit no more\n"), "{applied:?}");
        assert_eq!(database.number(version).await, before);
        assert_eq!(command(&database, &["roster", "export"]).await.out, exported.out);

        let other = TestDatabase::create(engine).await;
        std::fs::write(other.folder.path().join("roster.json"), &exported.out).unwrap();
        assert_eq!(command(&other, &["seed", "--file", "roster.json"]).await.code, Some(0));
        assert_eq!(command(&other, &["roster", "export"]).await.out, exported.out);
    }
}

on_both_engines! {
    async fn a_file_is_applied_with_what_it_strands_or_only_told(engine) {
        let app = TestApp::spawn(engine).await;
        let booked = app.book(&with_jane(1, FOUR)).await;
        let id = id_of(&booked.json());
        let exported = command(&app.database, &["roster", "export"]).await;
        let mut file: Value = serde_json::from_str(&exported.out).unwrap();
        // The name of one payer goes to another, and Jane works less; Doctor Who is not in it.
        file["payers"][0]["aliases"] = json!(["Aetna Health"]);
        file["payers"][1]["aliases"] = json!(["Cigna Healthcare", "Aetna Inc"]);
        let providers = file["providers"].as_array_mut().unwrap();
        providers.retain(|one| one["name"] != "Doctor Who");
        let jane = providers.iter_mut().find(|one| one["name"] == "Dr. Jane Doe").unwrap();
        jane["working_hours"][0]["closes_at"] = json!("15:00");
        jane["time_off"] = json!([{ "starts_at": "2027-03-01T05:00:00Z", "ends_at": "2027-03-02T05:00:00Z" }]);
        put(&app.database, &file);
        let version = "SELECT version FROM directory_version";
        let before = app.database.number(version).await;
        let told = format!("payer Aetna: aliases\npayer Cigna: aliases\nprovider dr. jane doe: working_hours, time_off\n\
            provider doctor who: active\n\
            These visits to come fit no more, and stay booked: move, reassign or cancel them:\n  {id} at {FOUR} with dr. jane doe\n\
            4 changes, 1 visits that fit no more");
        let dry = command(&app.database, &["roster", "apply", "roster.json", "--prune", "--dry-run"]).await;
        assert_eq!((dry.code, dry.out), (Some(0), format!("{told}; nothing was written\n")));
        assert_eq!(app.database.number(version).await, before);
        let done = command(&app.database, &["roster", "apply", "roster.json", "--prune"]).await;
        assert_eq!((done.code, done.out), (Some(0), format!("{told}\n")));
        let query = "{ insurances(search: \"aetna inc\") { nodes { name } } rosterEvents(last: 5) { nodes { kind provider { name } } } }";
        let answer = app.graphql(query, json!({})).await;
        assert_eq!(answer["data"]["insurances"]["nodes"], json!([{ "name": "Cigna" }]), "{answer}");
        let kinds: Vec<_> = answer["data"]["rosterEvents"]["nodes"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["INSURANCE_UPDATED", "INSURANCE_UPDATED", "WORKING_HOURS_SET", "TIME_OFF_ADDED", "PROVIDER_UPDATED"]);
        assert_eq!(app.get(&format!("/appointment/{id}")).await.json()["status"], "CONFIRMED");
        // Whoever left keeps the past.
        assert_eq!(app.database.number("SELECT count(*) FROM provider WHERE NOT active AND name = 'Doctor Who'").await, 1);
        let again = command(&app.database, &["roster", "apply", "roster.json", "--prune"]).await;
        assert_eq!(again.out, "0 changes, 0 visits that fit no more\n");
    }
}

on_both_engines! {
    async fn a_wrong_line_is_told_with_its_place_and_nothing_is_applied(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::usual()).spawn().await;
        let mut file = whole();
        file["providers"][0]["overrides"][1]["date"] = json!("2099-01-05");
        file["providers"][0]["time_off"][0]["ends_at"] = json!("2099-01-01T05:00:00Z");
        file["providers"][0]["rules"]["grid_minutes"] = json!(0);
        file["providers"][0]["visit_types"] = json!(["Surgery"]);
        file["closed_days"][0]["date"] = json!("2099-02-30");
        put(&app.database, &file);
        let version = "SELECT version FROM directory_version";
        let before = app.database.number(version).await;
        for arguments in [["roster", "apply", "roster.json"], ["seed", "--file", "roster.json"]] {
            let ended = command(&app.database, &arguments).await;
            assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{ended:?}");
            for told in ["roster.json: 5 mistakes", "closed_days[0].date: must be a date", "providers[0].overrides[1].date: 2099-01-05 stands at",
                "providers[0].time_off[0]: it must end after it starts", "providers[0].rules.grid_minutes: must be a whole number from 1 to 480",
                "providers[0].visit_types[0]: \"Surgery\" is none of the kinds of visits"] {
                assert!(ended.err.contains(told), "{told}: {ended:?}");
            }
        }
        assert_eq!(app.database.number(version).await, before);
        let checked = command(&app.database, &["roster", "check", "roster.json"]).await;
        assert_eq!(checked.code, Some(1));
        assert!(checked.out.contains("5 errors"), "{checked:?}");
    }
}
