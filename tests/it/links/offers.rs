//! An offer of the waitlist, by the token of the mail.

use clinic::db::{Ending, StoreError, Tx, patients, waitlist};
use clinic::domain::LinkTarget;
use serde_json::{Value, json};

use super::{booked, builder, clinic, get, history, led, post, visit as visit_of};
use crate::support::{API_TOKEN, TestApp, on_both_engines, patient};

/// 10:00 in New York, three hours from now.
const TEN: &str = "2027-01-11T15:00:00Z";
const ELEVEN: &str = "2027-01-11T16:00:00Z";
pub(super) const ENTRY: &str = "entry { id status version offers { id outcome } }";

/// A patient of that number, who is offered that time at once.
pub(super) async fn waiting(app: &TestApp, number: usize, start: &str) -> Value {
    let provider = app.provider_id_as(API_TOKEN, "Dr. 000").await;
    let input = json!({ "patient": patient(number, "CT", "Aetna"), "providerId": provider, "earliest": start, "latest": start });
    let joined = app.administer("joinWaitlist", ENTRY, input).await;
    assert_eq!(joined["error"], Value::Null, "{joined}");
    joined["entry"].clone()
}

/// The path of a new link to the offer that an entry has, as a mail has it.
pub(super) async fn path_to(app: &TestApp, entry: &Value) -> String {
    let id = entry["id"].as_str().unwrap().parse().unwrap();
    let entry = waitlist::find(app.db.read(), id).await.unwrap().unwrap();
    let patient = patients::find(app.db.read(), entry.patient_id).await.unwrap().unwrap();
    let (links, patient) = (&app.services.links, &patient);
    let target = LinkTarget::Offer(entry.open_offer().unwrap().id);
    let work = |tx: Tx| async move {
        Ok::<_, StoreError>(Ending::Commit(links.make_one(&tx, target, patient).await?))
    };
    app.db.transaction("visit_link", work).await.unwrap().path().to_owned()
}

async fn now(app: &TestApp, entry: &Value) -> Value {
    let query =
        "query ($id: ID!) { node(id: $id) { ... on WaitlistEntry { status offers { outcome } } } }";
    app.graphql_as(API_TOKEN, query, json!({ "id": entry["id"] })).await["data"]["node"].clone()
}

on_both_engines! {
    async fn a_time_that_is_offered_is_taken_and_leads_to_the_visit(engine) {
        let app = clinic(engine).await;
        let entry = waiting(&app, 1, TEN).await;
        let path = path_to(&app, &entry).await;
        let page = get(&app, &path).await;
        assert_eq!(page.status, 200, "{page:?}");
        for text in ["A time is free for you", "10:00 AM to 10:30 AM", "Dr. 000", "until <strong>Monday, January 11, 2027 at 7:30 AM, Eastern Time (America/New_York)</strong>"] {
            assert!(page.text.contains(text), "{text}: {}", page.text);
        }
        assert!(!page.text.contains("Patient 1") && !page.text.contains("example.com"), "{}", page.text);
        let page = led(&app, &format!("{path}/accept"), "").await;
        assert!(page.contains("The time is yours.") && page.contains("Confirmed") && page.contains("/cancel\""), "{page}");
        assert_eq!(now(&app, &entry).await["status"], "BOOKED");
        let id = entry["offers"][0]["id"].as_str().unwrap().replace("off_", "apt_");
        assert_eq!(history(&app, &id).await[0].1, "PATIENT_LINK");
        assert_eq!(get(&app, &path).await.status, 404, "it is answered");
        // Pressed twice.
        assert!(led(&app, &format!("{path}/accept"), "").await.contains("Confirmed"));
        assert_eq!(post(&app, &format!("{path}/decline"), "").await.status, 404);
    }
}

