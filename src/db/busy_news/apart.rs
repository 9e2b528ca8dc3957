//! What keeps a provider's time from being offered and is in no event: times that the scheduling service
//! has refused of late, and what is held without being a visit. Read whole each time, beside the log.

use jiff::Timestamp;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use crate::db::engine::{Engine, from_db, slot_from_db, to_db};
use crate::db::holds::is_live;
use crate::db::refused_times::remembered_since;
use crate::domain::busy::HeldTime;
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
    pub(super) held: Vec<(ProviderId, HeldTime)>,
}

/// A held time, a refused one, or nothing.
#[derive(FromQueryResult)]
pub(super) struct ApartRow {
    held: Option<bool>,
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

/// The times that were refused after `since`, the latest, and those that are held at `now`: of everybody
/// `whose` row that is.
pub(super) fn apart(conn: &impl ConnectionTrait, whose: &str, since: &str, now: &str) -> String {
    format!(
        "SELECT FALSE AS held, CAST(NULL AS uuid) AS visit_type_id, CAST(NULL AS {}) AS held_until,
                provider_id, starts_at, ends_at
           FROM (SELECT provider_id, starts_at, ends_at FROM refused_time
                  WHERE {whose} AND refused_at > {since} ORDER BY refused_at DESC LIMIT {REFUSED}) AS refused
         UNION ALL
         SELECT TRUE, visit_type_id, hold_expires_at, provider_id, starts_at, ends_at
           FROM appointment WHERE {whose} AND status = 'HELD' AND {}",
        instant(conn),
        is_live(now)
    )
}

/// The values of the two.
pub(super) fn apart_values(now: Timestamp) -> [Value; 2] {
    [to_db(remembered_since(now)).into(), to_db(now).into()]
}

impl ApartRow {
    fn time(&self) -> Option<(ProviderId, TimeSlot)> {
        let slot = slot_from_db(self.starts_at?, self.ends_at?).ok()?;
        Some((self.provider_id?.into(), slot))
    }
}

impl<'a> FromIterator<&'a ApartRow> for Apart {
    /// What somebody else has written there and can't be read is passed over.
    fn from_iter<T: IntoIterator<Item = &'a ApartRow>>(rows: T) -> Self {
        let mut apart = Self::default();
        for row in rows {
            let Some((provider_id, slot)) = row.time() else { continue };
            if row.held == Some(true) {
                let until = row.held_until.and_then(|until| from_db(until).ok());
                let visit_type_id = row.visit_type_id.map(Into::into);
                apart.held.push((provider_id, HeldTime { slot, visit_type_id, until }));
            } else {
                apart.refused.push((provider_id, slot));
            }
        }
        apart
    }
}
