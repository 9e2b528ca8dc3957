//! What the mocked service says when it has decided.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::book::{Reply, Row};
use super::ledger::Verdict;

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        match self.body {
            Some(body) => (status, Json(body)).into_response(),
            None => status.into_response(),
        }
    }
}

/// The service's yes: the appointment stands as the row says.
pub(super) fn confirmed(status: StatusCode, row: &Row) -> Reply {
    let body = json!({
        "scheduled": true,
        "reference": row.shown.reference,
        "appointment_id": row.shown.appointment_id,
        "provider": row.provider_name,
        "patient": row.patient_name,
        "time": row.shown.time,
        "duration_minutes": row.shown.duration_minutes,
    });
    Reply { status: status.as_u16(), body: Some(body) }
}

/// The service's no, for good.
pub(super) fn refused(reason: &str) -> Verdict {
    let body = json!({ "scheduled": false, "reason": reason });
    let reply = Reply { status: StatusCode::CONFLICT.as_u16(), body: Some(body) };
    Verdict::Decided { reply, change: None }
}

/// Says that there is no such appointment, or none that still stands.
pub(super) fn not_found() -> Verdict {
    let body = json!({ "message": "there is no such appointment" });
    Verdict::Passing(Reply { status: StatusCode::NOT_FOUND.as_u16(), body: Some(body) })
}
