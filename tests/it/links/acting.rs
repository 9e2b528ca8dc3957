//! What a patient does with their visit, as whom, and from which page.

use clinic::access::{Actor, LinkOpens, Linked};
use clinic::booking::command::{RawOverrule, RawVisit};
use clinic::booking::{CancelAppointment, RescheduleAppointment, SetVisitStatus, WhichEntry};
use clinic::domain::PatientId;
use clinic::request::ExpectedVersion;
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    NINE, booked, booked_by, builder, clinic, form, get, history, led, path_to, post, send, visit,
};
use crate::support::{API_TOKEN, TestApp, on_both_engines};

on_both_engines! {
    async fn a_visit_is_cancelled_by_its_patient_and_by_nobody_of_the_staff(engine) {
        let app = clinic(engine).await;
        let id = booked(&app, NINE).await;
        let path = path_to(&app, &id).await;
        let page = led(&app, &format!("{path}/cancel"), "").await;
        assert!(page.contains("Your visit is cancelled.") && !page.contains("<form"), "{page}");
        assert_eq!(visit(&app, &id).await["status"], "CANCELLED");
        let by_link = history(&app, &id).await.into_iter().filter(|(_, who)| who == "PATIENT_LINK").count();
        assert!(by_link >= 1, "{:?}", history(&app, &id).await);
        assert!(app.audited("cancelAppointment").await.iter().all(|row| row.entry.actor.kind == "PATIENT_LINK" || row.entry.actor.kind == "SYSTEM"));
        // Pressed twice.
        assert!(led(&app, &format!("{path}/cancel"), "").await.contains("Cancelled"));
    }
}

on_both_engines! {
    async fn what_is_cut_off_is_refused_with_where_to_ask_and_the_staff_goes_on(engine) {
        let contact = "+1 203 555 0100 <front desk>";
        let app = builder(engine).setting("CANCEL_CUTOFF_MINUTES", "60").setting("CLINIC_CONTACT", contact).spawn().await;
        let id = booked(&app, NINE).await;
        let path = path_to(&app, &id).await;
        let page = get(&app, &path).await.text;
        assert!(page.contains("until Monday, January 11, 2027 at 8:00 AM, Eastern Time (America/New_York)"), "{page}");
        app.clock.set("2027-01-11T13:00:00Z");
        for (act, fields) in [("cancel", ""), ("move", "time=2027-01-12T15:00:00Z")] {
            let answer = post(&app, &format!("{path}/{act}"), fields).await;
            assert_eq!(answer.status, 409, "{answer:?}");
            let told = "It is too late to change this visit here: ask the clinic: +1 203 555 0100 &lt;front desk&gt;.";
            assert!(answer.text.contains(told) && answer.text.contains("<title>Error: "), "{answer:?}");
        }
        let page = get(&app, &path).await.text;
        assert!(page.contains("It is too late to change or cancel this visit here.") && !page.contains("/cancel\""), "{page}");
        let refused: Vec<_> = app.audited("cancelAppointment").await.iter().map(|row| row.entry.outcome.to_string()).collect();
        assert_eq!(refused, ["CUTOFF_PASSED"]);
        assert_eq!(send(&app, Method::POST, &format!("/appointment/{id}/cancel"), &json!({})).await.status, 200);
    }
}

on_both_engines! {
    async fn without_a_cutoff_a_visit_is_changed_until_its_start(engine) {
        let app = clinic(engine).await;
        let id = booked(&app, NINE).await;
        let path = path_to(&app, &id).await;
        app.clock.set(NINE);
        for (act, fields) in [("cancel", ""), ("move", "time=2027-01-12T15:00:00Z")] {
            let answer = post(&app, &format!("{path}/{act}"), fields).await;
            assert_eq!((answer.status.as_u16(), answer.text.contains("It is too late to change this visit here")), (409, true), "{answer:?}");
        }
        assert!(get(&app, &path).await.text.contains("It is too late to change or cancel this visit here. Ask the clinic."));
        app.clock.set("2027-01-11T13:59:59Z");
        led(&app, &format!("{path}/cancel"), "").await;
        assert_eq!(visit(&app, &id).await["status"], "CANCELLED");
    }
}

on_both_engines! {
    async fn only_a_form_of_our_own_page_is_taken(engine) {
        let app = builder(engine).setting("CORS_ORIGINS", "https://listed.example").spawn().await;
        let id = booked(&app, NINE).await;
        let path = format!("{}/cancel", path_to(&app, &id).await);
        let plain = || app.request(Method::POST, &path).header("content-type", "application/x-www-form-urlencoded").body("");
        for (origin, status) in [(None, 403), (Some("null"), 403), (Some("https://evil.example"), 403), (Some("https://listed.example"), 403)] {
            let request = match origin { Some(origin) => plain().header("origin", origin), None => plain() };
            let answer = TestApp::send(request).await;
            assert_eq!(answer.status, status, "{origin:?} {answer:?}");
        }
        let as_json = app.request(Method::POST, &path).header("origin", &app.url).json(&json!({}));
        let answer = TestApp::send(as_json).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (415, "text/html; charset=utf-8"));
        let malformed = TestApp::send(form(&app, &path.replace("cancel", "move"), "time=1&time=2")).await;
        assert_eq!(malformed.status, 400, "{malformed:?}");
        assert_eq!(visit(&app, &id).await["status"], "CONFIRMED");
    }
}

