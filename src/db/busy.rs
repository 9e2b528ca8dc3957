//! Busy time, read as one range of the index for each provider.

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;

use super::engine::{StoreError, slot_from_db, to_db};
use super::refused_times::remembered_since;
use crate::domain::busy::{BusyTime, LONGEST_APPOINTMENT};
use crate::domain::{AppointmentId, PatientId, ProviderId, TimeSlot};

/// The statuses that hold time, spelt out so that the planner can see them.
pub(super) const HOLDING: &str = "('PENDING', 'CONFIRMED', 'CANCELLING')";

#[derive(FromQueryResult)]
struct BusyRow {
    provider_id: Option<Uuid>,
    starts_at: sea_orm::prelude::DateTimeUtc,
    ends_at: sea_orm::prelude::DateTimeUtc,
    refused: bool,
}

/// When the providers are busy, and the patient if one is given: every span that overlaps `window`.
/// Both times of an appointment that is being moved count; `except` does not.
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
    except: Option<AppointmentId>,
) -> Result<BusyTime, StoreError> {
    read(conn, providers, patient, window, (except, None)).await
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
    now: Timestamp,
) -> Result<BusyTime, StoreError> {
    read(conn, providers, patient, window, (None, Some(remembered_since(now)))).await
}

async fn read(
    conn: &impl ConnectionTrait,
    providers: impl IntoIterator<Item = ProviderId>,
    patient: Option<PatientId>,
    window: TimeSlot,
    (except, refused_since): (Option<AppointmentId>, Option<Timestamp>),
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
        parts.push(busy_spans("provider_id", &of_providers));
        if let Some(since) = refused_since {
            parts.push(refused_spans(&of_providers, &placeholder(to_db(since).into())));
        }
    }
    if let Some(patient) = patient {
        let of_patient = format!("patient_id = {}", placeholder(patient.uuid().into()));
        parts.push(busy_spans("NULL", &of_patient));
    }
    if parts.is_empty() {
        return Ok(BusyTime::default());
    }
    let sql = parts.join(" UNION ALL ");
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
    let mut busy = BusyTime::default();
    for row in BusyRow::find_by_statement(statement).all(conn).await? {
        let slot = slot_from_db(row.starts_at, row.ends_at)?;
        match row.provider_id {
            Some(id) if row.refused => busy.add_refused(id.into(), slot),
            Some(id) => busy.add_of_provider(id.into(), slot),
            None => busy.add_of_patient(slot),
        }
    }
    Ok(busy)
}

/// The busy spans that overlap `[$2, $3)`, given that none that starts before `$1` still runs.
fn busy_spans(owner: &str, whose: &str) -> String {
    let spans = ["", "move_"].map(|span| {
        format!(
            "SELECT {owner} AS provider_id, {span}starts_at AS starts_at, {span}ends_at AS ends_at,
                    FALSE AS refused
               FROM appointment
              WHERE {whose} AND status IN {HOLDING} AND id <> $4
                AND {span}starts_at > $1 AND {span}starts_at < $3 AND {span}ends_at > $2"
        )
    });
    spans.join(" UNION ALL ")
}

/// The same of what was refused after `since`.
fn refused_spans(whose: &str, since: &str) -> String {
    format!(
        "SELECT provider_id, starts_at, ends_at, TRUE AS refused FROM refused_time
          WHERE {whose} AND refused_at > {since}
            AND starts_at > $1 AND starts_at < $3 AND ends_at > $2"
    )
}
