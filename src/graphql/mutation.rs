//! Mutations: parse, call, map.

use async_graphql::{Context, Object};

use super::error::ApiError;
use super::types::input::{
    BookAppointmentInput, CancelAppointmentInput, RescheduleAppointmentInput,
};
use super::types::payload::{
    BookAppointmentPayload, CancelAppointmentPayload, RescheduleAppointmentPayload,
};
use super::{actor, notes, services};
use crate::booking::on_its_own_task;

/// Everything that changes something.
pub struct Mutation;

/// Everything that changes something.
#[Object]
impl Mutation {
    /// Books a visit with a provider who is licensed in the patient's state and accepts the
    /// patient's insurance: at the time asked for, or at the first free one.
    #[graphql(complexity = "50 + child_complexity")]
    async fn book_appointment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The visit.")] input: BookAppointmentInput,
    ) -> Result<BookAppointmentPayload, ApiError> {
        let (booking, actor) = (services(context).booking.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { booking.book(&actor, &command).await }).await
            }
            Err(error) => Err(error),
        };
        notes.take_down(&result);
        BookAppointmentPayload::of(result)
    }

    /// Cancels a visit. Its time is free once the scheduling service has acknowledged. Cancelling
    /// what is cancelled answers it as it stands.
    #[graphql(complexity = "50 + child_complexity")]
    async fn cancel_appointment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The visit.")] input: CancelAppointmentInput,
    ) -> Result<CancelAppointmentPayload, ApiError> {
        let (booking, actor) = (services(context).booking.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { booking.cancel(&actor, &command).await }).await
            }
            Err(error) => Err(error),
        };
        notes.take_down(&result);
        CancelAppointmentPayload::of(result)
    }

    /// Moves a visit to another time or length; the id stays. The old time is kept until the
    /// scheduling service has confirmed the new one, and stays when it refuses.
    #[graphql(complexity = "50 + child_complexity")]
    async fn reschedule_appointment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The visit and its new time.")] input: RescheduleAppointmentInput,
    ) -> Result<RescheduleAppointmentPayload, ApiError> {
        let (booking, actor) = (services(context).booking.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { booking.reschedule(&actor, &command).await }).await
            }
            Err(error) => Err(error),
        };
        notes.take_down(&result);
        RescheduleAppointmentPayload::of(result)
    }
}
