//! Payers, as forms list them.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use super::connection::{PageArguments, PageInfo, Shown, connection};
use crate::access::Actor;
use crate::domain::{Payer, UsState};
use crate::graphql::error::ApiError;
use crate::graphql::loaders;
use crate::request::search_fault;

/// `Insurance` of the schema.
#[derive(Clone)]
pub(in crate::graphql) struct InsuranceObject(pub(in crate::graphql) Arc<Payer>);

/// An insurance that the clinic knows, under all the names that people write for it.
#[Object(name = "Insurance")]
impl InsuranceObject {
    /// Identifies the insurance; opaque, begins with `ins_`.
    pub(in crate::graphql) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Counts what has changed about it, from 1. Passed as `expectedVersion` it keeps a change from
    /// undoing another that you have not seen.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The name it is shown under, such as `Aetna`.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Other names that people write for it, in alphabetical order.
    async fn aliases(&self) -> &[String] {
        &self.0.aliases
    }

    /// Whether it is no insurance: the patient pays.
    async fn self_pay(&self) -> bool {
        self.0.self_pay
    }

    /// Whether it is accepted at all.
    async fn active(&self) -> bool {
        self.0.active
    }
}

/// `UsState` of the schema.
pub(in crate::graphql) struct UsStateObject(pub(in crate::graphql) UsState);

/// A US state, the District of Columbia, or a territory.
#[Object(name = "UsState")]
impl UsStateObject {
    /// The two-letter postal code, such as `CT`.
    async fn code(&self) -> &'static str {
        self.0.code()
    }

    /// The name, such as `Connecticut`.
    async fn name(&self) -> &'static str {
        self.0.name()
    }
}

impl Shown for InsuranceObject {
    /// An insurance is nobody's secret.
    fn note(&self, _actor: &Actor) {}
}

/// What a list of insurances was asked for: all that it holds, which are few.
struct Filter(usize);

impl Filter {
    #[expect(clippy::unused_async, reason = "counts of other lists are read")]
    async fn count(&self, _context: &Context<'_>) -> Result<u64, ApiError> {
        Ok(u64::try_from(self.0).unwrap_or(u64::MAX))
    }
}

connection!(
    InsuranceConnection "InsuranceConnection",
    InsuranceEdge "InsuranceEdge",
    InsuranceObject,
    "insurance",
    |node: &InsuranceObject| node.0.id.to_string()
);

impl InsuranceConnection {
    pub(in crate::graphql) async fn load(
        context: &Context<'_>,
        search: Option<String>,
        arguments: PageArguments,
    ) -> Result<Self, ApiError> {
        if let Some(fault) = search.as_deref().and_then(search_fault) {
            return Err(ApiError::argument("search", fault));
        }
        let directory = loaders(context).directory().await?;
        let payers = directory.payers();
        // They are listed by name, and a cursor says which one is meant.
        let place = |text: &str| {
            let id = text.parse().ok()?;
            payers.iter().position(|payer| payer.id == id)
        };
        let page = arguments.page(place)?;
        let is_asked = |payer: &Payer| search.as_ref().is_none_or(|words| payer.is_called(words));
        let all: Vec<_> = payers.iter().enumerate().filter(|(_, payer)| is_asked(payer)).collect();
        let total = all.len();
        let found = page.of(all.into_iter(), |(place, _)| *place);
        let (found, page_info) = arguments.cut(found, |(_, payer)| payer.id.to_string());
        let nodes = found.into_iter().map(|(_, payer)| InsuranceObject(Arc::clone(payer)));
        Ok(Self { nodes: nodes.collect(), page_info, filter: Filter(total) })
    }
}
