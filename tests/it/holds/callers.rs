//! Who may hold, how much, by which door; and that a repeat is told the token again.

use std::sync::Arc;

use clinic::access::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::*;
use crate::support::{
    API_TOKEN, ServerProcess, TestDatabase, caller, closed, not_yet, on_both_engines,
};

on_both_engines! {
    async fn a_person_holds_five_times_at_once_and_a_token_as_many_as_is_set(engine) {
        let app = closed(engine).roster(RosterBuilder::alike(1)).setting("HOLDS_PER_TOKEN", "7").spawn().await;
        let (_, cookie) = app.signed_in("Sam Scheduler", "SCHEDULER").await;
        let body = json!({ "state": "CT", "insurance": "Aetna" });
        let by_person = async || TestApp::send(app.by_own_page(Method::POST, "/hold", &cookie).json(&body)).await;
        let by_token = async || TestApp::send(app.request(Method::POST, "/hold").bearer_auth(API_TOKEN).json(&body)).await;
        for _ in 0..5 {
            assert_eq!(by_person().await.status, 201);
        }
        app.clock.set("2027-01-11T12:04:00Z");
        let refused = by_person().await;
        assert_eq!(refused.problem(), (429, "RATE_LIMITED".to_owned()), "{refused:?}");
        assert_eq!(refused.header("retry-after"), "60");
        for _ in 0..7 {
            assert_eq!(by_token().await.status, 201);
        }
        assert_eq!(by_token().await.problem(), (429, "RATE_LIMITED".to_owned()));
        // What has lapsed counts no more.
        app.clock.set(LAPSES);
        assert_eq!(by_person().await.status, 201);
        assert_eq!(by_token().await.status, 429);
    }
}

on_both_engines! {
    async fn what_is_booked_or_released_makes_room_for_another(engine) {
        let builder = TestApp::builder(engine).roster(RosterBuilder::alike(1));
        let app = builder.setting("HOLDS_PER_TOKEN", "2").spawn().await;
        let one = app.provider_id("Dr. 000").await;
        let (first, second) = (held(&app, &one, TEN).await, held(&app, &one, ELEVEN).await);
        let third = json!({ "providerId": one, "startsAt": "2027-01-11T17:00:00Z" });
        let refused = hold(&app, third.clone()).await;
        assert_eq!((&refused["error"]["code"], &refused["error"]["retryAfterSeconds"]), (&json!("RATE_LIMITED"), &json!(300)));
        assert_eq!(redeem(&app, 1, &first).await["error"], Value::Null);
        assert_eq!(hold(&app, third).await["error"], Value::Null);
        assert_eq!(release(&app, &second).await["error"], Value::Null);
        held(&app, &one, ELEVEN).await;
    }
}

on_both_engines! {
    async fn a_clinician_holds_their_own_time_and_who_reads_alone_holds_none(engine) {
        let (app, [one, two]) = clinic(engine).await;
        let clinician = caller(Role::Clinician, one.parse().ok());
        let as_clinician = async |input: Value| {
            let answer = app.ask_as(&clinician, HOLD, json!({ "input": input })).await;
            answer["data"]["holdSlot"].clone()
        };
        let own = as_clinician(json!({ "state": "CT", "insurance": "Aetna", "startsAt": TEN })).await;
        assert_eq!(own["hold"]["slot"]["provider"]["id"], json!(one), "{own}");
        let refused = as_clinician(json!({ "providerId": two })).await;
        assert_eq!(refused["error"]["code"], "FORBIDDEN");
        for role in [Role::Viewer, Role::Auditor] {
            let answer = app.ask_as(&caller(role, None), HOLD, json!({ "input": { "providerId": one } })).await;
            assert_eq!(answer["data"]["holdSlot"]["error"]["code"], "FORBIDDEN", "{role:?}: {answer}");
        }
        // By the token of another's time a clinician books nothing, and anybody who may books theirs.
        let theirs = held(&app, &two, TEN).await;
        let book = "mutation ($input: BookAppointmentInput!) { bookAppointment(input: $input) { appointment { status } error { code } } }";
        let input = json!({ "input": { "patient": patient(1, "CT", "Aetna"), "holdToken": theirs } });
        let answer = app.ask_as(&clinician, book, input).await;
        assert_eq!(answer["data"]["bookAppointment"]["error"]["code"], "FORBIDDEN", "{answer}");
        let token = own["hold"]["token"].as_str().unwrap();
        assert_eq!(redeem(&app, 1, token).await["appointment"]["status"], "CONFIRMED");
        // Under a key as well, and again.
        let own = as_clinician(json!({ "startsAt": ELEVEN, "state": "CT", "insurance": "Aetna" })).await;
        let input = json!({ "input": { "patient": patient(2, "CT", "Aetna"), "holdToken": own["hold"]["token"], "idempotencyKey": "k" } });
        for _ in 0..2 {
            let answer = app.ask_as(&clinician, book, input.clone()).await;
            assert_eq!(answer["data"]["bookAppointment"]["error"], Value::Null, "{answer}");
        }
    }
}

