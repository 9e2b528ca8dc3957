//! What is told of what is against a visit of a series.

use crate::domain::judge::{Obstacle, Reason};
use crate::domain::series::PlannedSeries;
use crate::domain::{Provider, TimeSlot};
use crate::request::Refusal;
use crate::search::TimeReason;
use crate::search::reasons::{Eyes, Words, span};

/// Tells whoever has such eyes.
pub(super) struct Telling<'a> {
    pub(super) eyes: Eyes,
    /// Those visits of the patient that they may see, where they may not see all.
    pub(super) theirs: &'a [TimeSlot],
    pub(super) series: &'a PlannedSeries<'a>,
}

impl Telling<'_> {
    /// A reason by its facts. The visits of the series are no secret to whoever asks for them.
    pub(super) fn reason(&self, reason: Reason, words: Words<'_>) -> TimeReason {
        let own = reason.span.filter(|span| {
            let is_taken =
                matches!(reason.obstacle, Obstacle::SlotTaken | Obstacle::PatientDoubleBooked);
            is_taken && self.series.has(*span)
        });
        match own {
            Some(visit) => of_the_series(reason.obstacle, visit, words.provider),
            None => {
                let (reason, is_told) = self.eyes.see(reason, words.slot, self.theirs);
                TimeReason::of(reason, is_told, words)
            }
        }
    }
}

fn of_the_series(obstacle: Obstacle, visit: TimeSlot, provider: &Provider) -> TimeReason {
    let code = Refusal::of(obstacle, Vec::new()).code();
    let message = format!("Another visit of this series is then, {}", span(provider, visit));
    let (from, until) = (Some(visit.starts_at()), Some(visit.ends_at()));
    TimeReason { from, until, ..TimeReason::plain(code, message) }
}
