//! A walk over the whole schema and every route, as each role: whatever is answered holds of patients what
//! the contract's table says, to the byte, and so do the log and the metrics.

mod asked;
mod canaries;
mod doors;
mod routes;
mod rules;
mod schema;

use std::any::Any;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use clinic::access::Role;
use clinic::telemetry::start_metrics;
use futures_util::FutureExt as _;
use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::{Value, json};

use self::asked::{MUTATIONS, OF_A_PROVIDER};
use self::canaries::Canaries;
use self::doors::Caller;
use self::routes::assert_all_known;
use self::rules::{
    MAY_BE_NOTHING, OF_WHAT_ALL_SEE, Verdict, Whose, is_of_somebody, rules, verdict,
};
use self::schema::{Field, Schema, Way};
use super::clinic::Clinic;
use crate::support::{
    API_TOKEN, BEGINNING, ROSTER_BEGINNING, RosterBuilder, capture, closed, logged, on_both_engines,
};

/// How deep below a field everything is asked for.
const DEPTH: usize = 2;

/// What this process counts: a recorder is there once.
static METRICS: LazyLock<PrometheusHandle> =
    LazyLock::new(|| start_metrics(Timestamp::UNIX_EPOCH).unwrap());

/// Where the things are that are asked for.
fn filled(text: &str, clinic: &Clinic, whose: Whose) -> String {
    let (seen, provider) = match whose {
        Whose::Own => (&clinic.own, &clinic.own_id),
        Whose::Others => (&clinic.other, &clinic.other_id),
    };
    text.replace("$VISIT", &seen.visit)
        .replace("$PATIENT", &seen.patient)
        .replace("$SHARED", &clinic.shared.patient)
        .replace("$PROVIDER", provider)
}

/// What is found at the end of a path, the first of each list; none where there is nothing.
fn at<'a>(data: &'a Value, path: &[String]) -> Option<&'a Value> {
    let mut found = data;
    for step in path {
        while let Some(items) = found.as_array() {
            found = items.first()?;
        }
        found = &found[step];
    }
    (!found.is_null()).then_some(found)
}

fn is_nothing(value: Option<&Value>) -> bool {
    value.is_none_or(|value| {
        value.as_array().is_some_and(Vec::is_empty)
            || (value["nodes"] == json!([]) && value["totalCount"] == 0)
    })
}

/// The paths of the errors that say that a field is forbidden, without places in lists.
fn forbidden(answer: &Value) -> Vec<Vec<String>> {
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let forbidden = errors.iter().map(|error| {
        assert_eq!(error["extensions"]["code"], "FORBIDDEN", "{error}");
        let steps = error["path"].as_array().unwrap().iter();
        steps.filter_map(|step| step.as_str().map(str::to_owned)).collect::<Vec<_>>()
    });
    let paths: Vec<_> = forbidden.collect();
    let once: BTreeSet<_> = paths.iter().collect();
    assert_eq!(once.len(), paths.len(), "one error for each field: {paths:?}");
    paths
}

/// Something of each kind that a roster may have.
async fn a_roster_of_everything(clinic: &Clinic) {
    let administer = async |operation: &str, input: Value| {
        let done = clinic.app.administer(operation, "__typename", input).await;
        assert_eq!(done["error"], Value::Null, "{done}");
    };
    for id in [&clinic.own_id, &clinic.other_id] {
        let (from, to) = ("2028-01-03T00:00:00Z", "2028-01-04T00:00:00Z");
        let off = json!({ "providerId": id, "startsAt": from, "endsAt": to, "reason": "Away" });
        administer("addTimeOff", off).await;
        let hours = json!([{ "opensAt": "09:00", "closesAt": "12:00" }]);
        let day = json!({ "providerId": id, "date": "2028-01-05", "hours": hours });
        administer("setDateOverride", day).await;
    }
    administer("createVisitType", json!({ "name": "Intake", "durationMinutes": 60 })).await;
    for (patient, provider) in [(&clinic.own, &clinic.own_id), (&clinic.other, &clinic.other_id)] {
        // Free, and so offered at once.
        let (from, to) = ("2027-03-01T15:00:00Z", "2027-03-01T15:10:00Z");
        let waits = json!({ "patientId": patient.patient, "providerId": provider, "earliest": from, "latest": to });
        administer("joinWaitlist", waits).await;
    }
    administer("setClosedDay", json!({ "date": "2028-01-06", "name": "Closed" })).await;
    let elsewhere = json!({ "url": "https://no-such-name.invalid/" });
    let made = clinic.app.administer("createWebhookEndpoint", "endpoint { id }", elsewhere).await;
    administer("sendTestWebhook", json!({ "endpointId": made["endpoint"]["id"] })).await;
}

/// The log that a subscription follows, and where that begins.
fn log_of(subscription: &str) -> (&'static str, &'static str) {
    match subscription {
        "appointmentChanged" => ("events", BEGINNING),
        "rosterChanged" => ("rosterEvents", ROSTER_BEGINNING),
        "waitlistChanged" => ("waitlistEntries", "wlc_000000000000"),
        other => panic!("{other}: say which log it follows"),
    }
}

