//! Series of visits: what is asked of one, and how it would be booked.

use async_graphql::{ID, InputObject, Object};

use super::input::PatientInput;
use super::instant::DateTime;
use super::provider::ProviderObject;
use super::reasons::TimeReasonObject;
use super::slot::{SlotObject, asked_visit_type};
use crate::booking::BookSeries;
use crate::booking::command::RawSeries;
use crate::request::Refusal;
use crate::search::{PlannedVisit, SeriesPreview};

/// A series of visits of one patient with one provider: by a rule from `startsAt` on, or at `times`.
#[derive(InputObject)]
pub(in crate::graphql) struct PreviewSeriesInput {
    /// Who is to be seen, as they describe themselves. Either this or `patientId`.
    patient: Option<PatientInput>,
    /// Who is to be seen: a patient who is known, and whom you may see. Either this or `patient`.
    patient_id: Option<ID>,
    /// Goes with `patientId`: the state the patient is in; the last one unless given.
    state: Option<String>,
    /// Goes with `patientId`: the insurance of the visits; the last one unless given.
    insurance: Option<String>,
    /// The provider asked for. Unless given, one provider for all visits: of those who may treat the patient the
    /// one with whom most of the visits can be booked.
    provider_id: Option<ID>,
    /// The first start, a whole minute, which the rule must have. Goes together with `rule`.
    starts_at: Option<DateTime>,
    /// By what the visits recur, such as `FREQ=WEEKLY;COUNT=8` (RFC 5545): `FREQ` (`DAILY`, `WEEKLY`, `MONTHLY`,
    /// `YEARLY`), `INTERVAL`, `COUNT` or `UNTIL`, `BYDAY`, `BYMONTHDAY`, `BYMONTH`, `BYSETPOS` and `WKST`. Read on
    /// the provider's clock, at the same local time all year. At most 100 visits.
    rule: Option<String>,
    /// The starts, each by itself, in any order: 1 to 100, whole minutes. Instead of `startsAt` and `rule`.
    times: Option<Vec<DateTime>>,
    /// Length of each visit: 5 to 480 whole minutes; as its visit type says unless given, else 30.
    duration_minutes: Option<i32>,
    /// The visit type: who offers it is considered, and its buffers count where they are the larger ones.
    visit_type_id: Option<ID>,
}

impl PreviewSeriesInput {
    pub(in crate::graphql) fn parse(self) -> Result<BookSeries, Refusal> {
        BookSeries::parse(self.raw())
    }

    pub(super) fn raw(self) -> RawSeries {
        let mut booking = self.patient.map(PatientInput::booking).unwrap_or_default();
        booking.patient_id = self.patient_id.map(|id| id.0);
        booking.visit_state = self.state;
        booking.visit_insurance = self.insurance;
        booking.provider_id = self.provider_id.map(|id| id.0);
        booking.duration_minutes = self.duration_minutes.map(i64::from);
        booking.visit_type = asked_visit_type(self.visit_type_id);
        RawSeries {
            booking,
            starts_at: self.starts_at.map(|at| at.0),
            rule: self.rule,
            times: self.times.map(|times| times.into_iter().map(|at| at.0).collect()),
            accepts_part: false,
        }
    }
}

/// `SeriesPreview` of the schema.
pub(in crate::graphql) struct SeriesPreviewObject(pub(in crate::graphql) SeriesPreview);

/// A series as it would be booked now. Nothing is held by it.
#[Object(name = "SeriesPreview")]
impl SeriesPreviewObject {
    /// With whom all visits are.
    async fn provider(&self) -> ProviderObject {
        ProviderObject(self.0.provider.clone())
    }

    /// The visits, in order of time.
    async fn occurrences(&self) -> Vec<SeriesOccurrenceObject> {
        SeriesOccurrenceObject::all(&self.0).collect()
    }
}

/// `SeriesOccurrence` of the schema.
pub(in crate::graphql) struct SeriesOccurrenceObject {
    visit: PlannedVisit,
    index: i32,
}

impl SeriesOccurrenceObject {
    /// All of a series, in order.
    pub(super) fn all(preview: &SeriesPreview) -> impl Iterator<Item = Self> {
        preview.visits.iter().map(|(index, visit)| Self {
            visit: visit.clone(),
            index: i32::try_from(*index).unwrap_or(i32::MAX),
        })
    }

    /// Those that can't be booked.
    pub(super) fn clashes(preview: &SeriesPreview) -> Vec<Self> {
        Self::all(preview).filter(|one| !one.visit.reasons.is_empty()).collect()
    }
}

/// A visit of a series, judged as if those before it that can be booked were booked already.
#[Object(name = "SeriesOccurrence")]
impl SeriesOccurrenceObject {
    /// Its place in the series, from 0.
    async fn index(&self) -> i32 {
        self.index
    }

    /// When it starts.
    async fn starts_at(&self) -> DateTime {
        DateTime(self.visit.starts_at)
    }

    /// When it starts on the provider's clock, with the offset of that day, such as `2027-01-15T09:30:00-05:00`.
    async fn local_starts_at(&self) -> String {
        self.visit.provider.local(self.visit.starts_at)
    }

    /// Whether it can be booked: nothing is against it.
    async fn bookable(&self) -> bool {
        self.visit.reasons.is_empty()
    }

    /// All that is against it, as `explainTime` tells it, in the order in which booking refuses. Empty where it
    /// is bookable.
    async fn reasons(&self) -> Vec<TimeReasonObject> {
        self.visit.reasons.iter().cloned().map(TimeReasonObject::from).collect()
    }

    /// What a change of the clock has to do with it, in a sentence for people: its local time does not exist on
    /// that day, or comes twice. Null on every other day.
    async fn note(&self) -> Option<&str> {
        self.visit.note.as_deref()
    }

    /// Where it is not bookable, the nearest offered time with the same provider, on the same day if there is one,
    /// which is in the way of no other visit of the series and of no other alternative; null where there is none
    /// within two weeks.
    async fn alternative(&self) -> Option<SlotObject> {
        self.visit.alternative.clone().map(SlotObject)
    }
}
