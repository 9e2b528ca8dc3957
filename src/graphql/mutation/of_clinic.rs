//! Mutations of what is the clinic's: parse, call, map.

use async_graphql::{Context, Object};

use super::not_begun::not_begun;
use crate::booking::on_its_own_task;
use crate::graphql::error::ApiError;
use crate::graphql::types::roster_change::{
    CreateInsuranceInput, CreateInsurancePayload, CreateVisitTypeInput, CreateVisitTypePayload,
    RemoveClosedDayInput, RemoveClosedDayPayload, SetClinicRulesInput, SetClinicRulesPayload,
    SetClosedDayInput, SetClosedDayPayload, UpdateInsuranceInput, UpdateInsurancePayload,
    UpdateVisitTypeInput, UpdateVisitTypePayload,
};
use crate::graphql::{actor, notes, services};

/// The clinic's rules, kinds of visits, insurances and closed days.
#[derive(Default)]
pub struct ClinicMutation;

/// The clinic's rules, kinds of visits, insurances and closed days.
#[Object]
impl ClinicMutation {
    /// Says by which rules visits are booked where a provider has none of their own.
    async fn set_clinic_rules(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The rules.")] input: SetClinicRulesInput,
    ) -> Result<SetClinicRulesPayload, ApiError> {
        let (roster, actor) = (services(context).roster.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(edit) => on_its_own_task(async move { roster.clinic(&actor, &edit).await }).await,
            Err(error) => not_begun(context, "setClinicRules", error).await,
        };
        notes.take_down(&result);
        SetClinicRulesPayload::of(result)
    }

    /// Adds a kind of visit. Providers for whom none are set offer it at once.
    async fn create_visit_type(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The kind of visit.")] input: CreateVisitTypeInput,
    ) -> Result<CreateVisitTypePayload, ApiError> {
        let (roster, actor) = (services(context).roster.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(edit) => on_its_own_task(async move { roster.clinic(&actor, &edit).await }).await,
            Err(error) => not_begun(context, "createVisitType", error).await,
        };
        notes.take_down(&result);
        CreateVisitTypePayload::of(result)
    }

    /// Changes a kind of visit, or whether it is offered. Visits of it that are booked stay as they are.
    async fn update_visit_type(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The kind of visit, and what is to be changed.")]
        input: UpdateVisitTypeInput,
    ) -> Result<UpdateVisitTypePayload, ApiError> {
        let (roster, actor) = (services(context).roster.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(edit) => on_its_own_task(async move { roster.clinic(&actor, &edit).await }).await,
            Err(error) => not_begun(context, "updateVisitType", error).await,
        };
        notes.take_down(&result);
        UpdateVisitTypePayload::of(result)
    }

    /// Adds an insurance that the clinic knows. Providers accept it once `setInsurances` says so.
    async fn create_insurance(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The insurance.")] input: CreateInsuranceInput,
    ) -> Result<CreateInsurancePayload, ApiError> {
        let (roster, actor) = (services(context).roster.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(edit) => on_its_own_task(async move { roster.clinic(&actor, &edit).await }).await,
            Err(error) => not_begun(context, "createInsurance", error).await,
        };
        notes.take_down(&result);
        CreateInsurancePayload::of(result)
    }

    /// Changes what an insurance is called, or whether it is accepted at all.
    async fn update_insurance(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The insurance, and what is to be changed.")] input: UpdateInsuranceInput,
    ) -> Result<UpdateInsurancePayload, ApiError> {
        let (roster, actor) = (services(context).roster.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(edit) => on_its_own_task(async move { roster.clinic(&actor, &edit).await }).await,
            Err(error) => not_begun(context, "updateInsurance", error).await,
        };
        notes.take_down(&result);
        UpdateInsurancePayload::of(result)
    }

    /// Says that the clinic is closed on a day, or calls that day otherwise. A provider with hours of their own on
    /// that day (`setDateOverride`) works all the same.
    async fn set_closed_day(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The day.")] input: SetClosedDayInput,
    ) -> Result<SetClosedDayPayload, ApiError> {
        let (roster, actor) = (services(context).roster.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(edit) => on_its_own_task(async move { roster.clinic(&actor, &edit).await }).await,
            Err(error) => not_begun(context, "setClosedDay", error).await,
        };
        notes.take_down(&result);
        SetClosedDayPayload::of(result)
    }

    /// Says that the clinic is not closed on a day after all.
    async fn remove_closed_day(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The day.")] input: RemoveClosedDayInput,
    ) -> Result<RemoveClosedDayPayload, ApiError> {
        let (roster, actor) = (services(context).roster.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(edit) => on_its_own_task(async move { roster.clinic(&actor, &edit).await }).await,
            Err(error) => not_begun(context, "removeClosedDay", error).await,
        };
        notes.take_down(&result);
        RemoveClosedDayPayload::of(result)
    }
}
