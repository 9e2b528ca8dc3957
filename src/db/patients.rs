//! Patients: one row for each person, found by normalised e-mail and name.

use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use super::engine::{StoreError, date_from_db, date_to_db, from_db, to_db};
use super::entity::patient;
use crate::domain::text::tidy;
use crate::domain::{
    EmailAddress, Page, Patient, PatientDetails, PatientId, PatientName, PayerId, UsState,
};

/// A patient as described by a booking.
#[derive(Clone)]
pub struct PatientDescription<'a> {
    /// Who they are.
    pub details: &'a PatientDetails,
    /// The state the patient is in.
    pub state: UsState,
    /// The payer.
    pub payer_id: PayerId,
}

/// The patient who is meant, if known.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find_same(
    conn: &impl ConnectionTrait,
    name: &PatientName,
    email: &EmailAddress,
) -> Result<Option<Patient>, StoreError> {
    let row = patient::Entity::find()
        .filter(patient::Column::EmailKey.eq(email.key()))
        .filter(patient::Column::NameKey.eq(name.key()))
        .one(conn)
        .await?;
    row.map(Patient::try_from).transpose()
}

/// The row of the patient who is meant, made or brought up to date in one statement.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn insert_or_update(
    tx: &impl ConnectionTrait,
    described: &PatientDescription<'_>,
    now: Timestamp,
) -> Result<Patient, StoreError> {
    let PatientDetails { name, email, phone, birth_date, time_zone } = described.details;
    let birth_date = birth_date.map(|birth| date_to_db(birth.day())).transpose()?;
    let row = patient::ActiveModel {
        id: Set(PatientId::generate(now).uuid()),
        name: Set(name.as_str().to_owned()),
        email: Set(email.as_str().to_owned()),
        name_key: Set(name.key()),
        email_key: Set(email.key()),
        state: Set(described.state.code().to_owned()),
        insurance_id: Set(described.payer_id.uuid()),
        created_at: Set(to_db(now)),
        updated_at: Set(to_db(now)),
        phone: Set(phone.as_ref().map(|phone| phone.as_str().to_owned())),
        birth_date: Set(birth_date),
        time_zone: Set(time_zone.as_ref().map(|zone| zone.as_str().to_owned())),
        version: Set(1),
    };
    // Known, or made by somebody else at this moment: then wait for them and take theirs. The name
    // stays as it was first spelt.
    let mut identity = OnConflict::columns([patient::Column::EmailKey, patient::Column::NameKey]);
    identity
        .update_columns([
            patient::Column::State,
            patient::Column::InsuranceId,
            patient::Column::UpdatedAt,
        ])
        .value(
            patient::Column::Version,
            Expr::col((patient::Entity, patient::Column::Version)).add(1),
        );
    let given = [
        (patient::Column::Phone, phone.is_some()),
        (patient::Column::BirthDate, birth_date.is_some()),
        (patient::Column::TimeZone, time_zone.is_some()),
    ];
    identity
        .update_columns(given.into_iter().filter(|(_, given)| *given).map(|(column, _)| column));
    let stored = patient::Entity::insert(row).on_conflict(identity).exec_with_returning(tx).await?;
    Patient::try_from(stored)
}

/// The patient of that id.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find(
    conn: &impl ConnectionTrait,
    id: PatientId,
) -> Result<Option<Patient>, StoreError> {
    let row = patient::Entity::find_by_id(id.uuid()).one(conn).await?;
    row.map(Patient::try_from).transpose()
}

/// The patients of those ids, in no order.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find_many(
    conn: &impl ConnectionTrait,
    ids: &[PatientId],
) -> Result<Vec<Patient>, StoreError> {
    let ids = ids.iter().map(|id| id.uuid());
    let rows = patient::Entity::find().filter(patient::Column::Id.is_in(ids)).all(conn).await?;
    rows.into_iter().map(Patient::try_from).collect()
}

/// Patients whose name or e-mail contains the text, without regard to case; all without one.
fn selection(search: Option<&str>) -> Select<patient::Entity> {
    let select = patient::Entity::find();
    let Some(text) = search else { return select };
    // As the keys are written; and what LIKE gives a meaning to means itself.
    let text: String = tidy(text).to_lowercase().chars().filter(|c| !c.is_control()).collect();
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let pattern = || LikeExpr::new(format!("%{escaped}%")).escape('\\');
    select.filter(
        patient::Column::NameKey.like(pattern()).or(patient::Column::EmailKey.like(pattern())),
    )
}

/// One page of patients by id, that is, by the time of their first booking.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn page(
    conn: &impl ConnectionTrait,
    search: Option<&str>,
    page: Page<PatientId>,
) -> Result<Vec<Patient>, StoreError> {
    let mut select = selection(search);
    if let Some(after) = page.after {
        select = select.filter(patient::Column::Id.gt(after.uuid()));
    }
    if let Some(before) = page.before {
        select = select.filter(patient::Column::Id.lt(before.uuid()));
    }
    let order = if page.backward { sea_orm::Order::Desc } else { sea_orm::Order::Asc };
    let mut rows = select.order_by(patient::Column::Id, order).limit(page.limit).all(conn).await?;
    if page.backward {
        rows.reverse();
    }
    rows.into_iter().map(Patient::try_from).collect()
}

/// How many patients there are.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn count(conn: &impl ConnectionTrait, search: Option<&str>) -> Result<u64, StoreError> {
    Ok(selection(search).count(conn).await?)
}

impl TryFrom<patient::Model> for Patient {
    type Error = StoreError;

    fn try_from(row: patient::Model) -> Result<Self, Self::Error> {
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
        })
    }
}
