//! What each field costs by itself. The table stands in `docs/graphql.md` too.

use apollo_compiler::schema::ExtendedType;
use async_graphql::Value;
use async_graphql::parser::types::Field;
use jiff::Timestamp;

use super::amount::Cost;
use crate::domain::recurrence::{MOST_STARTS, RecurrenceRule};
use crate::domain::time_slot::parse_rfc3339;
use crate::graphql::operation::served_schema::ServedSchema;
use crate::graphql::types::connection::{DEFAULT_PAGE, LARGEST_PAGE};
use crate::graphql::types::slots_wanted::MOST_OFFERS;

/// As how many items a list counts that does not say its size.
pub(super) const SOME: u64 = 10;

/// Counting a list: of what may be many rows.
const COUNT: Cost = Cost::rows(5);
/// Reading busy time and finding the first free one.
const SEARCH: Cost = Cost::rows(10);
/// The same over everybody who may treat a patient.
const SEARCH_OF_ALL: Cost = Cost::rows(20);
/// Listing free times, before the first of them.
const SLOTS: Cost = Cost::rows(5);
/// A change, of whatever kind.
const CHANGE: Cost = Cost::rows(50);
/// Each visit of a series that is booked or cancelled as a whole.
const A_VISIT_OF_MANY: Cost = Cost::rows(5);

/// Free times of a day: so many begin every quarter of an hour.
const SLOTS_A_DAY: u64 = 30;
/// The days after which nothing is booked, unless a clinic has set others.
const HORIZON_DAYS: u64 = 90;
/// How many providers of either kind are told unless told otherwise.
const USUAL_MATCHES: u64 = 50;

/// What a field costs beside the objects it holds.
pub(super) struct Price {
    pub(super) own: Cost,
    /// How many objects, where it is a list.
    pub(super) times: u64,
    /// How many each list in them has.
    pub(super) inside: u64,
}

/// The price of a field of a type, which holds values of another. `items`: of a list of its object.
pub(super) fn price(of: &str, field: &Field, ty: &str, items: u64) -> Price {
    let plain = Price { own: Cost::NONE, times: items, inside: SOME };
    match (of, field.name.node.as_str()) {
        (_, "totalCount") => Price { own: COUNT, ..plain },
        ("Mutation", "bookSeries") => {
            Price { own: CHANGE.and(A_VISIT_OF_MANY.times(visits(field))), ..plain }
        }
        ("Mutation", "cancelSeries" | "rescheduleSeries") => {
            Price { own: CHANGE.and(A_VISIT_OF_MANY.times(longest_series())), ..plain }
        }
        ("AppointmentSeries", "appointments") | ("SeriesConflict", "occurrences") => {
            Price { times: longest_series(), ..plain }
        }
        ("Mutation", name) if !name.starts_with("__") => Price { own: CHANGE, ..plain },
        // The first four read the patient.
        ("Appointment", "patientLocalStartsAt" | "patientTimeZone")
        | ("Mail", "recipient" | "content")
        | ("WaitlistEntry", "offers") => Price { own: Cost::ROW, ..plain },
        ("Appointment", "history") => Price { own: Cost::rows(5), ..plain },
        ("Provider", "licences") | (_, "affectedAppointments") => Price { times: 20, ..plain },
        ("DateOverride", "hours") => Price { times: 3, ..plain },
        ("Provider", "firstAvailable") | ("Query", "explainTime") => Price { own: SEARCH, ..plain },
        ("Query", "firstAvailable") => Price { own: SEARCH_OF_ALL, ..plain },
        ("Query", "matchProviders") => {
            let inside = size(field).unwrap_or(USUAL_MATCHES);
            Price { own: SEARCH_OF_ALL, inside, ..plain }
        }
        ("Query", "previewSeries") => Price { own: SEARCH_OF_ALL, inside: visits(field), ..plain },
        ("Query", "availableSlots") if argument(field, "providerId").is_none() => {
            let most = u64::try_from(MOST_OFFERS).unwrap_or(u64::MAX);
            Price { own: SEARCH_OF_ALL, times: most, ..plain }
        }
        ("Query" | "Provider", "availableSlots") => {
            Price { own: SLOTS, times: days(field).saturating_mul(SLOTS_A_DAY), ..plain }
        }
        ("Query", "people" | "tokens" | "calendarFeeds" | "webhookEndpoints")
        | (_, "similarPatients") => Price { own: Cost::rows(10), times: 20, ..plain },
        // Of the schema itself: the gate has a limit of its own for them.
        _ if ty.starts_with("__") => Price { times: 1, inside: 1, ..plain },
        _ if ty.ends_with("Connection") => {
            let usual = u64::from(DEFAULT_PAGE.unsigned_abs());
            Price { inside: size(field).unwrap_or(usual), ..plain }
        }
        _ => plain,
    }
}