/// One walk, on one clinic.
struct Walk<'a> {
    clinic: &'a Clinic,
    schema: Schema,
    canaries: Canaries,
    steps: usize,
    wrong: Vec<String>,
}

impl Walk<'_> {
    /// Asks for some fields of a type, and holds the answer against their rule.
    async fn ask(
        &mut self,
        caller: &mut Caller<'_>,
        role: Role,
        way: &Way,
        of: &str,
        fields: &[&Field],
    ) {
        let rules = rules();
        let document = self.schema.document(way, of, fields, DEPTH);
        let mut steps = way.clone();
        steps.push((of.to_owned(), fields[0].name.clone()));
        for whose in [Whose::Own, Whose::Others] {
            let whose_matters = is_of_somebody(&document);
            if whose == Whose::Others && !whose_matters {
                continue;
            }
            self.steps += 1;
            let answer = caller.everywhere(&filled(&document, self.clinic, whose)).await;
            let what = format!("{of}.{} as {role:?}, {whose:?}", fields[0].name);
            self.canaries.search(role, &answer.to_string(), &what);
            let told = forbidden(&answer);
            for path in &told {
                // Below an interface it stands under the name of its type. Who sees what is theirs is
                // forbidden the patient of a visit of theirs that failed: it is not their patient.
                let last = path.last().unwrap().rsplit('_').next().unwrap();
                let any = rules.iter().any(|(name, row)| {
                    name.ends_with(&format!(".{last}"))
                        && verdict(row, role, Whose::Others) != Verdict::Visible
                });
                assert!(any, "{what}: {path:?} is not forbidden: {answer}");
            }
            let mut path = Vec::new();
            for (parent, field) in &steps {
                path.push(field.clone());
                let name = format!("{parent}.{field}");
                let row = rules[&name];
                let may_be_nothing = row == "-" || MAY_BE_NOTHING.contains(&name.as_str());
                let found = at(&answer["data"], &path);
                let verdict = match verdict(row, role, whose) {
                    Verdict::Hidden if OF_WHAT_ALL_SEE.contains(&name.as_str()) => {
                        Verdict::Forbidden
                    }
                    verdict => verdict,
                };
                match verdict {
                    Verdict::Visible => {
                        assert!(
                            !told.contains(&path),
                            "{what}: {path:?} is for {role:?}: {answer}"
                        );
                        assert!(
                            may_be_nothing || !is_nothing(found),
                            "{what}: nothing at {path:?}: {answer}"
                        );
                        continue;
                    }
                    Verdict::Hidden => assert!(!told.contains(&path), "{what}: {answer}"),
                    Verdict::Forbidden => {
                        assert!(told.contains(&path), "{what}: {path:?}: {answer}");
                    }
                }
                assert!(is_nothing(found), "{what}: {path:?}: {answer}");
                break;
            }
        }
    }

    /// Every field of every object that queries lead to: those with a rule each by itself.
    async fn queries(&mut self, caller: &mut Caller<'_>, role: Role) {
        let rules = rules();
        for (of, way) in self.schema.ways() {
            let fields = self.schema.objects[&of].clone();
            let (open, forbiddable): (Vec<_>, Vec<_>) =
                fields.iter().partition(|field| rules[&format!("{of}.{}", field.name)] == "-");
            for chunk in open.chunks(6) {
                let asked = self.ask(caller, role, &way, &of, chunk);
                let asked = AssertUnwindSafe(asked).catch_unwind().await;
                self.note(asked);
            }
            for field in forbiddable {
                let alone = [field];
                let asked = self.ask(caller, role, &way, &of, &alone);
                let asked = AssertUnwindSafe(asked).catch_unwind().await;
                self.note(asked);
            }
        }
    }

    async fn mutations(&mut self, caller: &mut Caller<'_>, role: Role) {
        for field in self.schema.objects["Mutation"].clone() {
            for whose in [Whose::Own, Whose::Others] {
                let asked = self.mutation(caller, role, &field, whose);
                let asked = AssertUnwindSafe(asked).catch_unwind().await;
                self.note(asked);
            }
        }
    }

    async fn mutation(&mut self, caller: &mut Caller<'_>, role: Role, field: &Field, whose: Whose) {
        let name = field.name.as_str();
        let known = MUTATIONS.iter().find(|(known, ..)| *known == name);
        let (_, input, code) = known.unwrap_or_else(|| panic!("{name}: say what it is asked with"));
        let row = rules()[&format!("Mutation.{name}")];
        // What an edit of the roster answers is refused here, and large where it is not.
        let depth = if ["MANAGE_ROSTER", "MANAGE_HOURS"].contains(&row) { 1 } else { DEPTH };
        let payload = self.schema.all_of(&field.answers, depth);
        let document = format!("mutation {{ {name}(input: {{ {input} }}) {payload} }}");
        let answer = caller.everywhere(&filled(&document, self.clinic, whose)).await;
        self.steps += 1;
        let what = format!("{name} as {role:?}, {whose:?}");
        self.canaries.search(role, &answer.to_string(), &what);
        let expected = match verdict(row, role, whose) {
            Verdict::Visible => code,
            Verdict::Hidden if OF_A_PROVIDER.contains(&name) => "FORBIDDEN",
            // Whoever has the token may use it; and nothing of anybody else's is named.
            Verdict::Hidden if ["releaseHold", "bookSeries"].contains(&name) => code,
            Verdict::Hidden => "NOT_FOUND",
            Verdict::Forbidden => "FORBIDDEN",
        };
        let error = answer["data"][name]["error"].as_object();
        let error = error.unwrap_or_else(|| panic!("{what}: {answer}"));
        let told = error.iter().find(|(name, _)| name.ends_with("_code")).map(|(_, code)| code);
        assert_eq!(told, Some(&json!(expected)), "{what}: {answer}");
    }

    /// Notes what was wrong: all of it is told at the end.
    fn note(&mut self, asked: Result<(), Box<dyn Any + Send>>) {
        if let Err(panic) = asked {
            let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            self.wrong.push(text.chars().take(600).collect());
        }
    }

    /// Everything that happened, as it is told to whoever follows.
    async fn subscriptions(&mut self, caller: &mut Caller<'_>, role: Role) {
        for field in self.schema.objects["Subscription"].clone() {
            let (log, beginning) = log_of(&field.name);
            let count = format!("{{ {log}(first: 50) {{ totalCount }} }}");
            let count = caller.requests.post(&count).await["data"][log]["totalCount"].as_u64();
            let count = usize::try_from(count.unwrap()).unwrap();
            assert!(count > 0, "{log}");
            let event = self.schema.all_of(&field.answers, DEPTH);
            let document =
                format!("subscription {{ {}(after: \"{beginning}\") {event} }}", field.name);
            let told = [
                caller.requests.events(&document, count).await,
                caller.messages.told(&document, count).await,
            ];
            for answer in told.iter().flatten() {
                self.steps += 1;
                self.canaries.search(
                    role,
                    &answer.to_string(),
                    &format!("{} as {role:?}", field.name),
                );
                forbidden(answer);
            }
            assert_eq!(told[0].len(), told[1].len());
        }
    }
}

