//! How many connections there are, and how many somebody uses.

use sea_orm::DatabaseConnection;

use super::database::Db;
use super::kind::Engine;

/// The connections of one pool, at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Connections {
    /// What they are for: to `read`, to `write`, or `both`.
    pub pool: &'static str,
    /// How many somebody uses, those on their way included.
    pub in_use: f64,
    /// How many there may be.
    pub limit: f64,
}

impl Db {
    /// The connections that requests share, by what they are for.
    pub fn connections(&self) -> Vec<Connections> {
        match self.engine() {
            Engine::Postgres => vec![of_postgres(self.read().raw())],
            Engine::Sqlite if self.file().is_none() => vec![of_sqlite("both", self.write())],
            Engine::Sqlite => {
                vec![of_sqlite("read", self.read().raw()), of_sqlite("write", self.write())]
            }
        }
    }
}

fn of_postgres(pool: &DatabaseConnection) -> Connections {
    let pool = pool.get_postgres_connection_pool();
    used("both", pool.size(), pool.num_idle(), pool.options().get_max_connections())
}

fn of_sqlite(name: &'static str, pool: &DatabaseConnection) -> Connections {
    let pool = pool.get_sqlite_connection_pool();
    used(name, pool.size(), pool.num_idle(), pool.options().get_max_connections())
}

fn used(pool: &'static str, open: u32, idle: usize, limit: u32) -> Connections {
    let idle = u32::try_from(idle).unwrap_or(u32::MAX);
    Connections { pool, in_use: f64::from(open.saturating_sub(idle)), limit: f64::from(limit) }
}
