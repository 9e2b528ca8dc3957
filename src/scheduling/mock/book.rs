//! What the mocked service has in its book. Pure: no I/O.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One appointment ever made. No `Debug`: it carries a patient's name.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Row {
    #[serde(flatten)]
    pub(super) shown: Shown,
    pub(super) provider_name: String,
    pub(super) patient_name: String,
}

/// What of an appointment anybody may see: no patient's name.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Shown {
    pub(super) reference: String,
    pub(super) appointment_id: String,
    pub(super) provider_reference: String,
    pub(super) time: Timestamp,
    pub(super) duration_minutes: u16,
    pub(super) cancelled: bool,
}

/// A reply that was decided and is given again under the same key. No `Debug`: its body repeats
/// the patient's name.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Option<Value>,
}

/// What a decision does to the book.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Change {
    Booked(Row),
    Moved { appointment_id: String, time: Timestamp, duration_minutes: u16 },
    Cancelled { appointment_id: String },
}

/// A decision as the journal keeps it.
#[derive(Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) reply: Reply,
    pub(super) change: Option<Change>,
}

/// Every appointment ever made and every decision ever taken.
#[derive(Default)]
pub(super) struct Book {
    rows: Vec<Row>,
    by_id: HashMap<String, usize>,
    by_reference: HashMap<String, Vec<usize>>,
    /// Start of every appointment that is not cancelled, by provider; none overlap.
    held: HashMap<String, BTreeMap<Timestamp, usize>>,
    replies: HashMap<String, Reply>,
}

impl Book {
    pub(super) fn shown(&self) -> Vec<Shown> {
        self.rows.iter().map(|row| row.shown.clone()).collect()
    }

    pub(super) fn shown_for(&self, reference: &str) -> Vec<Shown> {
        let places = self.by_reference.get(reference).map_or(&[][..], Vec::as_slice);
        let rows = places.iter().filter_map(|&place| self.rows.get(place));
        rows.map(|row| row.shown.clone()).collect()
    }

    pub(super) fn reply_under(&self, key: &str) -> Option<&Reply> {
        self.replies.get(key)
    }

    /// The appointment, unless it is unknown or cancelled.
    pub(super) fn standing(&self, appointment_id: &str) -> Option<&Row> {
        let row = self.rows.get(*self.by_id.get(appointment_id)?)?;
        (!row.shown.cancelled).then_some(row)
    }

    /// Whether the provider has no other appointment in that half-open span; the appointment
    /// `except` does not count.
    pub(super) fn is_free(
        &self,
        provider_reference: &str,
        time: Timestamp,
        duration_minutes: u16,
        except: Option<&str>,
    ) -> bool {
        let Some(held) = self.held.get(provider_reference) else {
            return true;
        };
        let until = end_of(time, duration_minutes);
        let rows = held.range(..until).rev().filter_map(|(_, &place)| self.rows.get(place));
        let rows = rows.map(|row| &row.shown);
        // Spans that do not overlap end in the order they start, so the last one decides.
        let mut others = rows.filter(|row| Some(row.appointment_id.as_str()) != except);
        others.next().is_none_or(|row| end_of(row.time, row.duration_minutes) <= time)
    }

    pub(super) fn apply(&mut self, entry: Entry) {
        self.replies.insert(entry.key, entry.reply);
        match entry.change {
            None => {}
            Some(Change::Booked(row)) => self.add(row),
            Some(Change::Moved { appointment_id, time, duration_minutes }) => {
                self.alter(&appointment_id, |row| {
                    row.time = time;
                    row.duration_minutes = duration_minutes;
                });
            }
            Some(Change::Cancelled { appointment_id }) => {
                self.alter(&appointment_id, |row| row.cancelled = true);
            }
        }
    }

    fn add(&mut self, row: Row) {
        let place = self.rows.len();
        let shown = &row.shown;
        self.by_id.insert(shown.appointment_id.clone(), place);
        self.by_reference.entry(shown.reference.clone()).or_default().push(place);
        self.hold(shown.clone(), place);
        self.rows.push(row);
    }

    fn alter(&mut self, appointment_id: &str, change: impl FnOnce(&mut Shown)) {
        let Some(&place) = self.by_id.get(appointment_id) else {
            return;
        };
        let Some(row) = self.rows.get_mut(place) else {
            return;
        };
        if let Some(held) = self.held.get_mut(&row.shown.provider_reference) {
            held.remove(&row.shown.time);
        }
        change(&mut row.shown);
        let shown = row.shown.clone();
        self.hold(shown, place);
    }

    fn hold(&mut self, shown: Shown, place: usize) {
        if !shown.cancelled {
            self.held.entry(shown.provider_reference).or_default().insert(shown.time, place);
        }
    }
}

fn end_of(time: Timestamp, duration_minutes: u16) -> Timestamp {
    let length = SignedDuration::from_mins(i64::from(duration_minutes));
    time.checked_add(length).unwrap_or(Timestamp::MAX)
}
