//! What handlers share.

use std::sync::Arc;

use axum::extract::FromRef;
use metrics_exporter_prometheus::PrometheusHandle;

use super::callers::{
    Authenticator, HostPolicy, OriginPolicy, ProxyPolicy, PublicUrl, RateLimit, TrustedProxies,
};
use super::graphql::OperationNames;
use super::live::OpenConnections;
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
    /// Who is let in.
    pub access: Arc<Authenticator>,
    /// How much one caller may ask for.
    pub rate: Arc<RateLimit>,
    /// At which names it may be called.
    pub hosts: Arc<HostPolicy>,
    /// From which pages it may be called.
    pub origins: Arc<OriginPolicy>,
    /// Which proxies are believed.
    pub proxies: Arc<TrustedProxies>,
    /// Whether what came through any is answered.
    pub proxied: Arc<ProxyPolicy>,
    /// The address that people type, where it is not that of the request.
    pub public_url: Option<Arc<PublicUrl>>,
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
