//! What a roster file describes, and what is stored of the same.

use std::sync::Arc;

use serde::Deserialize;

use crate::db::{Connection, StoreError, directory, roster};
use crate::domain::{
    Buffers, ClinicSettings, ClosedDay, DateOverride, Licence, LocalTime, OwnRules, Payer, PayerId,
    ProviderRecord, TimeSlot, VisitLength, VisitType, WorkingHours,
};

/// Everything that a roster file describes. What it does not speak of is none, and is left as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RosterEntries {
    /// The clinic's rules.
    pub rules: Option<RosterRules>,
    /// The days on which the clinic is closed.
    pub closed_days: Vec<ClosedDay>,
    /// The kinds of visits.
    pub visit_types: Vec<RosterVisitType>,
    /// The payers.
    pub payers: Vec<RosterPayer>,
    /// The providers.
    pub providers: Vec<RosterProvider>,
}

/// The clinic's rules as a roster describes them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RosterRules {
    /// The rules of visits.
    pub booking: OwnRules,
    /// The earliest start of a day at which patients are offered visits.
    pub patient_earliest: Option<LocalTime>,
    /// The latest.
    pub patient_latest: Option<LocalTime>,
}

/// A kind of visit as a roster describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterVisitType {
    /// What it is called.
    pub name: String,
    /// How long it is.
    pub length: VisitLength,
    /// What it keeps free around it.
    pub buffers: Buffers,
    /// Whether it is offered.
    pub active: bool,
}

/// A payer as a roster describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterPayer {
    /// The name it is shown under.
    pub name: String,
    /// Other names for it.
    pub aliases: Vec<String>,
    /// Whether it stands for patients who pay themselves; at most one does.
    pub self_pay: bool,
    /// Whether it is accepted at all.
    pub active: Option<bool>,
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
    /// Whether they work here.
    pub active: Option<bool>,
    /// Where they may treat patients.
    pub licences: Vec<Licence>,
    /// Names of the payers they take.
    pub insurances: Vec<String>,
    /// When they work.
    pub working_hours: Vec<WorkingHours>,
    /// The rules that are their own.
    pub rules: Option<OwnRules>,
    /// Names of the kinds of visits that are set for them.
    pub visit_types: Option<Vec<String>>,
    /// Days that are not as every week.
    pub overrides: Option<Vec<DateOverride>>,
    /// Time off.
    pub time_off: Option<Vec<RosterTimeOff>>,
}

/// Time off as a roster describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterTimeOff {
    /// When.
    pub slot: TimeSlot,
    /// Why.
    pub reason: Option<String>,
}

/// What is stored of all that a roster file describes.
#[derive(Debug, Clone)]
pub struct StoredRoster {
    /// What the clinic has set of its rules.
    pub settings: ClinicSettings,
    /// The days on which the clinic is closed, in order.
    pub closed_days: Vec<ClosedDay>,
    /// The kinds of visits, by name.
    pub visit_types: Vec<Arc<VisitType>>,
    /// The payers, by name.
    pub payers: Vec<Arc<Payer>>,
    /// The providers, by when they joined.
    pub providers: Vec<ProviderRecord>,
}

impl StoredRoster {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn read(conn: &impl Connection) -> Result<Self, StoreError> {
        let (mut payers, _) = directory::payers(conn).await?;
        let mut visit_types = directory::visit_types(conn).await?;
        // Whatever the order of the database's own language is.
        payers.sort_by(|a, b| a.name.cmp(&b.name));
        visit_types.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self {
            settings: roster::clinic_settings(conn).await?,
            closed_days: directory::closed_days(conn).await?,
            visit_types,
            payers,
            providers: roster::all(conn).await?,
        })
    }

    /// The name of a payer.
    pub fn payer_name(&self, id: PayerId) -> Option<String> {
        self.payers.iter().find(|payer| payer.id == id).map(|payer| payer.name.clone())
    }

    /// The same without the payers and providers that a file names, whose entries in the file are to stand
    /// for them: what is read of the file then may give a name or a licence from one of them to another.
    #[must_use]
    pub fn without_those_in(&self, text: &str) -> Self {
        let mut others = self.clone();
        let named: NamedInFile = serde_json::from_str(text).unwrap_or_default();
        others.payers.retain(|payer| !named.payers.iter().any(|one| one.name == payer.name));
        let is_named =
            |reference: &str| named.providers.iter().any(|one| one.reference == reference);
        others.providers.retain(|provider| !is_named(&provider.reference));
        others
    }
}

/// What tells the entries of a file from others.
#[derive(Default, Deserialize)]
struct NamedInFile {
    #[serde(default)]
    payers: Vec<NamedPayer>,
    #[serde(default)]
    providers: Vec<NamedProvider>,
}

#[derive(Deserialize)]
struct NamedPayer {
    name: String,
}

#[derive(Deserialize)]
struct NamedProvider {
    reference: String,
}
