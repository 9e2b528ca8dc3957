//! Patients are told the time on their own clock, and offered no time in their night where any provider
//! will do.

use serde_json::{Value, json};

use crate::support::{
    Engine, RosterBuilder, TestApp, book_by_graphql, on_both_engines, patient, provider,
};

const WEEKDAYS: [&str; 5] = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];
const FIRST_FREE: &str = "/appointments/first-available?state=WA&insurance=Aetna";

/// A provider in New York who treats patients in Washington.
fn works(name: &str, days: &[&str], opens_at: &str, closes_at: &str) -> RosterBuilder {
    let doctor = provider(name).licensed("WA").licensed("TN").takes("Aetna");
    let doctor = days.iter().fold(doctor, |doctor, day| doctor.works(day, opens_at, closes_at));
    RosterBuilder::default().with(doctor)
}

async fn app(engine: Engine, roster: RosterBuilder) -> TestApp {
    TestApp::builder(engine).roster(roster).spawn().await
}

/// A patient of Washington's; their nights are those of Los Angeles.
fn of_washington(number: usize) -> Value {
    patient(number, "WA", "Aetna")
}

/// When a patient in Washington is offered a time first, at both doors.
async fn first_free(app: &TestApp) -> Value {
    let by_rest = app.get(FIRST_FREE).await.json()["time"].clone();
    let query = "{ firstAvailable(after: \"2027-01-11T12:00:00Z\", state: \"WA\", insurance: \"Aetna\") { startsAt } }";
    let by_graphql = app.graphql(query, json!({})).await;
    assert_eq!(by_graphql["data"]["firstAvailable"]["startsAt"], by_rest);
    by_rest
}

on_both_engines! {
    async fn a_visit_is_told_on_the_clock_of_the_patient(engine) {
        let app = app(engine, works("Dr. Jane Doe", &WEEKDAYS, "09:00", "17:00")).await;
        let mut of_knoxville = patient(2, "TN", "Aetna");
        of_knoxville["time_zone"] = json!("America/New_York");
        let mut of_elsewhere = patient(3, "WA", "Aetna");
        of_elsewhere["time_zone"] = json!("Europe/Paris");
        for (who, time, local, zone) in [
            (of_washington(1), "2027-01-11T16:30:00Z", "2027-01-11T08:30:00-08:00", "America/Los_Angeles"),
            (of_knoxville, "2027-01-11T17:00:00Z", "2027-01-11T12:00:00-05:00", "America/New_York"),
            (of_elsewhere, "2027-01-11T17:30:00Z", "2027-01-11T09:30:00-08:00", "America/Los_Angeles"),
            (patient(4, "TN", "Aetna"), "2027-01-11T18:00:00Z", "2027-01-11T12:00:00-06:00", "America/Chicago"),
        ] {
            let booked = app.book(&json!({ "patient": who, "time": time })).await;
            assert_eq!(booked.status, 201, "{booked:?}");
            let booked = booked.json();
            assert_eq!(booked["patient_local_time"], local, "{booked}");
            assert_eq!(booked["patient_time_zone"], zone, "{booked}");
            let query = "query ($id: ID!) { appointment(id: $id) {
                patientLocalStartsAt patientTimeZone patient { timeZone } } }";
            let answer = app.graphql(query, json!({ "id": booked["appointment_id"] })).await;
            let expected = json!({ "patientLocalStartsAt": local, "patientTimeZone": zone,
                "patient": { "timeZone": zone } });
            assert_eq!(answer["data"]["appointment"], expected);
        }
    }
}

on_both_engines! {
    async fn a_visit_keeps_the_clock_of_the_state_that_it_was_booked_for(engine) {
        let app = app(engine, works("Dr. Jane Doe", &WEEKDAYS, "09:00", "17:00")).await;
        let at_home = app.book(&json!({ "patient": patient(1, "TN", "Aetna") })).await.json();
        let on_a_journey = app.book(&json!({ "patient": patient(1, "WA", "Aetna") })).await.json();
        assert_eq!(at_home["patient_id"], on_a_journey["patient_id"]);
        assert_eq!(on_a_journey["patient_time_zone"], "America/Los_Angeles");
        let path = format!("/appointment/{}", at_home["appointment_id"].as_str().unwrap());
        assert_eq!(app.get(&path).await.json()["patient_time_zone"], "America/Chicago");
    }
}

