//! Correcting a patient, and making one of two.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{AUDIT_KEY, RosterBuilder, TestApp, id_of, on_both_engines, overlaps};

const UPDATE: &str = "mutation ($input: UpdatePatientInput!) { updatePatient(input: $input) {
    patient { id name email phone birthDate state insurance version }
    error { code message ... on VersionConflict { currentVersion } ... on InvalidInput { violations { field } } } } }";
const MERGE: &str = "mutation ($input: MergePatientsInput!) { mergePatients(input: $input) {
    patient { id name phone birthDate version appointments { totalCount nodes { id } } }
    error { code message ... on PatientDoubleBooked { appointmentIds } ... on VersionConflict { currentVersion } } } }";

async fn update(app: &TestApp, input: Value) -> Value {
    let answer = app.graphql(UPDATE, json!({ "input": input })).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    answer["data"]["updatePatient"].clone()
}

/// Asks again what could not be done just now: who loses three races is told so, and nothing was done.
async fn insisting<T, F: Future<Output = T>>(
    ask: impl Fn() -> F,
    is_to_be_repeated: impl Fn(&T) -> bool,
) -> T {
    for _ in 0..20 {
        let answer = ask().await;
        if !is_to_be_repeated(&answer) {
            return answer;
        }
    }
    ask().await
}

async fn merge(app: &TestApp, input: Value) -> Value {
    let answer = app.graphql(MERGE, json!({ "input": input })).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    answer["data"]["mergePatients"].clone()
}

fn person(name: &str, email: &str) -> Value {
    json!({ "name": name, "email": email, "state": "CT", "insurance": "Aetna" })
}

/// Books at a time; the ids of the patient and of the visit.
async fn book(app: &TestApp, patient: &Value, time: &str) -> (String, String) {
    let answer = app.book(&json!({ "patient": patient, "time": time })).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let body = answer.json();
    (body["patient_id"].as_str().unwrap().to_owned(), id_of(&body))
}

on_both_engines! {
    async fn a_correction_changes_what_was_given_and_nothing_else(engine) {
        let app = TestApp::spawn(engine).await;
        let mut mary = person("Mary Stone", "mary@example.com");
        mary["phone"] = json!("203 555 0142");
        let (id, visit) = book(&app, &mary, "2027-01-11T15:00:00Z").await;
        let payload = update(&app, json!({ "id": id, "name": "Mary Stone-Fox", "birthDate": "1980-05-17" })).await;
        assert_eq!(payload, json!({ "error": null, "patient": { "id": id, "name": "Mary Stone-Fox",
            "email": "mary@example.com", "phone": "203 555 0142", "birthDate": "1980-05-17", "state": "CT",
            "insurance": "Aetna", "version": 2 } }));
        let payload = update(&app, json!({ "id": id, "phone": null, "email": "fox@example.com" })).await;
        assert_eq!((&payload["patient"]["phone"], &payload["patient"]["version"]), (&Value::Null, &json!(3)));
        // Nothing new is no change.
        let payload = update(&app, json!({ "id": id, "email": "fox@example.com" })).await;
        assert_eq!(payload["patient"]["version"], 3);
        assert_eq!(app.get(&format!("/appointment/{visit}")).await.json()["patient"], "Mary Stone-Fox");
        // Known by what is corrected, and not by what was wrong.
        let again = app.book(&json!({ "patient": person("stone fox, mary", "FOX@example.com") })).await.json();
        assert_eq!(again["patient_id"], json!(id));
        let other = app.book(&json!({ "patient": person("Mary Stone", "mary@example.com") })).await.json();
        assert_ne!(other["patient_id"], json!(id));
        for (change, code, field) in [
            (json!({ "name": null }), "INVALID_INPUT", json!("name")),
            (json!({ "email": "nobody" }), "INVALID_INPUT", json!("email")),
            (json!({ "birthDate": "2027-01-13" }), "INVALID_INPUT", json!("birthDate")),
            (json!({ "timeZone": "Mars" }), "INVALID_INPUT", json!("timeZone")),
            (json!({ "state": "Nowhere" }), "UNKNOWN_STATE", Value::Null),
            (json!({ "insurance": "Nobody's" }), "UNKNOWN_INSURANCE", Value::Null),
            (json!({ "id": "pat_01h455vb4pex5vsknk084sn02q", "name": "X" }), "NOT_FOUND", Value::Null),
            (json!({ "expectedVersion": 3, "name": "X" }), "VERSION_CONFLICT", Value::Null),
        ] {
            let mut input = json!({ "id": id });
            input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let payload = update(&app, input).await;
            assert_eq!((&payload["patient"], &payload["error"]["code"]), (&Value::Null, &json!(code)), "{change}");
            assert_eq!(payload["error"]["violations"][0]["field"], field, "{payload}");
        }
    }
}

