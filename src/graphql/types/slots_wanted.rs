//! Which times of a provider are asked for.

use async_graphql::{Context, ID};

use super::instant::DateTime;
use super::slot::asked_visit_type;
use crate::domain::{TimeSlot, VisitLength, VisitShape};
use crate::graphql::error::ApiError;
use crate::graphql::loaders;
use crate::request::{AskedVisitType, parse_length, parse_window};

/// How many times a list of all who may treat a patient has at most.
pub(in crate::graphql) const MOST_OFFERS: usize = 1500;

/// Which offered times are asked for.
pub(in crate::graphql) struct SlotsWanted {
    pub(in crate::graphql) window: TimeSlot,
    length: Option<VisitLength>,
    visit_type: Option<AskedVisitType>,
}

impl SlotsWanted {
    pub(in crate::graphql) fn parse(
        from: DateTime,
        to: DateTime,
        duration_minutes: Option<i32>,
        visit_type_id: Option<ID>,
    ) -> Result<Self, ApiError> {
        let length = parse_length(duration_minutes.map(i64::from))?;
        let window = parse_window(from.0, to.0)?;
        Ok(Self { window, length, visit_type: asked_visit_type(visit_type_id) })
    }

    /// What the visits are like.
    pub(in crate::graphql) async fn shape(
        &self,
        context: &Context<'_>,
    ) -> Result<VisitShape, ApiError> {
        shape_of(context, self.length, self.visit_type.as_ref()).await
    }
}

/// What a visit is like that is asked for.
pub(in crate::graphql) async fn visit_shape(
    context: &Context<'_>,
    duration_minutes: Option<i32>,
    visit_type_id: Option<ID>,
) -> Result<VisitShape, ApiError> {
    let length = parse_length(duration_minutes.map(i64::from))?;
    shape_of(context, length, asked_visit_type(visit_type_id).as_ref()).await
}

async fn shape_of(
    context: &Context<'_>,
    length: Option<VisitLength>,
    visit_type: Option<&AskedVisitType>,
) -> Result<VisitShape, ApiError> {
    match visit_type {
        Some(_) => {
            let directory = loaders(context).directory().await?;
            Ok(AskedVisitType::shape(visit_type, length, &directory)?)
        }
        None => Ok(VisitShape::plain(length.unwrap_or(VisitLength::DEFAULT))),
    }
}
