//! `clinic audit`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::database::set_up;
use super::terminal::{Failure, say, warn};
use crate::access::Actor;
use crate::app::audit_key;
use crate::audit::{AuditKey, Keys, LEAST_KEPT, LoggedHead, Trail, Verification, file_beside};
use crate::config::Config;
use crate::db::Db;
use crate::db::audit::has_not_begun;
use crate::domain::audit::{AuditedCaller, StoredAuditEntry};
use crate::domain::time_slot::rfc3339;
use crate::domain::{Clock, SystemClock};

/// What to do with the audit trail.
#[derive(Subcommand)]
pub(super) enum Action {
    /// Show whether the trail is as it was written
    ///
    /// Reads every row and every seal. Exit code 1 when something was changed, removed or added, or was
    /// kept from being sealed; says what, the first of it first.
    Verify(VerifyOptions),
    /// Print the trail, a JSON object a line, by time
    Export {
        /// From this moment or day (in UTC) on
        #[arg(long, value_parser = moment)]
        from: Option<Timestamp>,
        /// Until before this moment or day (in UTC)
        #[arg(long, value_parser = moment)]
        to: Option<Timestamp>,
    },
    /// Remove what is older than a moment, and leave a signed checkpoint where the trail begins then
    Prune {
        /// What was written before this moment or day (in UTC), in whole blocks of 256 rows
        #[arg(long, value_parser = moment)]
        before: Timestamp,
        /// Although it is less than six years ago
        #[arg(long)]
        force: bool,
    },
}

/// How to verify.
#[derive(Args, Default)]
pub(super) struct VerifyOptions {
    /// A head that was kept elsewhere, as the log has it: it shows whether the end was cut off
    #[arg(long)]
    head: Option<LoggedHead>,
    /// The key that was in use before this one, in a file; again for each
    #[arg(long, value_name = "FILE")]
    previous_key_file: Vec<PathBuf>,
    /// Up to this seal access was open and there was no key (PostgreSQL)
    #[arg(long, value_name = "SEAL", default_value_t = 0)]
    keyless_until: i64,
}

/// A moment, or the beginning of a day.
fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse() {
        return Ok(moment);
    }
    let day = text.parse::<Date>().ok().and_then(|day| day.to_zoned_datetime(TimeZone::UTC).ok());
    let day = day.ok_or("must be a day or a moment such as 2027-01-15 or 2027-01-15T14:30:00Z")?;
    Ok(day.timestamp())
}

/// The trail, for a command that writes into it.
pub(super) async fn trail_of(config: &Config, db: &Db) -> Result<Arc<Trail>, Failure> {
    let clock: Arc<dyn Clock> = db.clock(Arc::new(SystemClock));
    let trail = Trail::of_a_command(db.clone(), clock, audit_key(config, db).await?);
    if trail.is_of_another_key().await? {
        return Err(
            "the audit trail of this database is written with a key, and this command has none or another one: set \
             AUDIT_KEY as its server has it, else what the command writes would not be known for ours. If the key is to \
             be another from now on, start the server with it first"
                .into(),
        );
    }
    Ok(Arc::new(trail))
}

pub(super) async fn run(config: &Config, action: Action) -> Result<ExitCode, Failure> {
    let db = set_up(config).await?;
    let done = act(config, &db, action).await;
    db.close().await;
    done
}

async fn act(config: &Config, db: &Db, action: Action) -> Result<ExitCode, Failure> {
    match action {
        Action::Verify(how) => verify(config, db, how).await,
        Action::Export { from, to } => export(config, db, (from, to)).await,
        Action::Prune { before, force } => prune(config, db, before, force).await,
    }
}

/// The key in use; to verify none is made, and where nothing was written yet none is needed.
async fn key_in_use(config: &Config, db: &Db) -> Result<AuditKey, Failure> {
    let file = db.file().map(file_beside).filter(|file| !file.exists());
    if config.audit_key.is_none() && file.is_some() && has_not_begun(db.read()).await? {
        return Ok(AuditKey::none()?);
    }
    Ok(audit_key(config, db).await?)
}

