//! Comparing the two books, and the race that a sceptic runs.

use std::sync::{Arc, Mutex};

use clinic::access::Actor;
use clinic::domain::AppointmentId;
use clinic::settling::{ComparisonWalk, Difference, Finding, Report};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::{Engine, TestApp, capture, john, logged, on_both_engines, patient, stubbed};

async fn findings(app: &TestApp) -> Vec<Finding> {
    app.settling.reconcile(&Actor::operator()).await.unwrap().findings
}

async fn differences(app: &TestApp) -> Vec<Difference> {
    findings(app).await.into_iter().map(|finding| finding.difference).collect()
}

on_both_engines! {
    async fn every_difference_between_the_two_books_is_found(engine) {
        let app = TestApp::spawn(engine).await;
        let kept = app.book(&json!({ "patient": john() })).await.json();
        let cancelled = app.book(&json!({ "patient": patient(1, "CT", "Aetna") })).await.json();
        let path = format!("/appointment/{}/cancel", cancelled["appointment_id"].as_str().unwrap());
        assert_eq!(app.post(&path, &json!({})).await.status, 200);
        assert_eq!(differences(&app).await, []);

        // Somebody at the service's desk moves one, ...
        let external = app.ledger().await[0]["appointment_id"].as_str().unwrap().to_owned();
        let moved = json!({ "time": "2027-01-11T20:00:00Z", "duration_minutes": 30 });
        app.at_the_desk(reqwest::Method::PUT, &format!("/{external}"), &moved).await;
        let found = findings(&app).await;
        assert_eq!(found.iter().map(|found| &found.difference).collect::<Vec<_>>(), [&Difference::Elsewhere]);
        let told = format!("{}: held outside as {external} at 2027-01-11T20:00:00Z for 30 minutes with prv_",
            kept["appointment_id"].as_str().unwrap());
        assert!(found[0].to_string().starts_with(&told), "{}", found[0]);
        // ... makes it longer, or gives it to somebody else, at the time that it has, ...
        let time = &kept["time"];
        for otherwise in [
            json!({ "time": time, "duration_minutes": 45 }),
            json!({ "time": time, "duration_minutes": 30, "provider_reference": "prv_x", "provider_name": "X" }),
        ] {
            app.at_the_desk(reqwest::Method::PUT, &format!("/{external}?{otherwise}"), &otherwise).await;
            assert_eq!(differences(&app).await, [Difference::Elsewhere], "{otherwise}");
        }
        // ... strikes it out, ...
        app.at_the_desk(reqwest::Method::DELETE, &format!("/{external}"), &Value::Null).await;
        assert_eq!(differences(&app).await, [Difference::MissingOutside]);
        // ... writes two in its place, and one that is cancelled here.
        for (number, appointment, time) in [
            (1, &kept, "2027-01-12T15:00:00Z"),
            (2, &kept, "2027-01-12T16:00:00Z"),
            (3, &cancelled, "2027-01-12T17:00:00Z"),
        ] {
            let body = json!({
                "reference": appointment["appointment_id"], "provider_reference": "desk",
                "provider_name": "Dr. Desk", "patient_name": "X", "time": time, "duration_minutes": 30,
            });
            let path = format!("?desk={number}");
            app.at_the_desk(reqwest::Method::POST, &path, &body).await;
        }
        assert_eq!(differences(&app).await, [Difference::HeldTwice, Difference::Orphan]);
    }
}

