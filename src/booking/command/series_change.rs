//! Changing a series that is there.

use jiff::Timestamp;
use jiff::civil::Weekday;

use crate::domain::recurrence::SeriesMove;
use crate::domain::working_hours::weekday_name;
use crate::domain::{LocalTime, SeriesId};
use crate::request::{
    ExpectedVersion, Field, FieldReader, IdempotencyKey, Refusal, Resource, Violation, fingerprint,
};

/// Which series is to be changed, as a door received it.
#[derive(Debug, Default)]
pub struct RawWhichSeries {
    /// Its id.
    pub id: String,
    /// The version that the caller has seen.
    pub expected: ExpectedVersion,
    /// The key that makes a retry safe.
    pub idempotency_key: Option<String>,
}

/// Which series is to be changed, and on which terms.
#[derive(Debug, Clone)]
pub struct WhichSeries {
    /// Its id.
    pub id: SeriesId,
    /// The version that the caller has seen.
    pub expected: ExpectedVersion,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl RawWhichSeries {
    /// Reads the fields of the change with `read`, and then which series it is.
    fn with<T>(
        self,
        read: impl FnOnce(&mut FieldReader) -> T,
    ) -> Result<(WhichSeries, T), Refusal> {
        let mut fields = FieldReader::after(Vec::new());
        let change = read(&mut fields);
        let expected = fields.expected(self.expected);
        let idempotency_key = fields.key(self.idempotency_key.as_deref());
        fields.finish()?;
        let id = self.id.parse().map_err(|_malformed| Refusal::NotFound(Resource::Series))?;
        Ok((WhichSeries { id, expected, idempotency_key }, change))
    }
}

impl WhichSeries {
    /// What tells a request from others under one key.
    fn fingerprint(&self, word: &str, told: impl IntoIterator<Item = String>) -> String {
        let mut parts = vec![word.to_owned(), self.id.to_string()];
        parts.extend(told);
        parts.extend(self.expected.fingerprint());
        fingerprint(&parts)
    }
}

/// Cancel a series from a moment on.
#[derive(Debug, Clone)]
pub struct CancelSeries {
    /// Which.
    pub which: WhichSeries,
    /// The first start that is cancelled; now unless given.
    pub from: Option<Timestamp>,
    /// Why.
    pub reason: Option<String>,
}

impl CancelSeries {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(
        which: RawWhichSeries,
        from: Option<Timestamp>,
        reason: Option<&str>,
    ) -> Result<Self, Refusal> {
        let (which, reason) = which.with(|fields| fields.reason(reason))?;
        Ok(Self { which, from, reason })
    }

    /// Tells this request from others under one key.
    pub(in crate::booking) fn fingerprint(&self) -> String {
        let from = self.from.map(|from| from.to_string()).unwrap_or_default();
        self.which.fingerprint("cancel series", [from, self.reason.clone().unwrap_or_default()])
    }
}

/// Move a series from a moment on.
#[derive(Debug, Clone)]
pub struct RescheduleSeries {
    /// Which.
    pub which: WhichSeries,
    /// The first start that moves; now unless given.
    pub from: Option<Timestamp>,
    /// Where to.
    pub to: SeriesMove,
}

impl RescheduleSeries {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(
        which: RawWhichSeries,
        from: Option<Timestamp>,
        (local_time, weekday): (Option<&str>, Option<Weekday>),
    ) -> Result<Self, Refusal> {
        let (which, local_time) = which.with(|fields| {
            if local_time.is_none() && weekday.is_none() {
                let why = "is required, unless weekday is given";
                fields.wrong(Violation::new(local_time_field(), why));
            }
            fields.optional(local_time_field(), local_time, time_of_day)
        })?;
        Ok(Self { which, from, to: SeriesMove { local_time, weekday } })
    }

    /// Tells this request from others under one key.
    pub(in crate::booking) fn fingerprint(&self) -> String {
        let from = self.from.map(|from| from.to_string()).unwrap_or_default();
        let time = self.to.local_time.map(|time| time.to_string()).unwrap_or_default();
        let weekday = self.to.weekday.map(weekday_name).unwrap_or_default().to_owned();
        self.which.fingerprint("reschedule series", [from, time, weekday])
    }
}

/// Of one door alone.
fn local_time_field() -> Field {
    Field::Other("localTime".to_owned())
}

/// A time at which a visit can start.
fn time_of_day(text: &str) -> Result<LocalTime, &'static str> {
    let time = text.parse().ok().filter(|time| *time != LocalTime::END_OF_DAY);
    time.ok_or("must be a time of day from 00:00 to 23:59, such as 09:30")
}
