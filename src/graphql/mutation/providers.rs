//! Mutations of providers: parse, call, map.

use async_graphql::{Context, Object};

use super::not_begun::not_begun;
use crate::booking::on_its_own_task;
use crate::graphql::error::ApiError;
use crate::graphql::types::roster_change::{
    AddTimeOffInput, AddTimeOffPayload, CreateProviderInput, CreateProviderPayload,
    RemoveTimeOffInput, RemoveTimeOffPayload, SetDateOverrideInput, SetDateOverridePayload,
    SetInsurancesInput, SetInsurancesPayload, SetLicencesInput, SetLicencesPayload,
    SetProviderVisitTypesInput, SetProviderVisitTypesPayload, SetRulesInput, SetRulesPayload,
    SetWorkingHoursInput, SetWorkingHoursPayload, UpdateProviderInput, UpdateProviderPayload,
};
use crate::graphql::{actor, notes, services};

/// Who works here, when, and by which rules.
#[derive(Default)]
pub struct ProviderMutation;

/// Who works here, when, and by which rules.
#[Object]
impl ProviderMutation {
    /// Lets somebody work here. Whom they may treat and when may be set now or later.
    async fn create_provider(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who.")] input: CreateProviderInput,
    ) -> Result<CreateProviderPayload, ApiError> {
        let (roster, actor) = (services(context).roster.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(command) => {
                on_its_own_task(async move { roster.create_provider(&actor, &command).await }).await
            }
            Err(error) => not_begun(context, "createProvider", error).await,
        };
        notes.take_down(&result);
        CreateProviderPayload::of(result)
    }

    /// Changes what is known of a provider, or whether they work here. Who does not is offered and booked no more;
    /// their visits stay, those to come in `affectedAppointments`.
    async fn update_provider(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The provider, and what is to be changed.")] input: UpdateProviderInput,
    ) -> Result<UpdateProviderPayload, ApiError> {
        let (roster, actor) = (services(context).roster.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok((id, edit)) => {
                on_its_own_task(async move { roster.provider(&actor, id, &edit).await }).await
            }
            Err(error) => not_begun(context, "updateProvider", error).await,
        };
        notes.take_down(&result);
        UpdateProviderPayload::of(result)
    }

    /// Says where a provider may treat patients, and since and until when.
    async fn set_licences(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The provider and the licences.")] input: SetLicencesInput,
    ) -> Result<SetLicencesPayload, ApiError> {
        let (roster, actor) = (services(context).roster.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok((id, edit)) => {
                on_its_own_task(async move { roster.provider(&actor, id, &edit).await }).await
            }
            Err(error) => not_begun(context, "setLicences", error).await,
        };
        notes.take_down(&result);
        SetLicencesPayload::of(result)
    }

    /// Says which insurances a provider accepts.
    async fn set_insurances(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The provider and the insurances.")] input: SetInsurancesInput,
    ) -> Result<SetInsurancesPayload, ApiError> {
        let (roster, actor) = (services(context).roster.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok((id, edit)) => {
                on_its_own_task(async move { roster.provider(&actor, id, &edit).await }).await
            }
            Err(error) => not_begun(context, "setInsurances", error).await,
        };
        notes.take_down(&result);
        SetInsurancesPayload::of(result)
    }

    /// Says when a provider works every week, also from some day on or until one.
    async fn set_working_hours(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The provider and the hours.")] input: SetWorkingHoursInput,
    ) -> Result<SetWorkingHoursPayload, ApiError> {
        let (roster, actor) = (services(context).roster.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok((id, edit)) => {
                on_its_own_task(async move { roster.provider(&actor, id, &edit).await }).await
            }
            Err(error) => not_begun(context, "setWorkingHours", error).await,
        };
        notes.take_down(&result);
        SetWorkingHoursPayload::of(result)
    }

    /// Says which kinds of visits a provider offers: all that are active, unless some are set.
    async fn set_provider_visit_types(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The provider and the kinds of visits.")]
        input: SetProviderVisitTypesInput,
    ) -> Result<SetProviderVisitTypesPayload, ApiError> {
        let (roster, actor) = (services(context).roster.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok((id, edit)) => {
                on_its_own_task(async move { roster.provider(&actor, id, &edit).await }).await
            }
            Err(error) => not_begun(context, "setProviderVisitTypes", error).await,
        };
        notes.take_down(&result);
        SetProviderVisitTypesPayload::of(result)
    }

    /// Says by which rules visits with a provider are booked, where not by the clinic's.
    async fn set_rules(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The provider and the rules.")] input: SetRulesInput,
    ) -> Result<SetRulesPayload, ApiError> {
        let (roster, actor) = (services(context).roster.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok((id, edit)) => {
                on_its_own_task(async move { roster.provider(&actor, id, &edit).await }).await
            }
            Err(error) => not_begun(context, "setRules", error).await,
        };
        notes.take_down(&result);
        SetRulesPayload::of(result)
    }

    /// Says what a provider works on one day, whatever they work every week: other hours, none, or as every week
    /// again.
    async fn set_date_override(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The provider and the day.")] input: SetDateOverrideInput,
    ) -> Result<SetDateOverridePayload, ApiError> {
        let (roster, actor) = (services(context).roster.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok((id, edit)) => {
                on_its_own_task(async move { roster.provider(&actor, id, &edit).await }).await
            }
            Err(error) => not_begun(context, "setDateOverride", error).await,
        };
        notes.take_down(&result);
        SetDateOverridePayload::of(result)
    }

    /// Says that a provider takes time off, from minutes to months. Visits in it stay booked, and are in
    /// `affectedAppointments`.
    async fn add_time_off(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The provider and the time.")] input: AddTimeOffInput,
    ) -> Result<AddTimeOffPayload, ApiError> {
        let (roster, actor) = (services(context).roster.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok((id, edit)) => {
                on_its_own_task(async move { roster.provider(&actor, id, &edit).await }).await
            }
            Err(error) => not_begun(context, "addTimeOff", error).await,
        };
        notes.take_down(&result);
        AddTimeOffPayload::of(result)
    }

    /// Says that some time off is none any more.
    async fn remove_time_off(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The time off.")] input: RemoveTimeOffInput,
    ) -> Result<RemoveTimeOffPayload, ApiError> {
        let (roster, actor) = (services(context).roster.clone(), actor(context).clone());
        let notes = notes(context);
        let result = match input.parse(&notes) {
            Ok(edit) => {
                on_its_own_task(async move { roster.remove_time_off(&actor, &edit).await }).await
            }
            Err(error) => not_begun(context, "removeTimeOff", error).await,
        };
        notes.take_down(&result);
        RemoveTimeOffPayload::of(result)
    }
}
