//! Many who follow: what is made once for all who ask the same with the same rights, and never told to
//! anybody else; what all of them may cost; and who is too slow.

use std::collections::HashSet;

use clinic::access::Role;
use clinic::domain::audit::AuditKind;
use clinic::domain::{EventFilter, EventPosition, ProviderId};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{
    API_TOKEN, BEGINNING, Engine, RosterBuilder, Subscriber, TestApp, WebSocketClient, caller,
    closed, comes_true, in_time, on_both_engines, patient, provider, stream, with_jane,
};

const TEN: &str = "2027-01-11T15:00:00Z";
const ELEVEN: &str = "2027-01-11T16:00:00Z";
const FOLLOW: &str = "subscription ($after: String, $named: Boolean = true) {
    appointmentChanged(after: $after) { cursor kind appointmentId appointment {
        id reason provider { name } patient @include(if: $named) { name email } } } }";

/// Somebody who follows over a socket of their own, as whoever bears that token.
async fn follower(app: &TestApp, token: Option<&str>, variables: Value) -> WebSocketClient {
    let bearer = format!("Bearer {}", token.unwrap_or_default());
    let headers =
        [("sec-websocket-protocol", "graphql-transport-ws"), ("authorization", bearer.as_str())];
    let headers = if token.is_some() { &headers[..] } else { &headers[..1] };
    let mut client = WebSocketClient::connect(&app.url, headers).await.unwrap();
    client.say(&json!({ "type": "connection_init" })).await;
    assert_eq!(client.hear().await, Ok(json!({ "type": "connection_ack" })));
    subscribe(&mut client, "1", FOLLOW, variables).await;
    client
}

async fn subscribe(client: &mut WebSocketClient, id: &str, query: &str, variables: Value) {
    let payload = json!({ "query": query, "variables": variables });
    client.say(&json!({ "type": "subscribe", "id": id, "payload": payload })).await;
}

/// The next answer.
async fn answer(client: &mut WebSocketClient) -> Value {
    let message = client.hear().await.unwrap();
    assert_eq!(message["type"], "next", "{message}");
    message["payload"].clone()
}

async fn answers(client: &mut WebSocketClient, count: usize) -> Vec<Value> {
    let mut heard = Vec::with_capacity(count);
    while heard.len() < count {
        heard.push(answer(client).await);
    }
    heard
}

fn cursors(answers: &[Value]) -> Vec<&str> {
    let events = answers.iter().map(|answer| &answer["data"]["appointmentChanged"]);
    events.map(|event| event["cursor"].as_str().unwrap()).collect()
}

fn beginning() -> Value {
    json!({ "after": BEGINNING })
}

on_both_engines! {
    async fn an_event_costs_thirty_who_ask_the_same_as_much_as_one(engine) {
        let mut costs = Vec::new();
        for count in [1, 30] {
            let app = TestApp::spawn(engine).await;
            let opening = (0..count).map(|_| follower(&app, None, beginning()));
            let mut followers = join_all(opening).await;
            // All have begun when they have been told something.
            assert_eq!(app.book(&with_jane(0, ELEVEN)).await.status, 201);
            join_all(followers.iter_mut().map(|one| answers(one, 2))).await;
            let telling = async {
                assert_eq!(app.book(&with_jane(1, TEN)).await.status, 201);
                for told in join_all(followers.iter_mut().map(|one| answers(one, 2))).await {
                    assert_eq!(told[1]["data"]["appointmentChanged"]["kind"], "CONFIRMED");
                    assert_eq!(told[1]["data"]["appointmentChanged"]["appointment"]["patient"]["name"], "Patient 1");
                }
            };
            let ((), sent) = app.statements(telling).await;
            costs.push(sent.names().iter().filter(|name| *name == "SELECT patient").count());
            // Each is named all the same.
            let mut rows = app.audited("subscription appointmentChanged").await;
            rows.retain(|row| row.entry.kind == AuditKind::LiveEvent);
            let lines = rows.iter().flat_map(|row| row.entry.recipients.lines());
            assert_eq!(lines.clone().count(), 4 * count, "four events, each told to all");
            assert_eq!(lines.collect::<HashSet<_>>().len(), count, "each under the name of its request");
        }
        assert_eq!(costs[0], costs[1], "reads of patients");
    }
}

