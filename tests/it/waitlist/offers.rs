//! Who is offered what, and when.

use super::*;
use crate::support::on_both_engines;

on_both_engines! {
    async fn a_freed_time_goes_from_one_to_the_next_in_the_order_of_joining(engine) {
        let (app, [one]) = clinic(engine).await;
        let visit = book(&app, 9, &one, TEN).await.unwrap();
        let mut waiting = Vec::new();
        for number in 1..=3 {
            let entry = joined(&app, waits(number, &one, TEN)).await;
            assert_eq!(entry["status"], "WAITING", "{entry}");
            waiting.push(entry);
        }
        assert_eq!(app.cancel(&visit).await.status, 200);
        becomes(&app, &waiting[0], "OFFERED").await;
        let declined = decline(&app, &waiting[0]).await["entry"].clone();
        assert_eq!((&declined["status"], outcomes(&declined)), (&json!("WAITING"), vec![&json!("DECLINED")]));
        becomes(&app, &waiting[1], "OFFERED").await;
        // Nobody answers.
        app.clock.set("2027-01-11T12:30:00Z");
        assert_eq!(accept(&app, &waiting[1]).await["error"]["code"], "HOLD_EXPIRED");
        becomes(&app, &waiting[2], "OFFERED").await;
        let lapsed = becomes(&app, &waiting[1], "WAITING").await;
        assert_eq!(outcomes(&lapsed), [&json!("LAPSED")]);
        leave(&app, &waiting[2]).await;
        // Whom it was offered to is not offered it again; whoever comes has it.
        assert_eq!(book(&app, 8, &one, TEN).await.map(|_id| ()), Ok(()));
        for entry in &waiting[..2] {
            assert_eq!(now(&app, entry).await["offers"].as_array().unwrap().len(), 1);
        }
        app.clock.set("2027-01-11T15:00:01Z");
        for entry in &waiting[..2] {
            becomes(&app, entry, "LAPSED").await;
        }
    }
}

on_both_engines! {
    async fn whatever_frees_a_time_offers_it(engine) {
        let (app, [one, two]) = clinic(engine).await;
        let frees: [(&str, Value); 6] = [
            ("cancelAppointment", json!({ "id": "$VISIT" })),
            ("rescheduleAppointment", json!({ "id": "$VISIT", "startsAt": "2027-01-12T20:00:00Z" })),
            ("reassignAppointment", json!({ "id": "$VISIT", "providerId": two })),
            ("releaseHold", json!({ "token": "$TOKEN" })),
            ("removeTimeOff", json!({ "id": "$OFF" })),
            ("setWorkingHours", json!({ "providerId": one, "workingHours": [{ "weekday": "SATURDAY", "opensAt": "10:00", "closesAt": "10:30" }] })),
        ];
        for (number, (mutation, input)) in frees.into_iter().enumerate() {
            let day = 18 + number;
            let start = if mutation == "setWorkingHours" { "2027-01-30T15:00:00Z".to_owned() } else { format!("2027-01-{day}T15:00:00Z") };
            let mut text = input.to_string();
            match mutation {
                "releaseHold" => {
                    let hold = change(&app, "holdSlot", "hold { token }", json!({ "providerId": one, "startsAt": start })).await;
                    text = text.replace("$TOKEN", hold["hold"]["token"].as_str().unwrap());
                }
                "removeTimeOff" => {
                    let off = json!({ "providerId": one, "startsAt": start, "endsAt": start.replace("T15", "T16") });
                    let made = change(&app, "addTimeOff", "provider { timeOff { id startsAt } }", off).await;
                    text = text.replace("$OFF", made["provider"]["timeOff"][0]["id"].as_str().unwrap());
                }
                "setWorkingHours" => {}
                _ => text = text.replace("$VISIT", &book(&app, 50 + number, &one, &start).await.unwrap()),
            }
            let entry = joined(&app, waits(number, &one, &start)).await;
            assert_eq!(entry["status"], "WAITING", "{mutation}: {entry}");
            let done = change(&app, mutation, "__typename", serde_json::from_str(&text).unwrap()).await;
            assert_eq!(done["error"], Value::Null, "{mutation}: {done}");
            let offered = becomes(&app, &entry, "OFFERED").await;
            assert_eq!(offered["offers"][0]["slot"]["startsAt"], json!(start), "{mutation}");
        }
        // By the time alone.
        let start = "2027-01-27T15:00:00Z";
        change(&app, "holdSlot", "hold { token }", json!({ "providerId": two, "startsAt": start })).await;
        let entry = joined(&app, waits(30, &two, start)).await;
        assert_eq!(entry["status"], "WAITING");
        app.clock.set("2027-01-11T12:05:00Z");
        becomes(&app, &entry, "OFFERED").await;
        // And the horizon, which moves on.
        let start = "2027-04-12T14:00:00Z";
        let entry = joined(&app, waits(31, &two, start)).await;
        assert_eq!(entry["status"], "WAITING");
        app.clock.set("2027-01-12T15:00:00Z");
        becomes(&app, &entry, "OFFERED").await;
    }
}

