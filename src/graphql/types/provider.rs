//! Providers.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use super::appointment::AppointmentStatusEnum;
use super::appointment_list::{AppointmentConnection, AppointmentQuery};
use super::connection::PageArguments;
use super::date::Date;
use super::days::{DateOverrideObject, TimeOffObject};
use super::instant::DateTime;
use super::licence::LicenceObject;
use super::rules::BookingRulesObject;
use super::slot::SlotObject;
use super::slots_wanted::{SlotsWanted, visit_shape};
use super::visit_type::VisitTypeObject;
use super::working_hours::WorkingHoursObject;
use crate::domain::{AppointmentOwner, Offer, Provider, UsState};
use crate::graphql::error::ApiError;
use crate::graphql::loaders::{FirstAvailableOf, OffersOf, ProviderKey};
use crate::graphql::{loaders, services};

/// `Provider` of the schema.
#[derive(Clone)]
pub(in crate::graphql) struct ProviderObject(pub(in crate::graphql) Arc<Provider>);

/// A clinician who sees patients (FHIR: Practitioner).
#[Object(name = "Provider")]
impl ProviderObject {
    /// Identifies the provider; opaque, begins with `prv_`.
    pub(in crate::graphql) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Counts what has changed about the provider, from 1.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The name patients see, such as `Dr. Jane Doe`.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Degrees and titles, such as `MD`.
    async fn credentials(&self) -> &str {
        &self.0.credentials
    }

    /// IANA name of the zone the working hours are in, such as `America/New_York`.
    async fn time_zone(&self) -> &str {
        &self.0.time_zone
    }

