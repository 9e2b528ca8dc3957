//! How many SQL statements something costs.

use std::time::Duration;

use clinic::access::Actor;
use clinic::db::DatabaseCommand;
use tokio::time::{Instant, timeout_at};

use super::app::TestApp;
use super::database::Engine;

/// What a piece of work sent to the database.
#[derive(Debug)]
pub(crate) struct Statements {
    /// How many transactions that may write were opened; each costs a `BEGIN` and a `COMMIT`,
    /// which are not among the statements.
    pub(crate) transactions: usize,
    pub(crate) sql: Vec<String>,
}

impl TestApp {
    /// What the work sends to the database, that of other tasks of this server included, but for
    /// those that write what is not asked for, or look whether there is something to do, however much
    /// there is: the outbox worker, which looks as well whose visits fail, the tellers of events, of the
    /// roster and of the waitlist, one for the
    /// changes of 20 milliseconds together, who looks for times for those who wait, and the keeper of the audit trail.
    pub(crate) async fn statements<T>(&self, work: impl Future<Output = T>) -> (T, Statements) {
        // Read once by a server, and again only after the clinic has changed.
        self.services.records.directory(&Actor::operator()).await.unwrap();
        let mut watch = self.db.watch();
        // What a worker is just at would end without its beginning having been seen.
        while let Ok(Ok(_)) = timeout_at(Instant::now() + MOMENT, watch.recv()).await {}
        let done = work.await;
        self.settling.all_settled().await;
        let (mut transactions, mut open, mut told, mut sql) = (0_usize, 0_usize, 0, Vec::new());
        // Until it is quiet and nothing has begun that has not ended, so that each transaction of the
        // teller is seen to be one. What is rolled back has no end that is seen, and some worker has always
        // something to do: so not for ever.
        let patience_ends = Instant::now() + PATIENCE;
        loop {
            let until = if open == 0 { Instant::now() + QUIET } else { patience_ends };
            let Ok(Ok(sent)) = timeout_at(until, watch.recv()).await else { break };
            match sent {
                DatabaseCommand::Begin => (transactions, open) = (transactions + 1, open + 1),
                DatabaseCommand::Commit => open = open.saturating_sub(1),
                DatabaseCommand::Statement(text) if is_of_the_teller(&text) => {
                    told += usize::from(text.contains("UPDATE appointment_event"));
                }
                DatabaseCommand::Statement(text) if text.contains("audit_") => {
                    let by_itself =
                        self.database.engine == Engine::Sqlite && text.contains("ON CONFLICT (id)");
                    told += usize::from(by_itself || text.contains("UPDATE audit_head"));
                }
                DatabaseCommand::Statement(text) if is_the_workers_look(&text) => {}
                DatabaseCommand::Statement(text) => sql.push(text),
            }
        }
        // The teller may have begun before this watch did.
        let transactions = transactions.saturating_sub(told);
        (done, Statements { transactions, sql })
    }

    /// What a query that must succeed sends, with its answer.
    pub(crate) async fn cost_of(&self, query: &str) -> (serde_json::Value, Vec<String>) {
        let (answer, sent) = self.statements(self.graphql(query, serde_json::json!({}))).await;
        assert!(answer["errors"].is_null(), "{answer}");
        assert_eq!(sent.transactions, 0, "a query needs no transaction of its own");
        (answer, sent.names())
    }
}

/// Longer than the teller of events waits for more of them.
const QUIET: Duration = Duration::from_millis(100);
/// Longer than anybody is between two statements of a transaction.
const MOMENT: Duration = Duration::from_millis(20);
/// How long a transaction of somebody else may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(2);

fn is_of_the_teller(sql: &str) -> bool {
    let lock = ["pg_advisory_xact_lock(", "pg_try_advisory_xact_lock("];
    let its_lock = lock.iter().any(|lock| sql.contains(lock)) && !sql.contains("$1");
    its_lock
        || sql.contains("pg_notify")
        || (sql.contains("appointment_event") && !sql.contains("visit.id"))
}

fn is_the_workers_look(sql: &str) -> bool {
    let ends = ["SELECT position FROM roster_event_end", "SELECT position FROM waitlist_end"];
    let of_waitlist = [r#""waitlist_entry"."position" > "#, r#""waitlist_entry"."status" IN "#];
    if ends.iter().any(|end| sql.starts_with(end))
        || of_waitlist.iter().any(|look| sql.contains(look))
    {
        return true;
    }
    if sql.contains("FROM \"webhook_endpoint\"") || sql.contains("FROM webhook_delivery") {
        return true;
    }
    let looks = sql.starts_with("SELECT") && sql.contains("FROM \"outbox\"");
    let for_whom = sql.starts_with("SELECT \"appointment\".\"provider_id\" FROM \"outbox\"");
    for_whom || (looks && (sql.contains("\"due_at\" <=") || sql.contains("\"ends_at\" <=")))
}

impl Statements {
    /// Verb and table of each, in order, such as `SELECT patient`.
    pub(crate) fn names(&self) -> Vec<String> {
        self.sql.iter().map(|sql| name(sql)).collect()
    }
}

fn name(sql: &str) -> String {
    let sql = sql.replace('(', "( ");
    let words: Vec<&str> = sql.split_whitespace().collect();
    let verb = words[0];
    if sql.contains("advisory") {
        return "lock".to_owned();
    }
    let before_the_table = ["FROM", "INTO", "UPDATE"];
    let at = words.iter().position(|word| before_the_table.contains(word)).unwrap();
    let table = words[at + 1].trim_matches(|c| !char::is_alphabetic(c));
    format!("{verb} {table}")
}
