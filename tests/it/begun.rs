//! What has begun is neither moved nor cancelled.

use serde_json::{Value, json};

use crate::support::{Bulk, TestApp, book_in_vain, comes_true, id_of, on_both_engines, with_jane};

const AT_ELEVEN: &str = "2027-01-11T16:00:00Z";
const NEXT_WEEK: &str = "2027-01-18T16:00:00Z";

async fn booked(app: &TestApp) -> String {
    let answer = app.book(&with_jane(1, AT_ELEVEN)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    id_of(&answer.json())
}

/// That neither door moves or cancels it, and that it stays as it is.
async fn assert_untouchable(app: &TestApp, id: &str, allowed: Value) {
    let before = app.get(&format!("/appointment/{id}")).await.json();
    let cancelled = app.cancel(id).await;
    assert!(cancelled.json()["detail"].as_str().unwrap().contains(AT_ELEVEN), "{cancelled:?}");
    for answer in [
        cancelled,
        app.reschedule(id, NEXT_WEEK).await,
        app.reschedule(id, AT_ELEVEN).await,
        app.reschedule(id, "2027-01-11T14:00:00Z").await,
    ] {
        assert_eq!(answer.problem(), (409, "ILLEGAL_TRANSITION".to_owned()), "{answer:?}");
        let body = answer.json();
        assert_eq!((&body["allowed"], &body["appointment_id"]), (&allowed, &json!(id)));
    }
    for (mutation, input) in [
        ("cancelAppointment", json!({ "id": id })),
        ("rescheduleAppointment", json!({ "id": id, "startsAt": NEXT_WEEK })),
    ] {
        let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let query = format!(
            "mutation ($input: {name}!) {{ {mutation}(input: $input) {{ appointment {{ id }}
            error {{ code ... on IllegalTransition {{ allowed }} }} }} }}"
        );
        let answer = app.graphql(&query, json!({ "input": input })).await;
        assert_eq!(
            answer["data"][mutation],
            json!({ "appointment": { "id": id },
            "error": { "code": "ILLEGAL_TRANSITION", "allowed": allowed } })
        );
    }
    assert_eq!(app.get(&format!("/appointment/{id}")).await.json(), before);
}

on_both_engines! {
    async fn a_visit_that_has_begun_or_is_over_is_left_alone(engine) {
        let app = TestApp::spawn(engine).await;
        let id = booked(&app).await;
        for now in [AT_ELEVEN, "2027-01-11T16:10:00Z", "2027-01-11T16:30:00Z", "2027-02-01T12:00:00Z"] {
            app.clock.set(now);
            assert_untouchable(&app, &id, json!(["CHECKED_IN", "NO_SHOW"])).await;
        }
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn until_the_second_before_its_start_a_visit_is_moved_and_cancelled(engine) {
        let app = TestApp::spawn(engine).await;
        let id = booked(&app).await;
        app.clock.set("2027-01-11T15:59:59Z");
        // A time that is over is still told as that.
        let past = app.reschedule(&id, "2027-01-11T15:00:00Z").await;
        assert_eq!(past.problem(), (422, "TIME_IN_PAST".to_owned()));
        assert_eq!(app.reschedule(&id, NEXT_WEEK).await.status, 200);
        app.clock.set("2027-01-18T15:59:59Z");
        assert_eq!(app.cancel(&id).await.status, 200);
    }
}

on_both_engines! {
    async fn one_that_is_not_confirmed_when_it_begins_is_left_to_the_service(engine) {
        let app = TestApp::spawn(engine).await;
        app.faults(&json!({ "down": true })).await;
        let id = book_in_vain(&app, 1, AT_ELEVEN).await;
        // The worker gives it up as soon as it is due; here that is never.
        let never = Bulk(engine).instant("10000000");
        let put_off = format!("UPDATE outbox SET due_at = {never} WHERE lease_token IS NULL");
        // One that works on it at this moment says itself when it is due next.
        assert!(comes_true(async || app.database.execute(&put_off).await == Ok(1)).await);
        app.clock.set(AT_ELEVEN);
        assert_untouchable(&app, &id, json!(["CONFIRMED", "FAILED", "EXPIRED"])).await;
    }
}

on_both_engines! {
    async fn what_was_done_before_the_start_is_told_again_after_it(engine) {
        let app = TestApp::spawn(engine).await;
        let id = booked(&app).await;
        let (path, body) = (format!("/appointment/{id}/cancel"), json!({ "reason": "ill" }));
        let first = app.post_with_key(&path, "cancel", &body).await;
        assert_eq!(first.status, 200, "{first:?}");
        app.clock.set("2027-01-11T17:00:00Z");
        let repeat = app.post_with_key(&path, "cancel", &body).await;
        assert_eq!((repeat.status, repeat.header("idempotency-replayed")), (first.status, "true"));
        // Nor is there a reason to refuse what has no effect.
        let again = app.cancel(&id).await;
        assert_eq!((again.status.as_u16(), &again.json()["status"]), (200, &json!("CANCELLED")));
    }
}

on_both_engines! {
    async fn a_move_that_waits_while_the_visit_begins_is_judged_when_it_is_made(engine) {
        let app = TestApp::spawn(engine).await;
        let id = booked(&app).await;
        app.faults(&json!({ "down": true })).await;
        let moving = app.reschedule(&id, NEXT_WEEK).await;
        assert_eq!(moving.status, 202, "{moving:?}");
        app.clock.set(AT_ELEVEN);
        // It was moved in time: the old time has come, and the new one is still asked for outside.
        assert_untouchable(&app, &id, json!(["FAILED"])).await;
        app.faults(&json!({})).await;
        app.let_time_settle().await;
        assert_eq!(app.get(&format!("/appointment/{id}")).await.json()["time"], NEXT_WEEK);
        assert_eq!(app.cancel(&id).await.status, 200);
    }
}
