//! Two books that have drifted apart: the outside service has lost a part of its own, or ours is an old
//! one. `clinic reconcile` finds all of it and mends it, beside servers that go on booking.

use serde_json::json;
use tokio::task::JoinSet;

use super::load::{Caller, Manner, Wrong};
use crate::checker::{self, Kind, Report};
use crate::compare;
use crate::database::Engine;
use crate::roster::{self, ALWAYS};
use crate::rows::{Booked, Truth, literal};
use crate::stage::{SETTLED_WITHIN, Setup, Stage};
use crate::table::Row;
use crate::{Context, Trouble};

const CLIENTS: usize = 8;
const REPAIR: [&str; 3] = ["reconcile", "--repair", "--yes"];
/// Nothing was changed, for our book may be the older one; the two agree.
const LEFT: Option<i32> = Some(2);
const AGREE: Option<i32> = Some(0);

pub(super) async fn run(context: &Context, engine: Engine) -> Result<Vec<Row>, Trouble> {
    let bookings = context.scaled(400, 40);
    let mut stage = Stage::open(context, engine, Setup::with(roster::of(20, &ALWAYS))).await?;
    let manner = Manner {
        patients: 2000,
        keyed_in: 0,
        held_in: 0,
        move_in_ten: 1,
        whole_life: false,
        book_in_ten: 8,
        ..super::crashes::manner(&stage).await?
    };
    let mut wrong = act(context, &stage, &manner, "before", bookings).await?;

    // The service forgets a fifth, and clients go on while it is mended.
    let seed = context.seed_for("forgetful") % 1000;
    stage.faults(&json!({ "forget_share": 0.2, "seed": seed })).await?;
    stage.no_faults().await?;
    let missed = checker::check(&stage.history.entries(), &stage.truth().await?);
    let missed = missed.count(&[Kind::NotOutside]);
    let (acted, mended) =
        tokio::join!(act(context, &stage, &manner, "while", bookings / 2), stage.command(&REPAIR));
    wrong.add(acted?);
    mended?;
    stage.settled(SETTLED_WITHIN).await?;
    // What clients had under way while it was mended is seen to now.
    let mended = stage.command(&REPAIR).await?;
    let (report, truth) = stage.verdict().await?;
    let forgetful = Row::new("forgetful service: mended beside bookings", engine, missed)
        .violated(report.total() + wrong.bugs + usize::from(mended != AGREE || missed == 0))
        .note(format!("{missed} forgotten, {wrong}"))
        .note(report.to_string());

    let old = old_book(&stage, &truth).await?;
    stage.close().await?;
    Ok(vec![forgetful, old])
}

/// Our book loses what was booked last, as an old backup has.
async fn old_book(stage: &Stage, truth: &Truth) -> Result<Row, Trouble> {
    let engine = stage.store.engine;
    let confirmed = |row: &&Booked| row.status == "CONFIRMED";
    let mut newest: Vec<&Booked> = truth.booked.iter().filter(confirmed).collect();
    // Ids are made in the order of time.
    newest.sort_by(|one, other| other.id.cmp(&one.id));
    newest.truncate(newest.len() / 10);
    for row in &newest {
        let id = literal(engine, &row.id);
        stage.store.execute(&format!("DELETE FROM appointment WHERE id = {id}")).await?;
    }
    let orphans = async || {
        let mut report = Report::default();
        compare::with_outside(&stage.truth().await?, &mut report);
        Ok::<_, Trouble>((report.count(&[Kind::Orphan]), report.total()))
    };
    // Found, and left: somebody may rely on them.
    let left = stage.command(&REPAIR).await?;
    let kept = orphans().await?;
    let mended = stage.command(&[&REPAIR[..], &["--cancel-unknown"]].concat()).await?;
    let after = orphans().await?;
    let lost = newest.len();
    let as_it_must = left == LEFT && kept == (lost, lost) && mended == AGREE && after == (0, 0);
    Ok(Row::new("our book is an old one: found, left, mended when told", engine, lost)
        .violated(usize::from(!as_it_must || lost == 0))
        .note(format!(
            "{lost} lost here; {kept:?} left, exit {left:?}; {after:?}, exit {mended:?}"
        )))
}

/// Clients that book, move and cancel.
async fn act(
    context: &Context,
    stage: &Stage,
    manner: &Manner,
    name: &str,
    count: usize,
) -> Result<Wrong, Trouble> {
    let mut acting = JoinSet::new();
    for number in 0..CLIENTS {
        let seed = context.seed_for(&format!("two-books-{name}-{number}"));
        let mut caller = Caller::new(&format!("{name}{number}"), &stage.client, manner, seed);
        acting.spawn(async move {
            let mut wrong = Wrong::default();
            for _operation in 0..count.div_ceil(CLIENTS) {
                wrong.note(&caller.act().await);
            }
            wrong
        });
    }
    let mut wrong = Wrong::default();
    while let Some(its) = acting.join_next().await {
        wrong.add(its?);
    }
    stage.settled(SETTLED_WITHIN).await?;
    Ok(wrong)
}
