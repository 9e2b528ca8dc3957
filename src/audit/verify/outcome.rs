//! What verifying has come to.

use jiff::Timestamp;

use super::finding::Finding;
use crate::audit::chain::LoggedHead;

/// How many findings are told: the first is what matters, the others show how far it goes.
const MOST_TOLD: usize = 20;
/// What verifying has come to.
#[derive(Debug, Default)]
pub struct Verification {
    /// How many rows are as they were written, and bound to those before.
    pub sealed: u64,
    /// How many of them were sealed without a key.
    pub keyless: u64,
    /// How many rows wait to be sealed.
    pub unsealed: u64,
    /// Since when the oldest of them does.
    pub waits_since: Option<Timestamp>,
    /// Where the chain ends.
    pub head: Option<LoggedHead>,
    /// Below which place rows may be gone.
    pub checkpoint: Option<i64>,
    /// What is not as it was written: the first ones.
    pub findings: Vec<Finding>,
    /// How many there are in all.
    pub found: u64,
    /// How many of them say that a key is not at hand.
    of_other_keys: u64,
}

impl Verification {
    /// Whether all that was found is that keys are not at hand: with them it may be whole.
    pub fn lacks_keys_alone(&self) -> bool {
        self.found > 0 && self.found == self.of_other_keys
    }

    pub(super) fn find(&mut self, finding: Finding) {
        self.found += 1;
        self.of_other_keys += u64::from(finding.is_of_another_key());
        if self.findings.len() < MOST_TOLD {
            self.findings.push(finding);
        }
    }
}
