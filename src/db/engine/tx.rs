//! A transaction: one of its own on `PostgreSQL`, a member of a group on `SQLite`.

use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};

use super::error::StoreError;
use super::shared_commit::Member;
use super::statement_watch::{DatabaseCommand, StatementWatch};

/// An open transaction that may write; dropping it rolls back.
///
/// A clone is the same transaction, for whoever works in it while somebody else is to end it.
#[derive(Debug, Clone)]
pub struct Tx(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    Own(DatabaseTransaction, StatementWatch),
    Member(Member),
}

impl Tx {
    pub(super) fn own(tx: DatabaseTransaction, watched: StatementWatch) -> Self {
        Self(Arc::new(Kind::Own(tx, watched)))
    }

    pub(super) fn member(member: Member) -> Self {
        Self(Arc::new(Kind::Member(member)))
    }

    /// The transaction as the library knows it, for migrations.
    pub(super) fn conn(&self) -> Result<&DatabaseTransaction, DbErr> {
        match &*self.0 {
            Kind::Own(tx, _) => Ok(tx),
            Kind::Member(member) => member.conn(),
        }
    }

    /// Nobody works in it any more.
    fn whole(self) -> Result<Kind, StoreError> {
        let still_used = || StoreError::Internal("the transaction is still in use".to_owned());
        Arc::into_inner(self.0).ok_or_else(still_used)
    }

    fn seen<T>(&self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        match &*self.0 {
            Kind::Own(..) => result,
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
            Kind::Own(tx, watched) => {
                let committed = tx.commit().await;
                watched.say(|| DatabaseCommand::Commit);
                committed.map_err(|error| StoreError::from(error).during_commit())
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
            Kind::Own(tx, _) => drop(tx),
            Kind::Member(member) => member.roll_back().await?,
        }
        Ok(())
    }
}

#[async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        match &*self.0 {
            Kind::Own(tx, _) => tx.get_database_backend(),
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
