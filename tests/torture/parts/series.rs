//! Series of visits: booked, moved and cancelled as a whole among single bookings of the same times, while servers
//! are killed and the outside service fails and refuses. None is there in part.

use rand::RngExt as _;
use serde_json::{Value, json};

use super::kills::{Acting, Beneath, Hand, Kills, Told, under_kills};
use super::{DAY, midnight_in};
use crate::client::{Via, Visit};
use crate::database::Engine;
use crate::roster::{self, ALWAYS, INSURANCE, STATE};
use crate::rows::{hexadecimal, literal};
use crate::stage::{Setup, Stage};
use crate::table::Row;
use crate::{Context, Trouble};

const PROVIDERS: usize = 4;

pub(super) const BOOK: &str =
    "mutation ($input: BookSeriesInput!) { answer: bookSeries(input: $input) {
    series { id appointments { id } } error { code } } }";
const MOVE: &str =
    "mutation ($input: RescheduleSeriesInput!) { answer: rescheduleSeries(input: $input) {
    series { id appointments { id } } error { code } } }";
const CANCEL: &str = "mutation ($input: CancelSeriesInput!) { answer: cancelSeries(input: $input) {
    series { id appointments { id } } error { code } } }";

/// What of a series must not be, of rows that are settled.
const IN_PART: [(&str, &str); 4] = [
    (
        "of a series that was undone, and stands",
        "SELECT count(*) FROM appointment a JOIN series_visit v ON v.appointment_id = a.id
           JOIN series s ON s.id = v.series_id WHERE s.refused_visit IS NOT NULL
            AND a.status IN ('PENDING', 'CONFIRMED', 'CANCELLING')",
    ),
    (
        "refused, and its series stands",
        "SELECT count(*) FROM appointment a JOIN series_visit v ON v.appointment_id = a.id
           JOIN series s ON s.id = v.series_id WHERE s.refused_visit IS NULL AND NOT s.accepts_part
            AND a.status IN ('FAILED', 'EXPIRED') AND a.external_id IS NULL",
    ),
    (
        "booked in a series, and of none",
        "SELECT count(*) FROM appointment WHERE provenance = 'SERIES'
            AND id NOT IN (SELECT appointment_id FROM series_visit)",
    ),
    (
        "without a visit",
        "SELECT count(*) FROM series WHERE id NOT IN (SELECT series_id FROM series_visit)",
    ),
];

pub(super) async fn run(context: &Context, engine: Engine) -> Result<Vec<Row>, Trouble> {
    let kills = context.scaled(100, 4);
    let setup = Setup::with(roster::of(PROVIDERS, &ALWAYS)).setting("ANSWER_WITHIN_MS", "1000");
    let mut stage = Stage::open(context, engine, setup).await?;
    let deadlocks = stage.store.deadlocks().await?;
    let rounds = Kills { name: "series", count: kills, after: 50..600, database: Beneath::Nothing };
    let caller = |hand| Caller { hand, own: Vec::new() };
    let told = under_kills((context, &stage), rounds, caller).await?;
    let deadlocks = stage.store.deadlocks().await? - deadlocks;
    let (report, truth) = stage.verdict().await?;
    let in_part = in_part(&stage, &told).await?;
    if !in_part.is_empty() || told.bugs > 0 {
        stage.keep();
    }
    let sabotaged = sabotaged(&stage, &told).await?;
    stage.close().await?;
    let broken = report.total() + in_part.len() + told.bugs + usize::try_from(deadlocks)?;
    Ok(vec![
        Row::new("series under kill -9: none in part, no overlap, no deadlock", engine, told.asked)
            .violated(broken)
            .note(format!(
                "{kills} kills, {} series acknowledged, {} rows, {deadlocks} deadlocks, {:?}",
                told.made.len(),
                truth.booked.len(),
                told.answers
            ))
            .note(in_part.join("; "))
            .note(report.to_string()),
        Row::new("sabotage: series made to be in part", engine, sabotaged.len())
            .violated(sabotaged.iter().filter(|(_, is_red)| !is_red).count())
            .note(format!("{sabotaged:?}")),
    ])
}

/// Everything of a series that is not whole.
pub(super) async fn in_part(stage: &Stage, told: &Told) -> Result<Vec<String>, Trouble> {
    let mut found = Vec::new();
    for (what, sql) in IN_PART {
        let count = stage.store.number(sql).await?;
        if count > 0 {
            found.push(format!("{count} {what}"));
        }
    }
    for (id, visits) in &told.made {
        let series = literal(stage.store.engine, &hexadecimal(id).ok_or("not an id")?);
        let sql = format!("SELECT count(*) FROM series_visit WHERE series_id = {series}");
        let there = stage.store.number(&sql).await?;
        if there != i64::try_from(*visits)? {
            found.push(format!("{id} was told with {visits} visits and has {there}"));
        }
    }
    Ok(found)
}

