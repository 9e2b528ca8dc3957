//! How many statements a request sends to the database.
//!
//! A server in another process can't be asked, and what a database server counts is not told apart
//! by request. So the same code is served once more, inside this process, on the same database, and
//! watched as the tests watch it while one request of each scenario is sent.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use clinic::app::App;
use clinic::config::Config;
use clinic::db::{DatabaseCommand, Db};
use clinic::domain::SystemClock;
use clinic::settling::Settling;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::drive::Connection;
use crate::scenarios::{self, Kind};
use crate::stage::Stage;
use crate::table::Counted;
use crate::{Options, Trouble};

/// Longer than the teller of events waits for more of them.
const QUIET: Duration = Duration::from_millis(100);

/// By the name of the scenario.
pub(crate) async fn statements(
    options: &Options,
    stage: &Stage,
) -> Result<HashMap<&'static str, Counted>, Trouble> {
    let read = |variable: &str| {
        let setting = stage.settings().iter().find(|(name, _)| name == variable);
        setting.map(|(_, value)| value.clone())
    };
    let config = Config::read(&read)?;
    let app = App::start(&config, Arc::new(SystemClock), None).await?;
    let (db, settling) = (app.db().clone(), Arc::clone(app.settling()));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(app.serve(listener, async { drop(stopped.await) }));
    let mut counted = HashMap::new();
    let wanted = scenarios::ALL.into_iter().filter(|it| options.wants(it.name));
    for scenario in wanted.filter(|scenario| scenario.kind != Kind::Mix) {
        let mut connection = Connection::open(port).await?;
        // The second of two: what a server reads once is not what a request costs.
        connection.send(scenario.asks(&stage.facts, stage.facts.next())).await?;
        settling.all_settled().await;
        tokio::time::sleep(QUIET).await;
        let asked = scenario.asks(&stage.facts, stage.facts.next());
        counted.insert(scenario.name, watched(&db, &settling, connection.send(asked)).await?);
    }
    drop(stop);
    serving.await?;
    Ok(counted)
}

/// What the work sends, but for two that look whether there is something to do, however much there
/// is: the outbox worker, and the teller of events, one for the changes of 20 milliseconds together.
async fn watched(
    db: &Db,
    settling: &Settling,
    work: impl Future<Output = Result<String, Trouble>>,
) -> Result<Counted, Trouble> {
    let mut watch = db.watch();
    work.await?;
    settling.all_settled().await;
    let (mut transactions, mut told, mut statements) = (0_usize, 0, 0);
    while let Ok(Ok(sent)) = timeout(QUIET, watch.recv()).await {
        match sent {
            DatabaseCommand::Begin => transactions += 1,
            DatabaseCommand::Commit => {}
            DatabaseCommand::Statement(sql) if is_of_the_teller(&sql) => {
                told += usize::from(sql.contains("UPDATE appointment_event"));
            }
            DatabaseCommand::Statement(sql) if is_the_workers_look(&sql) => {}
            DatabaseCommand::Statement(_) => statements += 1,
        }
    }
    Ok(Counted { statements, transactions: transactions.saturating_sub(told) })
}

fn is_of_the_teller(sql: &str) -> bool {
    let its_lock = sql.contains("pg_advisory_xact_lock(") && !sql.contains("$1");
    // A search reads the log, too: to know what has changed.
    let of_events = sql.contains("appointment_event") && !sql.contains("AS visit");
    its_lock || sql.contains("pg_notify") || of_events
}

fn is_the_workers_look(sql: &str) -> bool {
    sql.starts_with("SELECT") && sql.contains("FROM \"outbox\"") && sql.contains("\"due_at\" <=")
}