on_both_engines! {
    async fn nobody_is_told_the_answer_of_another(engine) {
        let works = |name| provider(name).licensed("CT").takes("Aetna");
        let roster = RosterBuilder::default().with(works("Dr. Jane Doe")).with(works("Dr. John Smith"));
        let app = closed(engine).roster(roster).spawn().await;
        let id = |name| app.provider_id_as(API_TOKEN, name);
        let (jane, john) = (id("Dr. Jane Doe").await, id("Dr. John Smith").await);
        let roles = [
            (Role::Admin, None), (Role::Scheduler, None), (Role::Clinician, Some(&jane)), (Role::Clinician, Some(&john)),
            (Role::Auditor, None), (Role::Viewer, None),
        ];
        let mut followers = Vec::new();
        // Two of each, and each of them once with and once without the patients.
        for (role, own) in roles.iter().chain(&roles) {
            let (_, secret) = app.make_token(role.as_str(), own.map(String::as_str)).await;
            for named in [true, false] {
                let variables = json!({ "after": BEGINNING, "named": named });
                followers.push((*role, *own, named, follower(&app, Some(&secret), variables).await));
            }
        }
        for (number, whom) in [&jane, &john, &jane].into_iter().enumerate() {
            let time = format!("2027-01-11T{}:00:00Z", 15 + number);
            let body = json!({ "patient": patient(number, "CT", "Aetna"), "provider_id": whom, "time": time, "reason": "a cough" });
            let request = app.request(reqwest::Method::POST, "/appointment").bearer_auth(API_TOKEN);
            let booked = TestApp::send(request.json(&body)).await;
            assert_eq!(booked.status, 201, "{booked:?}");
        }
        for (role, whose, named, client) in &mut followers {
            let own: Option<ProviderId> = whose.map(|id| id.parse().unwrap());
            let count = match (&role, &whose) {
                (Role::Clinician, Some(own)) if **own == john => 2,
                (Role::Clinician, Some(_)) => 4,
                _ => 6,
            };
            let told = answers(client, count).await;
            // As it is told to such a one with nobody else there.
            let query = FOLLOW
                .replace("($after: String, $named: Boolean = true)", "")
                .replace("$after", &format!("\"{BEGINNING}\""))
                .replace("$named", &named.to_string());
            let alone = app.follow_as(&caller(*role, own), &query).take(count);
            let alone: Vec<Value> = in_time(alone.collect()).await;
            // Where it stands in the document is where the document has it.
            assert_eq!(without_places(&told), without_places(&alone), "{role:?} {whose:?} {named}");
            let text = json!(told).to_string();
            let sees = matches!(role, Role::Admin | Role::Scheduler | Role::Clinician);
            assert_eq!(text.contains("Patient "), sees && *named, "{role:?} {whose:?}: {text}");
            assert_eq!(text.contains("a cough"), sees, "{role:?} {whose:?}: {text}");
        }
    }
}

fn without_places(answers: &[Value]) -> Vec<Value> {
    let mut answers = answers.to_vec();
    for answer in &mut answers {
        for error in answer["errors"].as_array_mut().into_iter().flatten() {
            error.as_object_mut().unwrap().remove("locations");
        }
    }
    answers
}

