//! What the clinic has set of its rules; what it has not is as the program was started.

use super::rules::OwnRules;
use super::working_hours::LocalTime;

/// What the clinic has set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClinicSettings {
    /// Counts the committed changes, from 1; those of the closed days too.
    pub version: i32,
    /// The rules of visits.
    pub rules: OwnRules,
    /// The earliest start of a day at which patients are offered visits.
    pub patient_earliest: Option<LocalTime>,
    /// The latest.
    pub patient_latest: Option<LocalTime>,
}

impl ClinicSettings {
    /// Whether nothing is set.
    pub fn are_none(&self) -> bool {
        self.rules == OwnRules::default()
            && self.patient_earliest.is_none()
            && self.patient_latest.is_none()
    }

    /// The names of what is another in `after`, in the words of a roster file.
    pub fn differences(&self, after: &Self) -> Vec<&'static str> {
        let (before, after_rules) = (&self.rules, &after.rules);
        let differs = [
            ("grid_minutes", before.grid_minutes != after_rules.grid_minutes),
            (
                "buffer_before_minutes",
                before.buffer_before_minutes != after_rules.buffer_before_minutes,
            ),
            (
                "buffer_after_minutes",
                before.buffer_after_minutes != after_rules.buffer_after_minutes,
            ),
            ("notice_minutes", before.notice_minutes != after_rules.notice_minutes),
            ("horizon_days", before.horizon_days != after_rules.horizon_days),
            (
                "max_appointments_per_day",
                before.max_appointments_per_day != after_rules.max_appointments_per_day,
            ),
            ("patient_earliest", self.patient_earliest != after.patient_earliest),
            ("patient_latest", self.patient_latest != after.patient_latest),
        ];
        differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
    }
}
