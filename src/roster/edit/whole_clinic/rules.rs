//! `setClinicRules`.

use crate::db::idempotency::Made;
use crate::db::{StoreError, Tx, roster};
use crate::domain::{ClinicRules, ClinicSettings, LocalTime, PatientHours, RosterEventKind};
use crate::request::{FieldChange, FieldReader, Refusal, Violation};
use crate::roster::edit::RosterEdits;
use crate::roster::edit::circumstances::Circumstances;
use crate::roster::edit::fields::field;
use crate::roster::edit::of_clinic::{ClinicEdit, Outcome};
use crate::roster::edit::provider::{RawRules, RulesChange};
use crate::roster::edit::terms::{RawTerms, Terms};

/// What is to become of the clinic's rules, as a door received it.
#[derive(Debug, Default)]
pub struct RawClinicRules {
    /// The rules of visits.
    pub rules: RawRules,
    /// The earliest start of a day at which patients are offered visits.
    pub patient_earliest: FieldChange<String>,
    /// The latest.
    pub patient_latest: FieldChange<String>,
}

/// Let the clinic have these rules.
#[derive(Debug)]
pub struct SetClinicRules {
    terms: Terms,
    rules: RulesChange,
    patient_earliest: FieldChange<LocalTime>,
    patient_latest: FieldChange<LocalTime>,
}

impl SetClinicRules {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`].
    pub fn parse(raw: RawClinicRules, terms: RawTerms) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let rules = raw.rules.read(&mut fields);
        let patient_earliest = time(&mut fields, "rules.patientEarliest", raw.patient_earliest);
        let patient_latest = time(&mut fields, "rules.patientLatest", raw.patient_latest);
        let terms = terms.read(&mut fields);
        fields.finish()?;
        Ok(Self { terms, rules, patient_earliest, patient_latest })
    }
}

fn time(
    fields: &mut FieldReader,
    name: &str,
    change: FieldChange<String>,
) -> FieldChange<LocalTime> {
    change.map(|text| {
        fields.required(field(name), Some(text), |text: String| text.parse::<LocalTime>())
    })
}

fn changed(change: &FieldChange<LocalTime>, before: Option<LocalTime>) -> Option<LocalTime> {
    match change {
        FieldChange::Stays => before,
        FieldChange::Cleared => None,
        FieldChange::Is(time) => Some(*time),
    }
}

impl ClinicEdit for SetClinicRules {
    const OPERATION: &'static str = "setClinicRules";
    const EVENT: RosterEventKind = RosterEventKind::ClinicRulesSet;
    type Value = ClinicRules;

    fn terms(&self) -> &Terms {
        &self.terms
    }

    async fn write(
        &self,
        edits: &RosterEdits,
        tx: &Tx,
        _at: &Circumstances,
    ) -> Result<Outcome<ClinicRules>, Refusal> {
        let before = roster::clinic_settings(tx).await?;
        self.terms.expected.check(before.version)?;
        let after = ClinicSettings {
            version: before.version + 1,
            rules: self.rules.of(&before.rules),
            patient_earliest: changed(&self.patient_earliest, before.patient_earliest),
            patient_latest: changed(&self.patient_latest, before.patient_latest),
        };
        let usual = edits.roster.usual_rules().patient_hours;
        let earliest = after.patient_earliest.unwrap_or(usual.earliest());
        let latest = after.patient_latest.unwrap_or(usual.latest());
        if PatientHours::new(earliest, latest).is_none() {
            let why = format!("must not be before patientEarliest, which is {earliest}");
            return Err(Refusal::Invalid(vec![Violation::new(field("rules.patientLatest"), why)]));
        }
        let fields = differences(&before, &after);
        if !fields.is_empty()
            && !roster::replace_clinic_settings(tx, before.version, &after).await?
        {
            return Err(StoreError::Contended("changed meanwhile".to_owned()).into());
        }
        let value = crate::db::directory::clinic_rules(tx, edits.roster.usual_rules()).await?;
        Ok(Outcome { value, made: Made::Clinic, fields, affected: Vec::new() })
    }

    async fn again(
        &self,
        _edits: &RosterEdits,
        _made: Made,
        at: &Circumstances,
    ) -> Result<ClinicRules, Refusal> {
        Ok(*at.directory.rules())
    }
}

fn differences(before: &ClinicSettings, after: &ClinicSettings) -> Vec<&'static str> {
    let differs = [
        ("rules", before.rules != after.rules),
        ("patientEarliest", before.patient_earliest != after.patient_earliest),
        ("patientLatest", before.patient_latest != after.patient_latest),
    ];
    differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}
