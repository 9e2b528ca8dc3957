//! What an answer of the scheduling service means. Pure: no I/O, no HTTP library.

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::{
    Confirmation, ExternalAppointment, ExternalVisit, Objection, SchedulingError, Trouble,
};

/// The longest external id we store, in characters.
const EXTERNAL_ID_LIMIT: usize = 200;
/// The longest reason we keep, in characters.
const REASON_LIMIT: usize = 200;
/// Stands in for a reason that is missing or may hold a patient's name.
const NO_REASON: &str = "refused";

/// An answer as it came. No `Debug`: the body may hold a patient's name.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// Which call an answer belongs to; some statuses mean different things.
pub(super) enum Call<'a> {
    Reserve { patient_name: &'a str },
    Reschedule,
    Cancel,
    Find,
    List,
}

impl Call<'_> {
    /// Whether the service is to put a visit into its book as it is told.
    fn is_about_a_time(&self) -> bool {
        matches!(self, Self::Reserve { .. } | Self::Reschedule)
    }
}

#[derive(Deserialize)]
struct ConfirmationBody {
    scheduled: bool,
    reference: Option<String>,
    appointment_id: String,
    time: Timestamp,
    duration_minutes: Option<u16>,
}

#[derive(Deserialize)]
struct RefusalBody {
    scheduled: Option<bool>,
    reason: Option<String>,
}

type JsonObject = serde_json::Map<String, serde_json::Value>;

#[derive(Deserialize)]
struct HoldingBody {
    reference: Option<String>,
    appointment_id: String,
    provider_reference: Option<String>,
    time: Timestamp,
    duration_minutes: Option<u16>,
    #[serde(default)]
    cancelled: bool,
}

/// Tells an answer's outcome. `Ok` says that the call was taken; whether the body proves it is
/// for [`confirmation`] and [`holdings`] to say.
pub(super) fn classify(call: &Call<'_>, answer: &Answer) -> Result<(), SchedulingError> {
    match answer.status {
        200..=299 if !matches!(call, Call::Cancel) => Ok(()),
        204 => Ok(()),
        // Somebody's login page is a 200 too, and must not free the time of a visit.
        200 if answer.body.is_empty() || parse::<JsonObject>(answer).is_some() => Ok(()),
        200 => Err(unknown("unreadable answer")),
        status @ (401 | 403 | 415) => Err(SchedulingError::Rejected { status }),
        // A booking is about nothing that could be missing: the address is wrong.
        status @ (404 | 405) if matches!(call, Call::Reserve { .. }) => {
            Err(SchedulingError::Rejected { status })
        }
        404 | 410 if matches!(call, Call::Reschedule | Call::Cancel) => {
            Err(SchedulingError::NotFound)
        }
        409 if call.is_about_a_time() => Err(refusal(call, parse(answer))),
        status @ (400 | 413 | 422) if call.is_about_a_time() => {
            match parse::<RefusalBody>(answer) {
                Some(body) if status == 422 && body.scheduled == Some(false) => {
                    Err(refusal(call, Some(body)))
                }
                _ => Err(SchedulingError::Unfit { status }),
            }
        }
        status => {
            Err(SchedulingError::Unknown { cause: in_words(status), trouble: trouble_of(status) })
        }
    }
}

/// Whether the service has no list by window: it has no such address, or takes no such query.
pub(super) fn lacks_list(answer: &Answer) -> bool {
    matches!(answer.status, 400 | 404 | 405)
}

/// The confirmation in a 2xx answer to a booking or a move; all that it says must be what was
/// `asked`, and a move is of the appointment that was to be moved.
pub(super) fn confirmation(
    answer: &Answer,
    asked: &ExternalVisit,
    moved: Option<&str>,
) -> Result<Confirmation, SchedulingError> {
    let body: ConfirmationBody = parse(answer).ok_or(unknown("unreadable answer"))?;
    if !body.scheduled {
        return Err(unknown("success that says not scheduled"));
    }
    if body.reference.as_ref().is_some_and(|reference| *reference != asked.reference) {
        return Err(unknown("answer about another reference"));
    }
    if body.time != asked.time {
        return Err(unknown("answer about another time"));
    }
    if body.duration_minutes.is_some_and(|minutes| minutes != asked.duration_minutes) {
        return Err(unknown("answer about another length"));
    }
    if !is_external_id(&body.appointment_id) {
        return Err(unknown(NO_ID));
    }
    if moved.is_some_and(|moved| moved != body.appointment_id) {
        return Err(unknown("answer about another appointment"));
    }
    let names_reference = body.reference.is_some();
    Ok(Confirmation { external_id: body.appointment_id, names_reference })
}

