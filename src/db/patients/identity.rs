//! Finding the patient who is meant, making one, and writing what is new about one.

use jiff::Timestamp;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query, SimpleExpr, UnionType};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, Iterable, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};

use super::folding::search_text;
use super::own::is_own;
use crate::db::engine::{StoreError, date_to_db, to_db};
use crate::db::entity::{appointment, merged_patient, patient};
use crate::domain::folding::name_key;
use crate::domain::name_and_address::email_key;
use crate::domain::{Patient, PatientDetails, PatientId, ProviderId};

/// As many as anybody looks at.
const MOST_SIMILAR: u64 = 20;

/// Those of that name and address, whoever they were when they were booked for; and those at that
/// address whose name an older server has left as it is written.
fn of_name_and_address(email: &str, name: &str) -> SimpleExpr {
    let at_address = || {
        patient::Entity::find()
            .select_only()
            .column(patient::Column::Id)
            .filter(patient::Column::EmailKey.eq(email))
    };
    // Each by an index of its own.
    let mut ids = at_address().filter(patient::Column::FoldedName.eq(name)).into_query();
    let as_written = at_address().filter(patient::Column::FoldedName.is_null()).into_query();
    let merged = merged_patient::Entity::find()
        .select_only()
        .column(merged_patient::Column::KeptId)
        .filter(merged_patient::Column::EmailKey.eq(email))
        .filter(merged_patient::Column::FoldedName.eq(name))
        .into_query();
    ids.union(UnionType::All, as_written).union(UnionType::All, merged);
    patient::Column::Id.in_subquery(ids)
}

/// The patient who is meant, if known; where several fit, the one booked last.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn same(
    conn: &impl ConnectionTrait,
    details: &PatientDetails,
) -> Result<Option<Patient>, StoreError> {
    let (email, name) = (details.email.key(), name_key(details.name.as_str()));
    let rows = patient::Entity::find().filter(of_name_and_address(&email, &name)).all(conn).await?;
    let mut fitting = Vec::new();
    for row in rows {
        let is_other = row.folded_name.is_none() && name_key(&row.name) != name;
        let patient = Patient::try_from(row)?;
        if !is_other && patient.may_be(details) {
            fitting.push(patient);
        }
    }
    if fitting.len() < 2 {
        return Ok(fitting.pop());
    }
    let last = booked_last(conn, &fitting).await?;
    Ok(last.and_then(|last| fitting.into_iter().find(|patient| patient.id == last)))
}

/// Which of them was booked for last; the youngest where nobody was.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn booked_last(
    conn: &impl ConnectionTrait,
    patients: &[Patient],
) -> Result<Option<PatientId>, StoreError> {
    let ids = patients.iter().map(|patient| patient.id.uuid());
    let last: Option<Uuid> = appointment::Entity::find()
        .select_only()
        .column(appointment::Column::PatientId)
        .filter(appointment::Column::PatientId.is_in(ids))
        .order_by_desc(appointment::Column::CreatedAt)
        .order_by_desc(appointment::Column::Id)
        .limit(1)
        .into_tuple()
        .one(conn)
        .await?;
    let youngest = patients.iter().map(|patient| patient.id).max();
    Ok(last.map(PatientId::from).or(youngest))
}

/// Whether somebody else may be meant by the patient's name and address.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn has_twin(conn: &impl ConnectionTrait, patient: &Patient) -> Result<bool, StoreError> {
    let (email, name) = (email_key(&patient.email), name_key(&patient.name));
    let others = patient::Entity::find()
        .filter(of_name_and_address(&email, &name))
        .filter(patient::Column::Id.ne(patient.id.uuid()))
        .all(conn)
        .await?;
    Ok(others.iter().any(|other| other.folded_name.is_some() || name_key(&other.name) == name))
}

/// A patient of those details, unless somebody of that name and address is there.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn insert_if_new(tx: &impl ConnectionTrait, new: &Patient) -> Result<bool, StoreError> {
    let row = active_model(new, plain_name_key(new))?;
    let (email, name) = (email_key(&new.email), name_key(&new.name));
    let there = patient::Entity::find()
        .select_only()
        .expr(Expr::value(1))
        .filter(of_name_and_address(&email, &name))
        .into_query();
    let columns: Vec<_> = patient::Column::iter().collect();
    let mut values = Query::select();
    for column in &columns {
        let value = row.get(*column).into_value();
        let value = value.ok_or_else(|| StoreError::unreadable("patient"))?;
        values.expr(Expr::value(value));
    }
    values.and_where(Expr::exists(there).not());
    let mut insert = Query::insert();
    insert
        .into_table(patient::Entity)
        .columns(columns)
        .on_conflict(OnConflict::new().do_nothing().to_owned());
    insert.select_from(values).map_err(|_bug| StoreError::unreadable("patient"))?;
    Ok(tx.execute(&insert).await?.rows_affected() == 1)
}

