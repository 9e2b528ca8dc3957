//! What came of the calls of late, and whose trouble that is.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

/// So many calls in a row that the service is in trouble for are too many.
pub(super) const FAILURES_IN_A_ROW: u32 = 5;
/// So many calls within [`WINDOW`] are enough to judge their share of failures.
const CALLS_TO_JUDGE: u32 = 20;
/// So many of them must be of others than who fails most, to say anything of the service.
const CALLS_OF_OTHERS: u32 = 5;
/// How far back the share of failures looks.
pub(super) const WINDOW: Duration = Duration::from_secs(10);
/// The window moves in steps of this size, so its memory stays small under any load.
const STEP: Duration = Duration::from_secs(1);

/// Whose calls fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whose {
    Everybodys,
    /// Of the provider with this reference; of others nothing is known.
    Of(String),
}

impl Whose {
    /// Whether the calls of that provider are among them.
    pub(super) fn are_of(&self, provider: &str) -> bool {
        match self {
            Self::Everybodys => true,
            Self::Of(one) => one == provider,
        }
    }
}

/// What came of the calls of late.
#[derive(Default)]
pub(super) struct Recent {
    failures_in_a_row: u32,
    /// Whose those are.
    failing: Option<Whose>,
    steps: VecDeque<Step>,
}

struct Step {
    began_at: Instant,
    by_provider: HashMap<String, Tally>,
}

#[derive(Default, Clone, Copy)]
struct Tally {
    calls: u32,
    failures: u32,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.failures = self.failures.saturating_add(other.failures);
    }

    fn without(self, other: Self) -> Self {
        let calls = self.calls.saturating_sub(other.calls);
        Self { calls, failures: self.failures.saturating_sub(other.failures) }
    }

    fn mostly_fails(self, least: u32) -> bool {
        self.calls >= least && self.failures.saturating_mul(2) >= self.calls
    }
}

impl Recent {
    /// Counts a call; says whose calls fail, if that has become too much.
    pub(super) fn count(&mut self, provider: &str, failed: bool) -> Option<Whose> {
        self.note(provider, failed);
        if !failed {
            (self.failures_in_a_row, self.failing) = (0, None);
            return self.mostly();
        }
        self.failures_in_a_row += 1;
        self.failing = Some(match self.failing.take() {
            Some(whose) if !whose.are_of(provider) => Whose::Everybodys,
            Some(whose) => whose,
            None => Whose::Of(provider.to_owned()),
        });
        let too_many = self.failures_in_a_row >= FAILURES_IN_A_ROW;
        self.failing.clone().filter(|_whose| too_many).or_else(|| self.mostly())
    }

    fn note(&mut self, provider: &str, failed: bool) {
        let now = Instant::now();
        self.steps.retain(|step| now.duration_since(step.began_at) < WINDOW);
        if self.steps.back().is_none_or(|step| now.duration_since(step.began_at) >= STEP) {
            self.steps.push_back(Step { began_at: now, by_provider: HashMap::new() });
        }
        let Some(step) = self.steps.back_mut() else { return };
        let one = Tally { calls: 1, failures: u32::from(failed) };
        match step.by_provider.get_mut(provider) {
            Some(tally) => tally.add(one),
            None => drop(step.by_provider.insert(provider.to_owned(), one)),
        }
    }

    /// Whose calls mostly fail. Of the service that says something only if it is so without the one
    /// provider who fails most.
    fn mostly(&self) -> Option<Whose> {
        let (mut all, mut each) = (Tally::default(), HashMap::<&str, Tally>::new());
        for (provider, tally) in self.steps.iter().flat_map(|step| &step.by_provider) {
            all.add(*tally);
            each.entry(provider).or_default().add(*tally);
        }
        if !all.mostly_fails(CALLS_TO_JUDGE) {
            return None;
        }
        let (worst, of_worst) = each.into_iter().max_by_key(|(_provider, tally)| tally.failures)?;
        Some(if all.without(of_worst).mostly_fails(CALLS_OF_OTHERS) {
            Whose::Everybodys
        } else {
            Whose::Of(worst.to_owned())
        })
    }
}
