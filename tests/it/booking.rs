//! Booking, moving and cancelling, as users see it.

use serde_json::{Value, json};

use crate::support::{RosterBuilder, TestApp, john, on_both_engines, patient, provider};

on_both_engines! {
    async fn the_first_booking_is_confirmed_with_the_five_keys_of_the_contract(engine) {
        let app = TestApp::spawn(engine).await;
        let answer = app.book(&json!({ "patient": john() })).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let body = answer.json();
        let id = body["appointment_id"].as_str().unwrap();
        assert!(id.starts_with("apt_"), "{id}");
        let five = format!(
            r#"{{"patient":"John Doe","scheduled":true,"appointment_id":"{id}","provider":"Dr. Jane Doe","time":"2027-01-11T14:00:00Z","#
        );
        assert!(answer.text.starts_with(&five), "{}", answer.text);
        assert_eq!(answer.header("location"), format!("/appointment/{id}"));
        let again = app.get(&format!("/appointment/{id}")).await;
        assert_eq!((again.status.as_u16(), again.json()), (200, body));
    }
}

on_both_engines! {
    async fn both_doors_book_from_one_book(engine) {
        let app = TestApp::spawn(engine).await;
        assert_eq!(app.book(&json!({ "patient": john() })).await.status, 201);
        let mutation = "mutation ($input: BookAppointmentInput!) { bookAppointment(input: $input) {
            appointment { id status scheduled startsAt endsAt durationMinutes localStartsAt state insurance
                externalId provider { name } patient { name email } }
            error { code message } } }";
        let input = json!({ "patient": patient(1, "Connecticut", "aetna inc."), "durationMinutes": 45 });
        let answer = app.graphql(mutation, json!({ "input": input })).await;
        let payload = &answer["data"]["bookAppointment"];
        assert_eq!(payload["error"], Value::Null, "{answer}");
        let booked = &payload["appointment"];
        assert_eq!(booked["startsAt"], "2027-01-11T14:30:00Z");
        assert_eq!(booked["endsAt"], "2027-01-11T15:15:00Z");
        assert_eq!(booked["localStartsAt"], "2027-01-11T09:30:00-05:00");
        assert_eq!((&booked["state"], &booked["insurance"]), (&json!("CT"), &json!("Aetna")));
        assert_eq!((&booked["status"], &booked["scheduled"]), (&json!("CONFIRMED"), &json!(true)));
        let ledger = app.ledger().await;
        assert_eq!(ledger.len(), 2);
        assert!(ledger.iter().any(|entry| entry["appointment_id"] == booked["externalId"]));
    }
}

on_both_engines! {
    async fn a_time_and_a_provider_can_be_asked_for(engine) {
        let app = TestApp::spawn(engine).await;
        let strange = app.provider_id("Doctor Strange").await;
        let asked = json!({
            "patient": patient(1, "NY", "Cigna"), "provider_id": strange,
            "time": "2027-01-12T11:07:00-05:00", "duration_minutes": 5, "reason": "a cough",
        });
        let answer = app.book(&asked).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(answer.json()["time"], "2027-01-12T16:07:00Z");
        assert_eq!(answer.json()["reason"], "a cough");
        // Without a provider, the same minute goes to whoever works and is free then.
        let anybody = json!({ "patient": patient(2, "NY", "Cigna"), "time": "2027-01-12T16:07:00Z" });
        assert_eq!(app.book(&anybody).await.json()["provider"], "Doctor Who");
    }
}

on_both_engines! {
    async fn the_earliest_time_wins_and_equals_share_the_load(engine) {
        let app = TestApp::spawn(engine).await;
        // Doctor Who opens an hour before Doctor Strange.
        let first = app.book(&json!({ "patient": patient(1, "NY", "Cigna") })).await;
        assert_eq!((&first.json()["provider"], &first.json()["time"]),
            (&json!("Doctor Who"), &json!("2027-01-11T13:00:00Z")));
        // From 10:00 both are free; Doctor Strange has fewer visits that day.
        let later = json!({ "patient": patient(2, "NY", "Cigna"), "after": "2027-01-11T15:00:00Z" });
        assert_eq!(app.book(&later).await.json()["provider"], "Doctor Strange");
    }
}