on_both_engines! {
    async fn who_begins_later_is_told_nothing_older_than_what_they_have_read(engine) {
        let app = TestApp::spawn(engine).await;
        let mut early = [follower(&app, None, beginning()).await, follower(&app, None, beginning()).await];
        assert_eq!(app.book(&with_jane(1, TEN)).await.status, 201);
        for one in &mut early {
            assert_eq!(answers(one, 2).await.len(), 2);
        }
        // No event tells of it.
        assert_eq!(app.database.execute("UPDATE patient SET name = 'Another Name'").await, Ok(1));
        let mut late = follower(&app, None, beginning()).await;
        for told in answers(&mut late, 2).await {
            let appointment = &told["data"]["appointmentChanged"]["appointment"];
            assert_eq!(appointment["patient"]["name"], "Another Name", "{told}");
        }
    }
}

impl TestApp {
    /// So many visits with the three providers, that are then given reasons of these lengths one after the
    /// other: each an event.
    async fn visits_with_reasons(&self, count: u32, lengths: impl IntoIterator<Item = u32>) {
        self.a_patient_for_each_provider().await;
        self.appointments_for_each(count / 3, "n * 30", "n * 30 + 30", "TRUE").await;
        for length in lengths {
            let reason = "x".repeat(usize::try_from(length).unwrap());
            let sql = format!("UPDATE appointment SET reason = '{reason}'");
            assert_eq!(self.database.execute(&sql).await, Ok(u64::from(count)));
        }
    }
}

on_both_engines! {
    async fn who_reads_nothing_for_three_thousand_events_is_told_them_all_once_and_in_order(engine) {
        const EVENTS: usize = 3000;
        let app = TestApp::spawn(engine).await;
        app.visits_with_reasons(1500, [100]).await;
        let variables = json!({ "after": BEGINNING, "named": false });
        let mut slow = follower(&app, None, variables.clone()).await;
        let mut quick = follower(&app, None, variables).await;
        let mut told = answers(&mut quick, EVENTS).await;
        assert_eq!(app.book(&with_jane(1, "2027-03-01T15:00:00Z")).await.status, 201);
        told.extend(answers(&mut quick, 2).await);
        let late = answers(&mut slow, EVENTS + 2).await;
        assert!(cursors(&told).is_sorted_by(|a, b| a < b));
        assert!(cursors(&late) == cursors(&told), "the slow one was told something else");
        assert_eq!(late.last(), told.last());
    }
}

on_both_engines! {
    async fn who_is_further_behind_than_is_kept_goes_on_in_the_log(engine) {
        const VISITS: u32 = 900;
        // More than is kept.
        const EVENTS: usize = 9000;
        let app = TestApp::spawn(engine).await;
        let changes = &app.services.changes;
        let actor = caller(Role::Admin, None);
        let follow = || changes.follow(&actor, EventPosition(0), EventFilter::default());
        let (mut slow, mut quick) = (follow(), follow());
        // From here on both hear what is told.
        assert!(slow.take().await.is_none() && quick.take().await.is_none());
        app.visits_with_reasons(VISITS, 1..10).await;
        let mut heard = Vec::new();
        while heard.len() < EVENTS {
            assert!(in_time(quick.wait()).await);
            while let Some(news) = quick.take().await {
                heard.push(news.event.position);
            }
        }
        let mut late = Vec::new();
        while late.len() < heard.len() {
            assert!(in_time(slow.wait()).await);
            late.extend(slow.take().await.map(|news| news.event.position));
        }
        assert!(late.is_sorted_by(|a, b| a < b));
        assert!(late == heard, "the slow one was told something else");
    }
}

/// The code that an operation is refused with.
async fn refused(client: &mut WebSocketClient, id: &str) -> String {
    let message = client.hear().await.unwrap();
    assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!(id)), "{message}");
    message["payload"][0]["extensions"]["code"].as_str().unwrap().to_owned()
}

