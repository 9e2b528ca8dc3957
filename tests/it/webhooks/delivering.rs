//! What endpoints are told, and what becomes of it.

use super::receiver::Message;
use super::*;
use crate::support::{StubScheduler, on_both_engines};

const TEN: &str = "2027-01-11T15:00:00Z";
const ELEVEN: &str = "2027-01-11T16:00:00Z";
const NOON: &str = "2027-01-11T17:00:00Z";

on_both_engines! {
    async fn what_happens_to_a_visit_is_told_in_order_and_signed(engine) {
        let (app, receiver) = (tests(engine).spawn().await, Receiver::start().await);
        book(&app, 7, NOON).await;
        let (endpoint, secret) = told(&app, &receiver).await;
        let visit = book(&app, 1, TEN).await;
        assert_eq!(app.reschedule(&visit, ELEVEN).await.status, 200);
        assert_eq!(app.cancel(&visit).await.status, 200);
        let messages = receiver.has(6).await;
        let kinds = ["booked", "confirmed", "rescheduling", "rescheduled", "cancelling", "cancelled"];
        let mut events = Vec::new();
        for (message, kind) in messages.iter().zip(kinds) {
            let body = message.json();
            assert_eq!((&body["type"], &body["id"]), (&json!(format!("appointment.{kind}")), &json!(message.id())));
            assert_eq!(body["data"]["appointment_id"], json!(visit));
            assert_eq!(message.headers["content-type"], "application/json");
            assert!(message.is_signed_with(&secret), "{kind}");
            assert!(!message.is_signed_with("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "{kind}");
            for canary in ["Patient", "@", "patient"] {
                assert!(!message.body.contains(canary), "{}", message.body);
            }
            events.push(message.id().to_owned());
        }
        assert!(events.is_sorted() && events.iter().all(|id| id.starts_with("evt_")), "{events:?}");
        let moved = &messages[3].json()["data"];
        let times = ["starts_at", "ends_at", "previous_starts_at"].map(|name| moved[name].as_str());
        assert_eq!(times, [Some(ELEVEN), Some("2027-01-11T16:30:00Z"), Some(TEN)], "{moved}");
        assert_eq!(messages[0].json()["data"]["previous_starts_at"], Value::Null);
        let statuses: Vec<_> = messages.iter().map(|message| message.json()["data"]["status"].clone()).collect();
        assert_eq!(statuses, ["PENDING", "CONFIRMED", "CONFIRMED", "CONFIRMED", "CANCELLING", "CANCELLED"]);
        let listed = become_settled(&app, &endpoint, "DELIVERED").await;
        // The clock of the tests stands still: what was written down at one moment is in no order.
        let mut ids: Vec<_> = listed.iter().map(|delivery| delivery["eventId"].as_str().unwrap()).collect();
        ids.sort_unstable();
        assert_eq!(ids, events);
        let count = "query ($id: ID!) { node(id: $id) { ... on WebhookEndpoint { deliveries(first: 2) {
            totalCount pageInfo { hasNextPage } nodes { id } } } } }";
        let count = app.graphql(count, json!({ "id": endpoint["id"] })).await;
        let list = &count["data"]["node"]["deliveries"];
        assert_eq!((&list["totalCount"], &list["pageInfo"]["hasNextPage"]), (&json!(6), &json!(true)), "{count}");
        let first = listed.iter().find(|delivery| delivery["kind"] == "BOOKED").unwrap();
        assert_eq!((&first["kind"], &first["outcome"], &first["responseStatus"]), (&json!("BOOKED"), &json!("ACCEPTED"), &json!(204)));
        assert_eq!((&first["attempts"], &first["nextAttemptAt"]), (&json!(1), &Value::Null));
        // By the log they are the same events.
        let log = app.graphql("{ events(last: 6) { nodes { cursor } } }", json!({})).await;
        let log: Vec<_> = log["data"]["events"]["nodes"].as_array().unwrap().iter().map(|event| event["cursor"].clone()).collect();
        assert_eq!(log, events);
    }
}

on_both_engines! {
    async fn an_endpoint_is_told_the_kinds_that_it_wants(engine) {
        let (app, receiver) = (tests(engine).spawn().await, Receiver::start().await);
        let made = create(&app, json!({ "url": receiver.url, "kinds": ["CANCELLED", "CONFIRMED", "CANCELLED"] })).await;
        assert_eq!(made["endpoint"]["kinds"], json!(["CONFIRMED", "CANCELLED"]));
        let visit = book(&app, 1, TEN).await;
        assert_eq!(app.cancel(&visit).await.status, 200);
        let messages = receiver.has(2).await;
        let kinds: Vec<_> = messages.iter().map(|message| message.told().0).collect();
        assert_eq!(kinds, ["appointment.confirmed", "appointment.cancelled"]);
    }
}

