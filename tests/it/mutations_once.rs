//! Each mutation that a document runs, runs once; and none of a document that is refused.
//!
//! The documents are made up together with what has to become of them, from a seed: whatever is
//! written twice, in fragments, under conditions, with defaults, or beside something malformed, the
//! rows in the book are counted.

use std::fmt::Write as _;

use futures_util::stream::{self, StreamExt as _};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Map, Value, json};

use crate::support::{Engine, RosterBuilder, TestApp, patient};

const DOCUMENTS: usize = 2000;
const SEED: u64 = 1;

/// A document, and what has to become of it.
struct Made {
    query: String,
    variables: Value,
    /// The names in the answer, in its order; none where it must be refused.
    run: Option<Vec<String>>,
}

/// Makes one document.
struct Maker {
    random: StdRng,
    /// Counts the patients, of whom each books once at most.
    patients: usize,
    definitions: Vec<String>,
    variables: Map<String, Value>,
    fragments: String,
}

impl Maker {
    fn make(&mut self) -> Made {
        self.definitions.clear();
        self.variables.clear();
        self.fragments.clear();
        let fields: Vec<(String, String)> =
            (0..self.random.random_range(1..=2)).map(|number| self.field(number)).collect();
        let mut run = Vec::new();
        let mut selection = String::new();
        // Each stands there once at least, so that its variables are used, and perhaps again.
        let again = self.random.random_range(0..=3);
        let places =
            (0..fields.len()).chain((0..again).map(|_| self.random.random_range(0..fields.len())));
        for place in places.collect::<Vec<_>>() {
            let (name, field) = &fields[place];
            let (text, runs) = self.place(field);
            selection.push_str(&text);
            if runs && !run.contains(name) {
                run.push(name.clone());
            }
        }
        let malformed = self.random.random_bool(0.3);
        if malformed {
            selection.push_str(&self.malformed());
        }
        let list = self.definitions.join(", ");
        let list = if list.is_empty() { list } else { format!("({list})") };
        let query = format!("mutation {list} {{ __typename {selection} }} {}", self.fragments);
        let variables = Value::Object(self.variables.clone());
        Made { query, variables, run: (!malformed).then_some(run) }
    }

    fn name(&mut self, stem: &str) -> String {
        format!("{stem}{}", self.definitions.len())
    }

    /// A booking by somebody new, under a name of its own.
    fn field(&mut self, number: usize) -> (String, String) {
        self.patients += 1;
        let patient = patient(self.patients, "CT", "Aetna");
        let argument = match self.random.random_range(0..3) {
            0 => self.given("input", "BookAppointmentInput!", json!({ "patient": patient })),
            1 => {
                let name = self.given("patient", "PatientInput!", patient);
                let left_out = self.name("none");
                self.definitions.push(format!("${left_out}: DateTime"));
                format!("{{ patient: {name}, after: ${left_out} }}")
            }
            _ => {
                let mut literal = String::new();
                for (key, value) in patient.as_object().unwrap() {
                    write!(literal, "{key}: {value} ").unwrap();
                }
                format!("{{ patient: {{ {literal} }} }}")
            }
        };
        let name = format!("m{number}");
        (name.clone(), format!("{name}: bookAppointment(input: {argument})"))
    }

    fn given(&mut self, stem: &str, ty: &str, value: Value) -> String {
        let name = self.name(stem);
        self.definitions.push(format!("${name}: {ty}"));
        self.variables.insert(name.clone(), value);
        format!("${name}")
    }

    /// The field in one of the places where it can stand, and whether it counts there.
    fn place(&mut self, field: &str) -> (String, bool) {
        let asked =
            ["error { code }", "appointment { id }", "appointment { status } error { code }"];
        let asked = asked[self.random.random_range(0..asked.len())];
        let (condition, runs) = self.condition();
        let field = format!("{field} {condition} {{ {asked} }} ");
        if self.random.random_bool(0.25) {
            return (field, runs);
        }
        let (outer, reached) = self.condition();
        let text = match self.random.random_range(0..3) {
            0 => format!("... {outer} {{ {field} }} "),
            1 => format!("... on Mutation {outer} {{ {field} }} "),
            _ => {
                let name = format!("F{}", self.fragments.len());
                write!(self.fragments, "fragment {name} on Mutation {{ {field} }} ").unwrap();
                let spread = format!("...{name} {outer} ");
                spread.repeat(self.random.random_range(1..=2))
            }
        };
        (text, runs && reached)
    }

