//! Several transactions of `SQLite` in one COMMIT.
//!
//! There is one writing connection, and each COMMIT waits for the disk. Transactions that queue for
//! it therefore share one, the *group*: whoever has the turn works in it behind a savepoint, and
//! leaves the COMMIT to whoever waits. Three rules make it as good as a COMMIT each:
//!
//! 1. Nobody is told that their work is stored before the COMMIT that holds it has succeeded, and
//!    all are told of its failure.
//! 2. Whoever begins joins the group or ends it; a group is never left open without a next one.
//! 3. Nobody joins after a member that did not commit. `SQLite` may have rolled everything back by
//!    itself, and a savepoint would then begin a transaction that is not the group's.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard, watch};
use tokio::time::timeout;

use super::error::{StoreError, TRANSACTION_FAILED};
use super::rules::Rules;
use super::signs::Signs;
use super::statement_watch::{DatabaseCommand, StatementWatch};

/// The one who began it waits for all the others.
const LARGEST: usize = 32;
const TURN_TIMEOUT: Duration = Duration::from_secs(5);

/// The right to write, with the group that is open, if one is.
type Turn = OwnedMutexGuard<Option<Group>>;

/// The one writing connection, and the queue for it.
#[derive(Debug)]
pub(super) struct Writer {
    conn: DatabaseConnection,
    turn: Arc<Mutex<Option<Group>>>,
    waiting: AtomicUsize,
    largest: usize,
    watched: StatementWatch,
    signs: Signs,
    rules: Rules,
}

/// An open transaction, and those whose work is in it.
#[derive(Debug)]
struct Group {
    tx: DatabaseTransaction,
    members: usize,
    /// None until it is known. Gone without a word: it is not known.
    outcome: watch::Sender<Option<Result<(), StoreError>>>,
    watched: StatementWatch,
    signs: Signs,
    rules: Rules,
}

/// One transaction of a group. Dropping it rolls back what is its own.
#[derive(Debug)]
pub(super) struct Member {
    writer: Arc<Writer>,
    /// None once it is over.
    turn: Option<Turn>,
    /// Whether there is a point to roll back to: before that it has done nothing.
    begun: bool,
    failed: AtomicBool,
}

impl Writer {
    /// One whose transactions share commits, unless reading needs the same connection: then a group
    /// that stayed open would keep readers out.
    pub(super) fn new(
        conn: DatabaseConnection,
        also_reads: bool,
        watched: StatementWatch,
        signs: Signs,
        rules: Rules,
    ) -> Self {
        let largest = if also_reads { 1 } else { LARGEST };
        let (turn, waiting) = (Arc::default(), AtomicUsize::new(0));
        Self { conn, turn, waiting, largest, watched, signs, rules }
    }

    pub(super) async fn begin(self: &Arc<Self>) -> Result<Member, StoreError> {
        let turn = self.turn().await?;
        let writer = Arc::clone(self);
        let mut member =
            Member { writer, turn: Some(turn), begun: false, failed: AtomicBool::new(false) };
        // From here on, an error or a caller who hangs up ends the group: see `Drop`.
        if let Some(turn) = &mut member.turn {
            match turn.as_ref() {
                Some(group) => group.set_savepoint().await?,
                None => **turn = Some(self.open().await?),
            }
        }
        member.begun = true;
        Ok(member)
    }

    async fn turn(self: &Arc<Self>) -> Result<Turn, StoreError> {
        let mut waiting = Waiter::begin(Arc::clone(self));
        let turn = timeout(TURN_TIMEOUT, Arc::clone(&self.turn).lock_owned())
            .await
            .map_err(|_elapsed| StoreError::Unavailable("no free connection in time".to_owned()))?;
        waiting.has_turn = true;
        Ok(turn)
    }

    /// `BEGIN IMMEDIATE`: it holds the write lock from the start.
    async fn open(&self) -> Result<Group, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let begun = self.conn.begin_with_options(options).await.map_err(StoreError::from);
        let tx = begun.inspect_err(|error| self.signs.note(error))?;
        self.rules.check_files()?;
        let (watched, signs) = (self.watched.clone(), self.signs.clone());
        let (outcome, rules) = (watch::Sender::new(None), self.rules.clone());
        Ok(Group { tx, members: 0, outcome, watched, signs, rules })
    }
}

/// Somebody who waits for the turn, to whom a group may be left.
struct Waiter {
    writer: Arc<Writer>,
    has_turn: bool,
}

impl Waiter {
    fn begin(writer: Arc<Writer>) -> Self {
        writer.waiting.fetch_add(1, Ordering::SeqCst);
        Self { writer, has_turn: false }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        self.writer.waiting.fetch_sub(1, Ordering::SeqCst);
        if !self.has_turn {
            // A group may have been left to this one, who gave up.
            let turn = Arc::clone(&self.writer.turn).lock_owned();
            spawn(async move { end(turn.await, false) });
        }
    }
}

