//! Tells a follower what happens, in turns with all others.

use std::panic::AssertUnwindSafe;

use async_graphql::Response as Answer;
use futures_util::FutureExt as _;

use super::ahead::Ahead;
use super::answer::{complete, not_recorded, panicked};
use super::asker::Asker;
use super::seen::Watch;
use super::share::Shares;
use super::told::Told;
use crate::access::Seen;
use crate::audit::{Following, Receipt};
use crate::graphql::gate::AdmittedRequest;
use crate::graphql::{EventAnswer, LiveOperation};
use crate::http::state::AppState;

/// How many events are told in one turn.
const IN_A_TURN: usize = 32;

/// Tells one follower what happens.
pub(super) struct Telling {
    pub(super) state: AppState,
    pub(super) asker: Asker,
    pub(super) ahead: Ahead,
    pub(super) watch: Watch,
}

/// What comes after a turn.
enum Then {
    /// Further turns.
    More,
    /// Nothing: an event could not be told, or nobody is there.
    Nothing,
    /// They may be here no more.
    Unwelcome,
}

impl Telling {
    /// Runs a subscription to its end.
    pub(super) async fn tell(mut self, request: AdmittedRequest) -> Watch {
        let trail = self.state.services.trail.clone();
        let asked = request.asked().into();
        let following = match trail.followed(&self.asker.actor, asked).await {
            Ok(following) => following,
            Err(cause) => {
                self.watch.hear(&not_recorded(&cause));
                self.ahead.put(Told::of(&Answer::default()), Err(cause));
                return self.watch;
            }
        };
        // Asked again before each event is told: whoever was let in an hour ago may have lost the right.
        let then = if self.asker.standing.holds().await {
            self.run(request, &following).await
        } else {
            Then::Unwelcome
        };
        trail.left(&following);
        if matches!(then, Then::Unwelcome) {
            // Their connection closes: what it was asked comes to no end of its own.
            self.ahead.abandoned().await;
        }
        self.watch
    }

    async fn run(&mut self, request: AdmittedRequest, following: &Following) -> Then {
        let begun = self.state.schema.subscribe(request, self.asker.actor.clone());
        let begun = tokio::select! {
            begun = AssertUnwindSafe(begun).catch_unwind() => begun,
            () = self.ahead.abandoned() => return Then::Nothing,
        };
        let begun = begun.unwrap_or_else(|_panic| Err(Box::new(panicked())));
        let mut operation = match begun {
            Ok(Some(operation)) => operation,
            Ok(None) => return Then::Nothing,
            Err(refusal) => return self.refuse(*refusal),
        };
        let shares = Shares::of(&self.state, self.asker.budget.as_ref(), operation.cost());
        let _shares = match shares {
            Ok(shares) => shares,
            Err(refusal) => return self.refuse(Answer::from_errors(refusal.into_errors())),
        };
        loop {
            let there_is_more = tokio::select! {
                there_is_more = operation.wait() => there_is_more,
                () = self.ahead.abandoned() => false,
            };
            // Nobody waits for a client in their turn, nor for something to happen.
            if !there_is_more || !self.ahead.has_room().await {
                return Then::Nothing;
            }
            match self.turn(&mut operation, following).await {
                Then::More => {}
                then => return then,
            }
        }
    }

    /// Tells what there is, unless it is much, or nobody is there any more.
    async fn turn(&mut self, operation: &mut LiveOperation, following: &Following) -> Then {
        let Self { state, asker, ahead, watch } = self;
        let _turn = tokio::select! {
            turn = state.live.turns.take() => turn,
            () = ahead.abandoned() => return Then::Nothing,
        };
        let nobody = Seen::default();
        for _event in 0..IN_A_TURN {
            if ahead.is_full() {
                break;
            }
            let next = async {
                let event = operation.take().await?;
                let answer = operation.answer(&event).await;
                Some((answer, asker.standing.holds_since(event.read_at()).await))
            };
            let next = tokio::select! {
                next = AssertUnwindSafe(next).catch_unwind() => next,
                () = ahead.abandoned() => return Then::Nothing,
            };
            let (told, seen) = match &next {
                Ok(None) => break,
                Ok(Some((_, false))) => return Then::Unwelcome,
                Ok(Some((answer, true))) => (written(answer, asker, watch), &answer.seen),
                Err(_panic) => (written_alone(panicked(), asker, watch), &nobody),
            };
            let receipt = state.services.trail.telling(following, seen).await;
            // One event that could not be told ends it: whoever went on would lose it, for the next
            // one's cursor lies behind it.
            let is_last = told.refused.is_some();
            if !ahead.put(told, receipt) || is_last {
                return Then::Nothing;
            }
        }
        Then::More
    }

    fn refuse(&mut self, refusal: Answer) -> Then {
        let told = written_alone(refusal, &self.asker, &mut self.watch);
        self.ahead.put(told, Ok(Receipt::none()));
        Then::Nothing
    }
}

/// An answer to many as one of them is told.
fn written(answer: &EventAnswer, asker: &Asker, watch: &mut Watch) -> Told {
    match answer.faulty() {
        None => {
            watch.hear_data();
            Told::shared(&answer.text)
        }
        Some(faulty) => written_alone(faulty, asker, watch),
    }
}

fn written_alone(mut answer: Answer, asker: &Asker, watch: &mut Watch) -> Told {
    complete(&mut answer.errors, &asker.request_id);
    watch.hear(&answer);
    Told::of(&answer)
}
