//! Times that are taken outside, as by telephone: who asks for no time is booked the next that is not,
//! in one request, and nobody is offered what was refused a moment ago.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{
    Answer, RosterBuilder, ServerProcess, StubScheduler, TestApp, TestDatabase, by_the_real_clock,
    comes_true, first_free, id_of, john, not_yet, on_both_engines, patient, stubbed, with_jane,
};

const KEY: &str = "a-booking";
/// The times that Dr. Jane Doe is offered first, one after the other.
const OFFERS: [&str; 7] = [
    "2027-01-11T14:00:00Z",
    "2027-01-11T14:30:00Z",
    "2027-01-11T15:00:00Z",
    "2027-01-11T15:30:00Z",
    "2027-01-11T16:00:00Z",
    "2027-01-11T16:30:00Z",
    "2027-01-11T17:00:00Z",
];

fn refuse(stub: &StubScheduler, times: usize) {
    for _time in 0..times {
        stub.once("POST", 409);
    }
}

fn said(answer: &Answer) -> (u16, Value) {
    let body = answer.json();
    let said = if answer.status == 409 { &body["code"] } else { &body["time"] };
    (answer.status.as_u16(), said.clone())
}

async fn failed(app: &TestApp) -> i64 {
    app.database.number("SELECT count(*) FROM appointment WHERE status = 'FAILED'").await
}

on_both_engines! {
    async fn the_next_that_is_not_taken_outside_is_booked_in_one_request(engine) {
        for (named, taken) in [(false, 1), (false, 5), (false, 6), (true, 2), (true, 5), (true, 6)] {
            // However busy the machine is: what is not answered in time is pending.
            let (stub, patient_app) = (StubScheduler::start().await, TestApp::builder(engine));
            let patient_app = patient_app.setting("SCHEDULER_URL", &stub.url);
            let app = patient_app.setting("ANSWER_WITHIN_MS", "20000").spawn().await;
            let mut body = json!({ "patient": john() });
            if named {
                body["provider_id"] = json!(app.provider_id("Dr. Jane Doe").await);
            }
            refuse(&stub, taken);
            let answer = app.book(&body).await;
            let expected = match OFFERS.get(taken).filter(|_| taken <= 5) {
                Some(time) => (201, json!(time)),
                None => (409, json!("SCHEDULING_REFUSED")),
            };
            assert_eq!(said(&answer), expected, "{taken} taken: {answer:?}");
            assert_eq!(failed(&app).await, i64::try_from(taken).unwrap());
            assert_eq!(app.unsettled().await, 0);
        }
    }
}

on_both_engines! {
    async fn a_visit_that_is_refused_at_any_time_takes_no_time_from_others(engine) {
        let (stub, app) = stubbed(engine).await;
        // A name that the service can't take, say: one call each, and no other time is tried.
        for status in [400, 413, 422] {
            stub.once("POST", status);
            let answer = app.book(&json!({ "patient": john() })).await;
            assert_eq!(said(&answer), (409, json!("SCHEDULING_REFUSED")), "{status}");
        }
        assert_eq!(failed(&app).await, 3);
        let next = app.book(&json!({ "patient": john() })).await;
        assert_eq!(said(&next), (201, json!(OFFERS[0])));
    }
}

on_both_engines! {
    async fn a_no_to_a_long_visit_takes_no_time_from_shorter_ones(engine) {
        let (stub, app) = stubbed(engine).await;
        // One quarter of an hour that is taken outside, somewhere in each of them.
        refuse(&stub, 6);
        let long = app.book(&json!({ "patient": john(), "duration_minutes": 480 })).await;
        assert_eq!(said(&long), (409, json!("SCHEDULING_REFUSED")));
        let short = app.book(&json!({ "patient": john() })).await;
        assert_eq!(said(&short), (201, json!(OFFERS[0])));
    }
}

