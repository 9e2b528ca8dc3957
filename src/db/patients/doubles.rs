//! Patients who look like one person.

use jiff::Timestamp;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

use crate::db::engine::{StoreError, from_db};
use crate::domain::PatientId;

/// One of several patients who look like one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Double {
    /// Which group it belongs to: the same for all of it.
    pub group: String,
    /// What they agree in.
    pub agrees: &'static str,
    /// Which patient.
    pub id: PatientId,
    /// The name.
    pub name: String,
    /// When they were booked for first.
    pub created_at: Timestamp,
    /// How many appointments they have, of any status.
    pub appointments: i64,
}

#[derive(FromQueryResult)]
struct DoubleRow {
    sort: String,
    id: Uuid,
    name: String,
    created_at: DateTimeUtc,
    appointments: i64,
}

/// All doubles, group by group: of one name and address, unless both were born on known days that
/// differ, and of one name and birth date.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<Double>, StoreError> {
    let kinds = [
        (
            "name and address",
            "email_key || ' ' || folded_name",
            "other.email_key = patient.email_key AND other.folded_name = patient.folded_name
             AND (other.birth_date = patient.birth_date OR other.birth_date IS NULL
                  OR patient.birth_date IS NULL)",
        ),
        (
            "name and birth date",
            "folded_name || ' ' || birth_date",
            "other.folded_name = patient.folded_name AND other.birth_date = patient.birth_date
             AND other.email_key <> patient.email_key",
        ),
    ];
    let mut doubles = Vec::new();
    for (agrees, group, is_double) in kinds {
        let sql = format!(
            "SELECT {group} AS sort, id, name, created_at,
                    (SELECT count(*) FROM appointment WHERE patient_id = patient.id) AS appointments
               FROM patient
              WHERE EXISTS (SELECT 1 FROM patient AS other WHERE other.id <> patient.id AND {is_double})
              ORDER BY sort, id"
        );
        let statement = Statement::from_string(conn.get_database_backend(), sql);
        for row in DoubleRow::find_by_statement(statement).all(conn).await? {
            doubles.push(Double {
                group: row.sort,
                agrees,
                id: row.id.into(),
                name: row.name,
                created_at: from_db(row.created_at)?,
                appointments: row.appointments,
            });
        }
    }
    Ok(doubles)
}
