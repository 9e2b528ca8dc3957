//! The file of one visit.

use reqwest::Method;
use serde_json::{Value, json};

use super::{booked, clinic, get_as, lines, send_as, value};
use crate::support::{API_TOKEN, TestApp, on_both_engines};

const NINE: &str = "2027-01-12T14:00:00Z";

async fn file(app: &TestApp, token: &str, id: &str) -> String {
    let answer = get_as(app, token, &format!("/appointment/{id}.ics")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "private, no-store");
    answer.text
}

on_both_engines! {
    async fn a_visit_is_one_entry_for_life_that_each_newer_file_changes(engine) {
        let app = clinic(engine).await;
        let provider = app.provider_id_as(API_TOKEN, "Dr. 000").await;
        let id = booked(&app, &provider, "John Doe", NINE).await;
        let answer = get_as(&app, API_TOKEN, &format!("/appointment/{id}.ics")).await;
        assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8; method=REQUEST");
        assert_eq!(answer.header("content-disposition"), "attachment; filename=\"visit.ics\"");
        let text = answer.text;
        let uid = format!("{id}@clinic.invalid");
        let expected = [("METHOD", "REQUEST"), ("UID", &uid), ("DTSTART", "20270112T140000Z"), ("DTEND", "20270112T143000Z"),
            ("DTSTAMP", "20270111T120000Z"), ("STATUS", "CONFIRMED"), ("SUMMARY", "Visit with Dr. 000"), ("CLASS", "PRIVATE")];
        for (property, expected) in expected {
            assert_eq!(value(&text, property), expected, "{text}");
        }
        let attendee = "ATTENDEE;CN=John Doe;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:john.doe@example.com";
        assert!(lines(&text).iter().any(|line| line == attendee), "{text}");
        assert!(lines(&text).iter().any(|line| line.starts_with("ORGANIZER;CN=Dr. 000:mailto:")), "{text}");
        assert!(!text.contains("itch") && !text.contains("Aetna"), "{text}");

        let version = |text: &str| value(text, "SEQUENCE").parse::<i64>().unwrap();
        let shown = get_as(&app, API_TOKEN, &format!("/appointment/{id}")).await.json();
        assert_eq!(json!(version(&text)), shown["version"]);
        let to = json!({ "time": "2027-01-13T15:00:00Z" });
        let moved = send_as(&app, API_TOKEN, Method::POST, &format!("/appointment/{id}/reschedule"), &to).await;
        assert_eq!(moved.status, 200, "{moved:?}");
        let after = file(&app, API_TOKEN, &id).await;
        assert_eq!((value(&after, "UID"), value(&after, "DTSTART")), (uid.clone(), "20270113T150000Z".to_owned()));
        assert!(version(&after) > version(&text));

        let over = send_as(&app, API_TOKEN, Method::POST, &format!("/appointment/{id}/cancel"), &json!({})).await;
        assert_eq!(over.status, 200, "{over:?}");
        let last = get_as(&app, API_TOKEN, &format!("/appointment/{id}.ics")).await;
        assert_eq!(last.header("content-type"), "text/calendar; charset=utf-8; method=CANCEL");
        for (property, expected) in [("METHOD", "CANCEL"), ("UID", &uid), ("STATUS", "CANCELLED"), ("TRANSP", "TRANSPARENT")] {
            assert_eq!(value(&last.text, property), expected, "{}", last.text);
        }
        assert!(version(&last.text) > version(&after));
    }
}

on_both_engines! {
    async fn whoever_may_not_see_the_patient_gets_the_file_without(engine) {
        let app = clinic(engine).await;
        let [one, other] = [app.provider_id_as(API_TOKEN, "Dr. 000").await, app.provider_id_as(API_TOKEN, "Dr. 001").await];
        let id = booked(&app, &one, "John Doe", NINE).await;
        let path = format!("/appointment/{id}.ics");
        for role in ["AUDITOR", "VIEWER"] {
            let (_, token) = app.make_token(role, None).await;
            let text = file(&app, &token, &id).await;
            assert!(!text.contains("John") && !text.contains("john") && !text.contains("ATTENDEE"), "{text}");
            // A request has somebody whom it asks (RFC 5546).
            assert_eq!(value(&text, "METHOD"), "PUBLISH");
        }
        let (_, own) = app.make_token("CLINICIAN", Some(&one)).await;
        assert!(file(&app, &own, &id).await.contains("CN=John Doe"));
        let (_, others) = app.make_token("CLINICIAN", Some(&other)).await;
        assert_eq!(get_as(&app, &others, &path).await.problem(), (404, "NOT_FOUND".to_owned()));
        assert_eq!(app.get(&path).await.problem(), (401, "UNAUTHENTICATED".to_owned()));
        for nobody in ["apt_00000000000000000000000000", "x", ""] {
            let answer = get_as(&app, API_TOKEN, &format!("/appointment/{nobody}.ics")).await;
            assert_eq!(answer.problem(), (404, "NOT_FOUND".to_owned()), "{nobody}");
        }
    }
}

on_both_engines! {
    async fn that_a_patient_was_shown_in_a_file_is_written_down(engine) {
        let app = clinic(engine).await;
        let provider = app.provider_id_as(API_TOKEN, "Dr. 000").await;
        let id = booked(&app, &provider, "John Doe", NINE).await;
        let (_, viewer) = app.make_token("VIEWER", None).await;
        file(&app, &viewer, &id).await;
        assert_eq!(app.audited("GET /appointment/{id}.ics").await.len(), 0);
        file(&app, API_TOKEN, &id).await;
        let rows = app.audited("GET /appointment/{id}.ics").await;
        assert_eq!(rows.len(), 1);
        let entry = &rows[0].entry;
        assert_eq!((entry.fields.as_str(), entry.appointments[0].to_string()), ("patient email", id));
        assert_eq!(entry.patients.len(), 1);
    }
}

on_both_engines! {
    async fn what_is_not_sure_yet_is_tentative(engine) {
        let app = clinic(engine).await;
        let provider = app.provider_id_as(API_TOKEN, "Dr. 000").await;
        let sure = booked(&app, &provider, "John Doe", NINE).await;
        app.faults(&json!({ "drop_rate": 1.0 })).await;
        let pending = booked(&app, &provider, "Jane Roe", "2027-01-12T16:00:00Z").await;
        let shown = get_as(&app, API_TOKEN, &format!("/appointment/{pending}")).await.json();
        assert_eq!(shown["status"], "PENDING", "{shown}");
        assert_eq!(value(&file(&app, API_TOKEN, &pending).await, "STATUS"), "TENTATIVE");
        let to = json!({ "time": "2027-01-13T15:00:00Z" });
        send_as(&app, API_TOKEN, Method::POST, &format!("/appointment/{sure}/reschedule"), &to).await;
        let shown = get_as(&app, API_TOKEN, &format!("/appointment/{sure}")).await.json();
        assert_ne!(shown["pending_time"], Value::Null, "{shown}");
        let text = file(&app, API_TOKEN, &sure).await;
        assert_eq!((value(&text, "STATUS"), value(&text, "DTSTART")), ("TENTATIVE".to_owned(), "20270112T140000Z".to_owned()));
    }
}
