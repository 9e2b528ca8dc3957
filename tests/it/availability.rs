//! The availability engine against an oracle: a second, naive implementation of rules 3 and 4
//! that resolves no local time. It reads the clock on the wall at every minute.

use std::cell::Cell;
use std::fmt;
use std::sync::LazyLock;

use clinic::domain::availability::{Calendar, OfferGrid};
use clinic::domain::time_slot::{TimeSlot, VisitLength, ceil_to_minute};
use clinic::domain::working_hours::{LocalTime, WorkingHours};
use clinic::domain::{WeeklySchedule, zone_named};
use jiff::civil::{DateTime, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngSeed, TestCaseResult, TestRunner};

const CASES: u32 = 2500;
const SABOTAGED_CASES: u32 = 300;

const DAY: i64 = 24 * 60;
/// Work that has not begun so many days before a moment never begins: two weeks in a row lack
/// their break only where a change of the clocks closes it.
const SURELY_BEGUN_DAYS: i64 = 22;

/// Two changes in a row (a gap and a fold) of each zone, in the years 2026 to 2030.
static SITES: LazyLock<Vec<Site>> = LazyLock::new(|| {
    const ZONES: &str = "America/New_York America/Los_Angeles America/Chicago America/Phoenix \
        America/Anchorage Pacific/Honolulu America/Puerto_Rico America/Indiana/Indianapolis \
        America/Adak Australia/Lord_Howe Europe/London America/Havana America/Santiago \
        Africa/Casablanca Antarctica/Troll";
    let start: Timestamp = "2026-01-20T00:00Z".parse().unwrap();
    let mut sites = Vec::new();
    for (at, name) in ZONES.split(' ').enumerate() {
        let zone = zone_named(name).unwrap();
        let changes = zone.following(start).map(|change| change.timestamp());
        // Where the clocks never change, any moment is as good.
        let changes = changes.chain([start; 10]).skip(at % 8).take(2);
        sites.extend(changes.map(|change| Site::new(&zone, change)));
    }
    sites
});

/// When each day of the week opens and closes, in minutes from the day's start.
type Week = [Vec<(i64, i64)>; 7];

/// The minutes around a change of a zone's clocks; all minutes are counted from 1970.
#[derive(Clone)]
struct Site {
    zone: TimeZone,
    change: i64,
    first: i64,
    /// For each minute, the latest local time that the clock has shown so far …
    reached: Vec<i64>,
    /// … and the earliest that it shows from then on.
    to_come: Vec<i64>,
    year_2000: i64,
}

impl Site {
    fn new(zone: &TimeZone, change: Timestamp) -> Self {
        let clock = |minute| civil_minute(zone.to_datetime(instant(minute)));
        let change = change.as_second().div_euclid(60);
        let first = change - 33 * DAY;
        let mut reached: Vec<i64> = (first..change + 16 * DAY).map(clock).collect();
        let mut to_come = reached.clone();
        for at in 1..reached.len() {
            reached[at] = reached[at].max(reached[at - 1]);
        }
        for at in (1..to_come.len()).rev() {
            to_come[at - 1] = to_come[at - 1].min(to_come[at]);
        }
        let new_year = civil_minute(date(2000, 1, 1).at(0, 0, 0, 0));
        let year_2000 = (new_year - DAY..new_year + DAY).find(|at| clock(*at) >= new_year);
        Self { zone: zone.clone(), change, first, reached, to_come, year_2000: year_2000.unwrap() }
    }

    /// Rule 3: the clock has reached an opening time; and it shows, or is yet to show, a time
    /// before the closing, or is yet to show the closing time itself.
    fn is_worked(&self, week: &Week, minute: i64) -> bool {
        let at = usize::try_from(minute - self.first).unwrap();
        let (reached, to_come) = (self.reached[at], &self.to_come[at..]);
        let today = reached.div_euclid(DAY);
        (today - 2..=today).any(|day| {
            // 1970 began on a Thursday.
            let weekday = usize::try_from((day + 3).rem_euclid(7)).unwrap();
            week[weekday].iter().any(|(opens, closes)| {
                let (opens, closes) = (day * DAY + opens, day * DAY + closes);
                opens <= reached && (to_come[0] < closes || to_come[1] <= closes)
            })
        })
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {}", self.zone, instant(self.change))
    }
}

fn civil_minute(local: DateTime) -> i64 {
    let epoch = date(1970, 1, 1).at(0, 0, 0, 0);
    local.duration_since(epoch).as_mins()
}

