//! What an operator can't do without an administrator of the database, they are told to ask for; and
//! whose files the patients are in.

use std::sync::Arc;

use crate::support::{Engine, TestApp, TestDatabase, capture, clinic as command, logged};

/// A role that may do nothing but connect, gone when dropped.
struct PoorRole {
    name: String,
    database: Arc<TestDatabase>,
}

impl PoorRole {
    async fn create() -> Self {
        let database = TestDatabase::create(Engine::Postgres).await;
        let name = database.url.rsplit('/').next().unwrap().replace("clinic_test", "clinic_poor");
        database.execute(&format!("CREATE ROLE {name} LOGIN")).await.unwrap();
        database.execute("REVOKE CREATE ON SCHEMA public FROM public").await.unwrap();
        Self { name, database: Arc::new(database) }
    }

    fn url(&self) -> String {
        let place = self.database.url.rsplit_once('@').unwrap().1;
        format!("postgres://{}@{place}", self.name)
    }

    async fn migrate(&self, url: &str) -> (Option<i32>, String) {
        let settings = [("DATABASE_URL", url)];
        let ended = command(self.database.folder.path(), &settings, &["migrate", "up"]).await;
        (ended.code, ended.out + &ended.err)
    }

    async fn gone(self) {
        let Self { name, database } = self;
        let sql = format!("DROP OWNED BY {name} CASCADE; DROP ROLE {name}");
        database.execute(&sql).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_without_rights_is_told_which_what_for_and_what_to_ask() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let role = PoorRole::create().await;
    let (code, words) = role.migrate(&role.url()).await;
    assert_eq!(code, Some(1), "{words}");
    let extension = "CREATE EXTENSION btree_gist;";
    let tables = format!("GRANT CREATE ON SCHEMA public TO {};", role.name);
    for told in ["42501", "keeps the times of a provider apart", extension, &tables] {
        assert!(words.contains(told), "{told}: {words}");
    }
    // What they are told to ask for is enough.
    for asked in [extension, &tables] {
        role.database.execute(asked).await.unwrap();
    }
    let (code, words) = role.migrate(&role.url()).await;
    assert_eq!(code, Some(0), "{words}");
    role.gone().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_not_there_is_told_with_the_statement_that_makes_it() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let role = PoorRole::create().await;
    let url = format!("{}_not_there", role.url());
    let (code, words) = role.migrate(&url).await;
    assert_eq!(code, Some(1), "{words}");
    let database = url.rsplit('/').next().unwrap();
    let told = format!("CREATE DATABASE \"{database}\" OWNER \"{}\";", role.name);
    assert!(words.contains(&told), "{words}");
    role.gone().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_lost_a_right_to_any_table_is_not_ready_and_its_name_is_told() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    capture();
    let role = PoorRole::create().await;
    let owner = clinic::db::Db::connect(&role.database.url, 2).await.unwrap();
    clinic::db::migrations::up(&owner).await.unwrap();
    owner.close().await;
    for all in [
        "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public",
        "SELECT ON ALL SEQUENCES IN SCHEMA public",
    ] {
        role.database.execute(&format!("GRANT {all} TO {}", role.name)).await.unwrap();
    }
    let builder = TestApp::builder(Engine::Postgres).setting("DATABASE_URL", &role.url());
    let app = builder.spawn_on(Arc::clone(&role.database)).await;
    assert_eq!(app.get("/readyz").await.status, 200);
    for lost in [
        "INSERT on outbox",
        "UPDATE on busy_version",
        "DELETE on idempotency_key",
        // Without it the audit trail is not sealed.
        "SELECT on audit_event_number_seq",
    ] {
        let change = |verb: &str, whom: &str| format!("{verb} {lost} {whom} {}", role.name);
        role.database.execute(&change("REVOKE", "FROM")).await.unwrap();
        let ready = app.get("/readyz").await;
        assert_eq!(ready.problem(), (503, "UNAVAILABLE".to_owned()), "{lost}: {ready:?}");
        assert!(logged().contains(&format!("lacks {lost}: ")), "{lost}");
        role.database.execute(&change("GRANT", "TO")).await.unwrap();
        assert_eq!(app.get("/readyz").await.status, 200, "{lost}");
    }
    app.stop().await;
    role.gone().await;
}

/// Files are somebody's on Unix alone.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_with_patients_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let app = TestApp::spawn(Engine::Sqlite).await;
    let booked = app.book(&serde_json::json!({ "patient": crate::support::john() })).await;
    assert_eq!(booked.status, 201);
    for name in ["clinic.db", "clinic.db-wal", "clinic.db-shm", "ledger.jsonl"] {
        let mode = app.file(name).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name} is {mode:o}");
    }
    let (file, database) = (app.file("clinic.db"), app.database.clone());
    app.stop().await;
    // One that was there before may be meant for others: it is left, and told.
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let settings = [("DATABASE_URL", database.url.as_str())];
    let ended = command(database.folder.path(), &settings, &["migrate", "status"]).await;
    let told = ended.out + &ended.err;
    assert!(told.contains("chmod 600") && told.contains("644"), "{told}");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o644);
}
