//! What mutations answer.

use async_graphql::SimpleObject;

use super::appointment::AppointmentObject;
use super::booking_error::BookingErrorObject;
use crate::booking::{BookingError, ErrorCode, Outcome};
use crate::db::StoreError;
use crate::graphql::error::ApiError;

/// Makes the payload of a mutation: the appointment, the error, or both.
macro_rules! payload {
    ($name:ident, $doc:literal, $appointment:literal) => {
        #[doc = $doc]
        #[derive(SimpleObject)]
        pub(in crate::graphql) struct $name {
            #[doc = $appointment]
            appointment: Option<AppointmentObject>,
            /// Why it was not done, or null when it was.
            error: Option<BookingErrorObject>,
        }

        impl $name {
            pub(in crate::graphql) fn of(
                result: Result<Outcome, BookingError>,
            ) -> Result<Self, ApiError> {
                match result {
                    Ok(outcome) => Ok(Self {
                        appointment: Some(AppointmentObject(outcome.appointment)),
                        error: None,
                    }),
                    Err(BookingError::Store(cause)) if !matches!(cause, StoreError::Internal(_)) => {
                        tracing::error!(%cause, "A mutation could not be carried out");
                        let error = BookingError::Store(cause);
                        Ok(Self { appointment: None, error: Some(error.into()) })
                    }
                    // A bug is not something that a client can plan for.
                    Err(error) if error.code() == ErrorCode::Internal => Err(error.into()),
                    Err(error) => Ok(Self {
                        appointment: error.appointment().cloned().map(AppointmentObject),
                        error: Some(error.into()),
                    }),
                }
            }
        }
    };
}

payload!(
    BookAppointmentPayload,
    "What `bookAppointment` answers.",
    "The appointment, as soon as its time is held: CONFIRMED when the scheduling service has confirmed in time, else PENDING. Beside `error`, the appointment that failed."
);
payload!(
    CancelAppointmentPayload,
    "What `cancelAppointment` answers.",
    "The appointment: CANCELLED, or CANCELLING while the scheduling service has not acknowledged."
);
payload!(
    RescheduleAppointmentPayload,
    "What `rescheduleAppointment` answers.",
    "The appointment: at its new time, or still at its old one with `pendingStartsAt` while the scheduling service has not answered. Beside `error`, at its old time."
);