/// Each kind of it made by hand, and whether it was found.
async fn sabotaged(stage: &Stage, told: &Told) -> Result<Vec<(&'static str, bool)>, Trouble> {
    let whole = "SELECT series_id FROM series_visit v JOIN appointment a ON a.id = v.appointment_id
        JOIN series s ON s.id = v.series_id
        WHERE a.status = 'CONFIRMED' AND s.refused_visit IS NULL AND NOT s.accepts_part
        GROUP BY series_id HAVING count(*) > 1 LIMIT 1";
    let one = format!("SELECT min(appointment_id) FROM series_visit WHERE series_id IN ({whole})");
    let one = stage
        .store
        .engine
        .sql(&one, &one.replace("min(appointment_id)", "min(appointment_id::text)::uuid"))
        .to_owned();
    let mut seen = Vec::new();
    for (what, sql) in [
        (
            "one is refused, and the others stay",
            format!(
                "UPDATE appointment SET status = 'FAILED', external_id = NULL WHERE id IN ({one})"
            ),
        ),
        (
            "undone, and none is cancelled",
            format!("UPDATE series SET refused_visit = id WHERE id IN ({whole})"),
        ),
        (
            "one is taken out of it",
            format!("DELETE FROM series_visit WHERE appointment_id IN ({one})"),
        ),
        ("all are", "DELETE FROM series_visit".to_owned()),
    ] {
        let before = in_part(stage, told).await?;
        let changed = stage.store.execute(&sql).await?;
        seen.push((what, changed > 0 && in_part(stage, told).await? != before));
    }
    Ok(seen)
}

struct Caller {
    hand: Hand,
    own: Vec<String>,
}

/// Notes a series and how many visits it has; its id.
fn note(told: &mut Told, what: &str, answer: Option<Value>) -> Option<String> {
    let payload = told.note(what, answer)?;
    let id = payload["series"]["id"].as_str()?.to_owned();
    let visits = payload["series"]["appointments"].as_array()?.len();
    told.made.insert(id.clone(), visits);
    Some(id)
}

impl Acting for Caller {
    async fn act(&mut self, number: usize, told: &mut Told) {
        match (self.hand.rng.random_range(0..10), self.own.is_empty()) {
            (0..=2, _) => {
                let via = Via { server: self.hand.server(), graphql: true };
                let provider = Some(self.hand.provider());
                let start = Some(self.start());
                let who = format!("{}-{number}", self.hand.who);
                let visit = Visit { who, provider, start, minutes: 30, ..Visit::default() };
                self.hand.client.book(via, &visit).await;
                told.asked += 1;
            }
            (3..=4, false) => {
                let id = self.own[self.hand.rng.random_range(0..self.own.len())].clone();
                let hour = self.hand.rng.random_range(0..24);
                let input = json!({ "id": id, "localTime": format!("{hour:02}:30") });
                let answer = self.hand.ask(MOVE, input).await;
                note(told, "move", answer);
            }
            (5, false) => {
                let id = self.own.swap_remove(self.hand.rng.random_range(0..self.own.len()));
                let from = jiff::Timestamp::from_second(self.start()).map(|at| at.to_string());
                let input = json!({ "id": id, "from": from.ok() });
                let answer = self.hand.ask(CANCEL, input).await;
                note(told, "cancel", answer);
            }
            _ => {
                let input = self.course(number);
                let answer = self.hand.ask(BOOK, input).await;
                self.own.extend(note(told, "book", answer));
            }
        }
    }
}

impl Caller {
    /// A series that many are after, by one rule or another.
    fn course(&mut self, number: usize) -> Value {
        let who = format!("{}-{number}", self.hand.who);
        let start = jiff::Timestamp::from_second(self.start()).map(|at| at.to_string());
        let often = if self.hand.rng.random_bool(0.5) { "DAILY" } else { "WEEKLY" };
        let count = self.hand.rng.random_range(2..8);
        json!({
            "patient": { "name": who, "email": format!("{who}@example.com"), "state": STATE, "insurance": INSURANCE },
            "providerId": self.hand.provider(), "startsAt": start.ok(), "rule": format!("FREQ={often};COUNT={count}"),
            "acceptPartial": self.hand.rng.random_bool(0.2), "idempotencyKey": who,
        })
    }

    fn start(&mut self) -> i64 {
        midnight_in(3) + self.hand.rng.random_range(0..20 * 48) * DAY / 48
    }
}
