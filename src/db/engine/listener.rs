//! Hears from other replicas, over `PostgreSQL`'s LISTEN and NOTIFY, that events were written.

use std::time::Duration;

use sea_orm::sqlx::PgPool;
use sea_orm::sqlx::postgres::{PgListener, PgPoolOptions};

use super::database::Db;
use super::error::StoreError;
use super::kind::Engine;

pub(in crate::db) const CHANNEL: &str = "clinic_appointment_event";

const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Says when something may have been written by another process. What is heard is no more than a
/// hint to look: nothing is lost when a notification is.
pub struct Listener {
    /// None on `SQLite`, where nobody notifies: there other processes are noticed by looking.
    pool: Option<PgPool>,
    listening: Option<PgListener>,
}

impl Db {
    /// A listener with a connection of its own: those of the pool are for queries.
    pub fn listener(&self) -> Listener {
        let pool = (self.engine() == Engine::Postgres).then(|| {
            let options = self.write().get_postgres_connection_pool().connect_options();
            PgPoolOptions::new()
                .max_connections(1)
                .max_lifetime(None)
                .idle_timeout(None)
                .connect_lazy_with((*options).clone())
        });
        Listener { pool, listening: None }
    }
}

impl Listener {
    /// Waits until something was heard, or may have been missed.
    pub async fn heard(&mut self) {
        let Some(pool) = &self.pool else { return std::future::pending().await };
        let Some(listening) = &mut self.listening else {
            match listen(pool).await {
                Ok(listening) => self.listening = Some(listening),
                Err(error) => {
                    tracing::warn!(error = %StoreError::from_sqlx(&error), "Cannot listen for other replicas' events; looking for them instead");
                    tokio::time::sleep(TRY_AGAIN_AFTER).await;
                }
            }
            return;
        };
        match listening.try_recv().await {
            // None when the connection was lost and is back: something may have been missed.
            Ok(_) => while listening.next_buffered().is_some() {},
            Err(_) => self.listening = None,
        }
    }
}

async fn listen(pool: &PgPool) -> Result<PgListener, sea_orm::sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}
