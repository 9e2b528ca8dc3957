//! What a long waitlist costs those who book and search: bookings at an asked time and the first free time of all, in
//! turns with nobody waiting and with ten thousand; and how long after a cancel its time is offered to one of them.
//!
//! Nine of ten wait for one of the first fifty providers, all on one day on which these have no free time; the tenth
//! for anybody in the evenings around it, when nobody works. They are written straight to the database, and leave by
//! that.

use std::time::Duration;

use clinic::domain::AppointmentId;
use hyper::Method;
use hyper::body::Bytes;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::json;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::beside::Beside;
use crate::data::Written;
use crate::database::Engine;
use crate::drive::Connection;
use crate::facts::MANY;
use crate::scenarios::Asked;
use crate::stage::{Stage, run_all};
use crate::table::{Note, Row};
use crate::{Options, Trouble};

const WAITING: u32 = 10_000;
/// For whom nine of ten wait.
const WANTED: u32 = 50;
/// The day that they want: bookable, and past those on which the scenarios book and search.
const DAY: u64 = 87;
/// The evenings around it, in minutes of the patient's day: nobody works then.
const EVENING: (u16, u16) = (19 * 60 + 30, 21 * 60);
/// Each change of all gives each a place of its own among so many.
const PLACES: u32 = 1_000_000;
/// Visits that are cancelled in each round.
const CANCELS: usize = 10;
const PATIENCE: Duration = Duration::from_mins(5);

const CANCEL: &str =
    "mutation($input: CancelAppointmentInput!) { cancelAppointment(input: $input) {
    appointment { id } error { code message } } }";

/// Both scenarios in turns with nobody waiting and with all; and what comes of cancels.
pub(crate) async fn measure(
    options: &Options,
    stage: &Stage,
) -> Result<(Vec<Row>, Vec<Note>), Trouble> {
    let list = List { stage, written: Written::of(stage.store.engine, stage.facts.base) };
    list.fill().await?;
    let mut beside = Beside::new()?;
    let (mut offered, mut looked) = (Vec::new(), Vec::new());
    for round in 0..options.rounds {
        list.leave().await?;
        beside.without(options, stage).await?;
        looked.push(list.wait(round).await?);
        beside.with(options, stage).await?;
        offered.append(&mut list.cancel().await?);
    }
    list.leave().await?;
    let (rows, mut notes) = beside.told(stage, "waiting", ("nobody waits", "10,000 wait"));
    for (what, mut times) in [
        ("waiting: from a cancel to its offer, 10,000 wait", offered),
        ("waiting: until each of 10,000 who come at once was looked for", looked),
    ] {
        times.sort_unstable();
        let middle = times.get(times.len() / 2).copied().unwrap_or_default();
        let longest = times.last().copied().unwrap_or_default();
        let value = format!("{middle:.2?}, at most {longest:.2?} of {}", times.len());
        notes.push(Note::new(stage, what, value));
    }
    Ok((rows, notes))
}

/// All who wait on a stage.
struct List<'a> {
    stage: &'a Stage,
    written: Written,
}

