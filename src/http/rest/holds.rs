//! The REST routes of times that are held: hold, release.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::bodies::{BodyProblems, HoldSlotBody, Problems};
use super::lists::slots::SlotBody;
use super::object_reader::{JsonObject, ObjectReader};
use crate::access::Actor;
use crate::booking::on_its_own_task;
use crate::domain::time_slot::rfc3339;
use crate::holding::{HeldOffer, HoldSlot, RawHold, ReleaseHold};
use crate::http::idempotency::{REPLAYED, idempotency_key};
use crate::http::problem::Problem;
use crate::http::query_string::PathId;
use crate::http::recorded::or_refused;
use crate::request::{AskedVisitType, Field};
use crate::services::Services;

/// A time that is held.
#[derive(Clone, Serialize, ToSchema)]
pub(in crate::http) struct HoldBody {
    /// By what it is booked (`hold_token` of `POST /appointment`) or released. Whoever has it may.
    #[schema(example = "clh_01h455vb4pex5vsknk084sn02q")]
    token: String,
    /// From when on the time is free again.
    #[schema(example = "2027-01-13T14:05:00Z")]
    expires_at: String,
    #[serde(flatten)]
    slot: SlotBody,
}

impl From<HeldOffer> for HoldBody {
    fn from(HeldOffer { hold, token, offer }: HeldOffer) -> Self {
        let (token, expires_at) = (token.reveal().to_owned(), rfc3339(hold.expires_at));
        Self { token, expires_at, slot: SlotBody::from(offer) }
    }
}

/// Hold a time
///
/// For a few minutes, while it is found out who it is for: the time asked for, or the first free one. Nobody
/// else is offered it or books it. `POST /appointment` books it by its token; from `expires_at` on it is free by
/// itself.
#[utoipa::path(
    post,
    path = "/hold",
    tag = "holds",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a retry safe: the same key answers the same hold with its token, as long as it is one. 1 to 255 visible ASCII characters.", pattern = "^[!-~]{1,255}$")),
    request_body(content = HoldSlotBody, example = json!({ "state": "CT", "insurance": "Aetna" })),
    responses(
        (status = 201, description = "Held", body = HoldBody),
        Problems,
        BodyProblems
    )
)]
pub(in crate::http) async fn hold(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    JsonObject(object): JsonObject,
) -> Result<Response, Problem> {
    let mut body = ObjectReader::new(object);
    let visit_type = body.text("visit_type", Field::VisitType);
    let raw = RawHold {
        provider_id: body.text("provider_id", Field::ProviderId),
        state: body.text("state", Field::VisitState),
        insurance: body.text("insurance", Field::VisitInsurance),
        starts_at: body.instant("time", Field::StartsAt),
        after: body.instant("after", Field::After),
        duration_minutes: body.integer("duration_minutes", Field::DurationMinutes),
        visit_type: visit_type.map(|text| AskedVisitType::of_id_or_name(&text)),
        minutes: body.integer("minutes", Field::HoldMinutes),
        idempotency_key: idempotency_key(&headers),
        violations: body.finish(),
    };
    let command = or_refused(&services, &actor, "holdSlot", HoldSlot::parse(raw)).await?;
    let holding = Arc::clone(&services.holding);
    let outcome = on_its_own_task(async move { holding.hold(&actor, &command).await }).await?;
    let body = Json(HoldBody::from(outcome.held));
    Ok(replayed((StatusCode::CREATED, body).into_response(), outcome.replayed))
}

/// Release a hold
///
/// Its time is free at once.
#[utoipa::path(
    delete,
    path = "/hold/{token}",
    tag = "holds",
    params(("token" = String, Path, description = "The hold's token", example = "clh_01h455vb4pex5vsknk084sn02q"), ("Idempotency-Key" = Option<String>, Header, description = "Makes a retry safe: the same key answers 204 again. 1 to 255 visible ASCII characters.", pattern = "^[!-~]{1,255}$")),
    responses((status = 204, description = "Released"), Problems)
)]
pub(in crate::http) async fn release(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    PathId(token): PathId,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let command = ReleaseHold::parse(&token, idempotency_key(&headers).as_deref(), Vec::new());
    let command = or_refused(&services, &actor, "releaseHold", command).await?;
    let holding = Arc::clone(&services.holding);
    let outcome = on_its_own_task(async move { holding.release(&actor, &command).await }).await?;
    Ok(replayed(StatusCode::NO_CONTENT.into_response(), outcome.replayed))
}

/// The answer, saying where it repeats an earlier one.
fn replayed(mut response: Response, is_replayed: bool) -> Response {
    if is_replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}
