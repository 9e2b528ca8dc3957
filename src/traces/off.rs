//! What stands in for traces in a build without them.

use std::convert::Infallible;
use std::time::Duration;

use tracing::Span;
use tracing_subscriber::layer::Identity;

use super::{TraceParent, TraceSettings};

/// Why traces can't be sent: in this build the settings are refused before.
pub type TracesError = Infallible;

/// Traces of this process, which are none.
pub struct Traces;

impl Traces {
    /// None are sent.
    pub fn none() -> Self {
        Self
    }

    /// Never called: the settings of such a build hold no receiver.
    ///
    /// # Errors
    ///
    /// None.
    pub fn start(_settings: &TraceSettings, _program: &'static str) -> Result<Self, TracesError> {
        Ok(Self)
    }

    /// What has spans made: nothing.
    pub fn layer<S>(&self) -> Option<Identity> {
        None
    }

    /// There is nothing to send.
    pub async fn stop(self, _within: Duration) {}
}

pub(super) fn current() -> Option<TraceParent> {
    None
}

pub(super) fn is_traced() -> bool {
    false
}

pub(super) fn continue_from(_span: &Span, _parent: &TraceParent) {}

pub(super) fn end(_span: &Span) {}

pub(super) fn statement(_system: &'static str, _sql: &str, _took: Duration, _failed: bool) {}
