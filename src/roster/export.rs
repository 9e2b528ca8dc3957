//! The roster in the format of a roster file: read again, it changes nothing.

use std::collections::HashMap;

use serde::Serialize;

use super::entries::StoredRoster;
use crate::db::{Db, StoreError};
use crate::domain::working_hours::weekday_name;
use crate::domain::{DayHours, OwnRules, PayerId, ProviderRecord, VisitTypeId, WorkingHours};

#[derive(Serialize)]
struct File<'a> {
    rules: ClinicRules,
    closed_days: Vec<Day<'a>>,
    visit_types: Vec<Kind<'a>>,
    payers: Vec<Payer<'a>>,
    providers: Vec<Provider<'a>>,
}

#[derive(Serialize)]
struct ClinicRules {
    #[serde(flatten)]
    booking: Rules,
    patient_earliest: Option<String>,
    patient_latest: Option<String>,
}

#[derive(Serialize)]
struct Rules {
    grid_minutes: Option<u16>,
    buffer_before_minutes: Option<u16>,
    buffer_after_minutes: Option<u16>,
    notice_minutes: Option<u32>,
    horizon_days: Option<u16>,
    max_appointments_per_day: Option<u16>,
}

#[derive(Serialize)]
struct Day<'a> {
    date: String,
    name: &'a str,
}

#[derive(Serialize)]
struct Kind<'a> {
    name: &'a str,
    duration_minutes: u16,
    buffer_before_minutes: u16,
    buffer_after_minutes: u16,
    active: bool,
}

#[derive(Serialize)]
struct Payer<'a> {
    name: &'a str,
    aliases: &'a [String],
    self_pay: bool,
    active: bool,
}

#[derive(Serialize)]
struct Provider<'a> {
    reference: &'a str,
    name: &'a str,
    credentials: &'a str,
    time_zone: &'a str,
    active: bool,
    licences: Vec<Licence<'a>>,
    insurances: Vec<&'a str>,
    working_hours: Vec<Hours>,
    rules: Rules,
    visit_types: Vec<&'a str>,
    overrides: Vec<Override>,
    time_off: Vec<TimeOff<'a>>,
}

#[derive(Serialize)]
struct Licence<'a> {
    state: &'a str,
    number: &'a str,
    valid_from: Option<String>,
    valid_until: Option<String>,
}

#[derive(Serialize)]
struct Hours {
    weekday: &'static str,
    #[serde(flatten)]
    span: Span,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_until: Option<String>,
}

#[derive(Serialize)]
struct Span {
    opens_at: String,
    closes_at: String,
}

#[derive(Serialize)]
struct Override {
    date: String,
    hours: Vec<Span>,
}

#[derive(Serialize)]
struct TimeOff<'a> {
    starts_at: String,
    ends_at: String,
    reason: Option<&'a str>,
}

/// The whole roster of a database, as the text of a roster file.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn export(db: &Db) -> Result<String, StoreError> {
    // One snapshot: what is written meanwhile is not half in it.
    let snapshot = db.snapshot().await?;
    let stored = StoredRoster::read(&snapshot).await?;
    let text = serde_json::to_string_pretty(&file(&stored));
    text.map_err(|error| StoreError::Internal(format!("a roster can't be written: {error}")))
}

fn file(stored: &StoredRoster) -> File<'_> {
    let settings = &stored.settings;
    let text = |time: Option<crate::domain::LocalTime>| time.map(|time| time.to_string());
    let payers: HashMap<PayerId, &str> =
        stored.payers.iter().map(|payer| (payer.id, payer.name.as_str())).collect();
    let kinds: HashMap<VisitTypeId, &str> =
        stored.visit_types.iter().map(|one| (one.id, one.name.as_str())).collect();
    let days = stored.closed_days.iter();
    let types = stored.visit_types.iter();
    File {
        rules: ClinicRules {
            booking: rules(&settings.rules),
            patient_earliest: text(settings.patient_earliest),
            patient_latest: text(settings.patient_latest),
        },
        closed_days: days.map(|day| Day { date: day.date.to_string(), name: &day.name }).collect(),
        visit_types: types
            .map(|one| Kind {
                name: &one.name,
                duration_minutes: one.length.minutes(),
                buffer_before_minutes: one.buffers.before_minutes(),
                buffer_after_minutes: one.buffers.after_minutes(),
                active: one.active,
            })
            .collect(),
        payers: stored
            .payers
            .iter()
            .map(|payer| Payer {
                name: &payer.name,
                aliases: &payer.aliases,
                self_pay: payer.self_pay,
                active: payer.active,
            })
            .collect(),
        providers: stored.providers.iter().map(|one| provider(one, &payers, &kinds)).collect(),
    }
}

fn provider<'a>(
    record: &'a ProviderRecord,
    payers: &HashMap<PayerId, &'a str>,
    kinds: &HashMap<VisitTypeId, &'a str>,
) -> Provider<'a> {
    let mut insurances: Vec<&str> =
        record.payers.iter().filter_map(|id| payers.get(id).copied()).collect();
    insurances.sort_unstable();
    let mut visit_types: Vec<&str> =
        record.visit_types.iter().filter_map(|id| kinds.get(id).copied()).collect();
    visit_types.sort_unstable();
    Provider {
        reference: &record.reference,
        name: &record.name,
        credentials: &record.credentials,
        time_zone: &record.time_zone,
        active: record.active,
        licences: record.licences.iter().map(licence).collect(),
        insurances,
        working_hours: record.working_hours.iter().map(hours).collect(),
        rules: rules(&record.rules),
        visit_types,
        overrides: record
            .overrides
            .iter()
            .map(|one| Override {
                date: one.date.to_string(),
                hours: one.hours.iter().copied().map(span).collect(),
            })
            .collect(),
        time_off: record
            .time_off
            .iter()
            .map(|off| TimeOff {
                starts_at: off.slot.starts_at().to_string(),
                ends_at: off.slot.ends_at().to_string(),
                reason: off.reason.as_deref(),
            })
            .collect(),
    }
}

fn licence(licence: &crate::domain::Licence) -> Licence<'_> {
    Licence {
        state: licence.state.code(),
        number: &licence.number,
        valid_from: licence.valid_from.map(|day| day.to_string()),
        valid_until: licence.valid_until.map(|day| day.to_string()),
    }
}

fn hours(hours: &WorkingHours) -> Hours {
    Hours {
        weekday: weekday_name(hours.weekday),
        span: span(DayHours { opens_at: hours.opens_at, closes_at: hours.closes_at }),
        effective_from: hours.effective_from.map(|day| day.to_string()),
        effective_until: hours.effective_until.map(|day| day.to_string()),
    }
}

fn span(hours: DayHours) -> Span {
    Span { opens_at: hours.opens_at.to_string(), closes_at: hours.closes_at.to_string() }
}

fn rules(rules: &OwnRules) -> Rules {
    Rules {
        grid_minutes: rules.grid_minutes,
        buffer_before_minutes: rules.buffer_before_minutes,
        buffer_after_minutes: rules.buffer_after_minutes,
        notice_minutes: rules.notice_minutes,
        horizon_days: rules.horizon_days,
        max_appointments_per_day: rules.max_appointments_per_day,
    }
}
