//! What is shown of a visit to whom its patient is not to see.

use clinic::access::Role;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::clinic::{ALL, Clinic};
use crate::support::{BEGINNING, on_both_engines};

const WORDS: [&str; 5] = ["Ownword", "Otherword", "Sharedword", "Cancelledword", "Refusedword"];

/// The code and the path of each error.
fn errors(answer: &Value) -> Vec<(String, String)> {
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let mut told: Vec<(String, String)> = errors
        .iter()
        .map(|error| {
            let path: Vec<String> = error["path"]
                .as_array()
                .unwrap()
                .iter()
                .map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned))
                .collect();
            (error["extensions"]["code"].as_str().unwrap().to_owned(), path.join("."))
        })
        .collect();
    told.sort();
    told
}

fn forbidden(paths: &[&str]) -> Vec<(String, String)> {
    paths.iter().map(|path| ("FORBIDDEN".to_owned(), (*path).to_owned())).collect()
}

on_both_engines! {
    async fn whoever_may_see_no_patients_is_told_so_once_for_each_field(engine) {
        let clinic = Clinic::open(engine).await;
        let query = format!(
            "{{ appointments({ALL}) {{ totalCount nodes {{ id state insurance externalId patientTimeZone patientLocalStartsAt
                    why: reason patient {{ name email }} }}
                    edges {{ node {{ reason }} }} }}
                patients(search: \"Ownword\") {{ totalCount }} patient(id: \"{0}\") {{ name }} node(id: \"{0}\") {{ id }}
                byPatient: appointments({ALL}, patientId: \"{0}\") {{ totalCount }}
                providers {{ nodes {{ name appointments({ALL}) {{ nodes {{ patient {{ id }} }} }} }} }} }}",
            clinic.own.patient
        );
        for role in [Role::Auditor, Role::Viewer] {
            let answer = clinic.ask(&clinic.caller(role), &query).await;
            let expected = [
                "appointments.edges.0.node.reason", "appointments.nodes.0.patient", "appointments.nodes.0.why", "byPatient", "node",
                "patient", "patients", "providers.nodes.0.appointments.nodes.0.patient",
            ];
            assert_eq!(errors(&answer), forbidden(&expected), "{role:?}: {answer}");
            let data = &answer["data"];
            let nodes = data["appointments"]["nodes"].as_array().unwrap();
            assert_eq!((nodes.len(), &data["appointments"]["totalCount"]), (6, &json!(6)));
            for node in nodes {
                assert_eq!((&node["why"], &node["patient"]), (&Value::Null, &Value::Null));
                // The patients said New York; of Connecticut it is the same, and theirs is not asked.
                assert_eq!((&node["state"], &node["insurance"], &node["patientTimeZone"]), (&json!("CT"), &json!("Aetna"), &json!("America/New_York")));
                assert!(node["patientLocalStartsAt"].as_str().unwrap().ends_with("-05:00"));
            }
            for nothing in ["patients", "patient", "node", "byPatient"] {
                assert_eq!(data[nothing], Value::Null, "{nothing}");
            }
            let text = answer.to_string();
            assert!(!WORDS.iter().any(|word| text.contains(word)), "{text}");
            assert!(!text.contains("pat_"), "{text}");
        }
        let answer = clinic.ask(&clinic.caller(Role::Scheduler), &query).await;
        assert_eq!(answer["errors"], Value::Null);
        assert!(WORDS.iter().all(|word| answer.to_string().contains(word)), "{answer}");
    }
}

on_both_engines! {
    async fn each_event_is_masked_by_itself(engine) {
        let clinic = Clinic::open(engine).await;
        let query = format!("subscription {{ appointmentChanged(after: \"{BEGINNING}\") {{ appointment {{ id reason patient {{ name }} }} }} }}");
        let mut told = clinic.app.follow_as(&clinic.caller(Role::Viewer), &query);
        for _ in 0..8 {
            let event = tokio::time::timeout(std::time::Duration::from_secs(30), told.next()).await.unwrap().unwrap();
            assert!(event["data"]["appointmentChanged"]["appointment"]["id"].is_string(), "{event}");
            let expected = ["appointmentChanged.appointment.patient", "appointmentChanged.appointment.reason"];
            assert_eq!(errors(&event), forbidden(&expected), "{event}");
            assert!(!WORDS.iter().any(|word| event.to_string().contains(word)), "{event}");
        }
    }
}

on_both_engines! {
    async fn a_patients_own_zone_is_theirs_to_know_who_may_see_them(engine) {
        let clinic = Clinic::open(engine).await;
        let patient = json!({ "name": "Far Away", "email": "far@example.com", "state": "KY", "insurance": "Aetna", "time_zone": "America/Chicago" });
        // Nobody is licensed there: the state of a visit is put right by hand.
        let booked = json!({ "patient": { "name": "Far Away", "email": "far@example.com", "state": "CT", "insurance": "Aetna" }, "provider_id": clinic.own_id, "time": "2027-01-13T14:00:00Z" });
        let answer = clinic.app.book(&booked).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let sql = "UPDATE appointment SET state = 'KY' WHERE patient_id = (SELECT id FROM patient WHERE email = 'far@example.com')";
        assert_eq!(clinic.app.database.execute(sql).await, Ok(1));
        let sql = format!("UPDATE patient SET state = 'KY', time_zone = {} WHERE email = 'far@example.com'", format_args!("'{}'", patient["time_zone"].as_str().unwrap()));
        assert_eq!(clinic.app.database.execute(&sql).await, Ok(1));
        let query = format!("{{ appointment(id: \"{}\") {{ patientTimeZone }} }}", answer.json()["appointment_id"].as_str().unwrap());
        for (role, expected) in [(Role::Clinician, "America/Chicago"), (Role::Admin, "America/Chicago"), (Role::Viewer, "America/New_York")] {
            let answer = clinic.ask(&clinic.caller(role), &query).await;
            assert_eq!(answer["data"]["appointment"]["patientTimeZone"], expected, "{role:?}: {answer}");
        }
    }
}
