//! The application, served on a free port, and a client of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clinic::app::App;
use clinic::config::Config;
use clinic::db::Db;
use clinic::roster;
use clinic::services::Services;
use clinic::settling::Settling;
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::clock::{MONDAY, ManualClock};
use super::database::{Engine, TestDatabase};
use super::described::assert_described;
use super::roster::RosterBuilder;

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The status and the code of a problem.
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        (self.status.as_u16(), self.json()["code"].as_str().unwrap_or_default().to_owned())
    }
}

/// What an application is started with.
pub(crate) struct TestAppBuilder {
    engine: Engine,
    roster: RosterBuilder,
    settings: Vec<(String, String)>,
    now: String,
    of_a_machine: bool,
}

impl TestAppBuilder {
    /// With a clock that is meant to tell the time in the world, and may be wrong.
    pub(crate) fn by_a_machines_clock(mut self, ahead: SignedDuration) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a machine tells the time of the world")]
        let now = Timestamp::now() + ahead;
        self.of_a_machine = true;
        self.at(&now.to_string())
    }

    pub(crate) fn roster(mut self, roster: RosterBuilder) -> Self {
        self.roster = roster;
        self
    }

    pub(crate) fn setting(mut self, variable: &str, value: &str) -> Self {
        self.settings.push((variable.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn at(mut self, now: &str) -> Self {
        now.clone_into(&mut self.now);
        self
    }

    pub(crate) async fn spawn(self) -> TestApp {
        let database = TestDatabase::create(self.engine).await;
        self.spawn_on(Arc::new(database)).await
    }

    /// Another server on a database that is there already.
    pub(crate) async fn spawn_on(self, database: Arc<TestDatabase>) -> TestApp {
        drop(rustls::crypto::ring::default_provider().install_default());
        let config = config(&database, &self.settings);
        let clock = ManualClock::at(&self.now);
        let clock = Arc::new(if self.of_a_machine { clock.of_a_machine() } else { clock });
        let app = App::start(&config, clock.clone(), None).await.unwrap();
        let now = clinic::domain::Clock::now(clock.as_ref());
        roster::load(app.db(), &self.roster.text(), now).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let (services, settling) = (app.services().clone(), Arc::clone(app.settling()));
        let (db, scheduler_url) =
            (app.db().clone(), app.scheduler_url().unwrap_or_default().to_owned());
        let serving = tokio::spawn(async move {
            app.serve(listener, async { drop(stopped.await) }).await;
        });
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build();
        TestApp {
            url,
            scheduler_url,
            services,
            settling,
            db,
            clock,
            client: client.unwrap(),
            stop: Some(stop),
            serving: Some(serving),
            database,
        }
    }
}

/// A server by the machine's own clock, as a process runs by no other.
pub(crate) async fn by_the_real_clock(database: &Arc<TestDatabase>, ahead: i64) -> TestApp {
    #[expect(clippy::disallowed_methods, reason = "a process of its own runs by the real clock")]
    let now = Timestamp::now() + SignedDuration::from_secs(ahead);
    let builder = TestApp::builder(database.engine).at(&now.to_string());
    builder.spawn_on(Arc::clone(database)).await
}

/// The key of the audit trail.
pub(crate) const AUDIT_KEY: &str = "0123456789abcdef0123456789abcdef";

/// Settings as `Config` reads them, with what every test needs.
fn config(database: &TestDatabase, settings: &[(String, String)]) -> Config {
    let ledger = database.folder.path().join("ledger.jsonl");
    let defaults = [
        ("DATABASE_URL", database.url.clone()),
        ("SEED_DEMO", "false".to_owned()),
        ("SCHEDULER_LEDGER", ledger.display().to_string()),
        ("SCHEDULER_URL", "mock".to_owned()),
        ("DATABASE_MAX_CONNECTIONS", "8".to_owned()),
        // Needed where access is closed and the database is PostgreSQL.
        ("AUDIT_KEY", AUDIT_KEY.to_owned()),
    ];
    let read = |variable: &str| {
        let given = settings
            .iter()
            .rev()
            .find(|(name, _)| name == variable)
            .map(|(_, value)| value.clone());
        given.or_else(|| {
            defaults.iter().find(|(name, _)| *name == variable).map(|(_, value)| value.clone())
        })
    };
    Config::read(&read).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) struct TestApp {
    pub(crate) url: String,
    pub(crate) scheduler_url: String,
    pub(crate) services: Services,
    pub(crate) settling: Arc<Settling>,
    pub(crate) db: Db,
    pub(crate) clock: Arc<ManualClock>,
    client: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
    // Last, so that it goes after the server.
    pub(crate) database: Arc<TestDatabase>,
}

impl TestApp {
    /// The usual roster, on a Monday morning.
    pub(crate) async fn spawn(engine: Engine) -> Self {
        Self::builder(engine).spawn().await
    }

    pub(crate) fn builder(engine: Engine) -> TestAppBuilder {
        TestAppBuilder {
            engine,
            roster: RosterBuilder::usual(),
            settings: Vec::new(),
            now: MONDAY.to_owned(),
            of_a_machine: false,
        }
    }

    /// Stops the server as an operator would, and waits for it.
    pub(crate) async fn stop(mut self) {
        drop(self.stop.take());
        self.serving.take().unwrap().await.unwrap();
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// Sends a request; whatever a REST route answers must be described in the OpenAPI document.
    pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
        let (client, request) = request.build_split();
        let request = request.unwrap();
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = client.execute(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        assert_described(method.as_str(), &path, status.as_u16(), &headers, &text);
        Answer { status, headers, text }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Self::send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        Self::send(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn post_with_key(&self, path: &str, key: &str, body: &Value) -> Answer {
        Self::send(self.request(Method::POST, path).header("Idempotency-Key", key).json(body)).await
    }

    /// `POST /appointment`.
    pub(crate) async fn book(&self, body: &Value) -> Answer {
        self.post("/appointment", body).await
    }

    /// A GraphQL operation; the whole answer, with `data` and `errors`.
    pub(crate) async fn graphql(&self, query: &str, variables: Value) -> Value {
        let answer =
            self.post("/graphql", &json!({ "query": query, "variables": variables })).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()
    }

    /// Orders faults of the scheduling service, as `PUT /faults` does; `json!({})` for none.
    pub(crate) async fn faults(&self, faults: &Value) {
        let request = self.client.put(format!("{}/faults", self.scheduler_url)).json(faults);
        let answer = Self::send(request).await;
        assert!(answer.status.is_success(), "{answer:?}");
    }

    /// Everything that the scheduling service ever made.
    pub(crate) async fn ledger(&self) -> Vec<Value> {
        let answer = Self::send(self.client.get(format!("{}/ledger", self.scheduler_url))).await;
        answer.json().as_array().unwrap().clone()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.database.folder.path().join(name)
    }

    /// The id of the provider of that name.
    pub(crate) async fn provider_id(&self, name: &str) -> String {
        let answer =
            self.graphql("{ providers(first: 100) { nodes { id name } } }", json!({})).await;
        let nodes = answer["data"]["providers"]["nodes"].as_array().unwrap().clone();
        let found =
            nodes.iter().find(|node| node["name"] == name).unwrap_or_else(|| panic!("no {name}"));
        found["id"].as_str().unwrap().to_owned()
    }
}
