//! The raw ceiling: the work of each scenario as prepared statements, no HTTP and no GraphQL.
//!
//! A booking is the server's two transactions, with the same locks and the same look at what the
//! provider holds; what the server reads before them is not part of it. A read is the fewest
//! statements that fetch what the answer holds, and its serialisation. Free times are the look at
//! what is held alone: to work them out is the server's own cost.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sea_orm::prelude::DateTimeUtc;
use sea_orm::sqlx::{Row as _, query};
use serde_json::json;
use tokio::sync::Mutex;
use uuid::Uuid;

use clinic::domain::ids::uuid_at;

use crate::Trouble;
use crate::database::Engine;
use crate::drive::Worker;
use crate::facts::{FEW, FULL_DAY, Facts, MANY, utc};
use crate::raw::{Raw, on};
use crate::scenarios::{Kind, Scenario};
use crate::stage::Stage;

const HELD: &str = "status IN ('PENDING', 'CONFIRMED', 'CANCELLING')";

/// A worker with its own connection for reading, and on `SQLite` the one for writing, shared.
pub(crate) struct Ceiling {
    read: Raw,
    write: Option<Arc<Mutex<Raw>>>,
    scenario: Scenario,
    facts: Arc<Facts>,
}

/// Workers for one scenario.
pub(crate) async fn workers(
    stage: &Stage,
    scenario: Scenario,
    count: usize,
) -> Result<Vec<Ceiling>, Trouble> {
    let write = match stage.store.engine {
        Engine::Sqlite => Some(Arc::new(Mutex::new(Raw::open(&stage.store).await?))),
        Engine::Postgres => None,
    };
    let mut workers = Vec::with_capacity(count);
    for _worker in 0..count {
        let read = Raw::open(&stage.store).await?;
        workers.push(Ceiling {
            read,
            write: write.clone(),
            scenario,
            facts: Arc::clone(&stage.facts),
        });
    }
    Ok(workers)
}

impl Worker for Ceiling {
    async fn work(&mut self, number: u64) -> Result<(), Trouble> {
        let facts = Arc::clone(&self.facts);
        let booking = match self.scenario.kind_of(number) {
            Kind::Search => return search(&mut self.read).await,
            Kind::Window => return window(&mut self.read, &facts, number).await,
            Kind::Day => return day(&mut self.read, &facts).await,
            Kind::Agenda => return agenda(&mut self.read, &facts, number).await,
            Kind::Slots => return slots(&mut self.read, &facts, number).await,
            Kind::First => return first(&mut self.read, &facts, number).await,
            Kind::BookHot => Booking::hot(&facts, number),
            Kind::BookFirst | Kind::BookAsked | Kind::Mix => Booking::anybody(&facts, number),
        };
        match &self.write {
            // One commit at a time, as there is one writer.
            Some(write) => {
                let held = hold(&mut *write.lock().await, &facts, &booking).await?;
                confirm(&mut *write.lock().await, &booking, held).await
            }
            None => {
                let held = hold(&mut self.read, &facts, &booking).await?;
                confirm(&mut self.read, &booking, held).await
            }
        }
    }
}

/// A booking at a time that nobody else has, beyond the horizon of the server.
struct Booking {
    id: Uuid,
    number: u64,
    provider: Uuid,
    state: &'static str,
    starts_at: Timestamp,
    minutes: i64,
    now: Timestamp,
}

impl Booking {
    fn hot(facts: &Facts, number: u64) -> Self {
        let (provider, starts_at) = (facts.hot(), facts.in_days(200, number * 15));
        Self { state: FEW.0, provider, starts_at, minutes: 15, ..Self::anybody(facts, number) }
    }

    fn anybody(facts: &Facts, number: u64) -> Self {
        let count = u64::try_from(facts.many.len()).unwrap_or(1);
        Self {
            id: uuid_at(facts.now),
            number,
            provider: facts.provider(number),
            state: MANY.0,
            starts_at: facts.in_days(200, number / count * 30),
            minutes: 30,
            now: facts.now,
        }
    }
}