on_both_engines! {
    async fn a_time_that_is_turned_down_goes_to_the_next(engine) {
        let app = clinic(engine).await;
        let entry = waiting(&app, 1, TEN).await;
        let path = path_to(&app, &entry).await;
        assert!(led(&app, &format!("{path}/decline"), "").await.contains("You stay on the waitlist."));
        assert_eq!(now(&app, &entry).await, json!({ "status": "WAITING", "offers": [{ "outcome": "DECLINED" }] }));
        assert_eq!(get(&app, &path).await.status, 404);
        assert_eq!(post(&app, &format!("{path}/decline"), "").await.status, 303, "pressed twice");
        assert_eq!(post(&app, &format!("{path}/accept"), "").await.status, 404);
        let rows = app.audited("declineOffer").await;
        assert!(!rows.is_empty() && rows.iter().all(|row| row.entry.actor.kind == "PATIENT_LINK"), "{rows:?}");
    }
}

on_both_engines! {
    async fn what_has_lapsed_opens_nothing_by_any_door(engine) {
        let app = clinic(engine).await;
        let entry = waiting(&app, 1, TEN).await;
        let path = path_to(&app, &entry).await;
        app.clock.set("2027-01-11T12:30:00Z");
        for answer in [get(&app, &path).await, post(&app, &format!("{path}/accept"), "").await, post(&app, &format!("{path}/decline"), "").await] {
            assert_eq!((answer.status.as_u16(), answer.text.contains("This link opens nothing")), (404, true), "{answer:?}");
        }
        let token = path.replace("/offer/", "");
        let payload = app.administer("acceptOffer", "appointment { id }", json!({ "token": token })).await;
        assert_eq!(payload["error"]["code"], "HOLD_EXPIRED", "{payload}");
    }
}

on_both_engines! {
    async fn whoever_books_takes_an_offer_by_its_token(engine) {
        let app = clinic(engine).await;
        let (one, other) = (waiting(&app, 1, TEN).await, waiting(&app, 2, ELEVEN).await);
        let token = async |entry: &Value| path_to(&app, entry).await.replace("/offer/", "");
        let input = json!({ "token": token(&one).await, "idempotencyKey": "once" });
        for _ in 0..2 {
            let payload = app.administer("acceptOffer", "appointment { status }", input.clone()).await;
            assert_eq!((&payload["error"], &payload["appointment"]["status"]), (&Value::Null, &json!("CONFIRMED")), "{payload}");
        }
        let declined = app.administer("declineOffer", ENTRY, json!({ "token": token(&other).await })).await;
        assert_eq!(declined["entry"]["status"], "WAITING", "{declined}");
    }
}

on_both_engines! {
    async fn an_offer_is_named_by_one_thing_and_a_wrong_token_is_as_a_lapsed_one(engine) {
        let app = clinic(engine).await;
        let entry = waiting(&app, 1, TEN).await;
        let token = path_to(&app, &entry).await.replace("/offer/", "");
        let (most, last) = token.split_at(token.len() - 1);
        let other = format!("{most}{}", if last == "0" { "1" } else { "0" });
        for operation in ["acceptOffer", "declineOffer"] {
            for (input, field) in [(json!({}), "id"), (json!({ "id": entry["id"], "token": token }), "token")] {
                let refused = app.administer(operation, "__typename", input).await;
                assert_eq!((&refused["error"]["code"], &refused["error"]["violations"][0]["field"]), (&json!("INVALID_INPUT"), &json!(field)), "{refused}");
            }
            for wrong in ["", "clv_", &token.replace("clv_", "clv_0"), &other] {
                let refused = app.administer(operation, "__typename", json!({ "token": wrong })).await;
                assert_eq!(refused["error"]["code"], "HOLD_EXPIRED", "{wrong} {refused}");
            }
            let (_, viewer) = app.make_token("VIEWER", None).await;
            let refused = app.administer_as(&viewer, operation, "__typename", json!({ "token": token })).await;
            assert_eq!(refused["error"]["code"], "FORBIDDEN", "{refused}");
        }
        assert_eq!(now(&app, &entry).await["status"], "OFFERED");
    }
}

