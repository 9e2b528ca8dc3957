//! What is said to people of times and of who fits: sentences that can be read out, with a time on the
//! provider's clock and the zone of it. Nobody's patient is in any.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::strtime;

use crate::domain::misfit::Misfit;
use crate::domain::{Licence, Provider, TimeSlot, UsState};

/// A moment at the provider's, such as `Friday, 2027-01-15, 09:30 EST`.
pub(super) fn moment(provider: &Provider, at: Timestamp) -> String {
    written("%A, %Y-%m-%d, %H:%M %Z", provider, at)
}

/// A day, such as `Friday, 2027-01-15`.
pub(in crate::search) fn day(day: Date) -> String {
    strtime::format("%A, %Y-%m-%d", day).unwrap_or_else(|_never| day.to_string())
}

/// From when to when at the provider's: on one day `09:30 to 10:00 EST on Friday, 2027-01-15`, else with both
/// days.
pub(in crate::search) fn span(provider: &Provider, slot: TimeSlot) -> String {
    let (from, to) = (slot.starts_at(), slot.ends_at());
    let whole_days = starts_a_day(provider, from) && starts_a_day(provider, to);
    if whole_days {
        let last = provider.day_of(to).yesterday().unwrap_or_else(|_first| provider.day_of(to));
        let first = provider.day_of(from);
        return if first == last { day(first) } else { format!("{} to {}", day(first), day(last)) };
    }
    if provider.day_of(from) == provider.day_of(to) {
        let (opens, closes) = (clock(provider, from), written("%H:%M %Z", provider, to));
        return format!("{opens} to {closes} on {}", day(provider.day_of(from)));
    }
    format!("{} to {}", moment(provider, from), moment(provider, to))
}

/// The time of day at the provider's, such as `09:30`.
pub(in crate::search) fn clock(provider: &Provider, at: Timestamp) -> String {
    written("%H:%M", provider, at)
}

fn starts_a_day(provider: &Provider, at: Timestamp) -> bool {
    provider.whole_day_of(at).start == at
}

fn written(format: &str, provider: &Provider, at: Timestamp) -> String {
    let zoned = at.to_zoned_datetime(provider.schedule.zone().clone());
    strtime::format(format, &zoned).unwrap_or_else(|_never| provider.local(at))
}

/// What a provider does not fit, and when the visit is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unfit<'a> {
    pub(super) provider: &'a Provider,
    pub(super) state: Option<UsState>,
    /// The name of the payer.
    pub(super) payer: Option<&'a str>,
    /// The name of the kind of visit.
    pub(super) kind: Option<&'a str>,
    /// The local day of the visit, where one is asked for.
    pub(super) on: Option<Date>,
}

impl Unfit<'_> {
    /// The facts of it.
    pub(super) fn message(&self, misfit: Misfit<'_>) -> String {
        let name = &self.provider.name;
        let state = self.state.map_or("the patient's state", UsState::name);
        match misfit {
            Misfit::Inactive => format!("{name} does not work here any more"),
            Misfit::NotLicensed => format!("{name} holds no licence for {state}"),
            Misfit::LicenceExpired(licence) => {
                let until = licence.valid_until.unwrap_or_default();
                of_licence(licence, &format!("ended on {until}"), (until, self.on, "before"))
            }
            Misfit::LicenceNotYetValid(licence) => {
                let from = licence.valid_from.unwrap_or_default();
                of_licence(licence, &format!("begins on {from}"), (from, self.on, "after"))
            }
            Misfit::InsuranceNotAccepted => {
                format!(
                    "{name} does not accept {}",
                    self.payer.unwrap_or("the patient's insurance")
                )
            }
            Misfit::VisitTypeNotOffered => match self.kind {
                Some(kind) => format!("{name} does not offer visits of the type {kind}"),
                None => format!("{name} does not offer this type of visit"),
            },
        }
    }
}

/// What a licence is, or was, and how far from the visit.
fn of_licence(
    licence: &Licence,
    what: &str,
    (day, on, side): (Date, Option<Date>, &str),
) -> String {
    let how_far = on.map(|on| format!(", {} {side} the visit", days_between(day, on)));
    let (number, state) = (&licence.number, licence.state.name());
    format!("Licence {number} for {state} {what}{}", how_far.unwrap_or_default())
}

/// How many days lie between two: in words up to ten, as people say it.
fn days_between(one: Date, other: Date) -> String {
    const WORDS: [&str; 10] =
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let days = one.until(other).map_or(0, |span| span.get_days().unsigned_abs());
    let word = usize::try_from(days).ok().and_then(|days| WORDS.get(days.checked_sub(1)?));
    match (word, days) {
        (Some(word), 1) => format!("{word} day"),
        (Some(word), _) => format!("{word} days"),
        (None, _) => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_are_counted_as_people_do() {
        let day = date(2027, 1, 12);
        for (other, told) in [
            (date(2027, 1, 14), "two days"),
            (date(2027, 1, 11), "one day"),
            (date(2027, 1, 22), "ten days"),
            (date(2028, 1, 12), "365 days"),
        ] {
            assert_eq!(days_between(day, other), told);
        }
    }
}
