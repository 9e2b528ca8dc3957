//! An answer as it is sent: its text is written once, however many it is sent to.

use std::sync::Arc;

use async_graphql::{Response as Answer, ServerError};

use super::answer::{body_of, was_refused};

/// An answer as it is sent.
#[derive(Clone)]
pub(super) struct Told {
    /// As JSON.
    pub(super) body: Arc<str>,
    /// Why nothing was run, where that is the answer.
    pub(super) refused: Option<Arc<[ServerError]>>,
}

impl Told {
    /// An answer to one, its errors complete.
    pub(super) fn of(answer: &Answer) -> Self {
        let refused = was_refused(answer).then(|| answer.errors.as_slice().into());
        Self { body: body_of(answer).into(), refused }
    }

    /// An answer to many, in which nothing is wrong.
    pub(super) fn shared(body: &Arc<str>) -> Self {
        Self { body: Arc::clone(body), refused: None }
    }
}
