//! Joining the waitlist, and leaving it.

use clinic::access::Role;

use super::*;
use crate::support::{caller, on_both_engines};

on_both_engines! {
    async fn what_is_free_is_offered_at_once_and_nobody_else_has_it(engine) {
        let (app, [one]) = clinic(engine).await;
        let entry = joined(&app, waits(1, &one, TEN)).await;
        assert_eq!((&entry["status"], &entry["version"]), (&json!("OFFERED"), &json!(2)), "{entry}");
        let offer = &entry["offers"][0];
        assert_eq!((&offer["slot"]["startsAt"], &offer["outcome"]), (&json!(TEN), &Value::Null));
        assert_eq!(offer["slot"]["patientLocalStartsAt"], "2027-01-11T10:00:00-05:00");
        assert_eq!((&offer["offeredAt"], &offer["expiresAt"]), (&json!("2027-01-11T12:00:00Z"), &json!("2027-01-11T12:30:00Z")));
        assert_eq!(now(&app, &entry).await, entry);
        assert_eq!(book(&app, 2, &one, TEN).await, Err("SLOT_HELD".to_owned()));
        // Which is a hold that nobody has a token of.
        assert_eq!((held(&app).await, app.database.number("SELECT count(*) FROM hold").await), (1, 0));
        // What was not said is told as it is meant.
        let open = joined(&app, json!({ "patient": patient(3, "CT", "Aetna") })).await;
        assert_eq!((&open["provider"], &open["durationMinutes"]), (&Value::Null, &json!(30)));
        assert_eq!((&open["localFrom"], &open["localUntil"]), (&json!("00:00"), &json!("24:00")));
        assert_eq!(open["weekdays"].as_array().unwrap().len(), 7);
        assert_eq!((&open["earliest"], &open["latest"]), (&json!("2027-01-11T12:00:00Z"), &json!("2027-04-11T12:00:00Z")));
        assert_eq!(open["status"], "OFFERED");
    }
}

on_both_engines! {
    async fn a_window_that_can_never_fit_is_refused_with_why(engine) {
        let (app, [one]) = clinic(engine).await;
        let wrong = [
            (json!({ "latest": "2027-01-10T15:00:00Z" }), "latest"),
            (json!({ "earliest": "2027-01-13T15:00:00Z", "latest": "2027-01-12T15:00:00Z" }), "latest"),
            (json!({ "weekdays": [] }), "weekdays"),
            (json!({ "weekdays": ["TUESDAY"], "latest": "2027-01-11T23:00:00Z" }), "weekdays"),
            (json!({ "localFrom": "12:00", "localUntil": "09:00" }), "localUntil"),
            (json!({ "localFrom": "9", "localUntil": "24:30" }), "localFrom"),
            (json!({ "localUntil": "07:00" }), "localFrom"),
            (json!({ "durationMinutes": 3 }), "durationMinutes"),
        ];
        for (wish, field) in wrong {
            let mut input = json!({ "patient": patient(1, "CT", "Aetna"), "providerId": one });
            for (name, value) in wish.as_object().unwrap() {
                input[name] = value.clone();
            }
            let error = join(&app, input).await["error"].clone();
            assert_eq!((&error["code"], &error["violations"][0]["field"]), (&json!("INVALID_INPUT"), &json!(field)), "{wish}: {error}");
            assert!(error["violations"][0]["message"].as_str().unwrap().starts_with("must"), "{error}");
        }
        let nobody = json!({ "patient": patient(1, "WY", "Aetna") });
        assert_eq!(join(&app, nobody).await["error"]["code"], "NO_MATCHING_PROVIDER");
        let unknown = json!({ "patient": patient(1, "CT", "Nope") });
        assert_eq!(join(&app, unknown).await["error"]["code"], "UNKNOWN_INSURANCE");
        let both = json!({ "patient": patient(1, "CT", "Aetna"), "insteadOf": "apt_00000000000000000000000000" });
        assert_eq!(join(&app, both).await["error"]["violations"][0]["field"], "patient");
        let none = json!({ "insteadOf": "apt_00000000000000000000000000" });
        assert_eq!(join(&app, none).await["error"]["code"], "NOT_FOUND");
        assert_eq!(join(&app, json!({})).await["error"]["violations"][0]["field"], "patient");
        let count = app.database.number("SELECT count(*) FROM waitlist_entry").await;
        assert_eq!((count, held(&app).await), (0, 0));
    }
}