impl Group {
    /// Where the next member's work begins. The first needs none: it is alone in the transaction.
    /// Each has a name of its own, so that nobody rolls back to another's.
    async fn set_savepoint(&self) -> Result<(), StoreError> {
        let next = self.members;
        let savepoint = match next.checked_sub(1) {
            None | Some(0) => format!("SAVEPOINT member_{next}"),
            Some(last) => format!("RELEASE member_{last}; SAVEPOINT member_{next}"),
        };
        self.tx.execute_unprepared(&savepoint).await?;
        Ok(())
    }

    /// Commits what its members did, without what the one at work did if that is to be undone.
    async fn finish(self, undo: bool) {
        let Self { tx, members, outcome, watched, signs, rules } = self;
        let result = if members == 0 {
            // Nobody's work is in it. When SQLite has rolled back already, this fails.
            drop(tx.rollback().await);
            Ok(())
        } else if undo && undone(&tx, members).await.is_err() {
            // All of it is gone already, or goes now.
            drop(tx.rollback().await);
            Err(StoreError::Unavailable("rolled back with another transaction".to_owned()))
        } else {
            let committed = tx.commit().await;
            watched.say(|| DatabaseCommand::Commit);
            match committed.map_err(StoreError::from) {
                // What went into a file that nobody finds is not stored.
                Ok(()) => rules.check_file().map(|()| signs.stored()),
                Err(error) => {
                    signs.note(&error);
                    Err(error.during_commit())
                }
            }
        };
        outcome.send_replace(Some(result));
    }
}

async fn undone(tx: &DatabaseTransaction, members: usize) -> Result<(), DbErr> {
    tx.execute_unprepared(&format!("ROLLBACK TO member_{members}")).await.map(|_done| ())
}

impl Member {
    /// The connection, unless the transaction can't go on: as on `PostgreSQL`, nothing follows a
    /// statement that failed, for nothing tells whether there still is a transaction.
    pub(super) fn conn(&self) -> Result<&DatabaseTransaction, DbErr> {
        let group = self.turn.as_ref().and_then(|turn| turn.as_ref());
        group
            .filter(|_| !self.failed.load(Ordering::SeqCst))
            .map(|group| &group.tx)
            .ok_or_else(|| DbErr::Custom(TRANSACTION_FAILED.to_owned()))
    }

    /// Notes whether a statement failed. A trigger that refuses takes back that statement alone.
    pub(super) fn seen<T>(&self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        if let Err(error) = &result {
            let error = StoreError::from(error.clone());
            self.writer.signs.note(&error);
            if !matches!(error, StoreError::Overlap) {
                self.failed.store(true, Ordering::SeqCst);
            }
        }
        result
    }

    /// What is known of the rules of the database.
    pub(super) fn rules(&self) -> &Rules {
        &self.writer.rules
    }

    /// Joins the group, and waits until its COMMIT has succeeded.
    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        if self.failed.load(Ordering::SeqCst) {
            self.roll_back().await?;
            return Err(StoreError::Internal("a statement had failed".to_owned()));
        }
        let Some(mut turn) = self.turn.take() else { return Err(over()) };
        let Some(group) = turn.as_mut() else { return Err(over()) };
        group.members += 1;
        let outcome = group.outcome.subscribe();
        let somebody_waits = self.writer.waiting.load(Ordering::SeqCst) > 0;
        if somebody_waits && group.members < self.writer.largest {
            drop(turn);
        } else {
            end(turn, false);
        }
        told(outcome).await
    }

    /// Rolls back what is its own, commits the rest of the group and waits for that: whatever was
    /// seen in this transaction is then stored.
    pub(super) async fn roll_back(mut self) -> Result<(), StoreError> {
        let Some(turn) = self.turn.take() else { return Err(over()) };
        let Some(group) = turn.as_ref() else { return Err(over()) };
        let outcome = group.outcome.subscribe();
        end(turn, true);
        told(outcome).await
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if let Some(turn) = self.turn.take() {
            end(turn, self.begun);
        }
    }
}

/// Ends the group on a task of its own, so that nobody who hangs up can leave it half done. It is
/// out of the turn from now on: should the task never run, it is rolled back.
fn end(mut turn: Turn, undo: bool) {
    let Some(group) = turn.take() else { return };
    spawn(async move {
        group.finish(undo).await;
        drop(turn);
    });
}

/// Without a runtime, which is shutting down then, the future is dropped.
fn spawn(future: impl Future<Output = ()> + Send + 'static) {
    if let Ok(runtime) = Handle::try_current() {
        runtime.spawn(future);
    }
}

async fn told(
    mut outcome: watch::Receiver<Option<Result<(), StoreError>>>,
) -> Result<(), StoreError> {
    let unknown = || Err(StoreError::CommitUnknown("cut off".to_owned()));
    match outcome.wait_for(Option::is_some).await {
        Ok(result) => result.clone().unwrap_or_else(unknown),
        Err(_gone) => unknown(),
    }
}

fn over() -> StoreError {
    StoreError::Internal("the transaction is over".to_owned())
}
