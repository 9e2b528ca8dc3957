//! What stands in the audit trail: a row for every change, and for every answer with patients' data.

use clinic::domain::audit::{AuditKind, StoredAuditEntry};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    BEGINNING, Subscriber, TestApp, book_by_graphql, comes_true, id_of, john, on_both_engines,
    rows, with_jane,
};

fn names(ids: &[impl ToString]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

fn outcomes(rows: &[StoredAuditEntry]) -> Vec<&str> {
    rows.iter().map(|row| row.entry.outcome.as_ref()).collect()
}

/// The id of the only patient there is.
async fn patient_id(app: &TestApp) -> String {
    let answer = app.graphql("{ patients(first: 1) { nodes { id } } }", json!({})).await;
    answer["data"]["patients"]["nodes"][0]["id"].as_str().unwrap().to_owned()
}

on_both_engines! {
    async fn a_booking_leaves_a_row_with_the_names_of_its_fields_and_none_of_its_values(engine) {
        let app = TestApp::spawn(engine).await;
        let request = app.request(Method::POST, "/appointment").header("x-request-id", "from-the-desk");
        let booked = TestApp::send(request.json(&json!({ "patient": john(), "reason": "canary-itch" }))).await;
        let id = id_of(&booked.json());
        let rows = app.audited("bookAppointment").await;
        let [row] = rows.as_slice() else { panic!("{rows:?}") };
        let entry = &row.entry;
        assert_eq!((entry.kind, entry.outcome.as_ref()), (AuditKind::Change, "OK"));
        assert_eq!(entry.fields, "provider patient startsAt endsAt state insurance status reason");
        assert_eq!(names(&entry.appointments), std::slice::from_ref(&id));
        assert_eq!((entry.actor.kind.as_ref(), entry.actor.role.as_ref()), ("EVERYBODY", "ADMIN"));
        assert_eq!(entry.request_id.as_deref(), Some("from-the-desk"));
        assert_eq!(entry.address.as_deref(), Some("127.0.0.1"));
        let written = format!("{:?}", crate::support::rows(&app.db).await);
        for value in ["John", "john@", "canary-itch"] {
            assert!(!written.contains(value), "{value}: {written}");
        }
        // Who the server did it for when it stored the scheduling service's answer.
        let settled = app.audited("settle").await;
        let [settled] = settled.as_slice() else { panic!("{settled:?}") };
        assert_eq!(settled.entry.actor.kind, "SYSTEM");
        assert_eq!(settled.entry.on_behalf_of.as_ref().map(|caller| caller.kind.as_ref()), Some("EVERYBODY"));
        // Its answer shows nobody whom these two do not name.
        assert_eq!(crate::support::rows(&app.db).await.len(), 2);
        assert_eq!(names(&entry.patients), [patient_id(&app).await]);
    }
}

on_both_engines! {
    async fn what_was_refused_repeated_or_changed_nothing_is_told_with_what_came_of_it(engine) {
        let app = TestApp::spawn(engine).await;
        let body = with_jane(1, "2027-01-11T15:00:00Z");
        let first = app.post_with_key("/appointment", "key", &body).await;
        let id = id_of(&first.json());
        app.post_with_key("/appointment", "key", &body).await;
        app.book(&with_jane(2, "2027-01-11T15:00:00Z")).await;
        app.book(&json!({ "patient": { "name": "X", "email": "x@example.com", "state": "ZZ", "insurance": "Aetna" } })).await;
        assert_eq!(outcomes(&app.audited("bookAppointment").await), ["OK", "REPLAYED", "SLOT_TAKEN", "UNKNOWN_STATE"]);
        let cancel = format!("/appointment/{id}/cancel");
        app.post(&cancel, &json!({ "reason": "ill" })).await;
        app.post(&cancel, &json!({})).await;
        let rows = app.audited("cancelAppointment").await;
        assert_eq!(outcomes(&rows), ["OK", "UNCHANGED"]);
        assert_eq!(rows[0].entry.fields, "status cancelReason");
        assert!(rows.iter().all(|row| names(&row.entry.appointments) == [id.clone()]), "{rows:?}");
        app.post(&format!("/appointment/{id}/reschedule"), &json!({ "time": "2027-01-11T16:00:00Z" })).await;
        assert_eq!(outcomes(&app.audited("rescheduleAppointment").await), ["ILLEGAL_TRANSITION"]);
    }
}

on_both_engines! {
    async fn a_correction_and_a_merge_name_the_patients_and_the_fields(engine) {
        let app = TestApp::spawn(engine).await;
        app.book(&with_jane(1, "2027-01-11T15:00:00Z")).await;
        app.book(&with_jane(2, "2027-01-11T16:00:00Z")).await;
        let answer = app.graphql("{ patients(first: 2) { nodes { id } } }", json!({})).await;
        let ids: Vec<Value> = answer["data"]["patients"]["nodes"].as_array().unwrap()
            .iter().map(|node| node["id"].clone()).collect();
        let update = "mutation ($id: ID!) { updatePatient(input: { id: $id, phone: \"+1 203 555 0142\" }) { error { code } } }";
        for _ in 0..2 {
            app.graphql(update, json!({ "id": ids[0] })).await;
        }
        let rows = app.audited("updatePatient").await;
        assert_eq!(outcomes(&rows), ["OK", "UNCHANGED"]);
        assert_eq!(rows[0].entry.fields, "phone");
        assert!(rows.iter().all(|row| json!(names(&row.entry.patients)) == json!([ids[0]])), "{rows:?}");
        let merge = "mutation ($keep: ID!, $merge: ID!) {
            mergePatients(input: { keepId: $keep, mergeId: $merge }) { error { code } } }";
        app.graphql(merge, json!({ "keep": ids[0], "merge": ids[1] })).await;
        let rows = app.audited("mergePatients").await;
        assert_eq!((outcomes(&rows), rows[0].entry.patients.len()), (vec!["OK"], 2));
    }
}

