//! Series that are booked: what their mutations take and answer.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::access_change::refused;
use super::appointment::AppointmentObject;
use super::booking_error::{BookingErrorObject, SeriesConflict};
use super::instant::DateTime;
use super::series::PreviewSeriesInput;
use super::working_hours::Weekday;
use crate::booking::command::{RawSeries, RawWhichSeries};
use crate::booking::{BookSeries, CancelSeries, RescheduleSeries, SeriesAnswer, SeriesOutcome};
use crate::domain::{Appointment, AppointmentSeries};
use crate::graphql::error::ApiError;
use crate::graphql::loaders;
use crate::graphql::loaders::VisitsOf;
use crate::graphql::notes::Notes;
use crate::request::{ExpectedVersion, Refusal};

/// A series of visits to book, as `previewSeries` shows it.
#[derive(InputObject)]
pub(in crate::graphql) struct BookSeriesInput {
    #[graphql(flatten)]
    series: PreviewSeriesInput,
    /// Whether the visits stay that the scheduling service confirms, where it refuses others. Unless this is true
    /// one that it refuses undoes the whole series. It is no matter of the times, which are held all or not at all.
    #[graphql(default)]
    accept_partial: bool,
    /// Makes a retry safe: the same key answers the same series. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl BookSeriesInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<BookSeries, Refusal> {
        let mut raw = self.series.raw();
        raw.booking.idempotency_key = notes.key(self.idempotency_key);
        BookSeries::parse(RawSeries { accepts_part: self.accept_partial, ..raw })
    }
}

/// A series to cancel, as a whole or from one of its visits on.
#[derive(InputObject)]
pub(in crate::graphql) struct CancelSeriesInput {
    /// The series.
    id: ID,
    /// The first start that is cancelled, with all that follow; now unless given.
    from: Option<DateTime>,
    /// Why: at most 1000 characters.
    reason: Option<String>,
    /// The version of the series that you have seen: when it is at another, nothing is done.
    expected_version: Option<i32>,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl CancelSeriesInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<CancelSeries, Refusal> {
        let which = RawWhichSeries {
            id: self.id.0,
            expected: ExpectedVersion::of_field(self.expected_version.map(i64::from)),
            idempotency_key: notes.key(self.idempotency_key),
        };
        CancelSeries::parse(which, self.from.map(|from| from.0), self.reason.as_deref())
    }
}

/// A series to move, as a whole or from one of its visits on.
#[derive(InputObject)]
pub(in crate::graphql) struct RescheduleSeriesInput {
    /// The series.
    id: ID,
    /// The first start that moves, with all that follow; now unless given.
    from: Option<DateTime>,
    /// The new time of day on the provider's clock, `HH:MM`; as it is unless given.
    local_time: Option<String>,
    /// The new day of the week, of the week that each visit is in, which begins with Monday; as it is unless given. Only
    /// for a series that was booked by a rule of one day of the week.
    weekday: Option<Weekday>,
    /// The version of the series that you have seen: when it is at another, nothing is done.
    expected_version: Option<i32>,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl RescheduleSeriesInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<RescheduleSeries, Refusal> {
        let which = RawWhichSeries {
            id: self.id.0,
            expected: ExpectedVersion::of_field(self.expected_version.map(i64::from)),
            idempotency_key: notes.key(self.idempotency_key),
        };
        let to = (self.local_time.as_deref(), self.weekday.map(Into::into));
        RescheduleSeries::parse(which, self.from.map(|from| from.0), to)
    }
}

/// `AppointmentSeries` of the schema.
pub(in crate::graphql) struct AppointmentSeriesObject {
    series: AppointmentSeries,
    /// Those that the caller may see, where they are known already.
    visits: Option<Vec<Appointment>>,
}

impl From<SeriesOutcome> for AppointmentSeriesObject {
    fn from(SeriesOutcome { series, visits, .. }: SeriesOutcome) -> Self {
        Self { series, visits: Some(visits) }
    }
}

