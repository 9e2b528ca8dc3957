//! The log of what happens to appointments: writing it, reading it, following it, each event once and
//! in order.
//!
//! The log in the database is the truth. What is told live is only quicker: a follower that falls
//! behind, or asks for what was before, reads the log from where it stands.

mod commit;
mod follower;
mod log;
mod news;
mod publisher;

pub use commit::{Change, Changed};
pub use follower::Follower;
pub use news::News;
pub use publisher::{listen, publish};

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use tokio::sync::{Notify, broadcast};

use crate::audit::Trail;
use crate::db::Db;

/// How many events a follower may fall behind before it reads them from the log instead: many, for to
/// read the log takes longer than all else that it takes to tell them. They are kept for as long as
/// somebody has yet to be told.
const REMEMBERED: usize = 8192;

/// The log, what stirs its publisher, and what that tells.
pub struct Changes {
    db: Db,
    trail: Arc<Trail>,
    wake_publisher: Notify,
    live: broadcast::Sender<News>,
    /// All up to here was told live; kept here, so that a publisher that begins anew goes on there.
    published_up_to: AtomicI64,
}

impl Changes {
    /// The log of a database, and the trail in which each change is written down.
    pub fn new(db: Db, trail: Arc<Trail>) -> Self {
        let live = broadcast::Sender::new(REMEMBERED);
        Self { db, trail, wake_publisher: Notify::new(), live, published_up_to: AtomicI64::new(0) }
    }

    fn db(&self) -> &Db {
        &self.db
    }

    fn subscribe(&self) -> broadcast::Receiver<News> {
        self.live.subscribe()
    }
}
