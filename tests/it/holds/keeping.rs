//! While a hold lives, nobody else is offered its time or gets it, by any path.

use serde_json::{Value, json};

use super::*;
use crate::support::{id_of, on_both_engines};

on_both_engines! {
    async fn nobody_else_books_moves_or_holds_a_time_that_is_held(engine) {
        let (app, [one, two]) = clinic(engine).await;
        let other = id_of(&app.book(&visit(1, &one, "2027-01-12T15:00:00Z")).await.json());
        let elsewhere = id_of(&app.book(&visit(2, &two, TEN)).await.json());
        let token = held(&app, &one, TEN).await;
        // At the same time, and at one that overlaps it.
        for time in [TEN, "2027-01-11T14:45:00Z", "2027-01-11T15:29:00Z"] {
            let refused = app.book(&visit(3, &one, time)).await;
            assert_eq!(refused.problem(), (409, "SLOT_HELD".to_owned()), "{time}: {refused:?}");
            assert_eq!(refused.json()["held_until"], LAPSES);
            let others = refused.json()["alternatives"].as_array().unwrap().clone();
            assert!(!others.is_empty() && others.iter().all(|other| other["time"] != TEN), "{others:?}");
        }
        let rules = ["OUTSIDE_WORKING_HOURS", "PROVIDER_AWAY", "IN_BUFFER", "NOTICE_TOO_SHORT", "BEYOND_HORIZON", "DAILY_LIMIT_REACHED"];
        let mut overruled = visit(3, &one, TEN);
        overruled["overrule"] = json!(rules);
        assert_eq!(app.book(&overruled).await.problem(), (409, "SLOT_HELD".to_owned()));
        // Of two who might be had then, one has a visit and the other is held.
        let anybody = json!({ "patient": patient(3, "CT", "Aetna"), "time": TEN });
        assert_eq!(app.book(&anybody).await.problem(), (409, "SLOT_HELD".to_owned()));
        let moved = ask(&app, MOVE, json!({ "id": other, "startsAt": TEN })).await;
        assert_eq!((&moved["error"]["code"], &moved["error"]["heldUntil"]), (&json!("SLOT_HELD"), &json!(LAPSES)));
        let given = ask(&app, REASSIGN, json!({ "id": elsewhere, "providerId": one })).await;
        assert_eq!(given["error"]["code"], "SLOT_HELD", "{given}");
        let again = hold(&app, json!({ "providerId": one, "startsAt": TEN })).await;
        assert_eq!((&again["error"]["__typename"], &again["error"]["heldUntil"]), (&json!("SlotHeld"), &json!(LAPSES)));
        // What touches it is free.
        assert_eq!(app.book(&visit(3, &one, "2027-01-11T15:30:00Z")).await.status, 201);
        let booked = redeem(&app, 4, &token).await;
        assert_eq!((&booked["error"], &booked["appointment"]["status"]), (&Value::Null, &json!("CONFIRMED")));
        assert_eq!(app.book(&visit(5, &one, TEN)).await.problem(), (409, "SLOT_TAKEN".to_owned()));
        assert_eq!(rows(&app).await, (0, 0));
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn a_time_that_is_held_is_offered_nowhere_and_told_as_held(engine) {
        let (app, [one]) = clinic(engine).await;
        let offers = async |provider: &str| {
            let query = "query ($id: ID!) {
                availableSlots(providerId: $id, from: \"2027-01-11T14:00:00Z\", to: \"2027-01-11T17:00:00Z\") { startsAt }
                merged: availableSlots(state: \"CT\", insurance: \"Aetna\", from: \"2027-01-11T14:00:00Z\", to: \"2027-01-11T17:00:00Z\") { startsAt }
                firstAvailable(providerId: $id, after: \"2027-01-11T14:45:00Z\") { startsAt }
                first: firstAvailable(state: \"CT\", insurance: \"Aetna\", after: \"2027-01-11T14:45:00Z\") { startsAt }
                explainTime(providerId: $id, startsAt: \"2027-01-11T15:00:00Z\") { bookable offered reasons { code message } } }";
            app.graphql(query, json!({ "id": provider })).await["data"].clone()
        };
        let before = offers(&one).await;
        let token = held(&app, &one, TEN).await;
        let during = offers(&one).await;
        for list in ["availableSlots", "merged"] {
            let starts = |told: &Value| -> Vec<String> {
                told[list].as_array().unwrap().iter().map(|slot| slot["startsAt"].as_str().unwrap().to_owned()).collect()
            };
            let gone = ["2027-01-11T14:45:00Z", TEN, "2027-01-11T15:15:00Z"];
            let left: Vec<String> = starts(&before).into_iter().filter(|at| !gone.contains(&at.as_str())).collect();
            assert_eq!(starts(&during), left, "{list}");
        }
        for first in ["firstAvailable", "first"] {
            assert_eq!((&before[first]["startsAt"], &during[first]["startsAt"]), (&json!("2027-01-11T14:45:00Z"), &json!("2027-01-11T15:30:00Z")));
        }
        let told = &during["explainTime"];
        assert_eq!((&told["bookable"], &told["offered"], &told["reasons"][0]["code"]), (&json!(false), &json!(false), &json!("SLOT_HELD")));
        assert!(!told.to_string().contains("anonymous") && !told.to_string().contains(&token), "{told}");
        // It is no visit: in no list, count or event.
        let lists = app.graphql("{ appointments(from: \"2027-01-01T00:00:00Z\", to: \"2027-02-01T00:00:00Z\") { totalCount nodes { id } }
            events(first: 50) { nodes { kind } } }", json!({})).await;
        assert_eq!(lists["data"]["appointments"], json!({ "totalCount": 0, "nodes": [] }));
        assert_eq!(lists["data"]["events"]["nodes"], json!([]));
        assert_eq!(release(&app, &token).await["error"], Value::Null);
        assert_eq!(offers(&one).await, before);
    }
}

on_both_engines! {
    async fn the_first_free_time_is_held_where_none_is_asked_for(engine) {
        let (app, [one, two]) = clinic(engine).await;
        let first = hold(&app, json!({ "state": "Connecticut", "insurance": "Aetna Inc" })).await;
        let slot = &first["hold"]["slot"];
        assert_eq!((&first["error"], &slot["startsAt"], &slot["patientTimeZone"]), (&Value::Null, &json!("2027-01-11T14:00:00Z"), &json!("America/New_York")));
        // The other is free then, and after that nobody is.
        let second = hold(&app, json!({ "state": "CT", "insurance": "Aetna" })).await;
        assert_eq!(second["hold"]["slot"]["startsAt"], "2027-01-11T14:00:00Z", "{second}");
        assert_ne!(second["hold"]["slot"]["provider"], slot["provider"]);
        let third = hold(&app, json!({ "state": "CT", "insurance": "Aetna" })).await;
        assert_eq!(third["hold"]["slot"]["startsAt"], "2027-01-11T14:30:00Z", "{third}");
        let later = hold(&app, json!({ "providerId": two, "after": ELEVEN, "durationMinutes": 45, "minutes": 30 })).await;
        let hold = &later["hold"];
        assert_eq!((&hold["slot"]["startsAt"], &hold["slot"]["endsAt"], &hold["expiresAt"]), (&json!(ELEVEN), &json!("2027-01-11T16:45:00Z"), &json!("2027-01-11T12:30:00Z")));
        assert_eq!(hold["slot"]["provider"]["id"], json!(two));
        assert_eq!(app.book(&visit(1, &one, ELEVEN)).await.status, 201);
    }
}

on_both_engines! {
    async fn what_can_not_be_held_is_refused_as_a_booking_is(engine) {
        let (app, [one]) = clinic(engine).await;
        assert_eq!(app.book(&visit(1, &one, ELEVEN)).await.status, 201);
        for (input, code) in [
            (json!({}), "INVALID_INPUT"),
            (json!({ "state": "CT" }), "INVALID_INPUT"),
            (json!({ "providerId": one, "startsAt": TEN, "after": TEN }), "INVALID_INPUT"),
            (json!({ "providerId": one, "startsAt": "2027-01-11T15:00:30Z" }), "INVALID_INPUT"),
            (json!({ "providerId": one, "durationMinutes": 4 }), "INVALID_INPUT"),
            (json!({ "providerId": one, "minutes": 0 }), "INVALID_INPUT"),
            (json!({ "providerId": one, "minutes": 31 }), "INVALID_INPUT"),
            (json!({ "state": "Narnia", "insurance": "Aetna" }), "UNKNOWN_STATE"),
            (json!({ "state": "CT", "insurance": "Nope" }), "UNKNOWN_INSURANCE"),
            (json!({ "providerId": "prv_00000000000000000000000000" }), "NOT_FOUND"),
            (json!({ "providerId": one, "visitTypeId": "vtp_00000000000000000000000000" }), "NOT_FOUND"),
            (json!({ "state": "TX", "insurance": "Aetna" }), "NO_MATCHING_PROVIDER"),
            (json!({ "providerId": one, "startsAt": "2027-01-11T11:00:00Z" }), "TIME_IN_PAST"),
            // What begins now can't be kept for later.
            (json!({ "providerId": one, "startsAt": "2027-01-11T12:00:00Z" }), "TIME_IN_PAST"),
            (json!({ "providerId": one, "startsAt": "2028-01-11T15:00:00Z" }), "BEYOND_HORIZON"),
            (json!({ "providerId": one, "startsAt": "2027-01-11T13:00:00Z" }), "OUTSIDE_WORKING_HOURS"),
            (json!({ "providerId": one, "startsAt": ELEVEN }), "SLOT_TAKEN"),
        ] {
            let payload = hold(&app, input.clone()).await;
            assert_eq!((&payload["hold"], &payload["error"]["code"]), (&Value::Null, &json!(code)), "{input}: {payload}");
        }
        let field = hold(&app, json!({ "providerId": one, "minutes": 31 })).await;
        assert_eq!(field["error"]["violations"], json!([{ "field": "minutes" }]));
        assert_eq!(rows(&app).await, (0, 0));
    }
}

on_both_engines! {
    async fn a_hold_counts_like_a_visit_for_what_is_kept_free_and_for_the_limit_of_a_day(engine) {
        let (app, [one]) = clinic(engine).await;
        let set = "mutation ($id: ID!) { setRules(input: { providerId: $id, rules: { bufferAfterMinutes: 30, maxAppointmentsPerDay: 2 } }) { error { code } } }";
        app.graphql(set, json!({ "id": one })).await;
        let token = held(&app, &one, TEN).await;
        let near = app.book(&visit(1, &one, "2027-01-11T15:45:00Z")).await;
        assert_eq!(near.problem(), (409, "IN_BUFFER".to_owned()), "{near:?}");
        assert_eq!(hold(&app, json!({ "providerId": one, "startsAt": "2027-01-11T15:45:00Z" })).await["error"]["code"], "IN_BUFFER");
        held(&app, &one, "2027-01-11T17:00:00Z").await;
        let full = app.book(&visit(1, &one, "2027-01-11T20:00:00Z")).await;
        assert_eq!(full.problem(), (409, "DAILY_LIMIT_REACHED".to_owned()), "{full:?}");
        assert_eq!(hold(&app, json!({ "providerId": one, "startsAt": "2027-01-11T20:00:00Z" })).await["error"]["code"], "DAILY_LIMIT_REACHED");
        // What is held is not in its own way.
        assert_eq!(redeem(&app, 2, &token).await["error"], Value::Null);
        // Once the other has lapsed there is room for one more.
        app.clock.set(LAPSES);
        assert_eq!(app.book(&visit(1, &one, "2027-01-11T20:00:00Z")).await.status, 201);
    }
}

on_both_engines! {
    async fn a_raw_writer_is_refused_a_time_that_is_held(engine) {
        let (app, [one]) = clinic(engine).await;
        assert_eq!(app.book(&visit(1, &one, ELEVEN)).await.status, 201);
        held(&app, &one, TEN).await;
        let onto = "UPDATE appointment SET
                starts_at = (SELECT starts_at FROM appointment WHERE status = 'HELD'),
                ends_at = (SELECT ends_at FROM appointment WHERE status = 'HELD')
            WHERE status = 'CONFIRMED'";
        let refused = app.database.execute(onto).await.unwrap_err();
        assert!(refused.contains("appointment_provider_no_overlap"), "{refused}");
        // The rule knows no clock: what has lapsed is in the way of whoever writes by hand.
        app.clock.set(LAPSES);
        assert!(app.database.execute(onto).await.is_err());
        let removed = clinic::db::book_check::remove_lapsed_holds(&app.db, LAPSES.parse().unwrap()).await;
        assert_eq!((removed.unwrap(), rows(&app).await), (1, (0, 0)));
    }
}

on_both_engines! {
    async fn two_servers_see_each_others_holds(engine) {
        let (app, [one]) = clinic(engine).await;
        let other = TestApp::builder(engine).roster(RosterBuilder::alike(1)).spawn_on(app.database.clone()).await;
        let first = async |app: &TestApp| {
            let path = format!("/appointments/first-available?state=CT&insurance=Aetna&after={TEN}");
            app.get(&path).await.json()["time"].clone()
        };
        // Both have read the book before.
        assert_eq!((first(&app).await, first(&other).await), (json!(TEN), json!(TEN)));
        let token = held(&app, &one, TEN).await;
        assert_eq!(first(&other).await, "2027-01-11T15:30:00Z");
        assert_eq!(other.book(&visit(1, &one, TEN)).await.problem(), (409, "SLOT_HELD".to_owned()));
        // Whoever has the token may use it, wherever they ask.
        assert_eq!(release(&other, &token).await["hold"]["slot"]["startsAt"], TEN);
        assert_eq!((first(&app).await, first(&other).await), (json!(TEN), json!(TEN)));
        // What lapses is free at both, with nobody telling them.
        held(&other, &one, TEN).await;
        assert_eq!(first(&app).await, "2027-01-11T15:30:00Z");
        app.clock.set(LAPSES);
        other.clock.set(LAPSES);
        assert_eq!((first(&app).await, first(&other).await), (json!(TEN), json!(TEN)));
    }
}