on_both_engines! {
    async fn a_repeat_is_told_the_token_again_as_long_as_its_hold_is_one(engine) {
        let (app, [one]) = clinic(engine).await;
        let input = json!({ "providerId": one, "startsAt": TEN, "idempotencyKey": "k" });
        let first = hold(&app, input.clone()).await;
        app.clock.set("2027-01-11T12:01:00Z");
        assert_eq!(hold(&app, input.clone()).await["hold"], first["hold"], "{first}");
        assert_eq!(rows(&app).await, (1, 1));
        let other = hold(&app, json!({ "providerId": one, "startsAt": ELEVEN, "idempotencyKey": "k" })).await;
        assert_eq!(other["error"]["code"], "IDEMPOTENCY_KEY_REUSED", "{other}");
        // A refusal that has committed nothing keeps no key.
        let taken = json!({ "providerId": one, "startsAt": TEN, "idempotencyKey": "l" });
        assert_eq!(hold(&app, taken.clone()).await["error"]["code"], "SLOT_HELD");
        app.clock.set(LAPSES);
        assert_eq!(hold(&app, input.clone()).await["error"]["code"], "HOLD_EXPIRED");
        assert_eq!(hold(&app, taken).await["error"], Value::Null);
        // Not even once its row is gone.
        assert_eq!(hold(&app, input).await["error"]["code"], "HOLD_EXPIRED");
    }
}

on_both_engines! {
    async fn rest_holds_shows_and_releases_as_graphql_does(engine) {
        let (app, [one]) = clinic(engine).await;
        let body = json!({ "provider_id": one, "time": TEN, "minutes": 10, "state": "CT", "insurance": "Aetna" });
        let held = app.post_with_key("/hold", "k", &body).await;
        assert_eq!((held.status.as_u16(), held.header("cache-control")), (201, "private, no-store"), "{held:?}");
        let told = held.json();
        let token = told["token"].as_str().unwrap();
        assert_eq!(told, json!({ "token": token, "expires_at": "2027-01-11T12:10:00Z", "provider_id": one,
            "provider": "Dr. 000", "time": TEN, "duration_minutes": 30, "local_time": "2027-01-11T10:00:00-05:00",
            "patient_local_time": "2027-01-11T10:00:00-05:00", "patient_time_zone": "America/New_York" }));
        let again = app.post_with_key("/hold", "k", &body).await;
        assert_eq!((again.json(), again.header("idempotency-replayed")), (told.clone(), "true"));
        let wrong = app.post("/hold", &json!({ "provider_id": one, "minutes": 31, "hours": 1 })).await;
        assert_eq!(wrong.problem(), (422, "INVALID_INPUT".to_owned()), "{wrong:?}");
        let path = format!("/hold/{token}");
        let delete = async |key: &str| TestApp::send(app.request(Method::DELETE, &path).header("idempotency-key", key)).await;
        let released = delete("r").await;
        assert_eq!((released.status.as_u16(), released.text.as_str()), (204, ""));
        assert_eq!((delete("r").await.status.as_u16(), delete("r").await.header("idempotency-replayed")), (204, "true"));
        assert_eq!(delete("s").await.problem(), (409, "HOLD_EXPIRED".to_owned()));
        let spent = json!({ "patient": patient(1, "CT", "Aetna"), "hold_token": token });
        assert_eq!(app.book(&spent).await.problem(), (409, "HOLD_EXPIRED".to_owned()));
    }
}

