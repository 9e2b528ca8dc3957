//! Subscriptions: what happens, as it happens. Each is run once to begin, and once for each event
//! ([`Part`]).

use std::sync::Arc;

use async_graphql::{Context, ID, Subscription};
use futures_util::stream::{self, Stream};

use super::error::ApiError;
use super::live::{Followed, Part};
use super::types::event::{AppointmentEventObject, Cursor, known, parse_filter};
use super::types::roster_event::{RosterCursor, RosterEventObject};
use super::types::waitlist::WaitlistEntryObject;
use super::types::waitlist_list;
use super::{actor, services};
use crate::request::parse_provider_id;

/// Everything that can be followed.
pub struct Subscription;

/// Everything that can be followed: over `graphql-transport-ws` at `/graphql/ws`, or as server-sent
/// events or multipart over HTTP.
#[Subscription]
impl Subscription {
    /// What happens to appointments, from now on or from a cursor on: every booking, settlement,
    /// cancellation and move, once and in order, whichever replica made it.
    ///
    /// A dashboard that lost its connection passes the `cursor` of the last event it saw as
    /// `after`: it is told what it missed, and then goes on live.
    async fn appointment_changed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only appointments with this provider.")] provider_id: Option<ID>,
        #[graphql(
            desc = "Only appointments booked for a patient in this state: a two-letter code or a name."
        )]
        state: Option<String>,
        #[graphql(
            desc = "Begin after this cursor, of an event or of `events`; unless given, begin now."
        )]
        after: Option<String>,
    ) -> Result<impl Stream<Item = AppointmentEventObject> + use<>, ApiError> {
        if let Some(news) = Part::appointment_news(context) {
            return Ok(stream::iter(Some(AppointmentEventObject(news.event))));
        }
        let (changes, actor) = (Arc::clone(&services(context).changes), actor(context));
        let filter = parse_filter(provider_id.as_ref().map(|id| id.as_str()), state.as_deref())?;
        let after = match after {
            Some(cursor) => {
                let not_a_cursor = ApiError::argument("after", "must be a cursor of an event");
                known(context, cursor.parse::<Cursor>().map_err(|()| not_a_cursor)?).await?
            }
            None => changes.end_of_events(actor).await?,
        };
        let follower = Box::new(changes.follow(actor, after, filter));
        Part::follow(context, Followed::Appointments(follower));
        Ok(stream::iter(None))
    }

    /// How the waitlist changes, from now on: each entry as it is after a change, whichever replica made it. Of an
    /// entry that has changed again meanwhile only the last is told. After a connection was lost pass the `cursor` of the
    /// last entry you saw as `after`.
    async fn waitlist_changed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only those who wait for this provider.")] provider_id: Option<ID>,
        #[graphql(desc = "Begin after this cursor of an entry; unless given, begin now.")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = WaitlistEntryObject> + use<>, ApiError> {
        if let Some(news) = Part::waitlist_news(context) {
            return Ok(stream::iter(Some(WaitlistEntryObject(news.event))));
        }
        let provider_id = provider_id.as_ref().map(|id| parse_provider_id(id)).transpose()?;
        let (news, actor) = (&services(context).waitlist_news, actor(context));
        let after = waitlist_list::begin(context, after.as_deref()).await?;
        let follower = Box::new(news.follow(actor, after, provider_id));
        Part::follow(context, Followed::Waitlist(follower));
        Ok(stream::iter(None))
    }

    /// What happens to the roster, from now on or from a cursor on: who works here, when, and by which
    /// rules, once and in order, whichever replica or command changed it. Read again what you show.
    async fn roster_changed(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Begin after this cursor, of an event or of `rosterEvents`; unless given, begin now."
        )]
        after: Option<String>,
    ) -> Result<impl Stream<Item = RosterEventObject> + use<>, ApiError> {
        if let Some(news) = Part::roster_news(context) {
            return Ok(stream::iter(Some(RosterEventObject(news.event))));
        }
        let after = RosterCursor::begin(context, after.as_deref()).await?;
        let follower = Box::new(services(context).roster_news.follow(actor(context), after, ()));
        Part::follow(context, Followed::Roster(follower));
        Ok(stream::iter(None))
    }
}
