//! What is said of a series: of a start that a change of the clock has to do with, and of a rule that makes none.

use crate::domain::Provider;
use crate::domain::recurrence::{ClockChange, NoCourse, Start};
use crate::request::{Field, Refusal, Violation};
use crate::search::reasons::{clock, day};

/// What a change of the clock has to do with a start, in a sentence for people.
pub fn note_of_start(provider: &Provider, start: Start) -> Option<String> {
    let on = day(provider.day_of(start.at));
    let at = clock(provider, start.at);
    Some(match start.change? {
        ClockChange::Skipped(local) => format!(
            "There is no {:02}:{:02} on {}, when the clock goes forward: the visit starts at {at}, the first moment after",
            local.hour(),
            local.minute(),
            day(local.date())
        ),
        ClockChange::FirstOfTwo => format!(
            "There is {at} twice on {on}, when the clock goes back: the visit starts the first time"
        ),
        ClockChange::SecondOfTwo => format!(
            "There is {at} twice on {on}, when the clock goes back: the visit starts the second time, as asked for"
        ),
    })
}

/// Why a rule makes no series, and what would.
pub(super) fn refused(why: NoCourse) -> Refusal {
    let (field, message) = match why {
        NoCourse::StartsOtherwise => (
            Field::StartsAt,
            "must be a start that the rule has, on the provider's clock: the first visit would be on another day",
        ),
        NoCourse::EndsBeforeStart => {
            (Field::Rule, "must not end before the start: its UNTIL is earlier")
        }
        NoCourse::TooMany => {
            (Field::Rule, "must have at most 100 visits until its UNTIL: end it earlier")
        }
        NoCourse::TooLong => {
            (Field::Rule, "must have all its visits, and its end, within ten years of the start")
        }
        NoCourse::NotTaken => (Field::Rule, "must have other parts: together these are not taken"),
    };
    Refusal::Invalid(vec![Violation::new(field, message)])
}
