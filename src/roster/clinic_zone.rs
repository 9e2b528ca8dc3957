//! Where the clinic is: the zone of days that nobody gave another.

use std::collections::HashSet;
use std::sync::LazyLock;

use jiff::tz::TimeZone;
use serde::Deserialize;

use super::DEMO;
use crate::domain::{Directory, zone_named};

/// Where the people of the demo roster are.
const DEMO_ZONE: &str = "America/New_York";

/// The part of a roster file that tells one roster from another.
#[derive(Deserialize)]
struct Named {
    providers: Vec<NamedProvider>,
}

#[derive(Deserialize)]
struct NamedProvider {
    reference: String,
}

/// The references of everybody in the demo roster.
static DEMO_REFERENCES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let named = serde_json::from_str::<Named>(DEMO);
    named.map_or_else(
        |_unreadable| Vec::new(),
        |named| named.providers.into_iter().map(|provider| provider.reference).collect(),
    )
});

/// The zone of a clinic that did not set one: New York's where everybody of the demo roster works,
/// else UTC.
pub(super) fn of_directory(directory: &Directory) -> TimeZone {
    let known: HashSet<&str> =
        directory.providers().map(|provider| provider.reference.as_str()).collect();
    let is_demo = !DEMO_REFERENCES.is_empty()
        && DEMO_REFERENCES.iter().all(|reference| known.contains(reference.as_str()));
    let zone = is_demo.then(|| zone_named(DEMO_ZONE)).flatten();
    zone.unwrap_or(TimeZone::UTC)
}
