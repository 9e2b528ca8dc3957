//! What is drawn: clinics with every rule there is, and what is asked of them.

use std::fmt;
use std::ops::Range;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Map, Value, json};

use crate::support::TestApp;

const ZONES: [&str; 3] = ["America/New_York", "America/Denver", "Pacific/Honolulu"];
const DAYS: [&str; 7] =
    ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];
const STATES: [&str; 2] = ["CT", "NY"];

/// A time that is asked about, and the booking of it.
pub(super) struct Question {
    pub(super) asked: Value,
    pub(super) booking: Value,
}

/// A visit that is booked: the times of what was asked since.
#[derive(Debug, Clone)]
struct Kept {
    id: Value,
    provider: Value,
    starts_at: Timestamp,
}

pub(super) struct Drawn {
    random: StdRng,
    seed: u64,
    clinic: Vec<String>,
    payers: [String; 2],
    providers: Vec<Value>,
    kinds: Vec<Value>,
    patients: Vec<Value>,
    visits: Vec<Kept>,
    booked: usize,
}

/// All that a failure needs to be seen: the clinic, in the words in which it was made.
impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}, {} booked\n{}", self.seed, self.booked, self.clinic.join("\n"))
    }
}

impl Drawn {
    pub(super) fn of(seed: u64) -> Self {
        let (random, payers) = (StdRng::seed_from_u64(seed), Default::default());
        let (clinic, providers, kinds) = Default::default();
        let (patients, visits) = Default::default();
        Self { random, seed, clinic, payers, providers, kinds, patients, visits, booked: 0 }
    }

    pub(super) fn number(&mut self, range: Range<i64>) -> i64 {
        self.random.random_range(range)
    }

    fn chance(&mut self, percent: i64) -> bool {
        self.number(0..100) < percent
    }

    pub(super) fn one_of<T: Clone>(&mut self, all: &[T]) -> Option<T> {
        let at = self.random.random_range(0..all.len().max(1));
        all.get(at).cloned()
    }

    fn some(&mut self, percent: i64, all: &[i64]) -> Option<i64> {
        let one = self.one_of(all);
        one.filter(|_| self.chance(percent))
    }

    fn day(&mut self, now: Timestamp, range: Range<i64>) -> Date {
        let day = now + SignedDuration::from_hours(24 * self.number(range));
        day.to_zoned_datetime(jiff::tz::TimeZone::UTC).date()
    }

    /// Mostly on quarters of an hour.
    fn moment(&mut self, now: Timestamp, hours: Range<i64>) -> Timestamp {
        let from =
            now.as_second() / 900 * 900 + 3600 * self.number(hours) + 900 * self.number(0..4);
        let odd = if self.chance(25) { 60 * self.number(0..15) } else { 0 };
        Timestamp::from_second(from + odd).unwrap()
    }

    /// What a mutation made, which is not refused.
    async fn make(&mut self, app: &TestApp, mutation: &str, made: &str, input: Value) -> Value {
        self.clinic.push(format!("{mutation} {input}"));
        let name = mutation[..1].to_uppercase() + &mutation[1..];
        let query = format!(
            "mutation ($input: {name}Input!) {{ made: {mutation}(input: $input) {{ {made} error {{ code message }} }} }}"
        );
        let answer = app.graphql(&query, json!({ "input": input })).await;
        let payload = &answer["data"]["made"];
        assert!(
            payload["error"].is_null() && answer["errors"].is_null(),
            "{mutation} {input} {answer}"
        );
        payload.clone()
    }

    /// Draws a clinic of two who may differ in anything, and forgets the one before.
    pub(super) async fn clinic(&mut self, app: &TestApp, number: usize) {
        let now = clinic::domain::Clock::now(app.clock.as_ref());
        for kept in [&mut self.providers, &mut self.kinds, &mut self.patients] {
            kept.clear();
        }
        self.visits.clear();
        self.clinic.clear();
        self.payers = ["A", "B"].map(|which| format!("Payer {number}{which}"));
        for name in self.payers.clone() {
            self.make(app, "createInsurance", "insurance { id }", json!({ "name": name })).await;
        }
        let rules = self.rules(30);
        self.make(app, "setClinicRules", "clinicRules { version }", json!({ "rules": rules }))
            .await;
        for which in 0..2 {
            let (before, after) = (self.number(0..20), self.number(0..20));
            let input = json!({
                "name": format!("Kind {number}.{which}"), "durationMinutes": 5 * self.number(1..16),
                "bufferBeforeMinutes": before, "bufferAfterMinutes": after,
            });
            let made = self.make(app, "createVisitType", "visitType { id }", input).await;
            self.kinds.push(made["visitType"]["id"].clone());
        }
        for which in 0..2 {
            self.provider(app, now, &format!("Dr. {number}.{which}")).await;
        }
        if self.chance(40) {
            let day = json!({ "date": self.day(now, 0..6), "name": "A holiday" });
            self.make(app, "setClosedDay", "closedDay { date }", day).await;
        }
    }