on_both_engines! {
    async fn what_was_refused_is_offered_to_nobody_for_ten_minutes_on_any_replica(engine) {
        let (stub, app) = stubbed(engine).await;
        let replica = TestApp::builder(engine).setting("SCHEDULER_URL", &stub.url)
            .spawn_on(Arc::clone(&app.database)).await;
        // What both have read before is not what they know now.
        assert_eq!(first_free(&replica).await, OFFERS[0]);
        refuse(&stub, 2);
        assert_eq!(said(&app.book(&json!({ "patient": john() })).await), (201, json!(OFFERS[2])));
        let window = "from: \"2027-01-11T14:00:00Z\", to: \"2027-01-11T17:00:00Z\"";
        let jane = app.provider_id("Dr. Jane Doe").await;
        let query = format!(
            "{{ one: firstAvailable(after: \"2027-01-11T12:00:00Z\", providerId: \"{jane}\") {{ startsAt }}
                all: firstAvailable(after: \"2027-01-11T12:00:00Z\", state: \"CT\", insurance: \"Aetna\") {{ startsAt }}
                slots: availableSlots(providerId: \"{jane}\", {window}) {{ startsAt }}
                merged: availableSlots(state: \"CT\", insurance: \"Aetna\", {window}) {{ startsAt }}
                provider(id: \"{jane}\") {{ firstAvailable {{ startsAt }} }} }}"
        );
        let offers = async |server: &TestApp| {
            let answer = server.graphql(&query, json!({})).await;
            let data = &answer["data"];
            let first = |offers: &Value| offers[0]["startsAt"].clone();
            [
                data["one"]["startsAt"].clone(), data["all"]["startsAt"].clone(),
                first(&data["slots"]), first(&data["merged"]),
                data["provider"]["firstAvailable"]["startsAt"].clone(),
            ]
        };
        for server in [&app, &replica] {
            assert_eq!(first_free(server).await, OFFERS[3]);
            let told = offers(server).await;
            assert!(told.iter().all(|time| time == OFFERS[3]), "{told:?}");
            let taken = server.book(&with_jane(8, OFFERS[2])).await.json();
            assert_eq!(taken["alternatives"][0]["time"], OFFERS[3], "{taken}");
        }
        for server in [&app, &replica] {
            server.clock.advance(SignedDuration::from_mins(10));
            assert_eq!(first_free(server).await, OFFERS[0]);
            assert!(offers(server).await.iter().all(|time| time == OFFERS[0]));
        }
    }
}

on_both_engines! {
    async fn a_time_asked_for_is_tried_however_often_it_was_refused(engine) {
        let (stub, app) = stubbed(engine).await;
        for _time in 0..2 {
            refuse(&stub, 1);
            let refused = app.book(&with_jane(1, OFFERS[0])).await;
            assert_eq!(said(&refused), (409, json!("SCHEDULING_REFUSED")));
        }
        assert_ne!(first_free(&app).await, OFFERS[0]);
        assert_eq!(said(&app.book(&with_jane(1, OFFERS[0])).await), (201, json!(OFFERS[0])));
        assert_eq!(failed(&app).await, 2);
    }
}

on_both_engines! {
    async fn the_time_of_a_refused_move_is_passed_over_as_well(engine) {
        let (stub, app) = stubbed(engine).await;
        let id = id_of(&app.book(&with_jane(1, OFFERS[5])).await.json());
        stub.once("PUT", 409);
        assert_eq!(app.reschedule(&id, OFFERS[0]).await.status, 409);
        assert_eq!(first_free(&app).await, OFFERS[1]);
    }
}

on_both_engines! {
    async fn a_refused_time_is_nobodys_visit_when_equals_are_ranked(engine) {
        let stub = StubScheduler::start().await;
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(2))
            .setting("SCHEDULER_URL", &stub.url).spawn().await;
        let mut ids = [app.provider_id("Dr. 000").await, app.provider_id("Dr. 001").await];
        ids.sort_unstable();
        let at = |provider: &str, number: usize, time: &str| {
            json!({ "patient": patient(number, "CT", "Aetna"), "provider_id": provider, "time": time })
        };
        refuse(&stub, 1);
        assert_eq!(app.book(&at(&ids[1], 1, OFFERS[5])).await.status, 409);
        assert_eq!(app.book(&at(&ids[0], 2, OFFERS[6])).await.status, 201);
        // Were both as busy, the lower id would come first.
        let next = app.book(&json!({ "patient": patient(3, "CT", "Aetna") })).await.json();
        assert_eq!((&next["time"], &next["provider_id"]), (&json!(OFFERS[0]), &json!(ids[1])), "{next}");
    }
}

on_both_engines! {
    async fn the_tries_of_one_request_have_its_one_time_to_answer(engine) {
        let app = TestApp::builder(engine).setting("ANSWER_WITHIN_MS", "600").spawn().await;
        app.faults(&json!({ "refuse_rate": 1, "latency_ms": 250 })).await;
        let began = std::time::Instant::now();
        let answer = app.book(&json!({ "patient": john() })).await;
        assert!(began.elapsed() < std::time::Duration::from_millis(1500), "{:?}", began.elapsed());
        // The last try was not answered in time, which is not told as a refusal.
        assert_eq!((answer.status.as_u16(), &answer.json()["status"]), (202, &json!("PENDING")), "{answer:?}");
    }
}

on_both_engines! {
    async fn a_key_ends_at_the_last_try_and_a_repeat_is_told_of_that(engine) {
        let (stub, app) = stubbed(engine).await;
        let body = json!({ "patient": john() });
        refuse(&stub, 3);
        let booked = app.post_with_key("/appointment", KEY, &body).await;
        assert_eq!(said(&booked), (201, json!(OFFERS[3])));
        let again = app.post_with_key("/appointment", KEY, &body).await;
        assert_eq!((said(&again), again.header("idempotency-replayed")), ((201, json!(OFFERS[3])), "true"));
        assert_eq!(id_of(&again.json()), id_of(&booked.json()));
        let other = json!({ "patient": patient(1, "CT", "Aetna") });
        refuse(&stub, 6);
        let refused = app.post_with_key("/appointment", "another", &other).await;
        assert_eq!(said(&refused), (409, json!("SCHEDULING_REFUSED")));
        app.clock.advance(SignedDuration::from_mins(1));
        let again = app.post_with_key("/appointment", "another", &other).await;
        assert_eq!((said(&again), again.header("idempotency-replayed")), (said(&refused), "true"));
        let id = |answer: &Answer| answer.json()["appointment_id"].clone();
        assert_eq!(id(&again), id(&refused));
        assert_eq!(failed(&app).await, 9);
    }
}

on_both_engines! {
    async fn a_server_killed_between_two_tries_leaves_one_booking_under_the_key(engine) {
        let database = Arc::new(TestDatabase::create(engine).await);
        by_the_real_clock(&database, 0).await.stop().await;
        let mut doomed = ServerProcess::start(&database, &[("ANSWER_WITHIN_MS", "5000")]).await;
        doomed.faults(&json!({ "refuse_rate": 1, "latency_ms": 150 })).await;
        let body = not_yet(&json!({ "patient": patient(1, "CT", "Aetna") }));
        let refused = "SELECT count(*) FROM appointment WHERE status = 'FAILED'";
        let killed = async {
            assert!(comes_true(async || database.number(refused).await >= 2).await, "no second try");
        };
        tokio::select! {
            () = killed => {}
            _ = doomed.try_book_with_key(KEY, &body) => panic!("answered too soon"),
        }
        doomed.kill().await;
        // After the lease of the dead one: whatever was under way is settled, and the repeat says it.
        let next = by_the_real_clock(&database, 40).await;
        next.settle_everything().await;
        let again = next.post_with_key("/appointment", KEY, &body).await;
        let id = again.json()["appointment_id"].as_str().unwrap().to_owned();
        let live = "SELECT count(*) FROM appointment WHERE status <> 'FAILED'";
        let live = database.number(live).await;
        assert!(live <= 1, "{live} bookings");
        match again.status.as_u16() {
            201 => assert_eq!(live, 1, "{again:?}"),
            409 => assert_eq!((live, again.json()["code"].as_str()), (0, Some("SCHEDULING_REFUSED"))),
            _ => panic!("{again:?}"),
        }
        // The last one that was tried.
        let latest = next.whole_book().await.into_iter().map(|one| one["id"].as_str().unwrap().to_owned()).max();
        assert_eq!(Some(id), latest);
        next.assert_agreement().await;
    }
}