on_both_engines! {
    async fn a_correction_under_its_key_is_made_once(engine) {
        let app = TestApp::spawn(engine).await;
        let (id, _) = book(&app, &person("Mary Stone", "mary@example.com"), "2027-01-11T15:00:00Z").await;
        let input = |phone: &str| json!({ "id": id, "phone": phone, "expectedVersion": 1, "idempotencyKey": "key" });
        let asked = join_all((0..8).map(|_| update(&app, input("203 555 0142")))).await;
        for payload in &asked {
            assert_eq!(payload["patient"]["version"], 2, "{asked:?}");
        }
        let other = update(&app, input("203 555 0143")).await;
        assert_eq!(other["error"]["code"], "IDEMPOTENCY_KEY_REUSED");
        // One key is one request, whatever it is for.
        let booking = json!({ "patient": person("Mary Stone", "mary@example.com") });
        let answer = app.post_with_key("/appointment", "key", &booking).await;
        assert_eq!(answer.problem(), (422, "IDEMPOTENCY_KEY_REUSED".to_owned()));
        assert_eq!(app.post_with_key("/appointment", "booked", &booking).await.status, 201);
        let input = json!({ "id": id, "phone": null, "idempotencyKey": "booked" });
        assert_eq!(update(&app, input).await["error"]["code"], "IDEMPOTENCY_KEY_REUSED");
    }
}

