//! What an operation asks of patients, by the names of its fields: for the audit trail, which says what was
//! shown and never the values.

use std::collections::{BTreeSet, HashSet};

use apollo_compiler::executable::{Selection, SelectionSet};
use apollo_compiler::{ExecutableDocument, Name};

/// The fields of a visit that tell who the patient is, or why they come.
const OF_A_VISIT: [&str; 6] =
    ["patient", "patientLocalStartsAt", "patientTimeZone", "reason", "cancelReason", "history"];

/// The fields with patients' data that may be in the answer, such as `Patient.name`.
pub(super) fn fields_of_patients(
    document: &ExecutableDocument,
    root: &SelectionSet,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    every_field(document, root, |ty, field| {
        let shows = match ty.as_str() {
            "Patient" => true,
            "Appointment" => OF_A_VISIT.contains(&field.as_str()),
            "AppointmentChange" => field == "reason",
            _ => false,
        };
        if shows && !field.starts_with("__") {
            found.insert(format!("{ty}.{field}"));
        }
    });
    found
}

/// The names of the fields at the root, as the schema has them.
pub(super) fn root_fields(document: &ExecutableDocument, root: &SelectionSet) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    every_field(document, root, |ty, field| {
        if *ty == root.ty {
            found.insert(field.to_string());
        }
    });
    found
}

fn every_field(
    document: &ExecutableDocument,
    root: &SelectionSet,
    mut see: impl FnMut(&Name, &Name),
) {
    let (mut ahead, mut spread) = (vec![root], HashSet::new());
    while let Some(set) = ahead.pop() {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    see(&set.ty, &field.name);
                    ahead.push(&field.selection_set);
                }
                Selection::InlineFragment(fragment) => ahead.push(&fragment.selection_set),
                Selection::FragmentSpread(one) => {
                    let fragment = document.fragments.get(&one.fragment_name);
                    let new = fragment.filter(|one| spread.insert(&one.name));
                    ahead.extend(new.map(|fragment| &fragment.selection_set));
                }
            }
        }
    }
}
