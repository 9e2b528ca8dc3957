//! Showing how a series would be booked, before anybody books it.

use crate::access::{Actor, Forbidden, Grant, Permission};
use crate::booking::Booking;
use crate::booking::command::{BookSeries, WhoIsSeen};
use crate::db::patients;
use crate::domain::{Patient, PatientClock, ProviderId, TimeZoneName};
use crate::request::{AskedVisitType, Field, Refusal, Resource, Violation, payer_named};
use crate::search::{SeriesPreview, SeriesWish};

impl Booking {
    /// Shows how a series would be booked, for whoever may see free times. A patient who is asked for by id is
    /// shown only to whom they are visible; one who is described is looked up for whoever may book, for they
    /// would learn the same by booking.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`], also for a clinician who asks for another provider;
    /// [`Refusal::UnknownInsurance`]; [`Refusal::NotFound`]; else those of the search.
    pub async fn preview_series(
        &self,
        actor: &Actor,
        command: &BookSeries,
    ) -> Result<SeriesPreview, Refusal> {
        actor.require(Permission::ReadSchedule)?;
        let provider_id = with_whom(actor, command)?;
        let directory = self.parts.roster.directory().await?;
        let payer = command.insurance.as_deref().map(|name| payer_named(&directory, name));
        let payer = payer.transpose()?;
        let patient = self.patient_of_series(actor, &command.patient).await?;
        actor.saw_patients(patient.as_ref().map(|patient| patient.id));
        // What is not said of somebody who is asked for by id is as it was the last time.
        let state = command.state.or(patient.as_ref().map(|patient| patient.state));
        let payer = payer.or(patient.as_ref().map(|patient| patient.payer_id));
        let (state, payer) = state
            .zip(payer)
            .ok_or_else(|| Refusal::bug("somebody is described without state or insurance"))?;
        let given = match &command.patient {
            WhoIsSeen::Described(details) => details.time_zone.as_ref().map(TimeZoneName::as_str),
            WhoIsSeen::Known(_) => None,
        };
        let own = patient.as_ref().and_then(|patient| patient.time_zone.as_deref());
        let wish = SeriesWish {
            times: command.times.clone(),
            provider_id,
            clock: PatientClock::of(state, given.or(own)),
            patient: patient.as_ref().map(|patient| patient.id),
            state,
            payer,
            shape: AskedVisitType::shape(command.visit_type.as_ref(), command.length, &directory)?,
        };
        self.parts.search.preview_series(actor, &wish).await
    }

    async fn patient_of_series(
        &self,
        actor: &Actor,
        who: &WhoIsSeen,
    ) -> Result<Option<Patient>, Refusal> {
        match who {
            WhoIsSeen::Known(id) => {
                let own = actor.patients_for(Permission::ReadPatients)?;
                let known = patients::find_of(self.db().read(), *id, own).await?;
                Ok(Some(known.ok_or(Refusal::NotFound(Resource::Patient))?))
            }
            WhoIsSeen::Described(details) => {
                if details.birth_date.is_some_and(|birth| !birth.has_come(self.now())) {
                    let why = "must not be in the future";
                    let not_born = Violation::new(Field::PatientBirthDate, why);
                    return Err(Refusal::Invalid(vec![not_born]));
                }
                match actor.grant(Permission::Book) {
                    Grant::No | Grant::WithoutPatients => Ok(None),
                    Grant::All | Grant::Own(_) => self.who_is_meant(who).await,
                }
            }
        }
    }
}

/// With whom the series is: whoever may book with one provider alone means that one.
fn with_whom(actor: &Actor, command: &BookSeries) -> Result<Option<ProviderId>, Forbidden> {
    match (actor.grant(Permission::Book).only_with(), command.provider_id) {
        (Some(own), Some(asked)) if own != asked => Err(Forbidden),
        (own, asked) => Ok(own.or(asked)),
    }
}
