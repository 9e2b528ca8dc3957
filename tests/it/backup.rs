//! `clinic backup`, and what one has of it: a file that another server goes on from, and `clinic verify`, which
//! says whether it is whole.

use std::sync::Arc;

use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{
    AUDIT_KEY, Ended, Engine, ServerProcess, TestApp, TestDatabase, book_in_vain, clinic,
    comes_true, john, on_both_engines, patient, stubbed,
};

async fn run(database: &TestDatabase, url: &str, arguments: &[&str]) -> Ended {
    let settings = [("DATABASE_URL", url), ("AUDIT_KEY", AUDIT_KEY)];
    clinic(database.folder.path(), &settings, arguments).await
}

#[tokio::test]
async fn a_backup_made_while_everybody_books_is_whole_and_has_what_was_acknowledged_before() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let database = Arc::clone(&app.database);
    app.stop().await;
    let server = Arc::new(ServerProcess::start(&database, &[]).await);
    let book = |n: usize| {
        let server = Arc::clone(&server);
        let body = json!({ "patient": patient(n, "CT", "Aetna"), "duration_minutes": 5 });
        async move { server.book(&body).await.json()["appointment_id"].as_str().map(str::to_owned) }
    };
    let mut before = Vec::new();
    for n in 0..20 {
        before.push(book(n).await.unwrap());
    }
    let mut meanwhile: JoinSet<_> = (20..120).map(book).collect();
    let made = run(&database, &database.url, &["backup", "copy.db"]).await;
    assert_eq!(made.code, Some(0), "{made:?}");
    assert!(made.out.ends_with("appointments, read back and whole\n"), "{made:?}");
    while let Some(booked) = meanwhile.join_next().await {
        assert!(booked.unwrap().is_some(), "a booking failed while the backup was made");
    }
    let copy = database.folder.path().join("copy.db");
    #[cfg(unix)]
    {
        let permissions = copy.metadata().unwrap().permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&permissions) & 0o777, 0o600);
    }
    assert!(!database.folder.path().join("copy.db.partial").exists());
    // Nothing is overwritten.
    let again = run(&database, &database.url, &["backup", "copy.db"]).await;
    assert_eq!(again.code, Some(1));
    assert!(again.err.contains("copy.db is there already"), "{again:?}");

    let url = format!("sqlite://{}", copy.display());
    let verified = run(&database, &url, &["verify"]).await;
    assert_eq!(verified.code, Some(0), "{verified:?}");
    // With a book outside that knows nothing of what came after the backup: of that `clinic reconcile` tells.
    let ledger = database.folder.path().join("of-copy.jsonl");
    let settings = [("DATABASE_URL", url.as_str()), ("SCHEDULER_LEDGER", ledger.to_str().unwrap())];
    let restored = ServerProcess::start(&database, &settings).await;
    for id in before {
        let answer = restored.get(&format!("/appointment/{id}")).await;
        assert_eq!(answer.status, 200, "{id} was acknowledged before the backup began");
    }
    let next = json!({ "patient": patient(500, "CT", "Aetna") });
    let booked = restored.book(&next).await;
    assert_eq!(booked.status, 201, "{booked:?}");
}

#[tokio::test]
async fn a_backup_has_the_key_of_the_trail_only_where_that_is_asked_for() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let database = Arc::clone(&app.database);
    app.stop().await;
    let folder = database.folder.path();
    let settings = [("DATABASE_URL", database.url.as_str())];
    let secret = run(&database, &database.url, &["backup", "a.db", "--with-key"]).await;
    assert_eq!(secret.code, Some(1));
    assert!(secret.err.contains("is not there: the key is in AUDIT_KEY"), "{secret:?}");
    assert!(!folder.join("a.db").exists(), "whoever asks for both gets both or neither");

    let file = database.url.trim_start_matches("sqlite://").split('?').next().unwrap();
    std::fs::write(format!("{file}.audit-key"), AUDIT_KEY).unwrap();
    assert_eq!(clinic(folder, &settings, &["backup", "b.db"]).await.code, Some(0));
    assert!(!folder.join("b.db.audit-key").exists());
    assert_eq!(clinic(folder, &settings, &["backup", "c.db", "--with-key"]).await.code, Some(0));
    let key = std::fs::read_to_string(folder.join("c.db.audit-key")).unwrap();
    assert_eq!(key, AUDIT_KEY);
}

#[tokio::test]
async fn a_backup_that_can_not_be_written_leaves_nothing_behind() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let database = Arc::clone(&app.database);
    app.stop().await;
    for nowhere in ["missing/copy.db", "."] {
        let refused = run(&database, &database.url, &["backup", nowhere]).await;
        assert_eq!(refused.code, Some(1), "{refused:?}");
    }
    let none = run(&database, "sqlite::memory:", &["backup", "copy.db"]).await;
    assert!(none.err.contains("the database is in memory"), "{none:?}");
    let names = std::fs::read_dir(database.folder.path()).unwrap();
    let left = names
        .filter(|name| name.as_ref().unwrap().file_name().to_string_lossy().contains("copy.db"));
    assert_eq!(left.count(), 0);
}

