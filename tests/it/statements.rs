//! What requests cost in SQL statements: by their shape, never by the number of rows.

use serde_json::{Value, json};

use crate::support::{Engine, RosterBuilder, TestApp, john, on_both_engines, patient};

/// What a dashboard shows of each provider.
const DASHBOARD: &str = "{ providers(first: 50) { nodes {
    states insurances workingHours { weekday opensAt closesAt }
    appointments(from: \"2027-01-11T00:00:00Z\", to: \"2027-01-18T00:00:00Z\", first: 5) {
        nodes { patient { name } } }
    firstAvailable { startsAt }
    availableSlots(from: \"2027-01-11T00:00:00Z\", to: \"2027-01-18T00:00:00Z\") { startsAt endsAt }
} } }";

async fn clinic_of(engine: Engine, providers: usize) -> TestApp {
    let app = TestApp::builder(engine).roster(RosterBuilder::alike(providers)).spawn().await;
    app.a_patient_for_each_provider().await;
    // Real clocks do not stand still within a request, and that must not cost anything.
    app.clock.run();
    app
}

/// What each query costs with a few providers, patients and appointments, and with many.
async fn assert_costs(engine: Engine, queries: &[(&str, usize)]) {
    for providers in [5, 50] {
        let app = clinic_of(engine, providers).await;
        app.a_few_for_each().await;
        for (query, expected) in queries {
            let (answer, statements) = app.cost_of(query).await;
            assert_eq!(
                statements.len(),
                *expected,
                "{providers} providers: {query}: {statements:#?}"
            );
            assert!(longest_list(&answer) >= providers.min(20), "{answer}");
        }
    }
}

fn longest_list(answer: &Value) -> usize {
    match answer {
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.values().map(longest_list).max().unwrap_or_default(),
        _ => 0,
    }
}

on_both_engines! {
    async fn the_dashboard_costs_five_statements_for_five_providers_and_for_fifty(engine) {
        assert_costs(engine, &[(DASHBOARD, 5)]).await;
    }
}

on_both_engines! {
    async fn the_dashboard_costs_one_more_however_many_providers_are_booked_out(engine) {
        for booked_out in ["provider.name = 'Dr. 001'", "TRUE"] {
            let app = clinic_of(engine, 20).await;
            app.booked_out(booked_out).await;
            let (answer, statements) = app.cost_of(DASHBOARD).await;
            assert_eq!(statements.len(), 6, "booked out: {booked_out}: {statements:#?}");
            let provider = &answer["data"]["providers"]["nodes"][1];
            assert_eq!(provider["firstAvailable"], Value::Null);
            assert_eq!(provider["availableSlots"], json!([]));
        }
    }
}

on_both_engines! {
    async fn every_list_costs_the_same_for_few_rows_and_for_many(engine) {
        let window = "from: \"2027-01-01T00:00:00Z\", to: \"2027-02-01T00:00:00Z\"";
        let appointments = format!(
            "{{ appointments({window}, first: 100) {{ totalCount nodes {{
                insurance localStartsAt provider {{ name states insurances workingHours {{ weekday }} }}
                patient {{ name insurance }} }} }} }}"
        );
        let patients = format!(
            "{{ patients(first: 20) {{ totalCount nodes {{ insurance appointments(first: 3) {{
                totalCount nodes {{ provider {{ name appointments({window}, last: 2) {{
                    totalCount nodes {{ patient {{ name }} }} }} }} }} }} }} }} }}"
        );
        let providers = format!(
            "{{ providers(first: 20, state: \"CT\", insurance: \"Aetna\") {{ nodes {{
                few: appointments({window}, first: 1) {{ nodes {{ patient {{ name }} }} }}
                cancelled: appointments({window}, status: [CANCELLED]) {{ totalCount nodes {{ id }} }}
                availableSlots({window}) {{ provider {{ states }} }} }} }} }}"
        );
        assert_costs(engine, &[
            // The list and its count; patients; the directory's version.
            (&appointments, 4),
            // The list and its count; version, page, counts; page, counts; patients.
            (&patients, 8),
            // The version; two pages, counts, held times; patients.
            (&providers, 6),
        ])
        .await;
    }
}

on_both_engines! {
    async fn what_is_fetched_by_id_under_many_names_is_read_at_once(engine) {
        let app = clinic_of(engine, 20).await;
        app.a_few_for_each().await;
        let list = "{ appointments(from: \"2027-01-01T00:00:00Z\", to: \"2027-02-01T00:00:00Z\") { nodes {
            id provider { id } patient { id } } } }";
        let (answer, _) = app.cost_of(list).await;
        let nodes = answer["data"]["appointments"]["nodes"].as_array().unwrap();
        for count in [1, 6] {
            let fields = nodes.iter().take(count).enumerate().map(|(n, node)| {
                let (own, provider, patient) = (&node["id"], &node["provider"]["id"], &node["patient"]["id"]);
                format!(
                    "a{n}: appointment(id: {own}) {{ status }}
                     n{n}: node(id: {provider}) {{ ... on Provider {{ firstAvailable {{ startsAt }} }} }}
                     p{n}: patient(id: {patient}) {{ appointments {{ nodes {{ id }} }} }}"
                )
            });
            let query = format!("{{ {} }}", fields.collect::<String>());
            let (answer, statements) = app.cost_of(&query).await;
            assert_eq!(answer["data"]["a0"]["status"], "CONFIRMED");
            // The version, appointments, patients; appointments of the patients; held times.
            assert_eq!(statements.len(), 5, "{count}: {statements:#?}");
        }
    }
}