on_both_engines! {
    async fn every_answer_with_patients_data_leaves_one_row_through_whichever_door(engine) {
        let app = TestApp::spawn(engine).await;
        let booked = app.book(&json!({ "patient": john(), "reason": "canary-itch" })).await.json();
        let (id, provider) = (id_of(&booked), booked["provider_id"].as_str().unwrap().to_owned());
        let patient = patient_id(&app).await;
        let window = "from: \"2027-01-01T00:00:00Z\", to: \"2027-02-01T00:00:00Z\"";
        let graphql = |query: String| ("graphql", query);
        let asked = [
            (("rest", format!("/appointment/{id}")), "GET /appointment/{id}", ""),
            (("rest", format!("/appointments?provider_id={provider}&from=2027-01-01T00:00:00Z&to=2027-02-01T00:00:00Z")), "GET /appointments", ""),
            (("rest", "/patients?search=doe".to_owned()), "GET /patients", ""),
            (("csv", "/patients".to_owned()), "GET /patients", ""),
            (graphql(format!("query Day {{ appointments({window}) {{ nodes {{ id patient {{ name email }} }} }} }}")),
                "query appointments (Day)", "Appointment.patient Patient.email Patient.name"),
            (graphql(format!("{{ appointments({window}) {{ nodes {{ reason }} }} }}")), "query appointments", "Appointment.reason"),
            (graphql(format!("{{ patient(id: \"{patient}\") {{ name }} }}")), "query patient", "Patient.name"),
            (graphql(format!("{{ node(id: \"{patient}\") {{ ... on Patient {{ ...P }} }} }} fragment P on Patient {{ phone }}")), "query node", "Patient.phone"),
        ];
        for ((door, asked), operation, fields) in asked {
            let before = rows(&app.db).await;
            match door {
                "graphql" => drop(app.graphql(&asked, json!({})).await),
                "csv" => drop(TestApp::send(app.request(Method::GET, &asked).header("accept", "text/csv")).await),
                _ => drop(app.get(&asked).await),
            }
            let new: Vec<StoredAuditEntry> =
                rows(&app.db).await.into_iter().filter(|row| !before.contains(row)).collect();
            let [row] = new.as_slice() else { panic!("{asked}: {new:?}") };
            assert_eq!((row.entry.kind, row.entry.operation.as_ref()), (AuditKind::Read, operation));
            assert_eq!(names(&row.entry.patients), std::slice::from_ref(&patient), "{asked}");
            assert!(fields.is_empty() || row.entry.fields == fields, "{asked}: {row:?}");
            let about_a_visit = operation.contains("appointment");
            assert_eq!(row.entry.appointments.len(), usize::from(about_a_visit), "{asked}");
        }
    }
}

