//! The bodies of signing in and out, as the OpenAPI document shows them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Actor, Grant, Permission};

/// Somebody who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes what `object_reader` reads field by field")]
pub(in crate::http) struct SignInBody {
    /// The e-mail address.
    #[schema(example = "ada@example.com", min_length = 1)]
    email: String,
    /// The password.
    #[schema(example = "seven wise badgers", min_length = 1)]
    password: String,
}

/// A password for whoever was invited.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes what `object_reader` reads field by field")]
pub(in crate::http) struct PasswordBody {
    /// The invitation, as an administrator was told it.
    #[schema(min_length = 1)]
    invitation: String,
    /// The password: 12 to 1000 characters, of whatever kind; not one of the first that would be tried.
    #[schema(example = "seven wise badgers", min_length = 12, max_length = 1000)]
    password: String,
}

/// Who somebody is here.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct WhoBody {
    /// `PERSON`, `TOKEN`, `API_TOKEN` (that of the settings) or `EVERYBODY` (access is open).
    #[schema(example = "PERSON")]
    kind: &'static str,
    /// The id of the person or the token.
    #[schema(example = "per_01h455vb4pex5vsknk084sn02q")]
    id: Option<String>,
    /// What the person or the token is called.
    #[schema(example = "Ada Admin")]
    name: Option<String>,
    /// `ADMIN`, `SCHEDULER`, `CLINICIAN`, `AUDITOR` or `VIEWER`.
    #[schema(example = "ADMIN")]
    role: &'static str,
    /// The provider that a clinician is.
    #[schema(example = "prv_01h455vb4pex5vsknk084sn02q")]
    provider_id: Option<String>,
    /// What they may do, at least in part.
    permissions: Vec<&'static str>,
}

impl WhoBody {
    pub(super) fn of(actor: &Actor) -> Self {
        let granted = |permission: &Permission| actor.grant(*permission) != Grant::No;
        Self {
            kind: actor.caller.kind(),
            id: actor.caller.id(),
            name: actor.caller.name().map(str::to_owned),
            role: actor.role.as_str(),
            provider_id: actor.provider_id.map(|id| id.to_string()),
            permissions: Permission::ALL
                .into_iter()
                .filter(granted)
                .map(Permission::as_str)
                .collect(),
        }
    }
}
