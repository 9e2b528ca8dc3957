//! Series of visits, and which visits each has.

use std::collections::{BTreeSet, HashMap};

use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
};

use super::appointments;
use super::engine::{StoreError, from_db, to_db};
use super::entity::{series, series_visit};
use crate::domain::{Appointment, AppointmentId, AppointmentSeries, SeriesId};

/// Writes a new series of those visits, which are written already.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn insert(
    tx: &impl ConnectionTrait,
    new: &AppointmentSeries,
    visits: impl IntoIterator<Item = AppointmentId>,
) -> Result<(), StoreError> {
    row(new).insert(tx).await?;
    let visits = visits.into_iter().map(|id| series_visit::ActiveModel {
        appointment_id: Set(id.uuid()),
        series_id: Set(new.id.uuid()),
    });
    series_visit::Entity::insert_many(visits).exec_without_returning(tx).await?;
    Ok(())
}

/// The series of that id.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find(
    conn: &impl ConnectionTrait,
    id: SeriesId,
) -> Result<Option<AppointmentSeries>, StoreError> {
    let row = series::Entity::find_by_id(id.uuid()).one(conn).await?;
    row.map(AppointmentSeries::try_from).transpose()
}

/// The series of that id, which nobody else changes until `tx` ends. Whoever takes it takes it before any
/// lock of a patient or a provider, and before the row of a visit.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find_to_change(
    tx: &impl ConnectionTrait,
    id: SeriesId,
) -> Result<Option<AppointmentSeries>, StoreError> {
    let row = series::Entity::find_by_id(id.uuid()).lock_exclusive().one(tx).await?;
    row.map(AppointmentSeries::try_from).transpose()
}

/// Of which series a visit is, if it is of one.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn of_visit(
    conn: &impl ConnectionTrait,
    visit: AppointmentId,
) -> Result<Option<SeriesId>, StoreError> {
    let row = series_visit::Entity::find_by_id(visit.uuid()).one(conn).await?;
    Ok(row.map(|row| row.series_id.into()))
}

/// The series of each of those visits that is of one.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn of_visits(
    conn: &impl ConnectionTrait,
    visits: &[AppointmentId],
) -> Result<HashMap<AppointmentId, AppointmentSeries>, StoreError> {
    let ids = visits.iter().map(|id| id.uuid());
    let rows = series_visit::Entity::find()
        .filter(series_visit::Column::AppointmentId.is_in(ids))
        .all(conn)
        .await?;
    let ids: BTreeSet<_> = rows.iter().map(|row| row.series_id).collect();
    let found = series::Entity::find().filter(series::Column::Id.is_in(ids)).all(conn).await?;
    let mut series = HashMap::new();
    for row in found {
        let one = AppointmentSeries::try_from(row)?;
        series.insert(one.id, one);
    }
    let of_one = |row: series_visit::Model| {
        let one = series.get(&row.series_id.into())?;
        Some((row.appointment_id.into(), one.clone()))
    };
    Ok(rows.into_iter().filter_map(of_one).collect())
}

/// The visits of each of those series, in the order in which they start.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn visits_of_each(
    conn: &impl ConnectionTrait,
    ids: &[SeriesId],
) -> Result<HashMap<SeriesId, Vec<Appointment>>, StoreError> {
    let of_them = series_visit::Column::SeriesId.is_in(ids.iter().map(|id| id.uuid()));
    let rows = series_visit::Entity::find().filter(of_them).all(conn).await?;
    let whose: HashMap<AppointmentId, SeriesId> =
        rows.into_iter().map(|row| (row.appointment_id.into(), row.series_id.into())).collect();
    let visits: Vec<AppointmentId> = whose.keys().copied().collect();
    let mut visits = appointments::find_many(conn, &visits).await?;
    visits.sort_unstable_by_key(|visit| (visit.slot, visit.id));
    let mut each: HashMap<SeriesId, Vec<Appointment>> = HashMap::new();
    for visit in visits {
        if let Some(id) = whose.get(&visit.id) {
            each.entry(*id).or_default().push(visit);
        }
    }
    Ok(each)
}

/// The visits of a series, in the order in which they start.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn visits(
    conn: &impl ConnectionTrait,
    id: SeriesId,
) -> Result<Vec<Appointment>, StoreError> {
    Ok(visits_of_each(conn, &[id]).await?.remove(&id).unwrap_or_default())
}

/// Stores what became of a series that `tx` has found to change.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn replace(
    tx: &impl ConnectionTrait,
    after: &AppointmentSeries,
) -> Result<(), StoreError> {
    row(after).update(tx).await?;
    Ok(())
}

fn row(series: &AppointmentSeries) -> series::ActiveModel {
    series::ActiveModel {
        id: Set(series.id.uuid()),
        version: Set(series.version),
        rule: Set(series.rule.clone()),
        accepts_part: Set(series.accepts_part),
        refused_visit: Set(series.refused_visit.map(AppointmentId::uuid)),
        created_at: Set(to_db(series.created_at)),
        updated_at: Set(to_db(series.updated_at)),
    }
}

impl TryFrom<series::Model> for AppointmentSeries {
    type Error = StoreError;

    fn try_from(row: series::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            version: row.version,
            rule: row.rule,
            accepts_part: row.accepts_part,
            refused_visit: row.refused_visit.map(Into::into),
            created_at: from_db(row.created_at)?,
            updated_at: from_db(row.updated_at)?,
        })
    }
}
