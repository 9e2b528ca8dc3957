//! What an answer of the scheduling service means. Pure: no I/O, no HTTP library.

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::{Confirmation, ExternalAppointment, SchedulingError, Trouble};

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
}

#[derive(Deserialize)]
struct ConfirmationBody {
    scheduled: bool,
    appointment_id: String,
    time: Timestamp,
}

#[derive(Deserialize)]
struct RefusalBody {
    scheduled: Option<bool>,
    reason: Option<String>,
}

type JsonObject = serde_json::Map<String, serde_json::Value>;

#[derive(Deserialize)]
struct HoldingBody {
    reference: String,
    appointment_id: String,
    time: Timestamp,
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
        status @ (401 | 403) => Err(SchedulingError::Rejected { status }),
        // Only a call about one appointment can miss it; elsewhere 404 is a wrong base URL.
        404 | 410 if matches!(call, Call::Reschedule | Call::Cancel) => {
            Err(SchedulingError::NotFound)
        }
        409 => Err(refusal(call, parse(answer))),
        422 => match parse::<RefusalBody>(answer) {
            Some(body) if body.scheduled == Some(false) => Err(refusal(call, Some(body))),
            _ => Err(unknown("status 422")),
        },
        status => {
            Err(SchedulingError::Unknown { cause: in_words(status), trouble: trouble_of(status) })
        }
    }
}

/// The confirmation in a 2xx answer to a reserve or a reschedule for `asked`.
pub(super) fn confirmation(
    answer: &Answer,
    asked: Timestamp,
) -> Result<Confirmation, SchedulingError> {
    let body: ConfirmationBody = parse(answer).ok_or(unknown("unreadable answer"))?;
    if !body.scheduled {
        return Err(unknown("success that says not scheduled"));
    }
    if body.time != asked {
        return Err(unknown("answer about another time"));
    }
    if !is_external_id(&body.appointment_id) {
        return Err(unknown("answer without a usable appointment id"));
    }
    Ok(Confirmation { external_id: body.appointment_id })
}

/// The appointments in a 2xx answer to a look-up of `reference`.
pub(super) fn holdings(
    answer: &Answer,
    reference: &str,
) -> Result<Vec<ExternalAppointment>, SchedulingError> {
    let bodies: Vec<HoldingBody> = parse(answer).ok_or(unknown("unreadable answer"))?;
    if bodies.iter().any(|body| body.reference != reference) {
        return Err(unknown("answer about another reference"));
    }
    if bodies.iter().any(|body| !is_external_id(&body.appointment_id)) {
        return Err(unknown("answer without a usable appointment id"));
    }
    let holdings = bodies.into_iter().map(|body| ExternalAppointment {
        reference: body.reference,
        external_id: body.appointment_id,
        time: body.time,
        cancelled: body.cancelled,
    });
    Ok(holdings.collect())
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
        Call::Reschedule | Call::Cancel | Call::Find => false,
    };
    let reason = if safe && !reason.is_empty() {
        reason.chars().take(REASON_LIMIT).collect()
    } else {
        NO_REASON.to_owned()
    };
    SchedulingError::Refused { reason }
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
