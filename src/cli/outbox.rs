//! `clinic outbox`.

use std::sync::Arc;

use clap::{Args, Subcommand};

use super::database::set_up;
use super::terminal::{Failure, say};
use crate::access::Actor;
use crate::config::Config;
use crate::db::Db;
use crate::domain::{AppointmentId, SystemClock};
use crate::settling::Backlog;

/// What to do with what is not settled.
#[derive(Subcommand)]
pub(super) enum Action {
    /// List it, the oldest first: what the service is owed, since when, how often it was tried, when it
    /// is tried next, and what the last try came to (the default)
    List,
    /// Have it tried at once, by a server that runs
    Release(Which),
}

/// Which visits.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(super) struct Which {
    /// Their ids
    #[arg(value_name = "ID")]
    ids: Vec<AppointmentId>,
    /// All of them
    #[arg(long)]
    all: bool,
}

/// Looks at what is not settled.
pub(super) async fn run(config: &Config, action: Option<Action>) -> Result<(), Failure> {
    let db = set_up(config).await?;
    let done = act(&db, action.unwrap_or(Action::List)).await;
    db.close().await;
    done
}

async fn act(db: &Db, action: Action) -> Result<(), Failure> {
    let backlog = Backlog::new(db.clone(), Arc::new(SystemClock));
    match action {
        Action::List => list(&backlog).await,
        Action::Release(which) => release(&backlog, which).await,
    }
}

async fn list(backlog: &Backlog) -> Result<(), Failure> {
    let unsettled = backlog.list(&Actor::operator()).await?;
    for one in &unsettled {
        say(&one.to_string());
    }
    say(&format!("{} appointments are not settled", unsettled.len()));
    Ok(())
}

async fn release(backlog: &Backlog, which: Which) -> Result<(), Failure> {
    let ids = which.ids.into_iter().map(Some);
    let ids: Vec<_> = if which.all { vec![None] } else { ids.collect() };
    for id in ids {
        let count = backlog.release(&Actor::operator(), id).await?;
        match id {
            Some(id) if count == 0 => {
                return Err(format!("{id} is not there, or it is settled").into());
            }
            Some(id) => say(&format!("{id} is tried at once")),
            None => say(&format!("{count} appointments are tried at once")),
        }
    }
    Ok(())
}
