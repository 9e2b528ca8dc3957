//! Writing down what becomes of a provider: of what is not as it was, all of a part anew.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use crate::db::engine::{StoreError, date_to_db, to_db};
use crate::db::entity::{
    date_override, date_override_hours, provider, provider_insurance, provider_state,
    provider_visit_type, time_off, working_hours,
};
use crate::domain::working_hours::weekday_name;
use crate::domain::{ProviderPart, ProviderRecord};

/// What one statement writes at most, in rows: each is at most eight values.
const AT_ONCE: usize = 1000;

/// Writes down a new provider.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn insert(tx: &impl ConnectionTrait, record: &ProviderRecord) -> Result<(), StoreError> {
    provider::Entity::insert(columns(record)).exec_without_returning(tx).await?;
    for part in PARTS {
        write_part(tx, record, part).await?;
    }
    Ok(())
}

/// Replaces `before` by `after`, unless it was changed meanwhile, which is `Ok(false)`.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn replace(
    tx: &impl ConnectionTrait,
    before: &ProviderRecord,
    after: &ProviderRecord,
) -> Result<bool, StoreError> {
    let updated = provider::Entity::update_many()
        .set(columns(after))
        .filter(provider::Column::Id.eq(before.id.uuid()))
        .filter(provider::Column::Version.eq(before.version))
        .exec(tx)
        .await?;
    if updated.rows_affected != 1 {
        return Ok(false);
    }
    let differences = before.differences(after);
    for part in PARTS.into_iter().filter(|part| differences.contains(part)) {
        remove_part(tx, before.id.uuid(), part).await?;
        write_part(tx, after, part).await?;
    }
    Ok(true)
}

/// The parts that have rows of their own.
const PARTS: [ProviderPart; 6] = [
    ProviderPart::Licences,
    ProviderPart::Insurances,
    ProviderPart::WorkingHours,
    ProviderPart::VisitTypes,
    ProviderPart::Overrides,
    ProviderPart::TimeOff,
];

fn columns(record: &ProviderRecord) -> provider::ActiveModel {
    let rules = &record.rules;
    provider::ActiveModel {
        id: Set(record.id.uuid()),
        reference: Set(record.reference.clone()),
        name: Set(record.name.clone()),
        credentials: Set(record.credentials.clone()),
        time_zone: Set(record.time_zone.clone()),
        version: Set(record.version),
        active: Set(record.active),
        grid_minutes: Set(rules.grid_minutes.map(i32::from)),
        buffer_before_minutes: Set(rules.buffer_before_minutes.map(i32::from)),
        buffer_after_minutes: Set(rules.buffer_after_minutes.map(i32::from)),
        notice_minutes: Set(rules.notice_minutes.and_then(|minutes| i32::try_from(minutes).ok())),
        horizon_days: Set(rules.horizon_days.map(i32::from)),
        max_appointments_per_day: Set(rules.max_appointments_per_day.map(i32::from)),
    }
}

async fn remove_part(
    tx: &impl ConnectionTrait,
    id: Uuid,
    part: ProviderPart,
) -> Result<(), StoreError> {
    macro_rules! remove {
        ($entity:ident) => {
            $entity::Entity::delete_many()
                .filter($entity::Column::ProviderId.eq(id))
                .exec(tx)
                .await
                .map(drop)?
        };
    }
    match part {
        ProviderPart::Licences => remove!(provider_state),
        ProviderPart::Insurances => remove!(provider_insurance),
        ProviderPart::WorkingHours => remove!(working_hours),
        ProviderPart::VisitTypes => remove!(provider_visit_type),
        // Their hours go with them.
        ProviderPart::Overrides => remove!(date_override),
        ProviderPart::TimeOff => remove!(time_off),
        _ => {}
    }
    Ok(())
}

