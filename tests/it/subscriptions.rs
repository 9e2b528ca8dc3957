//! Live updates: every event once and in order, whoever made it and whatever happens on the way.

use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::support::{
    BEGINNING, Engine, RosterBuilder, Subscriber, TestApp, id_of, on_both_engines, patient,
    provider, with_jane,
};

const TEN: &str = "2027-01-11T15:00:00Z";
const ELEVEN: &str = "2027-01-11T16:00:00Z";
const NOON: &str = "2027-01-11T17:00:00Z";

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["kind"].as_str().unwrap()).collect()
}

fn cursor(event: &Value) -> String {
    event["cursor"].as_str().unwrap().to_owned()
}

/// The whole log, read page by page.
async fn log(app: &TestApp) -> Vec<Value> {
    let mut log = Vec::new();
    let mut after = BEGINNING.to_owned();
    loop {
        let query = format!(
            r#"{{ events(first: 100, after: "{after}") {{ nodes {{
                cursor kind at appointment {{ id patient {{ name }} }} }} }} }}"#
        );
        let page = app.graphql(&query, json!({})).await;
        let nodes = page["data"]["events"]["nodes"].as_array().unwrap().clone();
        let Some(last) = nodes.last() else { return log };
        after = cursor(last);
        log.extend(nodes);
    }
}

/// What is the same whenever an event is read: the appointment may have gone on since.
fn identity(event: &Value) -> [Value; 4] {
    let patient = &event["appointment"]["patient"]["name"];
    [&event["cursor"], &event["kind"], &event["appointment"]["id"], patient].map(Clone::clone)
}

fn identities(events: &[Value]) -> Vec<[Value; 4]> {
    events.iter().map(identity).collect()
}

on_both_engines! {
    async fn a_subscriber_is_told_what_happens_with_the_appointment_it_happens_to(engine) {
        let app = TestApp::spawn(engine).await;
        let mut dashboard = Subscriber::after(&app, BEGINNING, "").await;
        let id = id_of(&app.book(&with_jane(1, TEN)).await.json());
        assert_eq!(kinds(&dashboard.events(2).await), ["BOOKED", "CONFIRMED"]);
        assert_eq!(app.reschedule(&id, ELEVEN).await.status, 200);
        assert_eq!(app.cancel(&id).await.status, 200);
        let told = dashboard.events(4).await;
        assert_eq!(kinds(&told), ["RESCHEDULING", "RESCHEDULED", "CANCELLING", "CANCELLED"]);
        assert_eq!(told[3]["appointment"]["id"], id);
        assert_eq!(told[3]["appointment"]["status"], "CANCELLED");
        assert_eq!(told[3]["appointment"]["patient"]["name"], "Patient 1");
    }
}

on_both_engines! {
    async fn without_a_cursor_a_subscription_begins_now(engine) {
        let app = TestApp::spawn(engine).await;
        let before = id_of(&app.book(&with_jane(0, TEN)).await.json());
        let mut dashboard = Subscriber::follow(&app, "").await;
        // The protocol does not say when a subscription has begun, so something happens until it is
        // told of.
        let happening = async {
            for number in 1.. {
                let id = id_of(&app.book(&with_jane(number, NOON)).await.json());
                assert_eq!(app.cancel(&id).await.status, 200);
            }
        };
        let told = tokio::select! {
            told = dashboard.events(3) => told,
            () = happening => unreachable!("it goes on for ever"),
        };
        assert!(told.iter().all(|event| event["appointment"]["id"] != before), "{told:?}");
    }
}

