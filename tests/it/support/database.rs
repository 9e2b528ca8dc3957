//! A database of its own for each test, gone when the test is.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, FromQueryResult, Statement,
};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// Which engine a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

pub(crate) struct TestDatabase {
    pub(crate) engine: Engine,
    pub(crate) url: String,
    /// Also for other files of the test.
    pub(crate) folder: TempDir,
    name: Option<String>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "where the tests' server is, is no setting of the program"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn admin_url() -> String {
    variable("TEST_POSTGRES_URL")
        .unwrap_or_else(|| "postgres://postgres@127.0.0.1:5432/postgres".to_owned())
}

static POSTGRES: OnceCell<bool> = OnceCell::const_new();

impl TestDatabase {
    /// Whether there is a PostgreSQL to test on; says loudly when not, and fails where it is a must.
    pub(crate) async fn postgres_is_there() -> bool {
        *POSTGRES
            .get_or_init(|| async {
                let Err(error) = admin().await else {
                    sweep().await;
                    return true;
                };
                assert!(
                    variable("TEST_POSTGRES_REQUIRED").is_none(),
                    "TEST_POSTGRES_REQUIRED is set, but there is no PostgreSQL: {error}"
                );
                eprintln!(
                    "\n*** NOT TESTED ON POSTGRESQL: none at 127.0.0.1:5432 and TEST_POSTGRES_URL is not set ***\n"
                );
                false
            })
            .await
    }

    pub(crate) async fn create(engine: Engine) -> Self {
        super::watchdog::watch_this_test();
        let folder = tempfile::tempdir().unwrap();
        match engine {
            Engine::Sqlite => {
                let path = folder.path().join("clinic.db");
                let url = format!("sqlite://{}?mode=rwc", path.display());
                Self { engine, url, folder, name: None }
            }
            Engine::Postgres => {
                let unique = clinic::domain::ids::uuid_at(jiff::Timestamp::UNIX_EPOCH).simple();
                let name = format!("clinic_test_{}_{unique}", std::process::id());
                let admin = admin().await.unwrap();
                admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
                admin.close().await.unwrap();
                let admin_url = admin_url();
                let (server, _) = admin_url.rsplit_once('/').unwrap();
                Self { engine, url: format!("{server}/{name}"), folder, name: Some(name) }
            }
        }
    }

    /// A connection past the application, as another program would have one.
    pub(crate) async fn connect(&self) -> DatabaseConnection {
        let mut options = ConnectOptions::new(&self.url);
        options.max_connections(1).sqlx_logging(false);
        Database::connect(options).await.unwrap()
    }

    /// Runs SQL past the application; an error is what the database says.
    pub(crate) async fn execute(&self, sql: &str) -> Result<u64, String> {
        let conn = self.connect().await;
        let result = conn.execute_unprepared(sql).await;
        conn.close().await.unwrap();
        result.map(|done| done.rows_affected()).map_err(|error| error.to_string())
    }

    /// The one number that a query answers.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        #[derive(FromQueryResult)]
        struct Row {
            number: i64,
        }
        let conn = self.connect().await;
        let statement = Statement::from_string(
            conn.get_database_backend(),
            format!("SELECT ({sql}) AS number"),
        );
        let row = Row::find_by_statement(statement).one(&conn).await.unwrap().unwrap();
        conn.close().await.unwrap();
        row.number
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some(name) = self.name.take() else { return };
        // Dropping can't wait, so a thread with a runtime of its own does.
        let dropped = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let admin = admin().await.unwrap();
                admin
                    .execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)"))
                    .await
                    .unwrap();
            });
        });
        drop(dropped.join());
    }
}

/// Takes back a migration and all that came after it.
pub(crate) async fn take_back(db: &clinic::db::Db, first: &str) {
    let all = clinic::db::migrations::status(db).await.unwrap();
    let steps = all.iter().skip_while(|migration| migration.name != first).count();
    assert!(steps > 0, "there is no {first}");
    assert_eq!(take_back_steps(db, steps).await, clinic::db::TakenBack::Done(steps));
}

/// Takes back so many migrations, whatever is lost by that.
pub(crate) async fn take_back_steps(db: &clinic::db::Db, steps: usize) -> clinic::db::TakenBack {
    let steps = u32::try_from(steps).unwrap();
    let mut agreed = None;
    // Meanwhile a server may write into it.
    for _try in 0..20 {
        match clinic::db::migrations::down(db, steps, agreed).await.unwrap() {
            clinic::db::TakenBack::Refused(loss) => agreed = Some(loss.rows()),
            done @ clinic::db::TakenBack::Done(_) => return done,
        }
    }
    panic!("the audit trail is written to without end");
}

async fn admin() -> Result<DatabaseConnection, sea_orm::DbErr> {
    let mut options = ConnectOptions::new(admin_url());
    options.max_connections(1).connect_timeout(Duration::from_secs(5)).sqlx_logging(false);
    Database::connect(options).await
}

/// Drops what test runs that were killed have left behind.
async fn sweep() {
    let Ok(admin) = admin().await else { return };
    let sql = "SELECT datname FROM pg_database WHERE datname LIKE 'clinic_test_%'";
    let rows = admin
        .query_all_raw(Statement::from_string(admin.get_database_backend(), sql))
        .await
        .unwrap_or_default();
    for row in rows {
        let name: String = row.try_get_by_index(0).unwrap();
        let process = name.split('_').nth(2).unwrap_or_default();
        if !std::path::Path::new("/proc").join(process).exists() {
            drop(admin.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name}")).await);
        }
    }
}
