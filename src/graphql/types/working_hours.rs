//! Hours that repeat every week.

use async_graphql::{Enum, Object};

use super::date::Date;
use crate::domain::WorkingHours;

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
pub(in crate::graphql) struct WorkingHoursObject(pub(in crate::graphql) WorkingHours);

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

    /// The first day on which they are in effect; null when they always were.
    async fn effective_from(&self) -> Option<Date> {
        self.0.effective_from.map(Date)
    }

    /// The last day on which they are in effect; null when no end is known.
    async fn effective_until(&self) -> Option<Date> {
        self.0.effective_until.map(Date)
    }
}
