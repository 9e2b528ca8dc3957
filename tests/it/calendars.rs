//! A provider's calendar: time off, other hours on a day, closed days, and the rules around a visit.

use serde_json::{Value, json};

use crate::support::{Answer, Bulk, RosterBuilder, TestApp, on_both_engines, patient, provider};

const JANE: &str = "(SELECT id FROM provider WHERE name = 'Dr. Jane Doe')";
/// Tuesday, 9:00 in New York, is 33 * 60 - 10 * 60 minutes after Monday, midnight in UTC.
const TUESDAY_NINE: &str = "2027-01-12T14:00:00Z";

/// Dr. Jane Doe alone, who works from Monday to Friday, 9 to 17 in New York.
async fn jane(engine: crate::support::Engine) -> TestApp {
    let roster =
        RosterBuilder::default().with(provider("Dr. Jane Doe").licensed("CT").takes("Aetna"));
    TestApp::builder(engine).roster(roster).spawn().await
}

async fn at(app: &TestApp, number: usize, time: &str) -> Answer {
    app.book(&json!({ "patient": patient(number, "CT", "Aetna"), "time": time })).await
}

/// The status and the code, or the start where it was booked.
fn outcome(answer: &Answer) -> (u16, String) {
    match answer.status.as_u16() {
        201 => (201, answer.json()["time"].as_str().unwrap().to_owned()),
        _ => answer.problem(),
    }
}

async fn refused(app: &TestApp, number: usize, time: &str) -> (u16, String) {
    outcome(&at(app, number, time).await)
}

async fn first_after(app: &TestApp, after: &str) -> String {
    let path = format!("/appointments/first-available?state=CT&insurance=Aetna&after={after}");
    let answer = app.get(&path).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["time"].as_str().unwrap().to_owned()
}

async fn execute(app: &TestApp, sql: &str) {
    app.database.execute(sql).await.unwrap();
}

fn code(code: &str, status: u16) -> (u16, String) {
    (status, code.to_owned())
}

on_both_engines! {
    async fn time_off_counts_for_the_very_next_request(engine) {
        let (app, bulk) = (jane(engine).await, Bulk(engine));
        assert_eq!(first_after(&app, "2027-01-12T05:00:00Z").await, TUESDAY_NINE);
        // Tuesday, 9:00 to 11:10 in New York.
        let (from, to) = (bulk.instant("38 * 60"), bulk.instant("40 * 60 + 10"));
        let id = bulk.random_id();
        execute(&app, &format!(
            "INSERT INTO time_off (id, provider_id, starts_at, ends_at) VALUES ({id}, {JANE}, {from}, {to})"
        )).await;
        assert_eq!(first_after(&app, "2027-01-12T05:00:00Z").await, "2027-01-12T16:10:00Z");
        assert_eq!(refused(&app, 1, "2027-01-12T16:00:00Z").await, code("PROVIDER_AWAY", 422));
        assert_eq!(refused(&app, 1, "2027-01-12T13:00:00Z").await, code("OUTSIDE_WORKING_HOURS", 422));
        assert_eq!(refused(&app, 1, "2027-01-12T16:10:00Z").await, (201, "2027-01-12T16:10:00Z".to_owned()));
        execute(&app, "DELETE FROM time_off").await;
        assert_eq!(first_after(&app, "2027-01-12T05:00:00Z").await, TUESDAY_NINE);
    }
}

on_both_engines! {
    async fn a_day_has_other_hours_or_none_and_a_closed_day_has_none_but_for_who_works_then(engine) {
        let app = jane(engine).await;
        execute(&app, &format!("INSERT INTO date_override VALUES ({JANE}, '2027-01-12')")).await;
        assert_eq!(refused(&app, 1, TUESDAY_NINE).await, code("PROVIDER_AWAY", 422));
        assert_eq!(first_after(&app, "2027-01-12T05:00:00Z").await, "2027-01-13T14:00:00Z");
        execute(&app, &format!(
            "INSERT INTO date_override_hours VALUES ({JANE}, '2027-01-12', '13:00', '14:00')"
        )).await;
        assert_eq!(first_after(&app, "2027-01-12T05:00:00Z").await, "2027-01-12T18:00:00Z");
        assert_eq!(refused(&app, 1, TUESDAY_NINE).await, code("OUTSIDE_WORKING_HOURS", 422));
        execute(&app, "INSERT INTO closed_day VALUES ('2027-01-12', 'A holiday'), ('2027-01-13', 'Another')").await;
        // Who has hours of their own on a closed day works then.
        assert_eq!(first_after(&app, "2027-01-12T05:00:00Z").await, "2027-01-12T18:00:00Z");
        assert_eq!(refused(&app, 1, "2027-01-13T15:00:00Z").await, code("PROVIDER_AWAY", 422));
        assert_eq!(first_after(&app, "2027-01-12T20:00:00Z").await, "2027-01-14T14:00:00Z");
    }
}

