//! The rules by which visits are booked.

use async_graphql::{Context, Object};

use crate::domain::{BookingRules, ClinicRules};
use crate::graphql::context::{actor, services};
use crate::graphql::error::ApiError;

/// `BookingRules` of the schema.
pub(in crate::graphql) struct BookingRulesObject(pub(in crate::graphql) BookingRules);

fn minutes(duration: jiff::SignedDuration) -> i32 {
    i32::try_from(duration.as_mins()).unwrap_or(i32::MAX)
}

fn days(duration: jiff::SignedDuration) -> i32 {
    i32::try_from(duration.as_hours() / 24).unwrap_or(i32::MAX)
}

/// The rules by which visits with a provider are booked, each their own or the clinic's.
#[Object(name = "BookingRules")]
impl BookingRulesObject {
    /// How far apart offered times lie, in minutes from the opening time on.
    async fn grid_minutes(&self) -> i32 {
        i32::from(self.0.grid.minutes())
    }

    /// The minutes that are kept free before each visit.
    async fn buffer_before_minutes(&self) -> i32 {
        i32::from(self.0.buffers.before_minutes())
    }

    /// The minutes that are kept free after each visit.
    async fn buffer_after_minutes(&self) -> i32 {
        i32::from(self.0.buffers.after_minutes())
    }

    /// How many minutes before its start a visit is booked at the latest.
    async fn notice_minutes(&self) -> i32 {
        minutes(self.0.notice)
    }

    /// How many days ahead a visit may start.
    async fn horizon_days(&self) -> i32 {
        days(self.0.horizon)
    }

    /// How many visits may start on one local day of the provider; null for any number.
    async fn max_appointments_per_day(&self) -> Option<i32> {
        self.0.most_a_day.map(i32::from)
    }
}

/// `ClinicRules` of the schema.
#[derive(Clone)]
pub(in crate::graphql) struct ClinicRulesObject(pub(in crate::graphql) ClinicRules);

/// The clinic's rules: those by which visits are booked where a provider has none of their own, and at which
/// times of their own day patients are offered visits.
#[Object(name = "ClinicRules")]
impl ClinicRulesObject {
    /// Counts what has changed about them and about the closed days, from 1. Passed as `expectedVersion` it
    /// keeps a change from undoing another that you have not seen.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The IANA name of the clinic's time zone, such as `America/New_York`: that of days which nobody gave
    /// another, as of REST's `from` and `to`. It is set where the server is.
    async fn time_zone(&self, context: &Context<'_>) -> Result<String, ApiError> {
        let zone = services(context).records.clinic_zone(actor(context)).await?;
        Ok(zone.iana_name().unwrap_or("UTC").to_owned())
    }

    /// How far apart offered times lie, in minutes from the opening time on.
    async fn grid_minutes(&self) -> i32 {
        i32::from(self.0.booking.grid.minutes())
    }

    /// The minutes that are kept free before each visit.
    async fn buffer_before_minutes(&self) -> i32 {
        i32::from(self.0.booking.buffers.before_minutes())
    }

    /// The minutes that are kept free after each visit.
    async fn buffer_after_minutes(&self) -> i32 {
        i32::from(self.0.booking.buffers.after_minutes())
    }

    /// How many minutes before its start a visit is booked at the latest.
    async fn notice_minutes(&self) -> i32 {
        minutes(self.0.booking.notice)
    }

    /// How many days ahead a visit may start.
    async fn horizon_days(&self) -> i32 {
        days(self.0.booking.horizon)
    }

    /// How many visits may start on one local day of a provider; null for any number.
    async fn max_appointments_per_day(&self) -> Option<i32> {
        self.0.booking.most_a_day.map(i32::from)
    }

    /// The earliest start, on the patient's own clock, that is offered where any provider will do, such as
    /// `07:00`.
    async fn patient_earliest(&self) -> String {
        self.0.patient_hours.earliest().to_string()
    }

    /// The latest such start, such as `21:00`.
    async fn patient_latest(&self) -> String {
        self.0.patient_hours.latest().to_string()
    }
}
