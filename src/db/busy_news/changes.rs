//! What has changed since a moment of the book: of everybody, or of one provider.

use jiff::Timestamp;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

use super::apart::{
    ANYBODY, Apart, ApartRow, held, held_changes, held_seen, instant, refused, refused_since,
};
use super::told::{BookMoment, BusyNews, MANY};
use crate::db::busy::HOLDING;
use crate::db::engine::{Engine, StoreError, slot_from_db};
use crate::domain::busy::AppointmentTime;
use crate::domain::{EventPosition, ProviderId};

/// How often one provider has changed in the roster since a version, and what is the clinic's.
const ROSTER_CHANGES: &str =
    "(SELECT count(*) FROM provider_change WHERE provider_id IN ($3, $4) AND version > $5)";

/// A change; what is apart; or the version alone where there is neither.
#[derive(FromQueryResult)]
pub(super) struct ChangeRow {
    version: i64,
    held_seen: String,
    pub(super) roster_changes: i64,
    position: Option<i64>,
    left_provider_id: Option<Uuid>,
    holds: Option<bool>,
    move_starts_at: Option<DateTimeUtc>,
    move_ends_at: Option<DateTimeUtc>,
    #[sea_orm(nested)]
    apart: ApartRow,
}

impl ChangeRow {
    fn apart(&self) -> Option<&ApartRow> {
        (self.apart.held == Some(true) || self.apart.id.is_none()).then_some(&self.apart)
    }

    fn time(&self) -> Option<Result<AppointmentTime, StoreError>> {
        if self.apart().is_some() {
            return None;
        }
        let (id, provider_id) = self.apart.id.zip(self.apart.provider_id)?;
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
/// version of it. What one provider holds is told whole: it is little, and a range of an index.
pub(super) async fn rows(
    conn: &impl ConnectionTrait,
    of: Option<(ProviderId, i64)>,
    since: &BookMoment,
    now: Timestamp,
) -> Result<Vec<ChangeRow>, StoreError> {
    let backend = conn.get_database_backend();
    let mut values = vec![since.position.0.into(), refused_since(now)];
    // A visit that goes from one to another is told once, as a change of both.
    let (mut which, whose, roster, held) = match of {
        None => {
            values.push(since.held.as_ref().into());
            let which = vec!["position > $1 ORDER BY position"];
            (which, ANYBODY, "0", held_changes(conn, "$3"))
        }
        Some((provider, version)) => {
            let nobody = ProviderId::NOBODY.uuid().into();
            values.extend([provider.uuid().into(), nobody, version.into()]);
            let whose = "provider_id = $3";
            let changes =
                ["provider_id = $3 AND position > $1", "other_provider_id = $3 AND position > $1"];
            (changes.to_vec(), whose, ROSTER_CHANGES, held(whose))
        }
    };
    if Engine::of(conn) == Engine::Postgres {
        which.push(match of {
            None => "position IS NULL",
            Some(_) => "position IS NULL AND (provider_id = $3 OR other_provider_id = $3)",
        });
    }
    let changed: Vec<String> = which.into_iter().map(|which| changed(conn, which)).collect();
    // The one row of the version is told to be one: of a table that small there are never statistics.
    let sql = format!(
        "SELECT busy.version, {seen} AS held_seen, CAST({roster} AS bigint) AS roster_changes, change.*
           FROM (SELECT version FROM busy_version LIMIT 1) AS busy LEFT JOIN ({changed}
            UNION ALL
            SELECT NULL, NULL, NULL, NULL, NULL, apart.* FROM ({refused} UNION ALL {held}) AS apart)
            AS change ON TRUE",
        seen = held_seen(conn),
        changed = changed.join(" UNION ALL "),
        refused = refused(conn, whose, "$2"),
    );
    let statement = Statement::from_sql_and_values(backend, sql, values);
    Ok(ChangeRow::find_by_statement(statement).all(conn).await?)
}

/// What there is to take over of the changes since a moment; `None` when all has to be read anew.
pub(super) fn taken_over(rows: &[ChangeRow], since: &BookMoment) -> Option<BusyNews> {
    let first = rows.first().filter(|first| first.version == since.version)?;
    let told = rows.iter().filter(|row| row.position.is_some() || row.apart.id.is_some());
    if told.count() > MANY {
        return None;
    }
    let Apart { refused, held } = rows.iter().filter_map(ChangeRow::apart).collect();
    let last = rows.iter().filter_map(|row| row.position).max();
    match rows.iter().filter_map(ChangeRow::time).collect::<Result<_, _>>() {
        Ok(changed) => {
            let position = last.map_or(since.position, EventPosition);
            let at = BookMoment {
                version: first.version,
                position,
                held: first.held_seen.as_str().into(),
            };
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
        "SELECT event.position, event.from_provider_id AS left_provider_id,
                visit.status IN {HOLDING} AS holds, visit.move_starts_at, visit.move_ends_at,
                visit.id, FALSE AS held, visit.visit_type_id,
                CAST(NULL AS {instant}) AS held_until, visit.provider_id, visit.starts_at, visit.ends_at
           FROM (SELECT position, appointment_id, from_provider_id FROM appointment_event
                  WHERE {which} LIMIT {limit}) AS event {joined}",
        limit = MANY + 1
    )
}