on_both_engines! {
    async fn what_was_not_taken_is_told_again_the_same_and_of_one_visit_in_order(engine) {
        let (app, receiver) = (tests(engine).spawn().await, Receiver::start().await);
        let (endpoint, secret) = told(&app, &receiver).await;
        receiver.next(&[500]);
        let first = book(&app, 1, TEN).await;
        let failed = receiver.has(1).await.remove(0);
        let waits = comes_true(async || deliveries(&app, &endpoint).await.iter().any(|one| one["attempts"] == 1)).await;
        assert!(waits);
        // The clock of the tests stands still: its next attempt does not come, nor what comes after it.
        let of_first = deliveries(&app, &endpoint).await;
        assert!(of_first.iter().all(|one| one["status"] == "PENDING"), "{of_first:?}");
        // And what comes after it is not looked at before that.
        let waits = async || {
            let all = deliveries(&app, &endpoint).await;
            all.len() == 2 && all.iter().all(|one| one["nextAttemptAt"] == "2027-01-11T12:00:01Z")
        };
        assert!(comes_true(waits).await, "{:?}", deliveries(&app, &endpoint).await);
        let refused = of_first.iter().find(|one| one["attempts"] == 1).unwrap();
        assert_eq!((&refused["outcome"], &refused["responseStatus"]), (&json!("REFUSED"), &json!(500)), "{refused}");
        assert_eq!(refused["nextAttemptAt"], "2027-01-11T12:00:01Z");
        assert_eq!(now(&app, &endpoint).await["failingSince"], "2027-01-11T12:00:00Z");
        // Others are told meanwhile.
        let second = book(&app, 2, ELEVEN).await;
        let messages = receiver.has(3).await;
        assert!(messages[1..].iter().all(|message| message.told().1 == second));
        app.clock.set("2027-01-11T12:00:01Z");
        let messages = receiver.has(5).await;
        let again = &messages[3];
        assert_eq!((again.id(), &again.body), (failed.id(), &failed.body));
        assert!(again.is_signed_with(&secret));
        assert_eq!(messages[4].told().0, "appointment.confirmed");
        assert_eq!(messages[4].told().1, first);
        become_settled(&app, &endpoint, "DELIVERED").await;
        assert_eq!(now(&app, &endpoint).await["failingSince"], Value::Null);
    }
}

on_both_engines! {
    async fn an_endpoint_that_fails_for_three_days_is_switched_off_and_says_so(engine) {
        let (app, receiver) = (tests(engine).spawn().await, Receiver::start().await);
        let (endpoint, _) = told(&app, &receiver).await;
        receiver.always(Some(503));
        book(&app, 1, TEN).await;
        let tried = async |times: u8| {
            comes_true(async || deliveries(&app, &endpoint).await.iter().any(|one| one["attempts"] == times)).await
        };
        assert!(tried(1).await);
        app.clock.set("2027-01-14T11:59:00Z");
        assert!(tried(2).await && now(&app, &endpoint).await["active"] == true);
        app.clock.set("2027-01-14T12:00:02Z");
        let failed = become_settled(&app, &endpoint, "FAILED").await;
        assert_eq!(failed.len(), 2, "{failed:?}");
        let off = now(&app, &endpoint).await;
        assert_eq!((&off["active"], &off["switchedOffAt"]), (&json!(false), &json!("2027-01-14T12:00:02Z")), "{off}");
        assert_eq!((&off["failingSince"], &off["version"]), (&json!("2027-01-11T12:00:00Z"), &json!(2)));
        // Nothing is kept for it, and what happens once it is on again is told.
        assert!(replay(&app, &endpoint, "evt_000000000000").await["error"]["violations"][0]["message"].as_str().unwrap().contains("switched off"));
        receiver.always(None);
        let on = update(&app, &endpoint, json!({ "active": true, "expectedVersion": 2 })).await;
        let on = &on["endpoint"];
        assert_eq!((&on["active"], &on["switchedOffAt"], &on["failingSince"]), (&json!(true), &Value::Null, &Value::Null), "{on}");
        // What it has missed is told when that is asked for.
        let before = receiver.messages().len();
        let oldest = failed.last().unwrap()["at"].as_str().unwrap().to_owned();
        assert_eq!(replay(&app, &endpoint, &oldest).await["error"], Value::Null);
        receiver.has(before + 2).await;
        become_settled(&app, &endpoint, "DELIVERED").await;
    }
}

