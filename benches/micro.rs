//! What the engine costs by itself, without a database and without a network.
//!
//! `cargo bench --bench micro`, or with a part of a name: `cargo bench --bench micro -- offers`.
#![expect(clippy::unwrap_used, reason = "what is measured is known to be well-formed")]

use std::hint::black_box;
use std::str::FromStr as _;
use std::sync::Arc;

use clinic::access::Actor;
use clinic::app::App;
use clinic::config::Config;
use clinic::domain::availability::{Calendar, OfferGrid};
use clinic::domain::busy::AppointmentTime;
use clinic::domain::eligibility::check_licence;
use clinic::domain::ids::uuid_at;
use clinic::domain::insurance::{payer_key, suggest_payers};
use clinic::domain::licence::local_day;
use clinic::domain::time_slot::{parse_rfc3339, rfc3339, rfc3339_in};
use clinic::domain::{
    AppointmentId, AppointmentPosition, Licence, Payer, PayerId, ProviderId, TimeSlot, UsState,
    VisitLength, WeeklySchedule, WorkingHours,
};
use clinic::domain::{SystemClock, zone_named};
use clinic::graphql::gate::{Gate, Limits, Operations};
use clinic::graphql::{Loaders, batched};
use clinic::search::busy_index::BusyIndex;
use criterion::{Criterion, criterion_group, criterion_main};
use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// Monday, 2027-03-08, midnight in UTC: the hour of summer time falls into the first week.
fn monday() -> Timestamp {
    "2027-03-08T00:00:00Z".parse().unwrap()
}

fn days(from: i64, to: i64) -> TimeSlot {
    let at = |day: i64| monday() + SignedDuration::from_hours(24 * day);
    TimeSlot::new(at(from), at(to)).unwrap()
}

/// 9 to 17, but for Sunday, in New York.
fn schedule() -> WeeklySchedule {
    let weekdays = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
    ];
    let hours = weekdays.map(|weekday| {
        WorkingHours::weekly(weekday, "09:00".parse().unwrap(), "17:00".parse().unwrap())
    });
    WeeklySchedule::new(hours.to_vec(), zone_named("America/New_York").unwrap())
}

/// Half an hour of each hour of so many days.
fn busy(days: i64) -> Vec<TimeSlot> {
    let length = VisitLength::from_minutes(30).unwrap();
    let starts = (0..days * 24).map(|hour| monday() + SignedDuration::from_hours(hour));
    starts.map(|at| TimeSlot::starting(at, length).unwrap()).collect()
}

fn availability(criterion: &mut Criterion) {
    let (schedule, grid) = (schedule(), OfferGrid::default());
    let length = VisitLength::from_minutes(30).unwrap();
    for (name, to) in [("offers of a day", 1), ("offers of 30 days", 30)] {
        let held = busy(to);
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                let calendar = Calendar::new(&schedule, held.clone());
                calendar.offers(days(0, to), length, grid).count()
            });
        });
    }
    // Nothing is free until the last day.
    let full = vec![days(0, 89)];
    criterion.bench_function("first offer in 90 days, 89 of them taken", |bencher| {
        bencher.iter(|| {
            let calendar = Calendar::new(&schedule, full.clone());
            calendar.offers(days(0, 90), length, grid).next()
        });
    });
    let held = busy(5);
    criterion.bench_function("best of 1,000 first offers in 3 days", |bencher| {
        bencher.iter(|| {
            let first = |number: usize| {
                let calendar = Calendar::new(&schedule, held.clone());
                calendar.offers(days(1, 4), length, grid).next().map(|offer| (offer, number))
            };
            (0..1000).filter_map(first).min()
        });
    });
    criterion.bench_function("a licence on a local day", |bencher| {
        let licence = Licence {
            id: uuid_at(monday()).into(),
            state: UsState::parse("NY").unwrap(),
            number: "L-1".to_owned(),
            valid_from: None,
            valid_until: Some("2028-01-01".parse().unwrap()),
        };
        let licences = [licence];
        bencher.iter(|| {
            let day = local_day(black_box(monday()), schedule.zone());
            check_licence(&licences, licences[0].state, day, day).is_ok()
        });
    });
}

