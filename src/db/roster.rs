//! Loads a roster: payers and providers are found by name and reference, and made or brought up
//! to date. What the roster does not mention stays as it is.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
};

use super::directory;
use super::engine::{StoreError, date_to_db};
use super::entity::{
    insurance, insurance_alias, provider, provider_insurance, provider_state, working_hours,
};
use crate::domain::ids::uuid_at;
use crate::domain::insurance::payer_key;
use crate::domain::working_hours::weekday_name;
use crate::domain::{Licence, PayerId, ProviderId, WorkingHours};

/// A payer as a roster describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterPayer {
    /// The name it is shown under.
    pub name: String,
    /// Other names for it.
    pub aliases: Vec<String>,
    /// Whether it stands for patients who pay themselves; at most one does.
    pub self_pay: bool,
}

/// A provider as a roster describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterProvider {
    /// The clinic's own key for the provider, the same in every version of the roster.
    pub reference: String,
    /// The name patients see.
    pub name: String,
    /// Degrees and titles.
    pub credentials: String,
    /// IANA name of the zone of the working hours.
    pub time_zone: String,
    /// Where they may treat patients.
    pub licences: Vec<Licence>,
    /// Names of the payers they take.
    pub insurances: Vec<String>,
    /// When they work.
    pub working_hours: Vec<WorkingHours>,
}

/// Everything that a roster file describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterEntries {
    /// The payers.
    pub payers: Vec<RosterPayer>,
    /// The providers.
    pub providers: Vec<RosterProvider>,
}

/// Whether there is no provider at all.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn is_empty(conn: &impl ConnectionTrait) -> Result<bool, StoreError> {
    Ok(provider::Entity::find().limit(1).count(conn).await? == 0)
}

/// Writes the roster; a second time changes nothing.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn load(
    tx: &impl ConnectionTrait,
    roster: &RosterEntries,
    now: Timestamp,
) -> Result<(), StoreError> {
    for payer in &roster.payers {
        load_payer(tx, payer, now).await?;
    }
    let aliases = insurance_alias::Entity::find().all(tx).await?;
    let payers: HashMap<String, PayerId> =
        aliases.into_iter().map(|row| (row.key, row.insurance_id.into())).collect();
    let mut joined_at = now;
    for provider in &roster.providers {
        load_provider(tx, provider, &payers, joined_at).await?;
        // Lists go by id, and ids by time: so they keep the order of the roster.
        joined_at = joined_at.saturating_add(SignedDuration::from_millis(1)).unwrap_or(now);
    }
    Ok(())
}

/// The payer of which the database knows the name or an alias, for every name that it knows.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn known_payer_names(
    conn: &impl ConnectionTrait,
) -> Result<HashMap<String, String>, StoreError> {
    let rows =
        insurance_alias::Entity::find().find_also_related(insurance::Entity).all(conn).await?;
    let names = rows.into_iter().filter_map(|(alias, payer)| Some((alias.key, payer?.name)));
    Ok(names.collect())
}

/// The name of the payer that stands for patients who pay themselves, if the database has one.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn known_self_pay(conn: &impl ConnectionTrait) -> Result<Option<String>, StoreError> {
    let marked = insurance::Entity::find().filter(insurance::Column::SelfPay.eq(true));
    Ok(marked.one(conn).await?.map(|payer| payer.name))
}

