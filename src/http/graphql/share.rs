//! What a subscription takes of that which all of them may cost together.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::graphql::gate::GateRefusal;
use crate::http::live::Share;
use crate::http::state::AppState;

/// Its shares, for as long as they are kept.
pub(super) struct Shares {
    _of_all: Share,
    _of_the_connection: Option<OwnedSemaphorePermit>,
}

impl Shares {
    /// Those of one that costs so much.
    ///
    /// # Errors
    ///
    /// [`GateRefusal`] where not so much is left.
    pub(super) fn of(
        state: &AppState,
        connection: Option<&Arc<Semaphore>>,
        cost: usize,
    ) -> Result<Self, GateRefusal> {
        let permits = u32::try_from(cost).unwrap_or(u32::MAX);
        let of_the_connection = connection.map(|budget| {
            Arc::clone(budget).try_acquire_many_owned(permits).map_err(|_too_few| {
                let most = state.gate.limits().cost;
                GateRefusal::too_complex(format!(
                    "The subscriptions of one connection cost at most {most} together \
                     (GRAPHQL_MAX_COST), and this one costs {cost}"
                ))
            })
        });
        let of_the_connection = of_the_connection.transpose()?;
        let of_all = state.live.room_for(cost).ok_or_else(|| {
            GateRefusal::unavailable("Too many subscriptions are open; try again later")
        })?;
        Ok(Self { _of_all: of_all, _of_the_connection: of_the_connection })
    }
}
