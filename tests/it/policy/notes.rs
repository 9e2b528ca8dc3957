//! Whose data an answer holds is noted when it is shown.

use clinic::access::Role;

use super::clinic::{ALL, Clinic, Seen};
use crate::support::on_both_engines;

on_both_engines! {
    async fn an_answer_notes_the_patients_and_visits_that_it_shows_and_no_others(engine) {
        let clinic = Clinic::open(engine).await;
        let patients = |names: &[&Seen]| {
            let mut ids: Vec<String> = names.iter().map(|seen| seen.patient.clone()).collect();
            ids.sort();
            ids
        };
        let visits = |names: &[&Seen]| {
            let mut ids: Vec<String> = names.iter().map(|seen| seen.visit.clone()).collect();
            ids.sort();
            ids
        };
        let (own, shared, cancelled) = (&clinic.own, &clinic.shared, &clinic.cancelled);
        for (role, query, seen, shown) in [
            (Role::Clinician, format!("{{ appointments({ALL}) {{ nodes {{ patient {{ name }} }} }} }}"), patients(&[own, shared, cancelled]), visits(&[own, shared, cancelled])),
            (Role::Clinician, format!("{{ appointment(id: \"{}\") {{ reason }} }}", own.visit), patients(&[own]), visits(&[own])),
            (Role::Viewer, format!("{{ appointments({ALL}) {{ nodes {{ reason patient {{ name }} patientTimeZone }} }} }}"), vec![], vec![]),
            (Role::Clinician, "{ patients { nodes { email } } }".to_owned(), patients(&[own, shared, cancelled]), vec![]),
            (Role::Clinician, "{ patients(search: \"ownword\") { edges { node { email } } } }".to_owned(), patients(&[own]), vec![]),
            (Role::Clinician, "{ patients { totalCount } }".to_owned(), vec![], vec![]),
            (Role::Clinician, format!("{{ patient(id: \"{}\") {{ phone }} other: patient(id: \"{}\") {{ phone }} }}", own.patient, clinic.other.patient), patients(&[own]), vec![]),
            (Role::Admin, format!("{{ appointments({ALL}) {{ totalCount nodes {{ id startsAt state }} }} }}"), vec![], vec![]),
            // The row of the change itself says whose it is.
            (Role::Admin, format!("mutation {{ updatePatient(input: {{ id: \"{}\", phone: \"7654321\" }}) {{ patient {{ phone }} }} }}", own.patient), vec![], vec![]),
        ] {
            let actor = clinic.caller(role);
            clinic.ask(&actor, &query).await;
            let noted = actor.take_seen();
            assert_eq!(noted.patients.iter().map(ToString::to_string).collect::<Vec<_>>(), seen, "{query}");
            assert_eq!(noted.appointments.iter().map(ToString::to_string).collect::<Vec<_>>(), shown, "{query}");
        }
        // One more is read, to know whether there are more, and not shown.
        let actor = clinic.caller(Role::Admin);
        let page = clinic.ask(&actor, "{ patients(first: 1) { nodes { id } pageInfo { hasNextPage } } }").await;
        let page = &page["data"]["patients"];
        assert_eq!(page["pageInfo"]["hasNextPage"], true, "{page}");
        let noted: Vec<String> = actor.take_seen().patients.iter().map(ToString::to_string).collect();
        assert_eq!(noted, [page["nodes"][0]["id"].as_str().unwrap()]);
    }
}
