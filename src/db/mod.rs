//! The database, and the only place that names SeaORM: a file a table, or a question that is asked
//! of several, and the `engine` they run on. Obeys: no rule of the domain is decided here, and whoever has a use case opens the
//! transactions.

pub mod access_version;
pub mod appointments;
pub mod audit;
pub mod backup;
pub mod book_check;
pub mod busy;
pub mod busy_news;
pub mod calendar_feeds;
pub mod directory;
mod engine;
mod entity;
pub mod events;
pub mod given_up;
pub mod holds;
pub mod idempotency;
pub mod mail;
pub mod open_visits;
pub mod outbox;
pub mod patients;
pub mod people;
pub mod refused_times;
pub mod roster;
pub mod roster_events;
pub mod series;
pub mod sessions;
pub mod settlement;
pub mod sign_in_tries;
pub mod tokens;
pub mod told_events;
pub mod visit_links;
pub mod waitlist;
pub mod webhooks;

pub use engine::{
    ConnectError, Connections, Contention, DatabaseCommand, Db, Ending, Engine, Listener, Loss,
    Pool, Room, StoreError, TRANSACTIONS, TakenBack, Tx, integrity, is_made, locks, look_again,
    migrations, unwatched, warn_unless_owners_only,
};
pub use sea_orm::ConnectionTrait as Connection;