/// Whether the trail is as it was written; says what it has found.
pub(super) async fn verify(
    config: &Config,
    db: &Db,
    how: VerifyOptions,
) -> Result<ExitCode, Failure> {
    let key = key_in_use(config, db).await?;
    let has_key = key.is_one();
    let previous = how.previous_key_file.iter().map(|file| AuditKey::read_from(file));
    let keys = Keys::new(key, previous.collect::<Result<_, _>>()?)?;
    let keys = keys.keyless_until(how.keyless_until);
    let found = Verification::of(db, &keys, how.head.as_ref()).await?;
    for finding in &found.findings {
        say(&finding.to_string());
    }
    let told = u64::try_from(found.findings.len()).unwrap_or_default();
    if found.found > told {
        say(&format!("and {} more", found.found - told));
    }
    if let Some(checkpoint) = found.checkpoint {
        say(&format!("begins after the checkpoint at seal {checkpoint}"));
    }
    if found.keyless > 0 {
        let count = found.keyless;
        let who = if has_key { "then" } else { "here, for AUDIT_KEY is not set" };
        say(&format!(
            "{count} rows are sealed without a key, as access was open {who}: whoever can write this \
             database can have made them"
        ));
    }
    say(&format!("{} rows are as they were written, {}", found.sealed, waiting(&found)));
    if let Some(head) = &found.head {
        say(&format!("ends at {head}"));
    }
    if found.found == 0 {
        Ok(ExitCode::SUCCESS)
    } else if found.lacks_keys_alone() {
        Err("the audit trail can't be verified with the keys that were given".into())
    } else {
        Err("the audit trail was tampered with".into())
    }
}

/// What has no seal yet, and since when: long, where no server has run since it was written.
fn waiting(found: &Verification) -> String {
    match found.waits_since {
        None => format!("{} wait to be sealed", found.unsealed),
        Some(since) => {
            format!("{} wait to be sealed, the oldest since {}", found.unsealed, rfc3339(since))
        }
    }
}

async fn export(
    config: &Config,
    db: &Db,
    window: (Option<Timestamp>, Option<Timestamp>),
) -> Result<ExitCode, Failure> {
    let trail = trail_of(config, db).await?;
    let count = trail.export(&Actor::operator(), window, |row| say(&line(row).to_string())).await?;
    warn(&format!("{count} rows"));
    Ok(ExitCode::SUCCESS)
}

fn caller(caller: &AuditedCaller) -> Value {
    let AuditedCaller { kind, id, name, role } = caller;
    json!({ "kind": kind, "id": id, "name": name, "role": role })
}

fn line(row: &StoredAuditEntry) -> Value {
    let entry = &row.entry;
    let ids = |ids: Vec<String>| Value::from(ids);
    json!({
        "number": row.number,
        "id": entry.id.to_string(),
        "at": rfc3339(entry.at),
        "kind": entry.kind.as_str(),
        "actor": caller(&entry.actor),
        "address": entry.address,
        "onBehalfOf": entry.on_behalf_of.as_ref().map(caller),
        "operation": entry.operation,
        "fields": entry.fields.split_whitespace().collect::<Vec<_>>(),
        "patientIds": ids(entry.patients.iter().map(ToString::to_string).collect()),
        "appointmentIds": ids(entry.appointments.iter().map(ToString::to_string).collect()),
        "outcome": entry.outcome,
        "requestId": entry.request_id,
        "objectId": entry.object,
        "recipients": entry.recipients.lines().collect::<Vec<_>>(),
        "mac": row.mac.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
    })
}

async fn prune(
    config: &Config,
    db: &Db,
    before: Timestamp,
    force: bool,
) -> Result<ExitCode, Failure> {
    let latest = SystemClock.now().saturating_sub(LEAST_KEPT).unwrap_or(Timestamp::MIN);
    if before > latest && !force {
        return Err(format!(
            "the trail is kept for six years, until before {}: say --force to remove what is newer",
            rfc3339(latest)
        )
        .into());
    }
    let pruned = trail_of(config, db).await?.prune(&Actor::operator(), before).await?;
    match pruned.up_to {
        Some(seq) => say(&format!(
            "{} rows were removed; the trail begins after the checkpoint at seal {seq}",
            pruned.rows
        )),
        None => say("Nothing is old enough: rows go in whole blocks of 256"),
    }
    Ok(ExitCode::SUCCESS)
}