on_both_engines! {
    async fn a_patient_is_the_same_patient_however_spelt(engine) {
        let app = TestApp::spawn(engine).await;
        app.book(&json!({ "patient": john() })).await;
        let moved = json!({ "name": " JOHN  doe", "email": "John@Example.com", "state": "ny", "insurance": "Cigna" });
        // What he already holds is not free for him, also with another provider.
        let second = app.book(&json!({ "patient": moved, "after": "2027-01-11T14:00:00Z" })).await;
        assert_eq!(second.json()["time"], "2027-01-11T14:30:00Z", "{second:?}");
        let answer = app.graphql("{ patients { totalCount nodes { name state insurance appointments { totalCount } } } }", json!({})).await;
        let patients = &answer["data"]["patients"];
        assert_eq!(patients["totalCount"], 1);
        let patient = &patients["nodes"][0];
        assert_eq!((&patient["state"], &patient["insurance"]), (&json!("NY"), &json!("Cigna")));
        assert_eq!(patient["appointments"]["totalCount"], 2);
    }
}

on_both_engines! {
    async fn a_visit_moves_and_keeps_its_id(engine) {
        let app = TestApp::spawn(engine).await;
        let booked = app.book(&json!({ "patient": john() })).await.json();
        let id = booked["appointment_id"].as_str().unwrap();
        // Half an hour later it overlaps its own old time, which does not block it.
        let moved = app.post(&format!("/appointment/{id}/reschedule"),
            &json!({ "time": "2027-01-11T14:15:00Z", "duration_minutes": 60 })).await;
        assert_eq!(moved.status, 200, "{moved:?}");
        assert_eq!((&moved.json()["time"], &moved.json()["duration_minutes"]),
            (&json!("2027-01-11T14:15:00Z"), &json!(60)));
        assert_eq!(moved.json()["appointment_id"], booked["appointment_id"]);
        // A second move reaches the scheduling service too.
        let mutation = "mutation ($input: RescheduleAppointmentInput!) { rescheduleAppointment(input: $input) {
            appointment { id startsAt durationMinutes pendingStartsAt } error { code } } }";
        let answer = app.graphql(mutation,
            json!({ "input": { "id": id, "startsAt": "2027-01-12T15:00:00Z" } })).await;
        let payload = &answer["data"]["rescheduleAppointment"];
        assert_eq!(payload["error"], Value::Null);
        assert_eq!(payload["appointment"], json!({ "id": id, "startsAt": "2027-01-12T15:00:00Z",
            "durationMinutes": 60, "pendingStartsAt": null }));
        let ledger = app.ledger().await;
        assert_eq!((ledger.len(), &ledger[0]["time"]), (1, &json!("2027-01-12T15:00:00Z")));
        // The old time is free again.
        assert_eq!(app.book(&json!({ "patient": patient(1, "CT", "Aetna") })).await.json()["time"],
            "2027-01-11T14:00:00Z");
    }
}

on_both_engines! {
    async fn a_move_that_fails_leaves_the_old_time(engine) {
        let app = TestApp::spawn(engine).await;
        let first = app.book(&json!({ "patient": john() })).await.json();
        let second = app.book(&json!({ "patient": patient(1, "CT", "Aetna") })).await.json();
        let id = second["appointment_id"].as_str().unwrap();
        let path = format!("/appointment/{id}/reschedule");
        let taken = app.post(&path, &json!({ "time": first["time"] })).await;
        assert_eq!(taken.problem(), (409, "SLOT_TAKEN".to_owned()));
        // Its own time, from 14:30 on, is not in its way; where it is already is no other time.
        assert_eq!(second["time"], "2027-01-11T14:30:00Z");
        assert_eq!(taken.json()["alternatives"][0]["time"], "2027-01-11T14:45:00Z");
        app.faults(&json!({ "refuse_rate": 1 })).await;
        let refused = app.post(&path, &json!({ "time": "2027-01-11T16:00:00Z" })).await;
        assert_eq!(refused.problem(), (409, "SCHEDULING_REFUSED".to_owned()));
        assert_eq!(refused.json()["appointment_id"], id);
        let mut kept = app.get(&format!("/appointment/{id}")).await.json();
        // Asked and refused: two changes, of which nothing else is to be seen.
        assert_eq!(kept["version"], 4);
        kept["version"] = second["version"].clone();
        assert_eq!(kept, second);
    }
}

