//! What the resolver of a subscription is run for: once to begin, and for each event by itself. So one
//! answer to an event can be made for many, each of whom follows by themselves.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Context;

use super::followed::{Event, Followed};
use crate::changes::News;
use crate::records::WaitlistNewsItem;
use crate::roster::RosterNewsItem;

/// What it is run for now: goes with the request, as its data.
pub(in crate::graphql) enum Part {
    /// To read the arguments, and say what is to be followed. It tells nothing.
    Begin(Arc<Beginning>),
    /// To tell that event, whatever the arguments are.
    Tell(Event),
}

/// What is found out in the beginning.
#[derive(Default)]
pub(in crate::graphql) struct Beginning {
    followed: Mutex<Option<Followed>>,
}

impl Part {
    /// The event of an appointment that is to be told.
    pub(in crate::graphql) fn appointment_news(context: &Context<'_>) -> Option<News> {
        match context.data_opt() {
            Some(Self::Tell(Event::Appointment(news))) => Some(news.clone()),
            _ => None,
        }
    }

    /// The event of the roster that is to be told.
    pub(in crate::graphql) fn roster_news(context: &Context<'_>) -> Option<RosterNewsItem> {
        match context.data_opt() {
            Some(Self::Tell(Event::Roster(item))) => Some(item.clone()),
            _ => None,
        }
    }

    /// The entry of the waitlist that is to be told.
    pub(in crate::graphql) fn waitlist_news(
        context: &Context<'_>,
    ) -> Option<Box<WaitlistNewsItem>> {
        match context.data_opt() {
            Some(Self::Tell(Event::Waitlist(item))) => Some(item.clone()),
            _ => None,
        }
    }

    /// Says what is to be followed.
    pub(in crate::graphql) fn follow(context: &Context<'_>, followed: Followed) {
        if let Some(Self::Begin(beginning)) = context.data_opt() {
            *beginning.followed.lock().unwrap_or_else(PoisonError::into_inner) = Some(followed);
        }
    }
}

impl Beginning {
    /// What is to be followed; none where the operation has no field that would be run.
    pub(in crate::graphql) fn followed(&self) -> Option<Followed> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
