//! What the page of the front desk asks that nobody else does.

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, TestApp, john, on_both_engines, patient};

const BOOK: &str = "mutation ($input: BookAppointmentInput!) {
    bookAppointment(input: $input) { appointment { provenance } error { code } } }";

async fn booked(app: &TestApp, client: Option<&str>, number: usize) -> Answer {
    let whom = if number == 0 { john() } else { patient(number, "CT", "Aetna") };
    let body = json!({ "query": BOOK, "variables": { "input": { "patient": whom } } });
    let request = app.request(Method::POST, "/graphql").json(&body);
    let request = match client {
        Some(client) => request.header("X-Clinic-Client", client),
        None => request,
    };
    TestApp::send(request).await
}

on_both_engines! {
    async fn what_the_front_desk_books_says_so(engine) {
        let app = TestApp::spawn(engine).await;
        let clients = [(Some("desk"), "DESK"), (None, "GRAPHQL"), (Some("another"), "GRAPHQL")];
        for (number, (client, provenance)) in clients.into_iter().enumerate() {
            let answer = booked(&app, client, number).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            let made = &answer.json()["data"]["bookAppointment"];
            assert_eq!(made, &json!({ "appointment": { "provenance": provenance }, "error": null }));
        }
    }
}

on_both_engines! {
    async fn the_zone_of_the_clinic_is_told(engine) {
        for (set, told) in [(None, "UTC"), (Some("America/Denver"), "America/Denver")] {
            let builder = TestApp::builder(engine);
            let app = match set {
                Some(zone) => builder.setting("CLINIC_TIME_ZONE", zone),
                None => builder,
            };
            let app = app.spawn().await;
            let answer = app.graphql("{ clinicRules { timeZone } }", json!({})).await;
            assert_eq!(answer, json!({ "data": { "clinicRules": { "timeZone": told } } }));
        }
    }
}
