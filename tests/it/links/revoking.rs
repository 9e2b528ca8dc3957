//! Having the links of a visit open nothing any more.

use serde_json::{Value, json};

use super::{NINE, booked, clinic, get, offers, path_to, post, visit};
use crate::support::on_both_engines;

on_both_engines! {
    async fn all_links_of_a_visit_end_at_once_and_a_later_mail_has_a_new_one(engine) {
        let app = clinic(engine).await;
        let id = booked(&app, NINE).await;
        let paths = [path_to(&app, &id).await, path_to(&app, &id).await];
        let input = json!({ "appointmentId": id, "idempotencyKey": "once" });
        for _ in 0..2 {
            let revoked = app.administer("revokeVisitLink", "appointment { id version }", input.clone()).await;
            assert_eq!((&revoked["error"], &revoked["appointment"]), (&Value::Null, &json!({ "id": id, "version": 2 })), "{revoked}");
        }
        for path in &paths {
            assert_eq!(get(&app, path).await.status, 404);
        }
        assert_eq!(get(&app, &path_to(&app, &id).await).await.status, 200);
        app.administer("revokeVisitLink", "__typename", json!({ "appointmentId": id })).await;
        app.administer("revokeVisitLink", "__typename", json!({ "appointmentId": id })).await;
        let rows = app.audited("revokeVisitLink").await;
        let mut outcomes: Vec<&str> = rows.iter().map(|row| row.entry.outcome.as_ref()).collect();
        outcomes.sort_unstable();
        assert_eq!(outcomes, ["OK", "OK", "REPLAYED", "UNCHANGED"]);
        assert!(rows.iter().all(|row| row.entry.appointments.iter().map(ToString::to_string).eq([id.clone()])), "{rows:?}");
    }
}

on_both_engines! {
    async fn only_those_revoke_who_merge_patients(engine) {
        let app = clinic(engine).await;
        let id = booked(&app, NINE).await;
        let path = path_to(&app, &id).await;
        let provider = visit(&app, &id).await["provider_id"].as_str().unwrap().to_owned();
        for (role, provider) in [("CLINICIAN", Some(provider.as_str())), ("AUDITOR", None), ("VIEWER", None)] {
            let (_, secret) = app.make_token(role, provider).await;
            let refused = app.administer_as(&secret, "revokeVisitLink", "appointment { id }", json!({ "appointmentId": id })).await;
            assert_eq!((&refused["error"]["code"], &refused["appointment"]), (&json!("FORBIDDEN"), &Value::Null), "{role} {refused}");
        }
        assert_eq!(get(&app, &path).await.status, 200);
        let (_, scheduler) = app.make_token("SCHEDULER", None).await;
        let revoked = app.administer_as(&scheduler, "revokeVisitLink", "appointment { id }", json!({ "appointmentId": id })).await;
        assert_eq!(revoked["error"], Value::Null, "{revoked}");
        for wrong in ["apt_00000000000000000000000000", "nothing"] {
            let refused = app.administer("revokeVisitLink", "__typename", json!({ "appointmentId": wrong })).await;
            assert_eq!(refused["error"]["code"], "NOT_FOUND", "{refused}");
        }
    }
}

on_both_engines! {
    async fn the_links_of_offers_that_lead_to_a_visit_end_with_its_own(engine) {
        let app = clinic(engine).await;
        let taken = offers::waiting(&app, 1, "2027-01-11T15:00:00Z").await;
        let moves = booked(&app, "2027-01-11T18:00:00Z").await;
        let input = json!({ "insteadOf": moves, "earliest": "2027-01-11T16:00:00Z", "latest": "2027-01-11T16:00:00Z" });
        let moving = app.administer("joinWaitlist", offers::ENTRY, input).await["entry"].clone();
        let booked = taken["offers"][0]["id"].as_str().unwrap().replace("off_", "apt_");
        for (entry, id) in [(&taken, &booked), (&moving, &moves)] {
            let accept = format!("{}/accept", offers::path_to(&app, entry).await);
            let mut led = Vec::new();
            for _ in 0..2 {
                let answer = post(&app, &accept, "").await;
                assert_eq!(answer.status, 303, "{answer:?}");
                led.push(answer.header("location").to_owned());
            }
            let revoked = app.administer("revokeVisitLink", "appointment { id }", json!({ "appointmentId": id })).await;
            assert_eq!((&revoked["error"], &revoked["appointment"]["id"]), (&Value::Null, &json!(id)), "{revoked}");
            for path in &led {
                assert_eq!(get(&app, path).await.status, 404);
            }
            let answer = post(&app, &accept, "").await;
            assert_eq!((answer.status.as_u16(), answer.text.contains("This link opens nothing")), (404, true), "{answer:?}");
        }
    }
}