/// 1,000 providers with a visit each hour of 60 days.
fn busy_time(criterion: &mut Criterion) {
    let (sixty_days, three_days) = (busy(60), days(20, 23));
    let ids: Vec<ProviderId> = (0..1000).map(|_| uuid_at(monday()).into()).collect();
    let holding = |provider_id: ProviderId, slot: TimeSlot| AppointmentTime {
        provider_id,
        appointment_id: uuid_at(monday()).into(),
        left: None,
        visit_type_id: None,
        slots: vec![slot],
    };
    let mut held = BusyIndex::default();
    let all = ids.iter().flat_map(|id| sixty_days.iter().map(|slot| holding(*id, *slot)));
    let all: Vec<AppointmentTime> = all.collect();
    for day in (0..60).map(|day| days(day, day + 1)) {
        held.load(day, all.iter().filter(|one| day.covers(one.slots[0])).cloned());
    }
    criterion.bench_function("held time of 1,000 providers in 3 of 60 days", |bencher| {
        bencher
            .iter(|| ids.iter().map(|id| held.of_provider(*id, three_days).len()).sum::<usize>());
    });
    let change = holding(ids[500], days(30, 31));
    criterion.bench_function("a change of held time, in 60 days of a provider", |bencher| {
        bencher.iter(|| held.change(black_box(&change)));
    });
}

fn parsing(criterion: &mut Criterion) {
    criterion.bench_function("an instant of RFC 3339", |bencher| {
        bencher.iter(|| parse_rfc3339(black_box("2027-03-08T09:30:00-05:00")));
    });
    for (name, text) in [("a state by its code", "WY"), ("a state by its name", "west virginia")] {
        criterion.bench_function(name, |bencher| bencher.iter(|| UsState::parse(black_box(text))));
    }
    let payer = |number: u32| Payer {
        id: PayerId::from(uuid_at(monday())),
        name: format!("Payer of number {number}"),
        aliases: vec![format!("P{number}")],
        self_pay: false,
        version: 1,
        active: true,
    };
    let payers: Vec<Payer> = (0..100).map(payer).collect();
    criterion.bench_function("a payer's key", |bencher| {
        bencher.iter(|| payer_key(black_box("Blue Cross & Blue Shield")));
    });
    criterion.bench_function("suggestions among 100 payers", |bencher| {
        bencher.iter(|| suggest_payers(black_box("Payr of number"), &payers));
    });
    let position =
        AppointmentPosition { starts_at: monday(), id: AppointmentId::from(uuid_at(monday())) };
    criterion.bench_function("a cursor, there and back", |bencher| {
        bencher.iter(|| AppointmentPosition::from_str(&black_box(position).to_string()).unwrap());
    });
}

fn writing(criterion: &mut Criterion) {
    criterion.bench_function("an instant, written", |bencher| {
        bencher.iter(|| rfc3339(black_box(monday())));
    });
    let zone = zone_named("America/New_York").unwrap();
    criterion.bench_function("an instant on a local clock, written", |bencher| {
        bencher.iter(|| rfc3339_in(&zone, black_box(monday())));
    });
}

/// What a booking and a dashboard send.
const DOCUMENTS: [(&str, &str); 2] = [
    (
        "the gate, a booking",
        "mutation($input: BookAppointmentInput!) { bookAppointment(input: $input) {
            appointment { id status startsAt } error { code message } } }",
    ),
    (
        "the gate, a dashboard",
        "{ providers(first: 50) { nodes { states insurances workingHours { weekday opensAt closesAt }
            appointments(from: \"2027-01-11T00:00:00Z\", to: \"2027-01-18T00:00:00Z\", first: 5) {
                nodes { patient { name } } }
            firstAvailable { startsAt }
            availableSlots(from: \"2027-01-11T00:00:00Z\", to: \"2027-01-18T00:00:00Z\") { startsAt } } } }",
    ),
];