on_both_engines! {
    async fn where_anybody_will_do_no_time_is_offered_in_the_patients_night(engine) {
        let app = app(engine, works("Dr. Jane Doe", &WEEKDAYS, "08:00", "17:00")).await;
        // 7:00 in Seattle, two hours after the first free time.
        assert_eq!(first_free(&app).await, "2027-01-11T15:00:00Z");
        let slot = app.get(FIRST_FREE).await.json();
        assert_eq!(slot["patient_local_time"], "2027-01-11T07:00:00-08:00");
        assert_eq!(slot["patient_time_zone"], "America/Los_Angeles");
        let booked = app.book(&json!({ "patient": of_washington(1) })).await.json();
        assert_eq!(booked["time"], "2027-01-11T15:00:00Z");
        // Who is asked for, or at which time, is booked at any.
        let jane = app.provider_id("Dr. Jane Doe").await;
        let with_jane = app.book(&json!({ "patient": of_washington(2), "provider_id": jane })).await.json();
        assert_eq!(with_jane["time"], "2027-01-11T13:00:00Z");
        let at_five = json!({ "patient": of_washington(3), "time": "2027-01-11T13:30:00Z" });
        assert_eq!(app.book(&at_five).await.status, 201);
        // The other times for who comes too late are in the patient's day as well.
        let taken = app.book(&json!({ "patient": of_washington(4), "time": "2027-01-11T13:30:00Z" })).await;
        assert_eq!(taken.problem(), (409, "SLOT_TAKEN".to_owned()));
        let alternatives = taken.json()["alternatives"].clone();
        assert_eq!(alternatives[0]["time"], "2027-01-11T15:30:00Z");
        assert_eq!(alternatives[0]["patient_local_time"], "2027-01-11T07:30:00-08:00");
        let error = book_by_graphql(&app, json!({ "patient": of_washington(4), "startsAt": "2027-01-11T13:30:00Z" })).await;
        assert_eq!(error["error"]["alternatives"][0]["startsAt"], "2027-01-11T15:30:00Z");
        let named = json!({ "patient": of_washington(4), "time": "2027-01-11T13:30:00Z", "provider_id": jane });
        let alternatives = app.book(&named).await.json()["alternatives"].clone();
        assert_eq!(alternatives[0]["time"], "2027-01-11T14:00:00Z");
    }
}

on_both_engines! {
    async fn the_patients_own_zone_counts_for_what_is_booked(engine) {
        let app = app(engine, works("Dr. Jane Doe", &WEEKDAYS, "07:00", "17:00")).await;
        let mut of_knoxville = patient(1, "TN", "Aetna");
        of_knoxville["time_zone"] = json!("America/New_York");
        let first = app.book(&json!({ "patient": of_knoxville })).await.json();
        assert_eq!(first["time"], "2027-01-11T12:00:00Z");
        // It is known by now, and need not be said again.
        let again = app.book(&json!({ "patient": patient(1, "TN", "Aetna") })).await.json();
        assert_eq!(again["time"], "2027-01-11T12:30:00Z");
        let of_nashville = app.book(&json!({ "patient": patient(2, "TN", "Aetna") })).await.json();
        assert_eq!(of_nashville["time"], "2027-01-11T13:00:00Z");
    }
}

on_both_engines! {
    async fn a_later_day_comes_before_the_patients_night_and_the_night_before_nothing(engine) {
        let early = works("Dr. Early", &WEEKDAYS, "06:00", "09:00");
        let app = TestApp::builder(engine).roster(early).spawn().await;
        // Nothing begins after 7:00 in Seattle within the horizon: the first that there is.
        assert_eq!(first_free(&app).await, "2027-01-11T12:00:00Z");
        let booked = app.book(&json!({ "patient": of_washington(1) })).await.json();
        assert_eq!(booked["time"], "2027-01-11T12:00:00Z");
        let afternoons = provider("Dr. Late").licensed("WA").takes("Aetna").works("FRIDAY", "12:00", "17:00");
        let both = RosterBuilder::default().with(afternoons);
        clinic::roster::load(&app.db, &both.text(), "2027-01-11T12:00:00Z".parse().unwrap()).await.unwrap();
        assert_eq!(first_free(&app).await, "2027-01-15T17:00:00Z");
        let booked = app.book(&json!({ "patient": of_washington(2) })).await.json();
        assert_eq!(booked["provider"], "Dr. Late");
        assert_eq!(booked["time"], "2027-01-15T17:00:00Z");
    }
}

