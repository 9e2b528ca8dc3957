//! Busy time, read as one range of the index for each provider.

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;

use super::engine::{StoreError, from_db, slot_from_db, to_db};
use super::holds;
use super::refused_times::remembered_since;
use crate::domain::busy::{BusyTime, HeldTime, LONGEST_APPOINTMENT};
use crate::domain::{AppointmentId, PatientId, ProviderId, TimeSlot};

/// The statuses of visits that hold time, spelt out so that the planner can see them.
pub(super) const HOLDING: &str =
    "('PENDING', 'CONFIRMED', 'CHECKED_IN', 'COMPLETED', 'NO_SHOW', 'CANCELLING')";

/// The spans of a provider's time that a visit may hold.
const OF_PROVIDER: &[&str] = &["", "move_"];

/// Those of a patient's: one that is on its way to another provider holds the new time for the patient.
pub(super) const OF_PATIENT: &[&str] = &["", "move_", "reassign_"];

#[derive(FromQueryResult)]
struct BusyRow {
    provider_id: Option<Uuid>,
    starts_at: sea_orm::prelude::DateTimeUtc,
    ends_at: sea_orm::prelude::DateTimeUtc,
    visit_type_id: Option<Uuid>,
    held_until: Option<sea_orm::prelude::DateTimeUtc>,
    kind: i32,
}

/// What a row tells of.
const VISIT: i32 = 0;
const REFUSED: i32 = 1;
const HELD: i32 = 2;

/// When the providers are busy at `now`, and the patient if one is given: every span that overlaps `window`.
/// Both times of an appointment that is being moved count, and what is held without being a visit, as long as
/// it is; `except` does not.
///
/// One statement, whatever the number of providers; none when nobody is asked about.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find(
    conn: &impl ConnectionTrait,
    providers: impl IntoIterator<Item = ProviderId>,
    patient: Option<PatientId>,
    window: TimeSlot,
    (except, now): (Option<AppointmentId>, Timestamp),
) -> Result<BusyTime, StoreError> {
    read(conn, providers, patient, window, (except, now, false)).await
}

/// The same for a search, which passes over what the scheduling service has refused of late as well.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find_to_offer(
    conn: &impl ConnectionTrait,
    providers: impl IntoIterator<Item = ProviderId>,
    patient: Option<PatientId>,
    window: TimeSlot,
    (except, now): (Option<AppointmentId>, Timestamp),
) -> Result<BusyTime, StoreError> {
    read(conn, providers, patient, window, (except, now, true)).await
}

async fn read(
    conn: &impl ConnectionTrait,
    providers: impl IntoIterator<Item = ProviderId>,
    patient: Option<PatientId>,
    window: TimeSlot,
    (except, now, is_to_offer): (Option<AppointmentId>, Timestamp, bool),
) -> Result<BusyTime, StoreError> {
    let earliest = window.starts_at().saturating_sub(LONGEST_APPOINTMENT).unwrap_or(Timestamp::MIN);
    let except = except.map_or(Uuid::nil(), AppointmentId::uuid);
    let mut values: Vec<Value> = vec![
        to_db(earliest).into(),
        to_db(window.starts_at()).into(),
        to_db(window.ends_at()).into(),
        except.into(),
    ];
    let mut placeholder = |value: Value| {
        values.push(value);
        format!("${}", values.len())
    };
    let mut parts = Vec::new();
    let providers = providers.into_iter().map(|id| placeholder(id.uuid().into()));
    let providers: Vec<String> = providers.collect();
    if !providers.is_empty() {
        let of_providers = format!("provider_id IN ({})", providers.join(", "));
        parts.push(busy_spans("provider_id", &of_providers, OF_PROVIDER));
        let lives = holds::is_live(&placeholder(to_db(now).into()));
        parts.push(held_spans(&of_providers, &lives));
        if is_to_offer {
            let since = placeholder(to_db(remembered_since(now)).into());
            parts.push(refused_spans(&of_providers, &since));
        }
    }
    if let Some(patient) = patient {
        let of_patient = format!("patient_id = {}", placeholder(patient.uuid().into()));
        parts.push(busy_spans("NULL", &of_patient, OF_PATIENT));
    }
    if parts.is_empty() {
        return Ok(BusyTime::default());
    }
    let sql = parts.join(" UNION ALL ");
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
    let mut busy = BusyTime::default();
    for row in BusyRow::find_by_statement(statement).all(conn).await? {
        let slot = slot_from_db(row.starts_at, row.ends_at)?;
        let visit_type_id = row.visit_type_id.map(Into::into);
        match row.provider_id {
            Some(id) if row.kind == REFUSED => busy.add_refused(id.into(), slot),
            Some(id) if row.kind == HELD => {
                let until = row.held_until.map(from_db).transpose()?;
                busy.add_held(id.into(), HeldTime { slot, visit_type_id, until });
            }
            Some(id) => busy.add_of_provider(id.into(), slot, visit_type_id),
            None => busy.add_of_patient(slot),
        }
    }
    Ok(busy)
}

/// The busy spans that overlap `[$2, $3)`, given that none that starts before `$1` still runs.
fn busy_spans(owner: &str, whose: &str, spans: &[&str]) -> String {
    let spans = spans.iter().map(|span| {
        format!(
            "SELECT {owner} AS provider_id, {span}starts_at AS starts_at, {span}ends_at AS ends_at,
                    visit_type_id, hold_expires_at AS held_until, {VISIT} AS kind
               FROM appointment
              WHERE {whose} AND status IN {HOLDING} AND id <> $4
                AND {span}starts_at > $1 AND {span}starts_at < $3 AND {span}ends_at > $2"
        )
    });
    spans.collect::<Vec<_>>().join(" UNION ALL ")
}

/// The same of what is held without being a visit, as far as it `lives`.
fn held_spans(whose: &str, lives: &str) -> String {
    format!(
        "SELECT provider_id, starts_at, ends_at, visit_type_id, hold_expires_at, {HELD} FROM appointment
          WHERE {whose} AND status = 'HELD' AND {lives} AND id <> $4
            AND starts_at > $1 AND starts_at < $3 AND ends_at > $2"
    )
}

/// The same of what was refused after `since`.
fn refused_spans(whose: &str, since: &str) -> String {
    format!(
        "SELECT provider_id, starts_at, ends_at, NULL, NULL, {REFUSED} FROM refused_time
          WHERE {whose} AND refused_at > {since}
            AND starts_at > $1 AND starts_at < $3 AND ends_at > $2"
    )
}