    /// Two-letter codes of the states, DC and territories for which a licence is valid today.
    async fn states(&self, context: &Context<'_>) -> Vec<&'static str> {
        let states = self.0.licensed_states(services(context).now());
        states.into_iter().map(UsState::code).collect()
    }

    /// Names of the payers whose insurance the provider accepts, in alphabetical order.
    async fn insurances(&self) -> Vec<&str> {
        self.0.payers.iter().map(|payer| payer.name.as_str()).collect()
    }

    /// Whether the provider works here: who does not is offered and booked no more.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// The clinic's own key for the provider, as its roster file has it.
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    /// Every licence, also those that are not valid today, by state.
    async fn licences(&self) -> Vec<LicenceObject> {
        self.0.licences.iter().cloned().map(LicenceObject).collect()
    }

    /// The kinds of visits that the provider offers, by name: all that are active, unless some are set.
    async fn visit_types(&self) -> Vec<VisitTypeObject> {
        self.0.visit_types.iter().map(Arc::clone).map(VisitTypeObject).collect()
    }

    /// The rules by which visits with the provider are booked, each their own or the clinic's.
    async fn rules(&self) -> BookingRulesObject {
        BookingRulesObject(self.0.rules)
    }

    /// When the provider works every week, in local time, Monday first: the hours that are in effect on a day.
    /// Hours across midnight are shown as two spans, one on each day.
    async fn working_hours(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The day, where the provider is; today unless given.")] on: Option<Date>,
    ) -> Vec<WorkingHoursObject> {
        let day = on.map_or_else(|| self.0.day_of(services(context).now()), |day| day.0);
        let hours = self.0.weekly_hours().into_iter().filter(|hours| hours.is_in_effect(day));
        hours.map(WorkingHoursObject).collect()
    }

    /// All hours of every week, of whatever time, Monday first; across midnight as two spans.
    async fn schedules(&self) -> Vec<WorkingHoursObject> {
        self.0.weekly_hours().into_iter().map(WorkingHoursObject).collect()
    }

    /// The days on which the provider does not work as every week, in order: all, or those of a span of days.
    async fn overrides(
        &self,
        #[graphql(desc = "The first day; unless given, the first there is.")] from: Option<Date>,
        #[graphql(desc = "The last day; unless given, the last there is.")] to: Option<Date>,
    ) -> Vec<DateOverrideObject> {
        let overrides = self.0.overrides.iter().filter(|one| {
            from.is_none_or(|from| from.0 <= one.date) && to.is_none_or(|to| one.date <= to.0)
        });
        overrides.cloned().map(DateOverrideObject).collect()
    }

    /// The time that the provider takes off, by start: all, or what overlaps a window.
    async fn time_off(
        &self,
        #[graphql(desc = "Start of the window; unless given, the beginning of time.")] from: Option<
            DateTime,
        >,
        #[graphql(desc = "End of the window; unless given, the end of time.")] to: Option<DateTime>,
    ) -> Vec<TimeOffObject> {
        let time_off = self.0.time_off.iter().filter(|off| {
            from.is_none_or(|from| from.0 < off.slot.ends_at())
                && to.is_none_or(|to| off.slot.starts_at() < to.0)
        });
        let provider_id = self.0.id;
        time_off.map(|off| TimeOffObject { time_off: off.clone(), provider_id }).collect()
    }

    /// The first free time at or after a moment; null when there is none within the booking
    /// horizon (90 days unless the clinic has set another).
    async fn first_available(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "The earliest start; now unless given. A moment in the past counts as now."
        )]
        after: Option<DateTime>,
        #[graphql(
            desc = "Length of the visit: 5 to 480 whole minutes; as its visit type says unless given, else 30."
        )]
        duration_minutes: Option<i32>,
        #[graphql(desc = "The visit type: nothing where the provider does not offer it.")]
        visit_type_id: Option<ID>,
    ) -> Option<Result<SlotObject, ApiError>> {
        let first = async {
            let shape = visit_shape(context, duration_minutes, visit_type_id).await?;
            let provider = ProviderKey(Arc::clone(&self.0));
            let key = FirstAvailableOf { provider, after: after.map(|after| after.0), shape };
            let slot = loaders(context).load(key).await?;
            Ok(slot.map(|slot| {
                SlotObject(Offer { provider: self.0.clone(), slot, patient_clock: None })
            }))
        };
        first.await.transpose()
    }

    /// Every offered time that lies wholly inside a window, in order. Offered times start on a
    /// grid (every 15 minutes from the opening time unless the clinic has set another) or at the
    /// end of an appointment; any other whole minute of free time is bookable as well.
    async fn available_slots(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Start of the window. Times before now are never offered.")]
        from: DateTime,
        #[graphql(desc = "End of the window. Times after the booking horizon are never offered.")]
        to: DateTime,
        #[graphql(
            desc = "Length of the visit: 5 to 480 whole minutes; as its visit type says unless given, else 30."
        )]
        duration_minutes: Option<i32>,
        #[graphql(desc = "The visit type: nothing where the provider does not offer it.")]
        visit_type_id: Option<ID>,
    ) -> Option<Result<Vec<SlotObject>, ApiError>> {
        let load = async {
            let wanted = SlotsWanted::parse(from, to, duration_minutes, visit_type_id)?;
            self.slots(context, wanted).await
        };
        Some(load.await)
    }

    /// The provider's appointments in a window, by start: all that overlap it, also those that
    /// began before and still run.
    #[expect(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn appointments(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Start of the window.")] from: DateTime,
        #[graphql(desc = "End of the window; does not belong to it.")] to: DateTime,
        #[graphql(
            desc = "Only these statuses; unless given, all but CANCELLED, FAILED and EXPIRED."
        )]
        status: Option<Vec<AppointmentStatusEnum>>,
        #[graphql(
            desc = "At most so many, from the start of the list: 20 unless told, at most 100."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Option<Result<AppointmentConnection, ApiError>> {
        let page = PageArguments { first, after, last, before };
        let query = AppointmentQuery { status, ..AppointmentQuery::window(from, to) };
        let owner = AppointmentOwner::Provider(self.0.id);
        Some(AppointmentConnection::load_of(context, owner, query, page).await)
    }
}

impl ProviderObject {
    pub(in crate::graphql) async fn slots(
        &self,
        context: &Context<'_>,
        wanted: SlotsWanted,
    ) -> Result<Vec<SlotObject>, ApiError> {
        let (window, shape) = (wanted.window, wanted.shape(context).await?);
        let key = OffersOf { provider: ProviderKey(Arc::clone(&self.0)), window, shape };
        let slots = loaders(context).load(key).await?.unwrap_or_default();
        Ok(slots
            .into_iter()
            .map(|slot| SlotObject(Offer { provider: self.0.clone(), slot, patient_clock: None }))
            .collect())
    }
}
