//! What times that are held cost those who book and search: bookings at an asked time and the first free time of all,
//! in turns with nothing held and with ten thousand times held.

use std::sync::Arc;

use hyper::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::beside::Beside;
use crate::drive::Connection;
use crate::facts::prv;
use crate::scenarios::Asked;
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

/// Both scenarios in turns without and with what is held; and how they compare.
pub(crate) async fn measure(
    options: &Options,
    stage: &Stage,
) -> Result<(Vec<Row>, Vec<Note>), Trouble> {
    let mut beside = Beside::new()?;
    for _round in 0..options.rounds {
        beside.without(options, stage).await?;
        let tokens = hold(stage).await?;
        beside.with(options, stage).await?;
        release(stage, tokens).await?;
    }
    Ok(beside.told(stage, "held", ("nothing is held", "10,000 times are held")))
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
