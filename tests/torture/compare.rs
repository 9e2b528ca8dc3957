//! Comparing our rows with the outside service's ledger and with what clients were told.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::checker::{Kind, Report};
use crate::history::{Answer, Entry, Operation};
use crate::rows::{Booked, Outside, Truth, hexadecimal};

/// Exactly one live appointment outside for each `CONFIRMED` one, at the same time and as long;
/// none for any other, nor for one that is kept here alone.
pub(crate) fn with_outside(truth: &Truth, report: &mut Report) {
    let mut live: HashMap<&str, Vec<&Outside>> = HashMap::new();
    for entry in truth.outside.iter().filter(|entry| !entry.cancelled) {
        live.entry(&entry.reference).or_default().push(entry);
    }
    for row in &truth.booked {
        let outside = live.remove(row.id.as_str()).unwrap_or_default();
        match (row.status.as_str(), outside.as_slice()) {
            // What is held for another visit: the service knows that visit alone.
            ("HELD", []) => {}
            (_, []) if row.kept_here => {}
            (_, all) if row.kept_here => {
                let what = format!("{} is kept here, outside {} live", row.id, all.len());
                report.add(Kind::Orphan, what);
            }
            (_, [one]) if row.is_scheduled() => {
                let same = row.provider == one.provider
                    && row.external_id.as_deref() == Some(one.external_id.as_str())
                    && row.start == one.start
                    && row.end - row.start == one.minutes * 60;
                if !same && !row.is_on_the_move() {
                    report.add(Kind::NotOutside, format!("{} differs outside", row.id));
                }
            }
            (_, all) if row.is_scheduled() => {
                let what = format!("{} is there {} times outside", row.id, all.len());
                report.add(if all.is_empty() { Kind::NotOutside } else { Kind::Orphan }, what);
            }
            // Told as stuck; what is outside is not decided yet.
            ("PENDING" | "CANCELLING", _) | (_, []) => {}
            (status, all) => {
                let what = format!("{} is {status}, outside {} live", row.id, all.len());
                report.add(Kind::Orphan, what);
            }
        }
    }
    for reference in live.keys() {
        report.add(Kind::Orphan, format!("{reference} is only outside"));
    }
}

/// What is live outside and not known here at all: references.
pub(crate) fn only_outside(truth: &Truth) -> HashSet<&str> {
    let known: HashSet<&str> = truth.booked.iter().map(|row| row.id.as_str()).collect();
    let live = truth.outside.iter().filter(|entry| !entry.cancelled);
    live.map(|entry| entry.reference.as_str()).filter(|id| !known.contains(id)).collect()
}

/// What clients were told of an appointment, in the order they asked.
#[derive(Default)]
struct Told<'a> {
    entries: Vec<&'a Entry>,
}

/// Everything that was acknowledged is there, and is what the answers said.
pub(crate) fn with_history(history: &[Entry], truth: &Truth, report: &mut Report) {
    let rows: HashMap<&str, &Booked> =
        truth.booked.iter().map(|row| (row.id.as_str(), row)).collect();
    let mut told: HashMap<String, Told<'_>> = HashMap::new();
    for entry in history {
        let named = entry.answer.as_ref().and_then(|answer| answer.id.as_deref());
        let Some(id) = named.or(entry.asked.id.as_deref()).and_then(hexadecimal) else { continue };
        told.entry(id).or_default().entries.push(entry);
    }
    for (id, told) in &told {
        match rows.get(id.as_str()) {
            None => report.add(Kind::Lost, format!("{id} was acknowledged and is not there")),
            Some(row) => told.check(row, report),
        }
    }
}

