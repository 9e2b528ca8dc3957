//! What happens to the roster.

use std::str::FromStr;
use std::sync::Arc;

use async_graphql::{Context, Enum, Object};

use super::connection::{PageArguments, PageInfo, Shown, connection};
use super::instant::DateTime;
use super::provider::ProviderObject;
use crate::access::Actor;
use crate::domain::{EventPosition, RosterEvent};
use crate::graphql::error::ApiError;
use crate::graphql::{actor, loaders, services};

/// What happened to the roster.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "RosterEventKind", remote = "crate::domain::RosterEventKind")]
pub(in crate::graphql) enum RosterEventKindEnum {
    /// Somebody works here now.
    ProviderCreated,
    /// A provider's name, credentials or time zone are others, or they work here no more, or again.
    ProviderUpdated,
    /// A provider holds other licences.
    LicencesSet,
    /// A provider accepts other insurances.
    InsurancesSet,
    /// A provider works other hours.
    WorkingHoursSet,
    /// A provider offers other kinds of visits.
    ProviderVisitTypesSet,
    /// Visits with a provider are booked by other rules.
    RulesSet,
    /// On some day a provider works other hours than every week, or as every week again.
    DateOverrideSet,
    /// A provider takes time off.
    TimeOffAdded,
    /// Some time off of a provider is none any more.
    TimeOffRemoved,
    /// The clinic has other rules.
    ClinicRulesSet,
    /// There is another kind of visit.
    VisitTypeCreated,
    /// A kind of visit is another, or is offered no more, or again.
    VisitTypeUpdated,
    /// The clinic knows another insurance.
    InsuranceCreated,
    /// An insurance is called otherwise, or is accepted no more, or again.
    InsuranceUpdated,
    /// The clinic is closed on some day.
    ClosedDaySet,
    /// The clinic is not closed on some day after all.
    ClosedDayRemoved,
}

/// `RosterEvent` of the schema.
#[derive(Clone)]
pub(in crate::graphql) struct RosterEventObject(pub(in crate::graphql) RosterEvent);

/// Something that happened to the roster: to who works here, when, or by which rules. Events are told in
/// one order, which is the same for everybody and never changes.
#[Object(name = "RosterEvent")]
impl RosterEventObject {
    /// Its place in the log of the roster; opaque. Keep the last one you have seen: passed as `after`
    /// it continues where you were, with nothing lost and nothing repeated.
    async fn cursor(&self) -> String {
        RosterCursor(self.0.position).to_string()
    }

    /// When it happened.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }

    /// What happened.
    async fn kind(&self) -> RosterEventKindEnum {
        self.0.kind.into()
    }

    /// The provider as they are now: at least as new as the event. Null for what is the clinic's.
    async fn provider(&self, context: &Context<'_>) -> Result<Option<ProviderObject>, ApiError> {
        let Some(id) = self.0.provider_id else { return Ok(None) };
        let directory = loaders(context).directory().await?;
        Ok(directory.provider_of_visit(id).map(Arc::clone).map(ProviderObject))
    }
}

/// A position in the roster's log as clients see it.
#[derive(Clone, Copy)]
pub(in crate::graphql) struct RosterCursor(pub(in crate::graphql) EventPosition);

impl std::fmt::Display for RosterCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "rst_{:012x}", self.0.0)
    }
}

impl FromStr for RosterCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_number = |digits: &&str| {
            digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        let digits = text.strip_prefix("rst_").filter(is_number).ok_or(())?;
        let position = i64::from_str_radix(digits, 16).map_err(|_not_hexadecimal| ())?;
        Ok(Self(EventPosition(position)))
    }
}

impl RosterCursor {
    /// Where to begin to follow: after a cursor, or now. One past the end is another log's.
    pub(in crate::graphql) async fn begin(
        context: &Context<'_>,
        after: Option<&str>,
    ) -> Result<EventPosition, ApiError> {
        let end = services(context).roster_news.end_of_events(actor(context)).await?;
        let Some(text) = after else { return Ok(end) };
        let malformed = |()| ApiError::argument("after", "must be a cursor of a roster event");
        let Self(after) = text.parse().map_err(malformed)?;
        if after > end {
            return Err(ApiError::argument(
                "after",
                "must be a cursor of this log: it ends before",
            ));
        }
        Ok(after)
    }
}

/// A list of events is asked for with no condition.
struct Filter;

impl Filter {
    async fn count(&self, context: &Context<'_>) -> Result<u64, ApiError> {
        Ok(services(context).roster_news.count_events(actor(context)).await?)
    }
}

impl Shown for RosterEventObject {
    /// It tells nothing of patients.
    fn note(&self, _actor: &Actor) {}
}

connection!(
    RosterEventConnection "RosterEventConnection",
    RosterEventEdge "RosterEventEdge",
    RosterEventObject,
    "roster event",
    |node: &RosterEventObject| RosterCursor(node.0.position).to_string()
);

impl RosterEventConnection {
    pub(in crate::graphql) async fn load(
        context: &Context<'_>,
        arguments: PageArguments,
    ) -> Result<Self, ApiError> {
        let place = |text: &str| text.parse().ok().map(|RosterCursor(position)| position);
        let page = arguments.page(place)?;
        if arguments.after.is_some() {
            RosterCursor::begin(context, arguments.after.as_deref()).await?;
        }
        let found = services(context).roster_news.events(actor(context), page).await?;
        let cursor = |event: &RosterEvent| RosterCursor(event.position).to_string();
        let (found, page_info) = arguments.cut(found, cursor);
        let nodes = found.into_iter().map(RosterEventObject).collect();
        Ok(Self { nodes, page_info, filter: Filter })
    }
}
