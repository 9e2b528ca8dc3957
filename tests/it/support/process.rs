//! The real binary as a process of its own, which can be killed.

use std::process::Stdio;
use std::time::Duration;

use clinic::domain::{Clock as _, SystemClock};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::app::{AUDIT_KEY, Answer, TestApp};
use super::database::TestDatabase;
use super::until::bounded;

/// What a command has come to.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs a command of the real binary in that folder, until it ends.
pub(crate) async fn clinic(
    folder: &std::path::Path,
    settings: &[(&str, &str)],
    arguments: &[&str],
) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clinic"));
    command.current_dir(folder).env_clear().envs(settings.iter().copied()).args(arguments);
    ended(command).await
}

/// The same with one setting, of whatever bytes.
pub(crate) async fn clinic_with(
    folder: &std::path::Path,
    variable: &str,
    value: &std::ffi::OsStr,
    arguments: &[&str],
) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clinic"));
    command.current_dir(folder).env_clear().env(variable, value).args(arguments);
    ended(command).await
}

async fn ended(mut command: Command) -> Ended {
    // One that was to end and serves instead would be waited for, and outlive the test.
    let output = bounded(command.kill_on_drop(true).output()).await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

pub(crate) struct ServerProcess {
    pub(crate) url: String,
    pub(crate) scheduler_url: String,
    /// What it says on standard output until it is ready.
    pub(crate) banner: String,
    client: reqwest::Client,
    child: Child,
    _output: Lines<BufReader<ChildStdout>>,
}

impl ServerProcess {
    /// Starts the server on that database and waits until it is ready.
    pub(crate) async fn start(database: &TestDatabase, settings: &[(&str, &str)]) -> Self {
        Self::start_as(Command::new(env!("CARGO_BIN_EXE_clinic")), database, settings).await
    }

    /// The same with its log in a file.
    pub(crate) async fn start_logging(
        database: &TestDatabase,
        settings: &[(&str, &str)],
        log: &std::path::Path,
    ) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clinic"));
        command.stderr(std::fs::File::create(log).unwrap());
        Self::start_as(command, database, settings).await
    }

    /// The same on a disk that is full: no file of the server's grows past `blocks` half kilobytes.
    #[cfg(unix)]
    pub(crate) async fn start_on_a_full_disk(database: &TestDatabase, blocks: u32) -> Self {
        let mut limited = Command::new("sh");
        // Told by an error, as a full disk does, and not by the signal that ends a process.
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\"");
        limited.args(["-c", &script, env!("CARGO_BIN_EXE_clinic")]);
        Self::start_as(limited, database, &[]).await
    }

    async fn start_as(
        mut command: Command,
        database: &TestDatabase,
        settings: &[(&str, &str)],
    ) -> Self {
        let mut child = command
            .current_dir(database.folder.path())
            .env_clear()
            .env("DATABASE_URL", &database.url)
            .env("SCHEDULER_LEDGER", database.folder.path().join("ledger.jsonl"))
            .env("SCHEDULER_URL", "mock")
            .env("SEED_DEMO", "false")
            .env("PORT", "0")
            .env("AUDIT_KEY", AUDIT_KEY)
            .env("RUST_LOG", "error")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let (mut url, mut scheduler_url, mut banner) = (None, None, String::new());
        while url.is_none() || scheduler_url.is_none() {
            let line = bounded(output.next_line()).await.unwrap();
            let line = line.expect("the server ended before it was ready");
            banner.extend([line.as_str(), "\n"]);
            let address = line.find("http://").map(|start| line[start..].to_owned());
            if line.contains("GraphiQL") {
                url = address.map(|address| address.replace("/graphql", ""));
            } else if line.contains("Scheduler") {
                scheduler_url = Some(address.unwrap_or_default());
            }
        }
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build();
        Self {
            url: url.unwrap(),
            scheduler_url: scheduler_url.unwrap(),
            banner,
            client: client.unwrap(),
            child,
            _output: output,
        }
    }

    /// The memory it has, in bytes.
    #[cfg(target_os = "linux")]
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap()));
        let status = status.unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// SIGKILL: nothing is finished, nothing is closed.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    pub(crate) async fn book(&self, body: &Value) -> Answer {
        let body = not_yet(body);
        TestApp::send(self.client.post(format!("{}/appointment", self.url)).json(&body)).await
    }

    /// The answer, if the server lives long enough to give one.
    pub(crate) async fn try_book(&self, body: &Value) -> Option<Value> {
        let request = self.client.post(format!("{}/appointment", self.url)).json(&not_yet(body));
        request.send().await.ok()?.json().await.ok()
    }

    /// The same under a key; the body as it is, for it is to be sent again.
    pub(crate) async fn try_book_with_key(&self, key: &str, body: &Value) -> Option<Value> {
        let request = self.client.post(format!("{}/appointment", self.url)).json(body);
        request.header("Idempotency-Key", key).send().await.ok()?.json().await.ok()
    }

    /// A GraphQL operation; the whole answer.
    pub(crate) async fn graphql(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        TestApp::send(self.client.post(format!("{}/graphql", self.url)).json(&body)).await.json()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        TestApp::send(self.client.get(format!("{}{path}", self.url))).await
    }

    pub(crate) async fn faults(&self, faults: &Value) {
        let request = self.client.put(format!("{}/faults", self.scheduler_url)).json(faults);
        assert!(TestApp::send(request).await.status.is_success(), "{}", json!(faults));
    }
}

/// A booking at no time in particular, from tomorrow on: the process has the real clock, by which the first
/// free time may begin at any moment, and what has begun is not what is to be tested.
pub(crate) fn not_yet(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(fields) = body.as_object_mut()
        && !fields.contains_key("time")
    {
        let tomorrow = SystemClock.now() + SignedDuration::from_hours(24);
        fields.entry("after").or_insert_with(|| tomorrow.to_string().into());
    }
    body
}
