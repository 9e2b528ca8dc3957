//! `clinic verify`.

use std::process::ExitCode;
use std::sync::Arc;

use super::audit;
use super::database::set_up;
use super::terminal::{Failure, say};
use crate::config::Config;
use crate::db::book_check::{self, BookMistake};
use crate::db::{Db, integrity, outbox};
use crate::domain::SystemClock;

/// Looks at everything that has to agree; fails when something does not.
pub(super) async fn run(
    config: &Config,
    clean: bool,
    trail: audit::VerifyOptions,
) -> Result<ExitCode, Failure> {
    let db = set_up(config).await?;
    let done = verify(config, &db, clean, trail).await;
    db.close().await;
    done
}

async fn verify(
    config: &Config,
    db: &Db,
    clean: bool,
    trail: audit::VerifyOptions,
) -> Result<ExitCode, Failure> {
    let rules = integrity::check(db).await?;
    for wrong in &rules {
        say(&format!("rules: {wrong}"));
    }
    if rules.is_empty() {
        say("rules: all that keeps bookings apart is in force");
    }
    // One moment of it: what is written meanwhile is not half seen.
    let snapshot = db.snapshot().await?;
    let mistakes = book_check::mistakes(&snapshot).await?;
    for mistake in &mistakes {
        tell(mistake);
    }
    if mistakes.is_empty() {
        say("book: no visit overlaps another, and each is told of");
    }
    let backlog = outbox::backlog(&snapshot).await?;
    say(&format!(
        "outbox: {} visits are to be settled with the scheduling service, {} of them in vain so far",
        backlog.count, backlog.failing
    ));
    drop(snapshot);
    holds(db, clean).await?;
    let trail = audit::verify(config, db, trail).await;
    if let Err(wrong) = &trail {
        say(&format!("audit: {wrong}"));
    }
    if rules.is_empty() && mistakes.is_empty() && trail.is_ok() {
        Ok(ExitCode::SUCCESS)
    } else {
        Err("the database is not as it should be".into())
    }
}

fn tell(BookMistake { wrong, count, appointments }: &BookMistake) {
    for id in appointments {
        say(&format!("book: {id} {wrong}"));
    }
    if *count > appointments.len() {
        say(&format!("book: and {} more", count - appointments.len()));
    }
}

async fn holds(db: &Db, clean: bool) -> Result<(), Failure> {
    let now = db.clock(Arc::new(SystemClock)).now();
    if clean {
        let removed = book_check::remove_lapsed_holds(db, now).await?;
        say(&format!("holds: {removed} that have lapsed are removed"));
    } else {
        let lapsed = book_check::lapsed_holds(db.read(), now).await?;
        say(&format!("holds: {lapsed} have lapsed and are in nobody's way (--clean removes them)"));
    }
    Ok(())
}
