//! A feed has the rights of whoever made it, at the moment when it is read.

use reqwest::Method;
use serde_json::{Value, json};

use super::{booked, clinic, made_as, path_of, read, values};
use crate::support::{API_TOKEN, Answer, RosterBuilder, TestApp, on_both_engines};

fn code(payload: &Value) -> &str {
    payload["error"]["code"].as_str().unwrap_or_default()
}

/// Somebody with that role who has made a feed with patients: their id and the feed's path.
async fn with_a_feed(app: &TestApp, name: &str, role: &str, provider: &str) -> (String, String) {
    let bound = (role == "CLINICIAN").then_some(provider);
    let member = app.add_member(name, role, bound).await;
    app.accept(&member.invitation).await;
    let cookie = app.sign_in(&member).await;
    let query = "mutation ($input: CreateCalendarFeedInput!) { createCalendarFeed(input: $input) { url error { code } } }";
    let variables = json!({ "input": { "providerId": provider, "withPatients": true } });
    let request = app.by_own_page(Method::POST, "/graphql", &cookie);
    let answer =
        TestApp::send(request.json(&json!({ "query": query, "variables": variables }))).await;
    (member.id, path_of(&answer.json()["data"]["createCalendarFeed"]))
}

fn tells(answer: &Answer) -> bool {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(values(&answer.text, "UID").len(), 1, "{answer:?}");
    answer.text.contains("John Doe")
}

on_both_engines! {
    async fn each_role_has_the_feeds_that_the_table_says(engine) {
        let app = clinic(engine).await;
        let [one, other] = [app.provider_id_as(API_TOKEN, "Dr. 000").await, app.provider_id_as(API_TOKEN, "Dr. 001").await];
        booked(&app, &one, "John Doe", "2027-01-12T14:00:00Z").await;
        for (role, provider, with_patients, expected) in [
            ("ADMIN", &one, true, ""),
            ("SCHEDULER", &one, true, ""),
            ("CLINICIAN", &one, true, ""),
            ("CLINICIAN", &one, false, ""),
            ("CLINICIAN", &other, false, "FORBIDDEN"),
            ("CLINICIAN", &other, true, "FORBIDDEN"),
            ("AUDITOR", &one, true, "FORBIDDEN"),
            ("AUDITOR", &one, false, ""),
            ("VIEWER", &one, true, "FORBIDDEN"),
            ("VIEWER", &one, false, ""),
        ] {
            let (_, token) = app.make_token(role, (role == "CLINICIAN").then_some(one.as_str())).await;
            let made = made_as(&app, &token, provider, with_patients).await;
            assert_eq!(code(&made), expected, "{role} {with_patients}: {made}");
            if expected.is_empty() {
                assert_eq!(made["feed"]["tellsPatients"], with_patients);
                assert_eq!(tells(&read(&app, &path_of(&made)).await), with_patients, "{role}");
            }
        }
    }
}

on_both_engines! {
    async fn a_feed_tells_no_more_than_its_owner_may_see_by_now(engine) {
        let app = clinic(engine).await;
        let [one, other] = [app.provider_id_as(API_TOKEN, "Dr. 000").await, app.provider_id_as(API_TOKEN, "Dr. 001").await];
        booked(&app, &one, "John Doe", "2027-01-12T14:00:00Z").await;
        let change = async |input: Value| {
            let changed = app.administer("updatePerson", "person { id }", input).await;
            assert_eq!(changed["error"], Value::Null, "{changed}");
        };
        let shown = async |name: &str| {
            let query = "{ calendarFeeds { owner active withPatients tellsPatients } }";
            let feeds = app.graphql_as(API_TOKEN, query, json!({})).await["data"]["calendarFeeds"].clone();
            let feed = feeds.as_array().unwrap().iter().find(|feed| feed["owner"] == name).unwrap().clone();
            (feed["active"].as_bool().unwrap(), feed["withPatients"].as_bool().unwrap(), feed["tellsPatients"].as_bool().unwrap())
        };
        let (desk, feed) = with_a_feed(&app, "Ben Desk", "SCHEDULER", &one).await;
        assert!(tells(&read(&app, &feed).await));
        assert_eq!(shown("Ben Desk").await, (true, true, true));
        change(json!({ "id": desk, "role": "VIEWER" })).await;
        assert!(!tells(&read(&app, &feed).await));
        assert_eq!(shown("Ben Desk").await, (true, true, false));
        change(json!({ "id": desk, "role": "CLINICIAN", "providerId": other })).await;
        assert_eq!(read(&app, &feed).await.status, 404);
        assert_eq!(shown("Ben Desk").await, (false, true, false));
        change(json!({ "id": desk, "role": "CLINICIAN", "providerId": one })).await;
        assert!(tells(&read(&app, &feed).await));
        let gone = app.administer("disablePerson", "person { id }", json!({ "id": desk })).await;
        assert_eq!(gone["error"], Value::Null, "{gone}");
        assert_eq!(read(&app, &feed).await.problem(), (404, "NOT_FOUND".to_owned()));
        assert_eq!(shown("Ben Desk").await, (false, true, false));
    }
}

