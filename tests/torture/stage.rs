//! A stage: a fresh database, the outside service, the servers, and a client who takes notes.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use crate::checker::{self, Report};
use crate::client::Client;
use crate::database::{Engine, Store};
use crate::history::History;
use crate::processes::{Folder, Port, Process, free_port, listening};
use crate::rows::{self, Truth};
use crate::{Context, Trouble};

/// Two leases, and time for the last back-off and for the work itself.
pub(crate) const SETTLED_WITHIN: Duration = Duration::from_mins(1);

/// What a stage is set up with.
pub(crate) struct Setup {
    pub(crate) roster: String,
    pub(crate) settings: Vec<(&'static str, String)>,
    /// Another `PostgreSQL` than this machine's.
    pub(crate) admin: Option<String>,
}

impl Setup {
    pub(crate) fn with(roster: String) -> Self {
        Self { roster, settings: Vec::new(), admin: None }
    }

    pub(crate) fn setting(mut self, variable: &'static str, value: &str) -> Self {
        self.settings.push((variable, value.to_owned()));
        self
    }
}

/// The outside service's book, in the folder of the stage.
pub(crate) const LEDGER: &str = "ledger.jsonl";
/// What the servers want where access is closed.
const TOKEN: &str = "torture-0123456789abcdef";

/// The fields fall in this order: processes before the database, the database before the folder.
pub(crate) struct Stage {
    pub(crate) client: Client,
    pub(crate) history: Arc<History>,
    servers: Vec<Mutex<Process>>,
    ports: Vec<Port>,
    settings: Vec<(String, String)>,
    mock: Process,
    mock_port: Port,
    pub(crate) store: Store,
    /// Kept unless the stage comes to a good end.
    folder: Folder,
    keep: bool,
}

impl Stage {
    pub(crate) async fn open(
        context: &Context,
        engine: Engine,
        setup: Setup,
    ) -> Result<Self, Trouble> {
        let folder = Folder::create(true)?;
        let store = match engine {
            Engine::Sqlite => Store::sqlite(folder.path()),
            Engine::Postgres => Store::postgres(setup.admin.as_deref()).await?,
        };
        let mut stage = Self::set(context, folder, store, setup.settings).await?;
        std::fs::write(stage.folder.path().join("roster.json"), &setup.roster)?;
        let seed = ["seed", "--file", "roster.json"];
        stage.clinic("seed.log", &seed)?.finished().await?;
        stage.serve().await?;
        Ok(stage)
    }

    /// On a database that is there, beside an outside service that goes on with the ledger in the folder, if
    /// one is there. Nobody serves yet.
    pub(crate) async fn set(
        context: &Context,
        folder: Folder,
        store: Store,
        more: Vec<(&'static str, String)>,
    ) -> Result<Self, Trouble> {
        let mock_port = free_port()?;
        let mock = outside(&folder, &mock_port).await?;

        let mut settings = vec![
            ("DATABASE_URL".to_owned(), store.url.clone()),
            ("DATABASE_MAX_CONNECTIONS".to_owned(), "12".to_owned()),
            ("SEED_DEMO".to_owned(), "false".to_owned()),
            ("SCHEDULER_URL".to_owned(), format!("http://127.0.0.1:{}", mock_port.number)),
            // Its few patients book far more than people do.
            ("MAX_OPEN_VISITS_PER_PATIENT".to_owned(), "100000".to_owned()),
            // All hold as one where access is open, and with one token.
            ("HOLDS_PER_TOKEN".to_owned(), "100000".to_owned()),
            ("RUST_LOG".to_owned(), "error".to_owned()),
            // Needed on PostgreSQL where access is closed.
            ("AUDIT_KEY".to_owned(), "torture-0123456789abcdef-0123456789".to_owned()),
        ];
        let token = context.closed.then_some(TOKEN);
        settings.extend(token.map(|token| ("API_TOKEN".to_owned(), token.to_owned())));
        settings.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));

        let count = if store.engine == Engine::Postgres { 2 } else { 1 };
        let mut ports = Vec::new();
        for _server in 0..count {
            ports.push(free_port()?);
        }
        let history = Arc::new(History::create(&folder.path().join("history.jsonl"))?);
        let numbers = ports.iter().map(|port| port.number).collect();
        let client = Client::new(numbers, history.clone(), token)?;
        Ok(Self {
            client,
            history,
            servers: Vec::new(),
            ports,
            settings,
            mock,
            mock_port,
            store,
            folder,
            keep: context.keep,
        })
    }

    /// Starts the servers.
    pub(crate) async fn serve(&mut self) -> Result<(), Trouble> {
        for server in 0..self.ports.len() {
            let process = self.spawn(server)?;
            self.servers.push(Mutex::new(process));
        }
        self.ready(Duration::from_mins(1)).await
    }

    fn clinic(&self, log: &str, arguments: &[&str]) -> Result<Process, Trouble> {
        Process::clinic(self.folder.path(), log, arguments, &self.settings)
    }