impl Told<'_> {
    fn answers(&self, operation: Operation) -> impl Iterator<Item = &Answer> {
        let of = move |entry: &&&Entry| entry.asked.operation == operation;
        self.entries.iter().filter(of).filter_map(|entry| entry.done())
    }

    fn check(&self, row: &Booked, report: &mut Report) {
        let cancelled = self.answers(Operation::Cancel).next().is_some();
        let maybe_cancelled =
            self.entries.iter().any(|entry| entry.asked.operation == Operation::Cancel);
        let confirmed = self.answers(Operation::Book).any(|answer| answer.scheduled);
        let status = row.status.as_str();
        if confirmed && !maybe_cancelled && !row.is_scheduled() {
            report.add(Kind::Untrue, format!("{} was said to be scheduled, is {status}", row.id));
        }
        // A cancellation that was accepted ends there, whatever is under way.
        if cancelled && !matches!(status, "CANCELLED" | "CANCELLING") {
            report.add(Kind::Untrue, format!("{} was cancelled, is {status}", row.id));
        }
        if row.is_scheduled() && !row.is_on_the_move() {
            let may_be = self.times();
            if !may_be.is_empty() && !may_be.contains(&(row.start, row.end - row.start)) {
                let what = format!("{} is at {}, was said to be elsewhere", row.id, row.start);
                report.add(Kind::Untrue, what);
            }
            let may_be = self.providers();
            if !may_be.is_empty() && !may_be.contains(&row.provider) {
                let what = format!("{} is with {}, was said not to be", row.id, row.provider);
                report.add(Kind::Untrue, what);
            }
        }
    }

    /// With whom it may be by all that was said, in the same manner.
    fn providers(&self) -> HashSet<String> {
        let mut providers = HashSet::new();
        let id = |provider: &Option<String>| provider.as_deref().and_then(hexadecimal);
        for entry in self.entries.iter().rev() {
            match (entry.asked.operation, &entry.answer) {
                (Operation::Book, Some(answer)) => providers.extend(id(&answer.provider)),
                (Operation::Reassign, Some(answer)) if answer.done() => {
                    providers.extend(id(&entry.asked.provider));
                    if answer.provider == entry.asked.provider {
                        return providers;
                    }
                }
                (Operation::Reassign, answer) if may_be_done(answer.as_ref()) => {
                    providers.extend(id(&entry.asked.provider));
                }
                _ => {}
            }
        }
        providers
    }

    /// Where it may be by all that was said: at the last time that was confirmed, or at one asked
    /// for later whose outcome the client does not know.
    fn times(&self) -> HashSet<(i64, i64)> {
        let mut times = HashSet::new();
        for entry in self.entries.iter().rev() {
            let asked = entry.asked.start.zip(entry.asked.minutes);
            match (entry.asked.operation, &entry.answer) {
                (
                    Operation::Cancel
                    | Operation::Reassign
                    | Operation::Status
                    | Operation::Hold
                    | Operation::Release,
                    _,
                )
                | (Operation::Book, None) => {}
                (Operation::Book, Some(answer)) => {
                    let at = answer.start.zip(entry.asked.minutes);
                    times.extend(at.map(|(start, minutes)| (start, minutes * 60)));
                }
                (Operation::Reschedule, Some(answer)) if answer.done() => {
                    times.extend(asked.map(|(start, minutes)| (start, minutes * 60)));
                    if answer.start == entry.asked.start {
                        return times;
                    }
                }
                (Operation::Reschedule, answer) => {
                    if may_be_done(answer.as_ref()) {
                        times.extend(asked.map(|(start, minutes)| (start, minutes * 60)));
                    }
                }
            }
        }
        times
    }
}

/// Whether what was answered so, or not at all, may have been done, or be done yet.
fn may_be_done(answer: Option<&Answer>) -> bool {
    answer.is_none_or(|answer| answer.is_server_error() || answer.has_code("SCHEDULING_REFUSED"))
}

/// However often a key was sent, by whatever door: one booking.
pub(crate) fn keys(history: &[Entry], truth: &Truth, report: &mut Report) {
    let mut named: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    let mut emails: HashMap<&str, &str> = HashMap::new();
    for entry in history.iter().filter(|entry| entry.asked.operation == Operation::Book) {
        let (Some(key), Some(email)) = (&entry.asked.key, &entry.asked.email) else { continue };
        emails.insert(email, key);
        let id = entry.done().and_then(|answer| answer.id.as_deref());
        named.entry(key).or_default().extend(id);
    }
    for (key, ids) in named.iter().filter(|(_, ids)| ids.len() > 1) {
        report.add(Kind::KeySplit, format!("{key} was answered with {} bookings", ids.len()));
    }
    // A patient who only ever books with a key has one booking, answered or not.
    let mut bookings: HashMap<&str, usize> = HashMap::new();
    for row in truth.booked.iter().filter(|row| row.status != "FAILED") {
        if emails.contains_key(row.email.as_str()) {
            *bookings.entry(&row.email).or_default() += 1;
        }
    }
    for (email, count) in bookings.into_iter().filter(|(_, count)| *count > 1) {
        report.add(Kind::KeySplit, format!("{email}: {count} bookings under one key"));
    }
}