/// Locks, looks, and writes the appointment with its outbox row; says whose lease it has.
async fn hold(raw: &mut Raw, facts: &Facts, booking: &Booking) -> Result<Uuid, Trouble> {
    let lease = uuid_at(booking.now);
    let now = utc(booking.now);
    let ends_at = booking.starts_at.saturating_add(SignedDuration::from_mins(booking.minutes))?;
    let key = format!("raw {}", booking.number);
    raw.begin().await?;
    let held: Result<(), Trouble> = async {
        let patient: Uuid = on!(raw, conn => query(
            "INSERT INTO patient (id, name, email, name_key, email_key, state, insurance_id, created_at, updated_at)
             VALUES ($1, $2, $2, $2, $2, $3, $4, $5, $5)
             ON CONFLICT (email_key, name_key) DO UPDATE SET updated_at = excluded.updated_at
             RETURNING id")
            .bind(uuid_at(booking.now)).bind(&key).bind(booking.state).bind(facts.payer).bind(now)
            .fetch_one(&mut *conn).await?.try_get(0)?);
        if let Raw::Postgres(conn) = raw {
            for owner in [patient, booking.provider] {
                query("SELECT pg_advisory_xact_lock($1)")
                    .bind(owner.as_u64_pair().1.cast_signed()).execute(&mut *conn).await?;
            }
        }
        let sql = format!(
            "SELECT starts_at, ends_at FROM appointment
              WHERE provider_id = $1 AND starts_at > $2 AND starts_at < $3 AND {HELD}");
        let from = utc(booking.starts_at.saturating_sub(SignedDuration::from_hours(24))?);
        let taken = on!(raw, conn => query(sea_orm::sqlx::AssertSqlSafe(sql))
            .bind(booking.provider).bind(from).bind(utc(ends_at))
            .fetch_all(&mut *conn).await?.iter()
            .filter(|row| row.get::<DateTimeUtc, _>(1) > utc(booking.starts_at)).count());
        if taken > 0 {
            return Err("the time is taken".into());
        }
        on!(raw, conn => query(
            "INSERT INTO appointment (id, provider_id, patient_id, starts_at, ends_at, status, version,
                 state, insurance_id, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, 'PENDING', 1, $6, $7, $8, $8) ON CONFLICT DO NOTHING")
            .bind(booking.id).bind(booking.provider).bind(patient).bind(utc(booking.starts_at))
            .bind(utc(ends_at)).bind(booking.state).bind(facts.payer).bind(now)
            .execute(&mut *conn).await.map(drop)?);
        on!(raw, conn => query(
            "INSERT INTO outbox (appointment_id, attempts, unanswered_key, due_at, lease_token, leased_until, created_at)
             VALUES ($1, 1, $2, $3, $4, $5, $3)")
            .bind(booking.id).bind(&key).bind(now).bind(lease).bind(utc(ends_at))
            .execute(&mut *conn).await.map(drop)?);
        Ok(())
    }.await;
    match held {
        Ok(()) => raw.commit().await.map(|()| lease),
        Err(trouble) => {
            raw.rollback().await?;
            Err(trouble)
        }
    }
}

/// Writes the answer of the scheduling service, and removes the outbox row.
async fn confirm(raw: &mut Raw, booking: &Booking, lease: Uuid) -> Result<(), Trouble> {
    raw.begin().await?;
    on!(raw, conn => query(
        "UPDATE appointment SET status = 'CONFIRMED', external_id = $2, version = 2, updated_at = $3
          WHERE id = $1 AND version = 1")
        .bind(booking.id).bind(booking.id.to_string()).bind(utc(booking.now))
        .execute(&mut *conn).await.map(drop)?);
    on!(raw, conn => query("DELETE FROM outbox WHERE appointment_id = $1 AND lease_token = $2")
        .bind(booking.id).bind(lease).execute(&mut *conn).await.map(drop)?);
    raw.commit().await
}

async fn search(raw: &mut Raw) -> Result<(), Trouble> {
    let found: Vec<(Uuid, String)> = on!(raw, conn => query(
        "SELECT id, name FROM provider
          WHERE id IN (SELECT provider_id FROM provider_state WHERE state = $1)
            AND id IN (SELECT plan.provider_id FROM provider_insurance AS plan
                         JOIN insurance ON insurance.id = plan.insurance_id WHERE insurance.name = $2)
          ORDER BY id LIMIT 20")
        .bind(MANY.0).bind(MANY.1).fetch_all(&mut *conn).await?.iter()
        .map(|row| (row.get(0), row.get(1))).collect());
    let marks: Vec<String> = (1..=found.len()).map(|place| format!("${place}")).collect();
    let marks = marks.join(", ");
    let states =
        format!("SELECT provider_id, state FROM provider_state WHERE provider_id IN ({marks})");
    let payers = format!(
        "SELECT plan.provider_id, insurance.name FROM provider_insurance AS plan
           JOIN insurance ON insurance.id = plan.insurance_id WHERE plan.provider_id IN ({marks})"
    );
    let mut lists = Vec::new();
    for sql in [states, payers] {
        lists.push(on!(raw, conn => {
            let mut asked = query(sea_orm::sqlx::AssertSqlSafe(sql));
            for (id, _name) in &found {
                asked = asked.bind(*id);
            }
            let rows = asked.fetch_all(&mut *conn).await?;
            rows.iter().map(|row| (row.get(0), row.get(1))).collect::<Vec<(Uuid, String)>>()
        }));
    }
    let of = |list: &[(Uuid, String)], id: Uuid| {
        list.iter()
            .filter(|(owner, _)| *owner == id)
            .map(|(_, name)| name.clone())
            .collect::<Vec<_>>()
    };
    let nodes = found.iter().map(|(id, name)| {
        json!({ "id": id.to_string(), "name": name,
        "states": of(&lists[0], *id), "insurances": of(&lists[1], *id) })
    });
    written(&nodes.collect::<Vec<_>>())
}

/// Serialises what was found; nothing found is an error, for then nothing was measured.
fn written(nodes: &[serde_json::Value]) -> Result<(), Trouble> {
    if nodes.is_empty() {
        return Err("nothing found".into());
    }
    std::hint::black_box(serde_json::to_vec(nodes)?);
    Ok(())
}

const LISTED: &str = "SELECT appointment.id, appointment.status, appointment.starts_at,
        appointment.ends_at, provider.name, patient.name
   FROM appointment JOIN provider ON provider.id = appointment.provider_id
   JOIN patient ON patient.id = appointment.patient_id";

async fn window(raw: &mut Raw, facts: &Facts, number: u64) -> Result<(), Trouble> {
    let day = Kind::day(number);
    let (from, to) = (facts.in_days(day, 0), facts.in_days(day + 1, 0));
    let before = utc(from.saturating_sub(SignedDuration::from_hours(24))?);
    let sql = format!(
        "{LISTED} WHERE appointment.starts_at > $1 AND appointment.starts_at < $2
            AND appointment.ends_at > $3 AND {HELD}
          ORDER BY appointment.starts_at, appointment.id LIMIT 100"
    );
    let nodes: Vec<_> = on!(raw, conn => query(sea_orm::sqlx::AssertSqlSafe(sql))
        .bind(before).bind(utc(to)).bind(utc(from)).fetch_all(&mut *conn).await?.iter()
        .map(|row| listed(row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), row.get(5))).collect());
    written(&nodes)
}

async fn day(raw: &mut Raw, facts: &Facts) -> Result<(), Trouble> {
    let sql = format!(
        "SELECT appointment.id, appointment.version, appointment.status, appointment.starts_at,
                appointment.ends_at, appointment.provider_id, patient.id, patient.name
           FROM appointment JOIN patient ON patient.id = appointment.patient_id
          WHERE appointment.provider_id IN (SELECT id FROM provider ORDER BY id LIMIT 50)
            AND appointment.starts_at > $1 AND appointment.starts_at < $2 AND {HELD}
          ORDER BY appointment.provider_id, appointment.starts_at"
    );
    let nodes: Vec<_> = on!(raw, conn => query(sea_orm::sqlx::AssertSqlSafe(sql))
        .bind(utc(facts.in_days(FULL_DAY, 0))).bind(utc(facts.in_days(FULL_DAY + 1, 0)))
        .fetch_all(&mut *conn).await?.iter()
        .map(|row| json!({ "id": row.get::<Uuid, _>(0).to_string(), "version": row.get::<i32, _>(1),
            "status": row.get::<&str, _>(2), "startsAt": row.get::<DateTimeUtc, _>(3).to_rfc3339(),
            "endsAt": row.get::<DateTimeUtc, _>(4).to_rfc3339(),
            "provider": row.get::<Uuid, _>(5).to_string(),
            "patient": { "id": row.get::<Uuid, _>(6).to_string(), "name": row.get::<&str, _>(7) } }))
        .collect());
    if nodes.len() < 800 {
        return Err("the day is not full".into());
    }
    written(&nodes)
}

async fn agenda(raw: &mut Raw, facts: &Facts, number: u64) -> Result<(), Trouble> {
    let day = Kind::day(number);
    let (from, to) = (facts.in_days(day, 0), facts.in_days(day + 7, 0));
    let sql = format!(
        "{LISTED} WHERE appointment.provider_id = $1 AND appointment.starts_at > $2
            AND appointment.starts_at < $3 AND {HELD}
          ORDER BY appointment.starts_at, appointment.id LIMIT 51"
    );
    let nodes: Vec<_> = on!(raw, conn => query(sea_orm::sqlx::AssertSqlSafe(sql))
        .bind(facts.provider(number)).bind(utc(from)).bind(utc(to)).fetch_all(&mut *conn).await?.iter()
        .map(|row| listed(row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), row.get(5))).collect());
    std::hint::black_box(serde_json::to_vec(&nodes)?);
    Ok(())
}

fn listed(
    id: Uuid,
    status: &str,
    starts_at: DateTimeUtc,
    ends_at: DateTimeUtc,
    provider: &str,
    patient: &str,
) -> serde_json::Value {
    json!({ "id": id.to_string(), "status": status, "startsAt": starts_at.to_rfc3339(),
        "endsAt": ends_at.to_rfc3339(), "provider": { "name": provider }, "patient": { "name": patient } })
}

async fn slots(raw: &mut Raw, facts: &Facts, number: u64) -> Result<(), Trouble> {
    let sql = format!(
        "SELECT starts_at, ends_at FROM appointment
          WHERE provider_id = $1 AND starts_at > $2 AND starts_at < $3 AND {HELD}"
    );
    let held = on!(raw, conn => query(sea_orm::sqlx::AssertSqlSafe(sql))
        .bind(facts.provider(number)).bind(utc(facts.in_days(0, 0))).bind(utc(facts.in_days(32, 0)))
        .fetch_all(&mut *conn).await?.iter()
        .map(|row| (row.get(0), row.get(1))).collect::<Vec<(DateTimeUtc, DateTimeUtc)>>());
    std::hint::black_box(held);
    Ok(())
}

/// What all the many hold on the day in which the search begins.
async fn first(raw: &mut Raw, facts: &Facts, number: u64) -> Result<(), Trouble> {
    let after = Kind::after(facts, number);
    let sql = format!(
        "SELECT provider_id, starts_at, ends_at FROM appointment
          WHERE starts_at > $1 AND starts_at < $2 AND {HELD} AND provider_id IN (
            SELECT licence.provider_id FROM provider_state AS licence
              JOIN provider_insurance AS plan ON plan.provider_id = licence.provider_id
             WHERE licence.state = $3 AND plan.insurance_id = $4)"
    );
    let held = on!(raw, conn => query(sea_orm::sqlx::AssertSqlSafe(sql))
        .bind(utc(after)).bind(utc(after.saturating_add(SignedDuration::from_hours(24))?))
        .bind(MANY.0).bind(facts.payer).fetch_all(&mut *conn).await?.iter()
        .map(|row| (row.get(0), row.get(1), row.get(2)))
        .collect::<Vec<(Uuid, DateTimeUtc, DateTimeUtc)>>());
    std::hint::black_box(held);
    Ok(())
}
