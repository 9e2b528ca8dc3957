//! Taking what is offered.

use super::*;
use crate::support::{on_both_engines, stubbed};

on_both_engines! {
    async fn what_is_accepted_is_booked_whatever_is_against_its_time_by_then(engine) {
        let (app, [one]) = clinic(engine).await;
        let entry = joined(&app, waits(1, &one, TEN)).await;
        let hours = json!({ "providerId": one, "workingHours": [] });
        assert_eq!(change(&app, "setWorkingHours", "__typename", hours).await["error"], Value::Null);
        let taken = accept(&app, &entry).await;
        let visit = &taken["appointment"];
        assert_eq!((&taken["error"], &visit["status"]), (&Value::Null, &json!("CONFIRMED")), "{taken}");
        assert_eq!((&visit["startsAt"], &visit["provenance"]), (&json!(TEN), &json!("WAITLIST")));
        assert_eq!(visit["id"], entry["offers"][0]["id"]);
        let booked = now(&app, &entry).await;
        assert_eq!((&booked["status"], outcomes(&booked)), (&json!("BOOKED"), vec![&json!("ACCEPTED")]));
        assert_eq!(held(&app).await, 0);
        assert_eq!(accept(&app, &entry).await["error"]["code"], "HOLD_EXPIRED");
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn an_offer_is_accepted_once_however_many_ask_and_a_repeat_is_told_the_visit(engine) {
        let (app, [one]) = clinic(engine).await;
        let entry = joined(&app, waits(1, &one, TEN)).await;
        let all = futures_util::future::join_all((0..8).map(|_| accept(&app, &entry))).await;
        let booked = all.iter().filter(|answer| answer["error"].is_null()).count();
        let codes: Vec<&Value> = all.iter().map(|answer| &answer["error"]["code"]).collect();
        assert_eq!((booked, codes.iter().filter(|code| **code == "HOLD_EXPIRED").count()), (1, 7), "{codes:?}");
        let entry = joined(&app, waits(2, &one, ELEVEN)).await;
        let input = json!({ "id": entry["id"], "idempotencyKey": "k" });
        let first = change(&app, "acceptOffer", "appointment { id status }", input.clone()).await;
        assert_eq!(change(&app, "acceptOffer", "appointment { id status }", input).await, first);
        assert_eq!(first["appointment"]["status"], "CONFIRMED", "{first}");
        assert_eq!(app.ledger().await.len(), 2);
    }
}

on_both_engines! {
    async fn what_the_scheduling_service_refuses_lets_them_wait_again(engine) {
        let (stub, app) = stubbed(engine).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let entry = joined(&app, waits(1, &jane, TEN)).await;
        stub.once("POST", 409);
        let refused = accept(&app, &entry).await;
        assert_eq!((&refused["error"]["code"], &refused["appointment"]["status"]), (&json!("SCHEDULING_REFUSED"), &json!("FAILED")), "{refused}");
        let again = now(&app, &entry).await;
        assert_eq!((&again["status"], outcomes(&again)), (&json!("WAITING"), vec![&json!("REFUSED")]), "{again}");
        // For ten minutes that time is offered to nobody; then it is again.
        app.clock.set("2027-01-11T12:10:01Z");
        becomes(&app, &entry, "OFFERED").await;
        // And while nobody outside answers.
        stub.always(Some(503));
        let pending = accept(&app, &entry).await;
        assert_eq!((&pending["error"], &pending["appointment"]["status"]), (&Value::Null, &json!("PENDING")), "{pending}");
        let pending = now(&app, &entry).await;
        assert_eq!((&pending["status"], outcomes(&pending)), (&json!("OFFERED"), vec![&json!("REFUSED"), &json!("ACCEPTED")]));
        stub.always(None);
        app.let_time_settle().await;
        becomes(&app, &entry, "BOOKED").await;
    }
}

on_both_engines! {
    async fn instead_of_a_visit_it_is_that_visit_that_moves(engine) {
        let (app, [one, two]) = clinic(engine).await;
        let visit = book(&app, 1, &one, "2027-01-14T15:00:00Z").await.unwrap();
        let taken = book(&app, 9, &one, TEN).await.unwrap();
        let input = json!({ "insteadOf": visit, "providerId": one, "latest": TEN, "earliest": TEN });
        let entry = joined(&app, input.clone()).await;
        assert_eq!((&entry["status"], &entry["insteadOf"]["id"]), (&json!("WAITING"), &json!(visit)), "{entry}");
        assert_eq!(app.cancel(&taken).await.status, 200);
        becomes(&app, &entry, "OFFERED").await;
        let moved = accept(&app, &entry).await;
        let appointment = &moved["appointment"];
        assert_eq!((&moved["error"], &appointment["id"], &appointment["startsAt"]), (&Value::Null, &json!(visit), &json!(TEN)), "{moved}");
        becomes(&app, &entry, "BOOKED").await;
        assert_eq!(held(&app).await, 0);
        assert_eq!(book(&app, 2, &one, "2027-01-14T15:00:00Z").await.map(|_id| ()), Ok(()));
        // With somebody else, where anybody will do.
        let anybody = joined(&app, json!({ "insteadOf": visit, "earliest": "2027-01-11T14:00:00Z", "latest": "2027-01-11T14:00:00Z" })).await;
        assert_eq!(anybody["status"], "OFFERED", "{anybody}");
        let whose = anybody["offers"][0]["slot"]["provider"]["id"].as_str().unwrap().to_owned();
        let moved = accept(&app, &anybody).await;
        assert_eq!((&moved["error"], &moved["appointment"]["provider"]["id"]), (&Value::Null, &json!(whose)), "{moved}");
        assert!([one.as_str(), two.as_str()].contains(&whose.as_str()));
        becomes(&app, &anybody, "BOOKED").await;
        app.assert_agreement().await;
        // Once the visit is gone there is nothing to wait for.
        let again = joined(&app, json!({ "insteadOf": visit, "earliest": "2027-01-16T15:00:00Z", "latest": "2027-01-16T16:00:00Z" })).await;
        assert_eq!((&again["status"], app.cancel(&visit).await.status.as_u16()), (&json!("WAITING"), 200));
        becomes(&app, &again, "LEFT").await;
    }
}

on_both_engines! {
    async fn a_refusal_that_is_not_about_the_time_leaves_the_offer_open(engine) {
        let (app, [one, two]) = clinic(engine).await;
        let entry = joined(&app, waits(1, &one, TEN)).await;
        let visit = book(&app, 1, &two, TEN).await.unwrap();
        assert_eq!(accept(&app, &entry).await["error"]["code"], "PATIENT_DOUBLE_BOOKED");
        assert_eq!(now(&app, &entry).await["status"], "OFFERED");
        assert_eq!(app.cancel(&visit).await.status, 200);
        let licences = json!({ "providerId": one, "licences": [] });
        assert_eq!(change(&app, "setLicences", "__typename", licences).await["error"], Value::Null);
        assert_eq!(accept(&app, &entry).await["error"]["code"], "PROVIDER_NOT_ELIGIBLE");
        let licences = json!({ "providerId": one, "licences": [{ "state": "CT", "number": "CT-1" }] });
        assert_eq!(change(&app, "setLicences", "__typename", licences).await["error"], Value::Null);
        assert_eq!(accept(&app, &entry).await["error"], Value::Null);
    }
}

on_both_engines! {
    async fn who_was_merged_into_another_waits_as_that_other(engine) {
        let (app, [one]) = clinic(engine).await;
        let entry = joined(&app, waits(1, &one, TEN)).await;
        book(&app, 2, &one, ELEVEN).await.unwrap();
        let ids = app.graphql("query { patients { nodes { id email } } }", json!({})).await["data"]["patients"]["nodes"].clone();
        let email = patient(2, "CT", "Aetna")["email"].clone();
        let id = |is_kept: bool| {
            let nodes = ids.as_array().unwrap().iter();
            nodes.filter(|one| (one["email"] == email) == is_kept).map(|one| one["id"].clone()).next().unwrap()
        };
        let merge = json!({ "keepId": id(true), "mergeId": id(false) });
        assert_eq!(change(&app, "mergePatients", "patient { id }", merge).await["error"], Value::Null);
        assert_eq!(now(&app, &entry).await["patient"]["email"], email);
        let taken = accept(&app, &entry).await;
        assert_eq!((&taken["error"], &taken["appointment"]["patient"]["email"]), (&Value::Null, &email), "{taken}");
    }
}

on_both_engines! {
    async fn with_nobody_outside_what_is_accepted_is_booked_here(engine) {
        let builder = TestApp::builder(engine).roster(RosterBuilder::alike(1));
        let app = builder.setting("SCHEDULER_URL", "none").setting("WAITLIST_OFFER_MINUTES", "5").spawn().await;
        let [one] = providers(&app).await;
        let entry = joined(&app, waits(1, &one, TEN)).await;
        assert_eq!(entry["offers"][0]["expiresAt"], "2027-01-11T12:05:00Z");
        assert_eq!(accept(&app, &entry).await["appointment"]["status"], "CONFIRMED");
        assert_eq!(now(&app, &entry).await["status"], "BOOKED");
    }
}