/// Another patient of a name and an address that somebody has: born on another day.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn insert_beside(tx: &impl ConnectionTrait, new: &Patient) -> Result<(), StoreError> {
    let name_key = free_name_key(tx, new).await?;
    let row = active_model(new, name_key)?;
    patient::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Replaces `before` by `after`, whose version is the next. `Ok(false)` when the patient was changed
/// or merged meanwhile.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn replace(
    tx: &impl ConnectionTrait,
    before: &Patient,
    after: &Patient,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let is_the_same = (email_key(&before.email), name_key(&before.name))
        == (email_key(&after.email), name_key(&after.name));
    let mut row = active_model(after, String::new())?;
    row.updated_at = Set(to_db(now));
    row.name_key = if is_the_same { NotSet } else { Set(free_name_key(tx, after).await?) };
    let replaced = patient::Entity::update_many()
        .set(row)
        .filter(patient::Column::Id.eq(before.id.uuid()))
        .filter(patient::Column::Version.eq(before.version))
        .exec(tx)
        .await?;
    Ok(replaced.rows_affected == 1)
}

/// Others who may be the same person: at that address, or of that name and birth date; only those who are
/// that provider's own where one is given.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn same_elsewhere(
    conn: &impl ConnectionTrait,
    patient: &Patient,
    provider: Option<ProviderId>,
) -> Result<Vec<Patient>, StoreError> {
    let mut similar = Condition::any().add(patient::Column::EmailKey.eq(email_key(&patient.email)));
    if let Some(birth_date) = patient.birth_date {
        let namesake = Condition::all()
            .add(patient::Column::FoldedName.eq(name_key(&patient.name)))
            .add(patient::Column::BirthDate.eq(date_to_db(birth_date)?));
        similar = similar.add(namesake);
    }
    let rows = patient::Entity::find()
        .filter(similar)
        .filter(Condition::all().add_option(provider.map(is_own)))
        .filter(patient::Column::Id.ne(patient.id.uuid()))
        .order_by_asc(patient::Column::Id)
        .limit(MOST_SIMILAR)
        .all(conn)
        .await?;
    rows.into_iter().map(Patient::try_from).collect()
}

/// The key by which servers of before tell patients of one address apart.
fn plain_name_key(patient: &Patient) -> String {
    patient.name.to_lowercase()
}

/// The same, or where somebody has it one that no name has.
async fn free_name_key(tx: &impl ConnectionTrait, patient: &Patient) -> Result<String, StoreError> {
    let plain = plain_name_key(patient);
    let taken = patient::Entity::find()
        .filter(patient::Column::EmailKey.eq(email_key(&patient.email)))
        .filter(patient::Column::NameKey.eq(plain.as_str()))
        .filter(patient::Column::Id.ne(patient.id.uuid()))
        .one(tx)
        .await?;
    Ok(if taken.is_some() { format!("{plain} {}", patient.id) } else { plain })
}

fn active_model(
    patient: &Patient,
    name_key_before: String,
) -> Result<patient::ActiveModel, StoreError> {
    Ok(patient::ActiveModel {
        id: Set(patient.id.uuid()),
        name: Set(patient.name.clone()),
        email: Set(patient.email.clone()),
        name_key: Set(name_key_before),
        email_key: Set(email_key(&patient.email)),
        state: Set(patient.state.code().to_owned()),
        insurance_id: Set(patient.payer_id.uuid()),
        created_at: Set(to_db(patient.created_at)),
        updated_at: Set(to_db(patient.created_at)),
        phone: Set(patient.phone.clone()),
        birth_date: Set(patient.birth_date.map(date_to_db).transpose()?),
        time_zone: Set(patient.time_zone.clone()),
        reminders: Set(patient.reminders),
        version: Set(patient.version),
        folded_name: Set(Some(name_key(&patient.name))),
        search_text: Set(Some(search_text(
            &patient.name,
            &patient.email,
            patient.phone.as_deref(),
        ))),
    })
}