    fn spawn(&self, server: usize) -> Result<Process, Trouble> {
        let mut settings = self.settings.clone();
        settings.push(("PORT".to_owned(), self.ports[server].number.to_string()));
        Process::clinic(self.folder.path(), &format!("server{server}.log"), &[], &settings)
    }

    /// Runs a command of the program beside the servers; answers its exit code.
    pub(crate) async fn command(&self, arguments: &[&str]) -> Result<Option<i32>, Trouble> {
        self.clinic("commands.log", arguments)?.code().await
    }

    /// Where its files are.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn servers(&self) -> usize {
        self.servers.len()
    }

    /// `kill -9`.
    pub(crate) async fn kill(&self, server: usize) -> Result<(), Trouble> {
        self.servers[server].lock().await.kill().await
    }

    /// Starts servers again that were killed, at the ports they had.
    pub(crate) async fn restart(&self, servers: &[usize]) -> Result<(), Trouble> {
        for server in servers {
            *self.servers[*server].lock().await = self.spawn(*server)?;
        }
        self.ready(Duration::from_mins(1)).await
    }

    /// Waits until every server says that it can serve.
    pub(crate) async fn ready(&self, within: Duration) -> Result<(), Trouble> {
        let until = Instant::now() + within;
        for server in 0..self.servers.len() {
            let url = self.client.url(server, "/readyz");
            loop {
                let answer = self.client.http.get(&url).send().await;
                if answer.is_ok_and(|answer| answer.status().is_success()) {
                    break;
                }
                if self.servers[server].lock().await.has_ended() {
                    return Err(format!("server {server} ended by itself").into());
                }
                if Instant::now() > until {
                    return Err(format!("server {server} is not ready in time").into());
                }
                sleep(Duration::from_millis(10)).await;
            }
        }
        Ok(())
    }

    /// The outside service begins anew, with a copy of that ledger.
    pub(crate) async fn with_ledger(&mut self, ledger: &Path) -> Result<(), Trouble> {
        self.mock.kill().await?;
        std::fs::copy(ledger, self.folder.path().join(LEDGER))?;
        self.mock = outside(&self.folder, &self.mock_port).await?;
        Ok(())
    }

    /// Replaces all faults of the outside service.
    pub(crate) async fn faults(&self, faults: &Value) -> Result<(), Trouble> {
        let url = format!("http://127.0.0.1:{}/faults", self.mock_port.number);
        self.client.http.put(url).json(faults).send().await?.error_for_status()?;
        Ok(())
    }

    pub(crate) async fn no_faults(&self) -> Result<(), Trouble> {
        self.faults(&json!({})).await
    }

    /// Waits until nothing is under way; says how long that took, or None when it did not end.
    pub(crate) async fn settled(&self, within: Duration) -> Result<Option<Duration>, Trouble> {
        let began = Instant::now();
        loop {
            if rows::unsettled(&self.store).await? == (0, 0) {
                return Ok(Some(began.elapsed()));
            }
            if began.elapsed() > within {
                return Ok(None);
            }
            sleep(Duration::from_millis(200)).await;
        }
    }

    pub(crate) async fn truth(&self) -> Result<Truth, Trouble> {
        let ledger = format!("http://127.0.0.1:{}/ledger", self.mock_port.number);
        let ledger: Value = self.client.http.get(ledger).send().await?.json().await?;
        Ok(Truth {
            booked: rows::booked(&self.store).await?,
            outside: rows::outside(&ledger)?,
            waiting: self.store.number("SELECT count(*) FROM outbox").await?,
            began_at: self.history.began_at(),
        })
    }

    /// Faults off, wait until all is settled, and compare everything.
    pub(crate) async fn verdict(&mut self) -> Result<(Report, Truth), Trouble> {
        self.no_faults().await?;
        self.settled(SETTLED_WITHIN).await?;
        let truth = self.truth().await?;
        let report = checker::check(&self.history.entries(), &truth);
        if report.total() > 0 {
            self.keep = true;
        }
        Ok((report, truth))
    }

    pub(crate) fn keep(&mut self) {
        self.keep = true;
    }

    /// Ends every process of the stage; dropping it does the same, only later.
    pub(crate) async fn close(mut self) -> Result<(), Trouble> {
        self.folder.keep = self.keep;
        for server in &self.servers {
            server.lock().await.kill().await?;
        }
        self.mock.kill().await
    }
}

/// The outside service, with the ledger of the folder.
async fn outside(folder: &Folder, port: &Port) -> Result<Process, Trouble> {
    let number = port.number.to_string();
    let arguments = ["mock-scheduler", "--port", &number, "--ledger", LEDGER];
    let quiet = [("RUST_LOG".to_owned(), "error".to_owned())];
    let mock = Process::clinic(folder.path(), "mock.log", &arguments, &quiet)?;
    listening(port.number, Duration::from_secs(30)).await?;
    Ok(mock)
}
