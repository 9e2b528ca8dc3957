//! What every resolver may ask for: what the schema was built with, and what its request brought.

use std::sync::Arc;

use async_graphql::Context;

use super::loaders::Loaders;
use crate::booking::{Actor, BookingService};

pub(super) fn service<'a>(context: &Context<'a>) -> &'a Arc<BookingService> {
    context.data_unchecked()
}

pub(super) fn loaders<'a>(context: &Context<'a>) -> &'a Loaders {
    context.data_unchecked()
}

pub(super) fn actor<'a>(context: &Context<'a>) -> &'a Actor {
    context.data_unchecked()
}
