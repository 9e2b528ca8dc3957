//! `SCHEDULER_URL=none`: there is nobody outside to ask, and our book is the truth.

use std::sync::Arc;

use clinic::access::Actor;
use clinic::db::{TakenBack, migrations};
use clinic::settling::{Difference, Mended};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::support::{
    Answer, BEGINNING, Engine, StubScheduler, Subscriber, TestApp, TestDatabase, assert_taken,
    clinic, comes_true, first_free, id_of, john, on_both_engines, stubbed, take_back_steps,
    with_jane,
};

const TWO: &str = "2027-01-11T14:00:00Z";
const THREE: &str = "2027-01-11T15:00:00Z";
const FOUR: &str = "2027-01-11T16:00:00Z";
const FIVE: &str = "2027-01-11T17:00:00Z";

async fn alone(engine: Engine) -> TestApp {
    TestApp::builder(engine).setting("SCHEDULER_URL", "none").spawn().await
}

async fn again_with(app: TestApp, scheduler: &str) -> TestApp {
    let database = Arc::clone(&app.database);
    app.stop().await;
    let builder = TestApp::builder(database.engine).setting("SCHEDULER_URL", scheduler);
    builder.spawn_on(database).await
}

/// What an answer says of a visit.
fn stands(answer: &Answer) -> (u16, Value, Value, Value) {
    let body = answer.json();
    let said = |key: &str| body[key].clone();
    (answer.status.as_u16(), said("scheduled"), said("status"), said("time"))
}

fn confirmed(status: u16, time: &str) -> (u16, Value, Value, Value) {
    (status, json!(true), json!("CONFIRMED"), json!(time))
}

async fn external_id(app: &TestApp, id: &str) -> Value {
    let query = "query ($id: ID!) { appointment(id: $id) { externalId } }";
    app.graphql(query, json!({ "id": id })).await["data"]["appointment"]["externalId"].clone()
}

on_both_engines! {
    async fn a_visit_is_booked_moved_and_cancelled_in_one_transaction_each(engine) {
        let app = alone(engine).await;
        let mut follower = Subscriber::after(&app, BEGINNING, "").await;
        let (booked, sent) = app.statements(app.book(&with_jane(1, TWO))).await;
        assert_eq!((stands(&booked), sent.transactions), (confirmed(201, TWO), 1), "{sent:?}");
        let id = id_of(&booked.json());
        assert_eq!(external_id(&app, &id).await, Value::Null);
        assert_taken(&app, TWO).await;
        let (moved, sent) = app.statements(app.reschedule(&id, THREE)).await;
        assert_eq!((stands(&moved), sent.transactions), (confirmed(200, THREE), 1), "{sent:?}");
        assert_eq!(first_free(&app).await, TWO);
        assert_taken(&app, THREE).await;
        let (cancelled, sent) = app.statements(app.cancel(&id)).await;
        let gone = (200, json!(false), json!("CANCELLED"), json!(THREE));
        assert_eq!((stands(&cancelled), sent.transactions), (gone, 1), "{sent:?}");
        assert_eq!(app.book(&with_jane(2, THREE)).await.status, 201);
        assert_eq!(app.unsettled().await, 0);
        let told = follower.events(6).await;
        let told: Vec<&str> = told.iter().map(|event| event["kind"].as_str().unwrap()).collect();
        assert_eq!(told, ["BOOKED", "CONFIRMED", "RESCHEDULED", "CANCELLED", "BOOKED", "CONFIRMED"]);
    }
}

on_both_engines! {
    async fn of_many_who_want_one_time_one_has_it_and_a_repeat_is_told_so(engine) {
        let app = alone(engine).await;
        let book = |number: usize| {
            let (app, key) = (&app, format!("key-{number}"));
            async move { app.post_with_key("/appointment", &key, &with_jane(number, TWO)).await }
        };
        let answers: Vec<Answer> = stream::iter(0..12).map(book).buffered(12).collect().await;
        let won: Vec<usize> = (0..12).filter(|number| answers[*number].status == 201).collect();
        assert_eq!(won.len(), 1, "{answers:?}");
        let lost = answers.iter().filter(|answer| answer.status != 201);
        assert!(lost.clone().all(|answer| answer.problem() == (409, "SLOT_TAKEN".to_owned())));
        let again = book(won[0]).await;
        assert_eq!((stands(&again), again.header("idempotency-replayed")), (confirmed(201, TWO), "true"));
        assert_eq!(id_of(&again.json()), id_of(&answers[won[0]].json()));
    }
}

