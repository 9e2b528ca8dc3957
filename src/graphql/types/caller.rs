//! Who calls, and what they may do.

use async_graphql::{Context, Enum, Object};

use super::provider::ProviderObject;
use crate::access::{Actor, Caller, Grant, Permission};
use crate::domain::ProviderId;
use crate::graphql::error::ApiError;
use crate::graphql::loaders;

/// What somebody is to the clinic. What each may do stands in `docs/access.md`.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "Role", remote = "crate::access::Role")]
pub(in crate::graphql) enum RoleEnum {
    /// Runs the clinic's server: everything.
    Admin,
    /// The front desk and the ops team: books for everybody.
    Scheduler,
    /// A provider: their own visits, and whoever comes to them.
    Clinician,
    /// Looks after what was done: all visits without their patients, and the audit trail.
    Auditor,
    /// Sees when somebody is busy, and never with whom.
    Viewer,
}

/// One thing that some may do and others not.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "Permission", remote = "crate::access::Permission")]
pub(in crate::graphql) enum PermissionEnum {
    /// See providers, free times, who matches, and why not.
    ReadSchedule,
    /// See visits, what happens to them, and who waits for one.
    ReadAppointments,
    /// See patients, the patient of a visit, and every free text of it.
    ReadPatients,
    /// Correct a patient.
    UpdatePatients,
    /// Merge patients, see kept mail, revoke a visit's link.
    MergePatients,
    /// Make and revoke calendar feeds.
    ManageFeeds,
    /// Book, move, cancel, hold; series and waitlist too.
    Book,
    /// Pass what is the clinic's policy: hours, buffers, notice and the like.
    Overrule,
    /// Say that a patient has come, was seen, or never came.
    SetVisitStatus,
    /// Change hours, overrides and time off, and see its reasons.
    ManageHours,
    /// Change providers, licences, payers, visit types, rules, webhooks.
    ManageRoster,
    /// Say who may come in: people and tokens.
    ManageAccess,
    /// See the history of a visit.
    ReadHistory,
    /// See the audit trail.
    ReadAuditTrail,
}

/// How somebody has come in.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(in crate::graphql) enum CallerKind {
    /// One of the clinic's staff, who has signed in.
    Person,
    /// A machine with a token of its own.
    Token,
    /// Whoever holds the API token of the settings.
    ApiToken,
    /// Anybody, where access is open.
    Everybody,
    /// Whoever holds the token that opens the metrics and nothing else.
    Metrics,
    /// A patient, by a link that they were sent.
    PatientLink,
    /// Whoever sits at the machine of the server and runs a command.
    Operator,
    /// The server itself, in the background.
    System,
}

impl From<&Caller> for CallerKind {
    fn from(caller: &Caller) -> Self {
        match caller {
            Caller::Person { .. } => Self::Person,
            Caller::Token { .. } => Self::Token,
            Caller::ApiToken => Self::ApiToken,
            Caller::Everybody => Self::Everybody,
            Caller::MetricsReader => Self::Metrics,
            Caller::PatientLink(_) => Self::PatientLink,
            Caller::Operator => Self::Operator,
            Caller::System => Self::System,
        }
    }
}

/// `Viewer` of the schema.
pub(in crate::graphql) struct ViewerObject(pub(in crate::graphql) Actor);

/// Whoever sends the request.
#[Object(name = "Viewer")]
impl ViewerObject {
    /// How they have come in.
    async fn kind(&self) -> CallerKind {
        (&self.0.caller).into()
    }

    /// What the person or the token is called; null for everybody else.
    async fn name(&self) -> Option<&str> {
        self.0.caller.name()
    }

    /// What they are to the clinic.
    async fn role(&self) -> RoleEnum {
        self.0.role.into()
    }

    /// The provider that a clinician is.
    async fn provider(&self, context: &Context<'_>) -> Option<Result<ProviderObject, ApiError>> {
        bound_provider(context, self.0.provider_id).await.transpose()
    }

    /// What they may do, at least in part: some may do it for what is their own, or see it without the
    /// patients.
    async fn permissions(&self) -> Vec<PermissionEnum> {
        let granted = |permission: &Permission| self.0.grant(*permission) != Grant::No;
        Permission::ALL.into_iter().filter(granted).map(Into::into).collect()
    }
}

/// The provider that a role is bound to, whether or not they can be scheduled just now.
pub(super) async fn bound_provider(
    context: &Context<'_>,
    id: Option<ProviderId>,
) -> Result<Option<ProviderObject>, ApiError> {
    let Some(id) = id else { return Ok(None) };
    let directory = loaders(context).directory().await?;
    Ok(directory.provider_of_visit(id).cloned().map(ProviderObject))
}
