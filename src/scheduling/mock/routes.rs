//! The mocked service's routes.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post, put};
use axum::{Extension, Json, Router, middleware};
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::MockScheduler;
use super::book::{Book, Change, Reply, Row, Shown};
use super::faults::Faults;
use super::ledger::Verdict;
use super::misbehave::{Refusing, misbehave};
use super::problem::{Problem, key_of, parse, require};
use super::reply::{confirmed, not_found, refused};

const NOT_FREE: &str = "the provider is not free at that time";

/// The mocked service's routes. [`super::serve`] serves them; served otherwise, the faults that
/// close a connection answer 500 instead.
pub fn router(mock: Arc<MockScheduler>) -> Router {
    let appointments = Router::new()
        .route("/appointments", post(book).get(find))
        .route("/appointments/{id}", put(reschedule).delete(cancel))
        .layer(middleware::from_fn_with_state(Arc::clone(&mock), misbehave));
    Router::new()
        .route("/ledger", get(ledger))
        .route("/faults", get(faults).put(replace_faults))
        .merge(appointments)
        .with_state(mock)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BookBody {
    reference: String,
    provider_reference: String,
    provider_name: String,
    patient_name: String,
    time: Timestamp,
    duration_minutes: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RescheduleBody {
    time: Timestamp,
    duration_minutes: u16,
}

async fn book(
    State(mock): State<Arc<MockScheduler>>,
    Extension(Refusing(refusing)): Extension<Refusing>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Reply, Problem> {
    let key = key_of(&headers)?;
    let body: BookBody = parse(&body)?;
    require(!body.reference.is_empty(), "reference must not be empty")?;
    require(!body.provider_reference.is_empty(), "provider_reference must not be empty")?;
    require(body.duration_minutes > 0, "duration_minutes must be at least 1")?;
    let decide = move |book: &Book| {
        if refusing {
            return refused("the service refuses");
        }
        if !book.is_free(&body.provider_reference, body.time, body.duration_minutes, None) {
            return refused(NOT_FREE);
        }
        let shown = Shown {
            reference: body.reference,
            appointment_id: new_appointment_id(),
            provider_reference: body.provider_reference,
            time: body.time,
            duration_minutes: body.duration_minutes,
            cancelled: false,
        };
        let (provider_name, patient_name) = (body.provider_name, body.patient_name);
        let row = Row { shown, provider_name, patient_name };
        let reply = confirmed(StatusCode::CREATED, &row, row.shown.time);
        Verdict::Decided { reply, change: Some(Change::Booked(row)) }
    };
    Ok(mock.with_ledger(|ledger| ledger.decide(key, decide)).await?)
}

async fn reschedule(
    State(mock): State<Arc<MockScheduler>>,
    Extension(Refusing(refusing)): Extension<Refusing>,
    Path(appointment_id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Reply, Problem> {
    let key = key_of(&headers)?;
    let RescheduleBody { time, duration_minutes } = parse(&body)?;
    require(duration_minutes > 0, "duration_minutes must be at least 1")?;
    let decide = move |book: &Book| {
        let Some(row) = book.standing(&appointment_id) else {
            return not_found();
        };
        if refusing {
            return refused("the service refuses");
        }
        let provider = &row.shown.provider_reference;
        if !book.is_free(provider, time, duration_minutes, Some(&appointment_id)) {
            return refused(NOT_FREE);
        }
        let reply = confirmed(StatusCode::OK, row, time);
        let change = Change::Moved { appointment_id, time, duration_minutes };
        Verdict::Decided { reply, change: Some(change) }
    };
    Ok(mock.with_ledger(|ledger| ledger.decide(key, decide)).await?)
}

async fn cancel(
    State(mock): State<Arc<MockScheduler>>,
    Path(appointment_id): Path<String>,
    headers: HeaderMap,
) -> Result<Reply, Problem> {
    let key = key_of(&headers)?;
    let decide = move |book: &Book| {
        if book.standing(&appointment_id).is_none() {
            return not_found();
        }
        let reply = Reply { status: StatusCode::NO_CONTENT.as_u16(), body: None };
        Verdict::Decided { reply, change: Some(Change::Cancelled { appointment_id }) }
    };
    Ok(mock.with_ledger(|ledger| ledger.decide(key, decide)).await?)
}

#[derive(Deserialize)]
struct FindQuery {
    reference: String,
}

async fn find(
    State(mock): State<Arc<MockScheduler>>,
    query: Result<Query<FindQuery>, QueryRejection>,
) -> Result<Json<Vec<Shown>>, Problem> {
    let Ok(Query(FindQuery { reference })) = query else {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "the query must name a reference"));
    };
    let rows = mock.with_ledger(move |ledger| Ok(ledger.read()?.shown_for(&reference))).await?;
    Ok(Json(rows))
}

async fn ledger(State(mock): State<Arc<MockScheduler>>) -> Result<Json<Vec<Shown>>, Problem> {
    Ok(Json(mock.with_ledger(|ledger| Ok(ledger.read()?.shown())).await?))
}

async fn faults(State(mock): State<Arc<MockScheduler>>) -> Json<Faults> {
    Json(mock.faults())
}

async fn replace_faults(
    State(mock): State<Arc<MockScheduler>>,
    body: Bytes,
) -> Result<Json<Faults>, Problem> {
    let faults: Faults = parse(&body)?;
    if let Err(error) = faults.check() {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()));
    }
    mock.replace_faults(faults.clone());
    Ok(Json(faults))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the mock stands for a service outside, whose ids are none of domain::ids' business"
)]
fn new_appointment_id() -> String {
    format!("ext_{}", Uuid::now_v7().simple())
}
