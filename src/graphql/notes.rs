//! What goes with a request beside its document: the key of its header, whether it is the front desk's,
//! and what its answer does not have room for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use crate::booking::{Outcome, SeriesAnswer, WaitlistOutcome};
use crate::domain::Provenance;
use crate::feeds::FeedOutcome;
use crate::holding::{HoldOutcome, ReleaseOutcome};
use crate::mail::{LinkOutcome, ResendOutcome};
use crate::patients::PatientOutcome;
use crate::people::{PersonOutcome, TokenOutcome};
use crate::request::{ErrorCode, Refusal};
use crate::roster::edit::Edited;
use crate::webhooks::{DeliveryOutcome, EndpointOutcome};

/// What a change answers, which may have been made before.
pub(super) trait Repeatable {
    /// Whether it repeats the answer to an earlier request with the same key.
    fn is_replayed(&self) -> bool;

    /// Why it was refused, where the answer says so itself.
    fn refused_with(&self) -> Option<ErrorCode> {
        None
    }
}

impl Repeatable for Outcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl Repeatable for PatientOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl Repeatable for PersonOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl Repeatable for TokenOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl Repeatable for EndpointOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl Repeatable for DeliveryOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl Repeatable for ResendOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl Repeatable for LinkOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl Repeatable for HoldOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl Repeatable for ReleaseOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl Repeatable for FeedOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl Repeatable for WaitlistOutcome {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl Repeatable for SeriesAnswer {
    fn is_replayed(&self) -> bool {
        matches!(self, Self::Booked(outcome) | Self::Changed(outcome) if outcome.replayed)
    }

    fn refused_with(&self) -> Option<ErrorCode> {
        match self {
            Self::Booked(outcome) => outcome.refusal().map(|refusal| refusal.code()),
            Self::Changed(outcome) => {
                outcome.not_moved.as_ref().map(|_visits| ErrorCode::SchedulingRefused)
            }
            Self::Clashes(_) => Some(ErrorCode::SeriesConflict),
        }
    }
}

impl<T> Repeatable for Edited<T> {
    fn is_replayed(&self) -> bool {
        self.replayed
    }
}

/// What came beside the document of a request, and what is noted while it runs. All clones are one.
#[derive(Debug, Clone, Default)]
pub struct Notes(Arc<Sheet>);

#[derive(Debug, Default)]
struct Sheet {
    key: Option<String>,
    from_desk: bool,
    replayed: AtomicBool,
    refused_with: OnceLock<ErrorCode>,
}

impl Notes {
    /// Notes on a request that came with this idempotency key, as it was sent, and perhaps from the page of
    /// the front desk. The key is meant for the one change that the request makes.
    pub fn on(key: Option<String>, from_desk: bool) -> Self {
        Self(Arc::new(Sheet { key, from_desk, ..Sheet::default() }))
    }

    /// Through which door what it books comes.
    pub(super) fn provenance(&self) -> Provenance {
        if self.0.from_desk { Provenance::Desk } else { Provenance::GraphQl }
    }

    /// Whether a change was not made, because a request with the same key had made it.
    pub fn is_replayed(&self) -> bool {
        self.0.replayed.load(Ordering::Relaxed)
    }

    /// Why a change was refused, the first of them: that is data, and clients need not ask for it.
    pub fn refused_with(&self) -> Option<ErrorCode> {
        self.0.refused_with.get().copied()
    }

    /// The key for a change: its own, else the request's.
    pub(super) fn key(&self, own: Option<String>) -> Option<String> {
        own.or_else(|| self.0.key.clone())
    }

    /// Notes what became of a change.
    pub(super) fn take_down(&self, result: &Result<impl Repeatable, Refusal>) {
        let replayed = match result {
            Ok(outcome) => {
                if let Some(code) = outcome.refused_with() {
                    self.0.refused_with.get_or_init(|| code);
                }
                outcome.is_replayed()
            }
            Err(refusal) => {
                self.0.refused_with.get_or_init(|| refusal.code());
                refusal.is_replayed()
            }
        };
        self.0.replayed.fetch_or(replayed, Ordering::Relaxed);
    }
}