on_both_engines! {
    async fn one_that_is_gone_is_told_nothing_more_at_once(engine) {
        let (app, receiver) = (tests(engine).spawn().await, Receiver::start().await);
        let (endpoint, _) = told(&app, &receiver).await;
        receiver.next(&[410]);
        book(&app, 1, TEN).await;
        receiver.has(1).await;
        become_settled(&app, &endpoint, "FAILED").await;
        let off = now(&app, &endpoint).await;
        assert_eq!((&off["active"], &off["switchedOffAt"]), (&json!(false), &json!("2027-01-11T12:00:00Z")), "{off}");
    }
}

on_both_engines! {
    async fn one_poisoned_visit_keeps_no_other_waiting_nor_the_endpoint_from_working(engine) {
        let (app, receiver) = (tests(engine).spawn().await, Receiver::start().await);
        let (endpoint, _) = told(&app, &receiver).await;
        let poisoned = book(&app, 1, TEN).await;
        receiver.has(2).await;
        receiver.poison(Some(&poisoned));
        assert_eq!(app.cancel(&poisoned).await.status, 200);
        receiver.has(3).await;
        book(&app, 2, ELEVEN).await;
        receiver.has(5).await;
        let given_up = comes_true(async || {
            app.clock.advance(jiff::SignedDuration::from_hours(5));
            deliveries(&app, &endpoint).await.iter().any(|one| one["status"] == "FAILED")
        });
        assert!(given_up.await);
        receiver.poison(None);
        assert_eq!(now(&app, &endpoint).await["active"], true);
    }
}

on_both_engines! {
    async fn a_redirect_is_followed_nowhere_and_nobody_listening_is_told(engine) {
        let (app, receiver) = (tests(engine).spawn().await, Receiver::start().await);
        let (endpoint, _) = told(&app, &receiver).await;
        for (status, outcome) in [(302, "REDIRECTED"), (308, "REDIRECTED"), (404, "REFUSED"), (204, "ACCEPTED")] {
            receiver.next(&[status]);
            let made = format!("delivery {{ {DELIVERY} }}");
            let trial = change(&app, "sendTestWebhook", &made, json!({ "endpointId": endpoint["id"] })).await;
            let delivery = &trial["delivery"];
            assert_eq!((&delivery["outcome"], &delivery["responseStatus"]), (&json!(outcome), &json!(status)), "{trial}");
            let expected = if status == 204 { "DELIVERED" } else { "FAILED" };
            assert_eq!((&delivery["status"], &delivery["kind"], &delivery["eventId"]), (&json!(expected), &Value::Null, &Value::Null));
        }
        let bodies: Vec<_> = receiver.has(4).await.iter().map(|message| message.json()["type"].clone()).collect();
        assert_eq!(bodies, ["webhook.test"; 4]);
        let nobody = json!({ "url": "http://127.0.0.1:1/" });
        let nobody = create(&app, nobody).await["endpoint"].clone();
        let trial = change(&app, "sendTestWebhook", "delivery { outcome status }", json!({ "endpointId": nobody["id"] })).await;
        assert_eq!(trial["delivery"], json!({ "outcome": "UNREACHABLE", "status": "FAILED" }));
        assert_eq!(now(&app, &nobody).await["failingSince"], Value::Null);
    }
}

on_both_engines! {
    async fn what_was_told_is_told_anew_with_the_same_ids(engine) {
        let (app, receiver) = (tests(engine).spawn().await, Receiver::start().await);
        let (endpoint, _) = told(&app, &receiver).await;
        book(&app, 1, TEN).await;
        let before = receiver.has(2).await;
        become_settled(&app, &endpoint, "DELIVERED").await;
        assert_eq!(replay(&app, &endpoint, before[0].id()).await["error"], Value::Null);
        let after = receiver.has(3).await;
        assert_eq!((after[2].id(), &after[2].body), (before[1].id(), &before[1].body));
        assert_eq!(replay(&app, &endpoint, "2027-01-11T11:00:00Z").await["error"], Value::Null);
        let after = receiver.has(5).await;
        assert_eq!((after[3].id(), after[4].id()), (before[0].id(), before[1].id()));
        assert_eq!(become_settled(&app, &endpoint, "DELIVERED").await.len(), 2);
        for wrong in ["evt_0000000fffff", "yesterday", "", "evt_1"] {
            let refused = replay(&app, &endpoint, wrong).await;
            assert_eq!(refused["error"]["violations"][0]["field"], "after", "{refused}");
        }
    }
}