fn gate(criterion: &mut Criterion) {
    let gate = Gate::open(Limits::default()).unwrap();
    for (name, document) in DOCUMENTS {
        let admit = |request| gate.admit(request, Operations::QueriesAndMutations).is_ok();
        let request = json!({ "query": document });
        criterion.bench_function(&format!("{name} that it knows"), |bencher| {
            bencher.iter(|| admit(black_box(request.clone())));
        });
        let mut number = 0;
        criterion.bench_function(&format!("{name} that is new"), |bencher| {
            bencher.iter(|| {
                number += 1;
                admit(black_box(json!({ "query": format!("{document} # {number}") })))
            });
        });
    }
}

/// From the text and the variables of a request to its answer, of which next to nothing is made:
/// nobody has the id that the dashboard asks for. What is left is what it takes to read, judge and
/// prepare a request; and the answer of the introspection.
fn requests(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let config = Config::read(&|variable| match variable {
        "DATABASE_URL" => Some(format!("sqlite://{}?mode=rwc", path("clinic.db"))),
        "SCHEDULER_LEDGER" => Some(path("ledger.jsonl")),
        _ => None,
    });
    let config = config.unwrap();
    let started = App::start(&config, Arc::new(SystemClock), None);
    let app = runtime.block_on(started).unwrap();
    let gate = Gate::open(Limits::default()).unwrap();
    let schema = clinic::graphql::schema(app.services(), gate.limits());
    let run = |request: serde_json::Value| {
        let admitted = gate.admit(request, Operations::QueriesAndMutations).ok().unwrap();
        let actor = Actor::anonymous();
        let loaders = Loaders::new(app.services().clone(), actor.clone());
        let answer = runtime.block_on(batched(schema.execute(admitted, actor, loaders)));
        assert!(answer.errors.is_empty());
        answer
    };
    for (name, document, variables) in [
        ("a small request", "{ __typename }", json!({})),
        ("a dashboard", DASHBOARD, json!({ "id": "x", "from": "2027-01-11T00:00:00Z" })),
        ("an introspection", INTROSPECTION, json!({})),
    ] {
        let request = json!({ "query": document, "variables": variables });
        criterion.bench_function(&format!("{name} that is known, run"), |bencher| {
            bencher.iter(|| run(black_box(request.clone())));
        });
        let mut number = 0;
        criterion.bench_function(&format!("{name} that is new, run"), |bencher| {
            bencher.iter(|| {
                number += 1;
                let query = format!("{document} # {number}");
                run(black_box(json!({ "query": query, "variables": variables })))
            });
        });
    }
}

const DASHBOARD: &str = "query Dashboard($id: ID!, $from: DateTime!, $first: Int = 5, $all: Boolean! = true) {
    provider(id: $id) {
        ...Head
        workingHours { weekday opensAt closesAt }
        appointments(from: $from, to: \"2027-01-18T00:00:00Z\", first: $first) {
            totalCount @include(if: $all)
            nodes { id status startsAt endsAt localStartsAt durationMinutes reason
                patient { ...Person } provider { ...Head } }
            pageInfo { hasNextPage endCursor }
        }
        firstAvailable(after: $from) { startsAt localStartsAt }
        availableSlots(from: $from, to: \"2027-01-18T00:00:00Z\", durationMinutes: 30) { startsAt endsAt }
    }
}
fragment Head on Provider { id name credentials timeZone states insurances }
fragment Person on Patient { id name email state insurance }";

const INTROSPECTION: &str = "query IntrospectionQuery { __schema {
    queryType { name } mutationType { name } subscriptionType { name }
    types { ...FullType } directives { name description locations args { ...InputValue } } } }
    fragment FullType on __Type { kind name description
      fields(includeDeprecated: true) { name description args { ...InputValue }
        type { ...TypeRef } isDeprecated deprecationReason }
      inputFields { ...InputValue } interfaces { ...TypeRef }
      enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
      possibleTypes { ...TypeRef } }
    fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
    fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name
      ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }";

criterion_group!(micro, availability, busy_time, parsing, writing, gate, requests);
criterion_main!(micro);
