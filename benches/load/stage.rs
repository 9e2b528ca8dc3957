//! A stage: a database with so many appointments, the mock scheduling service and the server, each
//! a process of its own.

use std::sync::Arc;
use std::time::Duration;

use clinic::domain::{Clock as _, SystemClock};
use jiff::tz::TimeZone;
use sea_orm::ConnectionTrait as _;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::data;
use crate::database::{Engine, Store};
use crate::drive::Connection;
use crate::facts::Facts;
use crate::processes::{Folder, Port, Process, free_port, listening};
use crate::scenarios::Asked;
use crate::{Options, Trouble};

/// The fields fall in this order: processes before the database, the database before the folder.
pub(crate) struct Stage {
    pub(crate) facts: Arc<Facts>,
    pub(crate) stored: u32,
    server: Mutex<Process>,
    server_port: Port,
    mock: Process,
    mock_port: Port,
    settings: Vec<(String, String)>,
    pub(crate) store: Store,
    folder: Folder,
}

impl Stage {
    pub(crate) async fn open(
        options: &Options,
        engine: Engine,
        stored: u32,
    ) -> Result<Self, Trouble> {
        let mut folder = Folder::create(false)?;
        folder.keep = options.keep;
        let store = match engine {
            Engine::Sqlite => Store::sqlite(folder.path()),
            Engine::Postgres => Store::postgres(None).await?,
        };
        let mock_port = free_port()?;
        let port = mock_port.number.to_string();
        let mock =
            Process::clinic(folder.path(), "mock.log", &["mock-scheduler", "--port", &port], &[])?;
        let server_port = free_port()?;
        // All else as it comes, the log of each request too, which goes to a file.
        let mut settings = vec![
            ("DATABASE_URL".to_owned(), store.url.clone()),
            ("SEED_DEMO".to_owned(), "false".to_owned()),
            ("SCHEDULER_URL".to_owned(), format!("http://127.0.0.1:{port}")),
            // Its few patients book far more than people do.
            ("MAX_OPEN_VISITS_PER_PATIENT".to_owned(), "100000".to_owned()),
            // They hold with one token, and very many follow.
            ("HOLDS_PER_TOKEN".to_owned(), "100000".to_owned()),
            ("LIVE_MAX_CONNECTIONS".to_owned(), "3000".to_owned()),
            ("PORT".to_owned(), server_port.number.to_string()),
        ];
        if engine == Engine::Postgres {
            let connections = options.connections.max(2).to_string();
            settings.push(("DATABASE_MAX_CONNECTIONS".to_owned(), connections));
            // On SQLite one is made: the audit trail is written, in its strict way, on both.
            settings.push(("AUDIT_KEY".to_owned(), "0123456789abcdef".repeat(2)));
        }
        let began = Instant::now();
        std::fs::write(folder.path().join("roster.json"), data::roster())?;
        let seed = ["seed", "--file", "roster.json"];
        Process::clinic(folder.path(), "seed.log", &seed, &settings)?.finished().await?;
        let now = SystemClock.now();
        let base = now.to_zoned_datetime(TimeZone::UTC).start_of_day()?.timestamp();
        data::store(&store, base, stored).await?;
        println!("   loaded in {:.1?}", began.elapsed());
        let facts = Arc::new(facts(&store, base, now).await?);
        let server = Process::clinic(folder.path(), "server.log", &[], &settings)?;
        let stage = Self {
            facts,
            stored,
            server: Mutex::new(server),
            server_port,
            mock,
            mock_port,
            settings,
            store,
            folder,
        };
        stage.answers().await?;
        listening(stage.mock_port.number, Duration::from_secs(30)).await?;
        Ok(stage)
    }

    pub(crate) fn port(&self) -> u16 {
        self.server_port.number
    }

    /// What a server on this stage is started with.
    pub(crate) fn settings(&self) -> &[(String, String)] {
        &self.settings
    }

    /// Waits for the first answer about data.
    async fn answers(&self) -> Result<(), Trouble> {
        let until = Instant::now() + Duration::from_mins(1);
        while Instant::now() < until {
            if let Ok(mut connection) = Connection::open(self.port()).await {
                let query = r#"{ "query": "{ providers(first: 1) { nodes { name } } }" }"#;
                let asked = Asked {
                    method: hyper::Method::POST,
                    path: "/graphql".to_owned(),
                    body: query.into(),
                    holds: "nodes",
                };
                return connection.send(asked).await.map(drop);
            }
            sleep(Duration::from_millis(1)).await;
        }
        Err("the server does not answer".into())
    }

    /// Kills the server and starts it anew; how long until its first answer.
    pub(crate) async fn restart(&self) -> Result<Duration, Trouble> {
        self.restart_with(&[]).await
    }

    /// The same, with these settings beside its own.
    pub(crate) async fn restart_with(&self, more: &[(&str, &str)]) -> Result<Duration, Trouble> {
        let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let settings: Vec<_> = self.settings.iter().cloned().chain(more).collect();
        let mut server = self.server.lock().await;
        server.kill().await?;
        let began = Instant::now();
        *server = Process::clinic(self.folder.path(), "server.log", &[], &settings)?;
        self.answers().await?;
        Ok(began.elapsed())
    }

    /// Bytes of memory that the server holds.
    pub(crate) async fn rss(&self) -> Result<u64, Trouble> {
        let process = self.server.lock().await.0.id().ok_or("the server has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
        let kibibytes: u64 = line.split_whitespace().nth(1).ok_or("no number")?.parse()?;
        Ok(kibibytes * 1024)
    }

    pub(crate) async fn close(mut self) -> Result<(), Trouble> {
        self.server.lock().await.kill().await?;
        self.mock.kill().await
    }
}

async fn facts(
    store: &Store,
    base: jiff::Timestamp,
    now: jiff::Timestamp,
) -> Result<Facts, Trouble> {
    let mut lists: [Vec<Uuid>; 2] = [Vec::new(), Vec::new()];
    for (list, prefix) in lists.iter_mut().zip(["many", "few"]) {
        let sql =
            format!("SELECT id FROM provider WHERE reference LIKE '{prefix}-%' ORDER BY reference");
        for row in store.query(&sql).await? {
            list.push(row.try_get_by_index(0)?);
        }
    }
    let payer = store.query("SELECT id FROM insurance WHERE name = 'Aetna'").await?;
    let payer = payer.first().ok_or("no payer")?.try_get_by_index(0)?;
    let [many, few] = lists;
    Ok(Facts::new(base, now, many, few, payer))
}

/// One connection, for what has to be said in one go.
pub(crate) async fn run_all(store: &Store, statements: &[String]) -> Result<(), Trouble> {
    let connection = store.connect().await?;
    for sql in statements {
        connection.execute_unprepared(sql).await?;
    }
    connection.close().await?;
    Ok(())
}