impl From<AppointmentSeries> for AppointmentSeriesObject {
    fn from(series: AppointmentSeries) -> Self {
        Self { series, visits: None }
    }
}

/// Visits of one patient that were booked together. Each is an appointment like any other, and may be moved or
/// cancelled by itself.
#[Object(name = "AppointmentSeries")]
impl AppointmentSeriesObject {
    /// Identifies it; opaque, and never changes.
    pub(in crate::graphql) async fn id(&self) -> ID {
        ID(self.series.id.to_string())
    }

    /// Counts the changes of the series as a whole, from 1; those of its visits count for themselves.
    async fn version(&self) -> i32 {
        self.series.version
    }

    /// By what its visits recurred when it was booked (RFC 5545); null where each time was given by itself.
    async fn rule(&self) -> Option<&str> {
        self.series.rule.as_deref()
    }

    /// Its visits, in the order in which they start: also those that were cancelled, moved, or refused.
    async fn appointments(
        &self,
        context: &Context<'_>,
    ) -> Result<Vec<AppointmentObject>, ApiError> {
        let visits = match &self.visits {
            Some(visits) => visits.clone(),
            None => loaders(context).load(VisitsOf(self.series.id)).await?.unwrap_or_default(),
        };
        Ok(visits.into_iter().map(AppointmentObject).collect())
    }
}

/// What `bookSeries` answers.
#[derive(SimpleObject)]
pub(in crate::graphql) struct BookSeriesPayload {
    /// The series, as soon as all of its times are held. Beside `error`, the series that the scheduling service
    /// refused, which is undone.
    series: Option<AppointmentSeriesObject>,
    /// Why it was not booked, or null when it was.
    error: Option<BookingErrorObject>,
}

/// What `rescheduleSeries` answers.
#[derive(SimpleObject)]
pub(in crate::graphql) struct RescheduleSeriesPayload {
    /// The series: its visits at their new times, or still at their old ones with `pendingStartsAt` while the
    /// scheduling service has not answered. Beside `error` `SCHEDULING_REFUSED`, with those at their old times that it would not
    /// move.
    series: Option<AppointmentSeriesObject>,
    /// Why it was not moved, or not all of it, or null when it was.
    error: Option<BookingErrorObject>,
}

/// What `cancelSeries` answers.
#[derive(SimpleObject)]
pub(in crate::graphql) struct CancelSeriesPayload {
    /// The series: its visits CANCELLED, or CANCELLING while the scheduling service has not acknowledged.
    series: Option<AppointmentSeriesObject>,
    /// Why it was not done, or null when it was.
    error: Option<BookingErrorObject>,
}

/// The series and the error of a payload.
type Told = (Option<AppointmentSeriesObject>, Option<BookingErrorObject>);

fn told(result: Result<SeriesAnswer, Refusal>) -> Result<Told, ApiError> {
    let conflict = |told| Some(BookingErrorObject::SeriesConflict(told));
    Ok(match result {
        Ok(SeriesAnswer::Booked(outcome)) => {
            let error = outcome.refusal().map(refused).transpose()?;
            (Some(outcome.into()), error)
        }
        Ok(SeriesAnswer::Changed(outcome)) => {
            let error = outcome.not_moved.as_deref().map(SeriesConflict::not_moved);
            (Some(outcome.into()), error.and_then(conflict))
        }
        Ok(SeriesAnswer::Clashes(preview)) => (None, conflict(SeriesConflict::of(&preview))),
        Err(error) => (None, Some(refused(error)?)),
    })
}

macro_rules! answered {
    ($($payload:ident)*) => {
        $(impl $payload {
            pub(in crate::graphql) fn of(
                result: Result<SeriesAnswer, Refusal>,
            ) -> Result<Self, ApiError> {
                let (series, error) = told(result)?;
                Ok(Self { series, error })
            }
        })*
    };
}
answered!(BookSeriesPayload RescheduleSeriesPayload CancelSeriesPayload);
