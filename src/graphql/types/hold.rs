//! Times that are held: what their mutations take and answer.

use async_graphql::{ID, InputObject, Object, SimpleObject};

use super::access_change::refused;
use super::booking_error::BookingErrorObject;
use super::instant::DateTime;
use super::slot::{SlotObject, asked_visit_type};
use crate::graphql::error::ApiError;
use crate::graphql::notes::Notes;
use crate::holding::{HeldOffer, HoldOutcome, HoldSlot, RawHold, ReleaseHold, ReleaseOutcome};
use crate::request::Refusal;

/// A time to hold: of the provider of `providerId`, or of whoever may treat a patient in `state` with `insurance`.
/// Without `startsAt` the first free time is held.
#[derive(InputObject)]
pub(in crate::graphql) struct HoldSlotInput {
    /// Whose time. Unless it is given, `state` and `insurance` are needed.
    provider_id: Option<ID>,
    /// The state the patient is in: a two-letter code or a name. Goes together with `insurance`.
    state: Option<String>,
    /// The patient's insurance, under any of the names that people write for it. Goes together with `state`.
    insurance: Option<String>,
    /// The start asked for: a whole minute, and not this one. Not together with `after`.
    starts_at: Option<DateTime>,
    /// The earliest start; now unless given. Not together with `startsAt`.
    after: Option<DateTime>,
    /// Length of the visit: 5 to 480 whole minutes; as its visit type says unless given, else 30.
    duration_minutes: Option<i32>,
    /// The visit type.
    visit_type_id: Option<ID>,
    /// For how many minutes: 1 to 30. No time is held past its own start.
    #[graphql(default_with = "Some(5)")]
    minutes: Option<i32>,
    /// Makes a retry safe: the same key answers the same hold with its token, as long as it is one. 1 to 255
    /// visible ASCII characters.
    idempotency_key: Option<String>,
}

impl HoldSlotInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<HoldSlot, Refusal> {
        HoldSlot::parse(RawHold {
            provider_id: self.provider_id.map(|id| id.0),
            state: self.state,
            insurance: self.insurance,
            starts_at: self.starts_at.map(|time| time.0),
            after: self.after.map(|time| time.0),
            duration_minutes: self.duration_minutes.map(i64::from),
            visit_type: asked_visit_type(self.visit_type_id),
            minutes: self.minutes.map(i64::from),
            idempotency_key: notes.key(self.idempotency_key),
            violations: Vec::new(),
        })
    }
}

/// A hold to release.
#[derive(InputObject)]
pub(in crate::graphql) struct ReleaseHoldInput {
    /// Its token.
    token: String,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl ReleaseHoldInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<ReleaseHold, Refusal> {
        ReleaseHold::parse(&self.token, notes.key(self.idempotency_key).as_deref(), Vec::new())
    }
}

/// `Hold` of the schema.
pub(in crate::graphql) struct HoldObject(HeldOffer);

/// A time that is kept for whoever has its token.
#[Object(name = "Hold")]
impl HoldObject {
    /// By what it is booked (`bookAppointment`, as `holdToken`) or released; begins with `clh_`. Whoever has it
    /// may.
    async fn token(&self) -> &str {
        self.0.token.reveal()
    }

    /// From when on the time is free again.
    async fn expires_at(&self) -> DateTime {
        DateTime(self.0.hold.expires_at)
    }

    /// The time, and whose it is.
    async fn slot(&self) -> SlotObject {
        SlotObject(self.0.offer.clone())
    }
}

/// What `holdSlot` answers.
#[derive(SimpleObject)]
pub(in crate::graphql) struct HoldSlotPayload {
    /// What is held.
    hold: Option<HoldObject>,
    /// Why nothing is, or null when something is.
    error: Option<BookingErrorObject>,
}

impl HoldSlotPayload {
    pub(in crate::graphql) fn of(result: Result<HoldOutcome, Refusal>) -> Result<Self, ApiError> {
        match result {
            Ok(outcome) => Ok(Self { hold: Some(HoldObject(outcome.held)), error: None }),
            Err(error) => Ok(Self { hold: None, error: Some(refused(error)?) }),
        }
    }
}

/// What `releaseHold` answers.
#[derive(SimpleObject)]
pub(in crate::graphql) struct ReleaseHoldPayload {
    /// What was held until now; null also when the request is repeated.
    hold: Option<HoldObject>,
    /// Why it was not released, or null when it was.
    error: Option<BookingErrorObject>,
}

impl ReleaseHoldPayload {
    pub(in crate::graphql) fn of(
        result: Result<ReleaseOutcome, Refusal>,
    ) -> Result<Self, ApiError> {
        match result {
            Ok(outcome) => Ok(Self { hold: outcome.released.map(HoldObject), error: None }),
            Err(error) => Ok(Self { hold: None, error: Some(refused(error)?) }),
        }
    }
}