on_both_engines! {
    async fn what_was_booked_alone_stays_ours_when_a_service_is_named_later(engine) {
        let app = alone(engine).await;
        let moved = id_of(&app.book(&with_jane(1, TWO)).await.json());
        let cancelled = id_of(&app.book(&with_jane(2, THREE)).await.json());
        let stub = StubScheduler::start().await;
        let app = again_with(app, &stub.url).await;
        assert_eq!(stands(&app.reschedule(&moved, FOUR).await), confirmed(200, FOUR));
        assert_eq!(app.cancel(&cancelled).await.json()["status"], "CANCELLED");
        assert_eq!((external_id(&app, &moved).await, app.unsettled().await), (Value::Null, 0));
        let report = app.settling.reconcile(&Actor::operator()).await.unwrap();
        assert_eq!((report.findings, stub.calls()), (vec![], vec![]));
        // What is booked from now on is agreed with the service.
        let told = id_of(&app.book(&with_jane(3, TWO)).await.json());
        assert_eq!(stub.calls(), [format!("POST {told}:reserve:1")]);
    }
}

on_both_engines! {
    async fn what_a_service_has_confirmed_is_ours_alone_from_its_first_change_on(engine) {
        let (stub, app) = stubbed(engine).await;
        let moved = id_of(&app.book(&with_jane(1, TWO)).await.json());
        let cancelled = id_of(&app.book(&with_jane(2, THREE)).await.json());
        let left = id_of(&app.book(&with_jane(3, FIVE)).await.json());
        let app = again_with(app, "none").await;
        let calls = stub.calls();
        assert_eq!(stands(&app.reschedule(&moved, FOUR).await), confirmed(200, FOUR));
        assert_eq!(app.cancel(&cancelled).await.json()["status"], "CANCELLED");
        assert_eq!((external_id(&app, &moved).await, app.unsettled().await), (Value::Null, 0));
        // Named again, the service is told of what it still has, and of nothing else.
        let app = again_with(app, &stub.url).await;
        assert_eq!(app.cancel(&moved).await.json()["status"], "CANCELLED");
        assert_eq!(stub.calls(), calls);
        assert_eq!(app.cancel(&left).await.json()["status"], "CANCELLED");
        assert_eq!(stub.calls().len(), calls.len() + 1);
    }
}

on_both_engines! {
    async fn what_a_service_was_left_with_is_told_and_can_be_struck_out(engine) {
        let app = TestApp::spawn(engine).await;
        let moved = id_of(&app.book(&with_jane(1, TWO)).await.json());
        let cancelled = id_of(&app.book(&with_jane(2, THREE)).await.json());
        let kept = id_of(&app.book(&with_jane(3, FIVE)).await.json());
        let app = again_with(app, "none").await;
        // To another day, so that it is a stranger where the service has it.
        assert_eq!(app.reschedule(&moved, "2027-01-13T16:00:00Z").await.status, 200);
        assert_eq!(app.cancel(&cancelled).await.status, 200);
        let alone = id_of(&app.book(&with_jane(4, TWO)).await.json());
        let app = again_with(app, "mock").await;
        let actor = Actor::operator();
        let found = app.settling.reconcile(&actor).await.unwrap().findings;
        let mut told: Vec<String> =
            found.iter().map(|finding| finding.appointment_id.to_string()).collect();
        told.sort();
        let mut left = [moved.clone(), cancelled.clone()];
        left.sort();
        assert_eq!(told, left, "{found:?}");
        for finding in &found {
            assert_eq!(finding.difference, Difference::GivenUp);
            let remedy = finding.remedy().unwrap();
            let mended = app.settling.mend(&actor, finding, &remedy).await.unwrap();
            assert_eq!(mended, Mended::Done);
        }
        let report = app.settling.reconcile(&actor).await.unwrap();
        assert!(report.is_clean(), "{report:?}");
        for (id, live) in [(&moved, 0), (&cancelled, 0), (&kept, 1), (&alone, 0)] {
            assert_eq!(app.live_outside(id).await.len(), live, "{id}");
        }
        // Here nothing is otherwise for it.
        assert_eq!((app.status_of(&moved).await, app.status_of(&alone).await), ("CONFIRMED".into(), "CONFIRMED".into()));
    }
}

