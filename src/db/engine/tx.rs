//! A transaction: one of its own on `PostgreSQL`, a member of a group on `SQLite`.

use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};

use tokio::sync::OwnedSemaphorePermit;

use super::error::StoreError;
use super::rules::Rules;
use super::shared_commit::Member;
use super::signs::Signs;
use super::statement_watch::{DatabaseCommand, StatementWatch};

/// An open transaction that may write; dropping it rolls back.
///
/// A clone is the same transaction, for whoever works in it while somebody else is to end it.
#[derive(Debug, Clone)]
pub struct Tx(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    Own(Own),
    Member(Member),
}

/// A transaction of its own.
#[derive(Debug)]
pub(super) struct Own {
    pub(super) tx: DatabaseTransaction,
    pub(super) watched: StatementWatch,
    pub(super) signs: Signs,
    pub(super) rules: Rules,
    /// Of the connections, one to write on.
    pub(super) _permit: Option<OwnedSemaphorePermit>,
}

impl Tx {
    pub(super) fn own(own: Own) -> Self {
        Self(Arc::new(Kind::Own(own)))
    }

    pub(super) fn member(member: Member) -> Self {
        Self(Arc::new(Kind::Member(member)))
    }

    /// The transaction as the library knows it, for migrations.
    pub(super) fn conn(&self) -> Result<&DatabaseTransaction, DbErr> {
        match &*self.0 {
            Kind::Own(own) => Ok(&own.tx),
            Kind::Member(member) => member.conn(),
        }
    }

    /// Compares what tells the rules of this session from others with what was read of them. A
    /// session that is not to be booked on is not used again.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when they differ.
    pub(super) fn check_rules(&self, mark: Option<&str>) -> Result<(), StoreError> {
        self.rules().check_mark(mark).inspect_err(|_| {
            if let Kind::Own(own) = &*self.0 {
                own.signs.suspect();
            }
        })
    }

    /// What is known of the rules of the database.
    pub(super) fn rules(&self) -> &Rules {
        match &*self.0 {
            Kind::Own(own) => &own.rules,
            Kind::Member(member) => member.rules(),
        }
    }

    /// Nobody works in it any more.
    fn whole(self) -> Result<Kind, StoreError> {
        let still_used = || StoreError::Internal("the transaction is still in use".to_owned());
        Arc::into_inner(self.0).ok_or_else(still_used)
    }

    fn seen<T>(&self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        match &*self.0 {
            Kind::Own(own) => {
                result.inspect_err(|error| own.signs.note(&StoreError::from(error.clone())))
            }
            Kind::Member(member) => member.seen(result),
        }
    }

    /// Commits.
    ///
    /// # Errors
    ///
    /// [`StoreError::CommitUnknown`] when the connection was lost on the way: the transaction may or
    /// may not have taken effect, and only reading back on another connection tells.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.whole()? {
            Kind::Own(own) => {
                let committed = own.tx.commit().await;
                own.watched.say(|| DatabaseCommand::Commit);
                committed.map_err(|error| {
                    let error = StoreError::from(error);
                    own.signs.note(&error);
                    error.during_commit()
                })
            }
            Kind::Member(member) => member.commit().await,
        }
    }

    /// Rolls back, for somebody who is about to answer by what they saw.
    ///
    /// On `SQLite` that may be what somebody else has written and not committed yet. It is committed
    /// when this returns, and on every reading connection.
    ///
    /// # Errors
    ///
    /// Those of [`commit`](Self::commit): what was seen may not be stored.
    pub async fn roll_back(self) -> Result<(), StoreError> {
        match self.whole()? {
            // Nobody sees what is not committed, so there is nothing to wait for.
            Kind::Own(own) => drop(own),
            Kind::Member(member) => member.roll_back().await?,
        }
        Ok(())
    }
}

#[async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        match &*self.0 {
            Kind::Own(own) => own.tx.get_database_backend(),
            Kind::Member(_) => DbBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.seen(self.conn()?.execute_raw(statement).await)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.seen(self.conn()?.execute_unprepared(sql).await)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.seen(self.conn()?.query_one_raw(statement).await)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.seen(self.conn()?.query_all_raw(statement).await)
    }
}