    /// A condition, and whether what has it counts.
    fn condition(&mut self) -> (String, bool) {
        let truth = self.random.random_bool(0.7);
        let value = match self.random.random_range(0..8) {
            0 => truth.to_string(),
            1 => self.given("if", "Boolean!", json!(truth)),
            // The default counts, or it does not.
            2 => self.with_default(truth, None),
            3 => self.with_default(!truth, Some(truth)),
            _ => return (String::new(), true),
        };
        if self.random.random_bool(0.5) {
            (format!("@include(if: {value})"), truth)
        } else {
            (format!("@skip(if: {value})"), !truth)
        }
    }

    fn with_default(&mut self, default: bool, given: Option<bool>) -> String {
        let name = self.name("if");
        let bang = if self.random.random_bool(0.5) { "!" } else { "" };
        self.definitions.push(format!("${name}: Boolean{bang} = {default}"));
        self.variables.extend(given.map(|given| (name.clone(), json!(given))));
        format!("${name}")
    }

    /// Something that is not valid, beside all that is.
    fn malformed(&mut self) -> String {
        let moved = |at: &str| {
            format!(
                "x: rescheduleAppointment(input: {{ id: 1, startsAt: {at} }}) {{ error {{ code }} }}"
            )
        };
        let skipped = "@skip(if: true)";
        match self.random.random_range(0..12) {
            0 => moved("\"tomorrow\""),
            1 => moved("\"2027-02-30T00:00:00Z\""),
            2 => format!("... {skipped} {{ {} }}", moved("7")),
            3 => {
                let name = self.given("at", "DateTime!", json!("soon"));
                moved(&name)
            }
            4 => {
                let name = self.given("at", "[DateTime!]!", json!(["2027-01-12T15:00:00Z"]));
                moved(&name)
            }
            5 => "x: bookAppointment(input: 5) { error { code } }".to_owned(),
            6 => "x: bookAppointment(input: { patient: { name: null } }) { error { code } }"
                .to_owned(),
            7 => format!("x: cancelAppointment(input: {{ id: 1 }}) {skipped} {{ nothing }}"),
            8 => {
                let input = json!({ "id": "1", "reason": "x", "why": "x" });
                let name = self.given("input", "CancelAppointmentInput!", input);
                format!("x: cancelAppointment(input: {name}) {{ error {{ code }} }}")
            }
            9 => {
                let name = self.name("if");
                self.definitions.push(format!("${name}: Boolean = true"));
                self.variables.insert(name.clone(), Value::Null);
                format!("t: __typename @include(if: ${name})")
            }
            10 => "m0: cancelAppointment(input: { id: 1 }) { error { code } }".to_owned(),
            _ => "t: __typename(nope: 1)".to_owned(),
        }
    }
}

/// Sends a document and answers how many visits it must have booked.
async fn send(app: &TestApp, made: Made) -> i64 {
    let Made { query, variables, run } = made;
    let answer = app.graphql(&query, variables.clone()).await;
    let shown = format!("{query} {variables} {answer}");
    let Some(run) = run else {
        assert!(answer.get("data").is_none(), "{shown}");
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED",
            "{shown}"
        );
        return 0;
    };
    assert!(answer.get("errors").is_none(), "{shown}");
    let answered: Vec<&String> = answer["data"].as_object().unwrap().keys().collect();
    let expected: Vec<&String> =
        answered.iter().copied().filter(|name| *name != "__typename").collect();
    let mut sorted: Vec<&String> = run.iter().collect();
    sorted.sort();
    let mut found = expected;
    found.sort();
    assert_eq!(found, sorted, "{shown}");
    i64::try_from(run.len()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_thousand_documents_each_mutation_runs_once_and_none_that_is_refused() {
    let app = TestApp::builder(Engine::Sqlite).roster(RosterBuilder::alike(60)).spawn().await;
    let mut maker = Maker {
        random: StdRng::seed_from_u64(SEED),
        patients: 0,
        definitions: Vec::new(),
        variables: Map::new(),
        fragments: String::new(),
    };
    let booked = "SELECT COUNT(*) FROM appointment";
    let twice = "SELECT COUNT(*) FROM (SELECT patient_id FROM appointment
        GROUP BY patient_id HAVING COUNT(*) > 1) AS twice";
    let mut expected = 0;
    for _ in 0..DOCUMENTS / 100 {
        let made: Vec<Made> = (0..100).map(|_| maker.make()).collect();
        let sent = stream::iter(made).map(|made| send(&app, made)).buffer_unordered(4);
        expected += sent.collect::<Vec<i64>>().await.iter().sum::<i64>();
        assert_eq!(app.database.number(booked).await, expected);
        assert_eq!(app.database.number(twice).await, 0);
    }
    assert!(expected > 500, "only {expected} visits were booked");
}