on_both_engines! {
    async fn what_was_freed_while_no_server_ran_is_offered_when_one_does(engine) {
        let (app, [one]) = clinic(engine).await;
        let visit = book(&app, 9, &one, TEN).await.unwrap();
        let entry = joined(&app, waits(1, &one, TEN)).await;
        let database = std::sync::Arc::clone(&app.database);
        app.stop().await;
        let gone = "DELETE FROM appointment_event; DELETE FROM idempotency_key; DELETE FROM outbox; DELETE FROM appointment";
        for sql in gone.split("; ") {
            database.execute(sql).await.unwrap();
        }
        let app = TestApp::builder(engine).spawn_on(database).await;
        becomes(&app, &entry, "OFFERED").await;
        assert!(book(&app, 2, &one, TEN).await.is_err(), "{visit}");
    }
}

on_both_engines! {
    async fn a_patients_own_visits_and_hours_are_minded_and_freed_time_of_theirs_counts(engine) {
        let (app, [one, two, _three]) = clinic(engine).await;
        let own = book(&app, 1, &two, TEN).await.unwrap();
        let mut wish = waits(1, &one, TEN);
        wish["latest"] = json!("2027-01-11T15:15:00Z");
        let entry = joined(&app, wish).await;
        // 10:00 and 10:15 are free with one of them, and not with the patient.
        assert_eq!(entry["status"], "WAITING", "{entry}");
        assert_eq!(app.cancel(&own).await.status, 200);
        let offered = becomes(&app, &entry, "OFFERED").await;
        assert_eq!(offered["offers"][0]["slot"]["startsAt"], TEN);
        leave(&app, &entry).await;
        // Also where they were with somebody who works here no more by then.
        let three = app.provider_id("Dr. 002").await;
        let own = book(&app, 3, &three, TEN).await.unwrap();
        let entry = joined(&app, waits(3, &one, TEN)).await;
        assert_eq!(entry["status"], "WAITING", "{entry}");
        let leaves = json!({ "id": three, "active": false });
        assert_eq!(change(&app, "updateProvider", "__typename", leaves).await["error"], Value::Null);
        assert_eq!(app.cancel(&own).await.status, 200);
        becomes(&app, &entry, "OFFERED").await;
        // On their own clock, and never outside the hours at which patients are offered visits.
        let mut wish = json!({ "patient": patient(2, "CT", "Aetna"), "providerId": two, "weekdays": ["WEDNESDAY"],
            "localFrom": "13:10", "localUntil": "14:00" });
        let offered = joined(&app, wish.clone()).await;
        assert_eq!(offered["offers"][0]["slot"]["startsAt"], "2027-01-13T18:15:00Z", "{offered}");
        wish["weekdays"] = json!(["SUNDAY"]);
        assert_eq!(joined(&app, wish).await["status"], "WAITING");
    }
}

on_both_engines! {
    async fn an_offer_ends_in_time_for_the_notice_and_nobody_is_offered_two_times_at_once(engine) {
        let (app, [one]) = clinic(engine).await;
        let rules = json!({ "providerId": one, "rules": { "noticeMinutes": 170 } });
        assert_eq!(change(&app, "setRules", "__typename", rules).await["error"], Value::Null);
        let first = joined(&app, waits(1, &one, TEN)).await;
        assert_eq!(first["offers"][0]["expiresAt"], "2027-01-11T12:10:00Z", "{first}");
        let other = joined(&app, json!({ "patient": patient(2, "CT", "Aetna"), "providerId": one })).await;
        assert_eq!((&other["status"], held(&app).await), (&json!("OFFERED"), 2));
        // What can't be answered in time is not offered.
        decline(&app, &first).await;
        app.clock.set("2027-01-11T12:09:30Z");
        let late = joined(&app, waits(3, &one, TEN)).await;
        assert_eq!(late["status"], "WAITING", "{late}");
    }
}

on_both_engines! {
    async fn others_who_joined_before_and_fit_come_first_however_the_time_came_free(engine) {
        let (app, [one, two]) = clinic(engine).await;
        let visit = book(&app, 9, &one, TEN).await.unwrap();
        // Longer than what will be free, another provider's, another day's, and one who fits.
        book(&app, 8, &one, "2027-01-11T15:30:00Z").await.unwrap();
        let mut long = waits(1, &one, TEN);
        long["durationMinutes"] = json!(60);
        let long = joined(&app, long).await;
        book(&app, 7, &two, TEN).await.unwrap();
        let elsewhere = joined(&app, waits(2, &two, TEN)).await;
        book(&app, 6, &one, ELEVEN).await.unwrap();
        let later = joined(&app, waits(3, &one, ELEVEN)).await;
        let mut anybody = waits(4, &one, TEN);
        anybody["providerId"] = Value::Null;
        let anybody = joined(&app, anybody).await;
        let last = joined(&app, waits(5, &one, TEN)).await;
        assert_eq!(app.cancel(&visit).await.status, 200);
        becomes(&app, &anybody, "OFFERED").await;
        for entry in [&long, &elsewhere, &later, &last] {
            assert_eq!(now(&app, entry).await["status"], "WAITING");
        }
    }
}