on_both_engines! {
    async fn what_can_not_have_been_left_so_is_told_with_the_visits_it_is_about(engine) {
        let (stub, app) = stubbed(engine).await;
        let verify = async || run(&app.database, &app.database.url, &["verify"]).await;
        let booked = app.book(&json!({ "patient": john(), "time": "2027-01-11T16:00:00Z" })).await;
        let confirmed = booked.json()["appointment_id"].as_str().unwrap().to_owned();
        stub.always(Some(500));
        let pending = book_in_vain(&app, 1, "2027-01-11T14:00:00Z").await;
        // The trail is sealed soon after; by this server's clock a row waits too long before that.
        let sealed = async || app.database.number("SELECT count(*) FROM audit_event WHERE NOT EXISTS (SELECT 1 FROM audit_seal WHERE audit_seal.event = audit_event.number)").await == 0;
        assert!(comes_true(sealed).await);
        let well = verify().await;
        assert_eq!(well.code, Some(0), "{well:?}");
        for words in [
            "rules: all that keeps bookings apart is in force\n",
            "book: no visit overlaps another, and each is told of\n",
            "outbox: 1 visits are to be settled with the scheduling service, ",
            "holds: 0 have lapsed",
        ] {
            assert!(well.out.contains(words), "{words}: {well:?}");
        }
        app.database.execute("DELETE FROM outbox").await.unwrap();
        let forgotten = verify().await;
        assert_eq!(forgotten.code, Some(1), "{forgotten:?}");
        let words = format!("book: {pending} is to be settled with the scheduling service, and nobody is told to");
        assert!(forgotten.out.contains(&words), "{forgotten:?}");

        for rule in ["appointment_provider_no_overlap", "appointment_provider_no_overlap_all"] {
            let off = match engine {
                Engine::Sqlite => format!("DROP TRIGGER {rule}_update"),
                Engine::Postgres => format!("ALTER TABLE appointment DROP CONSTRAINT {rule}"),
            };
            app.database.execute(&off).await.unwrap();
        }
        let twice = "UPDATE appointment SET (starts_at, ends_at) = (SELECT starts_at, ends_at FROM appointment
                        WHERE status = 'PENDING') WHERE status = 'CONFIRMED'";
        app.database.execute(twice).await.unwrap();
        let doubled = verify().await;
        assert_eq!(doubled.code, Some(1), "{doubled:?}");
        assert!(doubled.out.contains("rules: "), "{doubled:?}");
        // The pair is told by one of the two.
        let told = [&confirmed, &pending].map(|id| {
            doubled.out.contains(&format!("book: {id} overlaps another visit of its provider"))
        });
        assert!(told.contains(&true), "{doubled:?}");
        assert!(!doubled.out.contains("Jane") && !doubled.out.contains("example.com"), "{doubled:?}");
    }
}

#[tokio::test]
async fn health_tells_whether_the_server_on_this_machine_can_serve() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let database = Arc::clone(&app.database);
    app.stop().await;
    let mut server = ServerProcess::start(&database, &[]).await;
    let port = server.url.rsplit(':').next().unwrap().to_owned();
    let folder = database.folder.path();
    for bind in ["127.0.0.1", "0.0.0.0"] {
        let settings =
            [("PORT", port.as_str()), ("BIND", bind), ("API_TOKEN", "a-token-that-is-long-enough")];
        let ready = clinic(folder, &settings, &["health"]).await;
        assert_eq!((ready.code, ready.out.as_str()), (Some(0), "ready\n"), "{ready:?}");
    }
    assert_eq!(clinic(folder, &[], &["health", "--url", &server.url]).await.code, Some(0));
    database.execute("DROP TRIGGER appointment_provider_no_overlap_insert").await.unwrap();
    let not_ready = clinic(folder, &[], &["health", "--url", &server.url]).await;
    assert_eq!(not_ready.code, Some(1));
    assert!(not_ready.err.contains("is not ready (503)"), "{not_ready:?}");
    server.kill().await;
    let gone = clinic(folder, &[], &["health", "--url", &server.url]).await;
    assert_eq!(gone.code, Some(1));
    assert!(gone.err.contains("is where nothing listens"), "{gone:?}");
}

#[tokio::test]
async fn health_says_why_there_is_no_answer() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let folder = app.database.folder.path();
    let port = app.url.rsplit(':').next().unwrap().to_owned();
    for (url, why) in [
        ("127.0.0.1:8080".to_owned(), "is no address of a server: write http://host:port"),
        (
            format!("https://127.0.0.1:{port}"),
            "has a certificate that is not trusted here, or speaks no TLS",
        ),
        ("http://name.invalid:8080".to_owned(), "has a name that nobody knows here"),
        (format!("http://127.0.0.1:{port}/elsewhere"), "is not ready (404)"),
    ] {
        let ended = clinic(folder, &[], &["health", "--url", &url]).await;
        assert_eq!(ended.code, Some(1), "{url}: {ended:?}");
        assert!(ended.err.contains(&format!("{url} {why}")), "{url}: {ended:?}");
    }
}