async fn load_payer(
    tx: &impl ConnectionTrait,
    payer: &RosterPayer,
    now: Timestamp,
) -> Result<(), StoreError> {
    let known =
        insurance::Entity::find().filter(insurance::Column::Name.eq(&payer.name)).one(tx).await?;
    let id = match known {
        Some(row) => row.id,
        None => {
            let id = PayerId::generate(now).uuid();
            let row = insurance::ActiveModel {
                id: Set(id),
                name: Set(payer.name.clone()),
                self_pay: Set(payer.self_pay),
            };
            insurance::Entity::insert(row).exec_without_returning(tx).await?;
            id
        }
    };
    for alias in std::iter::once(&payer.name).chain(&payer.aliases) {
        let row = insurance_alias::ActiveModel {
            key: Set(payer_key(alias)),
            alias: Set(alias.clone()),
            insurance_id: Set(id),
        };
        insurance_alias::Entity::insert(row)
            .on_conflict_do_nothing()
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

async fn load_provider(
    tx: &impl ConnectionTrait,
    given: &RosterProvider,
    payers: &HashMap<String, PayerId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let known = provider::Entity::find()
        .filter(provider::Column::Reference.eq(&given.reference))
        .one(tx)
        .await?;
    let id = known.map_or_else(|| ProviderId::generate(now), |row| row.id.into());
    let row = provider::ActiveModel {
        id: Set(id.uuid()),
        reference: Set(given.reference.clone()),
        name: Set(given.name.clone()),
        credentials: Set(given.credentials.clone()),
        time_zone: Set(given.time_zone.clone()),
        version: Set(1),
    };
    let update = OnConflict::column(provider::Column::Id)
        .update_columns([
            provider::Column::Name,
            provider::Column::Credentials,
            provider::Column::TimeZone,
        ])
        .to_owned();
    provider::Entity::insert(row).on_conflict(update).exec_without_returning(tx).await?;
    bring_licences_up_to_date(tx, id, &given.licences, now).await?;
    let payers: Vec<PayerId> =
        given.insurances.iter().filter_map(|name| payers.get(&payer_key(name)).copied()).collect();
    bring_insurances_up_to_date(tx, id, &payers).await?;
    bring_working_hours_up_to_date(tx, id, &given.working_hours).await
}

async fn bring_licences_up_to_date(
    tx: &impl ConnectionTrait,
    id: ProviderId,
    given: &[Licence],
    now: Timestamp,
) -> Result<(), StoreError> {
    let stored = directory::licences(tx, Some(id)).await?.remove(&id).unwrap_or_default();
    if same(&stored, given) {
        return Ok(());
    }
    provider_state::Entity::delete_many()
        .filter(provider_state::Column::ProviderId.eq(id.uuid()))
        .exec(tx)
        .await?;
    let rows = given.iter().map(|licence| {
        Ok(provider_state::ActiveModel {
            id: Set(uuid_at(now)),
            provider_id: Set(id.uuid()),
            state: Set(licence.state.code().to_owned()),
            licence_number: Set(licence.number.clone()),
            valid_from: Set(licence.valid_from.map(date_to_db).transpose()?),
            valid_until: Set(licence.valid_until.map(date_to_db).transpose()?),
        })
    });
    let rows = rows.collect::<Result<Vec<_>, StoreError>>()?;
    provider_state::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

async fn bring_insurances_up_to_date(
    tx: &impl ConnectionTrait,
    id: ProviderId,
    given: &[PayerId],
) -> Result<(), StoreError> {
    let of_provider = || provider_insurance::Column::ProviderId.eq(id.uuid());
    let stored = provider_insurance::Entity::find().filter(of_provider()).all(tx).await?;
    let stored: Vec<PayerId> = stored.into_iter().map(|row| row.insurance_id.into()).collect();
    if same(&stored, given) {
        return Ok(());
    }
    provider_insurance::Entity::delete_many().filter(of_provider()).exec(tx).await?;
    let rows = given.iter().map(|payer| provider_insurance::ActiveModel {
        provider_id: Set(id.uuid()),
        insurance_id: Set(payer.uuid()),
    });
    provider_insurance::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

async fn bring_working_hours_up_to_date(
    tx: &impl ConnectionTrait,
    id: ProviderId,
    given: &[WorkingHours],
) -> Result<(), StoreError> {
    let stored = directory::working_hours(tx, Some(id)).await?.remove(&id).unwrap_or_default();
    if same(&stored, given) {
        return Ok(());
    }
    working_hours::Entity::delete_many()
        .filter(working_hours::Column::ProviderId.eq(id.uuid()))
        .exec(tx)
        .await?;
    let rows = given.iter().map(|span| working_hours::ActiveModel {
        provider_id: Set(id.uuid()),
        weekday: Set(weekday_name(span.weekday).to_owned()),
        opens_at: Set(span.opens_at.to_string()),
        closes_at: Set(span.closes_at.to_string()),
    });
    working_hours::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether both hold the same items, in whatever order.
fn same<T: PartialEq>(stored: &[T], given: &[T]) -> bool {
    stored.len() == given.len() && stored.iter().all(|item| given.contains(item))
}
