//! What is sent, and what becomes of it.

use super::server::Reply;
use super::*;
use crate::support::on_both_engines;

on_both_engines! {
    async fn a_patient_is_told_of_each_change_once_and_in_order(engine) {
        let server = MailServer::start().await;
        let app = sending(engine, &server).setting("CLINIC_CONTACT", "call 555 0100").spawn().await;
        let mut asked = with_jane(1, TEN);
        asked["reason"] = json!("canary-of-a-reason");
        let visit = id_of(&app.book(&asked).await.json());
        server.has(1).await;
        assert_eq!(app.reschedule(&visit, ELEVEN).await.status, 200);
        server.has(2).await;
        assert_eq!(app.cancel(&visit).await.status, 200);
        let messages = server.has(3).await;
        let subjects = [
            "Your visit on Monday, January 11, 2027 is confirmed",
            "Your visit has changed: it is on Monday, January 11, 2027",
            "Your visit on Monday, January 11, 2027 is cancelled",
        ];
        for (message, subject) in messages.iter().zip(subjects) {
            assert_eq!(message.header("Subject"), subject);
            assert_eq!((message.from.as_str(), message.to.as_str()), ("no-reply@clinic.example", "patient1@example.com"));
            assert_eq!(message.header("From"), "\"The Clinic\" <no-reply@clinic.example>");
            assert_eq!(message.header("Auto-Submitted"), "auto-generated");
            assert_eq!(message.header("Date"), "Mon, 11 Jan 2027 12:00:00 +0000");
            let read = message.read();
            assert!(read.contains("10:00 AM Eastern Time (America/New_York)") || subject != subjects[0], "{read}");
            assert!(read.contains("Hello Patient") && read.contains("call 555 0100"), "{read}");
            assert!(!read.contains("canary"), "{read}");
            for kind in ["text/plain", "text/html", "text/calendar; charset=utf-8; method=", "visit.ics"] {
                assert!(read.contains(kind), "{kind}: {read}");
            }
        }
        let moved = messages[1].read();
        assert!(moved.contains("It was to be on Monday, January 11, 2027, 10:00 AM Eastern Time"), "{moved}");
        assert!(moved.contains("11:00 AM Eastern Time"), "{moved}");
        let files: Vec<_> = messages.iter().map(|one| ["REQUEST", "CANCEL"].map(|method| one.text.contains(&format!("METHOD:{method}")))).collect();
        assert_eq!(files.last(), Some(&[false, true]));
        let all = become_so(&app, &[
            ("CONFIRMATION", "SENT", Some("ACCEPTED")),
            ("CHANGE", "SENT", Some("ACCEPTED")),
            ("CANCELLATION", "SENT", Some("ACCEPTED")),
        ]).await;
        for (mail, message) in all.iter().zip(&messages) {
            assert_eq!(mail["recipient"], "patient1@example.com");
            assert_eq!(mail["appointment"]["id"], json!(visit));
            let id = format!("<{}@clinic.example>", mail["id"].as_str().unwrap());
            assert!(messages.iter().any(|one| one.header("Message-ID") == id), "{id} {}", message.header("Message-ID"));
        }
    }
}