on_both_engines! {
    async fn two_patients_become_one_with_the_visits_of_both(engine) {
        let app = TestApp::spawn(engine).await;
        let (keep, one) = book(&app, &person("Mary Stone", "mary@new.example"), "2027-01-11T15:00:00Z").await;
        let mut old = person("Maria Stone", "mary@old.example");
        old["phone"] = json!("203 555 0142");
        let (gone, other) = book(&app, &old, "2027-01-11T16:00:00Z").await;
        let input = json!({ "keepId": keep, "mergeId": gone, "expectedVersion": 1, "idempotencyKey": "merge" });
        let payload = merge(&app, input.clone()).await;
        assert_eq!(payload, json!({ "error": null, "patient": { "id": keep, "name": "Mary Stone",
            "phone": "203 555 0142", "birthDate": null, "version": 2,
            "appointments": { "totalCount": 2, "nodes": [{ "id": one }, { "id": other }] } } }));
        assert_eq!(merge(&app, input).await, payload, "a repeat answers as the first did");
        // Done already.
        let again = merge(&app, json!({ "keepId": keep, "mergeId": gone })).await;
        assert_eq!(again["patient"]["version"], 2);
        // The id of before leads to the kept one, everywhere.
        let query = "query ($id: ID!) { patient(id: $id) { id } node(id: $id) { id } patients { totalCount }
            appointments(from: \"2027-01-01T00:00:00Z\", to: \"2027-02-01T00:00:00Z\", patientId: $id) { totalCount } }";
        let answer = app.graphql(query, json!({ "id": gone })).await;
        assert_eq!(answer["data"], json!({ "patient": { "id": keep }, "node": { "id": keep },
            "patients": { "totalCount": 1 }, "appointments": { "totalCount": 2 } }));
        assert_eq!(app.get(&format!("/appointment/{other}")).await.json()["patient_id"], json!(keep));
        // And so do name and address, and the id in a booking.
        let booked = app.book(&json!({ "patient": old })).await.json();
        assert_eq!((&booked["patient_id"], &booked["patient"]), (&json!(keep), &json!("Mary Stone")));
        assert_eq!(app.book(&json!({ "patient_id": gone })).await.json()["patient_id"], json!(keep));
        // Their time is one person's.
        let clash = app.book(&json!({ "patient": old, "time": "2027-01-11T15:00:00Z" })).await;
        assert_eq!(clash.status, 409, "{clash:?}");
        assert_eq!(update(&app, json!({ "id": gone, "phone": null })).await["patient"]["id"], json!(keep));
        app.assert_agreement().await;
        for input in [json!({ "keepId": keep, "mergeId": keep }), json!({ "keepId": keep, "mergeId": "pat_01h455vb4pex5vsknk084sn02q" }),
            json!({ "keepId": "nobody", "mergeId": keep })] {
            let code = merge(&app, input).await["error"]["code"].clone();
            assert!(code == "INVALID_INPUT" || code == "NOT_FOUND", "{code}");
        }
    }
}

on_both_engines! {
    async fn the_command_lists_who_looks_like_one_person_and_names_them_only_when_asked(engine) {
        let app = TestApp::spawn(engine).await;
        let (one, _) = book(&app, &person("Mary Stone", "mary@example.com"), "2027-01-11T15:00:00Z").await;
        let (other, _) = book(&app, &person("Tom Fox", "mary@example.com"), "2027-01-11T16:00:00Z").await;
        let list = async |arguments: &[&str]| {
            let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_clinic"))
                .args(["patients", "duplicates"])
                .args(arguments)
                .current_dir(app.database.folder.path())
                .env_clear()
                .env("DATABASE_URL", &app.database.url)
                .env("AUDIT_KEY", AUDIT_KEY)
                .output()
                .await
                .unwrap();
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        assert!(list(&[]).await.starts_with("0 groups"));
        // As it was before names were compared by meaning.
        app.database.execute("UPDATE patient SET name = 'mary-stone', folded_name = NULL WHERE name = 'Tom Fox'").await.unwrap();
        let text = list(&[]).await;
        assert!(text.contains("Same name and address:") && text.contains("1 groups"), "{text}");
        assert!(text.contains(&one) && text.contains(&other) && text.contains("1 appointments"), "{text}");
        assert!(!text.to_lowercase().contains("mary") && !text.contains('@'), "{text}");
        assert!(list(&["--names"]).await.contains("mary-stone"));
    }
}

on_both_engines! {
    async fn visits_of_one_minute_are_named_and_nothing_is_merged(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(3)).spawn().await;
        let time = "2027-01-11T15:00:00Z";
        let (keep, one) = book(&app, &person("Mary Stone", "mary@new.example"), time).await;
        let (gone, other) = book(&app, &person("Mary Stone", "mary@old.example"), time).await;
        let payload = merge(&app, json!({ "keepId": keep, "mergeId": gone, "idempotencyKey": "k" })).await;
        let mut ids = vec![one.clone(), other.clone()];
        ids.sort();
        assert_eq!(payload["error"]["code"], "PATIENT_DOUBLE_BOOKED");
        assert_eq!(payload["error"]["appointmentIds"], json!(ids));
        assert!(ids.iter().all(|id| payload["error"]["message"].as_str().unwrap().contains(id)), "{payload}");
        assert_eq!(app.database.number("SELECT count(*) FROM patient").await, 2);
        // What holds no time is in nobody's way; and a refusal keeps no key.
        assert_eq!(app.cancel(&other).await.status, 200);
        let payload = merge(&app, json!({ "keepId": keep, "mergeId": gone, "idempotencyKey": "k" })).await;
        assert_eq!(payload["error"], Value::Null);
    }
}

on_both_engines! {
    async fn a_visit_that_is_being_settled_is_settled_for_the_kept_patient(engine) {
        let app = TestApp::spawn(engine).await;
        let (keep, _) = book(&app, &person("Mary Stone", "mary@new.example"), "2027-01-11T15:00:00Z").await;
        app.faults(&json!({ "latency_ms": 400 })).await;
        let old = person("Mary Stone", "mary@old.example");
        let body = json!({ "patient": old, "time": "2027-01-11T16:00:00Z" });
        let booking = app.book(&body);
        let merging = async {
            let held = "SELECT count(*) FROM appointment WHERE status = 'PENDING'";
            assert!(crate::support::comes_true(async || app.database.number(held).await > 0).await);
            let gone = app.graphql("{ patients(search: \"old.example\") { nodes { id } } }", json!({})).await;
            let gone = gone["data"]["patients"]["nodes"][0]["id"].clone();
            merge(&app, json!({ "keepId": keep, "mergeId": gone })).await
        };
        let (answer, merged) = tokio::join!(booking, merging);
        assert_eq!(merged["error"], Value::Null, "{merged}");
        assert_eq!((answer.status.as_u16(), &answer.json()["status"]), (201, &json!("CONFIRMED")));
        let visit = id_of(&answer.json());
        assert_eq!(app.get(&format!("/appointment/{visit}")).await.json()["patient_id"], json!(keep));
        app.faults(&json!({})).await;
        app.settle_everything().await;
    }
}

on_both_engines! {
    async fn merges_and_bookings_at_once_lose_nothing(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(8)).spawn().await;
        for round in 0..3 {
            let address = |n: usize| format!("mary{n}.{round}@example.com");
            let mut ids = Vec::new();
            for n in 0..3 {
                let answer = app.book(&json!({ "patient": person("Mary Stone", &address(n)), "after": "2027-01-12T00:00:00Z" })).await;
                ids.push(answer.json()["patient_id"].as_str().unwrap().to_owned());
            }
            // They were booked for the same time: only the first keeps hers.
            let held = app.graphql("query ($id: ID!) { patient(id: $id) { appointments { nodes { id } } } }", json!({ "id": ids[1] })).await;
            app.cancel(held["data"]["patient"]["appointments"]["nodes"][0]["id"].as_str().unwrap()).await;
            let held = app.graphql("query ($id: ID!) { patient(id: $id) { appointments { nodes { id } } } }", json!({ "id": ids[2] })).await;
            app.cancel(held["data"]["patient"]["appointments"]["nodes"][0]["id"].as_str().unwrap()).await;
            let pairs = [
                json!({ "keepId": ids[0], "mergeId": ids[1] }),
                json!({ "keepId": ids[1], "mergeId": ids[0] }),
                json!({ "keepId": ids[0], "mergeId": ids[2] }),
                json!({ "keepId": ids[2], "mergeId": ids[1] }),
            ];
            let merging = join_all(pairs.iter().map(|input| {
                insisting(|| merge(&app, input.clone()), |payload| payload["error"]["code"] == "UNAVAILABLE")
            }));
            let booking = join_all((0..6).map(|n| {
                let patient = person("mary STONE", &address(n % 3));
                let (app, hour) = (&app, 15 + n);
                let booking = json!({ "patient": patient, "time": format!("2027-01-{:02}T{hour}:00:00Z", 13 + round)});
                async move { insisting(|| app.book(&booking), |answer| answer.status == 503).await }
            }));
            let corrections: Vec<Value> =
                (0..3).map(|n| json!({ "id": ids[n], "phone": format!("203 555 010{n}") })).collect();
            let correcting = join_all(corrections.iter().map(|input| {
                insisting(|| update(&app, input.clone()), |payload| payload["error"]["code"] == "UNAVAILABLE")
            }));
            let (merged, answers, updated) = tokio::join!(merging, booking, correcting);
            for payload in merged.iter().chain(&updated) {
                assert_eq!(payload["error"], Value::Null, "{merged:?} {updated:?}");
            }
            assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
            let query = "query ($id: ID!) { patient(id: $id) { id appointments { totalCount } } }";
            let mut seen = Vec::new();
            for id in &ids {
                seen.push(app.graphql(query, json!({ "id": id })).await["data"]["patient"].clone());
            }
            assert!(seen.iter().all(|patient| *patient == seen[0]), "{seen:?}");
            assert_eq!(seen[0]["appointments"]["totalCount"], 7, "{seen:?}");
            let orphans = "SELECT count(*) FROM appointment WHERE patient_id NOT IN (SELECT id FROM patient)";
            assert_eq!(app.database.number(orphans).await, 0);
        }
        assert_eq!(overlaps(&app.whole_book().await), Vec::<String>::new());
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn a_booking_tells_who_else_may_be_the_same_person(engine) {
        let app = TestApp::spawn(engine).await;
        let mut mary = person("Mary Stone", "home@example.com");
        mary["birth_date"] = json!("1980-05-17");
        book(&app, &mary, "2027-01-11T15:00:00Z").await;
        let mut moved = person("stone, mary", "moved@example.com");
        moved["birth_date"] = json!("1980-05-17");
        book(&app, &moved, "2027-01-11T16:00:00Z").await;
        book(&app, &person("Mary Stone", "other@example.com"), "2027-01-11T17:00:00Z").await;
        let mutation = "mutation ($input: BookAppointmentInput!) { bookAppointment(input: $input) {
            similarPatients { name email } error { code } } }";
        let similar = async |patient: Value| {
            let answer = app.graphql(mutation, json!({ "input": { "patient": patient } })).await;
            assert_eq!(answer["data"]["bookAppointment"]["error"], Value::Null, "{answer}");
            answer["data"]["bookAppointment"]["similarPatients"].clone()
        };
        let husband = person("Tom Stone", "HOME@example.com");
        assert_eq!(similar(husband).await, json!([{ "name": "Mary Stone", "email": "home@example.com" }]));
        assert_eq!(similar(person("Mary Stone", "moved@example.com")).await,
            json!([{ "name": "Mary Stone", "email": "home@example.com" }]));
        assert_eq!(similar(person("Nobody Else", "alone@example.com")).await, json!([]));
    }
}