on_both_engines! {
    async fn a_repeat_is_told_the_same_entry_and_another_request_under_the_key_is_refused(engine) {
        let (app, [one]) = clinic(engine).await;
        let mut input = waits(1, &one, TEN);
        input["idempotencyKey"] = json!("k");
        let entry = joined(&app, input.clone()).await;
        assert_eq!(joined(&app, input.clone()).await, entry);
        input["localUntil"] = json!("18:00");
        assert_eq!(join(&app, input).await["error"]["code"], "IDEMPOTENCY_KEY_REUSED");
        assert_eq!(app.database.number("SELECT count(*) FROM waitlist_entry").await, 1);
        let left = json!({ "id": entry["id"], "idempotencyKey": "l", "expectedVersion": 2 });
        for _ in 0..2 {
            let left = change(&app, "leaveWaitlist", "entry { status version }", left.clone()).await;
            assert_eq!(left["entry"], json!({ "status": "LEFT", "version": 3 }), "{left}");
        }
        let stale = change(&app, "leaveWaitlist", "entry { id }", json!({ "id": entry["id"], "expectedVersion": 2 })).await;
        assert_eq!((&stale["error"]["code"], &stale["error"]["currentVersion"]), (&json!("VERSION_CONFLICT"), &json!(3)));
    }
}

on_both_engines! {
    async fn who_leaves_frees_what_was_offered_and_waits_no_more(engine) {
        let (app, [one]) = clinic(engine).await;
        let entry = joined(&app, waits(1, &one, TEN)).await;
        let next = joined(&app, waits(2, &one, TEN)).await;
        assert_eq!(next["status"], "WAITING");
        let left = leave(&app, &entry).await["entry"].clone();
        assert_eq!((&left["status"], outcomes(&left)), (&json!("LEFT"), vec![&json!("DECLINED")]), "{left}");
        becomes(&app, &next, "OFFERED").await;
        // Once is enough.
        assert_eq!(leave(&app, &entry).await["entry"], left);
        assert_eq!(accept(&app, &entry).await["error"]["code"], "HOLD_EXPIRED");
    }
}

on_both_engines! {
    async fn a_clinician_puts_patients_on_their_own_list_and_others_see_no_patient(engine) {
        let (app, [one, two]) = clinic(engine).await;
        let clinician = caller(Role::Clinician, one.parse().ok());
        let document = "mutation ($input: JoinWaitlistInput!) { joinWaitlist(input: $input) { entry { id provider { id } } error { code } } }";
        let join_as = async |input: Value| {
            app.ask_as(&clinician, document, json!({ "input": input })).await["data"]["joinWaitlist"].clone()
        };
        assert_eq!(join_as(waits(1, &two, TEN)).await["error"]["code"], "FORBIDDEN");
        let own = join_as(json!({ "patient": patient(1, "CT", "Aetna"), "latest": ELEVEN })).await["entry"].clone();
        assert_eq!(own["provider"]["id"], json!(one));
        let other = joined(&app, waits(2, &two, TEN)).await;
        let list = "query { waitlistEntries { totalCount nodes { id } } }";
        let seen = app.ask_as(&clinician, list, json!({})).await["data"]["waitlistEntries"].clone();
        assert_eq!(seen, json!({ "totalCount": 1, "nodes": [{ "id": own["id"] }] }));
        let decline = "mutation ($id: ID!) { declineOffer(input: { id: $id }) { error { code } } }";
        let answer = app.ask_as(&clinician, decline, json!({ "id": other["id"] })).await;
        assert_eq!(answer["data"]["declineOffer"]["error"]["code"], "NOT_FOUND", "{answer}");
        for role in [Role::Viewer, Role::Auditor] {
            let reader = caller(role, None);
            let answer = app.ask_as(&reader, "query { waitlistEntries { nodes { id offers { expiresAt } } } }", json!({})).await;
            assert_eq!(answer["data"]["waitlistEntries"]["nodes"].as_array().unwrap().len(), 2, "{answer}");
            let answer = app.ask_as(&reader, "query { waitlistEntries { nodes { patient { id } } } }", json!({})).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
            let answer = app.ask_as(&reader, decline, json!({ "id": other["id"] })).await;
            assert_eq!(answer["data"]["declineOffer"]["error"]["code"], "FORBIDDEN", "{answer}");
        }
    }
}
