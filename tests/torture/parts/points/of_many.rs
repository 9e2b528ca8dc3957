//! The named points of a series and of the waitlist, where more is to be whole than one visit.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::super::kills::{Told, ask};
use super::super::waitlist::{ACCEPT, JOIN};
use super::super::{DAY, midnight_in, series, waitlist};
use super::{Lock, outside_is, row_is};
use crate::Trouble;
use crate::client::{Via, Visit};
use crate::roster::{INSURANCE, STATE};
use crate::rows::{Booked, hexadecimal, literal};
use crate::stage::Stage;

/// Where the server is when it is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Point {
    /// In the transaction that is to hold all times of a series.
    BeforeSeries,
    /// All are held, and the calls to the service are under way.
    SeriesInCall,
    /// The service has booked, and its answers are not stored.
    SeriesOutside,
    /// In the transaction that is to offer what has become free.
    BeforeOffer,
    /// In the transaction that is to make the visit of what is offered.
    BeforeAccept,
    /// It is made, and the call to the service is under way.
    AcceptedInCall,
}

pub(super) const POINTS: [Point; 6] = [
    Point::BeforeSeries,
    Point::SeriesInCall,
    Point::SeriesOutside,
    Point::BeforeOffer,
    Point::BeforeAccept,
    Point::AcceptedInCall,
];

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BeforeSeries => "before a series commits",
            Self::SeriesInCall => "during the outside calls of a series",
            Self::SeriesOutside => "a series booked outside, not stored",
            Self::BeforeOffer => "before an offer commits",
            Self::BeforeAccept => "before what is accepted commits",
            Self::AcceptedInCall => "during the outside call of what is accepted",
        })
    }
}

/// Kills the server that works on one request, or all that look for times, at that point; says whether it got there.
pub(super) async fn kill_at(stage: &Stage, point: Point, number: usize) -> Result<bool, Trouble> {
    match point {
        Point::BeforeOffer => before_offer(stage, number).await,
        Point::BeforeSeries | Point::SeriesInCall | Point::SeriesOutside => {
            let course = course(stage, point, number).await?;
            in_request(
                stage,
                point,
                (number, &format!("course-{point:?}-{number}")),
                (series::BOOK, course),
            )
            .await
        }
        Point::BeforeAccept | Point::AcceptedInCall => {
            let wish = wish(stage, point, number).await?;
            let entry = join(stage, &wish).await?;
            let which = json!({ "id": entry, "idempotencyKey": format!("accept-{entry}") });
            in_request(stage, point, (number, &format!("wish-{point:?}-{number}")), (ACCEPT, which))
                .await
        }
    }
}

