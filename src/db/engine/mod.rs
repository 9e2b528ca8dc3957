//! The database itself: connecting, transactions, locks, errors, what has to be there. Knows no
//! table of ours but by the names of its rules.

mod ahead;
mod bulkhead;
mod clock;
mod connect;
mod connect_error;
mod connect_trouble;
mod connections;
mod database;
mod database_file;
mod error;
mod first_of_many;
pub mod integrity;
mod kind;
mod listener;
pub mod locks;
pub mod migrations;
mod owners_only;
mod pool;
mod postgres_session;
mod rights;
mod rules;
#[cfg(unix)]
mod send_at_once;
mod shared_commit;
mod signs;
mod statement_watch;
mod takes_writes;
mod time;
mod transaction;
mod trouble;
mod tx;

pub use bulkhead::Room;
pub use connect_error::ConnectError;
pub use connections::Connections;
pub use database::Db;
pub use database_file::is_made;
pub use error::StoreError;
pub use kind::Engine;
pub use listener::Listener;
pub use migrations::{Loss, TakenBack};
pub use owners_only::warn_unless_owners_only;
pub use pool::Pool;
pub use statement_watch::{DatabaseCommand, unwatched};
pub use transaction::{Contention, Ending, TRANSACTIONS, look_again};
pub use tx::Tx;

pub(in crate::db) use first_of_many::walk_in_order;
pub(in crate::db) use listener::CHANNEL;
pub(in crate::db) use time::{date_from_db, date_to_db, from_db, slot_from_db, to_db};
