//! The log of what happens to appointments: writing it, reading it, following it, each event once and
//! in order.
//!
//! The log in the database is the truth. What is told live is only quicker: a follower that falls
//! behind, or asks for what was before, reads the log from where it stands.

mod commit;
mod follower;
mod log;
mod publisher;

pub use commit::{Change, Changed};
pub use follower::Follower;
pub use publisher::{listen, publish};

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use tokio::sync::{Notify, broadcast};

use crate::audit::Trail;
use crate::db::Db;
use crate::domain::AppointmentEvent;

/// How many events a follower may fall behind before it reads them from the log instead.
const REMEMBERED: usize = 1024;

/// The log, what stirs its publisher, and what that tells.
pub struct Changes {
    db: Db,
    trail: Arc<Trail>,
    wake_publisher: Notify,
    live: broadcast::Sender<Arc<AppointmentEvent>>,
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

    fn subscribe(&self) -> broadcast::Receiver<Arc<AppointmentEvent>> {
        self.live.subscribe()
    }
}