on_both_engines! {
    async fn a_visit_that_is_cancelled_on_the_move_is_told_at_the_time_that_it_had(engine) {
        let (stub, receiver) = (StubScheduler::start().await, Receiver::start().await);
        let app = tests(engine).setting("SCHEDULER_URL", &stub.url).spawn().await;
        told(&app, &receiver).await;
        let visit = book(&app, 1, TEN).await;
        receiver.has(2).await;
        stub.always(Some(503));
        assert_eq!(app.reschedule(&visit, NOON).await.status, 202);
        assert_eq!(app.cancel(&visit).await.status, 202);
        let messages = receiver.has(4).await;
        let times = |message: &Message| {
            let data = message.json()["data"].clone();
            ["starts_at", "ends_at", "previous_starts_at"].map(|name| data[name].as_str().map(str::to_owned))
        };
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(messages[2].told().0, "appointment.rescheduling");
        assert_eq!(times(&messages[2]), [text(NOON), text("2027-01-11T17:30:00Z"), text(TEN)]);
        assert_eq!(messages[3].told().0, "appointment.cancelling");
        assert_eq!(times(&messages[3]), [text(TEN), text("2027-01-11T15:30:00Z"), None]);
    }
}

on_both_engines! {
    async fn a_few_that_hang_keep_no_others_waiting(engine) {
        let (app, receiver) = (tests(engine).spawn().await, Receiver::start().await);
        let (endpoint, _) = told(&app, &receiver).await;
        let times = ["2027-01-11T14:00:00Z", TEN, ELEVEN, NOON, "2027-01-11T18:00:00Z", "2027-01-11T19:00:00Z"];
        receiver.hang(times.len());
        for (number, time) in times.iter().enumerate() {
            book(&app, number + 1, time).await;
        }
        receiver.has(times.len()).await;
        let other = book(&app, 9, "2027-01-11T20:00:00Z").await;
        let messages = receiver.has(times.len() + 2).await;
        assert!(messages[times.len()..].iter().all(|message| message.told().1 == other));
        let pending = async || deliveries(&app, &endpoint).await.iter().filter(|one| one["status"] == "PENDING").count();
        assert!(comes_true(async || pending().await == 2 * times.len()).await);
    }
}

on_both_engines! {
    async fn for_a_day_both_secrets_sign(engine) {
        let (app, receiver) = (tests(engine).spawn().await, Receiver::start().await);
        let (endpoint, old) = told(&app, &receiver).await;
        let made = format!("endpoint {{ {ENDPOINT} }} secret");
        let rotated = change(&app, "rotateWebhookSecret", &made, json!({ "id": endpoint["id"], "expectedVersion": 1 })).await;
        let new = rotated["secret"].as_str().unwrap();
        assert_eq!((rotated["endpoint"]["version"].as_i64(), new == old), (Some(2), false));
        book(&app, 1, TEN).await;
        for message in receiver.has(2).await {
            assert_eq!(message.signature().split(' ').count(), 2);
            assert!(message.is_signed_with(&old) && message.is_signed_with(new));
        }
        become_settled(&app, &endpoint, "DELIVERED").await;
        app.clock.set("2027-01-12T12:00:00Z");
        assert_eq!(replay(&app, &endpoint, "evt_000000000000").await["error"], Value::Null);
        let messages = receiver.has(4).await;
        assert!(messages[2..].iter().all(|message| message.is_signed_with(new) && !message.is_signed_with(&old)));
    }
}

on_both_engines! {
    async fn two_servers_tell_it_once_and_one_tells_what_the_other_has_not(engine) {
        let (one, receiver) = (tests(engine).spawn().await, Receiver::start().await);
        let other = tests(engine).spawn_on(one.database.clone()).await;
        let (endpoint, _) = told(&one, &receiver).await;
        let times = ["2027-01-11T14:00:00Z", TEN, ELEVEN, NOON, "2027-01-11T18:00:00Z"];
        for (number, time) in times.iter().enumerate() {
            book(if number % 2 == 0 { &one } else { &other }, number + 1, time).await;
        }
        receiver.has(10).await;
        become_settled(&one, &endpoint, "DELIVERED").await;
        // Whoever was to tell it is gone: its lease lapses, and another server does.
        let lapsed = match engine {
            Engine::Postgres => "gen_random_uuid()",
            Engine::Sqlite => "x'00000000000000000000000000000001'",
        };
        let until = match engine {
            Engine::Postgres => "'2027-01-11T12:01:00Z'",
            Engine::Sqlite => "'2027-01-11T12:01:00+00:00'",
        };
        let taken = format!(
            "UPDATE webhook_delivery SET status = 'PENDING', next_attempt_at = at, leased_until = {until}, lease = {lapsed}
              WHERE kind = 'CONFIRMED'"
        );
        assert_eq!(one.database.execute(&taken).await, Ok(5));
        book(&one, 9, "2027-01-11T19:00:00Z").await;
        receiver.has(12).await;
        other.clock.set("2027-01-11T12:01:00Z");
        receiver.has(17).await;
        become_settled(&one, &endpoint, "DELIVERED").await;
    }
}
