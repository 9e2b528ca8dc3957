//! The mocked service's routes.

use std::io;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post, put};
use axum::{Extension, Json, Router, middleware};
use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde::Deserialize;
use uuid::Uuid;

use super::MockScheduler;
use super::book::{Book, Change, Reply, Row, Shown};
use super::faults::Faults;
use super::guard::{check_host, check_token};
use super::ledger::{Ledger, Verdict};
use super::misbehave::{Refusing, misbehave};
use super::problem::{Problem, key_of, parse, require};
use super::reply::{confirmed, not_found, refused};
use super::traced::trace;

const NOT_FREE: &str = "the provider is not free at that time";

/// The mocked service's routes. [`super::serve`] serves them; served otherwise, the faults that
/// close a connection answer 500 instead.
pub fn router(mock: Arc<MockScheduler>) -> Router {
    let appointments = Router::new()
        .route("/appointments", post(book).get(find))
        .route("/appointments/{id}", put(reschedule).delete(cancel))
        .layer(middleware::from_fn_with_state(Arc::clone(&mock), misbehave))
        .layer(middleware::from_fn_with_state(Arc::clone(&mock), check_token));
    Router::new()
        .route("/ledger", get(ledger))
        .route("/faults", get(faults).put(replace_faults))
        .merge(appointments)
        .layer(middleware::from_fn(check_host))
        .layer(middleware::from_fn(trace))
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
    provider_reference: Option<String>,
    provider_name: Option<String>,
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
        let row = Row::new(shown, body.provider_name, body.patient_name);
        let reply = confirmed(StatusCode::CREATED, &row);
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
    let body: RescheduleBody = parse(&body)?;
    let (time, duration_minutes) = (body.time, body.duration_minutes);
    let provider = body.provider_reference.zip(body.provider_name);
    let named = provider.as_ref().is_none_or(|(reference, _name)| !reference.is_empty());
    require(named, "provider_reference must not be empty")?;
    require(duration_minutes > 0, "duration_minutes must be at least 1")?;
    let decide = move |book: &Book| {
        let Some(row) = book.standing(&appointment_id) else {
            return not_found();
        };
        if refusing {
            return refused("the service refuses");
        }
        let mut after = row.clone();
        (after.shown.time, after.shown.duration_minutes) = (time, duration_minutes);
        if let Some((reference, name)) = provider.clone() {
            (after.shown.provider_reference, after.provider_name) = (reference, name);
        }
        let whose = &after.shown.provider_reference;
        if !book.is_free(whose, time, duration_minutes, Some(&appointment_id)) {
            return refused(NOT_FREE);
        }
        let reply = confirmed(StatusCode::OK, &after);
        let change = Change::Moved { appointment_id, time, duration_minutes, provider };
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

/// Either a reference, or both ends of a window.
#[derive(Deserialize)]
struct FindQuery {
    reference: Option<String>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

async fn find(
    State(mock): State<Arc<MockScheduler>>,
    query: Result<Query<FindQuery>, QueryRejection>,
) -> Result<Json<Vec<Shown>>, Problem> {
    let rows = match query {
        Ok(Query(FindQuery { reference: Some(reference), from: None, to: None })) => {
            mock.with_ledger(move |ledger| Ok(ledger.read()?.shown_for(&reference))).await?
        }
        Ok(Query(FindQuery { reference: None, from: Some(from), to: Some(to) })) if from < to => {
            mock.with_ledger(move |ledger| Ok(ledger.read()?.shown_within(from, to))).await?
        }
        _ => {
            let wanted = "the query must name a reference, or a window by from and to";
            return Err(Problem::new(StatusCode::BAD_REQUEST, wanted));
        }
    };
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
    mock.with_ledger(forgetting(faults.forget_share, faults.seed)).await?;
    mock.replace_faults(faults.clone());
    Ok(Json(faults))
}

/// Forgets a share of the appointments that stand, drawn from the seed.
fn forgetting(share: f64, seed: u64) -> impl FnOnce(&mut Ledger) -> io::Result<()> + Send {
    move |ledger| {
        let mut dice = StdRng::seed_from_u64(seed);
        let book = ledger.read()?;
        let drawn = book.standing_ids().filter(|_id| dice.random::<f64>() < share);
        let appointment_ids: Vec<String> = drawn.map(str::to_owned).collect();
        if appointment_ids.is_empty() {
            return Ok(());
        }
        let reply = Reply { status: StatusCode::OK.as_u16(), body: None };
        let change = Some(Change::Forgotten { appointment_ids });
        let forgotten = |_book: &Book| Verdict::Decided { reply, change };
        ledger.decide(format!("forget:{}", new_appointment_id()), forgotten).map(|_reply| ())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the mock stands for a service outside, whose ids are none of domain::ids' business"
)]
fn new_appointment_id() -> String {
    format!("ext_{}", Uuid::now_v7().simple())
}
