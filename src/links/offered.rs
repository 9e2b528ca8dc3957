//! The times that a patient may move a visit to.

use jiff::Timestamp;

use super::{Links, OpenVisit};
use crate::access::Actor;
use crate::calendar::CalendarFile;
use crate::domain::TimeSlot;
use crate::request::{ErrorCode, Refusal};
use crate::search::{AvailabilityQuery, TimeQuestion};

/// As many as a page has room for: some days of a provider who is free all day.
const MOST_TIMES: usize = 200;

impl Links {
    /// The next free times of whom the visit is with, in order, its own left out, and whether there are more; none
    /// where it can't be moved.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn times_to_move_to(
        &self,
        open: &OpenVisit,
    ) -> Result<(Vec<TimeSlot>, bool), Refusal> {
        if !open.is_movable || open.is_past_cutoff() {
            return Ok((Vec::new(), false));
        }
        let query = AvailabilityQuery {
            provider_id: None,
            patient: None,
            length: None,
            visit_type: None,
            instead_of: Some(open.visit.id),
        };
        // What is free is told to anybody; whose visit moves there, the token has said.
        let (actor, search) = (Actor::system(), &self.parts.search);
        let offers = search.list_offers(&actor, &query, TimeSlot::EVER, None, MOST_TIMES).await;
        match offers {
            Ok(offers) => {
                let are_more = offers.len() == MOST_TIMES;
                let slots = offers.into_iter().map(|listed| listed.offer.slot);
                Ok((slots.filter(|slot| *slot != open.visit.slot).collect(), are_more))
            }
            Err(error) if is_failure(&error) => Err(error),
            // Whom the visit is with can't have it at another time, which is no reason not to show it.
            Err(_none) => Ok((Vec::new(), false)),
        }
    }

    /// Whether a page could not have offered that time though nothing is against it: it lies between those that are
    /// offered.
    pub(super) async fn is_off_the_grid(
        &self,
        open: &OpenVisit,
        starts_at: Timestamp,
    ) -> Result<bool, Refusal> {
        let question = TimeQuestion {
            provider_id: open.visit.provider_id,
            starts_at,
            length: None,
            visit_type: None,
            patient_id: None,
            state: None,
            insurance: None,
            instead_of: Some(open.visit.id),
        };
        match self.parts.search.explain(&Actor::system(), &question).await {
            Ok(found) => Ok(!found.offered && found.reasons.is_empty()),
            Err(error) if is_failure(&error) => Err(error),
            // Moving says what is against it.
            Err(_other) => Ok(false),
        }
    }

    /// The visit for the patient's calendar.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn calendar_file(&self, open: &OpenVisit) -> Result<CalendarFile, Refusal> {
        self.parts.feeds.file_for(&open.visit, Some(&open.patient)).await
    }
}

fn is_failure(error: &Refusal) -> bool {
    matches!(error.code(), ErrorCode::Internal | ErrorCode::Unavailable)
}
