//! Mail without a mail server, and who may see it.

use super::*;
use crate::support::{API_TOKEN, closed, on_both_engines};

on_both_engines! {
    async fn without_a_mail_server_mail_is_kept_to_be_read(engine) {
        let app = TestApp::spawn(engine).await;
        let visit = book(&app, 1, TEN).await;
        let all = become_so(&app, &[("CONFIRMATION", "KEPT", None)]).await;
        let mail = &all[0];
        assert_eq!((&mail["recipient"], &mail["appointment"]["id"]), (&json!("patient1@example.com"), &json!(visit)));
        assert_eq!((&mail["attempts"], &mail["settledAt"]), (&json!(0), &json!("2027-01-11T12:00:00Z")));
        let content = &mail["content"];
        assert_eq!(content["subject"], "Your visit on Monday, January 11, 2027 is confirmed");
        let text = content["text"].as_str().unwrap();
        assert!(text.starts_with("Hello Patient") && text.contains("[Here stands the patient's own link"), "{text}");
        assert!(content["html"].as_str().unwrap().contains("Here stands the patient&#39;s own link"), "{content}");
        assert!(content["calendar"].as_str().unwrap().contains("METHOD:REQUEST"), "{content}");
        let by_id = app.graphql("query ($id: ID!) { node(id: $id) { ... on Mail { kind } } }", json!({ "id": mail["id"] })).await;
        assert_eq!(by_id["data"]["node"]["kind"], "CONFIRMATION", "{by_id}");
        let counts = "query ($visit: ID) { of: mails(appointmentId: $visit) { totalCount }
            none: mails(appointmentId: \"apt_nobody\") { totalCount } sent: mails(status: SENT) { totalCount } }";
        let counts = app.graphql(counts, json!({ "visit": visit })).await;
        let count = |name: &str| counts["data"][name]["totalCount"].clone();
        assert_eq!([count("of"), count("none"), count("sent")], [json!(1), json!(0), json!(0)], "{counts}");
    }
}

on_both_engines! {
    async fn mail_and_links_are_forgotten_when_their_visit_is_long_over(engine) {
        let app = TestApp::spawn(engine).await;
        book(&app, 1, TEN).await;
        let mail = become_so(&app, &[("CONFIRMATION", "KEPT", None)]).await.remove(0);
        let made = change(&app, "createMailLink", "url", json!({ "id": mail["id"] })).await;
        assert!(made["url"].is_string(), "{made}");
        let database = app.database.clone();
        let stands = async || {
            let count = async |table: &str| database.number(&format!("SELECT count(*) FROM {table}")).await;
            (count("mail").await, count("visit_link").await)
        };
        app.stop().await;
        // 90 days after the visit, to the minute.
        let day = TestApp::builder(engine).at("2027-04-11T15:00:00Z");
        let app = day.spawn_on(database.clone()).await;
        book(&app, 2, "2027-04-19T15:00:00Z").await;
        assert!(comes_true(async || stands().await.0 == 2).await);
        assert_eq!(stands().await.1, 1);
        app.stop().await;
        let later = TestApp::builder(engine).at("2027-04-12T12:00:00Z");
        let app = later.spawn_on(database.clone()).await;
        assert!(comes_true(async || stands().await == (1, 0)).await, "{:?}", stands().await);
        app.stop().await;
    }
}

on_both_engines! {
    async fn what_was_never_confirmed_is_never_told_of(engine) {
        let app = TestApp::spawn(engine).await;
        app.faults(&json!({ "refuse_rate": 1.0 })).await;
        let answer = app.book(&with_jane(1, TEN)).await;
        assert_ne!(answer.status, 201, "{}", answer.text);
        app.faults(&json!({})).await;
        book(&app, 2, ELEVEN).await;
        let all = become_so(&app, &[("CONFIRMATION", "KEPT", None)]).await;
        assert_eq!(all[0]["recipient"], "patient2@example.com");
    }
}

on_both_engines! {
    async fn mail_is_for_administrators_and_schedulers(engine) {
        let app = closed(engine).spawn().await;
        for (role, may) in [("ADMIN", true), ("SCHEDULER", true), ("CLINICIAN", false), ("AUDITOR", false), ("VIEWER", false)] {
            let own = app.provider_id_as(API_TOKEN, "Dr. Jane Doe").await;
            let (_, token) = app.make_token(role, (role == "CLINICIAN").then_some(own.as_str())).await;
            let answer = app.graphql_as(&token, "{ mails { totalCount } }", json!({})).await;
            if may {
                assert_eq!(answer["data"]["mails"]["totalCount"], 0, "{role}: {answer}");
            } else {
                assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{role}: {answer}");
            }
        }
    }
}
