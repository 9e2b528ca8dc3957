//! The file of SQLite that is deleted or replaced while it is open: what would be written to it is
//! found by nobody, so nothing is taken, and whoever runs it is told.

use std::fs;
use std::path::Path;

use crate::support::{Answer, Engine, TestApp, capture, clinic, id_of, logged, with_jane};

const TWO: &str = "2027-01-11T14:00:00Z";
const THREE: &str = "2027-01-11T15:00:00Z";

fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.problem(), (503, "UNAVAILABLE".to_owned()), "{answer:?}");
}

/// What the log says of that file.
fn said_of(file: &Path) -> String {
    let file = file.display().to_string();
    let all = logged();
    all.lines().filter(|line| line.contains(&file)).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_the_file_is_deleted_or_replaced_nothing_is_taken_and_the_operator_is_told() {
    capture();
    for (told, replaced) in [("was deleted or moved away", false), ("was replaced", true)] {
        let app = TestApp::spawn(Engine::Sqlite).await;
        let visit = id_of(&app.book(&with_jane(1, TWO)).await.json());
        let (file, copy) = (app.file("clinic.db"), app.file("copy.db"));
        fs::copy(&file, &copy).unwrap();
        if replaced {
            fs::rename(&copy, &file).unwrap();
        } else {
            fs::remove_file(&file).unwrap();
        }
        assert_unavailable(&app.book(&with_jane(2, THREE)).await);
        assert_unavailable(&app.reschedule(&visit, THREE).await);
        assert_unavailable(&app.cancel(&visit).await);
        for _ in 0..3 {
            let ready = app.get("/readyz").await;
            assert_unavailable(&ready);
            assert!(ready.text.contains("deleted or replaced"), "{ready:?}");
            assert!(
                !ready.text.contains("clinic.db"),
                "whose folder it is in is nobody's business"
            );
        }
        let said = said_of(&file);
        assert_eq!(said.matches("Nothing is written any more").count(), 1, "{said}");
        assert!(said.contains(told) && said.contains("SIGTERM"), "{said}");
        if !replaced {
            assert!(!file.exists(), "nothing is to be made in its place");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_put_back_is_written_to_again() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let (file, aside) = (app.file("clinic.db"), app.file("aside.db"));
    fs::rename(&file, &aside).unwrap();
    assert_unavailable(&app.book(&with_jane(1, TWO)).await);
    fs::rename(&aside, &file).unwrap();
    assert_eq!(app.book(&with_jane(1, TWO)).await.status, 201);
    assert_eq!(app.get("/readyz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_wal_nothing_is_taken_and_a_stop_in_good_order_keeps_what_was() {
    capture();
    let app = TestApp::spawn(Engine::Sqlite).await;
    let visit = id_of(&app.book(&with_jane(1, TWO)).await.json());
    app.until_settled().await;
    let wal = app.file("clinic.db-wal");
    fs::remove_file(&wal).unwrap();
    assert_unavailable(&app.book(&with_jane(2, THREE)).await);
    let ready = app.get("/readyz").await;
    assert_unavailable(&ready);
    assert!(ready.text.contains("deleted or replaced"), "{ready:?}");
    assert!(said_of(&wal).contains("was deleted or moved away"), "{}", said_of(&wal));
    let database = app.database.clone();
    app.stop().await;
    let again = TestApp::builder(Engine::Sqlite).spawn_on(database).await;
    assert_eq!(again.get(&format!("/appointment/{visit}")).await.status, 200);
    assert_eq!(again.book(&with_jane(2, THREE)).await.status, 201);
    again.assert_agreement().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_else_opens_and_closes_the_file_leaves_the_wal_to_the_server() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    assert_eq!(app.book(&with_jane(1, TWO)).await.status, 201);
    // Asking whether a write would be taken lets go of no lock.
    assert_eq!(app.get("/readyz").await.status, 200);
    app.db.proves_to_take_writes().await.unwrap();
    let settings = [("DATABASE_URL", app.database.url.as_str())];
    let ended = clinic(app.database.folder.path(), &settings, &["migrate", "status"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(app.file("clinic.db-wal").exists(), "the last to close it deletes it");
    assert_eq!(app.book(&with_jane(2, THREE)).await.status, 201);
    assert_eq!(app.get("/readyz").await.status, 200);
}
