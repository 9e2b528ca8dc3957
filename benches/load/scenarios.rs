//! What clients ask: each scenario as HTTP requests.

use hyper::Method;
use hyper::body::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::facts::{FEW, FULL_DAY, Facts, MANY, prv};

/// The work of one request, whichever door it comes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The first free time of anybody of the many.
    BookFirst,
    /// The first free time of one, on whom all clients fall at once.
    BookHot,
    /// A time asked for, with a provider asked for.
    BookAsked,
    /// 20 providers with states and insurances.
    Search,
    /// 100 appointments of a day.
    Window,
    /// The day of a desk: 50 providers, 800 visits with their patients.
    Day,
    /// The appointments of one provider in a week.
    Agenda,
    /// Every free time of one provider in 30 days.
    Slots,
    /// The first free time of all the many, from some day of the coming 60.
    First,
    /// What a dashboard asks, and a booking among 20.
    Mix,
}

/// A kind of work through one of the doors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    rest: bool,
}

const fn graphql(name: &'static str, kind: Kind) -> Scenario {
    Scenario { name, kind, rest: false }
}

const fn rest(name: &'static str, kind: Kind) -> Scenario {
    Scenario { name, kind, rest: true }
}

pub(crate) const MIX: Scenario = graphql("mix", Kind::Mix);

pub(crate) const ALL: [Scenario; 15] = [
    graphql("book-first", Kind::BookFirst),
    graphql("book-hot", Kind::BookHot),
    graphql("book-asked", Kind::BookAsked),
    graphql("search", Kind::Search),
    graphql("window", Kind::Window),
    graphql("day", Kind::Day),
    graphql("slots", Kind::Slots),
    graphql("first", Kind::First),
    MIX,
    rest("rest-book-first", Kind::BookFirst),
    rest("rest-book-hot", Kind::BookHot),
    rest("rest-book-asked", Kind::BookAsked),
    rest("rest-agenda", Kind::Agenda),
    rest("rest-first", Kind::First),
    rest("rest-mix", Kind::Mix),
];

/// One request, and what its answer must hold.
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Bytes,
    pub(crate) holds: &'static str,
}

const BOOK: &str = "mutation($input: BookAppointmentInput!) { bookAppointment(input: $input) {
    appointment { id status startsAt } error { code message } } }";
const SEARCH: &str = "query($state: String, $insurance: String) {
    providers(first: 20, state: $state, insurance: $insurance) { nodes { id name states insurances } } }";
const WINDOW: &str = "query($from: DateTime!, $to: DateTime!) {
    appointments(from: $from, to: $to, first: 100) {
        nodes { id status startsAt endsAt provider { name } patient { name } } } }";
const DAY: &str = include_str!("../../web/desk/day.graphql");
const SLOTS: &str = "query($id: ID!, $from: DateTime!, $to: DateTime!) {
    availableSlots(providerId: $id, from: $from, to: $to) { startsAt endsAt } }";
const FIRST: &str = "query($after: DateTime!, $id: ID, $state: String, $insurance: String) {
    firstAvailable(after: $after, providerId: $id, state: $state, insurance: $insurance) {
        startsAt provider { id name } } }";

impl Kind {
    /// From when on the search of that number looks.
    pub(crate) fn after(facts: &Facts, number: u64) -> Timestamp {
        facts.in_days(1 + number * 7 % 60, number % 24 * 60)
    }

    /// The day whose appointments the request of that number reads.
    pub(crate) fn day(number: u64) -> u64 {
        2 + number * 3 % 20
    }

    /// With whom, and when, the booking of that number is: early in the day, where nothing is
    /// stored, a month or more ahead, where nobody books the first time.
    pub(crate) fn asked(facts: &Facts, number: u64) -> (uuid::Uuid, Timestamp) {
        let count = u64::try_from(facts.many.len()).unwrap_or(1);
        let (day, place) = (number / count / 8, number / count % 8);
        (facts.provider(number), facts.in_days(30 + day % 55, 720 + place * 15))
    }
}

impl Scenario {
    /// The work of the request of that number. A mix is 95 % reads; REST has no lists of providers
    /// and of free times, so there it asks for more of the appointments of one provider.
    pub(crate) fn kind_of(self, number: u64) -> Kind {
        match (self.kind, number % 20, self.rest) {
            (Kind::Mix, 0, _) => Kind::BookFirst,
            (Kind::Mix, 1 | 2, _) => Kind::First,
            (Kind::Mix, _, true) => Kind::Agenda,
            (Kind::Mix, 3..=5, false) => Kind::Slots,
            (Kind::Mix, 6..=10, false) => Kind::Search,
            (Kind::Mix, _, false) => Kind::Window,
            (kind, ..) => kind,
        }
    }

