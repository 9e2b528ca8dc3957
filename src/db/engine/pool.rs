//! Reading outside a transaction: what was asked on a connection that had died is asked again.

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, Statement, TransactionOptions, TransactionTrait,
};

use super::error::StoreError;
use super::signs::Signs;

/// How often it is tried: the second time on a connection that was looked at, the third on yet
/// another, where somebody ends them faster than they are opened.
const TRIES: usize = 3;

/// A pool, whose connections may have died without a word.
#[derive(Debug, Clone)]
pub struct Pool {
    connections: DatabaseConnection,
    signs: Signs,
}

impl Pool {
    pub(super) fn new(connections: DatabaseConnection, signs: Signs) -> Self {
        Self { connections, signs }
    }

    /// The connections as the library knows them.
    pub(super) fn raw(&self) -> &DatabaseConnection {
        &self.connections
    }

    /// How many connections of `PostgreSQL` are open, those on their way included.
    pub fn size(&self) -> u32 {
        self.connections.get_postgres_connection_pool().size()
    }

    /// Begins a transaction.
    pub(super) async fn begin(
        &self,
        options: TransactionOptions,
    ) -> Result<DatabaseTransaction, StoreError> {
        Ok(self.again(|| self.connections.begin_with_options(options)).await?)
    }

    /// Does what changes nothing, again when the connection had died.
    async fn again<T, Fut>(&self, ask: impl Fn() -> Fut) -> Result<T, DbErr>
    where
        Fut: Future<Output = Result<T, DbErr>>,
    {
        let mut tried = 1;
        loop {
            match ask().await {
                Err(error) => {
                    let told = StoreError::from(error.clone());
                    self.signs.note(&told);
                    if !told.is_lost() || tried == TRIES {
                        return Err(error);
                    }
                    tried += 1;
                }
                answered => return answered,
            }
        }
    }

    /// What may have changed something is not done again.
    fn noted<T>(&self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        result.inspect_err(|error| self.signs.note(&StoreError::from(error.clone())))
    }
}

#[async_trait]
impl ConnectionTrait for Pool {
    fn get_database_backend(&self) -> DbBackend {
        self.connections.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.noted(self.connections.execute_raw(statement).await)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.noted(self.connections.execute_unprepared(sql).await)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.again(|| self.connections.query_one_raw(statement.clone())).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.again(|| self.connections.query_all_raw(statement.clone())).await
    }
}
