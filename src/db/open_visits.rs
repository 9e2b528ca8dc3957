//! The visits to come of one patient, counted.

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use super::engine::{StoreError, from_db, to_db};
use crate::domain::busy::LONGEST_APPOINTMENT;
use crate::domain::{PatientId, ProviderId};

/// The visits of a patient that have not ended and are still to be: booked, being booked, being cancelled,
/// or with the patient waiting for it. Those of one series are as one: it was booked at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenVisits {
    /// How many.
    pub count: u32,
    /// When the next of them is over, if there is one; of those with that provider, if one was given.
    pub next_ends_at: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
    next_ends_at: Option<sea_orm::prelude::DateTimeUtc>,
}

/// Counts them, and those of patients of the same name at the same address, whatever birth dates were
/// given for them: who invents birth dates has no more visits by that. A few ranges of the index.
///
/// All are counted, and the end of the next is that of one with `provider`, if it is given.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn count(
    tx: &impl ConnectionTrait,
    patient: PatientId,
    provider: Option<ProviderId>,
    now: Timestamp,
) -> Result<OpenVisits, StoreError> {
    let earliest = now.saturating_sub(LONGEST_APPOINTMENT).unwrap_or(Timestamp::MIN);
    let end =
        if provider.is_some() { "CASE WHEN provider_id = $4 THEN ends_at END" } else { "ends_at" };
    let sql = format!(
        "SELECT count(DISTINCT coalesce(series_visit.series_id, appointment.id)) AS count,
                min({end}) AS next_ends_at
           FROM appointment LEFT JOIN series_visit ON series_visit.appointment_id = appointment.id
          WHERE patient_id IN (
              SELECT id FROM patient WHERE id = $1 UNION
              SELECT same.id FROM patient JOIN patient same
                  ON same.email_key = patient.email_key AND same.folded_name = patient.folded_name
               WHERE patient.id = $1)
            AND status IN ('PENDING', 'CONFIRMED', 'CHECKED_IN', 'CANCELLING')
            AND starts_at > $2 AND ends_at > $3"
    );
    let mut values = vec![patient.uuid().into(), to_db(earliest).into(), to_db(now).into()];
    values.extend(provider.map(|provider| provider.uuid().into()));
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    let row = CountRow::find_by_statement(statement).one(tx).await?;
    let row = row.ok_or_else(|| StoreError::unreadable("number of visits"))?;
    Ok(OpenVisits {
        count: u32::try_from(row.count).unwrap_or(u32::MAX),
        next_ends_at: row.next_ends_at.map(from_db).transpose()?,
    })
}