on_both_engines! {
    async fn what_we_have_forgotten_is_found_and_an_old_book_is_said_so(engine) {
        capture();
        let app = TestApp::spawn(engine).await;
        app.book(&json!({ "patient": john() })).await;
        let old = app.book(&json!({ "patient": patient(1, "CT", "Aetna") })).await.json();
        let old = old["appointment_id"].as_str().unwrap().to_owned();
        // A visit that somebody has booked there by telephone is none of ours.
        let body = json!({ "reference": "by telephone", "provider_reference": "desk", "provider_name": "Dr. Desk",
            "patient_name": "X", "time": "2027-01-12T15:00:00Z", "duration_minutes": 30 });
        app.at_the_desk(reqwest::Method::POST, "", &body).await;
        let mut walk = ComparisonWalk::default();
        assert!(walk_to_its_end(&mut walk, &app).await.findings.is_empty());
        app.database.execute(&format!("DELETE FROM appointment WHERE id = {}", id_in_sql(engine, &old))).await.unwrap();
        assert_eq!(differences(&app).await, [Difference::Forgotten]);
        // On its own day, and not only at the end of the round.
        assert!(walk.step(&app.settling).await.unwrap().is_none());
        assert!(logged().contains("This database is older than the scheduling service's book"));
        let found = walk_to_its_end(&mut walk, &app).await.findings;
        assert_eq!(found[0].appointment_id.to_string(), old);
        let told = format!("The books differ: {old}");
        assert_eq!(logged().matches(&told).count(), 1);
        walk_to_its_end(&mut walk, &app).await;
        assert_eq!(logged().matches(&told).count(), 1, "it is told once");
    }
}

on_both_engines! {
    async fn a_service_without_a_list_of_a_window_is_asked_visit_by_visit(engine) {
        let (stub, app) = stubbed(engine).await;
        let mut ids = Vec::new();
        for number in 0..2 {
            let booked = app.book(&json!({ "patient": patient(number, "CT", "Aetna") })).await.json();
            ids.push(booked["appointment_id"].as_str().unwrap().to_owned());
        }
        let report = app.settling.reconcile(&Actor::operator()).await.unwrap();
        assert_eq!((report.one_way, report.compared, report.findings), (true, 2, vec![]));
        stub.book(|book| book.retain(|row| row["reference"] != ids[1].as_str()));
        let report = app.settling.reconcile(&Actor::operator()).await.unwrap();
        assert_eq!(looked_up(report), [(ids[1].clone(), false)]);
    }
}

on_both_engines! {
    async fn a_day_that_the_service_does_not_answer_for_keeps_what_was_found_on_others(engine) {
        let app = TestApp::spawn(engine).await;
        let external = app.book(&json!({ "patient": john() })).await.json();
        assert_eq!(external["scheduled"], true);
        let external = app.ledger().await[0]["appointment_id"].as_str().unwrap().to_owned();
        app.at_the_desk(reqwest::Method::DELETE, &format!("/{external}"), &Value::Null).await;
        let mut walk = ComparisonWalk::default();
        assert_eq!(walk_to_its_end(&mut walk, &app).await.findings.len(), 1);
        app.faults(&json!({ "error_rate": 1 })).await;
        assert_eq!(walk_to_its_end(&mut walk, &app).await.findings.len(), 1);
        app.settling.reconcile(&Actor::operator()).await.expect_err("it answers nobody");
        // Half of the days are not answered for: that is told, and the others are compared.
        app.faults(&json!({ "error_rate": 0.5, "seed": 3 })).await;
        let report = app.settling.reconcile(&Actor::operator()).await.unwrap();
        assert!(report.not_listed.len() > 10 && !report.is_clean());
    }
}

on_both_engines! {
    async fn what_is_under_way_is_no_difference(engine) {
        let app = TestApp::builder(engine).setting("ANSWER_WITHIN_MS", "300").spawn().await;
        app.faults(&json!({ "lost_reply_rate": 1 })).await;
        let answer = app.book(&json!({ "patient": john() })).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        app.faults(&json!({})).await;
        let report = app.settling.reconcile(&Actor::operator()).await.unwrap();
        // The outbox may have settled it by now; either way the books do not differ.
        assert_eq!((report.findings, report.compared + report.under_way), (vec![], 1));
    }
}

on_both_engines! {
    async fn the_race_is_won_once_and_leaves_the_time_free(engine) {
        let app = TestApp::spawn(engine).await;
        let race = || async {
            Command::new(env!("CARGO_BIN_EXE_clinic"))
                .args(["race", "--url", &app.url, "--clients", "25"])
                .env_clear()
                .output()
                .await
                .unwrap()
        };
        for _again in 0..2 {
            let output = race().await;
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success(), "{text}");
            assert!(text.contains("     1 booked\n") && text.contains("    24 SLOT_TAKEN\n"), "{text}");
        }
        assert_eq!(app.database.number("SELECT count(*) FROM appointment WHERE status <> 'CANCELLED'").await, 0);
    }
}