on_both_engines! {
    async fn what_a_service_without_a_list_was_left_with_is_found_too(engine) {
        let (stub, app) = stubbed(engine).await;
        let moved = id_of(&app.book(&with_jane(1, TWO)).await.json());
        let app = again_with(app, "none").await;
        assert_eq!(app.reschedule(&moved, FOUR).await.status, 200);
        assert_eq!(app.book(&with_jane(2, TWO)).await.status, 201);
        let app = again_with(app, &stub.url).await;
        let report = app.settling.reconcile(&Actor::operator()).await.unwrap();
        let [finding] = report.findings.as_slice() else { panic!("{report:?}") };
        assert_eq!((finding.appointment_id.to_string(), &finding.difference), (moved, &Difference::GivenUp));
        assert_eq!(stub.look_ups(), 1, "what was never theirs is not asked about");
    }
}

on_both_engines! {
    async fn what_a_service_has_not_answered_waits_until_it_is_named_again(engine) {
        let stub = StubScheduler::start().await;
        let builder = TestApp::builder(engine).setting("SCHEDULER_URL", &stub.url);
        let app = builder.setting("ANSWER_WITHIN_MS", "300").spawn().await;
        stub.always(Some(401));
        let pending = id_of(&app.book(&with_jane(1, TWO)).await.json());
        let overtaken = id_of(&app.book(&with_jane(2, THREE)).await.json());
        let app = again_with(app, "none").await;
        let cancelling = app.cancel(&overtaken).await;
        let waits = (202, json!(false), json!("CANCELLING"), json!(THREE));
        assert_eq!(stands(&cancelling), waits, "{cancelling:?}");
        app.clock.advance(jiff::SignedDuration::from_mins(1));
        app.settling.settle_due().await.unwrap();
        assert_eq!(app.status_of(&pending).await, "PENDING");
        assert_taken(&app, TWO).await;
        assert_taken(&app, THREE).await;
        stub.always(None);
        let app = again_with(app, &stub.url).await;
        app.clock.advance(jiff::SignedDuration::from_mins(5));
        let settled = comes_true(async || {
            app.settling.settle_due().await.unwrap();
            app.unsettled().await == 0
        });
        assert!(settled.await, "something is never settled");
        assert_eq!(app.status_of(&pending).await, "CONFIRMED");
        assert_eq!(app.status_of(&overtaken).await, "CANCELLED");
    }
}

on_both_engines! {
    async fn the_database_wants_to_know_who_has_a_confirmed_visit(engine) {
        let app = alone(engine).await;
        assert_eq!(app.book(&json!({ "patient": john() })).await.status, 201);
        for (change, rule) in [
            ("kept_here = FALSE", "appointment_confirmed_check"),
            ("external_id = 'x'", "kept_here"),
        ] {
            let refused = app.database.execute(&format!("UPDATE appointment SET {change}")).await;
            let why = refused.unwrap_err();
            assert!(why.contains(rule), "{change}: {why}");
        }
        let told = "UPDATE appointment SET kept_here = FALSE, external_id = 'x'";
        assert_eq!(app.database.execute(told).await, Ok(1));
    }
}

on_both_engines! {
    async fn a_program_of_before_finds_what_was_booked_alone_with_an_outside_id(engine) {
        let app = alone(engine).await;
        assert_eq!(app.book(&json!({ "patient": john() })).await.status, 201);
        let status = migrations::status(&app.db).await.unwrap();
        let since = status.iter().position(|one| one.name.ends_with("kept_here")).unwrap();
        let taken = take_back_steps(&app.db, status.len() - since).await;
        assert!(matches!(taken, TakenBack::Done(_)));
        let kept = "SELECT count(*) FROM appointment
                     WHERE status = 'CONFIRMED' AND external_id LIKE 'kept-here-%'";
        assert_eq!(app.database.number(kept).await, 1);
        let unknown = "UPDATE appointment SET external_id = NULL";
        assert!(app.database.execute(unknown).await.unwrap_err().contains("confirmed_check"));
        migrations::up(&app.db).await.unwrap();
        assert_eq!(app.database.number(kept).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_on_postgresql_has_to_be_told_who_confirms_bookings() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let database = TestDatabase::create(Engine::Postgres).await;
    let settings = [("DATABASE_URL", database.url.as_str()), ("PORT", "0")];
    let ended = clinic(database.folder.path(), &settings, &["serve"]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    for choice in ["SCHEDULER_URL", "http://", "mock", "none"] {
        assert!(ended.err.contains(choice), "{choice}: {ended:?}");
    }
    // Setting it up needs no word on that.
    let migrated = clinic(database.folder.path(), &settings, &["migrate", "up"]).await;
    assert_eq!(migrated.code, Some(0), "{migrated:?}");
}
