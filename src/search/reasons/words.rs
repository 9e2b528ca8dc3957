//! What is said of what is against a time, by the facts.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::telling::{clock, day, moment, span};
use crate::domain::judge::{Obstacle, Reason};
use crate::domain::time_slot::without;
use crate::domain::{Directory, Provider, TimeSlot};
use crate::request::Refusal;

/// How far around a visit it is looked when work begins and ends, and how long the provider is away.
const AROUND: SignedDuration = SignedDuration::from_hours(24 * 32);

/// What a refusal says by itself.
pub(super) fn said_of(refusal: &Refusal) -> String {
    refusal.message(|_field| String::new())
}

/// Says what is against one time with one provider.
#[derive(Clone, Copy)]
pub(in crate::search) struct Words<'a> {
    pub(in crate::search) provider: &'a Provider,
    pub(in crate::search) directory: &'a Directory,
    pub(in crate::search) slot: TimeSlot,
    pub(in crate::search) now: Timestamp,
}

/// From when on, and until when.
pub(super) type Bounds = (Option<Timestamp>, Option<Timestamp>);

impl Words<'_> {
    /// The reason with its facts, and when it holds; without its span where that is not to be told.
    pub(super) fn told(&self, reason: Reason, is_told: bool) -> (String, Bounds) {
        let Reason { obstacle, span } = reason;
        let span = span.filter(|_| is_told);
        self.facts(obstacle, span)
            .unwrap_or_else(|| (said_of(&Refusal::of(obstacle, Vec::new())), bounds(span)))
    }

    fn facts(&self, obstacle: Obstacle, known: Option<TimeSlot>) -> Option<(String, Bounds)> {
        let (provider, now) = (self.provider, self.now);
        let (name, at) = (&provider.name, |time| moment(provider, time));
        let told = match obstacle {
            Obstacle::InPast => {
                (format!("That time has passed: it is {} now", at(now)), (None, Some(now)))
            }
            Obstacle::BeyondHorizon { ends_at } => {
                let days = provider.rules.horizon.as_hours() / 24;
                let told = format!(
                    "{name} is booked at most {days} days ahead, now until {}",
                    at(ends_at)
                );
                (told, (Some(ends_at), None))
            }
            Obstacle::NoticeTooShort { earliest_starts_at: earliest } => {
                let notice = minutes(provider.rules.notice.as_mins());
                let told = format!(
                    "{name} is booked at least {notice} ahead, now from {} on",
                    at(earliest)
                );
                (told, (None, Some(earliest)))
            }
            Obstacle::OutsideWorkingHours => self.outside_hours(),
            Obstacle::ProviderAway => self.away(known?),
            Obstacle::DailyLimitReached => {
                let most = provider.rules.most_a_day.unwrap_or_default();
                let on = day(provider.day_of(self.slot.starts_at()));
                let most = counted(most.into(), "visit");
                let told = format!("{name} has {most} on {on}, as many as they may have");
                (told, bounds(known))
            }
            Obstacle::PatientDoubleBooked => {
                let told =
                    format!("The patient has another visit then, {}", span(provider, known?));
                (told, bounds(known))
            }
            Obstacle::SlotTaken => (
                format!("{name} has another visit then, {}", span(provider, known?)),
                bounds(known),
            ),
            Obstacle::SlotHeld { until } => {
                let held = span(provider, known?);
                let until = until.map(|until| format!(", until {} at most", at(until)));
                let told = format!("This time is held, {held}{}", until.unwrap_or_default());
                (told, bounds(known))
            }
            Obstacle::InBuffer => {
                let told = format!(
                    "Too near to another visit of {name}: with the time that is kept free around it, it takes {}",
                    span(provider, known?)
                );
                (told, bounds(known))
            }
        };
        Some(told)
    }

    /// The hours of that day, and from when to when there are none.
    fn outside_hours(&self) -> (String, Bounds) {
        let provider = self.provider;
        let window = around(self.slot);
        let open = provider.schedule.hours_within(window);
        let gaps = without(vec![window], &open);
        let gap = gaps.into_iter().find(|gap| gap.overlaps(self.slot));
        let inside = |at: Timestamp| {
            Some(at).filter(|at| window.starts_at() < *at && *at < window.ends_at())
        };
        let from = gap.and_then(|gap| inside(gap.starts_at()));
        let until = gap.and_then(|gap| inside(gap.ends_at()));
        let on = provider.day_of(self.slot.starts_at());
        let of_day = open.iter().filter(|hours| {
            provider.day_of(hours.starts_at()) <= on && on <= provider.day_of(last_of(**hours))
        });
        let hours: Vec<String> = of_day.map(|hours| self.hours(*hours, on)).collect();
        let told = match (hours.as_slice(), until) {
            ([], None) => format!("{} does not work on {}", provider.name, day(on)),
            ([], Some(next)) => format!(
                "{} does not work on {}: work begins again on {}",
                provider.name,
                day(on),
                moment(provider, next)
            ),
            (hours, _) => {
                let zone = provider.schedule.zone();
                let abbreviation =
                    zone.to_offset_info(self.slot.starts_at()).abbreviation().to_owned();
                let hours = hours.join(" and ");
                format!("{} works {hours} {abbreviation} on {}", provider.name, day(on))
            }
        };
        (told, (from, until))
    }

    /// Hours as they are on one day: `from 09:00 to 17:00`.
    fn hours(&self, hours: TimeSlot, on: Date) -> String {
        let provider = self.provider;
        let edge = |at: Timestamp, of: Date| {
            if of == on { clock(provider, at) } else { moment(provider, at) }
        };
        let (from, to) = (hours.starts_at(), hours.ends_at());
        let to_day = provider.day_of(last_of(hours));
        format!("from {} to {}", edge(from, provider.day_of(from)), edge(to, to_day))
    }

    /// When the provider is back, or that the clinic is closed.
    fn away(&self, known: TimeSlot) -> (String, Bounds) {
        let provider = self.provider;
        if provider.time_off.iter().any(|off| off.slot == known) {
            let back = moment(provider, known.ends_at());
            let told = format!("{} has time off, back on {back}", provider.name);
            return (told, bounds(Some(known)));
        }
        let away = provider.schedule.away_within(around(self.slot));
        let away = away.into_iter().find(|away| away.overlaps(self.slot)).unwrap_or(known);
        let days = (provider.day_of(self.slot.starts_at()), provider.day_of(last_of(self.slot)));
        let closed = self.directory.closed_days().iter().find(|closed| {
            let is_overridden = provider.overrides.iter().any(|own| own.date == closed.date);
            days.0 <= closed.date && closed.date <= days.1 && !is_overridden
        });
        let told = match closed {
            Some(closed) => {
                format!("The clinic is closed on {} ({})", day(closed.date), closed.name)
            }
            None => format!("{} is away, {}", provider.name, span(provider, away)),
        };
        (told, bounds(Some(away)))
    }
}

fn bounds(span: Option<TimeSlot>) -> Bounds {
    (span.map(TimeSlot::starts_at), span.map(TimeSlot::ends_at))
}

/// The last moment that belongs to it.
fn last_of(slot: TimeSlot) -> Timestamp {
    slot.ends_at().saturating_sub(SignedDuration::from_nanos(1)).unwrap_or(Timestamp::MIN)
}

fn around(slot: TimeSlot) -> TimeSlot {
    let from = slot.starts_at().saturating_sub(AROUND).unwrap_or(Timestamp::MIN);
    let to = slot.ends_at().saturating_add(AROUND).unwrap_or(Timestamp::MAX);
    TimeSlot::new(from, to).unwrap_or(slot)
}

/// So many minutes, in hours or days where they are whole.
fn minutes(minutes: i64) -> String {
    match minutes {
        _ if minutes % (24 * 60) == 0 => counted(minutes / (24 * 60), "day"),
        _ if minutes % 60 == 0 => counted(minutes / 60, "hour"),
        _ => counted(minutes, "minute"),
    }
}

fn counted(count: i64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
