//! A row of a patient, and what it means.

use sea_orm::prelude::{ChronoDate, DateTimeUtc};
use sea_orm::{DbErr, FromQueryResult, QueryResult, QuerySelect, Select, SelectModel, Selector};
use uuid::Uuid;

use crate::db::engine::{StoreError, date_from_db, from_db};
use crate::db::entity::patient::{self, Column};
use crate::domain::{Patient, UsState};

/// What is told of a patient: all but what they are found by.
pub(super) struct PatientRow {
    id: Uuid,
    name: String,
    email: String,
    state: String,
    insurance_id: Uuid,
    phone: Option<String>,
    birth_date: Option<ChronoDate>,
    time_zone: Option<String>,
    version: i32,
    created_at: DateTimeUtc,
    reminders: bool,
}

/// The columns of such a row, in the order in which they are read.
const COLUMNS: [Column; 11] = [
    Column::Id,
    Column::Name,
    Column::Email,
    Column::State,
    Column::InsuranceId,
    Column::Phone,
    Column::BirthDate,
    Column::TimeZone,
    Column::Version,
    Column::CreatedAt,
    Column::Reminders,
];

/// A selection of patients, as such rows.
pub(super) fn rows_of(select: Select<patient::Entity>) -> Selector<SelectModel<PatientRow>> {
    select.select_only().columns(COLUMNS).into_model()
}

impl FromQueryResult for PatientRow {
    /// By their places: to look for each by its name takes longer than to read it.
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get_by_index(0)?,
            name: row.try_get_by_index(1)?,
            email: row.try_get_by_index(2)?,
            state: row.try_get_by_index(3)?,
            insurance_id: row.try_get_by_index(4)?,
            phone: row.try_get_by_index(5)?,
            birth_date: row.try_get_by_index(6)?,
            time_zone: row.try_get_by_index(7)?,
            version: row.try_get_by_index(8)?,
            created_at: row.try_get_by_index(9)?,
            reminders: row.try_get_by_index(10)?,
        })
    }
}

impl From<patient::Model> for PatientRow {
    fn from(row: patient::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            email: row.email,
            state: row.state,
            insurance_id: row.insurance_id,
            phone: row.phone,
            birth_date: row.birth_date,
            time_zone: row.time_zone,
            version: row.version,
            created_at: row.created_at,
            reminders: row.reminders,
        }
    }
}

impl TryFrom<PatientRow> for Patient {
    type Error = StoreError;

    fn try_from(row: PatientRow) -> Result<Self, Self::Error> {
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            email: row.email,
            state: UsState::parse(&row.state)
                .map_err(|_unknown| StoreError::unreadable("state"))?,
            payer_id: row.insurance_id.into(),
            phone: row.phone,
            birth_date: row.birth_date.map(date_from_db).transpose()?,
            time_zone: row.time_zone,
            version: row.version,
            created_at: from_db(row.created_at)?,
            reminders: row.reminders,
        })
    }
}

impl TryFrom<patient::Model> for Patient {
    type Error = StoreError;

    fn try_from(row: patient::Model) -> Result<Self, Self::Error> {
        PatientRow::from(row).try_into()
    }
}
