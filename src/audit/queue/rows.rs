//! The rows that are written together, and who waits for each of them.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use tokio::sync::OwnedSemaphorePermit;

use crate::audit::Trail;
use crate::audit::waiting::{Done, Waiting};
use crate::db::StoreError;
use crate::domain::audit::{AuditEntry, AuditKind, Mac};
use crate::domain::{AppointmentId, PatientId};

/// A row that is written, with its code, and all who wait for it.
pub(super) struct Row {
    pub(super) stored: (AuditEntry, Mac),
    pub(super) waiting: Vec<Done>,
    _places: Vec<OwnedSemaphorePermit>,
}

impl Trail {
    /// Rows with their codes; those who are told of one event at the same moment share its row.
    pub(super) fn rows_of(&self, batch: Vec<Waiting>) -> Vec<Row> {
        let mut rows: Vec<(AuditEntry, Vec<Done>, Vec<OwnedSemaphorePermit>)> = Vec::new();
        let mut shared: HashMap<EventTold, SharedRow> = HashMap::new();
        for Waiting { entry, done, place } in batch {
            let told = EventTold::of(&entry);
            // Told twice is two rows.
            let row = told.as_ref().and_then(|told| shared.get_mut(told));
            let number = row.and_then(|row| {
                row.recipients.insert(entry.recipients.clone()).then_some(row.number)
            });
            let row = number.and_then(|number| rows.get_mut(number));
            if let Some((row, waiting, places)) = row {
                row.recipients.push('\n');
                row.recipients.push_str(&entry.recipients);
                waiting.extend(done);
                places.extend(place);
                continue;
            }
            if let Some(told) = told {
                let recipients = HashSet::from([entry.recipients.clone()]);
                shared.insert(told, SharedRow { number: rows.len(), recipients });
            }
            rows.push((entry, done.into_iter().collect(), place.into_iter().collect()));
        }
        let coded = |(entry, waiting, places): (AuditEntry, Vec<Done>, Vec<_>)| {
            let mac = self.key.of_row(&entry);
            Row { stored: (entry, mac), waiting, _places: places }
        };
        rows.into_iter().map(coded).collect()
    }
}

/// A row that names more than one whom an event was told to.
struct SharedRow {
    /// Which of all rows.
    number: usize,
    recipients: HashSet<String>,
}

/// What makes two rows tell of one event.
#[derive(PartialEq, Eq, Hash)]
struct EventTold {
    operation: Cow<'static, str>,
    fields: String,
    patients: Vec<PatientId>,
    appointments: Vec<AppointmentId>,
}

impl EventTold {
    fn of(entry: &AuditEntry) -> Option<Self> {
        (entry.kind == AuditKind::LiveEvent).then(|| Self {
            operation: entry.operation.clone(),
            fields: entry.fields.clone(),
            patients: entry.patients.clone(),
            appointments: entry.appointments.clone(),
        })
    }
}

/// Tells all who wait for these rows what came of them.
pub(super) fn tell(rows: Vec<Row>, written: &Result<(), StoreError>) {
    for done in rows.into_iter().flat_map(|row| row.waiting) {
        // Whoever has gone meanwhile is answered nothing.
        drop(done.send(written.clone()));
    }
}
