//! `kill -9` at named points: a lock held from outside, or a slow outside service, stops the server
//! exactly there.

mod of_many;

use std::fmt;
use std::time::Duration;

use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{DAY, midnight_in};
use crate::client::{Via, Visit};
use crate::database::{Engine, Store};
use crate::roster::{self, ALWAYS};
use crate::rows::{self, Booked, Outside, hexadecimal};
use crate::stage::{Setup, Stage};
use crate::table::Row;
use crate::{Context, Trouble};

/// Where the server is when it is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Point {
    /// In the transaction that is to hold the time.
    BeforeHold,
    /// The time is held, the call to the service is under way.
    InCall,
    /// The service has booked, and its answer is not stored.
    BookedOutside,
    /// In the transaction that is to hold a time by a token.
    BeforeToken,
    /// In the transaction that is to make the visit of what is held.
    BeforeRedeem,
    /// The service has booked what was held, and its answer is not stored.
    RedeemedOutside,
    /// The service has moved it, and its answer is not stored.
    MovedOutside,
    /// The service has given it to another provider, and its answer is not stored.
    ReassignedOutside,
    /// The service has cancelled, and its answer is not stored.
    CancelledOutside,
}

const POINTS: [Point; 9] = [
    Point::BeforeHold,
    Point::InCall,
    Point::BookedOutside,
    Point::BeforeToken,
    Point::BeforeRedeem,
    Point::RedeemedOutside,
    Point::MovedOutside,
    Point::ReassignedOutside,
    Point::CancelledOutside,
];

/// So many kills more at a point that was not reached yet.
const SPARE: usize = 3;

impl Point {
    /// Nothing is written yet.
    fn is_before_commit(self) -> bool {
        matches!(self, Self::BeforeHold | Self::BeforeToken | Self::BeforeRedeem)
    }

    /// What is booked is held before.
    fn redeems(self) -> bool {
        matches!(self, Self::BeforeRedeem | Self::RedeemedOutside)
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BeforeHold => "before the hold commits",
            Self::InCall => "during the outside call",
            Self::BookedOutside => "booked outside, not stored",
            Self::BeforeToken => "before the hold by a token commits",
            Self::BeforeRedeem => "before the visit of what is held commits",
            Self::RedeemedOutside => "what was held booked outside, not stored",
            Self::MovedOutside => "moved outside, not stored",
            Self::ReassignedOutside => "reassigned outside, not stored",
            Self::CancelledOutside => "cancelled outside, not stored",
        })
    }
}

pub(super) async fn run(context: &Context, engine: Engine) -> Result<Vec<Row>, Trouble> {
    let kills = context.scaled(20, 1);
    let mut stage = Stage::open(context, engine, Setup::with(roster::of(5, &ALWAYS))).await?;
    let mut reached = Vec::new();
    for point in POINTS {
        let mut times = 0;
        for kill in 0..kills {
            times += usize::from(kill_at(&stage, point, kill).await?);
        }
        reached.push((point.to_string(), times));
    }
    for point in of_many::POINTS {
        let (mut times, mut kill) = (0, 0);
        // A server may be faster than the lock.
        while kill < kills || (times == 0 && kill < kills + SPARE) {
            times += usize::from(of_many::kill_at(&stage, point, kill).await?);
            kill += 1;
        }
        reached.push((point.to_string(), times));
    }
    let (report, truth) = stage.verdict().await?;
    let wrong = of_many::wrong(&stage).await?;
    if !wrong.is_empty() {
        stage.keep();
    }
    stage.close().await?;
    let missed = reached.iter().filter(|(_, times)| *times == 0).count();
    let reached: Vec<String> =
        reached.iter().map(|(point, times)| format!("{point} {times}×")).collect();
    let promise = "kill -9 at named points: nothing lost, no orphan, none stuck";
    Ok(vec![
        Row::new(promise, engine, kills * (POINTS.len() + of_many::POINTS.len()))
            .violated(report.total() + wrong.len() + missed)
            .note(format!("{}; {} rows", reached.join(", "), truth.booked.len()))
            .note(wrong.join("; "))
            .note(report.to_string()),
    ])
}

