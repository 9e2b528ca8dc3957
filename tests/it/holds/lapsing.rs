//! A hold ends at its moment, with nobody doing anything; or sooner, when it is released.

use serde_json::{Value, json};

use super::*;
use crate::support::{id_of, on_both_engines};

/// The last moment at which it lives.
const LAST: &str = "2027-01-11T12:04:59Z";

on_both_engines! {
    async fn at_the_moment_at_which_it_lapses_its_time_is_free(engine) {
        let (app, [one]) = clinic(engine).await;
        let payload = hold(&app, json!({ "providerId": one, "startsAt": TEN })).await;
        assert_eq!(payload["hold"]["expiresAt"], LAPSES);
        let token = payload["hold"]["token"].as_str().unwrap();
        app.clock.set(LAST);
        assert_eq!(app.book(&visit(1, &one, TEN)).await.problem(), (409, "SLOT_HELD".to_owned()));
        app.clock.set(LAPSES);
        let lapsed = redeem(&app, 2, token).await;
        assert_eq!((&lapsed["appointment"], &lapsed["error"]["code"]), (&Value::Null, &json!("HOLD_EXPIRED")));
        assert_eq!(release(&app, token).await["error"]["code"], "HOLD_EXPIRED");
        // Its row is there until somebody meets it who wants the time.
        assert_eq!(rows(&app).await, (1, 1));
        assert_eq!(app.book(&visit(1, &one, TEN)).await.status, 201);
        assert_eq!(rows(&app).await, (0, 0));
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn until_the_last_moment_it_is_booked(engine) {
        let (app, [one]) = clinic(engine).await;
        let token = held(&app, &one, TEN).await;
        app.clock.set(LAST);
        assert_eq!(redeem(&app, 1, &token).await["appointment"]["status"], "CONFIRMED");
        app.clock.set(LAPSES);
        assert_eq!(app.book(&visit(2, &one, TEN)).await.problem(), (409, "SLOT_TAKEN".to_owned()));
    }
}

on_both_engines! {
    async fn whoever_meets_one_that_has_lapsed_goes_on_whatever_they_want_it_for(engine) {
        let (app, [one, two]) = clinic(engine).await;
        let own = id_of(&app.book(&visit(1, &one, "2027-01-12T15:00:00Z")).await.json());
        let others = id_of(&app.book(&visit(2, &two, ELEVEN)).await.json());
        for time in [TEN, ELEVEN, "2027-01-11T17:00:00Z", "2027-01-11T18:00:00Z"] {
            held(&app, &one, time).await;
        }
        app.clock.set(LAPSES);
        let moved = ask(&app, MOVE, json!({ "id": own, "startsAt": "2027-01-11T15:15:00Z" })).await;
        assert_eq!((&moved["error"], &moved["appointment"]["startsAt"]), (&Value::Null, &json!("2027-01-11T15:15:00Z")));
        let given = ask(&app, REASSIGN, json!({ "id": others, "providerId": one })).await;
        assert_eq!((&given["error"], &given["appointment"]["provider"]["id"]), (&Value::Null, &json!(one)));
        held(&app, &one, "2027-01-11T17:00:00Z").await;
        // Without a time as well: it is the first that is free.
        let first = json!({ "patient": patient(3, "CT", "Aetna"), "provider_id": one, "after": "2027-01-11T18:00:00Z" });
        assert_eq!(app.book(&first).await.json()["time"], "2027-01-11T18:00:00Z");
        assert_eq!(rows(&app).await, (1, 1));
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn nothing_is_held_past_its_own_beginning(engine) {
        let (app, [one]) = clinic(engine).await;
        app.clock.set("2027-01-11T14:50:00Z");
        let payload = hold(&app, json!({ "providerId": one, "startsAt": TEN, "minutes": 30 })).await;
        assert_eq!(payload["hold"]["expiresAt"], TEN, "{payload}");
        // Nor is a time held that begins at this moment.
        app.clock.set(ELEVEN);
        let first = hold(&app, json!({ "providerId": one })).await;
        assert_eq!(first["hold"]["slot"]["startsAt"], "2027-01-11T16:15:00Z", "{first}");
    }
}

on_both_engines! {
    async fn what_is_released_is_free_at_once_and_its_token_is_spent(engine) {
        let (app, [one]) = clinic(engine).await;
        let token = held(&app, &one, TEN).await;
        let released = release(&app, &token).await;
        assert_eq!((&released["error"], &released["hold"]["slot"]["startsAt"]), (&Value::Null, &json!(TEN)));
        assert_eq!(rows(&app).await, (0, 0));
        for spent in [token.as_str(), "clh_made_up", ""] {
            let again = release(&app, spent).await;
            assert_eq!((&again["hold"], &again["error"]["code"]), (&Value::Null, &json!("HOLD_EXPIRED")));
            assert_eq!(redeem(&app, 1, spent).await["error"]["code"], "HOLD_EXPIRED");
        }
        assert_eq!(app.book(&visit(1, &one, TEN)).await.status, 201);
    }
}
