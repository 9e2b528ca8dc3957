//! What is stored before anything is measured: 1,000 providers who all match one patient, a few
//! always at work with nothing stored, and appointments spread evenly over the 1,000, one half of
//! them over the coming 90 days and the other over the year that was.
//!
//! The appointments lie on a grid of half hours from 14:00 to 22:00 in UTC, each place taken at
//! most once, so they can't overlap; with a million, every third such place to come is taken. On
//! one day further ahead all places of the first 50 providers are taken. The rules against overlapping are put aside while they are written, and are back before anything is
//! measured: on `PostgreSQL` that checks every row.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::Trouble;
use crate::database::{Engine, Store};
use crate::facts::{FEW, FULL_DAY, MANY};
use crate::stage::run_all;

const PROVIDERS: u32 = 1000;
const HOT_SPOTS: u32 = 64;
const PATIENTS_EACH: u32 = 20;
/// Half hours from 14:00 to 22:00.
const PLACES_A_DAY: u32 = 16;
const DAYS_TO_COME: u32 = 89;
const DAYS_PAST: u32 = 365;

pub(crate) fn roster() -> String {
    let zones = ["America/New_York", "America/Detroit", "America/Kentucky/Louisville"];
    let many = (0..PROVIDERS).zip(zones.into_iter().cycle()).map(|(number, zone)| {
        let name = format!("many-{number:04}");
        provider(
            &name,
            zone,
            "07:00",
            "19:00",
            &[MANY.0, "NJ", "PA"],
            &[MANY.1, "Cigna", "UnitedHealthcare"],
        )
    });
    let few = (0..HOT_SPOTS).map(|number| {
        provider(&format!("few-{number:02}"), "UTC", "00:00", "24:00", &[FEW.0], &[FEW.1])
    });
    let payers =
        ["Aetna", "Cigna", "UnitedHealthcare"].map(|name| json!({ "name": name, "aliases": [] }));
    json!({ "payers": payers, "providers": many.chain(few).collect::<Vec<Value>>() }).to_string()
}

fn provider(
    reference: &str,
    zone: &str,
    opens_at: &str,
    closes_at: &str,
    states: &[&str],
    payers: &[&str],
) -> Value {
    let weekdays = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];
    let hours = weekdays
        .map(|weekday| json!({ "weekday": weekday, "opens_at": opens_at, "closes_at": closes_at }));
    let licences: Vec<Value> = states
        .iter()
        .map(|state| {
            json!({ "state": state,
        "number": format!("L-{reference}"), "valid_from": null, "valid_until": null })
        })
        .collect();
    json!({ "reference": reference, "name": format!("Dr. {reference}"), "credentials": "MD",
        "time_zone": zone, "licences": licences, "insurances": payers, "working_hours": hours })
}

/// Stores `count` appointments around midnight of `base`.
pub(crate) async fn store(store: &Store, base: Timestamp, count: u32) -> Result<(), Trouble> {
    let engine = store.engine;
    let written = Written::of(engine, base);
    let mut statements = vec![written.patients()];
    let (aside, back) = rules(store).await?;
    statements.extend(aside);
    let each = count / PROVIDERS;
    let to_come = each / 2;
    statements.push(written.appointments(to_come, "", DAYS_TO_COME, 0));
    statements.push(written.appointments(each - to_come, "-", DAYS_PAST, to_come));
    statements.push(written.full_day());
    if engine == Engine::Postgres {
        statements.push(EVENTS.to_owned());
    }
    statements.extend(back);
    if engine == Engine::Postgres {
        statements.push("VACUUM ANALYZE".to_owned());
        statements.push("CHECKPOINT".to_owned());
    } else {
        statements.push("PRAGMA wal_checkpoint(TRUNCATE)".to_owned());
    }
    run_all(store, &statements).await
}

/// The events in order at once, as the server would bring them.
const EVENTS: &str = "INSERT INTO appointment_event (position, appointment_id, provider_id, state, kind, at)
    SELECT row_number() OVER (ORDER BY id), id, provider_id, state, 'BOOKED', updated_at FROM appointment";

/// What puts the rules against overlapping aside, and what brings them back.
async fn rules(store: &Store) -> Result<(Vec<String>, Vec<String>), Trouble> {
    let (sql, alter) = match store.engine {
        Engine::Sqlite => (
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%no_overlap%'",
            false,
        ),
        Engine::Postgres => (
            "SELECT conname::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'x'",
            true,
        ),
    };
    let (mut aside, mut back) = (Vec::new(), Vec::new());
    if alter {
        aside.push("ALTER TABLE appointment DISABLE TRIGGER appointment_event_insert".to_owned());
        back.push("ALTER TABLE appointment ENABLE TRIGGER appointment_event_insert".to_owned());
        // As the sequencer would have left it.
        back.push(
            "UPDATE appointment_event_end SET position = (SELECT count(*) FROM appointment_event)"
                .to_owned(),
        );
        back.push("SET maintenance_work_mem = '256MB'".to_owned());
    }
    for row in store.query(sql).await? {
        let (name, definition): (String, String) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        if alter {
            aside.push(format!("ALTER TABLE appointment DROP CONSTRAINT {name}"));
            back.push(format!("ALTER TABLE appointment ADD CONSTRAINT {name} {definition}"));
        } else {
            aside.push(format!("DROP TRIGGER {name}"));
            back.push(definition);
        }
    }
    if aside.is_empty() {
        return Err("found no rules against overlapping".into());
    }
    Ok((aside, back))
}

