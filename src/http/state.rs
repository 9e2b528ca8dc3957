//! What handlers share.

use std::sync::Arc;

use axum::extract::FromRef;
use metrics_exporter_prometheus::PrometheusHandle;

use super::live::Live;
use super::middleware::Access;
use crate::booking::BookingService;
use crate::graphql::ClinicSchema;
use crate::graphql::gate::Gate;

/// What handlers share.
#[derive(Clone)]
pub struct AppState {
    /// The use cases.
    pub service: Arc<BookingService>,
    /// The GraphQL schema over them.
    pub schema: ClinicSchema,
    /// What every GraphQL request passes before it reaches the schema.
    pub gate: Arc<Gate>,
    /// Who may call.
    pub access: Arc<Access>,
    /// The connections that stay open.
    pub live: Live,
    /// Prints the metrics, where they are collected.
    pub metrics: Option<PrometheusHandle>,
}

impl FromRef<AppState> for Arc<BookingService> {
    fn from_ref(state: &AppState) -> Self {
        Self::clone(&state.service)
    }
}