impl List<'_> {
    /// Fills the day, and enters all, who wait for nothing yet.
    async fn fill(&self) -> Result<(), Trouble> {
        let id = self.written.id("n");
        let (patient, now) = (self.written.id("(1000 + n)"), self.written.instant("0"));
        let (day, evening) = (DAY * 1440, (DAY - 1) * 1440);
        let earliest = self.written.instant(&either(day + 14 * 60, evening));
        let latest = self.written.instant(&either(day + 21 * 60 + 30, day + 2 * 1440));
        let (from, until) = (either(0, EVENING.0.into()), either(1440, EVENING.1.into()));
        let series = self.written.series(WAITING);
        let each = WAITING / WANTED;
        let entries = format!(
            "INSERT INTO waitlist_entry (id, version, status, patient_id, state, insurance_id, provider_id,
                    duration_minutes, earliest, latest, weekdays, local_from, local_until, joined, position,
                    created_at, updated_at)
             SELECT {id}, 1, 'LEFT', {patient}, '{}', (SELECT id FROM insurance WHERE name = '{}'), wanted.id,
                    30, {earliest}, {latest}, 127, {from}, {until}, n + 1, n + 1, {now}, {now}
               FROM {series} LEFT JOIN
                    (SELECT id, row_number() OVER (ORDER BY reference) - 1 AS p
                       FROM provider WHERE reference LIKE 'many-%') AS wanted
                 ON wanted.p = n / {each} AND n % 10 <> 0",
            MANY.0, MANY.1
        );
        let end = format!("UPDATE waitlist_end SET position = position + {PLACES}");
        self.at_once(vec![self.written.rest_of_day(DAY, WANTED), end, entries]).await
    }

    /// Has all wait, and then one more, for a time that is free: how long until that is offered, by when a time was looked
    /// for for each before.
    async fn wait(&self, round: u32) -> Result<Duration, Trouble> {
        let (id, patient) = (
            self.written.id(&(WAITING + round).to_string()),
            self.written.id(&(2000 + WAITING + round).to_string()),
        );
        let (from, until) = (DAY * 1440 + 14 * 60, DAY * 1440 + 21 * 60 + 30);
        let (from, until) =
            (self.written.instant(&from.to_string()), self.written.instant(&until.to_string()));
        let (now, last) = (self.written.instant("0"), WAITING + 1 + round);
        let one_more = format!(
            "INSERT INTO waitlist_entry (id, version, status, patient_id, state, insurance_id, provider_id,
                    duration_minutes, earliest, latest, weekdays, local_from, local_until, joined, position,
                    created_at, updated_at)
             SELECT {id}, 1, 'WAITING', {patient}, '{}', (SELECT id FROM insurance WHERE name = '{}'), NULL,
                    30, {from}, {until}, 127, 0, 1440, {last}, position, {now}, {now} FROM waitlist_end",
            MANY.0, MANY.1
        );
        let all = format!("joined <= {WAITING}");
        self.at_once(all_become("WAITING", &all, Some(one_more))).await?;
        let began = Instant::now();
        let sql = format!("SELECT count(*) FROM waitlist_offer WHERE entry_id = {id}");
        self.is_more_than(&sql, 0).await?;
        Ok(began.elapsed())
    }

    /// Has all leave with what they are offered, and waits until the server knows.
    async fn leave(&self) -> Result<(), Trouble> {
        let mut statements = vec![
            "DELETE FROM appointment WHERE status = 'HELD' AND id IN (SELECT id FROM waitlist_offer)".to_owned(),
            "UPDATE waitlist_offer SET outcome = 'DECLINED' WHERE outcome IS NULL".to_owned(),
        ];
        statements.extend(all_become("LEFT", "joined > 0", None));
        self.at_once(statements).await?;
        let until = Instant::now() + PATIENCE;
        loop {
            let asked = Asked {
                method: Method::GET,
                path: "/metrics".to_owned(),
                body: Bytes::new(),
                holds: "clinic_waitlist_waiting 0\n",
            };
            match Connection::open(self.stage.port()).await?.send(asked).await {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > until => return Err(error),
                Err(_others_wait) => sleep(Duration::from_millis(200)).await,
            }
        }
    }

    /// Cancels some visits of the day, one after the other: how long from asking until each time is offered.
    async fn cancel(&self) -> Result<Vec<Duration>, Trouble> {
        let (from, until) = (DAY * 1440 + 14 * 60, DAY * 1440 + 22 * 60);
        let (from, until) =
            (self.written.instant(&from.to_string()), self.written.instant(&until.to_string()));
        let sql = format!(
            "SELECT id FROM appointment WHERE status = 'CONFIRMED' AND starts_at >= {from} AND starts_at < {until}
                AND external_id LIKE 'e-%' AND provider_id IN
                    (SELECT id FROM provider WHERE reference LIKE 'many-%' ORDER BY reference LIMIT {WANTED})
              ORDER BY starts_at, provider_id LIMIT {CANCELS}"
        );
        let mut times = Vec::new();
        for row in self.stage.store.query(&sql).await? {
            let id: Uuid = row.try_get_by_index(0)?;
            let count = "SELECT count(*) FROM waitlist_offer";
            let before = self.stage.store.number(count).await?;
            let input = json!({ "id": AppointmentId::from(id).to_string() });
            let body = json!({ "query": CANCEL, "variables": { "input": input } }).to_string();
            let asked = Asked {
                method: Method::POST,
                path: "/graphql".to_owned(),
                body: body.into(),
                holds: "apt_",
            };
            let mut connection = Connection::open(self.stage.port()).await?;
            let began = Instant::now();
            connection.send(asked).await?;
            self.is_more_than(count, before).await?;
            times.push(began.elapsed());
        }
        Ok(times)
    }

    /// In one transaction.
    async fn at_once(&self, mut statements: Vec<String>) -> Result<(), Trouble> {
        let engine = self.stage.store.engine;
        statements.insert(0, engine.sql("BEGIN IMMEDIATE", "BEGIN").to_owned());
        statements.push("COMMIT".to_owned());
        if engine == Engine::Postgres {
            // As its own housekeeping would do.
            statements.push("ANALYZE waitlist_entry".to_owned());
        }
        run_all(&self.stage.store, &statements).await
    }

    /// Waits until the number that a query answers is larger than that.
    async fn is_more_than(&self, sql: &str, before: i64) -> Result<(), Trouble> {
        let connection = self.stage.store.connect().await?;
        let until = Instant::now() + PATIENCE;
        loop {
            let statement = Statement::from_string(connection.get_database_backend(), sql);
            let row = connection.query_one_raw(statement).await?.ok_or("no row")?;
            if row.try_get_by_index::<i64>(0)? > before {
                return Ok(connection.close().await?);
            }
            if Instant::now() > until {
                return Err("nothing was offered to those who wait".into());
            }
            sleep(Duration::from_millis(10)).await;
        }
    }
}

/// That many minutes for those who want one of the fifty, and these for all others.
fn either(of_one: u64, of_anybody: u64) -> String {
    format!("(CASE WHEN n % 10 = 0 THEN {of_anybody} ELSE {of_one} END)")
}

/// What gives those entries another status, and each of them the next place among the changes.
fn all_become(status: &str, which: &str, then: Option<String>) -> Vec<String> {
    let mut statements = vec![
        format!("UPDATE waitlist_end SET position = position + {PLACES}"),
        format!(
            "UPDATE waitlist_entry SET status = '{status}', version = version + 1,
                position = (SELECT position FROM waitlist_end) - {PLACES} + joined WHERE {which}"
        ),
    ];
    statements.extend(then);
    statements
}
