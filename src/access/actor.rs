//! The caller of a use case.

use std::borrow::Cow;

/// Who asks. The scope of idempotency keys hangs on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Tells one caller from another; never a person's name.
    pub scope: Cow<'static, str>,
}

impl Actor {
    /// Whoever has not said who they are.
    pub fn anonymous() -> Self {
        Self { scope: Cow::Borrowed("anonymous") }
    }

    /// Whoever holds the API token.
    pub fn token_holder() -> Self {
        Self { scope: Cow::Borrowed("token") }
    }

    /// Whoever holds the token that opens the metrics and nothing else.
    pub fn metrics_reader() -> Self {
        Self { scope: Cow::Borrowed("metrics") }
    }

    /// Whoever sits at the machine and runs a command.
    pub fn operator() -> Self {
        Self { scope: Cow::Borrowed("operator") }
    }
}
