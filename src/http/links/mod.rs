//! The pages that a patient's link opens. A link is shown by nobody but the patient, so these are served without a
//! sign-in; what each does is the use case's. No path with a token is in a log: everything that is written down has the
//! route's pattern, and no answer repeats what opens nothing.

mod offers;
mod plain;
mod shown;
mod template;
mod visits;
mod words;

pub(super) use offers::{accept, back_to_offer, decline, declined, offer};
pub(super) use plain::{nowhere, plainly};
pub(super) use visits::{back_to_visit, calendar, cancel, reschedule, set_reminders, visit};

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::Request;

use super::callers::ClientAddress;
use super::identity::RequestId;
use crate::links::Asking;

/// Who asks: from where, and how the log names the request.
#[derive(Clone)]
struct Asker {
    address: IpAddr,
    request_id: Option<Arc<str>>,
}

impl Asker {
    fn of(request: &Request) -> Self {
        let extensions = request.extensions();
        let ClientAddress(address) = extensions.get().copied().unwrap_or(ClientAddress::UNKNOWN);
        let request_id = extensions.get().map(|RequestId(id)| Arc::from(id.as_str()));
        Self { address, request_id }
    }

    fn asking(&self) -> Asking<'_> {
        (self.address, self.request_id.as_deref())
    }
}
