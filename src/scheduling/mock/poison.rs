//! Visits that the mocked service always stumbles over: of one provider, or of patients of a name.

use std::io;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use serde::Deserialize;
use tokio::time::{Duration, sleep};

use super::MockScheduler;
use super::problem::Problem;

/// What tells whose visit a booking is about.
#[derive(Deserialize)]
struct Whose {
    provider_reference: String,
    patient_name: String,
}

/// The answer to a booking, a move or a cancel of a visit that is poison; none to any other request.
pub(super) async fn poison(
    mock: &Arc<MockScheduler>,
    parts: &Parts,
    body: &Bytes,
) -> io::Result<Option<Problem>> {
    let faults = mock.faults();
    if !faults.are_poisoned() || parts.method == Method::GET {
        return Ok(None);
    }
    let whose = if parts.method == Method::POST {
        serde_json::from_slice::<Whose>(body).ok()
    } else {
        let id = parts.uri.path().rsplit('/').next().unwrap_or_default().to_owned();
        let find = move |ledger: &mut super::ledger::Ledger| {
            Ok(ledger.read()?.standing(&id).map(|row| Whose {
                provider_reference: row.shown.provider_reference.clone(),
                patient_name: row.patient_name.clone(),
            }))
        };
        mock.with_ledger(find).await?
    };
    let status = whose.and_then(|it| faults.poison(&it.provider_reference, &it.patient_name));
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    if status.is_some() {
        sleep(Duration::from_millis(faults.poison_latency_ms)).await;
    }
    Ok(status.map(|status| Problem::new(status, "an error was ordered for this visit")))
}
