//! Lists of who waits, and places in them.

use async_graphql::{Context, ID};

use super::connection::{PageArguments, PageInfo, Shown, connection};
use super::waitlist::{WaitlistEntryObject, WaitlistStatusEnum};
use crate::access::Actor;
use crate::domain::EventPosition;
use crate::domain::waitlist::WaitlistFilter;
use crate::graphql::error::ApiError;
use crate::graphql::{actor, services};
use crate::request::{parse_patient_id, parse_provider_id};

/// A place among the changes of the waitlist, as clients see it.
/// Where to begin to follow: after a cursor, or now. One past the end is another list's.
pub(in crate::graphql) async fn begin(
    context: &Context<'_>,
    after: Option<&str>,
) -> Result<EventPosition, ApiError> {
    let end = services(context).waitlist_news.end(actor(context)).await?;
    let Some(text) = after else { return Ok(end) };
    let wrong = "must be a cursor of an entry of this waitlist";
    let after = read_cursor(text, CHANGES).filter(|after| *after <= end);
    after.ok_or_else(|| ApiError::argument("after", wrong))
}

/// What a list of entries was asked for.
struct Filter(WaitlistFilter);

impl Filter {
    async fn count(&self, context: &Context<'_>) -> Result<u64, ApiError> {
        Ok(services(context).records.count_waitlist(actor(context), &self.0).await?)
    }
}

impl Shown for WaitlistEntryObject {
    /// Its fields note what is shown of the patient.
    fn note(&self, _actor: &Actor) {}
}

connection!(
    WaitlistEntryConnection "WaitlistEntryConnection",
    WaitlistEntryEdge "WaitlistEntryEdge",
    WaitlistEntryObject,
    "entry of the waitlist",
    |node: &WaitlistEntryObject| cursor(LIST, node.0.joined)
);

const CHANGES: &str = "wlc_";
const LIST: &str = "wlj_";

/// A place among the changes of the waitlist, as clients see it.
pub(super) fn change_cursor(position: EventPosition) -> String {
    cursor(CHANGES, position)
}

fn cursor(prefix: &str, position: EventPosition) -> String {
    format!("{prefix}{:012x}", position.0)
}

fn read_cursor(text: &str, prefix: &str) -> Option<EventPosition> {
    let digits = text.strip_prefix(prefix).filter(|digits| digits.len() == 12)?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    i64::from_str_radix(digits, 16).ok().filter(|_| is_number).map(EventPosition)
}

impl WaitlistEntryConnection {
    pub(in crate::graphql) async fn load(
        context: &Context<'_>,
        status: Option<Vec<WaitlistStatusEnum>>,
        (provider_id, patient_id): (Option<ID>, Option<ID>),
        arguments: PageArguments,
    ) -> Result<Self, ApiError> {
        let page = arguments.page(|cursor| read_cursor(cursor, LIST))?;
        let filter = WaitlistFilter {
            statuses: status.map(|statuses| statuses.into_iter().map(Into::into).collect()),
            provider_id: provider_id.as_ref().map(|id| parse_provider_id(id)).transpose()?,
            patient_id: patient_id.as_ref().map(|id| parse_patient_id(id)).transpose()?,
        };
        let found = services(context).records.waitlist(actor(context), &filter, page).await?;
        let (found, page_info) = arguments.cut(found, |entry| cursor(LIST, entry.joined));
        let nodes = found.into_iter().map(WaitlistEntryObject).collect();
        Ok(Self { nodes, page_info, filter: Filter(filter) })
    }
}
