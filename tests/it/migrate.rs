//! What can't be undone has to be asked for in so many words.

use clinic::db::{Db, migrations};
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use crate::support::{
    Engine, TestApp, TestDatabase, clinic as command, comes_true, on_both_engines, patient,
};

/// `clinic migrate …`: its exit code and all it said.
async fn migrate(database: &TestDatabase, arguments: &[&str]) -> (Option<i32>, String) {
    let arguments: Vec<&str> = [&["migrate"], arguments].concat();
    let ended =
        command(database.folder.path(), &[("DATABASE_URL", &database.url)], &arguments).await;
    (ended.code, ended.out + &ended.err)
}

/// The number that has to be agreed to.
fn number_in(words: &str) -> &str {
    let after = words.split("--yes-delete-rows ").nth(1).unwrap_or_else(|| panic!("{words}"));
    after.trim()
}

/// A clinic with three visits, closed for the night.
async fn three_visits(engine: Engine) -> std::sync::Arc<TestDatabase> {
    let app = TestApp::spawn(engine).await;
    for number in 0..3 {
        let booked = app.book(&json!({ "patient": patient(number, "CT", "Aetna") })).await;
        assert_eq!(booked.status, 201, "{booked:?}");
    }
    let database = app.database.clone();
    app.stop().await;
    database
}

async fn rows_of(database: &TestDatabase) -> (i64, i64, i64) {
    let count = |table: &str| format!("SELECT count(*) FROM {table}");
    (
        database.number(&count("appointment")).await,
        database.number(&count("patient")).await,
        database.number(&count("provider")).await,
    )
}

on_both_engines! {
    async fn fresh_deletes_nothing_unless_the_number_of_rows_is_agreed_to(engine) {
        let database = three_visits(engine).await;
        let before = rows_of(&database).await;
        assert_eq!((before.0, before.1), (3, 3));
        let (code, words) = migrate(&database, &["fresh"]).await;
        assert_eq!(code, Some(1), "{words}");
        assert!(words.contains("nothing was changed"), "{words}");
        for (rows, table) in [(3, "appointment"), (3, "patient"), (before.2, "provider")] {
            let told = format!("{rows}  {table}");
            assert!(words.lines().any(|line| line.trim() == told), "{told}: {words}");
        }
        let number: u64 = number_in(&words).parse().unwrap();
        let (fewer, more) = ((number - 1).to_string(), (number + 1).to_string());
        for wrong in ["0", &fewer, &more] {
            let (code, words) = migrate(&database, &["fresh", "--yes-delete-rows", wrong]).await;
            assert_eq!(code, Some(1), "{words}");
            assert_eq!(number_in(&words), number.to_string(), "{words}");
        }
        assert_eq!(rows_of(&database).await, before);
        let number = number.to_string();
        let (code, words) = migrate(&database, &["fresh", "--yes-delete-rows", &number]).await;
        assert_eq!(code, Some(0), "{words}");
        assert_eq!(rows_of(&database).await, (0, 0, 0));
        // There is nothing left to lose.
        let (code, words) = migrate(&database, &["fresh"]).await;
        assert_eq!(code, Some(0), "{words}");
    }
}