on_both_engines! {
    async fn each_mail_has_a_link_of_its_own_that_opens_the_visit(engine) {
        let server = MailServer::start().await;
        let app = sending(engine, &server).spawn().await;
        let visit = book(&app, 1, TEN).await;
        server.has(1).await;
        assert_eq!(app.reschedule(&visit, ELEVEN).await.status, 200);
        let messages = server.has(2).await;
        let link = |message: &super::server::Message| {
            let read = message.read();
            let link = read.lines().find(|line| line.starts_with("http://")).map(|line| line.trim_end().to_owned());
            link.unwrap_or_else(|| panic!("no link: {read}"))
        };
        let links: Vec<String> = messages.iter().map(link).collect();
        assert_ne!(links[0], links[1]);
        for link in &links {
            let path = format!("/visit/{}", link.rsplit('/').next().unwrap());
            let page = app.get(&path).await;
            assert!(page.status == 200 && page.text.contains("11:00 AM"), "{path}: {}", page.text);
        }
        let mails = mails(&app).await;
        assert!(mails.iter().all(|mail| !mail.to_string().contains("/visit/")), "{mails:?}");
        let made = change(&app, "createMailLink", "url", json!({ "id": mails[0]["id"], "idempotencyKey": "k" })).await;
        let path = format!("/visit/{}", made["url"].as_str().unwrap().rsplit('/').next().unwrap());
        assert_eq!(app.get(&path).await.status, 200);
        let again = change(&app, "createMailLink", "url", json!({ "id": mails[0]["id"], "idempotencyKey": "k" })).await;
        assert_eq!((&again["url"], &again["error"]), (&Value::Null, &Value::Null), "{again}");
        assert_eq!(app.cancel(&visit).await.status, 200);
        let cancelled = server.has(3).await.remove(2);
        assert!(!cancelled.read().contains("http://"), "{}", cancelled.read());
        let over = change(&app, "createMailLink", "url", json!({ "id": mails[0]["id"] })).await;
        assert_eq!((&over["url"], &over["error"]["code"]), (&Value::Null, &json!("INVALID_INPUT")), "{over}");
    }
}

on_both_engines! {
    async fn what_was_not_taken_is_sent_again_as_the_same_mail_and_of_one_visit_in_order(engine) {
        let server = MailServer::start().await;
        let app = sending(engine, &server).spawn().await;
        server.answer("RCPT", Reply::Line("450 later"), 1);
        let first = book(&app, 1, TEN).await;
        become_so(&app, &[("CONFIRMATION", "PENDING", Some("PUT_OFF"))]).await;
        assert_eq!(app.reschedule(&first, ELEVEN).await.status, 200);
        let second = book(&app, 2, TEN).await;
        // The clock of the tests stands still: what comes after it waits, and others do not.
        let told = server.has(1).await;
        assert_eq!(told[0].to, "patient2@example.com");
        become_so(&app, &[
            ("CONFIRMATION", "PENDING", Some("PUT_OFF")),
            ("CHANGE", "PENDING", None),
            ("CONFIRMATION", "SENT", Some("ACCEPTED")),
        ]).await;
        // It takes the next, and is gone before it has said so.
        server.answer("DATA", Reply::TakeAndEnd, 1);
        app.clock.set("2027-01-11T12:00:05Z");
        server.has(2).await;
        let unsure = async || mails(&app).await.iter().any(|mail| mail["outcome"] == "UNREACHABLE");
        assert!(comes_true(unsure).await, "{:?}", mails(&app).await);
        app.clock.set("2027-01-11T12:01:00Z");
        let messages = server.has(4).await;
        let ids: Vec<_> = messages.iter().map(|message| message.header("Message-ID")).collect();
        assert_eq!(ids[1], ids[2], "{ids:?}");
        assert!(messages[3].header("Subject").contains("has changed"), "{ids:?}");
        assert_ne!(first, second);
    }
}

on_both_engines! {
    async fn an_address_that_is_refused_is_never_tried_again_and_is_told_of_on_the_visit(engine) {
        let server = MailServer::start().await;
        let app = sending(engine, &server).spawn().await;
        server.answer("RCPT", Reply::Line("550 5.1.1 no such user"), 1);
        let visit = book(&app, 1, TEN).await;
        let all = become_so(&app, &[("CONFIRMATION", "FAILED", Some("REFUSED"))]).await;
        let query = "query ($id: ID!) { node(id: $id) { ... on Appointment { mails { kind status outcome } } } }";
        let answer = app.graphql(query, json!({ "id": visit })).await;
        let told = json!([{ "kind": "CONFIRMATION", "status": "FAILED", "outcome": "REFUSED" }]);
        assert_eq!(answer["data"]["node"]["mails"], told, "{answer}");
        app.clock.set("2027-01-11T13:00:00Z");
        book(&app, 2, ELEVEN).await;
        assert_eq!(server.has(1).await[0].to, "patient2@example.com");
        // Once it is right, somebody sends it again.
        let input = json!({ "id": all[0]["id"], "idempotencyKey": "again" });
        let again = change(&app, "resendMail", "mail { id status attempts }", input.clone()).await;
        assert_eq!(again["mail"]["id"], all[0]["id"], "{again}");
        let id = format!("<{}@clinic.example>", all[0]["id"].as_str().unwrap());
        assert_eq!(server.has(2).await[1].header("Message-ID"), id);
        let repeated = change(&app, "resendMail", "mail { id }", input).await;
        assert_eq!(repeated["mail"]["id"], all[0]["id"], "{repeated}");
        become_so(&app, &[("CONFIRMATION", "SENT", Some("ACCEPTED")), ("CONFIRMATION", "SENT", Some("ACCEPTED"))]).await;
        let unknown = json!({ "id": "mai_00000000000000000000000000" });
        assert_eq!(change(&app, "resendMail", "mail { id }", unknown).await["error"]["code"], "NOT_FOUND");
    }
}

