//! What leaves is so when it leaves, and opens what it says.

use super::server::Reply;
use super::*;
use crate::support::on_both_engines;

async fn patient_of(app: &TestApp, visit: &str) -> Value {
    let query = "query ($id: ID!) { appointment(id: $id) { patient { id } } }";
    let answer = app.graphql(query, json!({ "id": visit })).await;
    answer["data"]["appointment"]["patient"]["id"].clone()
}

async fn resent(app: &TestApp, mail: &Value) {
    let again = change(app, "resendMail", "mail { id }", json!({ "id": mail["id"] })).await;
    assert_eq!(again["mail"]["id"], mail["id"], "{again}");
}

on_both_engines! {
    async fn what_was_told_since_is_not_told_otherwise_by_what_is_sent_again(engine) {
        let server = MailServer::start().await;
        let app = sending(engine, &server).spawn().await;
        server.answer("RCPT", Reply::Line("550 5.1.1 no such user"), 1);
        let visit = book(&app, 1, TEN).await;
        let confirmation = become_so(&app, &[("CONFIRMATION", "FAILED", Some("REFUSED"))]).await.remove(0);
        assert_eq!(app.reschedule(&visit, ELEVEN).await.status, 200);
        server.has(1).await;
        let sent = ("CHANGE", "SENT", Some("ACCEPTED"));
        let all = become_so(&app, &[("CONFIRMATION", "FAILED", Some("REFUSED")), sent]).await;
        let changed = all.iter().find(|mail| mail["kind"] == "CHANGE").unwrap().clone();
        resent(&app, &confirmation).await;
        let dropped = ("CONFIRMATION", "DROPPED", Some("SUPERSEDED"));
        become_so(&app, &[dropped, sent]).await;
        // What is so still is told once more.
        resent(&app, &changed).await;
        assert!(server.has(2).await[1].header("Subject").contains("has changed"));
        assert_eq!(app.cancel(&visit).await.status, 200);
        server.has(3).await;
        let cancelled = ("CANCELLATION", "SENT", Some("ACCEPTED"));
        become_so(&app, &[dropped, sent, cancelled]).await;
        resent(&app, &changed).await;
        become_so(&app, &[dropped, ("CHANGE", "DROPPED", Some("SUPERSEDED")), cancelled]).await;
        server.has(3).await;
    }
}

on_both_engines! {
    async fn what_was_sent_stays_so_when_its_visit_is_over(engine) {
        let server = MailServer::start().await;
        let app = sending(engine, &server).spawn().await;
        book(&app, 1, TEN).await;
        let sent = ("CONFIRMATION", "SENT", Some("ACCEPTED"));
        let mail = become_so(&app, &[sent]).await.remove(0);
        let keyed = json!({ "id": mail["id"], "idempotencyKey": "again" });
        let again = change(&app, "resendMail", "mail { id }", keyed.clone()).await;
        assert_eq!(again["error"], Value::Null, "{again}");
        server.has(2).await;
        become_so(&app, &[sent]).await;
        app.clock.set(TEN);
        let refused = change(&app, "resendMail", "mail { id }", json!({ "id": mail["id"] })).await;
        assert_eq!(refused["error"]["code"], "INVALID_INPUT", "{refused}");
        assert_eq!(mails(&app).await.iter().find(|one| one["id"] == mail["id"]).unwrap()["status"], "SENT");
        // What was answered before is answered so again.
        let repeated = change(&app, "resendMail", "mail { id }", keyed).await;
        assert_eq!(repeated["mail"]["id"], mail["id"], "{repeated}");
        assert_eq!(server.has(2).await.len(), 2);
    }
}

on_both_engines! {
    async fn a_link_that_ended_while_the_mail_server_was_slow_is_in_no_mail(engine) {
        let server = MailServer::start().await;
        let app = sending(engine, &server).spawn().await;
        server.greet(Some(Reply::End));
        let (_, second) = (book(&app, 1, TEN).await, book(&app, 2, ELEVEN).await);
        let is_noted = async || mails(&app).await.iter().filter(|mail| mail["outcome"] == "UNREACHABLE").count() == 2;
        assert!(comes_true(is_noted).await, "{:?}", mails(&app).await);
        server.answer("MAIL", Reply::Late("250 ok"), 2);
        server.greet(None);
        app.clock.set("2027-01-11T12:01:00Z");
        let are_taken = async || app.database.number("SELECT count(lease) FROM mail").await == 2;
        assert!(comes_true(are_taken).await, "{:?}", mails(&app).await);
        let input = json!({ "id": patient_of(&app, &second).await, "email": "moved@example.com" });
        let moved = change(&app, "updatePatient", "patient { id }", input).await;
        assert_eq!(moved["error"], Value::Null, "{moved}");
        let messages = server.has(2).await;
        let told = messages.iter().find(|message| message.to == "moved@example.com");
        let text = told.unwrap_or_else(|| panic!("{messages:?}")).read();
        let token = text.split("/visit/").nth(1).unwrap().split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
        assert_eq!(app.get(&format!("/visit/{token}")).await.status, 200);
    }
}

on_both_engines! {
    async fn what_a_server_says_of_who_sends_gives_no_mail_up(engine) {
        let server = MailServer::start().await;
        let app = sending(engine, &server).spawn().await;
        server.answer("MAIL", Reply::Line("550 5.7.60 no permission to send as this sender"), 1);
        book(&app, 1, TEN).await;
        become_so(&app, &[("CONFIRMATION", "PENDING", Some("PUT_OFF"))]).await;
        server.answer("RCPT", Reply::Line("554 5.7.1 relay access denied"), 1);
        app.clock.set("2027-01-11T12:01:00Z");
        let is_tried = async || mails(&app).await[0]["attempts"] == 2;
        assert!(comes_true(is_tried).await, "{:?}", mails(&app).await);
        app.clock.set("2027-01-11T14:00:00Z");
        server.has(1).await;
        become_so(&app, &[("CONFIRMATION", "SENT", Some("ACCEPTED"))]).await;
        assert!(server.names().iter().all(|name| name == "clinic.example"), "{:?}", server.names());
    }
}

on_both_engines! {
    async fn whoever_can_be_booked_can_be_written_to(engine) {
        let server = MailServer::start().await;
        let app = sending(engine, &server).spawn().await;
        let addresses = [
            ("jan@ex\u{e4}mple.de", "jan@xn--exmple-cua.de"),
            ("lit@[192.0.2.1]", "lit@[192.0.2.1]"),
            ("\"a,b\"@example.com", "\"a,b\"@example.com"),
        ];
        for (number, (written, _)) in addresses.iter().enumerate() {
            let mut visit = with_jane(number, ["2027-01-11T15:00:00Z", "2027-01-11T16:00:00Z", "2027-01-11T17:00:00Z"][number]);
            visit["patient"]["email"] = json!(written);
            let answer = app.book(&visit).await;
            assert_eq!(answer.status, 201, "{written}: {}", answer.text);
        }
        let messages = server.has(addresses.len()).await;
        for (_, sent) in addresses {
            assert!(messages.iter().any(|message| message.to == sent), "{sent}: {messages:?}");
        }
    }
}
