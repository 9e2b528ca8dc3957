//! A page of visits is made at once where its selection is plain, and by the library under `edges`: both
//! are the same, whatever is selected and whoever asks.

use std::fmt::Write as _;

use clinic::access::{Actor, Role};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use super::clinic::{ALL, Clinic, person};
use crate::support::on_both_engines;

const VISIT: &[&str] = &[
    "id",
    "status",
    "scheduled",
    "startsAt",
    "endsAt",
    "durationMinutes",
    "localStartsAt",
    "patientLocalStartsAt",
    "patientTimeZone",
    "pendingStartsAt",
    "state",
    "insurance",
    "reason",
    "cancelReason",
    "provenance",
    "externalId",
    "unsettledOutside",
    "version",
    "createdAt",
    "updatedAt",
];
const PROVIDER: &[&str] =
    &["id", "version", "name", "credentials", "timeZone", "active", "reference"];
const PATIENT: &[&str] = &[
    "id",
    "name",
    "email",
    "phone",
    "birthDate",
    "timeZone",
    "version",
    "createdAt",
    "state",
    "insurance",
];
const VISIT_TYPE: &[&str] = &[
    "id",
    "version",
    "name",
    "durationMinutes",
    "bufferBeforeMinutes",
    "bufferAfterMinutes",
    "active",
];
/// What only the library makes.
const UNUSUAL: &[&str] = &["history { kind }", "provider { states insurances }"];

struct Drawn {
    random: StdRng,
    aliases: usize,
    fragments: String,
}

