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
    #[serde(skip)]
    forgotten: bool,
}

impl Row {
    pub(super) fn new(shown: Shown, provider_name: String, patient_name: String) -> Self {
        Self { shown, provider_name, patient_name, forgotten: false }
    }
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
    Moved {
        appointment_id: String,
        time: Timestamp,
        duration_minutes: u16,
        /// With whom, if with another provider than before: reference and name.
        #[serde(default)]
        provider: Option<(String, String)>,
    },
    Cancelled {
        appointment_id: String,
    },
    Forgotten {
        appointment_ids: Vec<String>,
    },
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
        self.remembered().map(|row| row.shown.clone()).collect()
    }

    pub(super) fn shown_for(&self, reference: &str) -> Vec<Shown> {
        let places = self.by_reference.get(reference).map_or(&[][..], Vec::as_slice);
        let rows = places.iter().filter_map(|&place| self.rows.get(place));
        rows.filter(|row| !row.forgotten).map(|row| row.shown.clone()).collect()
    }

    /// What overlaps the half-open span, by start.
    pub(super) fn shown_within(&self, from: Timestamp, to: Timestamp) -> Vec<Shown> {
        let overlaps =
            |shown: &&Shown| shown.time < to && end_of(shown.time, shown.duration_minutes) > from;
        let mut within: Vec<Shown> =
            self.remembered().map(|row| &row.shown).filter(overlaps).cloned().collect();
        within.sort_by_key(|shown| shown.time);
        within
    }

    /// The ids of the appointments that stand, the one made first before the others.
    pub(super) fn standing_ids(&self) -> impl Iterator<Item = &str> {
        let standing = self.remembered().filter(|row| !row.shown.cancelled);
        standing.map(|row| row.shown.appointment_id.as_str())
    }

    fn remembered(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| !row.forgotten)
    }

    pub(super) fn reply_under(&self, key: &str) -> Option<&Reply> {
        self.replies.get(key)
    }

    /// The appointment, unless it is unknown or cancelled.
    pub(super) fn standing(&self, appointment_id: &str) -> Option<&Row> {
        let row = self.rows.get(*self.by_id.get(appointment_id)?)?;
        (!row.shown.cancelled && !row.forgotten).then_some(row)
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
            Some(Change::Moved { appointment_id, time, duration_minutes, provider }) => {
                self.alter(&appointment_id, |row| {
                    (row.shown.time, row.shown.duration_minutes) = (time, duration_minutes);
                    if let Some((reference, name)) = provider {
                        (row.shown.provider_reference, row.provider_name) = (reference, name);
                    }
                });
            }
            Some(Change::Cancelled { appointment_id }) => {
                self.alter(&appointment_id, |row| row.shown.cancelled = true);
            }
            Some(Change::Forgotten { appointment_ids }) => {
                for appointment_id in &appointment_ids {
                    self.alter(appointment_id, |row| row.forgotten = true);
                }
                self.replies.retain(|_key, reply| {
                    let about = reply.body.as_ref().map(|body| &body["appointment_id"]);
                    let about = about.and_then(Value::as_str);
                    about.is_none_or(|about| appointment_ids.iter().all(|id| id != about))
                });
            }
        }
    }

    fn add(&mut self, row: Row) {
        let place = self.rows.len();
        let shown = &row.shown;
        self.by_id.insert(shown.appointment_id.clone(), place);
        self.by_reference.entry(shown.reference.clone()).or_default().push(place);
        self.hold(&row, place);
        self.rows.push(row);
    }

    fn alter(&mut self, appointment_id: &str, change: impl FnOnce(&mut Row)) {
        let Some(&place) = self.by_id.get(appointment_id) else {
            return;
        };
        let Some(row) = self.rows.get_mut(place) else {
            return;
        };
        if let Some(held) = self.held.get_mut(&row.shown.provider_reference) {
            held.remove(&row.shown.time);
        }
        change(row);
        let row = row.clone();
        self.hold(&row, place);
    }

    fn hold(&mut self, row: &Row, place: usize) {
        let shown = &row.shown;
        if !shown.cancelled && !row.forgotten {
            let held = self.held.entry(shown.provider_reference.clone()).or_default();
            held.insert(shown.time, place);
        }
    }
}

fn end_of(time: Timestamp, duration_minutes: u16) -> Timestamp {
    let length = SignedDuration::from_mins(i64::from(duration_minutes));
    time.checked_add(length).unwrap_or(Timestamp::MAX)
}
