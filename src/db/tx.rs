//! A transaction: one of its own on `PostgreSQL`, a member of a group on `SQLite`.

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};

use super::StoreError;
use super::group::Member;
use super::sent::{Sent, Watched};

/// An open transaction that may write; dropping it rolls back.
#[derive(Debug)]
pub struct Tx(Kind);

#[derive(Debug)]
enum Kind {
    Own(DatabaseTransaction, Watched),
    Member(Member),
}

impl Tx {
    pub(super) fn own(tx: DatabaseTransaction, watched: Watched) -> Self {
        Self(Kind::Own(tx, watched))
    }

    pub(super) fn member(member: Member) -> Self {
        Self(Kind::Member(member))
    }

    /// The transaction as the library knows it, for migrations.
    pub(super) fn conn(&self) -> Result<&DatabaseTransaction, DbErr> {
        match &self.0 {
            Kind::Own(tx, _) => Ok(tx),
            Kind::Member(member) => member.conn(),
        }
    }

    fn seen<T>(&self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        match &self.0 {
            Kind::Own(..) => result,
            Kind::Member(member) => member.seen(result),
        }
    }

    pub(super) async fn commit(self) -> Result<(), StoreError> {
        match self.0 {
            Kind::Own(tx, watched) => {
                let committed = tx.commit().await;
                watched.say(|| Sent::Commit);
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
    /// Those of [`commit`](super::commit): what was seen may not be stored.
    pub async fn roll_back(self) -> Result<(), StoreError> {
        match self.0 {
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
        match &self.0 {
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
