//! Lists that forms choose from.

use std::sync::Arc;

use async_graphql::{Context, Object};

use crate::domain::{ClosedDay, UsState};
use crate::graphql::error::ApiError;
use crate::graphql::loaders;
use crate::graphql::types::connection::PageArguments;
use crate::graphql::types::date::Date;
use crate::graphql::types::days::ClosedDayObject;
use crate::graphql::types::insurance::{InsuranceConnection, UsStateObject};
use crate::graphql::types::rules::ClinicRulesObject;
use crate::graphql::types::visit_type::VisitTypeObject;

/// Lists that forms choose from.
#[derive(Default)]
pub struct FormQuery;

/// Lists that forms choose from.
#[Object]
impl FormQuery {
    /// The insurances that the clinic knows, by name: all, or those of which one of the names has every
    /// word of a text.
    async fn insurances(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Only those called so: every word of it is in one of the names, in any order; case and accents do not matter."
        )]
        search: Option<String>,
        #[graphql(
            desc = "At most so many, from the start of the list: 20 unless told, at most 100."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Option<Result<InsuranceConnection, ApiError>> {
        let page = PageArguments { first, after, last, before };
        Some(InsuranceConnection::load(context, search, page).await)
    }

    /// The US states, the District of Columbia and the territories: every place that licenses clinicians.
    async fn us_states(&self) -> Vec<UsStateObject> {
        UsState::all().map(UsStateObject).collect()
    }

    /// The kinds of visits of the clinic, by name; also those that are offered no more.
    async fn visit_types(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only those that are offered, or are not; all unless given.")]
        active: Option<bool>,
    ) -> Result<Vec<VisitTypeObject>, ApiError> {
        let directory = loaders(context).directory().await?;
        let types = directory
            .visit_types()
            .iter()
            .filter(|one| active.is_none_or(|active| one.active == active));
        Ok(types.map(Arc::clone).map(VisitTypeObject).collect())
    }

    /// The clinic's rules.
    async fn clinic_rules(&self, context: &Context<'_>) -> Result<ClinicRulesObject, ApiError> {
        Ok(ClinicRulesObject(*loaders(context).directory().await?.rules()))
    }

    /// The days on which the clinic is closed, in order: all, or those of a span of days.
    async fn closed_days(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The first day; unless given, the first there is.")] from: Option<Date>,
        #[graphql(desc = "The last day; unless given, the last there is.")] to: Option<Date>,
    ) -> Result<Vec<ClosedDayObject>, ApiError> {
        let directory = loaders(context).directory().await?;
        let is_asked = |day: &&ClosedDay| {
            from.is_none_or(|from| from.0 <= day.date) && to.is_none_or(|to| day.date <= to.0)
        };
        let days = directory.closed_days().iter().filter(is_asked);
        Ok(days.cloned().map(ClosedDayObject).collect())
    }
}
