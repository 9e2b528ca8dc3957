//! What a clinician may know of: their own visits, and whom they have or had.

use clinic::access::Role;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::clinic::{ALL, Clinic, ids, person};
use crate::support::{BEGINNING, RosterBuilder, TestApp, caller, now_a, on_both_engines};

fn sorted(ids: &[&String]) -> Vec<String> {
    let mut ids: Vec<String> = ids.iter().map(|id| (*id).clone()).collect();
    ids.sort();
    ids
}

fn code(answer: &Value, mutation: &str) -> String {
    let payload = &answer["data"][mutation];
    assert_eq!(payload["appointment"], Value::Null, "{answer}");
    payload["error"]["code"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

on_both_engines! {
    async fn a_clinician_is_told_of_their_own_visits_and_numbers_count_those(engine) {
        let clinic = Clinic::open(engine).await;
        let own = sorted(&[&clinic.own.visit, &clinic.shared.visit, &clinic.cancelled.visit, &clinic.failed.visit]);
        let clinician = clinic.clinician();
        let query = format!(
            "{{ appointments({ALL}) {{ totalCount nodes {{ id }} }}
                others: appointments({ALL}, providerId: \"{}\") {{ totalCount nodes {{ id }} }}
                providers {{ nodes {{ name appointments({ALL}) {{ totalCount nodes {{ id }} }} }} }}
                events(first: 100) {{ totalCount nodes {{ appointment {{ id }} }} }}
                theirs: appointment(id: \"{}\") {{ id }} node(id: \"{}\") {{ id }} mine: appointment(id: \"{}\") {{ id }} }}",
            clinic.other_id, clinic.other.visit, clinic.elsewhere.visit, clinic.failed.visit,
        );
        let answer = clinic.ask(&clinician, &query).await;
        assert_eq!(answer["errors"], Value::Null, "{answer}");
        let data = &answer["data"];
        assert_eq!((ids(&data["appointments"]["nodes"]), &data["appointments"]["totalCount"]), (own.clone(), &json!(4)));
        assert_eq!(data["others"], json!({ "totalCount": 0, "nodes": [] }));
        for provider in data["providers"]["nodes"].as_array().unwrap() {
            let (expected, count) = if provider["name"] == "Dr. 000" { (own.clone(), 4) } else { (Vec::new(), 0) };
            assert_eq!(ids(&provider["appointments"]["nodes"]), expected);
            assert_eq!(provider["appointments"]["totalCount"], count);
        }
        let told = data["events"]["nodes"].as_array().unwrap();
        assert_eq!(data["events"]["totalCount"], told.len());
        assert!(told.iter().all(|event| own.contains(&event["appointment"]["id"].as_str().unwrap().to_owned())));
        assert_eq!((&data["theirs"], &data["node"], &data["mine"]["id"]), (&Value::Null, &Value::Null, &json!(clinic.failed.visit)));
        // Whoever is bound to no provider has nothing of their own.
        let nobody = clinic.ask(&caller(Role::Clinician, None), &format!("{{ appointments({ALL}) {{ totalCount }} }}")).await;
        assert_eq!(nobody["errors"][0]["extensions"]["code"], "FORBIDDEN", "{nobody}");
    }
}

on_both_engines! {
    async fn a_clinician_has_the_patients_whom_they_have_or_had(engine) {
        let clinic = Clinic::open(engine).await;
        let clinician = clinic.clinician();
        let own = sorted(&[&clinic.own.patient, &clinic.shared.patient, &clinic.cancelled.patient]);
        let query = format!(
            "{{ patients {{ totalCount nodes {{ id }} }} found: patients(search: \"kanarie\") {{ totalCount nodes {{ id }} }}
                not: patients(search: \"otherword\") {{ totalCount nodes {{ id }} }}
                other: patient(id: \"{}\") {{ name }} failed: patient(id: \"{}\") {{ name }} node(id: \"{}\") {{ id }}
                shared: patient(id: \"{}\") {{ name appointments(status: [CONFIRMED]) {{ totalCount nodes {{ id }} }} }}
                byOther: appointments({ALL}, patientId: \"{}\") {{ totalCount nodes {{ id }} }}
                byFailed: appointments({ALL}, patientId: \"{}\") {{ totalCount nodes {{ id }} }}
                byShared: appointments({ALL}, patientId: \"{}\") {{ totalCount nodes {{ id }} }} }}",
            clinic.other.patient, clinic.failed.patient, clinic.other.patient, clinic.shared.patient,
            clinic.other.patient, clinic.failed.patient, clinic.shared.patient,
        );
        let answer = clinic.ask(&clinician, &query).await;
        assert_eq!(answer["errors"], Value::Null, "{answer}");
        let data = &answer["data"];
        for list in ["patients", "found"] {
            assert_eq!((ids(&data[list]["nodes"]), &data[list]["totalCount"]), (own.clone(), &json!(3)), "{list}");
        }
        for nothing in ["not", "byOther", "byFailed"] {
            assert_eq!(data[nothing], json!({ "totalCount": 0, "nodes": [] }), "{nothing}");
        }
        for nobody in ["other", "failed", "node"] {
            assert_eq!(data[nobody], Value::Null, "{nobody}");
        }
        let visits = json!({ "totalCount": 1, "nodes": [{ "id": clinic.shared.visit }] });
        assert_eq!(data["shared"], json!({ "name": clinic.shared.name, "appointments": visits }));
        assert_eq!(data["byShared"], visits);
        // A visit that failed is theirs, and its patient is not, unless another visit makes them so.
        let failed = format!("{{ appointment(id: \"{}\") {{ status state reason patient {{ name }} patientTimeZone }} }}", clinic.failed.visit);
        let answer = clinic.ask(&clinician, &failed).await;
        let expected = json!({ "status": "FAILED", "state": "CT", "reason": null, "patient": null, "patientTimeZone": "America/New_York" });
        assert_eq!(answer["data"]["appointment"], expected, "{answer}");
        assert_eq!(answer["errors"].as_array().map(Vec::len), Some(2), "{answer}");
        let again = json!({ "patient": person("Refusedword"), "provider_id": clinic.own_id, "time": "2027-01-13T18:00:00Z" });
        assert_eq!(clinic.app.book(&again).await.status, 201);
        let answer = clinic.ask(&clinician, &failed).await;
        assert_eq!(answer["data"]["appointment"]["patient"]["name"], clinic.failed.name, "{answer}");
        assert_eq!(answer["data"]["appointment"]["reason"], "Refusedword itches");
    }
}

on_both_engines! {
    async fn what_is_not_a_clinicians_is_not_there_to_be_changed(engine) {
        let clinic = Clinic::open(engine).await;
        let clinician = clinic.clinician();
        for (visit, expected) in [(&clinic.other.visit, "NOT_FOUND"), (&clinic.elsewhere.visit, "NOT_FOUND")] {
            let cancel = format!("mutation {{ cancelAppointment(input: {{ id: \"{visit}\", expectedVersion: 1 }}) {{ appointment {{ id }} error {{ code }} }} }}");
            assert_eq!(code(&clinic.ask(&clinician, &cancel).await, "cancelAppointment"), expected);
            let moved = format!("mutation {{ rescheduleAppointment(input: {{ id: \"{visit}\", startsAt: \"2027-01-14T15:00:00Z\" }}) {{ appointment {{ id }} error {{ code }} }} }}");
            assert_eq!(code(&clinic.ask(&clinician, &moved).await, "rescheduleAppointment"), expected);
        }
        for patient in [&clinic.other.patient, &clinic.failed.patient] {
            let book = format!("mutation {{ bookAppointment(input: {{ patientId: \"{patient}\" }}) {{ appointment {{ id }} error {{ code }} }} }}");
            assert_eq!(code(&clinic.ask(&clinician, &book).await, "bookAppointment"), "NOT_FOUND");
            let update = format!("mutation {{ updatePatient(input: {{ id: \"{patient}\", phone: \"1234567\" }}) {{ patient {{ id }} error {{ code }} }} }}");
            let answer = clinic.ask(&clinician, &update).await;
            assert_eq!(answer["data"]["updatePatient"], json!({ "patient": null, "error": { "code": "NOT_FOUND" } }));
        }
        let merge = format!("mutation {{ mergePatients(input: {{ keepId: \"{}\", mergeId: \"{}\" }}) {{ patient {{ id }} error {{ code }} }} }}", clinic.own.patient, clinic.shared.patient);
        let answer = clinic.ask(&clinician, &merge).await;
        assert_eq!(answer["data"]["mergePatients"], json!({ "patient": null, "error": { "code": "FORBIDDEN" } }));
        // Their own is.
        let own = format!("mutation {{ rescheduleAppointment(input: {{ id: \"{0}\", startsAt: \"2027-01-14T15:00:00Z\" }}) {{ appointment {{ startsAt }} error {{ code }} }}
            updatePatient(input: {{ id: \"{1}\", phone: \"+12035550199\" }}) {{ patient {{ phone }} error {{ code }} }}
            cancelAppointment(input: {{ id: \"{0}\" }}) {{ appointment {{ status }} error {{ code }} }} }}", clinic.shared.visit, clinic.shared.patient);
        let answer = clinic.ask(&clinician, &own).await;
        assert_eq!(answer["data"], json!({
            "rescheduleAppointment": { "appointment": { "startsAt": "2027-01-14T15:00:00Z" }, "error": null },
            "updatePatient": { "patient": { "phone": "+12035550199" }, "error": null },
            "cancelAppointment": { "appointment": { "status": "CANCELLED" }, "error": null } }));
    }
}

on_both_engines! {
    async fn a_clinician_books_with_themselves(engine) {
        let clinic = Clinic::open(engine).await;
        let clinician = clinic.clinician();
        let book = |with: &str, patient: &str, key: &str| format!(
            "mutation {{ bookAppointment(input: {{ {with} {patient} idempotencyKey: \"{key}\" }}) {{
                appointment {{ provider {{ id }} patient {{ name }} }} similarPatients {{ name }} error {{ code }} }} }}"
        );
        let new = "patient: { name: \"New Person\", email: \"otherword@canary.example.com\", state: \"CT\", insurance: \"Aetna\" }";
        let with_other = book(&format!("providerId: \"{}\"", clinic.other_id), new, "a");
        assert_eq!(code(&clinic.ask(&clinician, &with_other).await, "bookAppointment"), "FORBIDDEN");
        let answer = clinic.ask(&clinician, &book("", new, "b")).await;
        let payload = &answer["data"]["bookAppointment"];
        assert_eq!(payload["appointment"], json!({ "provider": { "id": clinic.own_id }, "patient": { "name": "New Person" } }), "{answer}");
        // Somebody else's patient has the same address: that is not theirs to know.
        assert_eq!(payload["similarPatients"], json!([]), "{answer}");
        let scheduler = clinic.caller(Role::Scheduler);
        let answer = clinic.ask(&scheduler, &book("", new, "c")).await;
        assert_eq!(answer["data"]["bookAppointment"]["similarPatients"], json!([{ "name": clinic.other.name }]), "{answer}");
        let own = format!("patientId: \"{}\"", clinic.own.patient);
        let answer = clinic.ask(&clinician, &book("", &own, "d")).await;
        assert_eq!(answer["data"]["bookAppointment"]["appointment"]["provider"]["id"], clinic.own_id, "{answer}");
    }
}

on_both_engines! {
    async fn a_repeat_tells_what_the_caller_may_know_now(engine) {
        let clinic = Clinic::open(engine).await;
        let before = clinic.caller(Role::Scheduler);
        let cancel = format!("mutation {{ cancelAppointment(input: {{ id: \"{}\", idempotencyKey: \"k\" }}) {{ appointment {{ id }} error {{ code }} }} }}", clinic.other.visit);
        let update = format!("mutation {{ updatePatient(input: {{ id: \"{}\", phone: \"1234567\", idempotencyKey: \"u\" }}) {{ patient {{ id }} error {{ code }} }} }}", clinic.other.patient);
        let answer = clinic.ask(&before, &cancel).await;
        assert_eq!(answer["data"]["cancelAppointment"]["appointment"]["id"], clinic.other.visit, "{answer}");
        assert_eq!(clinic.ask(&before, &update).await["data"]["updatePatient"]["error"], Value::Null);
        let clinician = now_a(&before, Role::Clinician, Some(clinic.own_provider()));
        assert_eq!(code(&clinic.ask(&clinician, &cancel).await, "cancelAppointment"), "NOT_FOUND");
        let expected = json!({ "patient": null, "error": { "code": "NOT_FOUND" } });
        assert_eq!(clinic.ask(&clinician, &update).await["data"]["updatePatient"], expected);
        let viewer = now_a(&before, Role::Viewer, None);
        assert_eq!(code(&clinic.ask(&viewer, &cancel).await, "cancelAppointment"), "FORBIDDEN");
    }
}

on_both_engines! {
    async fn a_clinician_follows_what_happens_to_their_own_visits(engine) {
        let clinic = Clinic::open(engine).await;
        let clinician = clinic.clinician();
        let query = format!("subscription {{ appointmentChanged(after: \"{BEGINNING}\") {{ kind appointment {{ id patient {{ name }} }} }} }}");
        let mut told = clinic.app.follow_as(&clinician, &query);
        let last = json!({ "patient": person("Lastword"), "provider_id": clinic.own_id, "time": "2027-01-15T18:00:00Z" });
        let elsewhere = json!({ "patient": person("Elsewhere"), "provider_id": clinic.other_id, "time": "2027-01-15T18:00:00Z" });
        let mut heard = Vec::new();
        let mut booked = false;
        while !heard.iter().any(|event: &Value| event.to_string().contains("Lastword")) {
            let event = tokio::time::timeout(std::time::Duration::from_secs(30), told.next()).await.unwrap().unwrap();
            heard.push(event);
            if !booked {
                booked = true;
                // One comes live, or is read: either way the other provider's is not told.
                assert_eq!(clinic.app.book(&elsewhere).await.status, 201);
                assert_eq!(clinic.app.book(&last).await.status, 201);
            }
        }
        let heard = json!(heard).to_string();
        for word in ["Otherword", "Elsewhere", clinic.other.visit.as_str(), clinic.elsewhere.visit.as_str()] {
            assert!(!heard.contains(word), "{word}: {heard}");
        }
        assert!(heard.contains("Sharedword") && heard.contains(&clinic.failed.visit), "{heard}");
    }
}

on_both_engines! {
    async fn when_a_patients_next_visit_is_over_is_told_of_a_clinicians_own(engine) {
        let builder = TestApp::builder(engine).roster(RosterBuilder::alike(2));
        let app = builder.setting("MAX_OPEN_VISITS_PER_PATIENT", "2").spawn().await;
        let (own, other) = (app.provider_id("Dr. 000").await, app.provider_id("Dr. 001").await);
        for (provider, time) in [(&other, "2027-01-12T14:00:00Z"), (&other, "2027-01-12T15:00:00Z")] {
            let body = json!({ "patient": person("Ownword"), "provider_id": provider, "time": time });
            assert_eq!(app.book(&body).await.status, 201);
        }
        let clinician = caller(Role::Clinician, Some(own.parse().unwrap()));
        let query = "mutation { bookAppointment(input: { patient: { name: \"Ownword Kanarie\", email: \"ownword@canary.example.com\",
            state: \"CT\", insurance: \"Aetna\" } }) { error { code message ... on RateLimited { retryAfterSeconds } } } }";
        let answer = app.ask_as(&clinician, query, json!({})).await;
        let error = &answer["data"]["bookAppointment"]["error"];
        assert_eq!((&error["code"], &error["retryAfterSeconds"]), (&json!("RATE_LIMITED"), &json!(3600)), "{answer}");
        assert!(!error["message"].as_str().unwrap().contains("2027"), "{answer}");
        let answer = app.ask_as(&caller(Role::Scheduler, None), query, json!({})).await;
        assert!(answer.to_string().contains("2027-01-12T14:30:00Z"), "{answer}");
    }
}

on_both_engines! {
    async fn a_clinician_changes_nobody_who_is_not_theirs_and_makes_nobody_look_like_them(engine) {
        let clinic = Clinic::open(engine).await;
        let (clinician, admin) = (clinic.clinician(), clinic.caller(Role::Admin));
        let (own, other) = (&clinic.own, &clinic.other);
        let known = format!("{{ patient(id: \"{}\") {{ name email phone state insurance version }} }}", other.patient);
        let before = clinic.ask(&admin, &known).await;
        let spelt = other.name.to_uppercase();
        let book = format!(
            "mutation {{ bookAppointment(input: {{ startsAt: \"2027-01-12T19:00:00Z\", patient: {{ name: \"{spelt}\",
                email: \"{}\", phone: \"+1 999 999 9999\", state: \"CT\", insurance: \"Aetna\" }} }}) {{ error {{ code }} }} }}",
            other.email,
        );
        clinic.app.faults(&json!({ "refuse_rate": 1.0 })).await;
        let refused = clinic.ask(&clinician, &book).await;
        assert_eq!(refused["data"]["bookAppointment"]["error"]["code"], "SCHEDULING_REFUSED", "{refused}");
        clinic.app.faults(&json!({})).await;
        assert_eq!(clinic.ask(&admin, &known).await, before);
        // Somebody who looks like another patient would be booked for in their stead.
        let rename = format!(
            "mutation {{ updatePatient(input: {{ id: \"{}\", name: \"{spelt}\", email: \"{}\" }}) {{ error {{ code }} }} }}",
            own.patient, other.email,
        );
        let bait = clinic.ask(&clinician, &rename).await;
        assert_eq!(bait["data"]["updatePatient"]["error"]["code"], "ALREADY_EXISTS", "{bait}");
        let by_the_desk = clinic.ask(&admin, &rename).await;
        assert_eq!(by_the_desk["data"]["updatePatient"]["error"], Value::Null, "{by_the_desk}");
    }
}