/// A type of objects, and what each costs before its fields; none for values.
pub(super) fn of_object<'a>(schema: &'a ServedSchema, ty: &str) -> Option<(&'a str, Cost)> {
    let (name, cost) = match schema.schema().types.get_key_value(ty)? {
        (_, ExtendedType::Scalar(_) | ExtendedType::Enum(_)) => return None,
        (name, _) => (name.as_str(), if is_known(name) { Cost::KNOWN } else { Cost::ROW }),
    };
    Some((name, cost))
}

/// Whether values of the type come with others, or are held in memory.
fn is_known(ty: &str) -> bool {
    matches!(
        ty,
        "AuditActor"
            | "AuditRecipient"
            | "BookingRules"
            | "ClosedDay"
            | "DateOverride"
            | "DayHours"
            | "Hold"
            | "Insurance"
            | "Licence"
            | "MatchReason"
            | "PageInfo"
            | "Provider"
            | "SeriesOccurrence"
            | "Slot"
            | "TimeOff"
            | "TimeReason"
            | "UsState"
            | "Violation"
            | "VisitType"
            | "WaitlistOffer"
            | "WorkingHours"
    ) || ty.ends_with("Edge")
        || ty.starts_with("__")
}

/// The size of a page that is asked for; an empty page counts as one.
fn size(field: &Field) -> Option<u64> {
    let number = |name| match argument(field, name) {
        Some(Value::Number(number)) => number.as_i64(),
        _ => None,
    };
    let size = number("last").or(number("first"))?.clamp(1, i64::from(LARGEST_PAGE));
    u64::try_from(size).ok()
}

/// How many visits a series has at most, by what is asked.
fn visits(field: &Field) -> u64 {
    let asked = argument(field, "input");
    let part = |name: &str| match &asked {
        Some(Value::Object(input)) => input.get(name).cloned(),
        _ => None,
    };
    let visits = match (part("times"), part("rule")) {
        (Some(Value::List(times)), _) => times.len(),
        (_, Some(Value::String(rule))) => {
            rule.parse().map_or(1, |rule: RecurrenceRule| rule.at_most())
        }
        _ => 1,
    };
    u64::try_from(visits.clamp(1, MOST_STARTS)).unwrap_or(u64::MAX)
}

/// As many visits as a series can have.
fn longest_series() -> u64 {
    u64::try_from(MOST_STARTS).unwrap_or(u64::MAX)
}

/// The days that are begun in a window, as far as anything is booked.
fn days(field: &Field) -> u64 {
    let instant = |name| match argument(field, name) {
        Some(Value::String(text)) => parse_rfc3339(&text),
        _ => None,
    };
    let seconds = |(from, to): (Timestamp, Timestamp)| to.duration_since(from).as_secs();
    let window = instant("from").zip(instant("to")).map(seconds);
    let seconds = u64::try_from(window.unwrap_or(i64::MAX).max(1)).unwrap_or(u64::MAX);
    seconds.div_ceil(24 * 60 * 60).min(HORIZON_DAYS)
}

/// An argument as it was given; none where it is null.
fn argument(field: &Field, name: &str) -> Option<Value> {
    let value = field.get_argument(name)?.node.clone().into_const()?;
    (value != Value::Null).then_some(value)
}