on_both_engines! {
    async fn who_held_stands_in_the_audit_trail_and_no_token_is_stored(engine) {
        let (app, [one]) = clinic(engine).await;
        let token = held(&app, &one, TEN).await;
        assert_eq!(release(&app, &token).await["error"], Value::Null);
        assert_eq!(release(&app, &token).await["error"]["code"], "HOLD_EXPIRED");
        let query = "{ auditEvents(first: 20, kind: [CHANGE]) { nodes { operation outcome objectId patientIds fields } } }";
        let told = app.graphql(query, json!({})).await["data"]["auditEvents"]["nodes"].clone();
        let mut of_holds: Vec<Value> = told.as_array().unwrap().iter().filter(|row| row["operation"].as_str().unwrap().contains("old")).cloned().collect();
        of_holds.sort_by_key(ToString::to_string);
        let row = |operation: &str, outcome: &str, object: Value, fields: Value| {
            json!({ "operation": operation, "outcome": outcome, "objectId": object, "patientIds": [], "fields": fields })
        };
        let mut expected = vec![
            row("holdSlot", "OK", json!(one), json!(["hold"])),
            row("releaseHold", "OK", json!(one), json!(["hold"])),
            row("releaseHold", "HOLD_EXPIRED", Value::Null, json!([])),
        ];
        expected.sort_by_key(ToString::to_string);
        assert_eq!(of_holds, expected);
        held(&app, &one, TEN).await;
        let hash = "SELECT count(*) FROM hold WHERE length(token_hash) = 32 AND token_seed IS NULL";
        assert_eq!(app.database.number(hash).await, 1);
    }
}

on_both_engines! {
    async fn holds_are_counted_by_what_becomes_of_them(engine) {
        let database = Arc::new(TestDatabase::create(engine).await);
        let roster = RosterBuilder::alike(1);
        TestApp::builder(engine).roster(roster).spawn_on(Arc::clone(&database)).await.stop().await;
        let server = ServerProcess::start(&database, &[]).await;
        let mut tokens = Vec::new();
        for _hold in 0..3 {
            let input = not_yet(&json!({ "state": "CT", "insurance": "Aetna" }));
            let held = server.graphql(HOLD, json!({ "input": input })).await;
            tokens.push(held["data"]["holdSlot"]["hold"]["token"].clone());
        }
        let book = "mutation ($input: BookAppointmentInput!) { bookAppointment(input: $input) { error { code } } }";
        let input = json!({ "patient": patient(1, "CT", "Aetna"), "holdToken": tokens[0] });
        let booked = server.graphql(book, json!({ "input": input })).await;
        assert_eq!(booked["data"]["bookAppointment"], json!({ "error": null }), "{booked}");
        let released = server.graphql(RELEASE, json!({ "input": { "token": tokens[1] } })).await;
        assert_eq!(released["data"]["releaseHold"]["error"], Value::Null, "{released}");
        // Nothing becomes of the spent one, nor by it.
        server.graphql(RELEASE, json!({ "input": { "token": tokens[0] } })).await;
        let metrics = server.get("/metrics").await.text;
        for (outcome, count) in [("made", 3), ("redeemed", 1), ("released", 1)] {
            let line = format!("clinic_holds_total{{outcome=\"{outcome}\"}} {count}");
            assert!(metrics.lines().any(|told| told == line), "{line}: {metrics}");
        }
    }
}
