//! What editing the roster costs those who search: the first free time of all, with and without edits.

use std::sync::Arc;
use std::time::Duration;

use hyper::Method;
use serde_json::json;

use crate::drive::{self, Connection, Sample, Worker};
use crate::facts::{Facts, prv};
use crate::scenarios::{self, Asked};
use crate::stage::Stage;
use crate::table::Row;
use crate::{Options, Trouble};

/// How often a second somebody of the many is edited.
const PER_SECOND: f64 = 20.0;
/// Searches at once: few, so that their latency is not that of a queue.
const SEARCHES: usize = 2;

const EDIT: &str = "mutation($input: SetDateOverrideInput!) { setDateOverride(input: $input) {
    provider { version } error { code message } } }";

/// Gives one provider after the other other hours on a day.
struct Editor {
    connection: Connection,
    facts: Arc<Facts>,
}

impl Worker for Editor {
    async fn work(&mut self, number: u64) -> Result<(), Trouble> {
        let date = self.facts.in_days(40, 0).strftime("%Y-%m-%d").to_string();
        let hours =
            json!([{ "opensAt": format!("{:02}:00", 8 + number % 4), "closesAt": "17:00" }]);
        let input =
            json!({ "providerId": prv(self.facts.provider(number)), "date": date, "hours": hours });
        let asked = Asked {
            method: Method::POST,
            path: "/graphql".to_owned(),
            body: json!({ "query": EDIT, "variables": { "input": input } }).to_string().into(),
            holds: "\"version\"",
        };
        self.connection.send(asked).await.map(drop)
    }
}

/// `first` in turns without and with twenty edits a second; and the edits.
pub(crate) async fn measure(options: &Options, stage: &Stage) -> Result<[Row; 3], Trouble> {
    let scenario = scenarios::ALL.into_iter().find(|it| it.name == "first").ok_or("no `first`")?;
    let mut searching = drive::workers(stage, scenario, SEARCHES).await?;
    let connection = Connection::open(stage.port()).await?;
    let mut editing = vec![Editor { connection, facts: Arc::clone(&stage.facts) }];
    let (mut quiet, mut edited, mut edits) = (Vec::new(), Vec::new(), Vec::<Sample>::new());
    let warm = Duration::from_millis(300);
    searching = drive::closed(searching, &stage.facts, warm).await?.0;
    for _round in 0..options.rounds {
        let (back, sample) = drive::closed(searching, &stage.facts, options.turn()).await?;
        quiet.push(sample);
        let (searched, made) = tokio::join!(
            drive::closed(back, &stage.facts, options.turn()),
            drive::at_rate(editing, &stage.facts, options.turn(), PER_SECOND),
        );
        let (back, sample) = searched?;
        edited.push(sample);
        searching = back;
        let (back, sample) = made?;
        edits.push(sample);
        editing = back;
    }
    Ok([
        Row::new(stage, "edits: first, nobody edits", &quiet, &[]),
        Row::new(stage, "edits: first, 20 edits a second", &edited, &[]),
        Row::new(stage, "edits: the edits", &edits, &[]),
    ])
}
