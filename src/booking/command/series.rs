//! A series of visits: one patient, one provider, several times.

use std::fmt::Display;
use std::str::FromStr as _;

use jiff::Timestamp;

use super::raw::RawBooking;
use super::who::{WhoIsSeen, described_patient, known_patient};
use super::{BookAppointment, Overrule};
use crate::domain::recurrence::{MOST_STARTS, RecurrenceRule, SeriesTimes};
use crate::domain::{Provenance, ProviderId, UsState, VisitLength};
use crate::request::{
    AskedVisitType, Field, FieldReader, IdempotencyKey, Refusal, Violation, When,
    asked_provider_id, fingerprint, parse_state, whole_minute,
};

/// A series as a door received it.
#[derive(Default)]
pub struct RawSeries {
    /// For whom, with whom, how long and what kind of visit: its times are not read.
    pub booking: RawBooking,
    /// The first start of a rule.
    pub starts_at: Option<Timestamp>,
    /// The rule.
    pub rule: Option<String>,
    /// The starts, each by itself.
    pub times: Option<Vec<Timestamp>>,
    /// Whether what the scheduling service refuses of it leaves the rest.
    pub accepts_part: bool,
}

/// Visits of one patient that are booked together.
#[derive(Clone)]
pub struct BookSeries {
    /// Who is to be seen.
    pub patient: WhoIsSeen,
    /// The state the patient is in; where they were last unless given.
    pub state: Option<UsState>,
    /// The patient's insurance, in the patient's words; the last one unless given.
    pub insurance: Option<String>,
    /// The provider asked for, or any.
    pub provider_id: Option<ProviderId>,
    /// When.
    pub times: SeriesTimes,
    /// How long each visit; as its kind says unless given.
    pub length: Option<VisitLength>,
    /// What kind of visit.
    pub visit_type: Option<AskedVisitType>,
    /// The rule as it was written, if there is one.
    pub rule: Option<String>,
    /// Whether what the scheduling service refuses of it leaves the rest.
    pub accepts_part: bool,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl BookSeries {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] with every field that is not acceptable, else [`Refusal::UnknownState`].
    pub fn parse(mut raw: RawSeries) -> Result<Self, Refusal> {
        let booking = &mut raw.booking;
        let mut fields = FieldReader::after(std::mem::take(&mut booking.violations));
        let patient = match &booking.patient_id {
            Some(_) => Some(known_patient(&mut fields, booking)),
            None => described_patient(&mut fields, booking),
        };
        let length = fields.length(booking.duration_minutes);
        let times = times(&mut fields, raw.starts_at, raw.rule.as_deref(), raw.times);
        let idempotency_key = fields.key(booking.idempotency_key.as_deref());
        fields.finish()?;
        let Some(((patient, state, insurance), times)) = patient.zip(times) else {
            return Err(Refusal::bug("a field is missing and was not named"));
        };
        Ok(Self {
            patient: match patient {
                Some(details) => WhoIsSeen::Described(details),
                None => WhoIsSeen::asked_for(booking.patient_id.as_deref()),
            },
            state: state.as_deref().map(parse_state).transpose()?,
            insurance,
            provider_id: booking.provider_id.as_deref().map(asked_provider_id),
            times,
            length,
            visit_type: booking.visit_type.take(),
            rule: raw.rule.map(|rule| rule.trim().to_owned()),
            accepts_part: raw.accepts_part,
            idempotency_key,
        })
    }

    /// One visit of it, as it would be booked by itself.
    pub(in crate::booking) fn visit(
        &self,
        provider_id: Option<ProviderId>,
        when: When,
    ) -> BookAppointment {
        BookAppointment {
            patient: self.patient.clone(),
            state: self.state,
            insurance: self.insurance.clone(),
            provider_id,
            when,
            length: self.length,
            visit_type: self.visit_type.clone(),
            reason: None,
            hold: None,
            overrule: Overrule::default(),
            provenance: Some(Provenance::Series),
            idempotency_key: self.idempotency_key.clone(),
        }
    }

    /// Tells this request from others under one key.
    pub(in crate::booking) fn fingerprint(&self) -> String {
        let when = match &self.times {
            SeriesTimes::By { starts_at, .. } => vec![starts_at.to_string()],
            SeriesTimes::At(times) => times.iter().map(ToString::to_string).collect(),
        };
        let visit = self.visit(self.provider_id, When::From(None)).fingerprint();
        let mut parts = vec!["book series".to_owned(), visit];
        parts.push(self.rule.clone().unwrap_or_default());
        parts.extend(self.accepts_part.then(|| "in part".to_owned()));
        parts.extend(when);
        fingerprint(&parts)
    }
}

/// When the visits are: by a rule from a start on, or each by itself.
fn times(
    fields: &mut FieldReader,
    starts_at: Option<Timestamp>,
    rule: Option<&str>,
    times: Option<Vec<Timestamp>>,
) -> Option<SeriesTimes> {
    let Some(times) = times else {
        if starts_at.is_none() && rule.is_none() {
            let why = "is required with startsAt, unless times are given";
            return wrong(fields, Field::Rule, why);
        }
        let starts_at = fields.required(Field::StartsAt, starts_at, start);
        let rule = fields.required(Field::Rule, rule, RecurrenceRule::from_str);
        return Some(SeriesTimes::By { starts_at: starts_at?, rule: rule? });
    };
    let others = [(Field::StartsAt, starts_at.is_some()), (Field::Rule, rule.is_some())];
    for (field, _) in others.into_iter().filter(|(_, given)| *given) {
        wrong::<()>(fields, field, "must not come together with times");
    }
    fields.required(Field::Times, Some(times), in_order).map(SeriesTimes::At)
}

fn wrong<T>(fields: &mut FieldReader, field: Field, why: &'static str) -> Option<T> {
    fields.wrong(Violation::new(field, why));
    None
}

/// A start, of a time in which calendars and clocks are sure.
fn start(at: Timestamp) -> Result<Timestamp, String> {
    let known = "1970-01-02T00:00:00Z".parse::<Timestamp>().ok()
        ..="9000-01-01T00:00:00Z".parse::<Timestamp>().ok();
    if !known.contains(&Some(at)) {
        return Err("must be from 1970 to the year 9000".to_owned());
    }
    whole_minute(at).map_err(str::to_owned)
}

/// Starts in order of time.
fn in_order(mut times: Vec<Timestamp>) -> Result<Vec<Timestamp>, impl Display> {
    if times.is_empty() || times.len() > MOST_STARTS {
        return Err("must be 1 to 100 times".to_owned());
    }
    if let Some(why) = times.iter().find_map(|at| start(*at).err()) {
        return Err(format!("each {why}"));
    }
    times.sort_unstable();
    if times.windows(2).any(|two| two[0] == two[1]) {
        return Err("must not have the same time twice".to_owned());
    }
    Ok(times)
}
