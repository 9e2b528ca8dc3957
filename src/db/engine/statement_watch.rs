//! What is sent to the database, for whoever counts it: a test of how much a request costs.

use sea_orm::DatabaseConnection;
use tokio::sync::broadcast;

use super::kind::Engine;
use crate::traces::spans;

/// How much a watcher may lag behind before it misses something, which it is told.
const BACKLOG: usize = 4096;

/// Something that was sent to the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseCommand {
    /// A transaction begins: by `BEGIN`, or by the `SAVEPOINT` of one that shares it. A `ROLLBACK` is
    /// not told.
    Begin,
    /// `COMMIT`, of one transaction or of all that shared it; whether it succeeds is not told.
    Commit,
    /// A statement, with placeholders where the values stand: it holds nobody's data.
    Statement(String),
}

/// Tells everybody who watches; costs next to nothing while nobody does.
#[derive(Debug, Clone)]
pub(super) struct StatementWatch(broadcast::Sender<DatabaseCommand>);

impl Default for StatementWatch {
    fn default() -> Self {
        Self(broadcast::Sender::new(BACKLOG))
    }
}

tokio::task_local! {
    /// Set where what is sent is nobody's request.
    static UNWATCHED: ();
}

/// Has what `work` sends not told to who watches: it would be there without whatever they count.
pub async fn unwatched<Work: Future>(work: Work) -> Work::Output {
    UNWATCHED.scope((), work).await
}

impl StatementWatch {
    /// Watches a pool, which has to be done before it is cloned. Its `BEGIN` and
    /// `COMMIT` do not pass here: whoever sends them says so.
    pub(super) fn watch(&self, pool: &mut DatabaseConnection) {
        let watched = self.clone();
        let system = Engine::of(pool).name();
        pool.set_metric_callback(move |info| {
            spans::statement(system, &info.statement.sql, info.elapsed, info.failed);
            watched.say(|| DatabaseCommand::Statement(info.statement.sql.clone()));
        });
    }

    pub(super) fn say(&self, sent: impl FnOnce() -> DatabaseCommand) {
        if self.0.receiver_count() > 0 && UNWATCHED.try_with(|()| ()).is_err() {
            // Fails only when the last watcher has gone meanwhile.
            drop(self.0.send(sent()));
        }
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<DatabaseCommand> {
        self.0.subscribe()
    }
}