on_both_engines! {
    async fn a_feed_ends_with_the_token_that_made_it(engine) {
        let app = clinic(engine).await;
        let one = app.provider_id_as(API_TOKEN, "Dr. 000").await;
        let (id, token) = app.make_token("SCHEDULER", None).await;
        let input = json!({ "name": "short", "role": "SCHEDULER", "expiresAt": "2027-01-11T13:00:00Z" });
        let short = app.administer("createToken", "secret", input).await["secret"].as_str().unwrap().to_owned();
        let feeds = [path_of(&made_as(&app, &token, &one, false).await), path_of(&made_as(&app, &short, &one, false).await)];
        app.administer("revokeToken", "token { id }", json!({ "id": id })).await;
        assert_eq!(read(&app, &feeds[0]).await.status, 404);
        assert_eq!(read(&app, &feeds[1]).await.status, 200);
        app.clock.set("2027-01-11T13:00:00Z");
        assert_eq!(read(&app, &feeds[1]).await.status, 404);
    }
}

on_both_engines! {
    async fn what_everybody_made_ends_when_access_is_closed(engine) {
        let open = TestApp::builder(engine).roster(RosterBuilder::alike(1)).spawn().await;
        let provider = open.provider_id("Dr. 000").await;
        let query = "mutation ($input: CreateCalendarFeedInput!) { createCalendarFeed(input: $input) { url } }";
        let made = open.graphql(query, json!({ "input": { "providerId": provider, "withPatients": true } })).await;
        let path = path_of(&made["data"]["createCalendarFeed"]);
        assert_eq!(read(&open, &path).await.status, 200);
        let database = std::sync::Arc::clone(&open.database);
        open.stop().await;
        let closed = crate::support::closed(engine).spawn_on(database).await;
        assert_eq!(read(&closed, &path).await.status, 404);
        let kept = path_of(&made_as(&closed, API_TOKEN, &provider, false).await);
        assert_eq!(read(&closed, &kept).await.status, 200);
    }
}

on_both_engines! {
    async fn a_reading_that_tells_of_patients_is_written_down_as_its_owners(engine) {
        let app = clinic(engine).await;
        let one = app.provider_id_as(API_TOKEN, "Dr. 000").await;
        let visit = booked(&app, &one, "John Doe", "2027-01-12T14:00:00Z").await;
        let (desk, feed) = with_a_feed(&app, "Ben Desk", "SCHEDULER", &one).await;
        let without = path_of(&made_as(&app, API_TOKEN, &one, false).await);
        read(&app, &without).await;
        assert_eq!(app.audited("GET /calendar/{token}.ics").await.len(), 0);
        let tag = read(&app, &feed).await.header("etag").to_owned();
        // Who is told that nothing has changed is shown nobody.
        let again = TestApp::send(app.request(Method::GET, &feed).header("if-none-match", &tag)).await;
        assert_eq!(again.status, 304);
        let rows = app.audited("GET /calendar/{token}.ics").await;
        assert_eq!(rows.len(), 1);
        let entry = &rows[0].entry;
        assert_eq!((entry.actor.id.as_deref(), entry.actor.kind.as_ref()), (Some(desk.as_str()), "PERSON"));
        assert_eq!((entry.appointments[0].to_string(), entry.patients.len()), (visit, 1));
        assert!(entry.address.is_some() && entry.request_id.is_some(), "{entry:?}");
        // Where it can't be written down, nothing is told.
        app.database.execute("ALTER TABLE audit_event RENAME TO elsewhere").await.unwrap();
        let answer = read(&app, &feed).await;
        assert_eq!(answer.problem(), (503, "UNAVAILABLE".to_owned()));
        assert!(!answer.text.contains("John"), "{answer:?}");
        assert_eq!(read(&app, &without).await.status, 200);
    }
}