on_both_engines! {
    async fn cancelling_frees_the_time_here_and_outside(engine) {
        let app = TestApp::spawn(engine).await;
        let booked = app.book(&json!({ "patient": john() })).await.json();
        let id = booked["appointment_id"].as_str().unwrap();
        let path = format!("/appointment/{id}/cancel");
        let cancelled = app.post(&path, &json!({ "reason": "feels better" })).await;
        assert_eq!(cancelled.status, 200, "{cancelled:?}");
        assert_eq!((&cancelled.json()["status"], &cancelled.json()["scheduled"]),
            (&json!("CANCELLED"), &json!(false)));
        assert_eq!(app.ledger().await[0]["cancelled"], true);
        // Again, without a body at all: it is what it is.
        let again = TestApp::send(app.request(reqwest::Method::POST, &path)).await;
        assert_eq!((again.status.as_u16(), again.json()), (200, cancelled.json()));
        assert_eq!(app.book(&json!({ "patient": john() })).await.json()["time"], booked["time"]);
    }
}

on_both_engines! {
    async fn a_window_shows_what_overlaps_it_also_what_began_before(engine) {
        let app = TestApp::spawn(engine).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        for (number, minutes) in [(1, 120), (2, 30), (3, 30)] {
            let body = json!({ "patient": patient(number, "CT", "Aetna"), "duration_minutes": minutes });
            assert_eq!(app.book(&body).await.status, 201);
        }
        // 14:00–16:00, 16:00–16:30, 16:30–17:00.
        let path = |extra: &str| format!(
            "/appointments?provider_id={jane}&from=2027-01-11T15:00:00Z&to=2027-01-11T16:30:00Z{extra}");
        let names = |answer: &Value| -> Vec<String> {
            let found = answer["appointments"].as_array().unwrap();
            found.iter().map(|body| body["patient"].as_str().unwrap().to_owned()).collect()
        };
        let page = app.get(&path("&limit=1")).await.json();
        assert_eq!(names(&page), ["Patient 1"]);
        let rest = app.get(&path(&format!("&cursor={}", page["next_cursor"].as_str().unwrap()))).await.json();
        assert_eq!((names(&rest), &rest["next_cursor"]), (vec!["Patient 2".to_owned()], &Value::Null));
        let query = "query ($id: ID!) { appointments(from: \"2027-01-11T15:00:00Z\", to: \"2027-01-11T16:30:00Z\",
            providerId: $id, last: 1) { totalCount nodes { patient { name } } pageInfo { hasPreviousPage hasNextPage } } }";
        let answer = app.graphql(query, json!({ "id": jane })).await;
        assert_eq!(answer["data"]["appointments"], json!({
            "totalCount": 2, "nodes": [{ "patient": { "name": "Patient 2" } }],
            "pageInfo": { "hasPreviousPage": true, "hasNextPage": false },
        }));
        assert_eq!(names(&app.get(&path("&status=CANCELLED")).await.json()), Vec::<String>::new());
    }
}

