//! `GET /insurances`.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::csv::Row;
use super::reading::{ListPage, ListRequest};
use crate::access::Actor;
use crate::domain::Payer;
use crate::http::problem::Problem;
use crate::http::rest::bodies::Problems;
use crate::services::Services;

/// An insurance that the clinic knows.
#[derive(Clone, Serialize, ToSchema)]
pub(in crate::http) struct InsuranceBody {
    /// The payer's name.
    #[schema(example = "Aetna")]
    name: String,
    /// Other names that people write for it.
    #[schema(example = json!(["Aetna Health"]))]
    aliases: Vec<String>,
    /// Whether it is no insurance: the patient pays.
    #[schema(example = false)]
    self_pay: bool,
}

/// A page of insurances.
#[derive(Clone, Serialize, ToSchema)]
pub(in crate::http) struct InsurancesBody {
    /// The insurances, by name.
    insurances: Vec<InsuranceBody>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

impl Row for InsuranceBody {
    const COLUMNS: &'static [&'static str] = &["name", "aliases", "self_pay"];
}

impl From<&Payer> for InsuranceBody {
    fn from(payer: &Payer) -> Self {
        Self { name: payer.name.clone(), aliases: payer.aliases.clone(), self_pay: payer.self_pay }
    }
}

/// Insurances that the clinic knows
#[utoipa::path(
    get,
    path = "/insurances",
    tag = "looking",
    responses((status = 200, description = "A page of insurances", body = InsurancesBody), Problems)
)]
pub(in crate::http) async fn list_insurances(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    ListRequest { mut query, answer }: ListRequest,
) -> Result<Response, Problem> {
    let directory = services.records.directory(&actor).await?;
    let payers = directory.payers();
    // The name is the place, but the id is what a cursor says.
    let place = |text: &str| {
        let id = text.parse().ok()?;
        payers.iter().position(|payer| payer.id == id)
    };
    let page = ListPage::read(&mut query, place);
    query.finish()?;
    let from = page.after().map_or(0, |last| last + 1);
    let mut found: Vec<_> = payers.iter().skip(from).take(page.fetch()).collect();
    let next = page.cut(&mut found, |payer| payer.id.to_string());
    let rows = found.into_iter().map(|payer| InsuranceBody::from(payer.as_ref())).collect();
    Ok(answer
        .page(rows, next, |insurances, next_cursor| InsurancesBody { insurances, next_cursor }))
}
