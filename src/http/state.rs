//! What handlers share.

use std::sync::Arc;

use axum::extract::FromRef;
use metrics_exporter_prometheus::PrometheusHandle;

use super::graphql::OperationNames;
use super::live::OpenConnections;
use super::middleware::Authenticator;
use crate::graphql::ClinicSchema;
use crate::graphql::gate::Gate;
use crate::health::Health;
use crate::services::Services;

/// What handlers share.
#[derive(Clone)]
pub struct AppState {
    /// The use cases.
    pub services: Services,
    /// The GraphQL schema over them.
    pub schema: ClinicSchema,
    /// What every GraphQL request passes before it reaches the schema.
    pub gate: Arc<Gate>,
    /// The names of operations that the metrics tell apart.
    pub operations: Arc<OperationNames>,
    /// Who may call.
    pub access: Arc<Authenticator>,
    /// The connections that stay open.
    pub live: OpenConnections,
    /// How the server itself is.
    pub health: Arc<Health>,
    /// Prints the metrics, where they are collected.
    pub metrics: Option<PrometheusHandle>,
}

impl FromRef<AppState> for Services {
    fn from_ref(state: &AppState) -> Self {
        state.services.clone()
    }
}
