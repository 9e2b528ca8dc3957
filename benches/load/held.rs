//! What times that are held cost those who book and search: bookings at an asked time and the first free time of all,
//! in turns with nothing held and with ten thousand times held.

use std::sync::Arc;
use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::drive::{self, Connection, Sample};
use crate::facts::prv;
use crate::scenarios::{self, Asked, Scenario};
use crate::stage::Stage;
use crate::table::{Note, Row};
use crate::{Options, Trouble};

const HELD: u64 = 10_000;
/// Who hold and release, at once.
const HOLDERS: u64 = 16;

const HOLD: &str = "mutation($input: HoldSlotInput!) { holdSlot(input: $input) {
    hold { token } error { code message } } }";
const RELEASE: &str = "mutation($input: ReleaseHoldInput!) { releaseHold(input: $input) {
    hold { token } error { code message } } }";

/// Of one scenario, what was measured with nothing held and with all held.
struct Pair {
    scenario: Scenario,
    free: Vec<Sample>,
    held: Vec<Sample>,
}

/// Both scenarios in turns without and with what is held; and how they compare.
pub(crate) async fn measure(
    options: &Options,
    stage: &Stage,
) -> Result<(Vec<Row>, Vec<Note>), Trouble> {
    let mut pairs = Vec::new();
    for name in ["book-asked", "first"] {
        let scenario =
            scenarios::ALL.into_iter().find(|it| it.name == name).ok_or("no scenario")?;
        pairs.push(Pair { scenario, free: Vec::new(), held: Vec::new() });
    }
    for _round in 0..options.rounds {
        for pair in &mut pairs {
            pair.free.push(turn(options, stage, pair.scenario).await?);
        }
        let tokens = hold(stage).await?;
        for pair in &mut pairs {
            pair.held.push(turn(options, stage, pair.scenario).await?);
        }
        release(stage, tokens).await?;
    }
    let (mut rows, mut notes) = (Vec::new(), Vec::new());
    for Pair { scenario, free, held } in &pairs {
        let name = scenario.name;
        let without = Row::new(stage, &format!("held: {name}, nothing is held"), free, &[]);
        let with = Row::new(stage, &format!("held: {name}, 10,000 times are held"), held, &[]);
        let ratio = with.per_second / without.per_second.max(0.001);
        notes.push(Note::new(
            stage,
            &format!("{name} with 10,000 times held"),
            format!("{ratio:.2} of the throughput with none"),
        ));
        rows.extend([without, with]);
    }
    Ok((rows, notes))
}

/// Over new connections: the server closes those that say nothing while others hold and release.
async fn turn(options: &Options, stage: &Stage, scenario: Scenario) -> Result<Sample, Trouble> {
    let workers = drive::workers(stage, scenario, options.connections).await?;
    let workers = drive::closed(workers, &stage.facts, Duration::from_millis(300)).await?.0;
    Ok(drive::closed(workers, &stage.facts, options.turn()).await?.1)
}

/// Holds ten times of each provider, half an hour each, for half an hour, before the days on which `book-asked` books:
/// their tokens.
async fn hold(stage: &Stage) -> Result<Vec<String>, Trouble> {
    let facts = Arc::clone(&stage.facts);
    let input = move |number: u64| {
        let (provider, place) = (facts.provider(number), number / 1000);
        let after = facts.in_days(1 + place * 2, number % 24 * 60).to_string();
        json!({ "providerId": prv(provider), "after": after, "minutes": 30 })
    };
    let inputs = (0..HELD).map(input).collect();
    all(stage, HOLD, inputs).await
}

async fn release(stage: &Stage, tokens: Vec<String>) -> Result<(), Trouble> {
    let inputs = tokens.into_iter().map(|token| json!({ "token": token })).collect();
    all(stage, RELEASE, inputs).await.map(drop)
}

/// Sends them all, some at once: the tokens that are answered.
async fn all(
    stage: &Stage,
    mutation: &'static str,
    inputs: Vec<Value>,
) -> Result<Vec<String>, Trouble> {
    let mut sending = JoinSet::new();
    let mut parts: Vec<Vec<Value>> = (0..HOLDERS).map(|_| Vec::new()).collect();
    for (number, input) in inputs.into_iter().enumerate() {
        let part = number % parts.len();
        parts[part].push(input);
    }
    for part in parts {
        let mut connection = Connection::open(stage.port()).await?;
        sending.spawn(async move {
            let mut tokens = Vec::new();
            for input in part {
                let body = json!({ "query": mutation, "variables": { "input": input } });
                let asked = Asked {
                    method: Method::POST,
                    path: "/graphql".to_owned(),
                    body: body.to_string().into(),
                    holds: "clh_",
                };
                let answer = connection.send(asked).await?;
                let token = answer.split('"').find(|text| text.starts_with("clh_"));
                tokens.push(token.ok_or("no token")?.to_owned());
            }
            Ok::<_, Trouble>(tokens)
        });
    }
    let mut tokens = Vec::new();
    while let Some(part) = sending.join_next().await {
        tokens.append(&mut part??);
    }
    Ok(tokens)
}