/// A service that books everything, holds nothing, and fails whenever it is asked about the one.
async fn forgetful_but_for(poisoned: Arc<Mutex<String>>) -> String {
    let book = async |body: axum::Json<Value>| {
        let external = format!("ext_{}", body["reference"].as_str().unwrap());
        let confirmed = json!({ "scheduled": true, "reference": body["reference"], "appointment_id": external, "provider": "somebody",
            "patient": "somebody", "time": body["time"] });
        (axum::http::StatusCode::CREATED, axum::Json(confirmed))
    };
    let find = async move |query: axum::extract::RawQuery| {
        let about = query.0.unwrap_or_default();
        let poisoned = poisoned.lock().unwrap().clone();
        if !poisoned.is_empty() && about.contains(&poisoned) {
            return Err(axum::http::StatusCode::INTERNAL_SERVER_ERROR);
        }
        Ok(axum::Json(json!([])))
    };
    let router = axum::Router::new().route("/appointments", axum::routing::post(book).get(find));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

on_both_engines! {
    async fn one_that_is_never_looked_up_keeps_the_comparison_from_no_other(engine) {
        let poisoned = Arc::new(Mutex::new(String::new()));
        let url = forgetful_but_for(Arc::clone(&poisoned)).await;
        let app = TestApp::builder(engine).setting("SCHEDULER_URL", &url).spawn().await;
        let mut ids = Vec::new();
        for number in 0..3 {
            let booked = app.book(&json!({ "patient": patient(number, "CT", "Aetna") })).await;
            assert_eq!(booked.status, 201, "{booked:?}");
            ids.push(booked.json()["appointment_id"].as_str().unwrap().to_owned());
        }
        for never in [ids[0].clone(), ids[2].clone()] {
            never.clone_into(&mut poisoned.lock().unwrap());
            let expected: Vec<(String, bool)> =
                ids.iter().map(|id| (id.clone(), *id == never)).collect();
            // By hand, as `clinic reconcile` does it, and page by page, as the server does.
            let report = app.settling.reconcile(&Actor::operator()).await.unwrap();
            assert_eq!(looked_up(report), expected);
            let mut walk = ComparisonWalk::default();
            let report = walk_to_its_end(&mut walk, &app).await;
            assert_eq!(looked_up(report), expected);
        }
        // And where nothing else is compared.
        let only_one = format!("UPDATE appointment SET status = 'CANCELLED' WHERE id <> {}",
            id_in_sql(engine, &ids[2]));
        app.database.execute(&only_one).await.unwrap();
        let report = walk_to_its_end(&mut ComparisonWalk::default(), &app).await;
        assert!(looked_up(report).contains(&(ids[2].clone(), true)));
    }
}

async fn walk_to_its_end(walk: &mut ComparisonWalk, app: &TestApp) -> Report {
    for _step in 0..500 {
        if let Some(report) = walk.step(&app.settling).await.unwrap() {
            return report;
        }
    }
    panic!("the walk does not end");
}

/// What differs by id, and whether that is because the service does not say.
fn looked_up(report: Report) -> Vec<(String, bool)> {
    let findings = report.findings.into_iter().map(|finding| {
        let never = matches!(finding.difference, Difference::NotLookedUp(_));
        assert!(never || finding.difference == Difference::MissingOutside, "{finding}");
        (finding.appointment_id.to_string(), never)
    });
    findings.collect()
}

fn id_in_sql(engine: Engine, id: &str) -> String {
    let uuid = id.parse::<AppointmentId>().unwrap().uuid();
    match engine {
        Engine::Sqlite => format!("x'{}'", uuid.simple()),
        Engine::Postgres => format!("'{uuid}'"),
    }
}