fn instant(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

fn slot(from: i64, to: i64) -> TimeSlot {
    TimeSlot::new(instant(from), instant(to)).unwrap()
}

/// The minute of `moment`, or the next.
fn minute_of(moment: Timestamp) -> i64 {
    (moment.as_second() + 59).div_euclid(60)
}

#[derive(Debug, Clone)]
struct Case {
    site: &'static Site,
    hours: Vec<WorkingHours>,
    busy: Vec<TimeSlot>,
    /// Offers start in it.
    starts: TimeSlot,
    length: i64,
    grid: u16,
}

impl Case {
    /// What the engine offers, were the working hours in `zone`.
    fn offers(&self, zone: &TimeZone) -> Vec<i64> {
        let schedule = WeeklySchedule::new(self.hours.clone(), zone.clone());
        let length = VisitLength::from_minutes(self.length).unwrap();
        let grid = OfferGrid::from_minutes(self.grid).unwrap();
        let calendar = Calendar::new(&schedule, self.busy.clone());
        let offers = calendar.offers(self.starts, length, grid).map(|offer| {
            let from = minute_of(offer.starts_at());
            assert_eq!(offer, slot(from, from + self.length));
            from
        });
        offers.collect()
    }
}

fn agree(offers: &[i64], naive: &[i64]) -> TestCaseResult {
    let only = |these: &[i64], others: &[i64]| -> Vec<Timestamp> {
        let only = these.iter().filter(|minute| !others.contains(minute));
        only.take(3).map(|minute| instant(*minute)).collect()
    };
    let (extra, missing) = (only(offers, naive), only(naive, offers));
    prop_assert!(offers == naive, "adds {extra:?}, lacks {missing:?}");
    Ok(())
}

/// The naive engine.
struct Oracle<'a> {
    case: &'a Case,
    site: &'a Site,
    week: Week,
}

impl<'a> Oracle<'a> {
    fn new(case: &'a Case, site: &'a Site) -> Self {
        let mut week = Week::default();
        for span in &case.hours {
            let minutes = |time: LocalTime| i64::from(time.minutes());
            let (opens, closes) = (minutes(span.opens_at), minutes(span.closes_at));
            let closes = closes + if closes > opens { 0 } else { DAY };
            let weekday = span.weekday.to_monday_zero_offset();
            week[usize::try_from(weekday).unwrap()].push((opens, closes));
        }
        Self { case, site, week }
    }

    fn is_busy(&self, minute: i64) -> bool {
        let (from, to) = (minute * 60, (minute + 1) * 60);
        let mut busy = self.case.busy.iter();
        busy.any(|held| held.starts_at().as_second() < to && from < held.ends_at().as_second())
    }

    fn is_free(&self, from: i64, to: i64) -> bool {
        (from..to).all(|at| self.site.is_worked(&self.week, at) && !self.is_busy(at))
    }

    /// Where the work that goes on at `minute` began.
    fn beginning(&self, minute: i64) -> i64 {
        let mut earlier = (minute - SURELY_BEGUN_DAYS * DAY..=minute).rev();
        let beginning = earlier.find(|at| !self.site.is_worked(&self.week, at - 1));
        beginning.unwrap_or(self.site.year_2000)
    }

    /// Rule 4: each minute from which the time is free for long enough, if it is on the grid or
    /// a busy span ends then.
    fn offers(&self) -> Vec<i64> {
        let (starts, length, grid) = (self.case.starts, self.case.length, self.case.grid);
        let (from, to) = (minute_of(starts.starts_at()), minute_of(starts.ends_at()));
        // Backwards: for how long the time is free, and where the work began.
        let (mut offered, mut free_for, mut beginning) = (Vec::new(), 0, None);
        for minute in (from..to + length).rev() {
            let is_worked = self.site.is_worked(&self.week, minute);
            let is_free = is_worked && !self.is_busy(minute);
            free_for = if is_free { free_for + 1 } else { 0 };
            beginning = beginning.filter(|_| is_worked);
            if minute >= to || free_for < length {
                continue;
            }
            let began = *beginning.get_or_insert_with(|| self.beginning(minute));
            let mut busy = self.case.busy.iter();
            let mut is_end = || busy.any(|held| minute_of(held.ends_at()) == minute);
            if (minute - began) % i64::from(grid) == 0 || is_end() {
                offered.push(minute);
            }
        }
        offered.reverse();
        offered
    }
}