/// Kills the server that works on one request at that point; says whether it got there.
async fn kill_at(stage: &Stage, point: Point, number: usize) -> Result<bool, Trouble> {
    let via = Via { server: number % stage.servers(), graphql: (number / 2).is_multiple_of(2) };
    let who = format!("key-{point:?}-{number}");
    let mut visit =
        Visit { who: who.clone(), minutes: 20, key: Some(who.clone()), ..Visit::default() };
    // A time at which everybody else is free.
    visit.start = (point == Point::ReassignedOutside)
        .then(|| midnight_in(55) + i64::try_from(number).unwrap_or_default() * 1800);
    let email = format!("{who}@example.com");
    let changes =
        matches!(point, Point::MovedOutside | Point::ReassignedOutside | Point::CancelledOutside);
    let (mut id, mut other) = (String::new(), String::new());
    if changes {
        let entry = stage.client.book(via, &visit).await;
        let booked = entry.done().and_then(|answer| answer.id.clone().zip(answer.provider.clone()));
        let (booked, with) = booked.ok_or_else(|| format!("could not book: {:?}", entry.answer))?;
        id = booked;
        let mut providers = stage.client.providers().await?;
        providers.retain(|provider| *provider != with);
        other = providers.swap_remove(number % providers.len());
    }
    if point.redeems() {
        let entry = stage.client.hold(via, &visit, 5).await;
        let token = entry.done().and_then(|answer| answer.id.clone());
        visit.token = Some(token.ok_or_else(|| format!("could not hold: {:?}", entry.answer))?);
    }
    let give_to = hexadecimal(&other).unwrap_or_default();
    stage.faults(&json!({ "latency_ms": if point.is_before_commit() { 0 } else { 400 } })).await?;
    let early = if point.is_before_commit() { Some(Lock::take(&stage.store).await?) } else { None };

    let move_to = midnight_in(20) + i64::try_from(number)? * 1800 % (30 * DAY);
    let (client, asked) = (stage.client.clone(), id.clone());
    let (first, again) = (visit.clone(), visit);
    let asking = tokio::spawn(async move {
        match point {
            Point::MovedOutside => client.reschedule(via, &asked, move_to, 20).await,
            Point::ReassignedOutside => client.reassign(via.server, &asked, &other).await,
            Point::CancelledOutside => client.cancel(via, &asked).await,
            Point::BeforeToken => client.hold(via, &first, 5).await,
            _ => client.book(via, &first).await,
        }
    });
    let held = |row: &Booked| match point {
        Point::MovedOutside => row.moving_to.is_some(),
        Point::ReassignedOutside => row.reassigned_to.is_some(),
        Point::CancelledOutside => row.status == "CANCELLING",
        _ => row.status == "PENDING",
    };
    let reached = match point {
        _ if point.is_before_commit() => {
            sleep(Duration::from_millis(300)).await;
            true
        }
        _ => row_is(stage, &email, held).await?,
    };
    let late = match point {
        Point::InCall => None,
        _ if point.is_before_commit() => None,
        _ => Some(Lock::take(&stage.store).await?),
    };
    let acted = |entry: &Outside| match point {
        Point::MovedOutside => entry.start == move_to,
        Point::ReassignedOutside => entry.provider == give_to,
        Point::CancelledOutside => entry.cancelled,
        _ => true,
    };
    let reached = reached && (late.is_none() || outside_is(stage, &email, acted).await?);
    // Time for the reply to arrive and to wait for the lock.
    sleep(Duration::from_millis(if late.is_some() { 100 } else { 0 })).await;
    stage.kill(via.server).await?;
    for lock in early.into_iter().chain(late) {
        lock.release().await?;
    }
    stage.no_faults().await?;
    let cut_off = asking.await?.answer.is_none();
    stage.restart(&[via.server]).await?;
    if !changes && number.is_multiple_of(2) {
        // An impatient client sends it again.
        stage.client.book(via, &again).await;
    }
    Ok(reached && cut_off)
}

async fn row_is(
    stage: &Stage,
    email: &str,
    wanted: impl Fn(&Booked) -> bool,
) -> Result<bool, Trouble> {
    let until = Instant::now() + Duration::from_secs(2);
    while Instant::now() < until {
        let rows = rows::booked(&stage.store).await?;
        if rows.iter().any(|row| row.email == email && wanted(row)) {
            return Ok(true);
        }
        sleep(Duration::from_millis(10)).await;
    }
    Ok(false)
}

async fn outside_is(
    stage: &Stage,
    email: &str,
    wanted: impl Fn(&Outside) -> bool,
) -> Result<bool, Trouble> {
    // Less than a statement waits for a lock.
    let until = Instant::now() + Duration::from_millis(1500);
    while Instant::now() < until {
        let truth = stage.truth().await?;
        let row = truth.booked.iter().find(|row| row.email == email);
        let reference = row.map(|row| row.id.clone()).unwrap_or_default();
        if truth.outside.iter().any(|entry| entry.reference == reference && wanted(entry)) {
            return Ok(true);
        }
        sleep(Duration::from_millis(10)).await;
    }
    Ok(false)
}

/// A lock that lets everybody read and nobody write appointments.
struct Lock(DatabaseConnection);

impl Lock {
    async fn take(store: &Store) -> Result<Self, Trouble> {
        let connection = store.connect().await?;
        let (begin, lock) = (
            store.engine.sql("BEGIN IMMEDIATE", "BEGIN"),
            store.engine.sql("SELECT 1", "LOCK TABLE appointment IN EXCLUSIVE MODE"),
        );
        connection.execute_unprepared(begin).await?;
        connection.execute_unprepared(lock).await?;
        Ok(Self(connection))
    }

    async fn release(self) -> Result<(), Trouble> {
        self.0.execute_unprepared("ROLLBACK").await?;
        self.0.close().await?;
        Ok(())
    }
}
