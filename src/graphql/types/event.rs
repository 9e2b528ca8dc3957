//! What happens to appointments.

use std::str::FromStr;
use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};

use super::appointment::AppointmentObject;
use super::connection::{PageArguments, PageInfo, Shown, connection};
use super::instant::DateTime;
use crate::access::{Actor, Permission};
use crate::domain::webhook::event_id;
use crate::domain::{AppointmentEvent, EventFilter, EventPosition};
use crate::graphql::error::ApiError;
use crate::graphql::{actor, services};
use crate::request::{parse_provider_id, parse_state};

/// What happened to an appointment.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "AppointmentEventKind", remote = "crate::domain::AppointmentEventKind")]
pub(in crate::graphql) enum AppointmentEventKindEnum {
    /// A time is held for a new appointment; the scheduling service has not confirmed it yet.
    Booked,
    /// The scheduling service has confirmed it.
    Confirmed,
    /// The scheduling service has refused it. Final; the time is free.
    Failed,
    /// The scheduling service did not confirm it within the deadline. Final; the time is free.
    Expired,
    /// It is being cancelled; the time is held until the scheduling service has acknowledged.
    Cancelling,
    /// It is cancelled. Final; the time is free.
    Cancelled,
    /// It is being moved; both times are held until the scheduling service has answered.
    Rescheduling,
    /// It has moved; the old time is free.
    Rescheduled,
    /// It could not be moved and keeps its time; the new one is free.
    RescheduleRefused,
    /// The patient has come.
    CheckedIn,
    /// The patient was seen.
    Completed,
    /// The patient never came.
    NoShow,
    /// What was said to have become of it was corrected: it stands as it was confirmed.
    Reinstated,
    /// It is to be another provider's; the times of both are held until the scheduling service has answered.
    Reassigning,
    /// It is with another provider; the time of the one before is free.
    Reassigned,
    /// It could not be given to another provider and keeps its own; the other's time is free.
    ReassignRefused,
    /// What it is about has changed: its reason, state, insurance or type.
    Updated,
}

/// `AppointmentEvent` of the schema.
#[derive(Clone)]
pub(in crate::graphql) struct AppointmentEventObject(pub(in crate::graphql) Arc<AppointmentEvent>);

/// Something that happened to an appointment. Events are told in one order, which is the same for
/// everybody and never changes.
#[Object(name = "AppointmentEvent")]
impl AppointmentEventObject {
    /// Its place in the log of events; opaque. Keep the last one you have seen: passed as `after`
    /// it continues where you were, with nothing lost and nothing repeated.
    async fn cursor(&self) -> String {
        Cursor(self.0.position).to_string()
    }

    /// When it happened.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }

    /// What happened.
    async fn kind(&self) -> AppointmentEventKindEnum {
        self.0.kind.into()
    }

    /// Which appointment.
    async fn appointment_id(&self) -> ID {
        ID(self.0.appointment.id.to_string())
    }

    /// The appointment, as it stood when the event was read: at least as new as the event, and
    /// newer when more has happened since. Null, without an error, where it went to another provider and
    /// out of your sight.
    async fn appointment(&self, context: &Context<'_>) -> Option<AppointmentObject> {
        let grant = actor(context).grant(Permission::ReadAppointments);
        let appointment = &self.0.appointment;
        let is_seen = grant.reaches(appointment.provider_id);
        is_seen.then(|| AppointmentObject(appointment.clone()))
    }
}

/// A position as clients see it.
#[derive(Clone, Copy)]
pub(in crate::graphql) struct Cursor(pub(in crate::graphql) EventPosition);

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&event_id(self.0))
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_number = |digits: &&str| {
            digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        let digits = text.strip_prefix("evt_").filter(is_number).ok_or(())?;
        let position = i64::from_str_radix(digits, 16).map_err(|_not_hexadecimal| ())?;
        Ok(Self(EventPosition(position)))
    }
}

/// Reads the conditions that events can be asked for under.
pub(in crate::graphql) fn parse_filter(
    provider_id: Option<&str>,
    state: Option<&str>,
) -> Result<EventFilter, ApiError> {
    let state = state.map(parse_state).transpose()?;
    let provider_id = provider_id.map(parse_provider_id).transpose()?;
    Ok(EventFilter { provider_id, state, only_for: None })
}

/// A cursor past the end is another log's: of a database that was since restored, say. Nothing
/// would ever follow it, so it is refused.
pub(in crate::graphql) async fn known(
    context: &Context<'_>,
    cursor: Cursor,
) -> Result<EventPosition, ApiError> {
    if cursor.0 > services(context).changes.end_of_events(actor(context)).await? {
        return Err(ApiError::argument("after", "must be a cursor of this log: it ends before"));
    }
    Ok(cursor.0)
}

/// What a list of events was asked for.
struct Filter(EventFilter);

impl Filter {
    async fn count(&self, context: &Context<'_>) -> Result<u64, ApiError> {
        Ok(services(context).changes.count_events(actor(context), &self.0).await?)
    }
}

impl Shown for AppointmentEventObject {
    /// Its appointment notes what is shown of it.
    fn note(&self, _actor: &Actor) {}
}

connection!(
    AppointmentEventConnection "AppointmentEventConnection",
    AppointmentEventEdge "AppointmentEventEdge",
    AppointmentEventObject,
    "appointment event",
    |node: &AppointmentEventObject| Cursor(node.0.position).to_string()
);

impl AppointmentEventConnection {
    pub(in crate::graphql) async fn load(
        context: &Context<'_>,
        filter: EventFilter,
        arguments: PageArguments,
    ) -> Result<Self, ApiError> {
        let page = arguments.page(|cursor| cursor.parse::<Cursor>().ok().map(|cursor| cursor.0))?;
        if let Some(after) = page.after {
            known(context, Cursor(after)).await?;
        }
        let changes = &services(context).changes;
        let found = changes.events(actor(context), &filter, page).await?;
        let (found, page_info) = arguments.cut(found, |event| Cursor(event.position).to_string());
        let nodes = found.into_iter().map(Arc::new).map(AppointmentEventObject).collect();
        Ok(Self { nodes, page_info, filter: Filter(filter) })
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, EventPosition};

    #[test]
    fn a_cursor_reads_back_and_nothing_else_is_one() {
        let cursor = Cursor(EventPosition(48_879)).to_string();
        assert_eq!(cursor, "evt_00000000beef");
        assert_eq!(
            cursor.parse::<Cursor>().ok().map(|cursor| cursor.0),
            Some(EventPosition(48_879))
        );
        for garbage in
            ["", "evt_", "evt_1", "evt_-0000000beef", "evt_00000000beefff", "apt_00000000beef"]
        {
            assert!(garbage.parse::<Cursor>().is_err(), "{garbage}");
        }
    }
}