on_both_engines! {
    async fn a_subscriber_may_ask_for_one_provider_or_one_state(engine) {
        let app = TestApp::spawn(engine).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let mut of_jane = Subscriber::after(&app, BEGINNING, &format!(r#"providerId: "{jane}""#)).await;
        let mut in_connecticut = Subscriber::after(&app, BEGINNING, r#"state: "Connecticut""#).await;
        let mut in_texas = Subscriber::after(&app, BEGINNING, r#"state: "TX""#).await;
        let id = id_of(&app.book(&with_jane(1, TEN)).await.json());
        assert_eq!(kinds(&of_jane.events(2).await), ["BOOKED", "CONFIRMED"]);
        assert_eq!(kinds(&in_connecticut.events(2).await), ["BOOKED", "CONFIRMED"]);
        // What makes the third one speak is told it alone, and nothing else was before.
        let moved = "UPDATE appointment SET state = 'TX', status = 'CANCELLING', ends_as = 'CANCELLED'";
        app.database.execute(moved).await.unwrap();
        let told = in_texas.event().await;
        assert_eq!((&told["kind"], &told["appointment"]["id"]), (&json!("CANCELLING"), &json!(id)));
    }
}

on_both_engines! {
    async fn a_dashboard_that_lost_its_connection_loses_and_repeats_nothing(engine) {
        let app = TestApp::spawn(engine).await;
        let mut dashboard = Subscriber::after(&app, BEGINNING, "").await;
        assert_eq!(app.book(&with_jane(1, TEN)).await.status, 201);
        let seen = dashboard.event().await;
        drop(dashboard);
        assert_eq!(app.book(&with_jane(2, ELEVEN)).await.status, 201);
        let mut again = Subscriber::after(&app, &cursor(&seen), "").await;
        let missed = again.events(3).await;
        assert_eq!(kinds(&missed), ["CONFIRMED", "BOOKED", "CONFIRMED"]);
        assert_eq!(app.book(&with_jane(3, NOON)).await.status, 201);
        let live = again.events(2).await;
        let told = [vec![seen], missed, live].concat();
        assert_eq!(identities(&told), identities(&log(&app).await));
    }
}

on_both_engines! {
    async fn every_subscriber_of_every_replica_sees_500_bookings_once_and_in_order(engine) {
        const BOOKINGS: usize = 500;
        // BOOKED, CONFIRMED, CANCELLING, CANCELLED.
        const EVENTS: usize = 4 * BOOKINGS;
        let names: Vec<String> = (0..20).map(|number| format!("Dr. {number}")).collect();
        let roster = || names.iter().fold(RosterBuilder::default(), |roster, name| {
            roster.with(provider(name).licensed("CT").takes("Aetna"))
        });
        let app = TestApp::builder(engine).roster(roster()).spawn().await;
        let database = Arc::clone(&app.database);
        let replica = TestApp::builder(engine).roster(roster()).setting("SCHEDULER_URL", &app.scheduler_url)
            .spawn_on(database).await;
        let mut here = Subscriber::after(&app, BEGINNING, "").await;
        let mut there = Subscriber::after(&replica, BEGINNING, "").await;

        let book = stream::iter(0..BOOKINGS).for_each_concurrent(8, |number| {
            let server = if number % 2 == 0 { &app } else { &replica };
            async move {
                let booked = server.book(&json!({ "patient": patient(number, "CT", "Aetna") })).await;
                assert_eq!(booked.status, 201, "{booked:?}");
                let cancelled = server.cancel(&id_of(&booked.json())).await;
                assert_eq!(cancelled.status, 200, "{cancelled:?}");
            }
        });
        // A third one is thrown out again and again, and goes on from its last cursor.
        let restless = async {
            let (mut told, mut after) = (Vec::new(), BEGINNING.to_owned());
            while told.len() < EVENTS {
                let mut dashboard = Subscriber::after(&replica, &after, "").await;
                let count = (EVENTS - told.len()).min(97);
                told.extend(dashboard.events(count).await);
                after = cursor(&told[told.len() - 1]);
            }
            told
        };
        let (here, there, restless, ()) =
            tokio::join!(here.events(EVENTS), there.events(EVENTS), restless, book);
        let log = log(&app).await;
        assert_eq!(log.len(), EVENTS);
        let log = identities(&log);
        assert!(identities(&here) == log, "the subscriber of this server saw something else");
        assert!(identities(&there) == log, "the subscriber of the other replica saw something else");
        assert!(identities(&restless) == log, "the one that connects anew saw something else");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_outlives_the_connections_to_the_database() {
    if !crate::support::TestDatabase::postgres_is_there().await {
        return;
    }
    let app = TestApp::spawn(Engine::Postgres).await;
    let mut dashboard = Subscriber::after(&app, BEGINNING, "").await;
    assert_eq!(app.book(&with_jane(1, TEN)).await.status, 201);
    assert_eq!(kinds(&dashboard.events(2).await), ["BOOKED", "CONFIRMED"]);
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    app.database.execute(cut).await.unwrap();
    // The first request may find a connection that is gone.
    while app.book(&with_jane(2, ELEVEN)).await.status != 201 {}
    assert_eq!(kinds(&dashboard.events(2).await), ["BOOKED", "CONFIRMED"]);
}