async fn write_part(
    tx: &impl ConnectionTrait,
    record: &ProviderRecord,
    part: ProviderPart,
) -> Result<(), StoreError> {
    match part {
        ProviderPart::Licences => {
            insert_all::<provider_state::Entity, _>(tx, licences(record)?).await
        }
        ProviderPart::Insurances => {
            insert_all::<provider_insurance::Entity, _>(tx, insurances(record)).await
        }
        ProviderPart::WorkingHours => {
            insert_all::<working_hours::Entity, _>(tx, hours(record)?).await
        }
        ProviderPart::VisitTypes => {
            insert_all::<provider_visit_type::Entity, _>(tx, visit_types(record)).await
        }
        ProviderPart::Overrides => {
            let (days, hours) = overrides(record)?;
            insert_all::<date_override::Entity, _>(tx, days).await?;
            insert_all::<date_override_hours::Entity, _>(tx, hours).await
        }
        ProviderPart::TimeOff => insert_all::<time_off::Entity, _>(tx, time_off(record)).await,
        _ => Ok(()),
    }
}

async fn insert_all<E, A>(tx: &impl ConnectionTrait, rows: Vec<A>) -> Result<(), StoreError>
where
    E: EntityTrait,
    A: sea_orm::ActiveModelTrait<Entity = E> + Clone,
    E::Model: IntoActiveModel<A>,
{
    for rows in rows.chunks(AT_ONCE) {
        E::insert_many(rows.to_vec()).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn licences(record: &ProviderRecord) -> Result<Vec<provider_state::ActiveModel>, StoreError> {
    let rows = record.licences.iter().map(|licence| {
        Ok(provider_state::ActiveModel {
            id: Set(licence.id.uuid()),
            provider_id: Set(record.id.uuid()),
            state: Set(licence.state.code().to_owned()),
            licence_number: Set(licence.number.clone()),
            valid_from: Set(licence.valid_from.map(date_to_db).transpose()?),
            valid_until: Set(licence.valid_until.map(date_to_db).transpose()?),
        })
    });
    rows.collect()
}

fn insurances(record: &ProviderRecord) -> Vec<provider_insurance::ActiveModel> {
    let rows = record.payers.iter().map(|payer| provider_insurance::ActiveModel {
        provider_id: Set(record.id.uuid()),
        insurance_id: Set(payer.uuid()),
    });
    rows.collect()
}

fn hours(record: &ProviderRecord) -> Result<Vec<working_hours::ActiveModel>, StoreError> {
    let rows = record.working_hours.iter().map(|span| {
        Ok(working_hours::ActiveModel {
            provider_id: Set(record.id.uuid()),
            weekday: Set(weekday_name(span.weekday).to_owned()),
            opens_at: Set(span.opens_at.to_string()),
            closes_at: Set(span.closes_at.to_string()),
            effective_from: Set(span.effective_from.map(date_to_db).transpose()?),
            effective_until: Set(span.effective_until.map(date_to_db).transpose()?),
        })
    });
    rows.collect()
}

fn visit_types(record: &ProviderRecord) -> Vec<provider_visit_type::ActiveModel> {
    let rows = record.visit_types.iter().map(|visit_type| provider_visit_type::ActiveModel {
        provider_id: Set(record.id.uuid()),
        visit_type_id: Set(visit_type.uuid()),
    });
    rows.collect()
}

type Days = (Vec<date_override::ActiveModel>, Vec<date_override_hours::ActiveModel>);

fn overrides(record: &ProviderRecord) -> Result<Days, StoreError> {
    let (provider_id, mut days, mut hours) = (Set(record.id.uuid()), Vec::new(), Vec::new());
    for one in &record.overrides {
        let date = Set(date_to_db(one.date)?);
        days.push(date_override::ActiveModel {
            provider_id: provider_id.clone(),
            date: date.clone(),
        });
        hours.extend(one.hours.iter().map(|span| date_override_hours::ActiveModel {
            provider_id: provider_id.clone(),
            date: date.clone(),
            opens_at: Set(span.opens_at.to_string()),
            closes_at: Set(span.closes_at.to_string()),
        }));
    }
    Ok((days, hours))
}

fn time_off(record: &ProviderRecord) -> Vec<time_off::ActiveModel> {
    let rows = record.time_off.iter().map(|off| time_off::ActiveModel {
        id: Set(off.id.uuid()),
        provider_id: Set(record.id.uuid()),
        starts_at: Set(to_db(off.slot.starts_at())),
        ends_at: Set(to_db(off.slot.ends_at())),
        reason: Set(off.reason.clone()),
    });
    rows.collect()
}
