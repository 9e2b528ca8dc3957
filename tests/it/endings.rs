//! An end for everything: what the scheduling service never answers ends when its time has come, says so,
//! and is undone outside after it.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{
    StubScheduler, TestApp, book_in_vain, capture, comes_true, id_of, logged, on_both_engines,
    with_jane,
};

const JUST_BEFORE: &str = "2027-01-11T13:57:00Z";
const START: &str = "2027-01-11T14:00:00Z";
const SOON_AFTER: &str = "2027-01-11T14:10:00Z";

/// The status and whether it is unsettled outside, as both doors tell.
async fn told(app: &TestApp, id: &str) -> (String, bool) {
    let query = "query ($id: ID!) { appointment(id: $id) { status unsettledOutside } }";
    let shown = app.graphql(query, json!({ "id": id })).await["data"]["appointment"].clone();
    let rest = app.get(&format!("/appointment/{id}")).await.json();
    let [status, unsettled] = [("status", "status"), ("unsettledOutside", "unsettled_outside")]
        .map(|(ours, theirs)| {
            assert_eq!(shown[ours], rest[theirs], "{id}");
            shown[ours].clone()
        });
    (status.as_str().unwrap().to_owned(), unsettled.as_bool().unwrap())
}

/// Ends what has waited for too long, with the clock at that time.
async fn at(app: &TestApp, time: &str) {
    app.clock.set(time);
    app.settling.settle_due().await.unwrap();
}

/// The same until that appointment has ended so and is not settled outside: who has a call of it under way
/// at that moment ends it a little later.
async fn ends(app: &TestApp, time: &str, id: &str, status: &str) {
    app.clock.set(time);
    let mut seen = None;
    let ended = comes_true(async || {
        app.settling.settle_due().await.unwrap();
        let now = told(app, id).await;
        let ended = now == (status.to_owned(), true);
        seen = Some(now);
        ended
    });
    assert!(ended.await, "{seen:?}");
}

async fn events_of(app: &TestApp) -> Vec<Value> {
    let answer = app.graphql("{ events(first: 50) { nodes { kind } } }", json!({})).await;
    answer["data"]["events"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["kind"].clone())
        .collect()
}

on_both_engines! {
    async fn a_booking_that_is_not_answered_ends_at_its_start_and_is_undone_after_it(engine) {
        capture();
        for faults in [json!({ "error_rate": 1 }), json!({ "lost_reply_rate": 1 }), json!({ "down": true })] {
            let app = TestApp::builder(engine).at(JUST_BEFORE).spawn().await;
            app.faults(&faults).await;
            let id = book_in_vain(&app, 1, START).await;
            at(&app, "2027-01-11T13:59:59Z").await;
            assert_eq!(told(&app, &id).await, ("PENDING".to_owned(), false));
            ends(&app, START, &id, "EXPIRED").await;
            assert!(logged().contains(&format!("The time of {id} has come")), "nobody is told");
            // Its time is nobody's.
            book_in_vain(&app, 2, SOON_AFTER).await;
            assert!(app.unsettled().await >= 1);
            app.faults(&json!({})).await;
            app.settle_everything().await;
            assert_eq!(told(&app, &id).await, ("EXPIRED".to_owned(), false), "{faults}");
            assert!(app.live_outside(&id).await.is_empty(), "{faults}");
            let ends = events_of(&app).await.iter().filter(|kind| *kind == "EXPIRED").count();
            assert_eq!(ends, 1, "told once: {faults}");
        }
    }
}

on_both_engines! {
    async fn a_cancel_of_what_is_not_answered_ends_as_it_asked(engine) {
        let app = TestApp::builder(engine).at(JUST_BEFORE).spawn().await;
        app.faults(&json!({ "lost_reply_rate": 1 })).await;
        let id = book_in_vain(&app, 1, START).await;
        let cancelling = app.cancel(&id).await;
        assert_eq!(cancelling.status, 202, "{cancelling:?}");
        ends(&app, START, &id, "CANCELLED").await;
        book_in_vain(&app, 2, SOON_AFTER).await;
        app.faults(&json!({})).await;
        app.settle_everything().await;
        assert_eq!(told(&app, &id).await, ("CANCELLED".to_owned(), false));
    }
}