on_both_engines! {
    async fn a_search_over_all_providers_reads_a_day_once_and_then_what_has_changed(engine) {
        let query = "{ firstAvailable(after: \"2027-01-11T00:00:00Z\", state: \"CT\", insurance: \"Aetna\") { startsAt } }";
        for providers in [5, 50] {
            let app = clinic_of(engine, providers).await;
            // The directory's version; what is held on each of four days (and where the log of events
            // ends, which is not told from what the teller asks); from then on what has changed.
            for cost in [5, 2, 2] {
                let (answer, statements) = app.cost_of(query).await;
                assert_eq!(answer["data"]["firstAvailable"]["startsAt"], "2027-01-11T14:00:00Z");
                assert_eq!(statements.len(), cost, "{statements:#?}");
            }
            app.booked_out("TRUE").await;
            // In three windows; once all their days are in memory, at the same cost as above.
            for cost in [None, Some(2), Some(2)] {
                let (answer, statements) = app.cost_of(query).await;
                assert_eq!(answer["data"]["firstAvailable"], Value::Null);
                assert!(cost.is_none_or(|cost| cost == statements.len()), "{statements:#?}");
            }
        }
    }
}

/// A mutation that must succeed, and what it costs: at most so many transactions, and so many
/// statements on SQLite and on PostgreSQL, where all locks are statements. What makes it cheaper lowers
/// these.
async fn assert_mutation(
    app: &TestApp,
    mutation: &str,
    input: Value,
    transactions: usize,
    [sqlite, postgres]: [usize; 2],
) -> String {
    let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let query = format!(
        "mutation ($input: {name}!) {{ {mutation}(input: $input) {{ appointment {{ id status }} error {{ code }} }} }}"
    );
    let (answer, sent) = app.statements(app.graphql(&query, json!({ "input": input }))).await;
    let payload = &answer["data"][mutation];
    assert!(payload["error"].is_null() && payload["appointment"]["id"].is_string(), "{answer}");
    let most = if app.database.engine == Engine::Sqlite { sqlite } else { postgres };
    assert!(sent.transactions <= transactions && sent.sql.len() <= most, "{mutation}: {sent:#?}");
    payload["appointment"]["id"].as_str().unwrap().to_owned()
}

on_both_engines! {
    async fn a_booking_costs_no_more_than_it_did(engine) {
        let app = TestApp::spawn(engine).await;
        // Whole days are read once.
        app.graphql("{ firstAvailable(after: \"2027-01-11T00:00:00Z\", durationMinutes: 480, state: \"CT\", insurance: \"Aetna\") { startsAt } }", json!({})).await;
        app.graphql("{ firstAvailable(after: \"2027-01-13T00:00:00Z\", state: \"CT\", insurance: \"Aetna\") { startsAt } }", json!({})).await;
        // Looking: the directory's version; the patient; held times, unless only one may treat them.
        // Holding: the patient, if new, and on PostgreSQL the lock of the address; the locks, or whether the rules are there; whether the roster
        // is as it was read, so that nothing is held against a rule of before, and held times with it, unless a time is asked for;
        // appointment and outbox row.
        // Storing the answer: appointment and outbox row.
        let first = json!({ "patient": john() });
        assert_mutation(&app, "bookAppointment", first, 2, [7, 8]).await;
        let asked = json!({ "patient": patient(1, "CT", "Aetna"), "startsAt": "2027-01-12T15:00:00Z" });
        assert_mutation(&app, "bookAppointment", asked, 2, [8, 9]).await;
        // What a known patient holds is looked at as well, and how many visits to come they have, under their lock.
        let known = json!({ "patient": john(), "startsAt": "2027-01-13T15:00:00Z" });
        let id = assert_mutation(&app, "bookAppointment", known, 2, [9, 9]).await;
        // The key is looked up, and claimed.
        let keyed = json!({ "patient": patient(2, "CT", "Aetna"), "idempotencyKey": "key-2" });
        assert_mutation(&app, "bookAppointment", keyed, 2, [9, 10]).await;
        // The appointment, read and changed, the outbox row, written and read; then as above.
        assert_mutation(&app, "cancelAppointment", json!({ "id": id }), 2, [5, 5]).await;
    }
}

on_both_engines! {
    async fn a_booking_costs_as_much_however_many_providers_match(engine) {
        let app = clinic_of(engine, 50).await;
        app.booked_out("provider.name <> 'Dr. 049'").await;
        app.graphql("{ firstAvailable(after: \"2027-01-11T00:00:00Z\", state: \"CT\", insurance: \"Aetna\") { startsAt } }", json!({})).await;
        let first = json!({ "patient": john() });
        assert_mutation(&app, "bookAppointment", first, 2, [11, 11]).await;
    }
}
