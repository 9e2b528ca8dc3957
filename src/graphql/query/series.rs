//! Series of visits.

use async_graphql::{Context, Object};

use crate::graphql::error::ApiError;
use crate::graphql::types::series::{PreviewSeriesInput, SeriesPreviewObject};
use crate::graphql::{actor, services};

/// Series of visits.
#[derive(Default)]
pub struct SeriesQuery;

/// Series of visits.
#[Object]
impl SeriesQuery {
    /// How a series of visits would be booked, all with one provider: which of its visits can be, why not each of
    /// the others, and the nearest time that can. Nothing is booked or held. Null with its error for a bad
    /// argument, and where nobody may treat the patient.
    async fn preview_series(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whom the visits are for, with whom, and when.")]
        input: PreviewSeriesInput,
    ) -> Option<Result<SeriesPreviewObject, ApiError>> {
        let preview = async {
            let command = input.parse()?;
            let booking = &services(context).booking;
            Ok(SeriesPreviewObject(booking.preview_series(actor(context), &command).await?))
        };
        Some(preview.await)
    }
}