on_both_engines! {
    async fn a_token_is_of_the_offer_that_it_was_made_for(engine) {
        let app = builder(engine).spawn().await;
        let entry = waiting(&app, 1, TEN).await;
        let path = path_to(&app, &entry).await;
        let sql = "UPDATE patient SET email = 'other@example.com', email_key = 'other@example.com'";
        app.database.execute(sql).await.unwrap();
        assert_eq!(get(&app, &path).await.status, 404, "another address");
        assert_eq!(get(&app, &path_to(&app, &entry).await).await.status, 200);
    }
}

on_both_engines! {
    async fn what_is_against_it_is_told_and_the_offer_stays(engine) {
        let app = clinic(engine).await;
        let entry = waiting(&app, 1, TEN).await;
        let path = path_to(&app, &entry).await;
        let provider = app.provider_id_as(API_TOKEN, "Dr. 000").await;
        let licences = json!({ "providerId": provider, "licences": [{ "state": "NY", "number": "NY-1" }] });
        assert_eq!(app.administer("setLicences", "__typename", licences).await["error"], Value::Null);
        let answer = post(&app, &format!("{path}/accept"), "").await;
        assert_eq!(answer.status, 409, "{answer:?}");
        assert!(answer.text.contains("That could not be done here. Ask the clinic.") && answer.text.contains("Take this time"), "{answer:?}");
        assert_eq!(now(&app, &entry).await["status"], "OFFERED");
    }
}

on_both_engines! {
    async fn a_visit_moves_to_what_is_offered_instead(engine) {
        let app = clinic(engine).await;
        let visit = booked(&app, "2027-01-11T18:00:00Z").await;
        let input = json!({ "insteadOf": visit, "earliest": TEN, "latest": TEN });
        let entry = app.administer("joinWaitlist", ENTRY, input).await["entry"].clone();
        let path = path_to(&app, &entry).await;
        let page = get(&app, &path).await.text;
        assert!(page.contains("Your visit of Monday, January 11, 2027 at 1:00 PM would move to this time."), "{page}");
        let page = led(&app, &format!("{path}/accept"), "").await;
        assert!(page.contains("10:00 AM to 10:30 AM"), "{page}");
        assert_eq!(visit_of(&app, &visit).await["time"], TEN);
    }
}

on_both_engines! {
    async fn what_is_sent_twice_at_once_is_answered_alike(engine) {
        let app = clinic(engine).await;
        for number in 1..=6 {
            let start = format!("2027-01-11T{}:00:00Z", 14 + number);
            let entry = waiting(&app, number, &start).await;
            let path = path_to(&app, &entry).await;
            let act = if number % 2 == 0 { "decline" } else { "accept" };
            let path = format!("{path}/{act}");
            let (one, other) = tokio::join!(post(&app, &path, ""), post(&app, &path, ""));
            for answer in [one, other] {
                assert_eq!((answer.status.as_u16(), answer.text.as_str()), (303, ""), "{act} {answer:?}");
                assert_eq!(get(&app, answer.header("location")).await.status, 200, "{act}");
            }
        }
    }
}

on_both_engines! {
    async fn what_the_outside_refuses_is_offered_no_more(engine) {
        let app = clinic(engine).await;
        let entry = waiting(&app, 1, TEN).await;
        let path = path_to(&app, &entry).await;
        app.faults(&json!({ "refuse_rate": 1.0 })).await;
        let answer = post(&app, &format!("{path}/accept"), "").await;
        assert_eq!(answer.status, 409, "{answer:?}");
        assert!(answer.text.contains("The clinic could not confirm that time.") && answer.text.contains("A time was free for you"), "{answer:?}");
        assert!(!answer.text.contains("It is kept for you") && !answer.text.contains("<form"), "{answer:?}");
        app.faults(&json!({})).await;
    }
}
