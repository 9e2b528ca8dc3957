//! `GET /providers`.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::csv::{Row, joined};
use super::reading::{ListPage, ListRequest};
use crate::access::Actor;
use crate::domain::working_hours::weekday_name;
use crate::domain::{Provider, ProviderId, UsState, WorkingHours};
use crate::http::problem::Problem;
use crate::http::rest::bodies::Problems;
use crate::request::provider_filter;
use crate::services::Services;

/// A clinician who sees patients.
#[derive(Clone, Serialize, ToSchema)]
pub(in crate::http) struct ProviderBody {
    /// Identifies the provider.
    #[schema(example = "prv_01h455vb4pex5vsknk084sn02q")]
    provider_id: String,
    /// Counts the committed changes, from 1.
    #[schema(example = 1)]
    version: i32,
    /// The name patients see.
    #[schema(example = "Dr. Jane Doe")]
    name: String,
    /// Degrees and titles.
    #[schema(example = "MD")]
    credentials: String,
    /// IANA name of the zone the working hours are in.
    #[schema(example = "America/New_York")]
    time_zone: String,
    /// Two-letter codes of the states for which a licence is valid today.
    #[schema(example = json!(["CT"]))]
    states: Vec<&'static str>,
    /// Names of the payers whose insurance is accepted.
    #[schema(example = json!(["Aetna"]))]
    insurances: Vec<String>,
    /// When they work, the same every week, Monday first.
    working_hours: Vec<WorkingHoursBody>,
}

/// A span of work that repeats every week, in the provider's local time.
#[derive(Clone, Serialize, ToSchema)]
pub(in crate::http) struct WorkingHoursBody {
    /// The day of the week.
    #[schema(example = "MONDAY")]
    weekday: &'static str,
    /// When it opens.
    #[schema(example = "09:00")]
    opens_at: String,
    /// When it closes; `24:00` closes a day.
    #[schema(example = "17:00")]
    closes_at: String,
}

/// A page of providers.
#[derive(Clone, Serialize, ToSchema)]
pub(in crate::http) struct ProvidersBody {
    /// The providers, those who joined first coming first.
    providers: Vec<ProviderBody>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

impl Row for ProviderBody {
    const COLUMNS: &'static [&'static str] = &[
        "provider_id",
        "version",
        "name",
        "credentials",
        "time_zone",
        "states",
        "insurances",
        "working_hours",
    ];

    fn summary(&self, column: &str) -> Option<String> {
        let span = |hours: &WorkingHoursBody| {
            format!("{} {}-{}", hours.weekday, hours.opens_at, hours.closes_at)
        };
        (column == "working_hours").then(|| joined(self.working_hours.iter().map(span)))
    }
}

impl ProviderBody {
    fn at(provider: &Provider, now: Timestamp) -> Self {
        Self {
            provider_id: provider.id.to_string(),
            version: provider.version,
            name: provider.name.clone(),
            credentials: provider.credentials.clone(),
            time_zone: provider.time_zone.clone(),
            states: provider.licensed_states(now).into_iter().map(UsState::code).collect(),
            insurances: provider.payers.iter().map(|payer| payer.name.clone()).collect(),
            working_hours: provider.weekly_hours().into_iter().map(Into::into).collect(),
        }
    }
}

impl From<WorkingHours> for WorkingHoursBody {
    fn from(hours: WorkingHours) -> Self {
        Self {
            weekday: weekday_name(hours.weekday),
            opens_at: hours.opens_at.to_string(),
            closes_at: hours.closes_at.to_string(),
        }
    }
}

/// Providers
///
/// All, or those who hold a licence for a state that is valid today, accept an insurance, and are
/// called something.
#[utoipa::path(
    get,
    path = "/providers",
    tag = "looking",
    params(
        ("state" = Option<String>, Query, description = "Only who is licensed there: a two-letter code or a name", example = "CT"),
        ("insurance" = Option<String>, Query, description = "Only who accepts it, under any of the names that people write for it", example = "Aetna"),
        ("name" = Option<String>, Query, description = "Only whose name has every word of this, in any order; case and accents do not matter")
    ),
    responses((status = 200, description = "A page of providers", body = ProvidersBody), Problems)
)]
pub(in crate::http) async fn list_providers(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    ListRequest { mut query, answer }: ListRequest,
) -> Result<Response, Problem> {
    let (state, insurance, name) =
        (query.text("state"), query.text("insurance"), query.text("name"));
    let page = ListPage::<ProviderId>::parsed(&mut query);
    query.finish()?;
    let (directory, now) = (services.records.directory(&actor).await?, services.now());
    let filter =
        provider_filter(&directory, state.as_deref(), insurance.as_deref(), name.as_deref())?;
    let listed = directory.listed(&filter, now);
    let mut found = page.page().of(listed.into_iter(), |provider| provider.id);
    let next = page.cut(&mut found, |provider| provider.id.to_string());
    let rows = found.into_iter().map(|provider| ProviderBody::at(provider, now)).collect();
    Ok(answer.page(rows, next, |providers, next_cursor| ProvidersBody { providers, next_cursor }))
}