on_both_engines! {
    async fn a_patient_says_whether_they_are_reminded(engine) {
        let app = clinic(engine).await;
        let path = path_to(&app, &booked(&app, NINE).await).await;
        assert!(get(&app, &path).await.text.contains("You get an e-mail before each of your visits."));
        let reminders = async || {
            let answer = app.graphql_as(API_TOKEN, "{ patients { nodes { reminders version } } }", json!({})).await;
            answer["data"]["patients"]["nodes"][0].clone()
        };
        assert_eq!(reminders().await, json!({ "reminders": true, "version": 1 }));
        let page = led(&app, &format!("{path}/reminders"), "on=false").await;
        assert!(page.contains("You will not be reminded any more.") && page.contains("Turn reminders on"), "{page}");
        assert_eq!(reminders().await, json!({ "reminders": false, "version": 2 }));
        led(&app, &format!("{path}/reminders"), "on=false").await;
        assert_eq!(reminders().await["version"], 2);
        led(&app, &format!("{path}/reminders"), "on=true").await;
        assert_eq!(reminders().await, json!({ "reminders": true, "version": 3 }));
        assert_eq!(post(&app, &format!("{path}/reminders"), "on=maybe").await.status, 422);
        let rows = app.audited("updatePatient").await;
        assert!(rows.iter().all(|row| row.entry.actor.kind == "PATIENT_LINK"), "{rows:?}");
    }
}

on_both_engines! {
    async fn whoever_has_come_by_a_link_does_nothing_else(engine) {
        let app = clinic(engine).await;
        let id = booked(&app, NINE).await;
        let other = booked_by(&app, "Jane Roe", "CT", "2027-01-11T16:00:00Z").await;
        let opens = LinkOpens::Visit(id.parse().unwrap());
        let actor = &Actor::patient_by_link(Linked { patient: PatientId::NOBODY, opens });
        let which = |id: &str| RawVisit { id: id.to_owned(), ..RawVisit::default() };
        let booking = &app.services.booking;
        let of_other = CancelAppointment::parse(which(&other), None).unwrap();
        let time = Some("2027-01-12T03:00:00Z".parse().unwrap());
        let rules = RawOverrule { codes: Some(vec!["OUTSIDE_WORKING_HOURS".to_owned()]), reason: None };
        let passing_rules = RescheduleAppointment::parse(which(&id), time, None, &rules).unwrap();
        let come = SetVisitStatus::parse(which(&id), Some("CHECKED_IN")).unwrap();
        let entry = WhichEntry::parse("wle_00000000000000000000000000", ExpectedVersion::default(), None).unwrap();
        let refused = [
            booking.change(actor, &of_other).await.map(drop),
            booking.change(actor, &passing_rules).await.map(drop),
            booking.change(actor, &come).await.map(drop),
            booking.leave_waitlist(actor, &entry).await.map(drop),
            app.services.records.appointment(actor, id.parse().unwrap()).await.map(drop),
            app.services.records.count_patients(actor, None).await.map(drop),
            app.services.feeds.list(actor).await.map(drop),
        ];
        for result in refused {
            assert_eq!(result.map_err(|refusal| refusal.code().as_str()), Err("FORBIDDEN"));
        }
        let token = path_to(&app, &id).await.replace("/visit/", "");
        let answer = TestApp::send(app.request(Method::GET, "/patients").bearer_auth(&token)).await;
        assert_eq!((answer.status.as_u16(), answer.json()["patients"].clone()), (401, Value::Null));
    }
}

on_both_engines! {
    async fn a_page_of_before_a_change_changes_nothing(engine) {
        let app = clinic(engine).await;
        let id = booked(&app, NINE).await;
        let path = path_to(&app, &id).await;
        let version = async || visit(&app, &id).await["version"].as_i64().unwrap();
        let shown = version().await;
        assert_eq!(get(&app, &path).await.text.matches(&format!("name=\"version\" value=\"{shown}\"")).count(), 2);
        let to = json!({ "time": "2027-01-12T15:00:00Z" });
        assert_eq!(send(&app, Method::POST, &format!("/appointment/{id}/reschedule"), &to).await.status, 200);
        for (act, fields) in [("cancel", format!("version={shown}")), ("move", format!("version={shown}&time=2027-01-11T17:00:00Z"))] {
            let answer = post(&app, &format!("{path}/{act}"), &fields).await;
            let told = "The visit has changed meanwhile. See below how it stands.";
            assert_eq!((answer.status.as_u16(), answer.text.contains(told)), (409, true), "{answer:?}");
            assert!(answer.text.contains("Tuesday, January 12, 2027"), "{answer:?}");
        }
        assert_eq!(visit(&app, &id).await["time"], "2027-01-12T15:00:00Z");
        // There already.
        led(&app, &format!("{path}/move"), &format!("version={shown}&time=2027-01-12T15:00:00Z")).await;
        assert_eq!(post(&app, &format!("{path}/cancel"), "version=new").await.status, 400);
        let fields = format!("version={}", version().await);
        for _ in 0..2 {
            assert!(led(&app, &format!("{path}/cancel"), &fields).await.contains("Your visit is cancelled."));
        }
    }
}
