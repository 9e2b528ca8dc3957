//! What is written down, for whoever may read it: lists and look-ups of appointments, patients and
//! providers. Every one takes its caller.

mod appointments;
mod patients;
mod providers;
mod series;
mod sight;
mod waitlist;

pub use sight::{Sight, sight_of};
pub use waitlist::{WaitlistFollower, WaitlistNews, WaitlistNewsItem};

use std::sync::Arc;

use crate::db::Db;
use crate::roster::Roster;

/// Reading what is written down.
pub struct Records {
    db: Db,
    roster: Arc<Roster>,
}

impl Records {
    /// The records of a database.
    pub fn new(db: Db, roster: Arc<Roster>) -> Self {
        Self { db, roster }
    }
}