/// The appointments in a 2xx answer to a look-up of `reference`.
pub(super) fn holdings(
    answer: &Answer,
    reference: &str,
) -> Result<Vec<ExternalAppointment>, SchedulingError> {
    let bodies: Vec<HoldingBody> = parse(answer).ok_or(unknown("unreadable answer"))?;
    if bodies.iter().any(|body| body.reference.as_deref() != Some(reference)) {
        return Err(unknown("answer about another reference"));
    }
    bodies.into_iter().map(holding).collect::<Option<_>>().ok_or(unknown(NO_ID))
}

/// The appointments in a 2xx answer to a look-up of a window that begin in it. Those without a
/// reference are none of ours.
pub(super) fn listed(
    answer: &Answer,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<ExternalAppointment>, SchedulingError> {
    let bodies: Vec<HoldingBody> = parse(answer).ok_or(unknown("unreadable answer"))?;
    let begin_there = bodies.into_iter().filter(|body| from <= body.time && body.time < to);
    let ours = begin_there.filter(|body| body.reference.is_some());
    ours.map(holding).collect::<Option<_>>().ok_or(unknown(NO_ID))
}

const NO_ID: &str = "answer without a usable appointment id";

/// `None` without an id that can be used.
fn holding(body: HoldingBody) -> Option<ExternalAppointment> {
    is_external_id(&body.appointment_id).then(|| ExternalAppointment {
        reference: body.reference.unwrap_or_default(),
        external_id: body.appointment_id,
        provider_reference: body.provider_reference,
        time: body.time,
        duration_minutes: body.duration_minutes,
        cancelled: body.cancelled,
    })
}

/// Whether the text can be stored as an id and sent back as one path segment.
pub(super) fn is_external_id(text: &str) -> bool {
    (1..=EXTERNAL_ID_LIMIT).contains(&text.chars().count())
        && !text.chars().any(char::is_control)
        && !matches!(text, "." | "..")
}

fn parse<T: DeserializeOwned>(answer: &Answer) -> Option<T> {
    // serde's text quotes the body, so it goes no further than this.
    serde_json::from_slice(&answer.body).ok()
}

/// Of an answer that came and does not say what became of this call.
fn unknown(cause: &'static str) -> SchedulingError {
    SchedulingError::Unknown { cause, trouble: Trouble::Call }
}

/// Whose trouble a status tells of. 500 may be one visit that the service stumbles over.
fn trouble_of(status: u16) -> Trouble {
    match status {
        408 | 425 | 429 | 502 | 503 | 504 => Trouble::Service,
        _ => Trouble::Call,
    }
}

fn in_words(status: u16) -> &'static str {
    match status {
        // To a cancel this would mean "later", and later is not now.
        202 => "status 202",
        300..=399 => "redirect",
        404 => "status 404: is the service's URL right?",
        408 => "status 408",
        425 => "status 425",
        429 => "status 429",
        400..=407 | 409..=424 | 426..=428 | 430..=499 => "another status 4xx",
        500 => "status 500",
        502 => "status 502",
        503 => "status 503",
        504 => "status 504",
        501 | 505..=599 => "another status 5xx",
        _ => "a status that means nothing here",
    }
}

fn refusal(call: &Call<'_>, body: Option<RefusalBody>) -> SchedulingError {
    let reason = body.and_then(|body| body.reason).unwrap_or_default();
    let reason = one_line(&reason);
    let safe = match call {
        Call::Reserve { patient_name } => !may_name(&reason, patient_name),
        // The name is not known here, so it cannot be looked for.
        Call::Reschedule | Call::Cancel | Call::Find | Call::List => false,
    };
    let reason = if safe && !reason.is_empty() {
        reason.chars().take(REASON_LIMIT).collect()
    } else {
        NO_REASON.to_owned()
    };
    SchedulingError::Refused { to: Objection::Time, reason }
}

/// The text without control characters, its words a single space apart.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_control() || c.is_whitespace());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Whether the text holds the whole name, or any word of it that is not very short.
fn may_name(text: &str, name: &str) -> bool {
    let (text, name) = (text.to_lowercase(), one_line(name).to_lowercase());
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric());
        words.filter(|word| word.chars().count() > 2).map(str::to_owned).collect()
    };
    let of_name = words(&name);
    text.contains(&name) || words(&text).iter().any(|word| of_name.contains(word))
}
