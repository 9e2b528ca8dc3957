//! A server follows what is held change by change, whoever makes it, and reads no more than that.

use clinic::db::{book_check, busy_news, integrity};
use clinic::domain::Clock as _;
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::{Value, json};

use super::*;
use crate::support::{Bulk, TestDatabase, id_of, on_both_engines};

/// Half an hour from so many minutes after Monday's midnight, held by hand of each provider until [`LAPSES`];
/// `count` times, an hour apart.
fn hold_by_hand(engine: Engine, minutes: i64, count: u32) -> String {
    let bulk = Bulk(engine);
    let (id, series, now) = (bulk.random_id(), bulk.series(count), bulk.instant("720"));
    let starts_at = bulk.instant(&format!("{minutes} + n * 60"));
    let ends_at = bulk.instant(&format!("{minutes} + n * 60 + 30"));
    let until = bulk.instant("725");
    format!(
        "INSERT INTO appointment (id, provider_id, starts_at, ends_at, status, version, hold_expires_at, created_at, updated_at)
         SELECT {id}, provider.id, {starts_at}, {ends_at}, 'HELD', 1, {until}, {now}, {now}
           FROM provider CROSS JOIN {series}"
    )
}

/// [`TEN`] in such minutes.
const AT_TEN: i64 = 900;

/// The first time from [`TEN`] on of all who match, which is looked for in memory.
async fn first(app: &TestApp) -> Value {
    let path = format!("/appointments/first-available?state=CT&insurance=Aetna&after={TEN}");
    app.get(&path).await.json()["time"].clone()
}

/// The same of one provider, which is looked for in the database.
async fn first_in_database(app: &TestApp, provider: &str) -> Value {
    let path = format!("/appointments/first-available?provider_id={provider}&after={TEN}");
    app.get(&path).await.json()["time"].clone()
}

on_both_engines! {
    async fn a_reading_tells_of_held_times_those_alone_that_have_changed_since_the_last(engine) {
        let (app, [one, _two]) = clinic(engine).await;
        app.database.execute(&hold_by_hand(engine, 1440, 200)).await.unwrap();
        let now = app.clock.now();
        let all = busy_news::all(&app.db, &[], now).await.unwrap();
        assert_eq!((all.held.len(), all.held.iter().all(|held| held.held.is_some())), (400, true));
        let mut at = all.at;
        // Of each that has changed, whether it is held now.
        let mut told = async || {
            let news = busy_news::news(&app.db, &at, &[], now).await.unwrap().unwrap();
            at = news.at;
            news.held.iter().map(|held| held.held.is_some()).collect::<Vec<_>>()
        };
        assert!(told().await.is_empty());
        let token = held(&app, &one, TEN).await;
        assert_eq!(told().await, [true]);
        assert!(told().await.is_empty());
        assert_eq!(redeem(&app, 1, &token).await["error"], Value::Null);
        assert_eq!(told().await, [false]);
        let token = held(&app, &one, ELEVEN).await;
        assert_eq!(release(&app, &token).await["error"], Value::Null);
        assert_eq!(told().await, [false, false]);
        // Given to somebody else, it is held with them, and not with whom it was.
        held(&app, &one, ELEVEN).await;
        assert_eq!(told().await, [true]);
        let given = "UPDATE appointment SET provider_id = (SELECT id FROM provider WHERE name = 'Dr. 001')
            WHERE id = (SELECT appointment_id FROM hold)";
        assert_eq!(app.database.execute(given).await, Ok(1));
        let mut both = told().await;
        both.sort_unstable();
        assert_eq!(both, [false, true]);
        // What has lapsed and is removed is told once, as anything else.
        let removed = book_check::remove_lapsed_holds(&app.db, LAPSES.parse().unwrap()).await.unwrap();
        assert_eq!((removed, told().await), (401, vec![false; 401]));
        assert!(told().await.is_empty());
    }
}

on_both_engines! {
    async fn what_was_noted_of_held_times_is_forgotten_after_an_hour(engine) {
        let (app, [one]) = clinic(engine).await;
        let token = held(&app, &one, TEN).await;
        let noted = "SELECT count(*) FROM held_change";
        assert_eq!(app.database.number(noted).await, 1);
        let earlier = match engine {
            Engine::Sqlite => "strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now', '-61 minutes')",
            Engine::Postgres => "now() - interval '61 minutes'",
        };
        app.database.execute(&format!("UPDATE held_change SET at = {earlier}")).await.unwrap();
        assert_eq!(release(&app, &token).await["error"], Value::Null);
        assert_eq!(app.database.number(noted).await, 2);
        book_check::remove_lapsed_holds(&app.db, app.clock.now()).await.unwrap();
        assert_eq!(app.database.number(noted).await, 1);
        // What comes after is told all the same: its number is no number of before.
        assert_eq!(first(&app).await, TEN);
        app.database.execute("DELETE FROM held_change").await.unwrap();
        held(&app, &one, TEN).await;
        assert_eq!(first(&app).await, "2027-01-11T15:30:00Z");
    }
}

