//! What a hold promises, by what was answered: nobody else has its time while it lives, and whoever holds it does.

use std::collections::HashMap;
use std::time::Duration;

use crate::checker::{Kind, Report};
use crate::history::{Entry, Operation};

/// A time that was held, by the clock of the history.
struct Held<'a> {
    token: &'a str,
    provider: &'a str,
    start: i64,
    end: i64,
    /// When it was answered: what is sent later meets it.
    from: Duration,
    /// Until when the answer said.
    expires: Duration,
    /// When its holder asked for something that ends it: what is answered sooner met it.
    until: Duration,
}

/// Why a time is refused to whoever comes for it.
const FOR_ITS_TIME: [&str; 6] = [
    "SLOT_TAKEN",
    "SLOT_HELD",
    "NOTICE_TOO_SHORT",
    "OUTSIDE_WORKING_HOURS",
    "PROVIDER_AWAY",
    "NO_AVAILABILITY",
];

/// Looks at every hold that was answered.
pub(crate) fn check(history: &[Entry], began_at: i64, report: &mut Report) {
    let uses = uses(history);
    let mut by_provider: HashMap<&str, Vec<Held<'_>>> = HashMap::new();
    for entry in history.iter().filter(|entry| entry.asked.operation == Operation::Hold) {
        let Some(held) = Held::of(entry, began_at, &uses) else { continue };
        held.is_kept(&uses, report);
        by_provider.entry(held.provider).or_default().push(held);
    }
    for entry in history {
        let Some((provider, start, end)) = takes(entry) else { continue };
        for held in by_provider.get(provider).into_iter().flatten() {
            let while_it_lived =
                entry.sent >= held.from && entry.over() <= held.until.min(held.expires);
            let own = [&entry.asked.token, &entry.done().and_then(|answer| answer.id.clone())];
            let is_own = own.into_iter().any(|token| token.as_deref() == Some(held.token));
            if while_it_lived && !is_own && start < held.end && held.start < end {
                let what = format!("{:?} at {start} with {provider}", entry.asked.operation);
                report.add(Kind::AgainstHold, format!("{what}, which {} holds", held.token));
            }
        }
    }
}

/// Whatever was asked with each token, in order.
fn uses(history: &[Entry]) -> HashMap<&str, Vec<&Entry>> {
    let mut uses: HashMap<&str, Vec<&Entry>> = HashMap::new();
    for entry in history {
        let token = match entry.asked.operation {
            Operation::Release => entry.asked.id.as_deref(),
            _ => entry.asked.token.as_deref(),
        };
        if let Some(token) = token {
            uses.entry(token).or_default().push(entry);
        }
    }
    uses
}

/// The time that was given to somebody: whose, from when, until when.
fn takes(entry: &Entry) -> Option<(&str, i64, i64)> {
    let answer = entry.done()?;
    let with = answer.provider.as_deref();
    let (provider, start) = match entry.asked.operation {
        Operation::Book | Operation::Hold => (with?, answer.start?),
        Operation::Reschedule => (with?, entry.asked.start?),
        Operation::Reassign => (entry.asked.provider.as_deref()?, answer.start?),
        Operation::Cancel | Operation::Status | Operation::Release => return None,
    };
    // How long one is that only goes to another provider was not asked.
    Some((provider, start, start + entry.asked.minutes.unwrap_or(1) * 60))
}

impl<'a> Held<'a> {
    fn of(entry: &'a Entry, began_at: i64, uses: &HashMap<&str, Vec<&Entry>>) -> Option<Self> {
        let answer = entry.done()?;
        let token = answer.id.as_deref()?;
        let start = answer.start?;
        let lives_for = answer.expires?.saturating_mul(1000).saturating_sub(began_at);
        let ends = uses.get(token).into_iter().flatten().filter(|entry| entry.may_be_done());
        Some(Self {
            token,
            provider: answer.provider.as_deref()?,
            start,
            end: start + entry.asked.minutes? * 60,
            from: entry.over(),
            expires: Duration::from_millis(u64::try_from(lives_for).unwrap_or_default()),
            until: ends.map(|entry| entry.sent).min().unwrap_or(Duration::MAX),
        })
    }

    /// Whether whoever came with the token before it lapsed, and had not used it, was given its time.
    fn is_kept(&self, uses: &HashMap<&str, Vec<&Entry>>, report: &mut Report) {
        for entry in uses.get(self.token).into_iter().flatten() {
            let Some(code) = entry.answer.as_ref().and_then(|answer| answer.code.as_deref()) else {
                continue;
            };
            let is_unused = entry.over() <= self.until.min(self.expires);
            if FOR_ITS_TIME.contains(&code) || (code == "HOLD_EXPIRED" && is_unused) {
                report.add(Kind::HoldBroken, format!("{} was told {code}", self.token));
            }
        }
    }
}
