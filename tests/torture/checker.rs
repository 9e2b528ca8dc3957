//! The checker: history, rows and ledger in, violations out. No code of the program, and no I/O.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use crate::history::Entry;
use crate::rows::{Booked, Truth};
use crate::{compare, held};

/// What can be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Two appointments of one provider share a moment.
    ProviderOverlap,
    /// Two appointments of one patient share a moment.
    PatientOverlap,
    /// An answer named an appointment that is not there.
    Lost,
    /// An answer said something that is not so.
    Untrue,
    /// A `CONFIRMED` appointment without exactly one equal one outside.
    NotOutside,
    /// One outside without a `CONFIRMED` one here.
    Orphan,
    /// Not final, though nothing stands in its way.
    Stuck,
    /// Two bookings under one key.
    KeySplit,
    /// Booked against a rule of the roster that had been committed before it was asked for.
    AgainstRule,
    /// A row without what was committed with it.
    InPart,
    /// Somebody else had a time while it was held.
    AgainstHold,
    /// Whoever held a time was refused it.
    HoldBroken,
    /// A time that was held, and that nobody can have any more.
    TimeLost,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Report {
    found: BTreeMap<Kind, Vec<String>>,
}

impl Report {
    pub(crate) fn add(&mut self, kind: Kind, what: impl Into<String>) {
        self.found.entry(kind).or_default().push(what.into());
    }

    pub(crate) fn count(&self, kinds: &[Kind]) -> usize {
        kinds.iter().filter_map(|kind| self.found.get(kind)).map(Vec::len).sum()
    }

    /// All of another one, too.
    pub(crate) fn append(&mut self, other: Self) {
        for (kind, mut all) in other.found {
            self.found.entry(kind).or_default().append(&mut all);
        }
    }

    /// In few words.
    pub(crate) fn counts(&self) -> String {
        let counts = self.found.iter().map(|(kind, all)| format!("{kind:?} {}", all.len()));
        counts.collect::<Vec<String>>().join(", ")
    }

    pub(crate) fn total(&self) -> usize {
        self.found.values().map(Vec::len).sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<String> = self
            .found
            .iter()
            .map(|(kind, all)| format!("{kind:?} {}×, first: {}", all.len(), all[0]))
            .collect();
        f.write_str(&kinds.join("; "))
    }
}

/// Everything that must hold once nothing is under way any more.
pub(crate) fn check(history: &[Entry], truth: &Truth) -> Report {
    let mut report = Report::default();
    overlaps(&truth.booked, &mut report);
    stuck(truth, &mut report);
    compare::with_outside(truth, &mut report);
    compare::with_history(history, truth, &mut report);
    compare::keys(history, truth, &mut report);
    held::check(history, truth.began_at, &mut report);
    report
}

/// What must hold at any moment, as in a backup made under load: much is under way then, and the outside service has
/// gone on since.
pub(crate) fn check_moment(known: &[Entry], truth: &Truth) -> Report {
    let mut report = Report::default();
    overlaps(&truth.booked, &mut report);
    compare::with_history(known, truth, &mut report);
    compare::keys(known, truth, &mut report);
    report
}

/// Sweeps over the time of each provider and of each patient.
pub(crate) fn overlaps(booked: &[Booked], report: &mut Report) {
    let mut by_provider: HashMap<&str, Vec<Held<'_>>> = HashMap::new();
    let mut by_patient: HashMap<&str, Vec<Held<'_>>> = HashMap::new();
    for row in booked.iter().filter(|row| row.holds_time()) {
        let here = [Some((row.start, row.end)), row.moving_to];
        let held = |span: (i64, i64)| (span.0, span.1, row.id.as_str());
        // With whom it is on its way to, a row of its own holds the time.
        let with_provider = here.into_iter().flatten().map(held);
        by_provider.entry(&row.provider).or_default().extend(with_provider);
        if let Some(patient) = &row.patient {
            let of_patient = here.into_iter().chain([row.reassigned_to]).flatten().map(held);
            by_patient.entry(patient).or_default().extend(of_patient);
        }
    }
    for (kind, owners) in [(Kind::ProviderOverlap, by_provider), (Kind::PatientOverlap, by_patient)]
    {
        for spans in owners.into_values() {
            for (one, other) in sweep(spans) {
                report.add(kind, format!("{one} and {other}"));
            }
        }
    }
}

/// From when, until when, and by which appointment.
type Held<'a> = (i64, i64, &'a str);

/// One line over time: a span that begins while another appointment's is open shares a moment with
/// it. Spans are half-open, so what ends at a moment is closed before what begins then is opened.
fn sweep(mut spans: Vec<Held<'_>>) -> Vec<(&str, &str)> {
    spans.sort_unstable();
    let mut open: Vec<(i64, &str)> = Vec::new();
    let mut shared = Vec::new();
    for (start, end, id) in spans {
        open.retain(|(ends, _)| *ends > start);
        let others = open.iter().filter(|(_, other)| *other != id);
        shared.extend(others.map(|(_, other)| (*other, id)));
        open.push((end, id));
    }
    shared
}

fn stuck(truth: &Truth, report: &mut Report) {
    if truth.waiting > 0 {
        report.add(Kind::Stuck, format!("{} rows in the outbox", truth.waiting));
    }
    for row in &truth.booked {
        let holds_for_a_visit = row.status == "HELD" && row.held_until.is_none();
        let under_way = matches!(row.status.as_str(), "PENDING" | "CANCELLING");
        let under_way = under_way || holds_for_a_visit;
        if under_way || row.is_on_the_move() {
            let moving = if row.is_on_the_move() { ", moving" } else { "" };
            report.add(Kind::Stuck, format!("{} is {}{moving}", row.id, row.status));
        }
    }
}
