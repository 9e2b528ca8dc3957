//! Plumbing: a real application on a real database, with a clock that stands still.

mod agreement;
mod app;
mod bulk;
mod callers;
mod clock;
mod database;
mod described;
mod log;
mod process;
mod roster;
mod staff;
mod statements;
mod stub;
mod subscriber;
mod trail;
mod until;
mod visits;
mod watchdog;

pub(crate) use agreement::overlaps;
pub(crate) use app::{AUDIT_KEY, Answer, TestApp, TestAppBuilder, by_the_real_clock};
pub(crate) use bulk::Bulk;
pub(crate) use callers::{caller, now_a};
pub(crate) use database::{Engine, TestDatabase, take_back, take_back_steps};
pub(crate) use described::{DOCUMENT, complaints, document_at, resolved};
pub(crate) use log::{capture, logged};
pub(crate) use process::{Ended, ServerProcess, clinic, clinic_with, not_yet};
pub(crate) use roster::{RosterBuilder, provider};
pub(crate) use staff::{API_TOKEN, Member, PASSWORD, closed, cookie_of};
pub(crate) use stub::{StubScheduler, stubbed, unknown_outcomes};
pub(crate) use subscriber::{BEGINNING, ROSTER_BEGINNING, Subscriber, WebSocketClient, stream};
pub(crate) use trail::{audit_key, findings, rows, verified};
pub(crate) use until::{bounded, comes_true, in_time};
pub(crate) use visits::{
    assert_taken, book_by_graphql, book_in_vain, first_free, id_of, input_of, john, patient,
    with_jane,
};

/// Runs one test on both engines: `on_both_engines!(name, |engine| async move { … })`.
macro_rules! on_both_engines {
    ($(#[$attribute:meta])* async fn $name:ident($engine:ident) $body:block) => {
        mod $name {
            #[allow(unused_imports, clippy::allow_attributes, reason = "not every test needs all")]
            use super::*;

            async fn on($engine: crate::support::Engine) $body

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                crate::support::bounded(on(crate::support::Engine::Sqlite)).await;
            }

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if crate::support::TestDatabase::postgres_is_there().await {
                    crate::support::bounded(on(crate::support::Engine::Postgres)).await;
                }
            }
        }
    };
}
pub(crate) use on_both_engines;