on_both_engines! {
    async fn what_is_offered_to_a_patient_is_in_the_way_of_what_else_they_wait_for(engine) {
        let (app, [one, two]) = clinic(engine).await;
        let first = joined(&app, waits(1, &one, TEN)).await;
        assert_eq!(first["status"], "OFFERED");
        // With another provider, and half an hour that overlaps it; what comes after it is none of that.
        let second = joined(&app, waits(1, &two, TEN)).await;
        let third = joined(&app, waits(1, &two, "2027-01-11T15:15:00Z")).await;
        let fourth = joined(&app, waits(1, &two, "2027-01-11T15:30:00Z")).await;
        let statuses = [&second, &third, &fourth].map(|entry| entry["status"].as_str().unwrap());
        assert_eq!(statuses, ["WAITING", "WAITING", "OFFERED"]);
        // It is no visit: somebody else is offered the time with the other, and the patient may book it.
        assert_eq!(joined(&app, waits(2, &two, TEN)).await["status"], "OFFERED");
        decline(&app, &fourth).await;
        assert_eq!(book(&app, 1, &two, "2027-01-11T15:30:00Z").await.map(|_id| ()), Ok(()));
        // Wherever they may begin, it is at a time that is in the way of none.
        let mut later = waits(1, &two, TEN);
        later["latest"] = json!(ELEVEN);
        let later = joined(&app, later).await;
        assert_eq!(later["offers"][0]["slot"]["startsAt"], ELEVEN, "{later}");
    }
}

on_both_engines! {
    async fn what_a_patient_turns_down_is_no_more_in_the_way_of_what_else_they_wait_for(engine) {
        let (app, [one, two, three]) = clinic(engine).await;
        for (number, end) in ["declined", "lapsed", "left"].into_iter().enumerate() {
            let start = format!("2027-01-{}T15:00:00Z", 12 + number);
            let first = joined(&app, waits(number, &one, &start)).await;
            assert_eq!(first["status"], "OFFERED");
            let second = joined(&app, waits(number, &two, &start)).await;
            let third = joined(&app, waits(number, &three, &start)).await;
            assert_eq!((&second["status"], &third["status"]), (&json!("WAITING"), &json!("WAITING")));
            match end {
                "declined" => drop(decline(&app, &first).await),
                "left" => drop(leave(&app, &first).await),
                _ => app.clock.set("2027-01-11T12:31:00Z"),
            }
            // One of them, whichever is looked at first, and by it the other is not.
            let is_offered = async |entry: &Value| now(&app, entry).await["status"] == "OFFERED";
            let one_is = async || is_offered(&second).await || is_offered(&third).await;
            assert!(comes_true(one_is).await, "{end}");
            let (taken, other) = if is_offered(&second).await { (&second, &third) } else { (&third, &second) };
            assert_eq!(now(&app, other).await["status"], "WAITING", "{end}");
            assert_eq!(accept(&app, taken).await["error"], Value::Null, "{end}");
            assert_eq!(now(&app, other).await["status"], "WAITING", "{end}");
        }
    }
}

on_both_engines! {
    async fn what_comes_free_in_the_middle_of_a_look_is_for_the_first_who_joined_as_well(engine) {
        let (app, [one]) = clinic(engine).await;
        let mut days = Vec::new();
        for day in 0..5 {
            let at = |hour: usize| format!("2027-01-{}T{hour}:00:00Z", 18 + day);
            let visits = [book(&app, 90, &one, &at(15)).await.unwrap(), book(&app, 91, &one, &at(16)).await.unwrap()];
            for quarter in ["15:30", "16:30"] {
                let gap = format!("2027-01-{}T{quarter}:00Z", 18 + day);
                book(&app, 92, &one, &gap).await.unwrap();
            }
            let number = 1 + 3 * day;
            let first = joined(&app, waits(number, &one, &at(16))).await;
            let mut either = waits(number + 1, &one, &at(15));
            either["latest"] = json!(at(16));
            let either = joined(&app, either).await;
            let last = joined(&app, waits(number + 2, &one, &at(16))).await;
            days.push((visits, [first, either, last]));
        }
        // While the one is offered, the other comes free.
        for ([ten, eleven], _) in &days {
            let (ten, eleven) = tokio::join!(app.cancel(ten), app.cancel(eleven));
            assert_eq!((ten.status.as_u16(), eleven.status.as_u16()), (200, 200));
        }
        for (_, [first, either, last]) in &days {
            let eleven = becomes(&app, first, "OFFERED").await;
            assert_eq!(eleven["offers"][0]["slot"]["startsAt"], first["earliest"]);
            let ten = becomes(&app, either, "OFFERED").await;
            assert_eq!(ten["offers"][0]["slot"]["startsAt"], either["earliest"]);
            assert_eq!(now(&app, last).await["status"], "WAITING");
        }
    }
}
