//! How much one caller may ask for in a minute, where that is limited.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Extension, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;

use super::shown::sender;
use crate::access::{self, Actor, Pace, network};
use crate::domain::{PersonId, TokenId};
use crate::http::problem::Problem;

/// Whom a limit counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::http) enum Caller {
    /// Whoever holds a token of the settings, wherever they are.
    Settings,
    /// One of the staff, wherever they are.
    Person(PersonId),
    /// A machine, wherever it is.
    Token(TokenId),
    /// Whoever is at that address, or in that network.
    Address(IpAddr),
}

impl Caller {
    /// Whom a limit counts for.
    pub(in crate::http) fn of(actor: &Actor, from: IpAddr) -> Self {
        match actor.caller {
            access::Caller::Person { id, .. } => Self::Person(id),
            access::Caller::Token { id, .. } => Self::Token(id),
            access::Caller::Everybody => Self::Address(network(from)),
            _ => Self::Settings,
        }
    }
}

/// Who asks for more than a minute has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) struct TooMuch {
    /// When to ask again; none where it is more than any minute has.
    pub(in crate::http) retry_after: Option<Duration>,
    per_minute: NonZeroU32,
}

impl TooMuch {
    /// What was wrong and when to ask again, in a sentence.
    pub(in crate::http) fn message(self) -> String {
        let what_to_do = match self.retry_after {
            Some(wait) => format!("ask again in {} s", whole_seconds(wait)),
            None => {
                "a request with more of them is never served, so send them in several".to_owned()
            }
        };
        format!(
            "At most {} requests or changes a minute are served to one caller (RATE_LIMIT_PER_MINUTE): \
             {what_to_do}",
            self.per_minute,
        )
    }
}

/// A wait as a client is told it.
pub(in crate::http) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// How much each caller has asked for.
pub struct RateLimit(Option<(NonZeroU32, Mutex<Pace<Caller>>)>);

impl RateLimit {
    /// So much in a minute; as much as one likes unless given.
    pub fn new(per_minute: Option<NonZeroU32>) -> Self {
        let minute = Duration::from_mins(1);
        Self(per_minute.map(|most| (most, Mutex::new(Pace::new(most.get(), minute / most.get())))))
    }

    /// Counts a request that does so many things at once; all of them or none.
    ///
    /// # Errors
    ///
    /// [`TooMuch`].
    pub(in crate::http) fn count(&self, caller: Caller, things: usize) -> Result<(), TooMuch> {
        let Some((per_minute, pace)) = &self.0 else { return Ok(()) };
        let (things, now) = (u32::try_from(things.max(1)).unwrap_or(u32::MAX), Instant::now());
        if things > per_minute.get() {
            return Err(TooMuch { retry_after: None, per_minute: *per_minute });
        }
        let mut pace = pace.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(retry_after) = pace.wait(&caller, things, now) {
            return Err(TooMuch { retry_after: Some(retry_after), per_minute: *per_minute });
        }
        pace.take(caller, things, now);
        Ok(())
    }
}

/// Takes whoever asks for whoever is where they ask from: of a route that nobody is let in to.
pub(in crate::http) async fn by_address(mut request: Request, next: Next) -> Response {
    let caller = Caller::Address(network(sender(&request)));
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// Counts a request of the REST door.
pub(in crate::http) async fn limit_rate(
    State(rate): State<Arc<RateLimit>>,
    Extension(caller): Extension<Caller>,
    request: Request,
    next: Next,
) -> Response {
    match rate.count(caller, 1) {
        Ok(()) => next.run(request).await,
        Err(too_much) => {
            let seconds = too_much.retry_after.map_or(1, whole_seconds);
            Problem::rate_limited(too_much.message(), seconds).into_response()
        }
    }
}
