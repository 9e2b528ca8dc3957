//! Providers.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};

use super::appointment::AppointmentStatusEnum;
use super::appointment_list::{AppointmentConnection, AppointmentQuery};
use super::connection::{
    PageArguments, PageInfo, SEARCH_COST, Shown, connection, page_cost, slots_cost,
};
use super::instant::DateTime;
use super::slot::SlotObject;
use crate::access::Actor;
use crate::domain::{
    AppointmentOwner, Offer, Provider, ProviderId, TimeSlot, UsState, VisitLength, WorkingHours,
};
use crate::graphql::error::ApiError;
use crate::graphql::loaders::{FirstAvailableOf, OffersOf, ProviderKey};
use crate::graphql::{loaders, services};
use crate::request::{parse_length, parse_window, provider_filter};

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

    /// When the provider works, the same every week, in local time, Monday first. Hours across
    /// midnight are shown as two spans, one on each day.
    async fn working_hours(&self) -> Vec<WorkingHoursObject> {
        self.0.weekly_hours().into_iter().map(WorkingHoursObject).collect()
    }

    /// The first free time at or after a moment; null when there is none within the booking
    /// horizon (90 days unless the clinic has set another).
    #[graphql(complexity = "SEARCH_COST + child_complexity")]
    async fn first_available(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "The earliest start; now unless given. A moment in the past counts as now."
        )]
        after: Option<DateTime>,
        #[graphql(desc = "Length of the visit: 5 to 480 whole minutes; 30 unless given.")]
        duration_minutes: Option<i32>,
    ) -> Option<Result<SlotObject, ApiError>> {
        let first = async {
            let length = parse_length(duration_minutes.map(i64::from))?;
            let provider = ProviderKey(Arc::clone(&self.0));
            let key = FirstAvailableOf { provider, after: after.map(|after| after.0), length };
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
    #[graphql(complexity = "slots_cost(from, to, child_complexity)")]
    async fn available_slots(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Start of the window. Times before now are never offered.")]
        from: DateTime,
        #[graphql(desc = "End of the window. Times after the booking horizon are never offered.")]
        to: DateTime,
        #[graphql(desc = "Length of the visit: 5 to 480 whole minutes; 30 unless given.")]
        duration_minutes: Option<i32>,
    ) -> Option<Result<Vec<SlotObject>, ApiError>> {
        let load = async {
            let wanted = SlotsWanted::parse(from, to, duration_minutes)?;
            self.slots(context, wanted).await
        };
        Some(load.await)
    }

    /// The provider's appointments in a window, by start: all that overlap it, also those that
    /// began before and still run.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
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

/// Which offered times are asked for.
pub(in crate::graphql) struct SlotsWanted {
    window: TimeSlot,
    length: VisitLength,
}

impl SlotsWanted {
    pub(in crate::graphql) fn parse(
        from: DateTime,
        to: DateTime,
        duration_minutes: Option<i32>,
    ) -> Result<Self, ApiError> {
        let length = parse_length(duration_minutes.map(i64::from))?;
        let window = parse_window(from.0, to.0)?;
        Ok(Self { window, length })
    }
}

impl ProviderObject {
    pub(in crate::graphql) async fn slots(
        &self,
        context: &Context<'_>,
        SlotsWanted { window, length }: SlotsWanted,
    ) -> Result<Vec<SlotObject>, ApiError> {
        let key = OffersOf { provider: ProviderKey(Arc::clone(&self.0)), window, length };
        let slots = loaders(context).load(key).await?.unwrap_or_default();
        Ok(slots
            .into_iter()
            .map(|slot| SlotObject(Offer { provider: self.0.clone(), slot, patient_clock: None }))
            .collect())
    }
}

/// A day of the week.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "jiff::civil::Weekday")]
pub(in crate::graphql) enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

/// `WorkingHours` of the schema.
pub(in crate::graphql) struct WorkingHoursObject(WorkingHours);

/// A span of work that repeats every week, in the provider's local time.
#[Object(name = "WorkingHours")]
impl WorkingHoursObject {
    /// The day of the week.
    async fn weekday(&self) -> Weekday {
        self.0.weekday.into()
    }

    /// When it opens, such as `09:00`.
    async fn opens_at(&self) -> String {
        self.0.opens_at.to_string()
    }

    /// When it closes, such as `17:00`; `24:00` closes a day.
    async fn closes_at(&self) -> String {
        self.0.closes_at.to_string()
    }
}

/// Which providers a list is asked for.
pub(in crate::graphql) struct ProvidersWanted {
    pub(in crate::graphql) state: Option<String>,
    pub(in crate::graphql) insurance: Option<String>,
    pub(in crate::graphql) name: Option<String>,
}

/// What a list of providers was asked for: everybody it holds, who are few.
struct Filter(usize);

impl Filter {
    #[expect(clippy::unused_async, reason = "counts of other lists are read")]
    async fn count(&self, _context: &Context<'_>) -> Result<u64, ApiError> {
        Ok(u64::try_from(self.0).unwrap_or(u64::MAX))
    }
}

impl Shown for ProviderObject {
    /// A provider is nobody's secret.
    fn note(&self, _actor: &Actor) {}
}

connection!(
    ProviderConnection "ProviderConnection",
    ProviderEdge "ProviderEdge",
    ProviderObject,
    "provider",
    |node: &ProviderObject| node.0.id.to_string()
);

impl ProviderConnection {
    pub(in crate::graphql) async fn load(
        context: &Context<'_>,
        filter: ProvidersWanted,
        arguments: PageArguments,
    ) -> Result<Self, ApiError> {
        // In the order of the contract: what is not acceptable, not known.
        let page = arguments.page(|cursor| cursor.parse::<ProviderId>().ok())?;
        let directory = loaders(context).directory().await?;
        let ProvidersWanted { state, insurance, name } = filter;
        let filter =
            provider_filter(&directory, state.as_deref(), insurance.as_deref(), name.as_deref())?;
        let all = directory.listed(&filter, services(context).now());
        let total = all.len();
        let found = page.of(all.into_iter(), |provider| provider.id);
        let (found, page_info) = arguments.cut(found, |provider| provider.id.to_string());
        let nodes =
            found.into_iter().map(|provider| ProviderObject(Arc::clone(provider))).collect();
        Ok(Self { nodes, page_info, filter: Filter(total) })
    }
}
