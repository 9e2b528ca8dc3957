//! Fifty requests under one key at once, and again after the server was killed.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::time::sleep;

use super::race::{together, what};
use crate::client::{Via, Visit};
use crate::database::Engine;
use crate::history::Entry;
use crate::roster::{self, ALWAYS};
use crate::stage::{Setup, Stage};
use crate::table::Row;
use crate::{Context, Trouble};

const AT_ONCE: usize = 50;

pub(super) async fn run(context: &Context, engine: Engine) -> Result<Vec<Row>, Trouble> {
    let mut rng = StdRng::seed_from_u64(context.seed_for("keys"));
    let mut stage = Stage::open(context, engine, Setup::with(roster::of(3, &ALWAYS))).await?;
    let (calm, crashes) = (context.scaled(50, 2), context.scaled(20, 2));
    let mut broken = 0;
    let mut seen = BTreeMap::<String, usize>::new();
    for round in 0..calm {
        let answers = together(&stage, one_key(&format!("key-calm{round}"))).await?;
        let answered = answers.iter().filter(|entry| entry.done().is_some()).count();
        broken += usize::from(answered != AT_ONCE || ids(&answers).len() != 1);
        for entry in answers {
            *seen.entry(what(&entry)).or_default() += 1;
        }
    }
    let mut rows = vec![
        Row::new("one key, 50 at once: one booking, fifty answers", engine, calm)
            .violated(broken)
            .note(format!("{seen:?}")),
    ];

    let (mut broken, mut cut_off) = (0, 0);
    for round in 0..crashes {
        let visits = one_key(&format!("key-crash{round}"));
        let again = visits[0].clone();
        let pause = Duration::from_millis(rng.random_range(0..200));
        let killed = async {
            sleep(pause).await;
            for server in 0..stage.servers() {
                stage.kill(server).await?;
            }
            Ok::<_, Trouble>(())
        };
        let (answers, killed) = tokio::join!(together(&stage, visits), killed);
        killed?;
        let mut answers = answers?;
        cut_off += answers.iter().filter(|entry| entry.answer.is_none()).count();
        stage.restart(&(0..stage.servers()).collect::<Vec<usize>>()).await?;
        for graphql in [false, true] {
            let via = Via { server: round % stage.servers(), graphql };
            answers.push(stage.client.book(via, &again).await);
        }
        let replayed = answers[AT_ONCE..].iter().all(|entry| entry.done().is_some());
        broken += usize::from(!replayed || ids(&answers).len() != 1);
    }
    let (report, _) = stage.verdict().await?;
    stage.close().await?;
    rows.push(
        Row::new("one key, server killed, sent again: one booking", engine, crashes)
            .violated(broken + report.total())
            .note(format!("{cut_off} requests cut off"))
            .note(report.to_string()),
    );
    Ok(rows)
}

fn one_key(key: &str) -> Vec<Visit> {
    let visit =
        Visit { who: key.to_owned(), minutes: 30, key: Some(key.to_owned()), ..Visit::default() };
    vec![visit; AT_ONCE]
}

fn ids(answers: &[Entry]) -> std::collections::BTreeSet<String> {
    answers.iter().filter_map(|entry| entry.done()?.id.clone()).collect()
}