/// Kills the server at that point of one request; every other one is sent again.
async fn in_request(
    stage: &Stage,
    point: Point,
    (number, who): (usize, &str),
    (query, input): (&'static str, Value),
) -> Result<bool, Trouble> {
    let server = number % stage.servers();
    let is_before = matches!(point, Point::BeforeSeries | Point::BeforeAccept);
    let email = format!("{who}@example.com");
    stage.faults(&json!({ "latency_ms": if is_before { 0 } else { 400 } })).await?;
    let early = if is_before { Some(Lock::take(&stage.store).await?) } else { None };
    let (client, first) = (stage.client.clone(), input.clone());
    let asking = tokio::spawn(async move { ask(&client, server, query, first).await });
    let reached = if is_before {
        sleep(Duration::from_millis(300)).await;
        true
    } else {
        let is_held = |row: &Booked| row.status == "PENDING";
        row_is(stage, &email, is_held).await?
    };
    let late = match point {
        Point::SeriesOutside => Some(Lock::take(&stage.store).await?),
        _ => None,
    };
    let reached = reached && (late.is_none() || outside_is(stage, &email, |_| true).await?);
    // Time for the replies to arrive and to wait for the lock.
    sleep(Duration::from_millis(if late.is_some() { 100 } else { 0 })).await;
    stage.kill(server).await?;
    for lock in early.into_iter().chain(late) {
        lock.release().await?;
    }
    stage.no_faults().await?;
    let cut_off = asking.await?.is_none();
    stage.restart(&[server]).await?;
    if number.is_multiple_of(2) {
        // An impatient client sends it again.
        ask(&stage.client, server, query, input).await;
    }
    Ok(reached && cut_off)
}

/// Kills all servers while they are to offer a time that was cancelled a moment ago.
async fn before_offer(stage: &Stage, number: usize) -> Result<bool, Trouble> {
    let wish = wish(stage, Point::BeforeOffer, number).await?;
    let via = Via { server: number % stage.servers(), graphql: true };
    let start = crate::client::seconds(&wish["earliest"]);
    let provider = wish["providerId"].as_str().map(str::to_owned);
    let who = format!("before-offer-{number}");
    let visit = Visit { who, provider, start, minutes: 30, ..Visit::default() };
    let booked = stage.client.book(via, &visit).await;
    let id = booked.done().and_then(|answer| answer.id.clone());
    let id = id.ok_or_else(|| format!("could not book: {:?}", booked.answer))?;
    let entry = join(stage, &wish).await?;
    stage.client.cancel(via, &id).await;
    let lock = Lock::take(&stage.store).await?;
    // Each server looks once a second.
    sleep(Duration::from_millis(1300)).await;
    let entry = literal(stage.store.engine, &hexadecimal(&entry).ok_or("not an id")?);
    let offers = format!("SELECT count(*) FROM waitlist_offer WHERE entry_id = {entry}");
    let reached = stage.store.number(&offers).await? == 0;
    let servers: Vec<usize> = (0..stage.servers()).collect();
    for server in &servers {
        stage.kill(*server).await?;
    }
    lock.release().await?;
    stage.restart(&servers).await?;
    Ok(reached)
}

/// Three days at a time that nobody else is after.
async fn course(stage: &Stage, point: Point, number: usize) -> Result<Value, Trouble> {
    let who = format!("course-{point:?}-{number}");
    let start = midnight_in(60) + i64::try_from(number)? * 1800;
    Ok(json!({
        "patient": patient(&who), "providerId": its_provider(stage, point).await?,
        "startsAt": instant(start)?, "rule": "FREQ=DAILY;COUNT=3", "durationMinutes": 30,
        "idempotencyKey": who,
    }))
}

/// One time in the middle of the patient's day that nobody else is after.
async fn wish(stage: &Stage, point: Point, number: usize) -> Result<Value, Trouble> {
    let who = format!("wish-{point:?}-{number}");
    let (days, place) = (i64::try_from(number % 20)?, i64::try_from(number / 20)?);
    let start = instant(midnight_in(65 + days) + DAY * 3 / 4 + place * 1800)?;
    Ok(json!({
        "patient": patient(&who), "providerId": its_provider(stage, point).await?, "earliest": start,
        "latest": start, "durationMinutes": 30, "idempotencyKey": who,
    }))
}

/// The id of the entry.
async fn join(stage: &Stage, wish: &Value) -> Result<String, Trouble> {
    let answer = ask(&stage.client, 0, JOIN, wish.clone()).await.ok_or("nobody answered")?;
    let id = answer["data"]["answer"]["entry"]["id"].as_str();
    id.map(str::to_owned).ok_or_else(|| format!("could not join: {answer}").into())
}

fn patient(who: &str) -> Value {
    json!({ "name": who, "email": format!("{who}@example.com"), "state": STATE, "insurance": INSURANCE })
}

/// Each point has one of its own.
async fn its_provider(stage: &Stage, point: Point) -> Result<String, Trouble> {
    let providers = stage.client.providers().await?;
    let place = POINTS.iter().position(|it| *it == point).unwrap_or_default();
    Ok(providers[place % providers.len()].clone())
}

fn instant(second: i64) -> Result<String, Trouble> {
    Ok(jiff::Timestamp::from_second(second)?.to_string())
}

/// What must not be of series and of those who wait once all is settled.
pub(super) async fn wrong(stage: &Stage) -> Result<Vec<String>, Trouble> {
    let mut wrong = series::in_part(stage, &Told::default()).await?;
    wrong.append(&mut waitlist::wrong(stage).await?);
    let forgotten = waitlist::forgotten(stage).await?;
    if forgotten > 0 {
        wrong.push(format!("{forgotten} who wait for a time that is free"));
    }
    Ok(wrong)
}