on_both_engines! {
    async fn every_field_and_route_shows_each_role_what_the_table_says(engine) {
        capture();
        LazyLock::force(&METRICS);
        let mut builder = closed(engine).roster(RosterBuilder::alike(2));
        for limit in ["TOKENS", "FIELDS"] {
            builder = builder.setting(&format!("GRAPHQL_MAX_{limit}"), "20000");
        }
        let builder = builder.setting("GRAPHQL_MAX_COST", "1000000").setting("GRAPHQL_MAX_ALIASES", "1000");
        let app = builder.spawn().await;
        let clinic = Clinic::of(app, Some(API_TOKEN)).await;
        clinic.app.add_member("Ada Admin", "ADMIN", None).await;
        a_roster_of_everything(&clinic).await;
        let schema = Schema::served(&clinic.app, API_TOKEN).await;
        let known: BTreeSet<String> = rules().into_keys().collect();
        let unknown: Vec<_> = schema.names().difference(&known).cloned().collect();
        assert_eq!(unknown, Vec::<String>::new(), "these fields have no rule in `walk/rules.rs`");
        let gone: Vec<_> = known.difference(&schema.names()).cloned().collect();
        assert_eq!(gone, Vec::<String>::new(), "these rules are of no field");
        assert_all_known();
        let canaries = Canaries::of(&clinic);
        let mut walk = Walk { clinic: &clinic, schema, canaries, steps: 0, wrong: Vec::new() };
        for role in Role::ALL {
            let provider = (role == Role::Clinician).then_some(clinic.own_id.as_str());
            let (_, token) = clinic.app.make_token(role.as_str(), provider).await;
            // Whoever sees no patients sees the feeds alone that are theirs.
            let feed = json!({ "providerId": clinic.own_id });
            let made = clinic.app.administer_as(&token, "createCalendarFeed", "__typename", feed).await;
            assert_eq!(made["error"], Value::Null, "{made}");
            let mut caller = Caller::with(&clinic.app, &token).await;
            walk.queries(&mut caller, role).await;
            walk.mutations(&mut caller, role).await;
            walk.subscriptions(&mut caller, role).await;
            walk.routes(&mut caller, role).await;
            let seen = catch_unwind(AssertUnwindSafe(|| walk.canaries.were_all_seen(role)));
            walk.note(seen);
        }
        let metrics = METRICS.render();
        assert!(metrics.contains("clinic_graphql_operations_total"), "{metrics}");
        walk.canaries.are_not_in("the metrics", &metrics);
        let log = logged();
        assert!(log.contains("graphql"), "nothing was logged");
        walk.canaries.are_not_in("the log", &log);
        assert!(walk.wrong.is_empty(), "{:#?}", walk.wrong);
        assert!(walk.steps > 500, "{}", walk.steps);
    }
}
