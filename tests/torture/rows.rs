//! What is true at the end: the raw rows of the database, and the ledger of the outside service.

use serde_json::Value;

use crate::Trouble;
use crate::checker::{Kind, Report};
use crate::client::seconds;
use crate::database::{Engine, Store};

/// A row of `appointment`. Instants are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Booked {
    /// 32 hexadecimal digits.
    pub(crate) id: String,
    pub(crate) provider: String,
    /// Nobody, in a row that only holds time.
    pub(crate) patient: Option<String>,
    pub(crate) email: String,
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) moving_to: Option<(i64, i64)>,
    /// Where it is on its way to another provider: with whom is a row of its own.
    pub(crate) reassigned_to: Option<(i64, i64)>,
    pub(crate) status: String,
    pub(crate) external_id: Option<String>,
    /// Nobody outside is to have it.
    pub(crate) kept_here: bool,
    /// Until when its time is held by a token, in seconds since 1970.
    pub(crate) held_until: Option<i64>,
}

impl Booked {
    /// Confirmed, and perhaps what comes after that.
    pub(crate) fn is_scheduled(&self) -> bool {
        matches!(self.status.as_str(), "CONFIRMED" | "CHECKED_IN" | "COMPLETED" | "NO_SHOW")
    }

    /// Nobody else can have its time.
    pub(crate) fn holds_time(&self) -> bool {
        self.is_scheduled() || matches!(self.status.as_str(), "PENDING" | "CANCELLING" | "HELD")
    }

    /// On its way to another time or another provider.
    pub(crate) fn is_on_the_move(&self) -> bool {
        self.moving_to.is_some() || self.reassigned_to.is_some()
    }
}

/// What the outside service has, or had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outside {
    /// Our id: 32 hexadecimal digits.
    pub(crate) reference: String,
    pub(crate) external_id: String,
    /// Our id of the provider, as above.
    pub(crate) provider: String,
    pub(crate) start: i64,
    pub(crate) minutes: i64,
    pub(crate) cancelled: bool,
}

/// All there is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Truth {
    pub(crate) booked: Vec<Booked>,
    pub(crate) outside: Vec<Outside>,
    /// Rows of the outbox.
    pub(crate) waiting: i64,
    /// When the history began, in milliseconds since 1970.
    pub(crate) began_at: i64,
}

const SQLITE: &str = "SELECT lower(hex(a.id)), lower(hex(a.provider_id)), 
    CASE WHEN a.patient_id IS NOT NULL THEN lower(hex(a.patient_id)) END, coalesce(p.email, ''),
    CAST(strftime('%s', a.starts_at) AS INTEGER), CAST(strftime('%s', a.ends_at) AS INTEGER),
    CAST(strftime('%s', a.move_starts_at) AS INTEGER), CAST(strftime('%s', a.move_ends_at) AS INTEGER),
    a.status, a.external_id, a.kept_here,
    CAST(strftime('%s', a.reassign_starts_at) AS INTEGER), CAST(strftime('%s', a.reassign_ends_at) AS INTEGER),
    CAST(strftime('%s', a.hold_expires_at) AS INTEGER)
    FROM appointment a LEFT JOIN patient p ON p.id = a.patient_id";
const POSTGRES: &str = "SELECT replace(a.id::text, '-', ''), replace(a.provider_id::text, '-', ''),
    replace(a.patient_id::text, '-', ''), coalesce(p.email, ''),
    extract(epoch FROM a.starts_at)::bigint, extract(epoch FROM a.ends_at)::bigint,
    extract(epoch FROM a.move_starts_at)::bigint, extract(epoch FROM a.move_ends_at)::bigint,
    a.status, a.external_id, a.kept_here,
    extract(epoch FROM a.reassign_starts_at)::bigint, extract(epoch FROM a.reassign_ends_at)::bigint,
    extract(epoch FROM a.hold_expires_at)::bigint
    FROM appointment a LEFT JOIN patient p ON p.id = a.patient_id";

/// The rows of `appointment`.
pub(crate) async fn booked(store: &Store) -> Result<Vec<Booked>, Trouble> {
    let mut booked = Vec::new();
    for row in store.query(store.engine.sql(SQLITE, POSTGRES)).await? {
        let from: Option<i64> = row.try_get_by_index(6)?;
        let to: Option<i64> = row.try_get_by_index(7)?;
        let reassigned_from: Option<i64> = row.try_get_by_index(11)?;
        let reassigned_until: Option<i64> = row.try_get_by_index(12)?;
        booked.push(Booked {
            id: row.try_get_by_index(0)?,
            provider: row.try_get_by_index(1)?,
            patient: row.try_get_by_index(2)?,
            email: row.try_get_by_index(3)?,
            start: row.try_get_by_index(4)?,
            end: row.try_get_by_index(5)?,
            moving_to: from.zip(to),
            reassigned_to: reassigned_from.zip(reassigned_until),
            status: row.try_get_by_index(8)?,
            external_id: row.try_get_by_index(9)?,
            kept_here: row.try_get_by_index(10)?,
            held_until: row.try_get_by_index(13)?,
        });
    }
    Ok(booked)
}