on_both_engines! {
    async fn hours_are_in_effect_from_the_first_day_to_the_last(engine) {
        let app = jane(engine).await;
        execute(&app, "UPDATE working_hours SET effective_until = '2027-01-12'").await;
        execute(&app, &format!(
            "INSERT INTO working_hours (provider_id, weekday, opens_at, closes_at, effective_from)
             VALUES ({JANE}, 'WEDNESDAY', '09:00', '10:00', '2027-01-20')"
        )).await;
        assert_eq!(first_after(&app, "2027-01-12T05:00:00Z").await, TUESDAY_NINE);
        assert_eq!(first_after(&app, "2027-01-13T05:00:00Z").await, "2027-01-20T14:00:00Z");
        assert_eq!(refused(&app, 1, "2027-01-13T15:00:00Z").await, code("OUTSIDE_WORKING_HOURS", 422));
    }
}

on_both_engines! {
    async fn visits_are_apart_by_the_larger_of_two_buffers_and_never_through_the_back_door(engine) {
        let app = jane(engine).await;
        execute(&app, "UPDATE provider SET buffer_after_minutes = 10, buffer_before_minutes = 20").await;
        assert_eq!(refused(&app, 1, "2027-01-12T15:00:00Z").await.0, 201);
        for (time, told) in [
            ("2027-01-12T14:11:00Z", code("IN_BUFFER", 409)),
            ("2027-01-12T15:31:00Z", code("IN_BUFFER", 409)),
            ("2027-01-12T15:29:00Z", code("SLOT_TAKEN", 409)),
            ("2027-01-12T14:10:00Z", (201, "2027-01-12T14:10:00Z".to_owned())),
            ("2027-01-12T15:50:00Z", (201, "2027-01-12T15:50:00Z".to_owned())),
        ] {
            assert_eq!(refused(&app, 2, time).await, told, "{time}");
        }
        let answer = at(&app, 3, "2027-01-12T15:35:00Z").await;
        // 20 minutes after the visit that ends at 16:20.
        assert_eq!(answer.json()["alternatives"][0]["time"], "2027-01-12T16:40:00Z", "{answer:?}");
        // A move is judged as a booking is.
        let moved = app.graphql("{ appointments(from: \"2027-01-12T14:00:00Z\", to: \"2027-01-12T14:30:00Z\") { nodes { id } } }", json!({})).await;
        let id = moved["data"]["appointments"]["nodes"][0]["id"].as_str().unwrap().to_owned();
        let answer = app.reschedule(&id, "2027-01-12T16:30:00Z").await;
        assert_eq!(answer.problem(), code("IN_BUFFER", 409));
        assert_eq!(app.reschedule(&id, "2027-01-12T16:40:00Z").await.status, 200);
    }
}

on_both_engines! {
    async fn notice_horizon_and_the_daily_limit_are_the_clinics_or_the_providers_own(engine) {
        let app = jane(engine).await;
        execute(&app, "UPDATE clinic_rules SET notice_minutes = 2880, horizon_days = 10, max_appointments_per_day = 2").await;
        let soon = at(&app, 1, TUESDAY_NINE).await;
        assert_eq!(soon.problem(), code("NOTICE_TOO_SHORT", 422));
        assert!(soon.json()["earliest_starts_at"].as_str().unwrap().starts_with("2027-01-1"), "{soon:?}");
        assert_eq!(refused(&app, 1, "2027-02-01T15:00:00Z").await, code("BEYOND_HORIZON", 422));
        for (number, time) in [(1, "2027-01-14T15:00:00Z"), (2, "2027-01-14T16:00:00Z")] {
            assert_eq!(refused(&app, number, time).await.0, 201);
        }
        assert_eq!(refused(&app, 3, "2027-01-14T17:00:00Z").await, code("DAILY_LIMIT_REACHED", 409));
        assert_eq!(first_after(&app, "2027-01-14T05:00:00Z").await, "2027-01-15T14:00:00Z");
        execute(&app, "UPDATE provider SET max_appointments_per_day = 3, notice_minutes = 0, horizon_days = 90").await;
        assert_eq!(refused(&app, 3, "2027-01-14T17:00:00Z").await.0, 201);
        assert_eq!(refused(&app, 4, TUESDAY_NINE).await.0, 201);
        assert_eq!(refused(&app, 5, "2027-02-01T15:00:00Z").await.0, 201);
    }
}

