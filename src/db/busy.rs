//! What is already held, read as one range of the index for each provider.

use std::collections::HashMap;

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;

use super::StoreError;
use super::time::{slot_from_db, to_db};
use crate::domain::held_time::{HeldByProvider, LONGEST};
use crate::domain::{AppointmentId, PatientId, ProviderId, TimeSlot};

/// The statuses that hold time, spelt out so that the planner can see them.
pub(super) const HOLDING: &str = "('PENDING', 'CONFIRMED', 'CANCELLING')";

/// Held time, by whom it is held.
#[derive(Debug, Default)]
pub struct Busy {
    by_provider: HashMap<ProviderId, Vec<TimeSlot>>,
    by_patient: Vec<TimeSlot>,
}

impl Busy {
    /// What the patient asked about holds, with any provider.
    pub fn of_patient(&self) -> &[TimeSlot] {
        &self.by_patient
    }
}

impl HeldByProvider for Busy {
    fn of_provider(&self, provider_id: ProviderId) -> &[TimeSlot] {
        self.by_provider.get(&provider_id).map_or(&[], Vec::as_slice)
    }
}

#[derive(FromQueryResult)]
struct HeldRow {
    provider_id: Option<Uuid>,
    starts_at: sea_orm::prelude::DateTimeUtc,
    ends_at: sea_orm::prelude::DateTimeUtc,
}

/// Everything held that overlaps `window`: by the providers, and by the patient if one is given.
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
) -> Result<Busy, StoreError> {
    let earliest = window.starts_at().saturating_sub(LONGEST).unwrap_or(Timestamp::MIN);
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
        parts.push(held("provider_id", &format!("provider_id IN ({})", providers.join(", "))));
    }
    if let Some(patient) = patient {
        let of_patient = format!("patient_id = {}", placeholder(patient.uuid().into()));
        parts.push(held("NULL", &of_patient));
    }
    if parts.is_empty() {
        return Ok(Busy::default());
    }
    let sql = parts.join(" UNION ALL ");
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
    let mut busy = Busy::default();
    for row in HeldRow::find_by_statement(statement).all(conn).await? {
        let slot = slot_from_db(row.starts_at, row.ends_at)?;
        match row.provider_id {
            Some(id) => busy.by_provider.entry(id.into()).or_default().push(slot),
            None => busy.by_patient.push(slot),
        }
    }
    Ok(busy)
}

/// The held spans that overlap `[$2, $3)`, given that none that starts before `$1` still runs.
fn held(owner: &str, whose: &str) -> String {
    let spans = ["", "move_"].map(|span| {
        format!(
            "SELECT {owner} AS provider_id, {span}starts_at AS starts_at, {span}ends_at AS ends_at
               FROM appointment
              WHERE {whose} AND status IN {HOLDING} AND id <> $4
                AND {span}starts_at > $1 AND {span}starts_at < $3 AND {span}ends_at > $2"
        )
    });
    spans.join(" UNION ALL ")
}
