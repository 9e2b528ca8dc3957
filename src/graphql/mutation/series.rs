//! Booking series of visits, moving and cancelling them.

use async_graphql::{Context, Object};

use super::not_begun::not_begun;
use crate::booking::on_its_own_task;
use crate::graphql::error::ApiError;
use crate::graphql::types::series_change::{
    BookSeriesInput, BookSeriesPayload, CancelSeriesInput, CancelSeriesPayload,
    RescheduleSeriesInput, RescheduleSeriesPayload,
};
use crate::graphql::{actor, notes, services};

/// Series of visits.
#[derive(Default)]
pub struct SeriesMutation;

/// Series of visits.
#[Object]
impl SeriesMutation {
    /// Books a course of visits with one provider, by a rule or at given times: all of them or none. Where some
    /// can't be at their times the error says which, why, and what is free nearby (`SERIES_CONFLICT`);
    /// `previewSeries` shows the same before.
    async fn book_series(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whom the visits are for, with whom, and when.")] input: BookSeriesInput,
    ) -> Result<BookSeriesPayload, ApiError> {
        let (booking, actor) = (services(context).booking.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { booking.book_series(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "bookSeries", error).await,
        };
        notes.take_down(&result);
        BookSeriesPayload::of(result)
    }

    /// Moves the visits of a series from a moment on to another time of day, to another day of their week, or both: all
    /// of them or none. Where some can't be at their new times the error says which, why, and what is free
    /// nearby (`SERIES_CONFLICT`). What the scheduling service then refuses keeps its time and is named.
    async fn reschedule_series(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The series and its new time.")] input: RescheduleSeriesInput,
    ) -> Result<RescheduleSeriesPayload, ApiError> {
        let (booking, actor) = (services(context).booking.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                let move_it = async move { booking.reschedule_series(&actor, &command).await };
                on_its_own_task(move_it).await
            }
            Err(error) => not_begun(context, "rescheduleSeries", error).await,
        };
        notes.take_down(&result);
        RescheduleSeriesPayload::of(result)
    }

    /// Cancels the visits of a series from a moment on, all that are still to be. Each time is free once the
    /// scheduling service has acknowledged. A series without such visits is answered as it stands.
    async fn cancel_series(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The series.")] input: CancelSeriesInput,
    ) -> Result<CancelSeriesPayload, ApiError> {
        let (booking, actor) = (services(context).booking.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { booking.cancel_series(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "cancelSeries", error).await,
        };
        notes.take_down(&result);
        CancelSeriesPayload::of(result)
    }
}
