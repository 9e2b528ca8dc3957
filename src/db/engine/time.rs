//! Instants and dates on their way into and out of the database, whole seconds.

use jiff::Timestamp;
use jiff::civil::Date;
use sea_orm::prelude::{ChronoDate, DateTimeUtc};

use super::error::StoreError;
use crate::domain::TimeSlot;

/// The instant, cut to the second: the one canonical form of the schema.
pub(in crate::db) fn to_db(instant: Timestamp) -> DateTimeUtc {
    DateTimeUtc::from_timestamp(instant.as_second(), 0).unwrap_or_default()
}

pub(in crate::db) fn from_db(stored: DateTimeUtc) -> Result<Timestamp, StoreError> {
    Timestamp::from_second(stored.timestamp())
        .map_err(|_out_of_range| StoreError::unreadable("instant"))
}

pub(in crate::db) fn slot_from_db(
    starts_at: DateTimeUtc,
    ends_at: DateTimeUtc,
) -> Result<TimeSlot, StoreError> {
    TimeSlot::new(from_db(starts_at)?, from_db(ends_at)?)
        .map_err(|_empty| StoreError::unreadable("span of time"))
}

pub(in crate::db) fn date_to_db(date: Date) -> Result<ChronoDate, StoreError> {
    date.to_string().parse().map_err(|_out_of_range| StoreError::unreadable("date"))
}

pub(in crate::db) fn date_from_db(stored: ChronoDate) -> Result<Date, StoreError> {
    stored.to_string().parse().map_err(|_out_of_range| StoreError::unreadable("date"))
}