/// Costs 2: the event and a little for its values.
const CHEAP: &str =
    r#"subscription { appointmentChanged(after: "evt_000000000000") { cursor kind at } }"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_subscriptions_together_cost_no_more_than_is_set() {
    let app = TestApp::builder(Engine::Sqlite).setting("LIVE_MAX_COST", "5").spawn().await;
    let mut one = WebSocketClient::open(&app).await;
    let mut other = WebSocketClient::open(&app).await;
    for client in [&mut one, &mut other] {
        client.say(&json!({ "type": "connection_init" })).await;
        assert_eq!(client.hear().await, Ok(json!({ "type": "connection_ack" })));
    }
    for id in ["a", "b"] {
        subscribe(&mut one, id, CHEAP, json!({})).await;
    }
    assert_eq!(app.book(&with_jane(1, TEN)).await.status, 201);
    answers(&mut one, 4).await;
    subscribe(&mut other, "c", CHEAP, json!({})).await;
    assert_eq!(refused(&mut other, "c").await, "UNAVAILABLE");
    let streamed = stream(&app, "text/event-stream", CHEAP).await.text().await.unwrap();
    assert!(streamed.contains("UNAVAILABLE") && streamed.contains("event: complete"), "{streamed}");
    // What is asked once costs nothing of it.
    subscribe(&mut other, "q", "{ providers(first: 1) { nodes { name } } }", json!({})).await;
    assert_eq!(answer(&mut other).await["errors"], Value::Null);
    assert_eq!(other.hear().await, Ok(json!({ "type": "complete", "id": "q" })));
    one.say(&json!({ "type": "complete", "id": "a" })).await;
    let beginning =
        format!("subscription {{ appointmentChanged(after: \"{BEGINNING}\") {{ kind }} }}");
    let admitted = async || {
        subscribe(&mut other, "d", &beginning, json!({})).await;
        other.hear().await.unwrap()["type"] == "next"
    };
    assert!(comes_true(admitted).await, "there is room again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_subscriptions_of_one_connection_cost_no_more_than_one_operation_may() {
    let app = TestApp::builder(Engine::Sqlite).setting("GRAPHQL_MAX_COST", "100").spawn().await;
    let costly = "subscription { appointmentChanged { appointment { patient {
        appointments(first: 30) { nodes { patient { name } } } } } } }";
    let mut greedy = WebSocketClient::open(&app).await;
    greedy.say(&json!({ "type": "connection_init" })).await;
    assert_eq!(greedy.hear().await, Ok(json!({ "type": "connection_ack" })));
    for id in ["a", "b"] {
        subscribe(&mut greedy, id, costly, json!({})).await;
    }
    let message = greedy.hear().await.unwrap();
    assert_eq!(message["type"], "error", "{message}");
    assert_eq!(message["payload"][0]["extensions"]["code"], "QUERY_TOO_COMPLEX");
    let mut others = Subscriber::after(&app, BEGINNING, "").await;
    assert_eq!(app.book(&with_jane(1, TEN)).await.status, 201);
    assert_eq!(others.event().await["kind"], "BOOKED");
}

on_both_engines! {
    async fn of_the_roster_too_the_same_is_told_to_all_who_ask_the_same(engine) {
        const QUERY: &str = "subscription { rosterChanged(after: \"rst_000000000000\") { cursor kind provider { name } } }";
        let app = TestApp::spawn(engine).await;
        let log = app.graphql("{ rosterEvents(first: 100) { nodes { cursor kind provider { name } } } }", json!({})).await;
        let log = log["data"]["rosterEvents"]["nodes"].as_array().unwrap().clone();
        assert!(log.len() > 1, "{log:?}");
        for _follower in 0..3 {
            let mut client = WebSocketClient::open(&app).await;
            client.say(&json!({ "type": "connection_init" })).await;
            assert_eq!(client.hear().await, Ok(json!({ "type": "connection_ack" })));
            subscribe(&mut client, "1", QUERY, json!({})).await;
            for event in &log {
                assert_eq!(&answer(&mut client).await["data"]["rosterChanged"], event);
            }
        }
    }
}