/// SQL that both engines spell differently.
pub(crate) struct Written {
    engine: Engine,
    base: Timestamp,
}

impl Written {
    /// For that engine, with times counted from `base`.
    pub(crate) fn of(engine: Engine, base: Timestamp) -> Self {
        Self { engine, base }
    }

    /// Rows with `n` from 0 on.
    pub(crate) fn series(&self, count: u32) -> String {
        match self.engine {
            Engine::Sqlite => format!(
                "(WITH RECURSIVE counting(n) AS
                    (SELECT 0 UNION ALL SELECT n + 1 FROM counting WHERE n + 1 < {count})
                  SELECT n FROM counting) AS series"
            ),
            Engine::Postgres => format!("generate_series(0, {count} - 1) AS series(n)"),
        }
    }

    /// So many minutes after `base`.
    pub(crate) fn instant(&self, minutes: &str) -> String {
        let base = self.base;
        match self.engine {
            Engine::Sqlite => {
                format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', '{base}', ({minutes}) || ' minutes')")
            }
            Engine::Postgres => {
                format!("(timestamptz '{base}' + ({minutes}) * interval '1 minute')")
            }
        }
    }

    /// An id that sorts by `n`.
    pub(crate) fn id(&self, n: &str) -> String {
        match self.engine {
            Engine::Sqlite => format!("unhex(printf('%012x70008000%012x', {n}, {n}))"),
            Engine::Postgres => format!(
                "(lpad(to_hex({n}), 12, '0') || '70008000' || lpad(to_hex({n}), 12, '0'))::uuid"
            ),
        }
    }

    fn patients(&self) -> String {
        let (id, now) = (self.id("n"), self.instant("0"));
        let series = self.series(PROVIDERS * PATIENTS_EACH);
        format!(
            "INSERT INTO patient (id, name, email, name_key, email_key, state, insurance_id, created_at, updated_at)
             SELECT {id}, 'Patient ' || n, 'patient' || n || '@example.com', 'patient ' || n,
                    'patient' || n || '@example.com', '{}', (SELECT id FROM insurance WHERE name = '{}'), {now}, {now}
               FROM {series}", MANY.0, MANY.1
        )
    }

    /// `each` appointments of every one of the many, on so many days ahead (or back).
    fn appointments(&self, each: u32, sign: &str, days: u32, first: u32) -> String {
        if each == 0 {
            return "SELECT 1".to_owned();
        }
        let places = days * PLACES_A_DAY;
        // Each provider begins at another place.
        let place = format!("((n * {places} / {each} + p * 37) % {places})");
        let starts = format!(
            "({sign}(1 + {place} / {PLACES_A_DAY}) * 1440 + 840 + {place} % {PLACES_A_DAY} * 30)"
        );
        let many = "SELECT id, row_number() OVER (ORDER BY reference) - 1 AS p
                      FROM provider WHERE reference LIKE 'many-%'";
        self.visits(many, each, &starts, first)
    }

    /// A visit at each place of one day of those whom a desk shows first.
    fn full_day(&self) -> String {
        let first_fifty = "SELECT id, row_number() OVER (ORDER BY id) - 1 AS p
                             FROM provider ORDER BY id LIMIT 50";
        let starts = format!("({FULL_DAY} * 1440 + 840 + n * 30)");
        // Nobody else has as many.
        self.visits(first_fifty, PLACES_A_DAY, &starts, 1_000_000)
    }

    /// A visit at each place of a day that is free yet, of the first so many of the many.
    pub(crate) fn rest_of_day(&self, day: u64, providers: u32) -> String {
        let first = format!(
            "SELECT id, row_number() OVER (ORDER BY reference) - 1 AS p
               FROM provider WHERE reference LIKE 'many-%' ORDER BY reference LIMIT {providers}"
        );
        let starts = format!("({day} * 1440 + 840 + n * 30)");
        let (starts_at, ends_at) = (self.instant(&starts), self.instant(&format!("{starts} + 30")));
        let visits = self.visits(&first, PLACES_A_DAY, &starts, 2_000_000);
        format!(
            "{visits} WHERE NOT EXISTS (SELECT 1 FROM appointment AS other
                WHERE other.provider_id = many.id AND other.starts_at < {ends_at} AND other.ends_at > {starts_at}
                  AND other.status IN ('PENDING', 'CONFIRMED', 'CANCELLING', 'HELD'))"
        )
    }

    /// `each` visits of half an hour of every such provider, of whom `p` tells one from another, as `n`
    /// does their visits; in ids `n` begins at `first`.
    fn visits(&self, providers: &str, each: u32, starts: &str, first: u32) -> String {
        let (starts_at, ends_at) = (self.instant(starts), self.instant(&format!("{starts} + 30")));
        let now = self.instant("-1440");
        let id = self.id(&format!("((n + {first}) * {PROVIDERS} + p)"));
        let patient = self.id(&format!("(p * {PATIENTS_EACH} + n % {PATIENTS_EACH})"));
        let series = self.series(each);
        format!(
            "INSERT INTO appointment (id, provider_id, patient_id, starts_at, ends_at, status, version,
                    state, insurance_id, external_id, created_at, updated_at)
             SELECT {id}, many.id, {patient}, {starts_at}, {ends_at}, 'CONFIRMED', 2, '{}',
                    (SELECT id FROM insurance WHERE name = '{}'),
                    'e-' || ((n + {first}) * {PROVIDERS} + p), {now}, {now}
               FROM {series} CROSS JOIN ({providers}) AS many",
            MANY.0, MANY.1
        )
    }
}
