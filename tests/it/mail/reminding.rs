//! Reminders, and offers of the waitlist.

use clinic::domain::Clock as _;
use jiff::Timestamp;

use super::*;
use crate::support::on_both_engines;

/// Two days on, at ten in New York.
const WEDNESDAY: &str = "2027-01-13T15:00:00Z";
const THURSDAY: &str = "2027-01-14T15:00:00Z";

/// The mail server answers again, until so many are sent. What did not reach it just before may be noted only now, and
/// waits once more: time goes on to then.
async fn back(app: &TestApp, server: &MailServer, from: &str, count: usize) -> Vec<Message> {
    server.greet(None);
    app.clock.set(from);
    let are_sent = async || {
        let all = mails(app).await;
        let next = all.iter().filter_map(|mail| mail["nextAttemptAt"].as_str()?.parse().ok());
        let put_off = next.max().filter(|next: &Timestamp| *next > app.clock.now());
        if let Some(next) = put_off {
            app.clock.set(&next.to_string());
        }
        all.iter().filter(|mail| mail["status"] == "SENT").count() == count
    };
    assert!(comes_true(are_sent).await, "{:?}", mails(app).await);
    server.has(count).await
}

on_both_engines! {
    async fn a_patient_is_reminded_a_day_and_an_hour_before(engine) {
        let server = MailServer::start().await;
        let app = sending(engine, &server).spawn().await;
        book(&app, 1, WEDNESDAY).await;
        sent(&app, &server, 1).await;
        app.clock.set("2027-01-12T15:00:00Z");
        let messages = sent(&app, &server, 2).await;
        assert_eq!(messages[1].header("Subject"), "Reminder: your visit on Wednesday, January 13, 2027 at 10:00 AM");
        app.clock.set("2027-01-13T14:00:00Z");
        server.has(3).await;
        become_so(&app, &[
            ("CONFIRMATION", "SENT", Some("ACCEPTED")),
            ("REMINDER", "SENT", Some("ACCEPTED")),
            ("REMINDER", "SENT", Some("ACCEPTED")),
        ]).await;
    }
}

on_both_engines! {
    async fn reminders_follow_the_visit_and_end_with_it(engine) {
        let server = MailServer::start().await;
        let app = sending(engine, &server).setting("REMINDERS", "24h").spawn().await;
        let (moved, cancelled) = (book(&app, 1, WEDNESDAY).await, book(&app, 2, WEDNESDAY.replace("15:00", "16:00").as_str()).await);
        assert_eq!(app.reschedule(&moved, THURSDAY).await.status, 200);
        assert_eq!(app.cancel(&cancelled).await.status, 200);
        sent(&app, &server, 4).await;
        app.clock.set("2027-01-12T16:30:00Z");
        // A third is reminded; whoever moved or cancelled is not.
        book(&app, 3, "2027-01-14T15:30:00Z").await;
        sent(&app, &server, 5).await;
        app.clock.set("2027-01-13T15:30:00Z");
        let messages = server.has(7).await;
        let reminded: Vec<_> = messages[5..].iter().map(|one| (one.to.clone(), one.header("Subject"))).collect();
        assert!(reminded.iter().all(|(_, subject)| subject.starts_with("Reminder: your visit on Thursday")), "{reminded:?}");
        let mut whom: Vec<_> = reminded.iter().map(|(to, _)| to.as_str()).collect();
        whom.sort_unstable();
        assert_eq!(whom, ["patient1@example.com", "patient3@example.com"]);
    }
}

on_both_engines! {
    async fn one_whose_moment_had_passed_when_it_was_booked_is_not_sent(engine) {
        let app = TestApp::spawn(engine).await;
        // Three hours ahead: the day before has passed, the hour before has not.
        book(&app, 1, TEN).await;
        become_so(&app, &[("CONFIRMATION", "KEPT", None)]).await;
        app.clock.set("2027-01-11T14:00:00Z");
        let all = become_so(&app, &[("CONFIRMATION", "KEPT", None), ("REMINDER", "KEPT", None)]).await;
        assert_eq!(all.iter().find(|one| one["kind"] == "REMINDER").unwrap()["at"], "2027-01-11T14:00:00Z");
    }
}

on_both_engines! {
    async fn one_that_is_moved_back_when_its_moment_has_passed_is_not_reminded_of(engine) {
        let app = TestApp::builder(engine).setting("REMINDERS", "24h").spawn().await;
        let visit = book(&app, 1, WEDNESDAY).await;
        assert_eq!(app.reschedule(&visit, THURSDAY).await.status, 200);
        become_so(&app, &[("CONFIRMATION", "KEPT", None), ("CHANGE", "KEPT", None)]).await;
        app.clock.set("2027-01-12T20:00:00Z");
        assert_eq!(app.reschedule(&visit, WEDNESDAY).await.status, 200);
        // Somebody else is reminded, so that it has been looked.
        book(&app, 2, "2027-01-13T21:00:00Z").await;
        app.clock.set("2027-01-12T21:00:00Z");
        let all = become_so(&app, &[
            ("CONFIRMATION", "KEPT", None),
            ("CHANGE", "KEPT", None),
            ("CHANGE", "KEPT", None),
            ("CONFIRMATION", "KEPT", None),
            ("REMINDER", "KEPT", None),
        ]).await;
        assert_eq!(all.iter().find(|one| one["kind"] == "REMINDER").unwrap()["recipient"], "patient2@example.com");
    }
}

