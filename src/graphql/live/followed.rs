//! What a subscription follows: one of the logs.

use tokio::time::Instant;

use crate::changes::{Follower, News};
use crate::domain::EventPosition;
use crate::records::{WaitlistFollower, WaitlistNewsItem};
use crate::roster::{RosterFollower, RosterNewsItem};

/// Something that happened, to be told.
#[derive(Clone)]
pub enum Event {
    /// To an appointment.
    Appointment(News),
    /// To the roster.
    Roster(RosterNewsItem),
    /// To the waitlist.
    Waitlist(Box<WaitlistNewsItem>),
}

impl Event {
    /// Its place in its log.
    pub(super) fn position(&self) -> EventPosition {
        match self {
            Self::Appointment(news) => news.event.position,
            Self::Roster(item) => item.position,
            Self::Waitlist(item) => item.position,
        }
    }

    /// Before when it was read.
    pub fn read_at(&self) -> Instant {
        match self {
            Self::Appointment(news) => news.read_at,
            Self::Roster(item) => item.read_at,
            Self::Waitlist(item) => item.read_at,
        }
    }
}

/// Somebody's place in a log, from which they are told on and on.
pub(in crate::graphql) enum Followed {
    Appointments(Box<Follower>),
    Roster(Box<RosterFollower>),
    Waitlist(Box<WaitlistFollower>),
}

impl Followed {
    pub(super) async fn wait(&mut self) -> bool {
        match self {
            Self::Appointments(follower) => follower.wait().await,
            Self::Roster(follower) => follower.wait().await,
            Self::Waitlist(follower) => follower.wait().await,
        }
    }

    pub(super) async fn take(&mut self) -> Option<Event> {
        match self {
            Self::Appointments(follower) => follower.take().await.map(Event::Appointment),
            Self::Roster(follower) => follower.take().await.map(Event::Roster),
            Self::Waitlist(follower) => follower.take().await.map(Box::new).map(Event::Waitlist),
        }
    }
}