fn hours(weekday: i64, opens: i64, closes: i64) -> WorkingHours {
    let time = |minutes| LocalTime::from_minutes(u16::try_from(minutes).unwrap()).unwrap();
    let weekday = Weekday::from_monday_zero_offset(i8::try_from(weekday).unwrap()).unwrap();
    WorkingHours::weekly(weekday, time(opens), time(closes))
}

/// Times of day, a third of them where clocks change.
fn time_of_day() -> impl Strategy<Value = i64> {
    let quarters = |number: i64| (0..number).prop_map(|quarter| quarter * 15);
    prop_oneof![3 => quarters(96), 3 => quarters(20), 2 => 0..DAY, 1 => Just(0), 1 => Just(DAY)]
}

/// Any spans; some days cut into spans that touch, perhaps the whole week; or a week that is
/// worked through in spans of up to a day, but for a break on Sunday, if that.
fn roster() -> impl Strategy<Value = Vec<WorkingHours>> {
    let any_spans = vec((0..7_i64, time_of_day(), time_of_day()), 1..12);
    let days = || prop_oneof![btree_set(0..7_i64, 1..7), Just((0..7).collect())];
    let same_spans = (days(), vec((time_of_day(), time_of_day()), 1..4));
    let touching = (days(), btree_set(time_of_day(), 2..6));
    let lengths = vec((0..96_i64).prop_map(|shorter| (96 - shorter) * 15), 1..6);
    let one_break = (lengths, 6..13_i64, 6..13_i64);
    let on_days = |(days, spans): (std::collections::BTreeSet<i64>, Vec<(i64, i64)>)| {
        let of = |day| spans.iter().map(move |(a, b)| hours(day, *a, *b));
        days.into_iter().flat_map(of).collect()
    };
    prop_oneof![
        any_spans.prop_map(|spans| spans.into_iter().map(|(d, a, b)| hours(d, a, b)).collect()),
        same_spans.prop_map(on_days),
        touching.prop_map(move |(days, cuts)| {
            let closing = cuts.clone().into_iter().skip(1);
            on_days((days, cuts.into_iter().zip(closing).collect()))
        }),
        one_break.prop_map(|(lengths, one, other)| {
            let mut at = 6 * DAY + one.max(other) * 15;
            let end = 13 * DAY + one.min(other) * 15;
            let spans = lengths.into_iter().cycle().map_while(|length| {
                let from = at;
                at = end.min(at + length);
                (from < end).then(|| hours(from / DAY % 7, from % DAY, at % DAY))
            });
            spans.collect()
        }),
    ]
}

/// Busy time in seconds from a window's start; some spans end within a minute.
fn busy() -> impl Strategy<Value = Vec<(i64, i64)>> {
    let quarters = (-100..400_i64).prop_map(|quarter| quarter * 15 * 60);
    let from = prop_oneof![quarters, (-1500..6000_i64).prop_map(|minute| minute * 60)];
    let minutes = prop_oneof![select(vec![15_i64, 30, 60]), 5..600_i64];
    let lasts = prop_oneof![7 => minutes.prop_map(|minutes| minutes * 60), 1 => 300..36_000_i64];
    let anywhere = (from, lasts).prop_map(|(from, lasts)| (from, from + lasts));
    let over_the_start = (-600..-1_i64, -60..=60_i64).prop_map(|(from, to)| (from * 60, to));
    vec(prop_oneof![12 => anywhere, 1 => over_the_start], 0..12)
}

fn case() -> impl Strategy<Value = Case> {
    // Half of the windows are over the change of the clocks.
    let start = prop_oneof![-3 * DAY..=0, -9 * DAY..=11 * DAY];
    let window = (any::<Index>(), start, 2 * DAY..=4 * DAY);
    let length = prop_oneof![select(vec![15_i64, 20, 30, 45, 60, 90]), 5..=480_i64];
    let grid = prop_oneof![4 => Just(15), 3 => select(vec![5_u16, 10, 20, 45, 60])];
    (window, roster(), busy(), length, grid).prop_map(|(window, hours, busy, length, grid)| {
        let site = window.0.get(&SITES);
        let start = site.change + window.1;
        let at = |after| Timestamp::from_second(start * 60 + after).unwrap();
        let held = |(from, to)| TimeSlot::new(at(from), at(to)).unwrap();
        Case {
            site,
            hours,
            busy: busy.into_iter().map(held).collect(),
            starts: slot(start, start + window.2),
            length,
            grid,
        }
    })
}

