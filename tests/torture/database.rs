//! A database of its own for each stage, gone when the stage is, and raw SQL past the program.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, QueryResult, Statement,
};

use crate::Trouble;

/// What it runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    /// The SQL of this engine.
    pub(crate) fn sql<'a>(self, sqlite: &'a str, postgres: &'a str) -> &'a str {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres => postgres,
        }
    }
}

/// A fresh database.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) engine: Engine,
    pub(crate) url: String,
    /// The server it is to be dropped from, and its name there.
    to_drop: Option<(String, String)>,
}

impl Store {
    pub(crate) fn sqlite(folder: &Path) -> Self {
        let url = format!("sqlite://{}?mode=rwc", folder.join("clinic.db").display());
        Self { engine: Engine::Sqlite, url, to_drop: None }
    }

    /// One that is there, and stays.
    pub(crate) fn at(engine: Engine, url: String) -> Self {
        Self { engine, url, to_drop: None }
    }

    /// On the `PostgreSQL` at `admin`: this machine's, unless another is given.
    pub(crate) async fn postgres(admin: Option<&str>) -> Result<Self, Trouble> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let admin = admin.map_or_else(admin_url, str::to_owned);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("clinic_torture_{}_{number}", std::process::id());
        execute(&admin, &format!("CREATE DATABASE {name}")).await?;
        let (server, _) = admin.rsplit_once('/').ok_or("no database in the URL")?;
        let url = format!("{server}/{name}");
        Ok(Self { engine: Engine::Postgres, url, to_drop: Some((admin, name)) })
    }

    /// A connection of its own, as another program would have one.
    pub(crate) async fn connect(&self) -> Result<DatabaseConnection, DbErr> {
        connect(&self.url).await
    }

    /// Runs SQL past the program; says how many rows it touched.
    pub(crate) async fn execute(&self, sql: &str) -> Result<u64, Trouble> {
        execute(&self.url, sql).await
    }

    pub(crate) async fn query(&self, sql: &str) -> Result<Vec<QueryResult>, Trouble> {
        let connection = self.connect().await?;
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        let rows = connection.query_all_raw(statement).await;
        connection.close().await?;
        Ok(rows?)
    }

    /// The one number that a query answers.
    pub(crate) async fn number(&self, sql: &str) -> Result<i64, Trouble> {
        let rows = self.query(sql).await?;
        Ok(rows.first().ok_or("no row")?.try_get_by_index(0)?)
    }

    /// How many deadlocks there were in this database; a client that has just gone has told by now.
    pub(crate) async fn deadlocks(&self) -> Result<i64, Trouble> {
        if self.engine == Engine::Sqlite {
            return Ok(0);
        }
        tokio::time::sleep(Duration::from_millis(1500)).await;
        self.number("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            .await
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let Some((admin, name)) = self.to_drop.take() else { return };
        // Dropping can't wait, so a thread with a runtime of its own does.
        let dropped = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            runtime.block_on(execute(&admin, &sql)).is_ok()
        });
        if !matches!(dropped.join(), Ok(true)) {
            println!("   a database of this run could not be dropped");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "where the server is, is no setting of the program")]
fn admin_url() -> String {
    std::env::var("TEST_POSTGRES_URL")
        .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned())
}

pub(crate) async fn postgres_is_there() -> bool {
    let there = connect(&admin_url()).await.is_ok();
    if there {
        drop(sweep().await);
    }
    there
}

/// Drops what harnesses that were themselves killed have left behind.
async fn sweep() -> Result<(), Trouble> {
    let admin = Store { engine: Engine::Postgres, url: admin_url(), to_drop: None };
    let sql = "SELECT datname FROM pg_database WHERE datname LIKE 'clinic\\_torture\\_%'";
    for row in admin.query(sql).await? {
        let name: String = row.try_get_by_index(0)?;
        let process = name.split('_').nth(2).unwrap_or_default();
        if !Path::new("/proc").join(process).exists() {
            admin.execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        }
    }
    Ok(())
}

/// Whether the server at `url` takes connections.
pub(crate) async fn answers(url: &str) -> bool {
    execute(url, "SELECT 1").await.is_ok()
}

async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).connect_timeout(Duration::from_secs(10)).sqlx_logging(false);
    Database::connect(options).await
}

async fn execute(url: &str, sql: &str) -> Result<u64, Trouble> {
    let connection = connect(url).await?;
    let done = connection.execute_unprepared(sql).await;
    connection.close().await?;
    Ok(done?.rows_affected())
}
