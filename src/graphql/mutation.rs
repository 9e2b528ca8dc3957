//! Mutations: parse, call, map.

mod access;
mod changed;
mod feeds;
mod holds;
mod links;
mod mail;
mod not_begun;
mod of_clinic;
mod providers;
mod series;
mod waitlist;
mod webhooks;

use async_graphql::{Context, MergedObject, Object};

use self::access::AccessMutation;
use self::changed::changed;
use self::feeds::FeedMutation;
use self::holds::HoldMutation;
use self::links::LinkMutation;
use self::mail::MailMutation;
use self::not_begun::not_begun;
use self::of_clinic::ClinicMutation;
use self::providers::ProviderMutation;
use self::series::SeriesMutation;
use self::waitlist::WaitlistMutation;
use self::webhooks::WebhookMutation;
use super::error::ApiError;
use super::types::input::{
    BookAppointmentInput, CancelAppointmentInput, RescheduleAppointmentInput,
};
use super::types::patient_change::{
    MergePatientsInput, MergePatientsPayload, UpdatePatientInput, UpdatePatientPayload,
};
use super::types::payload::{
    BookAppointmentPayload, CancelAppointmentPayload, ReassignAppointmentPayload,
    RescheduleAppointmentPayload, SetVisitStatusPayload, UpdateAppointmentPayload,
};
use super::types::visit_change::{
    ReassignAppointmentInput, SetVisitStatusInput, UpdateAppointmentInput,
};
use super::{actor, notes, services};
use crate::booking::on_its_own_task;

/// Everything that changes something.
#[derive(MergedObject, Default)]
pub struct Mutation(
    BookingMutation,
    HoldMutation,
    SeriesMutation,
    WaitlistMutation,
    AccessMutation,
    ProviderMutation,
    ClinicMutation,
    FeedMutation,
    LinkMutation,
    WebhookMutation,
    MailMutation,
);

/// Visits, and whom they are for.
#[derive(Default)]
pub struct BookingMutation;

/// Visits, and whom they are for.
#[Object]
impl BookingMutation {
    /// Books a visit with a provider who is licensed in the patient's state and accepts the
    /// patient's insurance: at the time asked for, or at the first free one.
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
            Err(error) => not_begun(context, "bookAppointment", error).await,
        };
        notes.take_down(&result);
        BookAppointmentPayload::of(result)
    }

    /// Cancels a visit. Its time is free once the scheduling service has acknowledged. Cancelling
    /// what is cancelled answers it as it stands.
    async fn cancel_appointment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The visit.")] input: CancelAppointmentInput,
    ) -> Result<CancelAppointmentPayload, ApiError> {
        let command = input.parse(&notes(context));
        CancelAppointmentPayload::of(changed(context, command).await)
    }

    /// Moves a visit to another time or length; the id stays. The old time is kept until the
    /// scheduling service has confirmed the new one, and stays when it refuses.
    async fn reschedule_appointment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The visit and its new time.")] input: RescheduleAppointmentInput,
    ) -> Result<RescheduleAppointmentPayload, ApiError> {
        let command = input.parse(&notes(context));
        RescheduleAppointmentPayload::of(changed(context, command).await)
    }

    /// Gives a visit to another provider who may treat the patient, at its time or at another; the id stays. The
    /// times of both are held until the scheduling service has confirmed; what it refuses stays where it was.
    async fn reassign_appointment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The visit, and who is to see the patient.")]
        input: ReassignAppointmentInput,
    ) -> Result<ReassignAppointmentPayload, ApiError> {
        let command = input.parse(&notes(context));
        ReassignAppointmentPayload::of(changed(context, command).await)
    }

    /// Says what became of a visit: that the patient has come, was seen or never came, or takes it back.
    /// The visit stays `scheduled` and keeps its time; the scheduling service is not told.
    async fn set_visit_status(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The visit, and what became of it.")] input: SetVisitStatusInput,
    ) -> Result<SetVisitStatusPayload, ApiError> {
        let command = input.parse(&notes(context));
        SetVisitStatusPayload::of(changed(context, command).await)
    }

    /// Corrects what is written down of a visit: why the patient comes, where they are, who pays, what kind of
    /// visit it is. Its provider must be licensed in the new state on its day, take the new insurance and offer the new visit
    /// type. Time, length and provider stay: the new type's buffers count from now on, its length does not. The
    /// scheduling service is not told.
    async fn update_appointment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The visit, and what is to be changed.")] input: UpdateAppointmentInput,
    ) -> Result<UpdateAppointmentPayload, ApiError> {
        let command = input.parse(&notes(context));
        UpdateAppointmentPayload::of(changed(context, command).await)
    }

    /// Corrects what is known of a patient. What is left out stays; null clears what may be cleared.
    async fn update_patient(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The patient, and what is to be changed.")] input: UpdatePatientInput,
    ) -> Result<UpdatePatientPayload, ApiError> {
        let (patients, actor) = (services(context).patients.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { patients.update(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "updatePatient", error).await,
        };
        notes.take_down(&result);
        UpdatePatientPayload::of(super::actor(context), result)
    }

    /// Makes one patient of two: all visits become those of the kept one, and the id of the other
    /// leads there. Refused when visits of the two that hold time overlap.
    async fn merge_patients(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The two patients.")] input: MergePatientsInput,
    ) -> Result<MergePatientsPayload, ApiError> {
        let (patients, actor) = (services(context).patients.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { patients.merge(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "mergePatients", error).await,
        };
        notes.take_down(&result);
        MergePatientsPayload::of(super::actor(context), result)
    }
}