/// The same cases every time; a failure is shrunk.
fn check<S: Strategy>(
    cases: u32,
    given: &S,
    test: impl Fn(S::Value) -> TestCaseResult,
) -> Result<(), String> {
    let mut config = Config::with_cases(cases);
    config.rng_seed = RngSeed::Fixed(2026);
    config.failure_persistence = None;
    let outcome = TestRunner::new(config).run(given, test);
    outcome.map_err(|failure| format!("{failure:?}"))
}

#[test]
fn the_engine_offers_what_the_naive_oracle_offers() {
    let with_offers = Cell::new(0);
    let outcome = check(CASES, &case(), |case| {
        let oracle = Oracle::new(&case, case.site);
        let naive = oracle.offers();
        agree(&case.offers(&case.site.zone), &naive)?;
        // Off the grid any free time can be booked too.
        let schedule = WeeklySchedule::new(case.hours.clone(), case.site.zone.clone());
        let calendar = Calendar::new(&schedule, case.busy.clone());
        if let Some(from) = naive.last().map(|last| last + 1) {
            let to = from + case.length;
            prop_assert_eq!(calendar.is_free(slot(from, to)), oracle.is_free(from, to));
        }
        with_offers.set(with_offers.get() + u32::from(!naive.is_empty()));
        Ok(())
    });
    assert_eq!(outcome, Ok(()));
    assert!(with_offers.get() > CASES / 2, "most offered nothing");
}

#[test]
fn the_first_available_time_is_the_first_that_the_oracle_offers() {
    let late = prop_oneof![Just(0), 1..60_000_000_000_i64];
    let outcome = check(CASES / 2, &(case(), late), |(mut case, late)| {
        let (start, end) = (case.starts.starts_at(), case.starts.ends_at());
        let after = ceil_to_minute(start + SignedDuration::from_nanos(late));
        case.starts = TimeSlot::new(after, end).unwrap();
        let first = case.offers(&case.site.zone).first().copied();
        case.starts = slot(minute_of(start) + late.signum(), minute_of(end));
        let naive = Oracle::new(&case, case.site).offers().first().copied();
        agree(first.as_slice(), naive.as_slice())
    });
    assert_eq!(outcome, Ok(()));
}

#[test]
fn the_property_fails_when_either_side_is_wrong() {
    let is_caught = |sabotage: fn(&mut Site)| {
        let outcome = check(SABOTAGED_CASES, &case(), |case| {
            let mut site = case.site.clone();
            sabotage(&mut site);
            let naive = Oracle::new(&case, &site).offers();
            agree(&case.offers(&site.zone), &naive)
        });
        outcome.is_err_and(|failure| failure.contains("adds"))
    };
    assert!(is_caught(|site| {
        site.zone = site.zone.to_offset(instant(site.change)).to_time_zone();
    }));
    // In a fold, an opening that means the second; and a closing that means the first.
    assert!(is_caught(|site| site.reached.clone_from(&site.to_come)));
    assert!(is_caught(|site| site.to_come.clone_from(&site.reached)));
}

#[test]
fn the_oracle_knows_the_examples_worked_out_by_hand() {
    let new_york = zone_named("America/New_York").unwrap();
    let gap = Site::new(&new_york, "2026-03-08T07:00Z".parse().unwrap());
    let fold = Site::new(&new_york, "2026-11-01T06:00Z".parse().unwrap());
    // Hours on Sunday in minutes after midnight, and the work in minutes after the change.
    for (site, (opens, closes), expected) in [
        (&fold, (75, 105), Some((-45, 45, 90))), // Both times.
        (&fold, (0, 60), Some((-120, 0, 120))),  // Until the second 01:00.
        (&gap, (135, 165), None),
        (&gap, (90, 150), Some((-30, 0, 30))),
        (&gap, (150, 240), Some((0, 60, 60))),
    ] {
        let mut week = Week::default();
        week[6].push((opens, closes));
        let is_worked = |at: &i64| site.is_worked(&week, site.change + at);
        let minutes: Vec<i64> = (-DAY / 2..DAY / 2).filter(is_worked).collect();
        let ends = minutes.first().zip(minutes.last());
        let work = ends.map(|(first, last)| (*first, last + 1, minutes.len()));
        assert_eq!(work, expected, "{opens} to {closes} in {site:?}");
    }
}