on_both_engines! {
    async fn another_server_sees_at_once_what_becomes_of_a_hold(engine) {
        let (app, [one]) = clinic(engine).await;
        let other = TestApp::builder(engine).roster(RosterBuilder::alike(1)).spawn_on(app.database.clone()).await;
        assert_eq!((first(&app).await, first(&other).await), (json!(TEN), json!(TEN)));
        let half_past = "2027-01-11T15:30:00Z";
        let sees = async |time: &str, after: &str| {
            for server in [&other, &app] {
                let seen = (first(server).await, first_in_database(server, &one).await);
                assert_eq!(seen, (json!(time), json!(time)), "{after}");
            }
        };
        let token = held(&app, &one, TEN).await;
        sees(half_past, "a hold").await;
        let booked = redeem(&app, 1, &token).await;
        sees(half_past, "its booking").await;
        assert_eq!(app.cancel(booked["appointment"]["id"].as_str().unwrap()).await.status, 200);
        sees(TEN, "a cancellation of that").await;
        let token = held(&other, &one, TEN).await;
        sees(half_past, "a hold by the other").await;
        assert_eq!(release(&app, &token).await["error"], Value::Null);
        sees(TEN, "its release").await;
        // By hand, past all of this.
        let moved = Bulk(engine);
        let (starts_at, ends_at) = (moved.instant("960"), moved.instant("990"));
        for (change, time) in [
            (hold_by_hand(engine, AT_TEN, 1), half_past),
            (format!("UPDATE appointment SET starts_at = {starts_at}, ends_at = {ends_at} WHERE status = 'HELD'"), TEN),
            (hold_by_hand(engine, AT_TEN, 1), half_past),
            ("DELETE FROM appointment WHERE status = 'HELD'".to_owned(), TEN),
        ] {
            assert_eq!(app.database.execute(&change).await.map(|rows| rows > 0), Ok(true), "{change}");
            sees(time, &change).await;
        }
        // Of what lapses nobody tells: its row is there.
        held(&app, &one, TEN).await;
        sees(half_past, "a hold").await;
        for server in [&app, &other] {
            server.clock.set(LAPSES);
        }
        sees(TEN, "its end").await;
        assert_eq!(rows(&app).await, (1, 1));
        // One more may be held for longer by then.
        let later = Bulk(engine).instant("730");
        let longer = format!("UPDATE appointment SET hold_expires_at = {later} WHERE status = 'HELD'");
        assert_eq!(app.database.execute(&longer).await, Ok(1));
        sees(half_past, &longer).await;
        assert_eq!(id_of(&app.book(&visit(2, &one, half_past)).await.json()).get(..4), Some("apt_"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_that_is_committed_late_is_not_stepped_over() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let (app, [one]) = clinic(Engine::Postgres).await;
    assert_eq!(first(&app).await, TEN);
    let conn = app.database.connect().await;
    let late = conn.begin().await.unwrap();
    late.execute_unprepared(&hold_by_hand(Engine::Postgres, AT_TEN, 1)).await.unwrap();
    // It begins later, and is committed and read earlier.
    held(&app, &one, ELEVEN).await;
    assert_eq!(first(&app).await, TEN);
    late.commit().await.unwrap();
    assert_eq!(first(&app).await, "2027-01-11T15:30:00Z");
}

on_both_engines! {
    async fn without_the_triggers_that_note_it_a_change_of_what_is_held_would_not_be_seen(engine) {
        // What shows that the tests above can fail, and why a server refuses to start like this.
        let hold = hold_by_hand(engine, AT_TEN, 1);
        let ends_at = Bulk(engine).instant("960");
        let longer = format!("UPDATE appointment SET ends_at = {ends_at} WHERE status = 'HELD'");
        let delete = "DELETE FROM appointment WHERE status = 'HELD'".to_owned();
        for (change, trigger) in [
            (hold.clone(), "appointment_held_insert"),
            (longer, "appointment_held_update"),
            (delete, "appointment_held_delete"),
        ] {
            let (app, [one]) = clinic(engine).await;
            if change != hold {
                app.database.execute(&hold).await.unwrap();
            }
            let before = first(&app).await;
            assert_eq!(first_in_database(&app, &one).await, before);
            let gone = match engine {
                Engine::Sqlite => format!("DROP TRIGGER {trigger}"),
                Engine::Postgres => format!("ALTER TABLE appointment DISABLE TRIGGER {trigger}"),
            };
            app.database.execute(&gone).await.unwrap();
            assert_eq!(app.database.execute(&change).await, Ok(1));
            assert_ne!(first_in_database(&app, &one).await, before, "{change}");
            assert_eq!(first(&app).await, before, "{change} was seen without {trigger}");
            let told = integrity::check(&app.db).await.unwrap();
            assert!(told.len() == 1 && told[0].contains(trigger), "{told:?}");
        }
    }
}