/// Rows of the outbox, and appointments that are on their way somewhere.
pub(crate) async fn unsettled(store: &Store) -> Result<(i64, i64), Trouble> {
    let waiting = store.number("SELECT count(*) FROM outbox").await?;
    let under_way = "SELECT count(*) FROM appointment \
        WHERE status IN ('PENDING', 'CANCELLING') OR (status = 'HELD' AND hold_expires_at IS NULL) OR move_starts_at IS NOT NULL OR reassign_starts_at IS NOT NULL";
    Ok((waiting, store.number(under_way).await?))
}

/// What of a visit is committed at once: that it is told of, that somebody sees to it while it is under way, what the
/// outside service calls it, and whose it is.
const IN_PART: [(&str, &str); 6] = [
    ("no event", "status <> 'HELD' AND id NOT IN (SELECT appointment_id FROM appointment_event)"),
    (
        "under way, and not in the outbox",
        "(status IN ('PENDING', 'CANCELLING') OR move_starts_at IS NOT NULL OR reassign_starts_at IS NOT NULL) \
         AND id NOT IN (SELECT appointment_id FROM outbox)",
    ),
    (
        "confirmed, and of no id outside",
        "status = 'CONFIRMED' AND external_id IS NULL AND NOT kept_here",
    ),
    (
        "held, and by no token",
        "status = 'HELD' AND hold_for IS NULL AND id NOT IN (SELECT appointment_id FROM hold)",
    ),
    ("of a token, and not held", "status <> 'HELD' AND id IN (SELECT appointment_id FROM hold)"),
    (
        "of no patient",
        "status <> 'HELD' AND (patient_id IS NULL OR patient_id NOT IN (SELECT id FROM patient))",
    ),
];

/// Rows without what was committed with them; and on `SQLite`, which only asks where it writes, whether pages and
/// references are whole.
pub(crate) async fn in_part(store: &Store, report: &mut Report) -> Result<(), Trouble> {
    let visits = IN_PART
        .map(|(what, which)| (what, format!("SELECT count(*) FROM appointment WHERE {which}")));
    let file = [
        ("a reference to nothing", "SELECT count(*) FROM pragma_foreign_key_check"),
        (
            "not a whole file",
            "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
        ),
    ];
    let file = file.map(|(what, sql)| (what, sql.to_owned()));
    let is_file = store.engine == Engine::Sqlite;
    for (what, sql) in visits.into_iter().chain(file.into_iter().filter(|_| is_file)) {
        for _row in 0..store.number(&sql).await? {
            report.add(Kind::InPart, what);
        }
    }
    Ok(())
}

/// The ledger, as the service tells it.
pub(crate) fn outside(ledger: &Value) -> Result<Vec<Outside>, Trouble> {
    let entries = ledger.as_array().ok_or("the ledger is no list")?;
    let read = |entry: &Value| {
        Some(Outside {
            reference: hexadecimal(entry["reference"].as_str()?)?,
            external_id: entry["appointment_id"].as_str()?.to_owned(),
            provider: hexadecimal(entry["provider_reference"].as_str()?)?,
            start: seconds(&entry["time"])?,
            minutes: entry["duration_minutes"].as_i64()?,
            cancelled: entry["cancelled"].as_bool()?,
        })
    };
    entries
        .iter()
        .map(|entry| read(entry).ok_or_else(|| format!("unreadable: {entry}").into()))
        .collect()
}

/// The 128 bits of an identifier such as `apt_01h2xcejqtf2nbrexx3vqjhp41`, as the database has them.
pub(crate) fn hexadecimal(id: &str) -> Option<String> {
    let kinds = ["apt_", "prv_", "ser_", "wle_", "mai_"];
    let digits = kinds.iter().find_map(|kind| id.strip_prefix(kind))?;
    let mut digits = digits.chars().map(|digit| "0123456789abcdefghjkmnpqrstvwxyz".find(digit));
    let bits =
        digits.try_fold(0_u128, |bits, digit| Some(bits << 5 | u128::try_from(digit?).ok()?))?;
    Some(format!("{bits:032x}"))
}

/// The literal of an identifier in SQL.
pub(crate) fn literal(engine: Engine, hexadecimal: &str) -> String {
    match engine {
        Engine::Sqlite => format!("x'{hexadecimal}'"),
        Engine::Postgres => format!("'{hexadecimal}'::uuid"),
    }
}