on_both_engines! {
    async fn an_answer_without_patients_data_leaves_none(engine) {
        let app = TestApp::spawn(engine).await;
        app.book(&json!({ "patient": john() })).await;
        let before = rows(&app.db).await.len();
        let window = "from: \"2027-01-01T00:00:00Z\", to: \"2027-02-01T00:00:00Z\"";
        let queries = [
            format!("{{ appointments({window}) {{ totalCount nodes {{ id status startsAt provider {{ name }} state insurance }} }} }}"),
            "{ providers(first: 5) { nodes { name firstAvailable { startsAt } } } }".to_owned(),
            "{ patients(first: 5, search: \"nobody\") { totalCount nodes { name } } }".to_owned(),
            "{ events(first: 5) { nodes { cursor kind appointment { id status } } } }".to_owned(),
        ];
        for query in queries {
            let answer = app.graphql(&query, json!({})).await;
            assert!(answer["errors"].is_null(), "{answer}");
        }
        app.get("/slots?state=CT&insurance=Aetna&from=2027-01-11T00:00:00Z&to=2027-01-12T00:00:00Z").await;
        app.get("/patients?search=nobody").await;
        assert_eq!(rows(&app.db).await.len(), before);
    }
}

on_both_engines! {
    async fn who_follows_leaves_a_row_at_the_beginning_and_at_the_end_and_is_named_in_that_of_an_event(engine) {
        let app = TestApp::spawn(engine).await;
        let mut one = Subscriber::after(&app, BEGINNING, "").await;
        let mut other = Subscriber::after(&app, BEGINNING, "").await;
        let operation = "subscription appointmentChanged";
        let of_kind = async |kind: AuditKind| {
            let mut rows = app.audited(operation).await;
            rows.retain(|row| row.entry.kind == kind);
            rows
        };
        assert!(comes_true(async || of_kind(AuditKind::LiveBegin).await.len() == 2).await);
        let id = id_of(&app.book(&json!({ "patient": john() })).await.json());
        for subscriber in [&mut one, &mut other] {
            assert_eq!(subscriber.event().await["kind"], "BOOKED");
            assert_eq!(subscriber.event().await["kind"], "CONFIRMED");
        }
        let told = of_kind(AuditKind::LiveEvent).await;
        let recipients: usize = told.iter().map(|row| row.entry.recipients.lines().count()).sum();
        assert_eq!(recipients, 4, "two events, each told to both: {told:?}");
        for row in &told {
            assert_eq!((names(&row.entry.appointments), row.entry.patients.len()), (vec![id.clone()], 1));
            assert!(row.entry.recipients.starts_with("EVERYBODY - ADMIN 127.0.0.1 "), "{row:?}");
        }
        drop((one, other));
        assert!(comes_true(async || of_kind(AuditKind::LiveEnd).await.len() == 2).await);
    }
}

on_both_engines! {
    async fn rows_are_looked_up_by_whom_they_are_about(engine) {
        let app = TestApp::spawn(engine).await;
        book_by_graphql(&app, json!({ "patient": john() })).await;
        let patient = patient_id(&app).await;
        app.book(&with_jane(2, "2027-01-11T16:00:00Z")).await;
        app.graphql(&format!("{{ patient(id: \"{patient}\") {{ name }} }}"), json!({})).await;
        let query = "query ($patient: ID, $kind: [AuditEventKind!]) {
            auditEvents(patientId: $patient, kind: $kind, last: 50) { totalCount
                nodes { id kind operation outcome fields patientIds actor { kind role } onBehalfOf { kind } } } }";
        let answer = app.graphql(query, json!({ "patient": patient })).await;
        let found = answer["data"]["auditEvents"].clone();
        let nodes = found["nodes"].as_array().unwrap();
        assert!(nodes.iter().all(|node| node["patientIds"].as_array().unwrap().contains(&json!(patient))), "{found}");
        let operations: Vec<&str> = nodes.iter().map(|node| node["operation"].as_str().unwrap()).collect();
        assert_eq!(operations[..2], ["bookAppointment", "settle"], "{found}");
        assert!(operations.contains(&"query patient"), "{found}");
        assert_eq!(found["totalCount"], nodes.len());
        let changes = app.graphql(query, json!({ "patient": patient, "kind": ["CHANGE"] })).await;
        assert_eq!(changes["data"]["auditEvents"]["totalCount"], 2, "{changes}");
        let node = app.graphql("query ($id: ID!) { node(id: $id) { id ... on AuditEvent { operation at } } }",
            json!({ "id": nodes[0]["id"] })).await;
        assert_eq!(node["data"]["node"]["operation"], "bookAppointment");
        let first = app.graphql("{ auditEvents(first: 1) { nodes { id } pageInfo { endCursor } } }", json!({})).await;
        let cursor = &first["data"]["auditEvents"]["pageInfo"]["endCursor"];
        let next = app.graphql("query ($after: String) { auditEvents(first: 1, after: $after) { nodes { id } } }", json!({ "after": cursor })).await;
        assert_ne!(next["data"]["auditEvents"]["nodes"][0]["id"], first["data"]["auditEvents"]["nodes"][0]["id"]);
        let odd = app.graphql("{ auditEvents(actorId: \"me\") { totalCount } }", json!({})).await;
        assert_eq!(odd["errors"][0]["extensions"]["code"], "INVALID_INPUT", "{odd}");
    }
}

