//! `GET /slots`, and the first of them, `GET /appointments/first-available`.

use axum::extract::State;
use axum::response::Response;
use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::csv::Row;
use super::reading::{ListPage, ListRequest};
use crate::access::Actor;
use crate::domain::Offer;
use crate::domain::ranking::OfferPosition;
use crate::domain::time_slot::rfc3339;
use crate::http::problem::Problem;
use crate::http::query_string::{QueryParameters, in_query};
use crate::http::rest::bodies::Problems;
use crate::request::{AskedVisitType, Refusal};
use crate::search::AvailabilityQuery;
use crate::services::Services;

/// A free time that can be booked, unless somebody takes it first.
#[derive(Clone, Serialize, ToSchema)]
pub(in crate::http) struct SlotBody {
    /// Whose time it is.
    #[schema(example = "prv_01h455vb4pex5vsknk084sn02q")]
    provider_id: String,
    /// The provider's name.
    #[schema(example = "Dr. Jane Doe")]
    provider: String,
    /// When it starts.
    #[schema(example = "2027-01-15T14:30:00Z")]
    time: String,
    /// How long it is, in minutes.
    #[schema(example = 30)]
    duration_minutes: i64,
    /// When it starts on the provider's clock.
    #[schema(example = "2027-01-15T09:30:00-05:00")]
    local_time: String,
    /// When it starts on the clock of most people of the state; null when no state was given.
    #[schema(example = "2027-01-15T06:30:00-08:00")]
    patient_local_time: Option<String>,
    /// IANA name of the zone of that clock.
    #[schema(example = "America/Los_Angeles")]
    patient_time_zone: Option<String>,
}

/// A page of free times.
#[derive(Clone, Serialize, ToSchema)]
pub(in crate::http) struct SlotsBody {
    /// The times, in order; of equals, who has the fewest visits that day first.
    slots: Vec<SlotBody>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

impl Row for SlotBody {
    const COLUMNS: &'static [&'static str] = &[
        "provider_id",
        "provider",
        "time",
        "duration_minutes",
        "local_time",
        "patient_local_time",
        "patient_time_zone",
    ];
}

impl From<Offer> for SlotBody {
    fn from(offer: Offer) -> Self {
        let starts_at = offer.slot.starts_at();
        let (patient_local_time, patient_time_zone) = offer.patient_local();
        Self {
            patient_local_time,
            patient_time_zone,
            provider_id: offer.provider.id.to_string(),
            time: rfc3339(starts_at),
            duration_minutes: offer.slot.minutes(),
            local_time: offer.provider.local(starts_at),
            provider: offer.provider.name.clone(),
        }
    }
}

/// Whose time is asked for, and how much of it.
fn wanted(mut query: QueryParameters) -> Result<AvailabilityQuery, Refusal> {
    let minutes = query.integer("duration_minutes");
    let (provider_id, state, insurance) =
        (query.text("provider_id"), query.text("state"), query.text("insurance"));
    let visit_type = query.text("visit_type").map(|text| AskedVisitType::of_id_or_name(&text));
    let parsed = AvailabilityQuery::parse(
        provider_id.as_deref(),
        state.as_deref(),
        insurance.as_deref(),
        (minutes, visit_type),
        None,
        query.violations(),
    );
    parsed.map_err(in_query)
}

/// Free times
///
/// The offered times that lie wholly inside a window, of one provider, or of all who may treat a
/// patient in a state with an insurance. The window is cut at now and at the booking horizon. A day
/// as `from` or `to` is in it as a whole.
#[utoipa::path(
    get,
    path = "/slots",
    tag = "looking",
    params(
        ("provider_id" = Option<String>, Query, description = "Only this provider; unless it is given, state and insurance are needed"),
        ("state" = Option<String>, Query, description = "The state the patient is in; goes with insurance", example = "CT"),
        ("insurance" = Option<String>, Query, description = "The patient's insurance; goes with state", example = "Aetna"),
        ("from" = Option<String>, Query, description = "Start of the window: an RFC 3339 instant, or a day such as 2027-01-15, on the clinic's clock; now unless given"),
        ("to" = Option<String>, Query, description = "End of the window: an RFC 3339 instant, which does not belong to it, or a day, which does; the booking horizon unless given"),
        ("duration_minutes" = Option<i64>, Query, description = "5 to 480; as the visit type says unless given, else 30", minimum = 5, maximum = 480),
        ("visit_type" = Option<String>, Query, description = "The visit type, by its id or name: only who offers it")
    ),
    responses((status = 200, description = "A page of free times", body = SlotsBody), Problems)
)]
pub(in crate::http) async fn list_slots(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    ListRequest { mut query, answer }: ListRequest,
) -> Result<Response, Problem> {
    let window = query.open_window(&services, &actor).await?;
    let page = ListPage::<OfferPosition>::parsed(&mut query);
    let wanted = wanted(query)?;
    let (search, after) = (&services.search, page.after().copied());
    let mut found = search.list_offers(&actor, &wanted, window, after, page.fetch()).await?;
    let next = page.cut(&mut found, |last| last.position.to_string());
    let rows = found.into_iter().map(|listed| SlotBody::from(listed.offer)).collect();
    Ok(answer.page(rows, next, |slots, next_cursor| SlotsBody { slots, next_cursor }))
}

/// The first free time
///
/// Of one provider, or of all who may treat a patient in a state with an insurance: then it lies between
/// 07:00 and 21:00 (unless the clinic has set others) on the clock of most people of the state, if anybody
/// has such a time.
#[utoipa::path(
    get,
    path = "/appointments/first-available",
    tag = "appointments",
    params(
        ("after" = Option<String>, Query, description = "The earliest start: an RFC 3339 instant, or a day such as 2027-01-15, on the clinic's clock; now unless given"),
        ("duration_minutes" = Option<i64>, Query, description = "5 to 480; as the visit type says unless given, else 30", minimum = 5, maximum = 480),
        ("visit_type" = Option<String>, Query, description = "The visit type, by its id or name: only who offers it"),
        ("provider_id" = Option<String>, Query, description = "Only this provider; unless it is given, state and insurance are needed"),
        ("state" = Option<String>, Query, description = "The state the patient is in; goes with insurance", example = "CT"),
        ("insurance" = Option<String>, Query, description = "The patient's insurance; goes with state", example = "Aetna")
    ),
    responses((status = 200, description = "The first free time", body = SlotBody), Problems)
)]
pub(in crate::http) async fn first_available(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    mut query: QueryParameters,
) -> Result<Json<SlotBody>, Problem> {
    let after = query.first_moment("after", &services, &actor).await?;
    let offer = services.search.first_available(&actor, &wanted(query)?, after).await?;
    Ok(Json(offer.into()))
}