impl Drawn {
    fn chance(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    fn one_of(&mut self, all: &[&'static str]) -> &'static str {
        all[self.random.random_range(0..all.len())]
    }

    fn alias(&mut self) -> String {
        self.aliases += 1;
        if self.chance(15) { format!("a{}: ", self.aliases) } else { String::new() }
    }

    fn condition(&mut self) -> &'static str {
        if !self.chance(8) {
            return "";
        }
        self.one_of(&[
            "@include(if: $yes)",
            "@skip(if: $yes)",
            "@skip(if: false)",
            "@include(if: true)",
        ])
    }

    fn values(&mut self, of: &[&'static str]) -> String {
        let mut selected = "__typename".to_owned();
        for _ in 0..self.random.random_range(1..5) {
            let (alias, value, condition) = (self.alias(), self.one_of(of), self.condition());
            write!(selected, " {alias}{value} {condition}").unwrap();
        }
        selected
    }

    /// A selection of a visit.
    fn visit(&mut self, depth: u32) -> String {
        let mut selected = String::new();
        for _ in 0..self.random.random_range(1..6) {
            let (alias, condition) = (self.alias(), self.condition());
            let field = match self.random.random_range(0..20) {
                0..10 => format!("{alias}{} {condition}", self.one_of(VISIT)),
                10 => format!("{alias}__typename {condition}"),
                11 | 12 => format!("{alias}provider {condition} {{ {} }}", self.values(PROVIDER)),
                13..16 => format!("{alias}patient {condition} {{ {} }}", self.values(PATIENT)),
                16 => format!("{alias}visitType {condition} {{ {} }}", self.values(VISIT_TYPE)),
                17 if self.chance(40) => self.one_of(UNUSUAL).to_owned(),
                18 if depth < 2 => {
                    let (name, inside) = (format!("F{}", self.aliases), self.visit(depth + 1));
                    write!(self.fragments, " fragment {name} on Appointment {{ {inside} }}")
                        .unwrap();
                    format!("...{name} {condition}")
                }
                _ if depth < 2 => {
                    format!("... on Appointment {condition} {{ {} }}", self.visit(depth + 1))
                }
                _ => "id".to_owned(),
            };
            write!(selected, " {field}").unwrap();
        }
        selected
    }
}

/// A page as it was answered: its text, the errors with their paths, and whom it was noted to show.
#[derive(Debug, PartialEq)]
struct Page {
    visits: Vec<String>,
    errors: Vec<String>,
    seen: clinic::access::Seen,
}

/// The page of those visits; whatever is selected stands at the same place in both documents.
async fn page(clinic: &Clinic, actor: &Actor, drawn: (&str, &str), by_the_library: bool) -> Page {
    let (selected, fragments) = drawn;
    let (before, after) = if by_the_library { ("edges { node", "}") } else { ("nodes", "") };
    let query = format!(
        "query ($yes: Boolean!) {{ appointments({ALL}) {{ {before} {{\n{selected}\n}} {after} }} }}\n{fragments}"
    );
    let answer = clinic.app.response_to(actor, &query, json!({ "yes": true })).await;
    let text = |value: &async_graphql::Value| serde_json::to_string(value).unwrap();
    let list = match (&answer.data, by_the_library) {
        (async_graphql::Value::Object(data), _) => match &data["appointments"] {
            async_graphql::Value::Object(list) => list.values().next().cloned(),
            other => panic!("{other}: {query}"),
        },
        (other, _) => panic!("{other}: {query} {:?}", answer.errors),
    };
    let Some(async_graphql::Value::List(visits)) = list else { panic!("no list: {query}") };
    let visits = visits.iter().map(|visit| match visit {
        async_graphql::Value::Object(edge) if by_the_library => text(&edge["node"]),
        visit => text(visit),
    });
    let mut errors: Vec<String> = answer
        .errors
        .iter()
        .map(|error| serde_json::to_value(error).unwrap())
        .map(|error: Value| {
            error.to_string().replace(",\"node\"", "").replace("\"edges\"", "\"nodes\"")
        })
        .collect();
    errors.sort();
    Page { visits: visits.collect(), errors, seen: actor.take_seen() }
}

async fn a_visit_of_a_kind(clinic: &Clinic) {
    let desk = clinic.caller(Role::Admin);
    let kind = "mutation { createVisitType(input: { name: \"Check-up\", durationMinutes: 20 }) {
        visitType { id } error { message } } }";
    let made = clinic.ask(&desk, kind).await;
    let kind = &made["data"]["createVisitType"]["visitType"]["id"];
    let someone = person("Kindword");
    let patient = json!({ "name": someone["name"], "email": someone["email"], "state": "CT", "insurance": "Aetna" });
    let input = json!({ "patient": patient, "providerId": clinic.own_id, "visitTypeId": kind,
        "startsAt": "2027-01-13T15:00:00Z" });
    let book = "mutation ($input: BookAppointmentInput!) { bookAppointment(input: $input) {
        appointment { visitType { name } } error { message } } }";
    let booked = clinic.app.ask_as(&desk, book, json!({ "input": input })).await;
    let name = &booked["data"]["bookAppointment"]["appointment"]["visitType"]["name"];
    assert_eq!(*name, json!("Check-up"), "{made} {booked}");
}

on_both_engines! {
    async fn a_page_made_at_once_is_the_page_that_the_library_makes(engine) {
        let clinic = Clinic::open(engine).await;
        a_visit_of_a_kind(&clinic).await;
        let (mut visits, mut forbidden) = (0, 0);
        for seed in 0..150 {
            let random = StdRng::seed_from_u64(seed);
            let mut drawn = Drawn { random, aliases: 0, fragments: String::new() };
            let selected = drawn.visit(0);
            for role in [Role::Admin, Role::Clinician, Role::Viewer] {
                // A selection of which nothing is left is asked as a whole.
                let drawn = (&*format!("id @include(if: $yes) {selected}"), &*drawn.fragments);
                let at_once = page(&clinic, &clinic.caller(role), drawn, false).await;
                let usual = page(&clinic, &clinic.caller(role), drawn, true).await;
                assert_eq!(at_once, usual, "{seed}: {role:?}: {drawn:?}");
                visits += at_once.visits.len();
                forbidden += at_once.errors.len();
            }
        }
        assert!(visits > 1000 && forbidden > 50, "{visits} {forbidden}");
    }
}
