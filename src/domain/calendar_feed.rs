//! A provider's calendar, for whoever has its secret, and whose rights it has.

use jiff::{SignedDuration, Timestamp};

use super::ids::{CalendarFeedId, PersonId, ProviderId, TokenId};
use super::time_slot::TimeSlot;

/// Whose a feed is: it shows what they may see at the moment when it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeedOwner {
    /// One of the clinic's staff.
    Person(PersonId),
    /// A machine with a token of its own.
    Token(TokenId),
    /// Whoever holds the API token of the settings.
    ApiToken,
    /// Anybody, where access is open.
    Everybody,
}

/// A provider's calendar, for whoever has its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarFeed {
    /// Identifies it, and opens nothing.
    pub id: CalendarFeedId,
    /// Whose visits it shows.
    pub provider_id: ProviderId,
    /// What it is for, where that was said.
    pub name: Option<String>,
    /// Whether it tells who the patients are, as long as its owner may see them.
    pub with_patients: bool,
    /// Whose it is.
    pub owner: FeedOwner,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it opens nothing any more.
    pub revoked_at: Option<Timestamp>,
    /// When it was read last, to about an hour.
    pub last_read_at: Option<Timestamp>,
}

/// Which visits a feed has at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedSpan {
    /// Those that take place in this time.
    pub window: TimeSlot,
    /// Of those that do not take place any more, the ones of which that is known since then.
    pub cancelled_since: Timestamp,
}

impl FeedSpan {
    /// How long it shows what is past, and what was cancelled.
    pub const BACK: SignedDuration = SignedDuration::from_hours(30 * 24);
    /// How far it looks ahead.
    pub const AHEAD: SignedDuration = SignedDuration::from_hours(400 * 24);

    /// That of a feed that is read at `now`.
    pub fn at(now: Timestamp) -> Self {
        let from = now.saturating_sub(Self::BACK).unwrap_or(Timestamp::MIN);
        let to = now.saturating_add(Self::AHEAD).unwrap_or(Timestamp::MAX);
        let window = TimeSlot::new(from, to).unwrap_or(TimeSlot::EVER);
        Self { window, cancelled_since: from }
    }
}