async fn a_visit_type(app: &TestApp, id: &str, name: &str, minutes: u32, buffer: u32) {
    let key = name.to_lowercase();
    execute(
        app,
        &format!(
            "INSERT INTO visit_type (id, name, name_key, duration_minutes, buffer_after_minutes)
         VALUES ({id}, '{name}', '{key}', {minutes}, {buffer})"
        ),
    )
    .await;
}

on_both_engines! {
    async fn a_visit_type_gives_the_length_and_only_who_offers_it_is_considered(engine) {
        let roster = RosterBuilder::default()
            .with(provider("Dr. Jane Doe").licensed("CT").takes("Aetna"))
            .with(provider("Dr. Who").licensed("CT").takes("Aetna"));
        let app = TestApp::builder(engine).roster(roster).spawn().await;
        let id = Bulk(engine).random_id();
        a_visit_type(&app, id, "Physical", 50, 0).await;
        a_visit_type(&app, id, "Call", 10, 0).await;
        let slot = app.get("/appointments/first-available?state=CT&insurance=Aetna&visit_type=physical").await;
        assert_eq!(slot.json()["duration_minutes"], 50, "{slot:?}");
        execute(&app, &format!(
            "INSERT INTO provider_visit_type SELECT {JANE}, id FROM visit_type WHERE name = 'Call'"
        )).await;
        let booking = json!({ "patient": patient(1, "CT", "Aetna"), "visit_type": "Physical" });
        let booked = app.book(&booking).await.json();
        assert_eq!((&booked["provider"], &booked["duration_minutes"]), (&json!("Dr. Who"), &json!(50)));
        let jane = app.provider_id("Dr. Jane Doe").await;
        let asked = json!({ "patient": patient(2, "CT", "Aetna"), "visit_type": "Physical", "provider_id": jane });
        assert_eq!(app.book(&asked).await.problem(), code("VISIT_TYPE_NOT_OFFERED", 422));
        let unknown = json!({ "patient": patient(2, "CT", "Aetna"), "visit_type": "Surgery" });
        assert_eq!(app.book(&unknown).await.problem(), code("NOT_FOUND", 404));
        let longer = json!({ "patient": patient(2, "CT", "Aetna"), "visit_type": "Call", "duration_minutes": 15 });
        assert_eq!(app.book(&longer).await.json()["duration_minutes"], 15);
    }
}

on_both_engines! {
    async fn who_works_here_no_more_is_in_no_search_and_keeps_the_past(engine) {
        let app = jane(engine).await;
        let id = at(&app, 1, TUESDAY_NINE).await.json()["appointment_id"].as_str().unwrap().to_owned();
        let jane = app.provider_id("Dr. Jane Doe").await;
        execute(&app, "UPDATE provider SET active = (1 = 0)").await;
        assert_eq!(refused(&app, 2, "2027-01-12T16:00:00Z").await, code("NO_MATCHING_PROVIDER", 404));
        let shown = app.get(&format!("/appointment/{id}")).await.json();
        assert_eq!(shown["provider"], "Dr. Jane Doe");
        let answer = app.reschedule(&id, "2027-01-12T16:00:00Z").await;
        assert_eq!(answer.problem(), code("PROVIDER_NOT_ELIGIBLE", 422));
        assert_eq!(answer.json()["reason"], "INACTIVE");
        let slots = app.get(&format!("/slots?provider_id={jane}")).await;
        assert_eq!(slots.problem(), code("PROVIDER_NOT_ELIGIBLE", 422));
        let query = "query ($id: ID!) { provider(id: $id) { name firstAvailable { startsAt } } }";
        let answer = app.graphql(query, json!({ "id": jane })).await;
        assert_eq!(answer["data"]["provider"], json!({ "name": "Dr. Jane Doe", "firstAvailable": Value::Null }));
    }
}
