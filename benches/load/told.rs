//! What telling people costs those who book: bookings at an asked time at half of the rate that the server carries, in
//! turns while nobody is told of them, and while each is mailed to its patient and posted to two webhook endpoints;
//! and how far behind these are.

use std::sync::Arc;
use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::drive::{self, Connection, Sample};
use crate::listeners::{Mailbox, Receiver};
use crate::scenarios::{self, Asked, Scenario};
use crate::stage::Stage;
use crate::table::{Note, Row};
use crate::{Options, Trouble};

const ENDPOINTS: u64 = 2;
/// `appointment.booked` and `appointment.confirmed` of each booking.
const EVENTS: u64 = 2;

const CREATE: &str =
    "mutation($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) {
    endpoint { id } error { code message } } }";
const DELETE: &str =
    "mutation($input: DeleteWebhookEndpointInput!) { deleteWebhookEndpoint(input: $input) {
    error { code message } } }";

/// Bookings in turns while nobody is told and while all are; and how far behind they were told.
pub(crate) async fn measure(
    options: &Options,
    stage: &Stage,
) -> Result<(Vec<Row>, Vec<Note>), Trouble> {
    let scenario = scenarios::ALL.into_iter().find(|it| it.name == "book-asked");
    let scenario = scenario.ok_or("there is no `book-asked`")?;
    let (mailbox, receiver) = (Mailbox::start().await?, Receiver::start().await?);
    let mail = [("SMTP_URL", mailbox.url.as_str()), ("MAIL_FROM", "clinic@example.com")];
    let told = [mail.as_slice(), &[("WEBHOOK_ALLOW_PRIVATE", "true")]].concat();
    stage.restart_with(&told).await?;
    let carried = closed(options, stage, scenario).await?.per_second();
    let (mut without, mut with, mut behind) = (Vec::new(), Vec::new(), [Vec::new(), Vec::new()]);
    for _round in 0..options.rounds {
        stage.restart().await?;
        warm(options, stage, scenario).await?;
        // As long as the others wait until what was booked before is told.
        mailbox.is_quiet().await?;
        without.push(at_half(options, stage, scenario, carried).await?);
        stage.restart_with(&told).await?;
        warm(options, stage, scenario).await?;
        mailbox.is_quiet().await?;
        let mut endpoints = Vec::new();
        for number in 0..ENDPOINTS {
            let input = json!({ "url": format!("{}/{number}", receiver.url) });
            endpoints.push(ask(stage, CREATE, &input).await?);
        }
        let (mails, posts) = (mailbox.taken(), receiver.taken());
        let sample = at_half(options, stage, scenario, carried).await?;
        let (ended, booked) = (Instant::now(), sample.latencies.len() - sample.errors);
        with.push(sample);
        mailbox.has(mails + booked).await?;
        behind[0].push(ended.elapsed());
        receiver.has(posts + booked * EVENTS * ENDPOINTS).await?;
        behind[1].push(receiver.longest());
        for answer in endpoints {
            let id = &answer["data"]["createWebhookEndpoint"]["endpoint"]["id"];
            ask(stage, DELETE, &json!({ "id": id })).await?;
        }
    }
    stage.restart().await?;
    let rows = vec![
        Row::new(stage, "told: book-asked at half, nobody is told", &without, &[]),
        Row::new(stage, "told: book-asked at half, mail and two webhooks", &with, &[]),
    ];
    let longest = |times: &[Duration]| times.iter().max().copied().unwrap_or_default();
    let notes = vec![
        Note::new(
            stage,
            "told: p99 with mail and two webhooks",
            format!("{:.2} of that when nobody is told", rows[1].p99 / rows[0].p99.max(0.001)),
        ),
        Note::new(
            stage,
            "told: from the last booking to the last mail",
            format!("at most {:.1?}", longest(&behind[0])),
        ),
        Note::new(
            stage,
            "told: from an event to its being posted",
            format!("at most {:.1?}", longest(&behind[1])),
        ),
    ];
    Ok((rows, notes))
}

/// What a server does for the first time is not what is compared.
async fn warm(options: &Options, stage: &Stage, scenario: Scenario) -> Result<(), Trouble> {
    let workers = drive::workers(stage, scenario, options.connections).await?;
    drive::closed(workers, &stage.facts, Duration::from_secs(1)).await.map(drop)
}

async fn closed(options: &Options, stage: &Stage, scenario: Scenario) -> Result<Sample, Trouble> {
    warm(options, stage, scenario).await?;
    let workers = drive::workers(stage, scenario, options.connections).await?;
    Ok(drive::closed(workers, &stage.facts, options.turn()).await?.1)
}

async fn at_half(
    options: &Options,
    stage: &Stage,
    scenario: Scenario,
    carried: f64,
) -> Result<Sample, Trouble> {
    Arc::clone(&stage.facts).next_round();
    let workers = drive::workers(stage, scenario, options.connections).await?;
    Ok(drive::at_rate(workers, &stage.facts, options.turn(), carried / 2.0).await?.1)
}

async fn ask(stage: &Stage, query: &str, input: &Value) -> Result<Value, Trouble> {
    let body = json!({ "query": query, "variables": { "input": input } }).to_string();
    let asked = Asked {
        method: Method::POST,
        path: "/graphql".to_owned(),
        body: body.into(),
        holds: "\"error\":null",
    };
    let answer = Connection::open(stage.port()).await?.send(asked).await?;
    Ok(serde_json::from_str(&answer)?)
}