on_both_engines! {
    async fn down_asks_where_rows_go_and_only_there(engine) {
        let database = three_visits(engine).await;
        let before = rows_of(&database).await;
        // The last two add tables, of which one may have rows by now; the one before has written into each event until when
        // its visit lasts.
        database.execute("DELETE FROM mail").await.unwrap();
        for _ in 0..2 {
            assert_eq!(migrate(&database, &["down"]).await.0, Some(0));
        }
        let (code, words) = migrate(&database, &["down"]).await;
        assert!(code == Some(1) && words.contains("appointment_event (the values of to_ends_at)"), "{words}");
        let number = number_in(&words).to_owned();
        let (code, words) = migrate(&database, &["down", "--yes-delete-rows", &number]).await;
        assert_eq!(code, Some(0), "{words}");
        assert_eq!(migrate(&database, &["up"]).await.0, Some(0));
        assert_eq!(rows_of(&database).await, before);
        let (code, words) = migrate(&database, &["down", "-n", "1000"]).await;
        assert_eq!(code, Some(1), "{words}");
        assert_eq!(rows_of(&database).await, before);
        let number = number_in(&words).to_owned();
        let agreed = ["down", "-n", "1000", "--yes-delete-rows", &number];
        let (code, words) = migrate(&database, &agreed).await;
        assert_eq!(code, Some(0), "{words}");
        assert_eq!(migrate(&database, &["up"]).await.0, Some(0));
        assert_eq!(rows_of(&database).await, (0, 0, 0));
        // Of what the migrations make themselves, nothing is anybody's.
        assert_eq!(migrate(&database, &["down", "-n", "1000"]).await.0, Some(0));
    }
}

on_both_engines! {
    async fn down_counts_the_rows_that_lose_a_value_with_a_column(engine) {
        let app = TestApp::spawn(engine).await;
        for number in 0..3 {
            let mut who = patient(number, "CT", "Aetna");
            if number > 0 {
                who["phone"] = json!("+1 203 555 0142");
            }
            if number > 1 {
                who["birth_date"] = json!("1980-02-29");
            }
            assert_eq!(app.book(&json!({ "patient": who })).await.status, 201);
        }
        let all = migrations::status(&app.db).await.unwrap();
        let database = app.database.clone();
        app.stop().await;
        let since = all.iter().skip_while(|it| it.name != "m20261125_000003_patient_details");
        let steps = since.count().to_string();
        let (code, words) = migrate(&database, &["down", "-n", &steps]).await;
        assert_eq!(code, Some(1), "{words}");
        let told = "2  patient (the values of phone, birth_date)";
        assert!(words.lines().any(|line| line.trim() == told), "{words}");
        let with_phone = "SELECT count(*) FROM patient WHERE phone IS NOT NULL";
        assert_eq!(database.number(with_phone).await, 2);
        let number = number_in(&words).to_owned();
        let (code, words) = migrate(&database, &["down", "-n", &steps, "--yes-delete-rows", &number]).await;
        assert_eq!(code, Some(0), "{words}");
        assert_eq!(migrate(&database, &["up"]).await.0, Some(0));
        assert_eq!(database.number(with_phone).await, 0);
        assert_eq!(database.number("SELECT count(*) FROM patient").await, 3);
    }
}

/// Two that each wait for the other: the database ends one of them, and here it is the migration.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_at_work_that_is_in_the_way_of_a_migration_does_not_end_it() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let database = TestDatabase::create(Engine::Postgres).await;
    let db = Db::connect(&database.url, 1).await.unwrap();
    migrations::up(&db).await.unwrap();
    let name = database.url.rsplit('/').next().unwrap();
    let patience = format!("ALTER DATABASE {name} SET deadlock_timeout = '3s'");
    database.execute(&patience).await.unwrap();
    let server = database.connect().await;
    let at_work =
        "BEGIN; SET LOCAL deadlock_timeout = '1min'; LOCK TABLE mail IN ROW EXCLUSIVE MODE";
    server.execute_unprepared(at_work).await.unwrap();
    let goes_on = async {
        let waiting =
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'mail'::regclass";
        assert!(comes_true(async || database.number(waiting).await == 1).await);
        server
            .execute_unprepared("LOCK TABLE patient IN ROW EXCLUSIVE MODE; COMMIT")
            .await
            .unwrap();
    };
    let (taken_back, ()) = tokio::join!(migrate(&database, &["down", "-n", "1"]), goes_on);
    assert_eq!(taken_back.0, Some(0), "{}", taken_back.1);
    assert!(taken_back.1.contains("was in the way"), "{}", taken_back.1);
}
