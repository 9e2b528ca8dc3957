//! `createProvider`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::hours::RawHours;
use super::licences::{RawLicence, WantedLicence};
use super::profile::zone;
use super::{hours, insurances, licences};
use crate::access::{Actor, Permission};
use crate::audit::{Act, Audited, Touched};
use crate::db::idempotency::Made;
use crate::db::{Tx, locks, look_again, roster, roster_events};
use crate::domain::{
    OwnRules, Provider, ProviderId, ProviderRecord, RosterEventKind, WorkingHours,
};
use crate::request::{FieldReader, Refusal, fingerprint};
use crate::roster::edit::circumstances::Circumstances;
use crate::roster::edit::fields::{field, short_text, shown_text};
use crate::roster::edit::terms::{RawTerms, Terms};
use crate::roster::edit::{Edited, EditedProvider, RosterEdits};

const OPERATION: &str = "createProvider";

const SAME_REFERENCE: Refusal = Refusal::AlreadyExists("A provider has this reference already");

/// A new provider as a door received them.
#[derive(Debug, Default)]
pub struct RawProvider {
    /// The clinic's own key.
    pub reference: Option<String>,
    /// The name.
    pub name: String,
    /// Degrees and titles.
    pub credentials: Option<String>,
    /// The zone.
    pub time_zone: String,
    /// The licences.
    pub licences: Vec<RawLicence>,
    /// Ids or names of insurances.
    pub insurances: Vec<String>,
    /// The hours of every week.
    pub working_hours: Vec<RawHours>,
}

/// Let somebody work here.
#[derive(Debug)]
pub struct CreateProvider {
    terms: Terms,
    /// Their id, as it is written, where none is given.
    reference: Option<String>,
    name: String,
    credentials: String,
    time_zone: String,
    licences: Vec<WantedLicence>,
    insurances: Vec<String>,
    working_hours: Vec<WorkingHours>,
}

impl CreateProvider {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`].
    pub fn parse(raw: RawProvider, terms: RawTerms) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let reference =
            fields.optional(field("reference"), raw.reference, |text| shown_text(&text));
        let name = fields.required(field("name"), Some(raw.name), |text| shown_text(&text));
        let credentials =
            fields.optional(field("credentials"), raw.credentials, |text| short_text(&text));
        let time_zone = fields.required(field("timeZone"), Some(raw.time_zone), |text| zone(&text));
        let licences = licences::read(&mut fields, raw.licences);
        let insurances = insurances::read(&mut fields, raw.insurances);
        let working_hours = hours::read(&mut fields, raw.working_hours);
        let terms = terms.read(&mut fields);
        fields.finish()?;
        Ok(Self {
            terms,
            reference,
            name: name.unwrap_or_default(),
            credentials: credentials.unwrap_or_default(),
            time_zone: time_zone.unwrap_or_default(),
            licences,
            insurances,
            working_hours,
        })
    }

    fn record(&self, at: &Circumstances) -> Result<ProviderRecord, Refusal> {
        let id = ProviderId::generate(at.now);
        let mut record = ProviderRecord {
            id,
            version: 1,
            reference: self.reference.clone().unwrap_or_else(|| id.to_string()),
            name: self.name.clone(),
            credentials: self.credentials.clone(),
            time_zone: self.time_zone.clone(),
            active: true,
            licences: Vec::new(),
            payers: BTreeSet::new(),
            working_hours: self.working_hours.clone(),
            rules: OwnRules::default(),
            visit_types: BTreeSet::new(),
            overrides: Vec::new(),
            time_off: Vec::new(),
        };
        let mut fields = FieldReader::default();
        licences::apply(&self.licences, &mut record, at, &mut fields);
        insurances::apply(&self.insurances, &mut record, at, &mut fields);
        fields.finish()?;
        Ok(record.in_order())
    }
}

impl RosterEdits {
    /// Lets somebody work here, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Invalid`]; [`Refusal::AlreadyExists`] for a reference that somebody
    /// has; [`Refusal::Store`] when the database fails.
    pub async fn create_provider(
        &self,
        actor: &Actor,
        command: &CreateProvider,
    ) -> Result<EditedProvider, Refusal> {
        let (act, key) = (&Act::of(actor, OPERATION), command.terms.key.as_ref());
        let attempt = async {
            actor.require_all(Permission::ManageRoster)?;
            let told = fingerprint(&[OPERATION.to_owned(), format!("{command:?}")]);
            let request = async {
                let at = &self.circumstances().await?;
                let record = &command.record(at)?;
                let work = |tx: Tx| self.insert((tx, actor), command, (record, at), &told);
                let proof = |()| async move {
                    let stored = look_again(|| roster::find(self.db.read(), record.id)).await;
                    ((), stored.ok().map(|found| found.is_some()))
                };
                self.trail.transaction("roster_edit", act, work, proof).await?;
                self.news.notify_one();
                let value = Arc::new(Provider::of(record, &at.directory));
                Ok(Edited { value, affected: Vec::new(), replayed: false })
            };
            let again = |made| self.provider_again(made);
            self.once(actor, key, &told, request, again).await
        };
        self.trail.attempt(act, Box::pin(attempt)).await
    }

    async fn insert(
        &self,
        (tx, actor): (Tx, &Actor),
        command: &CreateProvider,
        (record, at): (&ProviderRecord, &Circumstances),
        told: &str,
    ) -> Result<Audited<()>, Refusal> {
        locks::roster(&tx).await?;
        if roster::has_reference(&tx, &record.reference).await? {
            return Err(SAME_REFERENCE);
        }
        let made = (told.to_owned(), Made::Provider(record.id));
        self.claim(&tx, actor, command.terms.key.as_ref(), made).await?;
        roster::insert(&tx, record).await?;
        let event = (RosterEventKind::ProviderCreated, Some(record.id));
        roster_events::append(&tx, &[event], at.now).await?;
        if command.terms.dry_run {
            return Ok(Audited::RollBack(()));
        }
        let always = ["reference", "name", "credentials", "timeZone", "active"];
        let lists = [
            ("licences", record.licences.is_empty()),
            ("insurances", record.payers.is_empty()),
            ("workingHours", record.working_hours.is_empty()),
        ];
        let given = lists.into_iter().filter_map(|(name, none)| (!none).then_some(name));
        let fields = always.into_iter().chain(given).collect();
        Ok(Audited::Commit((), Touched::object(&record.id, fields)))
    }
}