on_both_engines! {
    async fn many_at_once_are_all_booked_in_their_day_while_it_has_room(engine) {
        // From 10:00 on it is 7:00 in Seattle: two visits of half an hour a day.
        let app = app(engine, works("Dr. Jane Doe", &WEEKDAYS, "06:00", "11:00")).await;
        let bookings: Vec<Value> =
            (0..8).map(|number| json!({ "patient": of_washington(number) })).collect();
        let answers = futures_util::future::join_all(bookings.iter().map(|body| app.book(body))).await;
        let mut times: Vec<String> = answers
            .iter()
            .map(|answer| answer.json()["patient_local_time"].as_str().unwrap().to_owned())
            .collect();
        times.sort();
        let expected: Vec<String> = ["11", "12", "13", "14"]
            .iter()
            .flat_map(|day| ["07:00", "07:30"].map(|time| format!("2027-01-{day}T{time}:00-08:00")))
            .collect();
        assert_eq!(times, expected);
    }
}

on_both_engines! {
    async fn what_is_offered_to_nobody_in_particular_has_no_clock_of_a_patient(engine) {
        let app = app(engine, works("Dr. Jane Doe", &WEEKDAYS, "08:00", "17:00")).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let path = format!("/appointments/first-available?provider_id={jane}");
        let slot = app.get(&path).await.json();
        assert_eq!(slot["time"], "2027-01-11T13:00:00Z");
        assert_eq!((&slot["patient_local_time"], &slot["patient_time_zone"]), (&Value::Null, &Value::Null));
        let query = "query ($id: ID!) { firstAvailable(after: \"2027-01-11T12:00:00Z\", providerId: $id, state: \"WA\",
            insurance: \"Aetna\") { startsAt patientLocalStartsAt patientTimeZone } provider(id: $id) {
            firstAvailable { patientLocalStartsAt patientTimeZone } } }";
        let answer = app.graphql(query, json!({ "id": jane })).await;
        // Of a provider who is named, any time is offered; where the state is known, its clock is.
        assert_eq!(answer["data"]["firstAvailable"], json!({ "startsAt": "2027-01-11T13:00:00Z",
            "patientLocalStartsAt": "2027-01-11T05:00:00-08:00", "patientTimeZone": "America/Los_Angeles" }));
        assert_eq!(answer["data"]["provider"]["firstAvailable"],
            json!({ "patientLocalStartsAt": null, "patientTimeZone": null }));
    }
}

on_both_engines! {
    async fn the_clinic_says_from_when_to_when_patients_are_offered_visits(engine) {
        let roster = works("Dr. Jane Doe", &WEEKDAYS, "08:00", "17:00");
        let builder = TestApp::builder(engine).roster(roster);
        let app = builder.setting("PATIENT_EARLIEST", "09:30").setting("PATIENT_LATEST", "09:45").spawn().await;
        let mut offered = Vec::new();
        for number in 0..3 {
            let booking = json!({ "patient": of_washington(number), "duration_minutes": 15 });
            offered.push(app.book(&booking).await.json()["patient_local_time"].clone());
        }
        assert_eq!(offered, ["2027-01-11T09:30:00-08:00", "2027-01-11T09:45:00-08:00", "2027-01-12T09:30:00-08:00"]);
        let roster = works("Dr. Jane Doe", &WEEKDAYS, "08:00", "17:00");
        let builder = TestApp::builder(engine).roster(roster);
        let app = builder.setting("PATIENT_EARLIEST", "00:00").setting("PATIENT_LATEST", "24:00").spawn().await;
        assert_eq!(first_free(&app).await, "2027-01-11T13:00:00Z");
    }
}
