//! The roster: payers by their names, and providers by their references. What is stored is read as
//! a file describes it, and what a file adds is written.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use sea_orm::ActiveValue::Set;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait, QueryOrder, QuerySelect};

use super::directory;
use super::engine::{StoreError, date_to_db};
use super::entity::{
    insurance, insurance_alias, provider, provider_insurance, provider_state, working_hours,
};
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

/// Everything that is stored, as a roster file describes it.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn stored(conn: &impl ConnectionTrait) -> Result<RosterEntries, StoreError> {
    let (payers, _) = directory::payers(conn).await?;
    let names: HashMap<PayerId, &str> =
        payers.iter().map(|payer| (payer.id, payer.name.as_str())).collect();
    let mut taken: HashMap<ProviderId, Vec<String>> = HashMap::new();
    for row in provider_insurance::Entity::find().all(conn).await? {
        let name = names.get(&row.insurance_id.into()).map(|name| (*name).to_owned());
        taken.entry(row.provider_id.into()).or_default().extend(name);
    }
    let mut licences = directory::licences(conn).await?;
    let mut hours = directory::working_hours(conn).await?;
    let rows = provider::Entity::find().order_by_asc(provider::Column::Id).all(conn).await?;
    let providers = rows.into_iter().map(|row| {
        let id = ProviderId::from(row.id);
        RosterProvider {
            reference: row.reference,
            name: row.name,
            credentials: row.credentials,
            time_zone: row.time_zone,
            licences: licences.remove(&id).unwrap_or_default(),
            insurances: taken.remove(&id).unwrap_or_default(),
            working_hours: hours.remove(&id).unwrap_or_default(),
        }
    });
    let providers = providers.collect();
    let payers = payers.iter().map(|payer| RosterPayer {
        name: payer.name.clone(),
        aliases: payer.aliases.clone(),
        self_pay: payer.self_pay,
    });
    Ok(RosterEntries { payers: payers.collect(), providers })
}

/// Adds payers and providers, none of whom is there.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn add(
    tx: &impl ConnectionTrait,
    roster: &RosterEntries,
    now: Timestamp,
) -> Result<(), StoreError> {
    for payer in &roster.payers {
        add_payer(tx, payer, now).await?;
    }
    let aliases = insurance_alias::Entity::find().all(tx).await?;
    let payers: HashMap<String, PayerId> =
        aliases.into_iter().map(|row| (row.key, row.insurance_id.into())).collect();
    let mut joined_at = now;
    for provider in &roster.providers {
        add_provider(tx, provider, &payers, joined_at).await?;
        // Lists go by id, and ids by time: so they keep the order of the roster.
        joined_at = joined_at.saturating_add(SignedDuration::from_millis(1)).unwrap_or(now);
    }
    Ok(())
}

async fn add_payer(
    tx: &impl ConnectionTrait,
    payer: &RosterPayer,
    now: Timestamp,
) -> Result<(), StoreError> {
    let id = PayerId::generate(now).uuid();
    let row = insurance::ActiveModel {
        id: Set(id),
        name: Set(payer.name.clone()),
        self_pay: Set(payer.self_pay),
        ..Default::default()
    };
    insurance::Entity::insert(row).exec_without_returning(tx).await?;
    for alias in std::iter::once(&payer.name).chain(&payer.aliases) {
        let row = insurance_alias::ActiveModel {
            key: Set(payer_key(alias)),
            alias: Set(alias.clone()),
            insurance_id: Set(id),
        };
        // Two spellings of one name are one row.
        insurance_alias::Entity::insert(row)
            .on_conflict_do_nothing()
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

async fn add_provider(
    tx: &impl ConnectionTrait,
    given: &RosterProvider,
    payers: &HashMap<String, PayerId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let id = ProviderId::generate(now).uuid();
    let row = provider::ActiveModel {
        id: Set(id),
        reference: Set(given.reference.clone()),
        name: Set(given.name.clone()),
        credentials: Set(given.credentials.clone()),
        time_zone: Set(given.time_zone.clone()),
        version: Set(1),
        ..Default::default()
    };
    provider::Entity::insert(row).exec_without_returning(tx).await?;
    let licences = given.licences.iter().map(|licence| {
        Ok(provider_state::ActiveModel {
            id: Set(licence.id.uuid()),
            provider_id: Set(id),
            state: Set(licence.state.code().to_owned()),
            licence_number: Set(licence.number.clone()),
            valid_from: Set(licence.valid_from.map(date_to_db).transpose()?),
            valid_until: Set(licence.valid_until.map(date_to_db).transpose()?),
        })
    });
    let licences = licences.collect::<Result<Vec<_>, StoreError>>()?;
    if !licences.is_empty() {
        provider_state::Entity::insert_many(licences).exec_without_returning(tx).await?;
    }
    let payers = given.insurances.iter().filter_map(|name| payers.get(&payer_key(name)));
    let payers: Vec<_> = payers
        .map(|payer| provider_insurance::ActiveModel {
            provider_id: Set(id),
            insurance_id: Set(payer.uuid()),
        })
        .collect();
    if !payers.is_empty() {
        provider_insurance::Entity::insert_many(payers).exec_without_returning(tx).await?;
    }
    let hours = given.working_hours.iter().map(|span| {
        Ok(working_hours::ActiveModel {
            provider_id: Set(id),
            weekday: Set(weekday_name(span.weekday).to_owned()),
            opens_at: Set(span.opens_at.to_string()),
            closes_at: Set(span.closes_at.to_string()),
            effective_from: Set(span.effective_from.map(date_to_db).transpose()?),
            effective_until: Set(span.effective_until.map(date_to_db).transpose()?),
        })
    });
    let hours = hours.collect::<Result<Vec<_>, StoreError>>()?;
    if !hours.is_empty() {
        working_hours::Entity::insert_many(hours).exec_without_returning(tx).await?;
    }
    Ok(())
}
