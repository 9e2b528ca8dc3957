//! What is not as it is every week: days with other hours, time off, days on which the clinic is closed.

use async_graphql::{Context, ID, Object};

use super::date::Date;
use super::instant::DateTime;
use crate::access::Permission;
use crate::domain::{ClosedDay, DateOverride, DayHours, ProviderId, TimeOff};
use crate::graphql::actor;
use crate::graphql::error::ApiError;
use crate::request::Refusal;

/// `ClosedDay` of the schema.
#[derive(Clone)]
pub(in crate::graphql) struct ClosedDayObject(pub(in crate::graphql) ClosedDay);

/// A day on which the clinic is closed: the local day of each provider.
#[Object(name = "ClosedDay")]
impl ClosedDayObject {
    /// The day.
    async fn date(&self) -> Date {
        Date(self.0.date)
    }

    /// What it is called, such as `Thanksgiving`.
    async fn name(&self) -> &str {
        &self.0.name
    }
}

/// `DateOverride` of the schema.
pub(in crate::graphql) struct DateOverrideObject(pub(in crate::graphql) DateOverride);

/// A day on which a provider does not work as every week.
#[Object(name = "DateOverride")]
impl DateOverrideObject {
    /// The day, where the provider is.
    async fn date(&self) -> Date {
        Date(self.0.date)
    }

    /// The hours of that day, in order; empty when the provider is away.
    async fn hours(&self) -> Vec<DayHoursObject> {
        self.0.hours.iter().copied().map(DayHoursObject).collect()
    }
}

/// `DayHours` of the schema.
pub(in crate::graphql) struct DayHoursObject(DayHours);

/// Hours of one day, in the provider's local time.
#[Object(name = "DayHours")]
impl DayHoursObject {
    /// When they open, such as `09:00`.
    async fn opens_at(&self) -> String {
        self.0.opens_at.to_string()
    }

    /// When they close, such as `12:30`; on the next day when that is not later.
    async fn closes_at(&self) -> String {
        self.0.closes_at.to_string()
    }
}

/// `TimeOff` of the schema.
pub(in crate::graphql) struct TimeOffObject {
    pub(in crate::graphql) time_off: TimeOff,
    /// Who takes it.
    pub(in crate::graphql) provider_id: ProviderId,
}

/// Time that a provider takes off.
#[Object(name = "TimeOff")]
impl TimeOffObject {
    /// Identifies the time off; opaque, begins with `off_`.
    async fn id(&self) -> ID {
        ID(self.time_off.id.to_string())
    }

    /// When it begins.
    async fn starts_at(&self) -> DateTime {
        DateTime(self.time_off.slot.starts_at())
    }

    /// When it ends; the end does not belong to it.
    async fn ends_at(&self) -> DateTime {
        DateTime(self.time_off.slot.ends_at())
    }

    /// Why. Null, with the error `FORBIDDEN`, for whom it is not to see.
    async fn reason(&self, context: &Context<'_>) -> Option<Result<&str, ApiError>> {
        if !actor(context).grant(Permission::ManageHours).reaches(self.provider_id) {
            return Some(Err(Refusal::Forbidden.into()));
        }
        self.time_off.reason.as_deref().map(Ok)
    }
}