on_both_engines! {
    async fn what_is_offered_is_what_gets_booked(engine) {
        let app = TestApp::spawn(engine).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        app.book(&json!({ "patient": john(), "duration_minutes": 20 })).await;
        let query = "query ($id: ID!) {
            availableSlots(providerId: $id, from: \"2027-01-11T00:00:00Z\", to: \"2027-01-11T15:10:00Z\") { startsAt }
            firstAvailable(after: \"2027-01-11T00:00:00Z\", providerId: $id) { startsAt localStartsAt }
            provider(id: $id) { firstAvailable { startsAt } } }";
        let data = app.graphql(query, json!({ "id": jane })).await["data"].clone();
        let starts: Vec<&str> = data["availableSlots"].as_array().unwrap().iter()
            .map(|slot| slot["startsAt"].as_str().unwrap()).collect();
        assert_eq!(starts, ["2027-01-11T14:20:00Z", "2027-01-11T14:30:00Z"]);
        assert_eq!(data["firstAvailable"]["localStartsAt"], "2027-01-11T09:20:00-05:00");
        assert_eq!(data["provider"]["firstAvailable"]["startsAt"], "2027-01-11T14:20:00Z");
        let found = app.get("/appointments/first-available?state=ct&insurance=aetna&after=2027-01-11T14:31:00Z").await;
        assert_eq!(found.json(), json!({ "provider_id": jane, "provider": "Dr. Jane Doe",
            "time": "2027-01-11T14:45:00Z", "local_time": "2027-01-11T09:45:00-05:00", "duration_minutes": 30,
            "patient_local_time": "2027-01-11T09:45:00-05:00", "patient_time_zone": "America/New_York" }));
        let booked = app.book(&json!({ "patient": patient(1, "CT", "Aetna") })).await;
        assert_eq!(booked.json()["time"], "2027-01-11T14:20:00Z");
    }
}

on_both_engines! {
    async fn the_end_of_a_visit_is_offered_also_where_a_search_begins(engine) {
        let nights = |name| provider(name).takes("Aetna").licensed("CT").works("MONDAY", "22:10", "06:00");
        for roster in [
            RosterBuilder::default().with(nights("Dr. Owl")),
            RosterBuilder::default().with(nights("Dr. Owl")).with(nights("Dr. Bat")),
        ] {
            let app = TestApp::builder(engine).roster(roster).spawn().await;
            // Till midnight in New York, off the grid that counts from 22:10.
            for number in 0..2 {
                let visit = json!({ "patient": patient(number, "CT", "Aetna"), "time": "2027-01-12T04:40:00Z", "duration_minutes": 20 });
                app.book(&visit).await;
            }
            let search = "/appointments/first-available?state=CT&insurance=Aetna&after=2027-01-12T05:00:00Z";
            assert_eq!(app.get(search).await.json()["time"], "2027-01-12T05:00:00Z");
            let next = json!({ "patient": patient(2, "CT", "Aetna"), "after": "2027-01-12T05:00:00Z" });
            assert_eq!(app.book(&next).await.json()["time"], "2027-01-12T05:00:00Z");
        }
    }
}

on_both_engines! {
    async fn a_licence_counts_on_the_day_of_the_visit(engine) {
        // Valid through Monday; a new one from Wednesday on.
        let roster = RosterBuilder::default().with(provider("Dr. Brief").takes("Aetna")
            .licensed_between("CT", None, Some("2027-01-11"))
            .licensed_between("CT", Some("2027-01-13"), None));
        let app = TestApp::builder(engine).roster(roster).at("2027-01-11T21:45:00Z").spawn().await;
        // 16:45 in New York: too late for half an hour on Monday, and Tuesday is not licensed.
        let booked = app.book(&json!({ "patient": john() })).await;
        assert_eq!(booked.json()["time"], "2027-01-13T14:00:00Z", "{booked:?}");
        let tuesday = app.book(&json!({ "patient": john(), "time": "2027-01-12T15:00:00Z" })).await;
        assert_eq!(tuesday.problem(), (404, "NO_MATCHING_PROVIDER".to_owned()));
    }
}

on_both_engines! {
    async fn a_refusal_is_final_after_five_further_offers_were_tried(engine) {
        let app = TestApp::spawn(engine).await;
        app.faults(&json!({ "refuse_rate": 1 })).await;
        let answer = app.book(&json!({ "patient": patient(1, "NY", "Cigna") })).await;
        assert_eq!(answer.problem(), (409, "SCHEDULING_REFUSED".to_owned()));
        let id = answer.json()["appointment_id"].as_str().unwrap().to_owned();
        assert_eq!(app.get(&format!("/appointment/{id}")).await.json()["status"], "FAILED");
        let failed = "SELECT count(*) FROM appointment WHERE status = 'FAILED'";
        assert_eq!(app.database.number(failed).await, 6);
        assert_eq!(app.database.number("SELECT count(*) FROM outbox").await, 0);
        app.faults(&json!({})).await;
        // What the service refused a moment ago is passed over, for ten minutes.
        let after = app.book(&json!({ "patient": patient(2, "NY", "Cigna") })).await;
        assert_eq!(after.json()["time"], "2027-01-11T15:00:00Z");
        app.clock.advance(jiff::SignedDuration::from_mins(10));
        let later = app.book(&json!({ "patient": patient(3, "NY", "Cigna") })).await;
        assert_eq!(later.json()["time"], "2027-01-11T13:00:00Z");
    }
}
