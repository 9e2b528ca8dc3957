//! Many at once at a time that is held: between looking at a hold and booking it there is no moment.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::*;
use crate::support::on_both_engines;

fn code(payload: &Value) -> &str {
    payload["error"]["code"].as_str().unwrap_or("none")
}

on_both_engines! {
    async fn of_twenty_strangers_none_gets_a_time_that_is_held_and_its_holder_does(engine) {
        let (app, [one]) = clinic(engine).await;
        let token = held(&app, &one, TEN).await;
        let bodies: Vec<Value> = (1..=20).map(|number| visit(number, &one, TEN)).collect();
        let strangers = join_all(bodies.iter().map(|body| app.book(body)));
        let (strangers, holder) = tokio::join!(strangers, redeem(&app, 99, &token));
        assert_eq!(holder["appointment"]["status"], "CONFIRMED", "{holder}");
        for answer in &strangers {
            let (status, code) = answer.problem();
            assert!(status == 409 && ["SLOT_HELD", "SLOT_TAKEN"].contains(&code.as_str()), "{answer:?}");
        }
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn of_two_who_book_by_one_token_one_gets_it(engine) {
        let (app, [one]) = clinic(engine).await;
        for round in 0..5 {
            let token = held(&app, &one, TEN).await;
            let (first, second) = tokio::join!(redeem(&app, 1, &token), redeem(&app, 2, &token));
            let mut codes = [code(&first), code(&second)];
            codes.sort_unstable();
            assert_eq!(codes, ["HOLD_EXPIRED", "none"], "{round}: {first} {second}");
            let booked = if first["error"].is_null() { first } else { second };
            assert_eq!(app.cancel(booked["appointment"]["id"].as_str().unwrap()).await.status, 200);
        }
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn of_booking_and_releasing_at_once_one_is_done(engine) {
        let (app, [one]) = clinic(engine).await;
        for round in 0..5 {
            let token = held(&app, &one, TEN).await;
            let (booked, released) = tokio::join!(redeem(&app, 1, &token), release(&app, &token));
            let mut codes = [code(&booked), code(&released)];
            codes.sort_unstable();
            assert_eq!(codes, ["HOLD_EXPIRED", "none"], "{round}: {booked} {released}");
            if let Some(id) = booked["appointment"]["id"].as_str() {
                assert_eq!(app.cancel(id).await.status, 200);
            }
            assert_eq!(rows(&app).await, (0, 0));
        }
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn of_many_who_hold_one_time_one_gets_it_and_of_many_who_meet_one_that_lapsed(engine) {
        let (app, [one]) = clinic(engine).await;
        for now in ["2027-01-11T12:00:00Z", LAPSES, "2027-01-11T12:10:00Z"] {
            app.clock.set(now);
            let all = (0..10).map(|_| hold(&app, json!({ "providerId": one, "startsAt": TEN })));
            let payloads = join_all(all).await;
            let mut codes: Vec<&str> = payloads.iter().map(code).collect();
            codes.sort_unstable();
            codes.dedup();
            assert_eq!(codes, ["SLOT_HELD", "none"], "{payloads:?}");
            assert_eq!(payloads.iter().filter(|payload| payload["error"].is_null()).count(), 1);
            assert_eq!(rows(&app).await, (1, 1));
        }
        // Bookings too.
        app.clock.set("2027-01-11T12:15:00Z");
        let bodies: Vec<Value> = (1..=10).map(|number| visit(number, &one, TEN)).collect();
        let answers = join_all(bodies.iter().map(|body| app.book(body))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{answers:?}");
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn of_many_repeats_under_one_key_one_holds_and_all_are_told_the_token(engine) {
        let (app, [one]) = clinic(engine).await;
        let input = json!({ "providerId": one, "idempotencyKey": "k" });
        let payloads = join_all((0..8).map(|_| hold(&app, input.clone()))).await;
        for payload in &payloads {
            assert_eq!(payload["hold"], payloads[0]["hold"], "{payloads:?}");
        }
        assert_eq!((code(&payloads[0]), rows(&app).await), ("none", (1, 1)));
    }
}

on_both_engines! {
    async fn nobody_holds_more_than_they_may_by_asking_at_once(engine) {
        let builder = TestApp::builder(engine).roster(RosterBuilder::alike(9));
        let app = builder.setting("HOLDS_PER_TOKEN", "3").spawn().await;
        let input = json!({ "state": "CT", "insurance": "Aetna" });
        let payloads = join_all((0..9).map(|_| hold(&app, input.clone()))).await;
        let done = payloads.iter().filter(|payload| payload["error"].is_null()).count();
        assert_eq!((done, rows(&app).await), (3, (3, 3)), "{payloads:?}");
        assert!(payloads.iter().all(|payload| ["none", "RATE_LIMITED"].contains(&code(payload))), "{payloads:?}");
    }
}