on_both_engines! {
    async fn the_history_of_a_visit_tells_who_did_what_and_what_it_was_before(engine) {
        let app = TestApp::spawn(engine).await;
        let id = id_of(&app.book(&with_jane(1, "2027-01-11T15:00:00Z")).await.json());
        app.post(&format!("/appointment/{id}/reschedule"), &json!({ "time": "2027-01-11T16:00:00Z" })).await;
        app.post(&format!("/appointment/{id}/cancel"), &json!({ "reason": "on holiday" })).await;
        let query = "query ($id: ID!) { appointment(id: $id) { history { kind actor { kind name role }
            onBehalfOf { kind role } fromStatus toStatus fromStartsAt toStartsAt fromProvider { name } toProvider { name } reason } } }";
        let answer = app.graphql(query, json!({ "id": id })).await;
        let history = answer["data"]["appointment"]["history"].as_array().unwrap_or_else(|| panic!("{answer}"));
        let told: Vec<_> = history.iter().map(|one| [&one["kind"], &one["actor"]["kind"], &one["onBehalfOf"]["kind"]]
            .map(|value| value.as_str().unwrap_or("-"))).collect();
        assert_eq!(told, [
            ["BOOKED", "EVERYBODY", "-"],
            ["CONFIRMED", "SYSTEM", "EVERYBODY"],
            ["RESCHEDULING", "EVERYBODY", "-"],
            ["RESCHEDULED", "SYSTEM", "EVERYBODY"],
            ["CANCELLING", "EVERYBODY", "-"],
            ["CANCELLED", "SYSTEM", "EVERYBODY"],
        ]);
        assert_eq!(history[0]["fromStatus"], Value::Null);
        assert_eq!((&history[1]["fromStatus"], &history[1]["toStatus"]), (&json!("PENDING"), &json!("CONFIRMED")));
        let moved = (&history[3]["fromStartsAt"], &history[3]["toStartsAt"]);
        assert_eq!(moved, (&json!("2027-01-11T15:00:00Z"), &json!("2027-01-11T16:00:00Z")));
        assert_eq!(history[2]["toStartsAt"], "2027-01-11T16:00:00Z", "asked for");
        assert_eq!((&history[4]["reason"], &history[5]["reason"]), (&json!("on holiday"), &Value::Null));
        assert_eq!(history[5]["toProvider"]["name"], "Dr. Jane Doe");
    }
}

on_both_engines! {
    async fn of_a_change_before_the_trail_the_history_says_that_it_is_not_known(engine) {
        let app = TestApp::spawn(engine).await;
        let id = id_of(&app.book(&with_jane(1, "2027-01-11T15:00:00Z")).await.json());
        // As the log had it before.
        app.database.execute("UPDATE appointment_event SET version = NULL, from_status = NULL, to_status = NULL,
            from_starts_at = NULL, to_starts_at = NULL, from_provider_id = NULL, to_provider_id = NULL").await.unwrap();
        let query = "query ($id: ID!) { appointment(id: $id) { history { kind actor { kind } toStatus toStartsAt toProvider { name } } } }";
        let answer = app.graphql(query, json!({ "id": id })).await;
        let unknown = |kind: &str| json!({ "kind": kind, "actor": null, "toStatus": null, "toStartsAt": null, "toProvider": null });
        assert_eq!(answer["data"]["appointment"]["history"], json!([unknown("BOOKED"), unknown("CONFIRMED")]));
    }
}