    /// Every rule is set or left as it is.
    fn rules(&mut self, percent: i64) -> Value {
        let mut rules = Map::new();
        for (name, values) in [
            ("gridMinutes", [7, 15, 30, 60]),
            ("bufferBeforeMinutes", [0, 5, 15, 40]),
            ("bufferAfterMinutes", [0, 5, 10, 60]),
            ("noticeMinutes", [0, 45, 300, 1440]),
            ("horizonDays", [2, 5, 30, 200]),
            ("maxAppointmentsPerDay", [1, 2, 5, 100]),
        ] {
            rules.extend(self.some(percent, &values).map(|value| (name.to_owned(), json!(value))));
        }
        Value::Object(rules)
    }

    async fn provider(&mut self, app: &TestApp, now: Timestamp, name: &str) {
        let mut licences = Vec::new();
        for state in STATES {
            if self.chance(80) {
                let (from, until) = (self.day(now, -9..3), self.day(now, 3..12));
                let (from, until) = (
                    Some(from).filter(|_| self.chance(30)),
                    Some(until).filter(|_| self.chance(40)),
                );
                licences.push(json!({ "state": state, "number": format!("{state}-{name}"), "validFrom": from, "validUntil": until }));
            }
        }
        let mut hours = Vec::new();
        for day in DAYS {
            let opens = self.number(20..48);
            let closes = (opens + self.number(8..56)).min(96);
            let until = self.some(20, &[1, 3, 5]).map(|days| self.day(now, days..days + 1));
            if self.chance(75) {
                let clock = |quarter: i64| format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15);
                hours.push(json!({ "weekday": day, "opensAt": clock(opens), "closesAt": clock(closes), "effectiveUntil": until }));
            }
        }
        let payers: Vec<String> =
            self.payers.clone().into_iter().filter(|_| self.chance(75)).collect();
        let zone = self.one_of(&ZONES);
        let input = json!({ "name": name, "timeZone": zone, "licences": licences, "insurances": payers, "workingHours": hours });
        let made = self.make(app, "createProvider", "provider { id }", input).await;
        let id = made["provider"]["id"].clone();
        self.providers.push(id.clone());
        let rules = self.rules(20);
        self.make(app, "setRules", "provider { id }", json!({ "providerId": id, "rules": rules }))
            .await;
        if self.chance(50) {
            let (day, hours) =
                (self.day(now, 0..6), json!([{ "opensAt": "10:15", "closesAt": "18:00" }]));
            let hours = if self.chance(50) { hours } else { json!([]) };
            let input = json!({ "providerId": id, "date": day, "hours": hours });
            self.make(app, "setDateOverride", "provider { id }", input).await;
        }
        if self.chance(50) {
            let from = self.moment(now, 1..120);
            let to = from + SignedDuration::from_mins(self.number(5..3000));
            let input = json!({ "providerId": id, "startsAt": from, "endsAt": to });
            self.make(app, "addTimeOff", "provider { id }", input).await;
        }
        if self.chance(30) {
            let kinds = json!([self.kinds[0]]);
            let input = json!({ "providerId": id, "visitTypeIds": kinds });
            self.make(app, "setProviderVisitTypes", "provider { id }", input).await;
        }
        if self.chance(5) {
            let input = json!({ "id": id, "active": false });
            self.make(app, "updateProvider", "provider { id }", input).await;
        }
    }

    /// How long, and of which kind, if that is said.
    fn shape(&mut self) -> (Option<i64>, Option<Value>) {
        let length = self.some(60, &[5, 30, 45, 120]);
        let kind = self.one_of(&self.kinds.clone()).filter(|_| self.chance(50));
        (length, kind)
    }

    /// A patient who has a visit, or a state and a payer.
    fn whom(&mut self) -> (Option<Value>, Option<String>, Option<String>) {
        let known = self.one_of(&self.patients.clone()).filter(|_| self.chance(50));
        let state = self.one_of(&STATES).map(str::to_owned);
        let payer = self.one_of(&self.payers.clone());
        if known.is_some() && self.chance(60) { (known, None, None) } else { (known, state, payer) }
    }

    fn time(&mut self, app: &TestApp) -> Timestamp {
        let now = clinic::domain::Clock::now(app.clock.as_ref());
        // Near a visit, where the rules about others are, or anywhere.
        match self.one_of(&self.visits.clone()) {
            Some(visit) if self.chance(40) => {
                visit.starts_at + SignedDuration::from_mins(5 * self.number(-24..24))
            }
            // Mostly by day: these zones are five to ten hours behind.
            _ if self.chance(70) => {
                let day = self.day(now, 0..6).to_zoned_datetime(jiff::tz::TimeZone::UTC).unwrap();
                self.moment(day.timestamp(), 15..25)
            }
            _ => self.moment(now, -4..150),
        }
    }

    fn booking_of(
        &mut self,
        (known, state, payer): (Option<Value>, Option<String>, Option<String>),
    ) -> Value {
        self.booked += 1;
        match known {
            Some(id) => json!({ "patientId": id, "state": state, "insurance": payer }),
            None => json!({ "patient": {
                "name": format!("Patient {}", self.booked), "email": format!("p{}@example.com", self.booked),
                "state": state, "insurance": payer,
            } }),
        }
    }

    pub(super) fn question(&mut self, app: &TestApp) -> Question {
        let (provider, time) = (self.one_of(&self.providers.clone()), self.time(app));
        let ((length, kind), whom) = (self.shape(), self.whom());
        let asked = json!({
            "providerId": provider, "startsAt": time, "durationMinutes": length, "visitTypeId": kind,
            "patientId": whom.0, "state": whom.1, "insurance": whom.2,
        });
        let mut booking = self.booking_of(whom);
        for name in ["providerId", "startsAt", "durationMinutes", "visitTypeId"] {
            booking[name] = asked[name].clone();
        }
        Question { asked, booking }
    }

    /// A search for times, and a booking that lacks the time alone.
    pub(super) fn search(&mut self, app: &TestApp) -> (Value, Value) {
        let now = clinic::domain::Clock::now(app.clock.as_ref());
        let from = self.moment(now, 0..120);
        let to = from + SignedDuration::from_hours(self.number(4..60));
        let visit = self.one_of(&self.visits.clone()).filter(|visit| visit.starts_at > now);
        if let Some(visit) = visit.filter(|_| self.chance(50)) {
            return (json!({ "insteadOf": visit.id, "from": from, "to": to }), Value::Null);
        }
        let (length, kind) = self.shape();
        let (state, payer) = (self.one_of(&STATES), self.one_of(&self.payers.clone()));
        let provider = self.one_of(&self.providers.clone()).filter(|_| self.chance(50));
        let asked = json!({
            "providerId": provider, "from": from, "to": to, "durationMinutes": length, "visitTypeId": kind,
            "state": state, "insurance": payer,
        });
        let mut booking = self.booking_of((None, state.map(str::to_owned), payer));
        booking["durationMinutes"] = asked["durationMinutes"].clone();
        booking["visitTypeId"] = asked["visitTypeId"].clone();
        (asked, booking)
    }

    /// A move or a reassignment of a visit that has not begun, and the question about it.
    pub(super) fn change(&mut self, app: &TestApp) -> Option<(Value, &'static str, Value)> {
        let now = clinic::domain::Clock::now(app.clock.as_ref());
        let ahead: Vec<Kept> =
            self.visits.iter().filter(|visit| visit.starts_at > now).cloned().collect();
        let (visit, time) = (self.one_of(&ahead)?, self.time(app));
        let provider = self.one_of(&self.providers.clone())?;
        let asked = json!({ "insteadOf": visit.id, "providerId": provider, "startsAt": time });
        if provider == visit.provider {
            return Some((asked, "move", json!({ "id": visit.id, "startsAt": time })));
        }
        let input = json!({ "id": visit.id, "providerId": provider, "startsAt": time });
        Some((asked, "reassign", input))
    }

    /// Keeps what was booked or moved.
    pub(super) fn keep(&mut self, visit: &Value) {
        self.visits.retain(|kept| kept.id != visit["id"]);
        let starts_at = visit["startsAt"].as_str().unwrap().parse().unwrap();
        let provider = visit["provider"]["id"].clone();
        self.visits.push(Kept { id: visit["id"].clone(), provider, starts_at });
        if !self.patients.contains(&visit["patient"]["id"]) {
            self.patients.push(visit["patient"]["id"].clone());
        }
    }
}
