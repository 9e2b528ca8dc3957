//! What has changed since a moment of the book: of everybody, or of one provider.

use jiff::Timestamp;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

use super::apart::{ANYBODY, Apart, ApartRow, apart, apart_values, instant};
use super::told::{BookMoment, BusyNews};
use crate::db::busy::HOLDING;
use crate::db::engine::{Engine, StoreError, slot_from_db};
use crate::domain::busy::AppointmentTime;
use crate::domain::{EventPosition, ProviderId};

/// More changes than that are not worth following.
const MANY: usize = 5000;

/// How often one provider has changed in the roster since a version, and what is the clinic's.
const ROSTER_CHANGES: &str =
    "(SELECT count(*) FROM provider_change WHERE provider_id IN ($4, $5) AND version > $6)";

/// A change; what is apart, which has no appointment; or the version alone where there is neither.
#[derive(FromQueryResult)]
pub(super) struct ChangeRow {
    version: i64,
    pub(super) roster_changes: i64,
    position: Option<i64>,
    id: Option<Uuid>,
    left_provider_id: Option<Uuid>,
    holds: Option<bool>,
    move_starts_at: Option<DateTimeUtc>,
    move_ends_at: Option<DateTimeUtc>,
    #[sea_orm(nested)]
    apart: ApartRow,
}

impl ChangeRow {
    fn apart(&self) -> Option<&ApartRow> {
        self.id.is_none().then_some(&self.apart)
    }

    fn time(self) -> Option<Result<AppointmentTime, StoreError>> {
        let (id, provider_id) = self.id.zip(self.apart.provider_id)?;
        let mut spans = Vec::new();
        if self.holds == Some(true) {
            spans.extend(self.apart.starts_at.zip(self.apart.ends_at));
            spans.extend(self.move_starts_at.zip(self.move_ends_at));
        }
        let slots = spans.into_iter().map(|(from, to)| slot_from_db(from, to));
        let left = self.left_provider_id.filter(|left| *left != provider_id);
        Some(slots.collect::<Result<_, _>>().map(|slots| AppointmentTime {
            provider_id: provider_id.into(),
            left: left.map(Into::into),
            appointment_id: id.into(),
            visit_type_id: self.apart.visit_type_id.map(Into::into),
            slots,
        }))
    }
}

/// The changes of everybody, or of one provider with whether they have changed in the roster since a
/// version of it.
pub(super) async fn rows(
    conn: &impl ConnectionTrait,
    of: Option<(ProviderId, i64)>,
    since: BookMoment,
    now: Timestamp,
) -> Result<Vec<ChangeRow>, StoreError> {
    let backend = conn.get_database_backend();
    let [refused_since, held_at] = apart_values(now);
    let mut values = vec![since.position.0.into(), refused_since, held_at];
    // A visit that goes from one to another is told once, as a change of both.
    let (mut which, whose, roster) = match of {
        None => (vec!["position > $1 ORDER BY position"], ANYBODY, "0"),
        Some((provider, version)) => {
            let nobody = ProviderId::NOBODY.uuid().into();
            values.extend([provider.uuid().into(), nobody, version.into()]);
            let changes =
                ["provider_id = $4 AND position > $1", "other_provider_id = $4 AND position > $1"];
            (changes.to_vec(), "provider_id = $4", ROSTER_CHANGES)
        }
    };
    if Engine::of(conn) == Engine::Postgres {
        which.push(match of {
            None => "position IS NULL",
            Some(_) => "position IS NULL AND (provider_id = $4 OR other_provider_id = $4)",
        });
    }
    let changed: Vec<String> = which.into_iter().map(|which| changed(conn, which)).collect();
    // The one row of the version is told to be one: of a table that small there are never statistics.
    let sql = format!(
        "SELECT busy.version, CAST({roster} AS bigint) AS roster_changes, change.*
           FROM (SELECT version FROM busy_version LIMIT 1) AS busy LEFT JOIN ({changed}
            UNION ALL
            SELECT NULL, NULL, NULL, NULL, NULL, NULL, apart.* FROM ({}) AS apart)
            AS change ON TRUE",
        apart(conn, whose, "$2", "$3"),
        changed = changed.join(" UNION ALL ")
    );
    let statement = Statement::from_sql_and_values(backend, sql, values);
    Ok(ChangeRow::find_by_statement(statement).all(conn).await?)
}

/// What there is to take over of the changes since a moment; `None` when all has to be read anew.
pub(super) fn taken_over(rows: Vec<ChangeRow>, since: BookMoment) -> Option<BusyNews> {
    let of_log = rows.iter().filter(|row| row.position.is_some() || row.id.is_some()).count();
    if of_log > MANY || rows.first().is_none_or(|row| row.version != since.version) {
        return None;
    }
    let Apart { refused, held } = rows.iter().filter_map(ChangeRow::apart).collect();
    let last = rows.iter().filter_map(|row| row.position).max();
    match rows.into_iter().filter_map(ChangeRow::time).collect::<Result<_, _>>() {
        Ok(changed) => {
            let position = last.map_or(since.position, EventPosition);
            let at = BookMoment { position, ..since };
            Some(BusyNews { at, changed, loaded: Vec::new(), refused, held })
        }
        // Written by somebody else. It must not be in the way of searches on other days.
        Err(error) => {
            tracing::error!(%error, "An appointment can't be read: busy time is read anew without it");
            None
        }
    }
}

/// The appointments of some events, as they are now, one more than `MANY` at most.
fn changed(conn: &impl ConnectionTrait, which: &str) -> String {
    let joined = match Engine::of(conn) {
        Engine::Sqlite => "JOIN appointment AS visit ON visit.id = event.appointment_id",
        // One by one: a planner takes "all after a position" for a third of the log, and would read
        // all appointments to go with it.
        Engine::Postgres => {
            "CROSS JOIN LATERAL
                (SELECT * FROM appointment WHERE id = event.appointment_id LIMIT 1) AS visit"
        }
    };
    let instant = instant(conn);
    format!(
        "SELECT event.position, visit.id, event.from_provider_id AS left_provider_id,
                visit.status IN {HOLDING} AS holds, visit.move_starts_at, visit.move_ends_at,
                FALSE AS held, visit.visit_type_id,
                CAST(NULL AS {instant}) AS held_until, visit.provider_id, visit.starts_at, visit.ends_at
           FROM (SELECT position, appointment_id, from_provider_id FROM appointment_event
                  WHERE {which} LIMIT {limit}) AS event {joined}",
        limit = MANY + 1
    )
}
