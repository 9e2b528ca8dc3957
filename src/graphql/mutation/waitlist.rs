//! Waiting for a time, and answering what is offered.

use async_graphql::{Context, Object};

use super::not_begun::not_begun;
use crate::booking::on_its_own_task;
use crate::graphql::error::ApiError;
use crate::graphql::types::offer_answer::{AcceptOfferInput, DeclineOfferInput};
use crate::graphql::types::payload::AcceptOfferPayload;
use crate::graphql::types::waitlist_change::{
    DeclineOfferPayload, JoinWaitlistInput, JoinWaitlistPayload, LeaveWaitlistInput,
    LeaveWaitlistPayload,
};
use crate::graphql::{actor, notes, services};

/// The waitlist.
#[derive(Default)]
pub struct WaitlistMutation;

/// The waitlist.
#[Object]
impl WaitlistMutation {
    /// Puts a patient on the waitlist: for a time of one provider's or of anybody who may treat them, in a window. What
    /// is free already is offered at once. Each offer is behind a hold, of 30 minutes unless the clinic has set
    /// others, and passes to the next who fits when nobody answers.
    async fn join_waitlist(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who waits, and for what.")] input: JoinWaitlistInput,
    ) -> Result<JoinWaitlistPayload, ApiError> {
        let (booking, actor) = (services(context).booking.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { booking.join_waitlist(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "joinWaitlist", error).await,
        };
        notes.take_down(&result);
        JoinWaitlistPayload::of(result)
    }

    /// Lets a patient wait no more. What was offered to them is free at once. Who waits no more already stays as
    /// they are.
    async fn leave_waitlist(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The entry.")] input: LeaveWaitlistInput,
    ) -> Result<LeaveWaitlistPayload, ApiError> {
        let (booking, actor) = (services(context).booking.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(which) => {
                on_its_own_task(async move { booking.leave_waitlist(&actor, &which).await }).await
            }
            Err(error) => not_begun(context, "leaveWaitlist", error).await,
        };
        notes.take_down(&result);
        LeaveWaitlistPayload::of(result)
    }

    /// Accepts the offer that is open: books the time that is held, or moves the visit `insteadOf` to it. Never refused for
    /// its time; whether the provider may treat the patient, and the patient's own visits, are judged now, and such a
    /// refusal leaves the offer open.
    async fn accept_offer(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whose offer.")] input: AcceptOfferInput,
    ) -> Result<AcceptOfferPayload, ApiError> {
        let (booking, actor) = (services(context).booking.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.read((&services(context).links, &actor), &notes).await {
            Ok(which) => {
                on_its_own_task(async move { booking.accept_offer(&actor, &which).await }).await
            }
            Err(error) => not_begun(context, "acceptOffer", error).await,
        };
        notes.take_down(&result);
        AcceptOfferPayload::of(result)
    }

    /// Turns down the offer that is open. The time passes to the next who fits; the patient waits again, and is
    /// offered nothing more that overlaps it.
    async fn decline_offer(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whose offer.")] input: DeclineOfferInput,
    ) -> Result<DeclineOfferPayload, ApiError> {
        let (booking, actor) = (services(context).booking.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.read((&services(context).links, &actor), &notes).await {
            Ok(which) => {
                on_its_own_task(async move { booking.decline_offer(&actor, &which).await }).await
            }
            Err(error) => not_begun(context, "declineOffer", error).await,
        };
        notes.take_down(&result);
        DeclineOfferPayload::of(result)
    }
}