on_both_engines! {
    async fn an_address_that_cannot_be_said_to_the_server_is_refused_and_holds_nobody_up(engine) {
        let server = MailServer::start().await;
        let app = sending(engine, &server).spawn().await;
        let mut asked = with_jane(1, TEN);
        asked["patient"]["email"] = json!("jörg@example.com");
        assert_eq!(app.book(&asked).await.status, 201);
        book(&app, 2, ELEVEN).await;
        server.has(1).await;
        become_so(&app, &[("CONFIRMATION", "FAILED", Some("REFUSED")), ("CONFIRMATION", "SENT", Some("ACCEPTED"))]).await;
    }
}

on_both_engines! {
    async fn a_server_that_refuses_us_all_says_nothing_of_the_address(engine) {
        let server = MailServer::start().await;
        let app = sending(engine, &server).spawn().await;
        server.greet(Some(Reply::Line("554 not today")));
        book(&app, 1, TEN).await;
        let waits = async || mails(&app).await.iter().any(|mail| mail["outcome"] == "UNREACHABLE" && mail["status"] == "PENDING");
        assert!(comes_true(waits).await, "{:?}", mails(&app).await);
        server.greet(None);
        app.clock.set("2027-01-11T13:00:00Z");
        server.has(1).await;
        become_so(&app, &[("CONFIRMATION", "SENT", Some("ACCEPTED"))]).await;
    }
}

on_both_engines! {
    async fn what_a_server_took_and_never_sent_leaves_a_minute_and_a_half_later(engine) {
        let server = MailServer::start().await;
        let app = sending(engine, &server).spawn().await;
        // As if whoever has it had died.
        server.answer("MAIL", Reply::Nothing, 1);
        book(&app, 1, TEN).await;
        let is_taken = async || app.database.number("SELECT count(leased_until) FROM mail").await == 1;
        assert!(comes_true(is_taken).await, "{:?}", mails(&app).await);
        app.clock.set("2027-01-11T12:01:29Z");
        // What is told after it goes its way, and so it is known that all was looked at.
        book(&app, 2, ELEVEN).await;
        assert_eq!(server.has(1).await[0].to, "patient2@example.com");
        app.clock.set("2027-01-11T12:01:31Z");
        assert_eq!(server.has(2).await[1].to, "patient1@example.com");
        become_so(&app, &[("CONFIRMATION", "SENT", Some("ACCEPTED")), ("CONFIRMATION", "SENT", Some("ACCEPTED"))]).await;
    }
}

on_both_engines! {
    async fn what_makes_no_sense_any_more_after_an_outage_is_dropped(engine) {
        let server = MailServer::start().await;
        let app = sending(engine, &server).spawn().await;
        server.greet(Some(Reply::End));
        let visit = book(&app, 1, TEN).await;
        assert_eq!(app.cancel(&visit).await.status, 200);
        let waits = async || mails(&app).await.len() == 2;
        assert!(comes_true(waits).await, "{:?}", mails(&app).await);
        // The visit would have begun, and would not be over.
        app.clock.set("2027-01-11T15:10:00Z");
        server.greet(None);
        let messages = server.has(1).await;
        assert!(messages[0].header("Subject").contains("cancelled"));
        become_so(&app, &[("CONFIRMATION", "DROPPED", Some("TOO_LATE")), ("CANCELLATION", "SENT", Some("ACCEPTED"))]).await;
    }
}
