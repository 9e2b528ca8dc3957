//! Reading a clinic's roster file: payers, and providers with licences, insurances and hours.
//!
//! A wrong file is refused with the line and the reason, before anything is written.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Display;
use std::str::FromStr;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::db::roster::{RosterEntries, RosterPayer, RosterProvider};
use crate::domain::insurance::payer_key;
use crate::domain::working_hours::weekday_named;
use crate::domain::{Licence, LocalTime, UsState, WorkingHours};

/// What is wrong with a roster file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct RosterMistake {
    /// Where, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RosterFile<'a> {
    #[serde(borrow, default)]
    payers: Vec<&'a RawValue>,
    #[serde(borrow)]
    providers: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PayerEntry {
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    self_pay: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderEntry {
    reference: String,
    name: String,
    #[serde(default)]
    credentials: String,
    #[serde(deserialize_with = "time_zone")]
    time_zone: String,
    licences: Vec<LicenceEntry>,
    insurances: Vec<String>,
    working_hours: Vec<WorkingHoursEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LicenceEntry {
    #[serde(deserialize_with = "us_state")]
    state: UsState,
    number: String,
    valid_from: Option<Date>,
    valid_until: Option<Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkingHoursEntry {
    #[serde(deserialize_with = "weekday")]
    weekday: Weekday,
    #[serde(deserialize_with = "parsed")]
    opens_at: LocalTime,
    #[serde(deserialize_with = "parsed")]
    closes_at: LocalTime,
}

fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(
    deserializer: D,
) -> Result<T, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

fn us_state<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UsState, D::Error> {
    UsState::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

fn weekday<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Weekday, D::Error> {
    weekday_named(&String::deserialize(deserializer)?)
        .ok_or_else(|| D::Error::custom("must be a day of the week such as MONDAY"))
}

fn time_zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    match TimeZone::get(&name) {
        Ok(_) => Ok(name),
        Err(_unknown) => {
            Err(D::Error::custom("must be an IANA time zone such as America/New_York"))
        }
    }
}

/// Reads a roster; `known` are the payers of the database: name by the key of each of its names.
/// `self_pay` is the one of them that stands for patients who pay themselves.
///
/// # Errors
///
/// [`RosterMistake`].
pub(super) fn parse(
    text: &str,
    known: &HashMap<String, String>,
    mut self_pay: Option<String>,
) -> Result<RosterEntries, RosterMistake> {
    let file: RosterFile<'_> =
        serde_json::from_str(text).map_err(|error| wrong(error.line(), &error))?;
    let mut names = known.clone();
    let mut payers = Vec::new();
    for raw in file.payers {
        let line = line_of(text, raw);
        let entry: PayerEntry = entry(raw, line)?;
        add_names(&mut names, &entry).map_err(|reason| RosterMistake { line, reason })?;
        only_self_pay(&mut self_pay, &entry).map_err(|reason| RosterMistake { line, reason })?;
        let PayerEntry { name, aliases, self_pay } = entry;
        payers.push(RosterPayer { name, aliases, self_pay });
    }
    let mut references = BTreeSet::new();
    let mut providers = Vec::new();
    for raw in file.providers {
        let line = line_of(text, raw);
        let entry: ProviderEntry = entry(raw, line)?;
        let provider = provider(entry, &names, &mut references)
            .map_err(|reason| RosterMistake { line, reason })?;
        providers.push(provider);
    }
    Ok(RosterEntries { payers, providers })
}

fn wrong(line: usize, error: &serde_json::Error) -> RosterMistake {
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or_default().to_owned();
    RosterMistake { line, reason }
}

fn line_of(text: &str, raw: &RawValue) -> usize {
    let offset = raw.get().as_ptr().addr().saturating_sub(text.as_ptr().addr());
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

fn entry<T: DeserializeOwned>(raw: &RawValue, line: usize) -> Result<T, RosterMistake> {
    serde_json::from_str(raw.get()).map_err(|error| wrong(line + error.line() - 1, &error))
}

fn add_names(names: &mut HashMap<String, String>, payer: &PayerEntry) -> Result<(), String> {
    for name in std::iter::once(&payer.name).chain(&payer.aliases) {
        let key = payer_key(name);
        if key.is_empty() {
            return Err("a payer's name must have letters or digits".to_owned());
        }
        match names.insert(key, payer.name.clone()) {
            Some(other) if other != payer.name => {
                return Err(format!("{name:?} is a name of {other:?} already"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// At most one payer stands for patients who pay themselves: it is what `cash` means.
fn only_self_pay(known: &mut Option<String>, payer: &PayerEntry) -> Result<(), String> {
    match known {
        Some(other) if payer.self_pay && *other != payer.name => {
            Err(format!("{:?} can't be self_pay: {other:?} is already", payer.name))
        }
        _ => {
            *known = known.take().or_else(|| payer.self_pay.then(|| payer.name.clone()));
            Ok(())
        }
    }
}

fn provider(
    entry: ProviderEntry,
    payers: &HashMap<String, String>,
    references: &mut BTreeSet<String>,
) -> Result<RosterProvider, String> {
    for (field, text) in [("reference", &entry.reference), ("name", &entry.name)] {
        if text.trim().is_empty() {
            return Err(format!("{field} must not be empty"));
        }
    }
    if !references.insert(entry.reference.clone()) {
        return Err(format!("reference {:?} stands twice", entry.reference));
    }
    let mut accepted = BTreeSet::new();
    for insurance in &entry.insurances {
        let payer = payers.get(&payer_key(insurance));
        let payer =
            payer.ok_or_else(|| format!("insurance {insurance:?} is none of the payers"))?;
        accepted.insert(payer.clone());
    }
    Ok(RosterProvider {
        licences: licences(entry.licences)?,
        working_hours: working_hours(&entry.working_hours)?,
        insurances: accepted.into_iter().collect(),
        reference: entry.reference,
        name: entry.name,
        credentials: entry.credentials,
        time_zone: entry.time_zone,
    })
}

fn licences(entries: Vec<LicenceEntry>) -> Result<Vec<Licence>, String> {
    let mut numbers = BTreeSet::new();
    for entry in &entries {
        if entry.valid_from.zip(entry.valid_until).is_some_and(|(from, until)| until < from) {
            return Err(format!("licence {:?} ends before it begins", entry.number));
        }
        if !numbers.insert((entry.state, &entry.number)) {
            return Err(format!("licence {:?} stands twice", entry.number));
        }
    }
    let licences = entries.into_iter().map(|entry| Licence {
        state: entry.state,
        number: entry.number,
        valid_from: entry.valid_from,
        valid_until: entry.valid_until,
    });
    Ok(licences.collect())
}

fn working_hours(entries: &[WorkingHoursEntry]) -> Result<Vec<WorkingHours>, String> {
    const WEEK: u16 = 7 * 24 * 60;
    let mut hours = Vec::new();
    for entry in entries {
        if entry.opens_at == entry.closes_at || entry.opens_at == LocalTime::END_OF_DAY {
            return Err(format!("hours from {} to {} are none", entry.opens_at, entry.closes_at));
        }
        let (weekday, opens_at, closes_at) = (entry.weekday, entry.opens_at, entry.closes_at);
        hours.push(WorkingHours { weekday, opens_at, closes_at });
    }
    hours.sort_by_key(|span| span.minutes_of_week());
    let mut minutes: Vec<(u16, u16)> = hours.iter().map(|span| span.minutes_of_week()).collect();
    // The week begins again: Sunday night may run into Monday morning.
    minutes.extend(minutes.first().copied().map(|(start, end)| (start + WEEK, end + WEEK)));
    if minutes.windows(2).any(|pair| pair[1].0 < pair[0].1) {
        return Err("working hours overlap one another".to_owned());
    }
    Ok(hours)
}

#[cfg(test)]
mod tests;
