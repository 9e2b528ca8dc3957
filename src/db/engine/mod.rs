//! The database itself: connecting, transactions, locks, errors, what has to be there. Knows no
//! table of ours but by the names of its rules.

mod connect;
mod database;
mod error;
pub mod integrity;
mod listener;
pub mod locks;
pub mod migrations;
mod shared_commit;
mod statement_watch;
mod time;
mod transaction;
mod tx;

pub use connect::ConnectError;
pub use database::{Db, Engine};
pub use error::StoreError;
pub use listener::Listener;
pub use statement_watch::DatabaseCommand;
pub use transaction::{Contention, Ending, TRANSACTIONS, look_again};
pub use tx::Tx;

pub(in crate::db) use listener::CHANNEL;
pub(in crate::db) use time::{date_from_db, date_to_db, from_db, slot_from_db, to_db};