on_both_engines! {
    async fn a_cancel_that_the_service_refuses_is_repeated_and_ends_here_at_the_start(engine) {
        let stub = StubScheduler::start().await;
        let app = TestApp::builder(engine).setting("SCHEDULER_URL", &stub.url).at(JUST_BEFORE).spawn().await;
        for (status, number, time) in [(409, 1, START), (405, 2, "2027-01-11T14:30:00Z"), (422, 3, "2027-01-11T15:00:00Z")] {
            stub.always(None);
            let id = id_of(&app.book(&with_jane(number, time)).await.json());
            stub.always(Some(status));
            assert_eq!(app.cancel(&id).await.status, 202, "{status}");
            let held = app.book(&with_jane(99, time)).await;
            assert_eq!(held.problem(), (409, "SLOT_TAKEN".to_owned()), "{status}");
            ends(&app, time, &id, "CANCELLED").await;
            stub.always(None);
            app.let_time_settle().await;
            assert_eq!(told(&app, &id).await, ("CANCELLED".to_owned(), false), "{status}");
            let deletes = stub.calls().iter().filter(|call| call.starts_with("DELETE") && call.contains(&id)).count();
            assert!(deletes >= 3, "{status}: {:?}", stub.calls());
            app.clock.set(time);
        }
    }
}

on_both_engines! {
    async fn a_move_that_is_not_answered_ends_at_its_new_start_and_is_taken_back(engine) {
        for fault in ["lost_reply_rate", "error_rate"] {
            let app = TestApp::builder(engine).at(JUST_BEFORE).spawn().await;
            let id = id_of(&app.book(&with_jane(1, "2027-01-11T16:00:00Z")).await.json());
            app.faults(&json!({ fault: 1 })).await;
            let asked = json!({ "time": START });
            let path = format!("/appointment/{id}/reschedule");
            assert_eq!(app.post_with_key(&path, "move", &asked).await.status, 202);
            ends(&app, START, &id, "CONFIRMED").await;
            let stayed = app.get(&format!("/appointment/{id}")).await.json();
            assert_eq!((&stayed["time"], &stayed["pending_time"]), (&json!("2027-01-11T16:00:00Z"), &Value::Null));
            // The new time is nobody's, and the old one never left.
            book_in_vain(&app, 2, SOON_AFTER).await;
            let taken = app.book(&with_jane(99, "2027-01-11T16:00:00Z")).await;
            assert_eq!(taken.problem(), (409, "SLOT_TAKEN".to_owned()));
            let again = app.post_with_key(&path, "move", &asked).await;
            assert_eq!(again.problem(), (409, "SCHEDULING_REFUSED".to_owned()), "it was not done");
            app.faults(&json!({})).await;
            app.settle_everything().await;
            assert_eq!(told(&app, &id).await, ("CONFIRMED".to_owned(), false));
            let live = app.live_outside(&id).await;
            assert_eq!((live.len(), &live[0]["time"]), (1, &json!("2027-01-11T16:00:00Z")));
        }
    }
}

on_both_engines! {
    async fn everything_ends_also_while_nothing_is_sent(engine) {
        let stub = StubScheduler::start().await;
        let app = TestApp::builder(engine).setting("SCHEDULER_URL", &stub.url)
            .setting("HOLD_MINUTES", "2").at(JUST_BEFORE).spawn().await;
        stub.always(Some(503));
        let sent = book_in_vain(&app, 1, START).await;
        book_in_vain(&app, 2, "2027-01-11T16:30:00Z").await;
        book_in_vain(&app, 3, "2027-01-11T17:00:00Z").await;
        let unsent = book_in_vain(&app, 4, "2027-01-11T17:30:00Z").await;
        let calls = stub.calls().len();
        at(&app, "2027-01-11T13:59:00Z").await;
        assert_eq!(told(&app, &sent).await.0, "CANCELLING");
        assert_eq!(told(&app, &unsent).await, ("EXPIRED".to_owned(), false));
        at(&app, START).await;
        assert_eq!(told(&app, &sent).await, ("EXPIRED".to_owned(), true));
        assert!(stub.calls().len() <= calls + 1, "{:?}", stub.calls());
        app.clock.advance(SignedDuration::from_hours(4));
        app.settling.settle_due().await.unwrap();
        let still_held = app.whole_book().await.into_iter().filter(|row| {
            ["PENDING", "CANCELLING"].contains(&row["status"].as_str().unwrap())
        }).count();
        assert_eq!(still_held, 0);
    }
}