    /// The request of that number.
    pub(crate) fn asks(self, facts: &Facts, number: u64) -> Asked {
        let kind = self.kind_of(number);
        if self.rest {
            through_rest(kind, facts, number)
        } else {
            through_graphql(kind, facts, number)
        }
    }
}

/// Somebody not seen before who matches so.
pub(crate) fn patient(number: u64, (state, insurance): (&str, &str)) -> Value {
    json!({ "name": format!("Load {number}"), "email": format!("load{number}@example.com"),
        "state": state, "insurance": insurance })
}

fn through_graphql(kind: Kind, facts: &Facts, number: u64) -> Asked {
    let (document, variables, holds) = match kind {
        Kind::BookFirst | Kind::Mix => {
            (BOOK, json!({ "input": { "patient": patient(number, MANY) } }), "CONFIRMED")
        }
        Kind::BookHot => {
            let input = json!({ "patient": patient(number, FEW), "providerId": prv(facts.hot()),
                "durationMinutes": 15 });
            (BOOK, json!({ "input": input }), "CONFIRMED")
        }
        Kind::BookAsked => {
            let (provider, at) = Kind::asked(facts, number);
            let input = json!({ "patient": patient(number, MANY), "providerId": prv(provider),
                "startsAt": at.to_string(), "durationMinutes": 15 });
            (BOOK, json!({ "input": input }), "CONFIRMED")
        }
        Kind::Search => {
            (SEARCH, json!({ "state": MANY.0, "insurance": MANY.1 }), "\"insurances\":[\"")
        }
        Kind::Window | Kind::Agenda => {
            let from = Kind::day(number);
            let (from, to) = (facts.in_days(from, 0), facts.in_days(from + 1, 0));
            let window = json!({ "from": from.to_string(), "to": to.to_string() });
            (WINDOW, window, "startsAt")
        }
        Kind::Day => {
            let (from, to) = (facts.in_days(FULL_DAY, 0), facts.in_days(FULL_DAY + 1, 0));
            let day: String = from.to_string().chars().take("2027-01-15".len()).collect();
            let window = json!({ "from": from.to_string(), "to": to.to_string(), "day": day });
            (DAY, window, "\"patient\":{")
        }
        Kind::Slots => {
            let (from, to) = (facts.in_days(1, 0).to_string(), facts.in_days(31, 0).to_string());
            let id = prv(facts.provider(number));
            (SLOTS, json!({ "id": id, "from": from, "to": to }), "startsAt")
        }
        Kind::First => {
            let after = Kind::after(facts, number).to_string();
            (FIRST, json!({ "after": after, "state": MANY.0, "insurance": MANY.1 }), "startsAt")
        }
    };
    let body = json!({ "query": document, "variables": variables }).to_string();
    Asked { method: Method::POST, path: "/graphql".to_owned(), body: body.into(), holds }
}

fn week(facts: &Facts, number: u64) -> (String, String) {
    let day = Kind::day(number);
    (facts.in_days(day, 0).to_string(), facts.in_days(day + 7, 0).to_string())
}

fn through_rest(kind: Kind, facts: &Facts, number: u64) -> Asked {
    let post = |body: Value| Asked {
        method: Method::POST,
        path: "/appointment".to_owned(),
        body: body.to_string().into(),
        holds: "\"scheduled\":true",
    };
    let get = |path: String, holds| Asked { method: Method::GET, path, body: Bytes::new(), holds };
    match kind {
        Kind::BookFirst | Kind::Mix => post(json!({ "patient": patient(number, MANY) })),
        Kind::BookHot => post(json!({ "patient": patient(number, FEW),
            "provider_id": prv(facts.hot()), "duration_minutes": 15 })),
        Kind::BookAsked => {
            let (provider, at) = Kind::asked(facts, number);
            post(json!({ "patient": patient(number, MANY), "provider_id": prv(provider),
                "time": at.to_string(), "duration_minutes": 15 }))
        }
        Kind::Agenda | Kind::Window | Kind::Day | Kind::Search | Kind::Slots => {
            let (id, (from, to)) = (prv(facts.provider(number)), week(facts, number));
            get(format!("/appointments?provider_id={id}&from={from}&to={to}"), "\"appointments\"")
        }
        Kind::First => {
            let after = Kind::after(facts, number);
            let path = format!(
                "/appointments/first-available?after={after}&state={}&insurance={}",
                MANY.0, MANY.1
            );
            get(path, "\"time\"")
        }
    }
}
