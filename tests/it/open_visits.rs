//! How many visits to come one patient may have.

use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::support::{
    Answer, Engine, RosterBuilder, StubScheduler, TestApp, first_free, id_of, john,
    on_both_engines, patient,
};

async fn at_most(engine: Engine, most: &str) -> TestApp {
    let builder = TestApp::builder(engine).roster(RosterBuilder::alike(3));
    builder.setting("MAX_OPEN_VISITS_PER_PATIENT", most).spawn().await
}

fn at(time: &str) -> Value {
    json!({ "patient": john(), "time": time })
}

fn assert_too_many(answer: &Answer, until: &str, seconds: &str) {
    assert_eq!(answer.problem(), (429, "RATE_LIMITED".to_owned()), "{answer:?}");
    assert_eq!(answer.header("retry-after"), seconds);
    assert_eq!(answer.json()["until"], until);
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains(until) && detail.contains("cancel one"), "{detail}");
}

on_both_engines! {
    async fn one_visit_more_than_a_patient_may_have_is_refused_until_one_is_over_or_off(engine) {
        let app = at_most(engine, "2").await;
        let first = id_of(&app.book(&at("2027-01-11T15:00:00Z")).await.json());
        assert_eq!(app.book(&at("2027-01-11T14:00:00Z")).await.status, 201);
        let (half_past_two, seconds) = ("2027-01-11T14:30:00Z", "9000");
        assert_too_many(&app.book(&json!({ "patient": john() })).await, half_past_two, seconds);
        // By whatever way, under whatever spelling, at whatever time.
        let mut shouted = at("2027-01-12T14:00:00Z");
        shouted["patient"]["name"] = json!("DOE, John");
        assert_too_many(&app.book(&shouted).await, half_past_two, seconds);
        let query = "mutation ($input: BookAppointmentInput!) { bookAppointment(input: $input) {
            appointment { id } error { __typename code message ... on RateLimited { retryAfterSeconds } } } }";
        let answer = app.graphql(query, json!({ "input": { "patient": john() } })).await;
        let payload = &answer["data"]["bookAppointment"];
        assert_eq!((&payload["appointment"], &payload["error"]["__typename"]), (&Value::Null, &json!("RateLimited")));
        assert_eq!(payload["error"]["code"], "RATE_LIMITED");
        assert_eq!(payload["error"]["retryAfterSeconds"], 9000);
        // Somebody else's visits are none of theirs.
        assert_eq!(app.book(&json!({ "patient": patient(1, "CT", "Aetna") })).await.status, 201);
        // What is cancelled does not count, nor what is over.
        assert_eq!(app.cancel(&first).await.status, 200);
        assert_eq!(app.book(&at("2027-01-12T15:00:00Z")).await.status, 201);
        assert_eq!(app.book(&at("2027-01-12T16:00:00Z")).await.status, 429);
        app.clock.set("2027-01-11T14:29:59Z");
        assert_too_many(&app.book(&at("2027-01-12T16:00:00Z")).await, half_past_two, "1");
        app.clock.set(half_past_two);
        assert_eq!(app.book(&at("2027-01-12T16:00:00Z")).await.status, 201);
    }
}

on_both_engines! {
    async fn other_birth_dates_make_no_room_for_more(engine) {
        let app = at_most(engine, "2").await;
        let born = |day: u8, time: &str| {
            let mut body = at(time);
            body["patient"]["birth_date"] = json!(format!("1980-01-{day:02}"));
            body
        };
        assert_eq!(app.book(&born(1, "2027-01-11T15:00:00Z")).await.status, 201);
        assert_eq!(app.book(&born(2, "2027-01-11T14:00:00Z")).await.status, 201);
        for day in [1, 2, 3] {
            assert_too_many(&app.book(&born(day, "2027-01-12T14:00:00Z")).await, "2027-01-11T14:30:00Z", "9000");
        }
        assert_too_many(&app.book(&at("2027-01-12T14:00:00Z")).await, "2027-01-11T14:30:00Z", "9000");
        // Another name at the address is somebody else.
        let mut sister = born(4, "2027-01-12T14:00:00Z");
        sister["patient"]["name"] = json!("Joan Doe");
        assert_eq!(app.book(&sister).await.status, 201);
    }
}

on_both_engines! {
    async fn a_visit_counts_for_as_long_as_it_holds_its_time(engine) {
        let stub = StubScheduler::start().await;
        let builder = TestApp::builder(engine).roster(RosterBuilder::alike(3));
        let builder = builder.setting("MAX_OPEN_VISITS_PER_PATIENT", "2");
        let app = builder.setting("SCHEDULER_URL", &stub.url).spawn().await;
        for time in ["2027-01-11T14:00:00Z", "2027-01-11T15:00:00Z"] {
            let id = id_of(&app.book(&at(time)).await.json());
            stub.always(Some(500));
            assert_eq!(app.cancel(&id).await.status, 202);
            stub.always(None);
        }
        assert_too_many(&app.book(&at("2027-01-12T14:00:00Z")).await, "2027-01-11T14:30:00Z", "9000");
    }
}

on_both_engines! {
    async fn what_was_refused_so_keeps_no_key(engine) {
        let app = at_most(engine, "1").await;
        let first = id_of(&app.book(&at("2027-01-11T15:00:00Z")).await.json());
        let body = json!({ "patient": john() });
        assert_eq!(app.post_with_key("/appointment", "a-key", &body).await.status, 429);
        assert_eq!(app.cancel(&first).await.status, 200);
        let again = app.post_with_key("/appointment", "a-key", &body).await;
        assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (201, ""), "{again:?}");
    }
}

on_both_engines! {
    async fn who_books_everything_at_once_gets_twenty(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(3)).spawn().await;
        let days = (0..64).map(|number| {
            let time = format!("2027-{:02}-{:02}T14:00:00Z", 2 + number / 28, 1 + number % 28);
            json!({ "patient": john(), "duration_minutes": 480, "after": time })
        });
        let app = &app;
        let attack = days.map(|body| async move { app.book(&body).await });
        let answers: Vec<Answer> = stream::iter(attack).buffer_unordered(16).collect().await;
        let booked = answers.iter().filter(|answer| answer.status == 201).count();
        let of_john = "SELECT count(*) FROM appointment WHERE status = 'CONFIRMED'";
        assert_eq!((booked, app.database.number(of_john).await), (20, 20), "{answers:?}");
        let others = answers.iter().filter(|answer| answer.status != 201);
        for answer in others {
            // Of two for one day the second may come upon the first.
            assert!(["RATE_LIMITED", "PATIENT_DOUBLE_BOOKED"].contains(&answer.problem().1.as_str()), "{answer:?}");
        }
        assert_eq!(first_free(app).await, "2027-01-11T14:00:00Z");
    }
}
