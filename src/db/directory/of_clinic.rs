//! What the directory knows of the clinic itself: its payers, rules, kinds of visits and closed days.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};

use super::of_providers::own_rules_of;
use crate::db::engine::{StoreError, date_from_db};
use crate::db::entity::{clinic_rules, closed_day, insurance, insurance_alias, visit_type};
use crate::domain::{
    Buffers, ClinicRules, ClosedDay, LocalTime, PatientHours, Payer, PayerId, VisitLength,
    VisitType,
};

/// Every payer with its aliases, by name; and what each spelling means.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn payers(
    conn: &impl ConnectionTrait,
) -> Result<(Vec<Arc<Payer>>, HashMap<String, PayerId>), StoreError> {
    let rows = insurance::Entity::find()
        .find_with_related(insurance_alias::Entity)
        .order_by_asc(insurance::Column::Name)
        .order_by_asc(insurance_alias::Column::Alias)
        .all(conn)
        .await?;
    let mut by_key = HashMap::new();
    let payers = rows.into_iter().map(|(payer, aliases)| {
        let id = PayerId::from(payer.id);
        by_key.extend(aliases.iter().map(|row| (row.key.clone(), id)));
        let aliases = aliases.into_iter().map(|row| row.alias).filter(|alias| *alias != payer.name);
        Arc::new(Payer {
            id,
            version: payer.version,
            aliases: aliases.collect(),
            name: payer.name,
            self_pay: payer.self_pay,
            active: payer.active,
        })
    });
    Ok((payers.collect(), by_key))
}

/// The clinic's rules; what it has not set is as in `defaults`.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn clinic_rules(
    conn: &impl ConnectionTrait,
    defaults: &ClinicRules,
) -> Result<ClinicRules, StoreError> {
    let row = clinic_rules::Entity::find().one(conn).await?;
    let Some(row) = row else { return Ok(*defaults) };
    let own = own_rules_of([
        row.grid_minutes,
        row.buffer_before_minutes,
        row.buffer_after_minutes,
        row.notice_minutes,
        row.horizon_days,
        row.max_appointments_per_day,
    ]);
    let time = |text: Option<String>, usual: LocalTime| {
        text.map_or(Ok(usual), |text| text.parse())
            .map_err(|_malformed| StoreError::unreadable("local time"))
    };
    let usual = defaults.patient_hours;
    let earliest = time(row.patient_earliest.clone(), usual.earliest())?;
    let latest = time(row.patient_latest.clone(), usual.latest())?;
    Ok(ClinicRules {
        version: row.version,
        own,
        booking: defaults.booking.with(&own),
        // Only one of the two may be set, to what does not go with the other's setting.
        patient_hours: PatientHours::new(earliest, latest).unwrap_or(usual),
        most_open_visits: defaults.most_open_visits,
    })
}

/// All kinds of visits, by name.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn visit_types(conn: &impl ConnectionTrait) -> Result<Vec<Arc<VisitType>>, StoreError> {
    let select = visit_type::Entity::find().order_by_asc(visit_type::Column::Name);
    let types = select.all(conn).await?.into_iter().map(|row| {
        let minutes = |minutes: i32| u16::try_from(minutes).unwrap_or(u16::MAX);
        let (before, after) = (row.buffer_before_minutes, row.buffer_after_minutes);
        let unreadable = || StoreError::unreadable("kind of visit");
        Ok(Arc::new(VisitType {
            id: row.id.into(),
            version: row.version,
            name: row.name,
            length: VisitLength::from_minutes(row.duration_minutes.into())
                .ok_or_else(unreadable)?,
            buffers: Buffers::from_minutes(minutes(before), minutes(after))
                .ok_or_else(unreadable)?,
            active: row.active,
        }))
    });
    types.collect()
}

/// The days on which the clinic is closed, in order.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn closed_days(conn: &impl ConnectionTrait) -> Result<Vec<ClosedDay>, StoreError> {
    let select = closed_day::Entity::find().order_by_asc(closed_day::Column::Date);
    let days = select.all(conn).await?.into_iter();
    days.map(|row| Ok(ClosedDay { date: date_from_db(row.date)?, name: row.name })).collect()
}
