//! What mutations answer.

use async_graphql::{ComplexObject, Context, SimpleObject};

use super::appointment::AppointmentObject;
use super::booking_error::BookingErrorObject;
use super::patient::PatientObject;
use crate::booking::Outcome;
use crate::graphql::error::ApiError;
use crate::graphql::{actor, loaders, services};
use crate::request::{ErrorCode, Refusal};

/// Makes the payload of a mutation: the appointment, the error, or both.
macro_rules! payload {
    ($(#[$more:meta])* $name:ident, $doc:literal, $appointment:literal) => {
        #[doc = $doc]
        #[derive(SimpleObject)]
        $(#[$more])*
        pub(in crate::graphql) struct $name {
            #[doc = $appointment]
            appointment: Option<AppointmentObject>,
            /// Why it was not done, or null when it was.
            error: Option<BookingErrorObject>,
        }

        impl $name {
            pub(in crate::graphql) fn of(
                result: Result<Outcome, Refusal>,
            ) -> Result<Self, ApiError> {
                match result {
                    Ok(outcome) => Ok(Self {
                        appointment: Some(AppointmentObject(outcome.appointment)),
                        error: None,
                    }),
                    // A bug is not something that a client can plan for.
                    Err(error) if error.code() == ErrorCode::Internal => Err(error.into()),
                    Err(error) => {
                        if let Refusal::Store(cause) = &error {
                            tracing::error!(%cause, "A mutation could not be carried out");
                        }
                        Ok(Self {
                            appointment: error.appointment().cloned().map(AppointmentObject),
                            error: Some(error.into()),
                        })
                    }
                }
            }
        }
    };
}

payload!(
    #[graphql(complex)]
    BookAppointmentPayload,
    "What `bookAppointment` answers.",
    "The appointment, as soon as its time is held: CONFIRMED when the scheduling service has confirmed in time, else PENDING. Beside `error`, the appointment that failed."
);
/// Beside the appointment.
#[ComplexObject]
impl BookAppointmentPayload {
    /// Other patients who may be the same person, at most 20: whoever has the same e-mail address, and
    /// whoever has the same name and birth date. Empty when nothing was booked. `mergePatients` makes
    /// one of two.
    async fn similar_patients(
        &self,
        context: &Context<'_>,
    ) -> Result<Vec<PatientObject>, ApiError> {
        let Some(AppointmentObject(appointment)) = &self.appointment else { return Ok(Vec::new()) };
        let Some(patient) = loaders(context).load(appointment.patient_id).await? else {
            return Ok(Vec::new());
        };
        let similar = services(context).patients.similar_to(actor(context), &patient).await?;
        Ok(similar.into_iter().map(|one| PatientObject::shown(actor(context), one)).collect())
    }
}

payload!(
    CancelAppointmentPayload,
    "What `cancelAppointment` answers.",
    "The appointment: CANCELLED, or CANCELLING while the scheduling service has not acknowledged."
);
payload!(
    AcceptOfferPayload,
    "What `acceptOffer` answers.",
    "The visit: CONFIRMED when the scheduling service has confirmed in time, else PENDING; where it moves, at its new time, or still at its old one with `pendingStartsAt`. Beside `error`, the appointment that failed or stayed."
);
payload!(
    RevokeVisitLinkPayload,
    "What `revokeVisitLink` answers.",
    "The visit, which no link opens any more."
);
payload!(
    ReassignAppointmentPayload,
    "What `reassignAppointment` answers.",
    "The appointment: with its new provider, or still with the one before, and with `pendingStartsAt`, while the scheduling service has not answered. Beside `error`, with the one before."
);
payload!(
    SetVisitStatusPayload,
    "What `setVisitStatus` answers.",
    "The appointment as it is from now on. Beside `error`, as it stays."
);
payload!(
    UpdateAppointmentPayload,
    "What `updateAppointment` answers.",
    "The appointment as it is from now on. Beside `error`, as it stays."
);
payload!(
    RescheduleAppointmentPayload,
    "What `rescheduleAppointment` answers.",
    "The appointment: at its new time, or still at its old one with `pendingStartsAt` while the scheduling service has not answered. Beside `error`, at its old time."
);
