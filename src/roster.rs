//! Reading a clinic's roster file: payers, and providers with licences, insurances and hours.
//!
//! A wrong file is refused with the line and the reason, before anything is written.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Display;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::db::roster::{self, Roster, RosterPayer, RosterProvider};
use crate::db::{Db, StoreError, commit, migrations};
use crate::domain::insurance::payer_key;
use crate::domain::working_hours::weekday_named;
use crate::domain::{Licence, LocalTime, UsState, WorkingHours};

/// The demo roster.
pub const DEMO: &str = include_str!("../data/demo-roster.json");

/// A roster can't be loaded.
#[derive(Debug, thiserror::Error)]
pub enum RosterError {
    /// The file is not a roster.
    #[error("line {line}: {reason}")]
    Wrong {
        /// Where, counted from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads `text` and writes it to the database, all of it or nothing; a second time changes nothing.
///
/// # Errors
///
/// [`RosterError`].
pub async fn load(db: &Db, text: &str, now: Timestamp) -> Result<Roster, RosterError> {
    let tx = migrations::begin_setup(db).await?;
    let known = roster::known_payer_names(&tx).await?;
    let roster = parse(text, &known)?;
    roster::load(&tx, &roster, now).await?;
    commit(tx).await?;
    Ok(roster)
}

/// Loads the demo roster where there is no provider at all.
///
/// # Errors
///
/// [`RosterError`].
pub async fn load_demo_if_empty(db: &Db, now: Timestamp) -> Result<bool, RosterError> {
    // Without the lock first: nearly every start finds providers.
    if !roster::is_empty(db.read()).await? {
        return Ok(false);
    }
    let tx = migrations::begin_setup(db).await?;
    if !roster::is_empty(&tx).await? {
        return Ok(false);
    }
    let known = roster::known_payer_names(&tx).await?;
    roster::load(&tx, &parse(DEMO, &known)?, now).await?;
    commit(tx).await?;
    Ok(true)
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
fn parse(text: &str, known: &HashMap<String, String>) -> Result<Roster, RosterError> {
    let file: RosterFile<'_> =
        serde_json::from_str(text).map_err(|error| wrong(error.line(), &error))?;
    let mut names = known.clone();
    let mut payers = Vec::new();
    for raw in file.payers {
        let line = line_of(text, raw);
        let entry: PayerEntry = entry(raw, line)?;
        add_names(&mut names, &entry).map_err(|reason| RosterError::Wrong { line, reason })?;
        payers.push(RosterPayer { name: entry.name, aliases: entry.aliases });
    }
    let mut references = BTreeSet::new();
    let mut providers = Vec::new();
    for raw in file.providers {
        let line = line_of(text, raw);
        let entry: ProviderEntry = entry(raw, line)?;
        let provider = provider(entry, &names, &mut references)
            .map_err(|reason| RosterError::Wrong { line, reason })?;
        providers.push(provider);
    }
    Ok(Roster { payers, providers })
}

fn wrong(line: usize, error: &serde_json::Error) -> RosterError {
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or_default().to_owned();
    RosterError::Wrong { line, reason }
}

fn line_of(text: &str, raw: &RawValue) -> usize {
    let offset = raw.get().as_ptr().addr().saturating_sub(text.as_ptr().addr());
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

fn entry<T: DeserializeOwned>(raw: &RawValue, line: usize) -> Result<T, RosterError> {
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
mod tests {
    use super::*;

    const GOOD: &str = r#"{
  "payers": [{ "name": "Aetna", "aliases": ["Aetna Inc"] }],
  "providers": [
    {
      "reference": "jane-doe", "name": "Dr. Jane Doe", "time_zone": "America/New_York",
      "licences": [{ "state": "CT", "number": "1", "valid_from": "2020-01-01", "valid_until": null }],
      "insurances": ["aetna inc"],
      "working_hours": [{ "weekday": "SUNDAY", "opens_at": "22:00", "closes_at": "06:00" }]
    }
  ]
}"#;

    fn complaint(roster: &str) -> String {
        parse(roster, &HashMap::new()).map(|_roster| ()).unwrap_err().to_string()
    }

    #[test]
    fn a_good_roster_is_read_and_insurances_get_their_payers_name() {
        let roster = parse(GOOD, &HashMap::new()).unwrap();
        assert_eq!(roster.providers[0].insurances, ["Aetna"]);
    }

    #[test]
    fn the_demo_roster_is_one() {
        let roster = parse(DEMO, &HashMap::new()).unwrap();
        assert!(roster.providers.len() >= 30 && roster.payers.len() >= 12);
        for name in ["Dr. Jane Doe", "Doctor Strange", "Doctor Who"] {
            assert!(roster.providers.iter().any(|provider| provider.name == name), "{name}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (good, bad, expected) in [
            ("\"CT\"", "\"XX\"", "line 6: not a US state, DC or a territory"),
            (
                "America/New_York",
                "Mars/Olympus",
                "line 5: must be an IANA time zone such as America/New_York",
            ),
            ("SUNDAY", "sunday", "line 8: must be a day of the week such as MONDAY"),
            ("22:00", "25:00", "line 8: must be a time of day such as 09:00, at most 24:00"),
            (
                "\"valid_until\": null",
                "\"valid_until\": \"2019-12-31\"",
                "line 4: licence \"1\" ends before it begins",
            ),
            ("[\"aetna inc\"]", "[\"Cigna\"]", "line 4: insurance \"Cigna\" is none of the payers"),
            ("\"06:00\"", "\"22:00\"", "line 4: hours from 22:00 to 22:00 are none"),
            ("\"reference\": \"jane-doe\"", "\"ref\": \"jane-doe\"", "line 5: unknown field `ref`"),
            ("]\n}", "", "line 10: EOF while parsing a list"),
        ] {
            let told = complaint(&GOOD.replacen(good, bad, 1));
            assert!(told.starts_with(expected), "{told}");
        }
    }

    #[test]
    fn hours_that_overlap_are_refused_also_over_the_weeks_end() {
        let late = r#"{ "weekday": "MONDAY", "opens_at": "05:00", "closes_at": "09:00" },"#;
        let roster = GOOD.replace("\"working_hours\": [", &format!("\"working_hours\": [{late}"));
        assert_eq!(complaint(&roster), "line 4: working hours overlap one another");
    }
}
