//! What keeps a provider's time from being offered and is in no event: times that the scheduling service
//! has refused of late, read whole each time, and what is held without being a visit.
//!
//! What is held is read whole once, and then what triggers have noted of it since (`held_change`). When it lapses
//! is told with it, and is for the reader to judge: the rows of what has lapsed are told as well.

use jiff::Timestamp;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::told::MANY;
use crate::db::engine::{Engine, from_db, slot_from_db, to_db};
use crate::db::refused_times::remembered_since;
use crate::domain::busy::{HeldChange, HeldTime};
use crate::domain::{ProviderId, TimeSlot};

/// So many refused times are passed over at most, the latest: with more of them the service refuses
/// whatever it is asked, and no search would help.
const REFUSED: usize = 1000;

/// Whose row it is: anybody's.
pub(super) const ANYBODY: &str = "TRUE";

/// What is apart from the log.
#[derive(Default)]
pub(super) struct Apart {
    pub(super) refused: Vec<(ProviderId, TimeSlot)>,
    pub(super) held: Vec<HeldChange>,
}

/// A held time, or that there is none of that id any more; a refused one, which has no id; or nothing.
#[derive(FromQueryResult)]
pub(super) struct ApartRow {
    pub(super) id: Option<Uuid>,
    pub(super) held: Option<bool>,
    pub(super) visit_type_id: Option<Uuid>,
    held_until: Option<DateTimeUtc>,
    pub(super) provider_id: Option<Uuid>,
    pub(super) starts_at: Option<DateTimeUtc>,
    pub(super) ends_at: Option<DateTimeUtc>,
}

/// The type of an instant.
pub(super) fn instant(conn: &impl ConnectionTrait) -> &'static str {
    match Engine::of(conn) {
        Engine::Postgres => "timestamptz",
        Engine::Sqlite => "text",
    }
}

/// The times that were refused after `since`, the latest, of everybody `whose` row that is. First of what is put
/// together: it names the columns and says of which type they are.
pub(super) fn refused(conn: &impl ConnectionTrait, whose: &str, since: &str) -> String {
    format!(
        "SELECT CAST(NULL AS uuid) AS id, FALSE AS held, CAST(NULL AS uuid) AS visit_type_id,
                CAST(NULL AS {}) AS held_until, provider_id, starts_at, ends_at
           FROM (SELECT provider_id, starts_at, ends_at FROM refused_time
                  WHERE {whose} AND refused_at > {since} ORDER BY refused_at DESC LIMIT {REFUSED}) AS refused",
        instant(conn)
    )
}

/// All that is held, of everybody `whose` row that is.
pub(super) fn held(whose: &str) -> String {
    format!(
        "SELECT id, TRUE, visit_type_id, hold_expires_at, provider_id, starts_at, ends_at
           FROM appointment WHERE {whose} AND status = 'HELD'"
    )
}

/// What has changed of it after what was `seen`, one more than [`MANY`] at most: as it is now with that provider,
/// or that it is not any more.
pub(super) fn held_changes(conn: &impl ConnectionTrait, seen: &str) -> String {
    let (since, joined) = match Engine::of(conn) {
        Engine::Sqlite => (
            format!("number > CAST({seen} AS INTEGER)"),
            "LEFT JOIN appointment AS visit ON visit.id = noted.appointment_id
                  AND visit.provider_id = noted.provider_id AND visit.status = 'HELD'",
        ),
        // A range of the key, of which most is left out that has ended before. Looked up one by one, as the events.
        Engine::Postgres => (
            format!(
                "made_by >= pg_snapshot_xmin(CAST({seen} AS pg_snapshot))
                   AND NOT pg_visible_in_snapshot(made_by, CAST({seen} AS pg_snapshot)) ORDER BY made_by"
            ),
            "LEFT JOIN LATERAL
                (SELECT * FROM appointment WHERE id = noted.appointment_id
                    AND provider_id = noted.provider_id AND status = 'HELD' LIMIT 1) AS visit ON TRUE",
        ),
    };
    format!(
        "SELECT noted.appointment_id, TRUE, visit.visit_type_id, visit.hold_expires_at, noted.provider_id,
                visit.starts_at, visit.ends_at
           FROM (SELECT appointment_id, provider_id FROM held_change WHERE {since} LIMIT {limit}) AS noted {joined}",
        limit = MANY + 1
    )
}

/// What a snapshot sees of the changes of held time, in words that [`held_changes`] understands.
pub(super) fn held_seen(conn: &impl ConnectionTrait) -> &'static str {
    match Engine::of(conn) {
        Engine::Sqlite => {
            "coalesce((SELECT CAST(seq AS text) FROM sqlite_sequence WHERE name = 'held_change'), '0')"
        }
        Engine::Postgres => "CAST(pg_current_snapshot() AS text)",
    }
}

/// The moment after which it is remembered what was refused, as a value.
pub(super) fn refused_since(now: Timestamp) -> sea_orm::Value {
    to_db(remembered_since(now)).into()
}

impl ApartRow {
    fn slot(&self) -> Option<TimeSlot> {
        slot_from_db(self.starts_at?, self.ends_at?).ok()
    }

    fn held_change(&self) -> Option<HeldChange> {
        let (id, provider_id) = self.id.zip(self.provider_id)?;
        let held = self.slot().map(|slot| HeldTime {
            slot,
            visit_type_id: self.visit_type_id.map(Into::into),
            until: self.held_until.and_then(|until| from_db(until).ok()),
        });
        Some(HeldChange { id: id.into(), provider_id: provider_id.into(), held })
    }
}

impl<'a> FromIterator<&'a ApartRow> for Apart {
    /// What somebody else has written there and can't be read is passed over.
    fn from_iter<T: IntoIterator<Item = &'a ApartRow>>(rows: T) -> Self {
        let mut apart = Self::default();
        for row in rows {
            if row.held == Some(true) {
                apart.held.extend(row.held_change());
            } else if let Some((provider_id, slot)) = row.provider_id.zip(row.slot()) {
                apart.refused.push((provider_id.into(), slot));
            }
        }
        apart
    }
}
