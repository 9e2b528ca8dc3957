//! The file of one visit.

use super::Feeds;
use crate::access::Actor;
use crate::calendar::{CalendarFile, Party, Told, VisitEvent, visit_file};
use crate::domain::{Appointment, AppointmentId, Patient};
use crate::request::Refusal;

impl Feeds {
    /// The file of a visit, for `actor`: with its patient as the one who attends, where that is theirs to see.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`], also for one that the caller may not see; [`Refusal::Store`] when
    /// the database fails.
    pub async fn visit(&self, actor: &Actor, id: AppointmentId) -> Result<CalendarFile, Refusal> {
        let records = &self.parts.records;
        let visit = records.appointment(actor, id).await?;
        let patients = records.patients_of_visits(actor, std::slice::from_ref(&visit)).await?;
        let patient = patients.get(&visit.patient_id);
        if let Some(patient) = patient {
            actor.saw_patients([patient.id]);
            actor.saw_appointments([visit.id]);
        }
        self.file_for(&visit, patient).await
    }

    /// The file of a visit, for whom it is: with that patient as the one who attends, if they may be told of.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn file_for(
        &self,
        visit: &Appointment,
        patient: Option<&Patient>,
    ) -> Result<CalendarFile, Refusal> {
        let directory = self.parts.roster.directory().await?;
        let provider = directory.provider_of_visit(visit.provider_id);
        let provider = provider.ok_or_else(|| Refusal::missing("provider"))?;
        let event = VisitEvent {
            visit,
            told: Told::With(&provider.name),
            organizer: Party { name: &provider.name, email: &self.parts.organizer },
            attendee: patient.map(|patient| Party { name: &patient.name, email: &patient.email }),
        };
        Ok(visit_file(&event, self.now()))
    }
}