on_both_engines! {
    async fn whoever_is_given_to_somebody_else_while_the_mail_server_is_away_is_reminded_of_them(engine) {
        let server = MailServer::start().await;
        let roster = crate::support::RosterBuilder::alike(2);
        let app = sending(engine, &server).setting("REMINDERS", "24h").roster(roster).spawn().await;
        let answer = app.book(&with_jane(1, WEDNESDAY)).await.json();
        let other = if answer["provider"] == "Dr. 000" { "Dr. 001" } else { "Dr. 000" };
        let visit = id_of(&answer);
        sent(&app, &server, 1).await;
        server.greet(Some(super::server::Reply::End));
        app.clock.set("2027-01-12T15:00:00Z");
        let waits = async || mails(&app).await.iter().any(|one| one["kind"] == "REMINDER");
        assert!(comes_true(waits).await, "{:?}", mails(&app).await);
        let to = app.provider_id(other).await;
        let input = json!({ "id": visit, "providerId": to });
        let given = change(&app, "reassignAppointment", "appointment { provider { id } }", input).await;
        assert_eq!(given["appointment"]["provider"]["id"], json!(to), "{given}");
        let messages = back(&app, &server, "2027-01-12T15:10:00Z", 3).await;
        let reminder = messages.iter().find(|one| one.header("Subject").starts_with("Reminder")).unwrap();
        assert!(reminder.read().contains(other), "{}", reminder.read());
        become_so(&app, &[
            ("CONFIRMATION", "SENT", Some("ACCEPTED")),
            ("REMINDER", "SENT", Some("ACCEPTED")),
            ("CHANGE", "SENT", Some("ACCEPTED")),
        ]).await;
    }
}

on_both_engines! {
    async fn after_an_outage_the_last_reminder_says_it_all_and_a_cancelled_visit_is_not_reminded_of(engine) {
        let server = MailServer::start().await;
        let app = sending(engine, &server).spawn().await;
        let (stands, ends) = (book(&app, 1, WEDNESDAY).await, book(&app, 2, "2027-01-13T16:00:00Z").await);
        sent(&app, &server, 2).await;
        server.greet(Some(super::server::Reply::End));
        app.clock.set("2027-01-12T16:00:00Z");
        let waits = async || mails(&app).await.iter().filter(|one| one["kind"] == "REMINDER").count() == 2;
        assert!(comes_true(waits).await, "{:?}", mails(&app).await);
        assert_eq!(app.cancel(&ends).await.status, 200);
        app.clock.set("2027-01-13T14:30:00Z");
        let all = async || mails(&app).await.len() == 6;
        assert!(comes_true(all).await, "{:?}", mails(&app).await);
        let messages = back(&app, &server, "2027-01-13T14:31:00Z", 4).await;
        become_so(&app, &[
            ("CONFIRMATION", "SENT", Some("ACCEPTED")),
            ("CONFIRMATION", "SENT", Some("ACCEPTED")),
            ("REMINDER", "DROPPED", Some("TOO_LATE")),
            ("REMINDER", "DROPPED", Some("SUPERSEDED")),
            ("CANCELLATION", "SENT", Some("ACCEPTED")),
            ("REMINDER", "SENT", Some("ACCEPTED")),
        ]).await;
        assert!(messages.iter().filter(|one| one.header("Subject").starts_with("Reminder")).all(|one| one.to == "patient1@example.com"));
        assert_ne!(stands, ends);
    }
}

on_both_engines! {
    async fn who_wants_no_reminders_gets_none_and_is_told_of_changes(engine) {
        let app = TestApp::spawn(engine).await;
        let visit = book(&app, 1, WEDNESDAY).await;
        let query = "query ($id: ID!) { node(id: $id) { ... on Appointment { patient { id reminders } } } }";
        let patient = app.graphql(query, json!({ "id": visit })).await["data"]["node"]["patient"].clone();
        assert_eq!(patient["reminders"], true);
        let input = json!({ "id": patient["id"], "reminders": false });
        let after = change(&app, "updatePatient", "patient { reminders }", input).await;
        assert_eq!(after["patient"]["reminders"], false, "{after}");
        app.clock.set("2027-01-12T15:00:00Z");
        become_so(&app, &[("CONFIRMATION", "KEPT", None), ("REMINDER", "DROPPED", Some("UNSUBSCRIBED"))]).await;
        assert_eq!(app.cancel(&visit).await.status, 200);
        become_so(&app, &[
            ("CONFIRMATION", "KEPT", None),
            ("REMINDER", "DROPPED", Some("UNSUBSCRIBED")),
            ("CANCELLATION", "KEPT", None),
        ]).await;
    }
}

on_both_engines! {
    async fn who_waits_is_told_of_what_is_offered_once(engine) {
        let server = MailServer::start().await;
        let app = sending(engine, &server).setting("REMINDERS", "none").spawn().await;
        let visit = book(&app, 1, TEN).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let input = json!({
            "patient": crate::support::patient(2, "CT", "Aetna"), "providerId": jane, "earliest": TEN, "latest": TEN,
        });
        let joined = change(&app, "joinWaitlist", "entry { id }", input).await;
        assert_eq!(app.cancel(&visit).await.status, 200);
        let messages = server.has(3).await;
        let offer = messages.iter().find(|one| one.to == "patient2@example.com").unwrap();
        assert_eq!(offer.header("Subject"), "A time has become free: Monday, January 11, 2027 at 10:00 AM");
        assert!(offer.read().contains("It is kept for you until") || offer.read().contains("It is kept for you"), "{}", offer.read());
        let all = become_so(&app, &[
            ("CONFIRMATION", "SENT", Some("ACCEPTED")),
            ("CANCELLATION", "SENT", Some("ACCEPTED")),
            ("OFFER", "SENT", Some("ACCEPTED")),
        ]).await;
        let told = all.iter().find(|one| one["kind"] == "OFFER").unwrap();
        assert_eq!((&told["waitlistEntry"]["id"], &told["appointment"]), (&joined["entry"]["id"], &Value::Null), "{told}");
    }
}
