//! What the audit trail says of people and tokens: who has changed them, who has come in, and who was not
//! let in.

use clinic::db::audit;
use clinic::domain::Page;
use clinic::domain::audit::{AuditFilter, AuditKind, StoredAuditEntry};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    AUDIT_KEY, PASSWORD, TestApp, clinic, closed, comes_true, on_both_engines, rows, verified,
};

const WRONG: &str = "canary wrong password";

/// What a row says: who did it, to whom, what of them, and what came of it.
fn told(row: &StoredAuditEntry) -> String {
    let entry = &row.entry;
    let object = entry.object.as_deref().unwrap_or("-");
    format!("{} {} [{}] {}", entry.actor.kind, object, entry.fields, entry.outcome)
}

async fn all_told(app: &TestApp, operation: &str) -> Vec<String> {
    app.audited(operation).await.iter().map(told).collect()
}

/// The same when there are that many: of who was not let in nobody waits for the row.
async fn told_in_the_end(app: &TestApp, operation: &str, count: usize) -> Vec<String> {
    assert!(comes_true(async || app.audited(operation).await.len() >= count).await, "{operation}");
    all_told(app, operation).await
}

on_both_engines! {
    async fn every_change_of_people_and_tokens_leaves_a_row_that_names_which(engine) {
        let app = closed(engine).spawn().await;
        let ada = app.add_member("Ada Admin", "ADMIN", None).await;
        let administer = async |operation: &str, input: Value| app.administer(operation, "__typename", input).await;
        administer("createPerson", json!({ "name": "Ada Two", "email": "ADA.admin@clinic.example", "role": "VIEWER" })).await;
        administer("createPerson", json!({ "name": "Ada Two", "email": "canary", "role": "VIEWER" })).await;
        let id = &ada.id;
        assert_eq!(all_told(&app, "createPerson").await, [
            format!("API_TOKEN {id} [name email role provider invitation] OK"),
            "API_TOKEN - [] ALREADY_EXISTS".to_owned(),
            "API_TOKEN - [] INVALID_INPUT".to_owned(),
        ]);
        for input in [
            json!({ "id": id, "name": "Ada Adams", "email": "ada@clinic.example", "idempotencyKey": "k" }),
            json!({ "id": id, "name": "Ada Adams", "email": "ada@clinic.example", "idempotencyKey": "k" }),
            json!({ "id": id, "name": "Ada Adams" }),
            json!({ "id": id, "role": "VIEWER" }),
            json!({ "id": id, "name": "X", "expectedVersion": 1 }),
        ] {
            administer("updatePerson", input).await;
        }
        assert_eq!(all_told(&app, "updatePerson").await, [
            format!("API_TOKEN {id} [name email invitedUntil] OK"),
            format!("API_TOKEN {id} [] REPLAYED"),
            format!("API_TOKEN {id} [] UNCHANGED"),
            format!("API_TOKEN {id} [] IN_USE"),
            format!("API_TOKEN {id} [] VERSION_CONFLICT"),
        ]);
        app.add_member("Ben Admin", "ADMIN", None).await;
        administer("invitePerson", json!({ "id": id })).await;
        administer("disablePerson", json!({ "id": id })).await;
        administer("disablePerson", json!({ "id": id })).await;
        assert_eq!(all_told(&app, "invitePerson").await, [format!("API_TOKEN {id} [invitedUntil invitation] OK")]);
        assert_eq!(all_told(&app, "disablePerson").await, [
            format!("API_TOKEN {id} [invitedUntil disabledAt] OK"),
            format!("API_TOKEN {id} [] UNCHANGED"),
        ]);
        let (token, secret) = app.make_token("VIEWER", None).await;
        app.administer_as(&secret, "createToken", "__typename", json!({ "name": "x", "role": "ADMIN" })).await;
        administer("revokeToken", json!({ "id": token })).await;
        administer("revokeToken", json!({ "id": token })).await;
        assert_eq!(all_told(&app, "createToken").await, [
            format!("API_TOKEN {token} [name role provider expiresAt] OK"),
            "TOKEN - [] FORBIDDEN".to_owned(),
        ]);
        assert_eq!(all_told(&app, "revokeToken").await, [
            format!("API_TOKEN {token} [revokedAt] OK"),
            format!("API_TOKEN {token} [] UNCHANGED"),
        ]);
        let all = format!("{:?}", rows(&app.db).await);
        for canary in ["clinic.example", "canary", "cli_", "clt_", "Ada A"] {
            assert!(!all.contains(canary), "{canary}: {all}");
        }
        app.trail().seal().await.unwrap();
        let found = verified(&app.db).await;
        assert_eq!(found.found, 0, "{found:?}");
    }
}

on_both_engines! {
    async fn who_comes_in_and_who_is_not_let_in_is_told_with_the_address_and_without_a_secret(engine) {
        let app = closed(engine).spawn().await;
        let ada = app.add_member("Ada Admin", "ADMIN", None).await;
        let id = &ada.id;
        let set = async |invitation: &str, password: &str| {
            let body = json!({ "invitation": invitation, "password": password });
            app.post("/session/password", &body).await.status.as_u16()
        };
        assert_eq!(set("cli_canary", PASSWORD).await, 401);
        assert_eq!(set(&ada.invitation, "short").await, 422);
        app.accept(&ada.invitation).await;
        let mut passwords = told_in_the_end(&app, "setPassword", 3).await;
        passwords.sort();
        assert_eq!(passwords, [
            "NOBODY - [] UNAUTHENTICATED".to_owned(),
            format!("PERSON {id} [] INVALID_INPUT"),
            format!("PERSON {id} [hasPassword invitedUntil password] OK"),
        ]);

        assert_eq!(app.try_to_sign_in("canary@nowhere.example", PASSWORD).await.status, 401);
        told_in_the_end(&app, "signIn", 1).await;
        for _ in 0..5 {
            assert_eq!(app.try_to_sign_in(&ada.email, WRONG).await.status, 401);
        }
        assert_eq!(app.try_to_sign_in(&ada.email, PASSWORD).await.status, 429);
        told_in_the_end(&app, "signIn", 7).await;
        app.clock.advance(SignedDuration::from_mins(16));
        let cookie = app.sign_in(&ada).await;
        let signed = told_in_the_end(&app, "signIn", 8).await;
        let refused = vec![format!("NOBODY {id} [] UNAUTHENTICATED"); 5];
        let expected = ["NOBODY - [] UNAUTHENTICATED".to_owned()].into_iter().chain(refused)
            .chain(["NOBODY - [] RATE_LIMITED".to_owned(), format!("PERSON {id} [] OK")]);
        assert_eq!(signed, expected.collect::<Vec<_>>());
        let last = app.audited("signIn").await.pop().unwrap().entry;
        assert_eq!((last.kind, last.actor.role.as_ref(), last.actor.id.as_ref()), (AuditKind::Change, "ADMIN", Some(id)));
        assert_eq!(last.address.as_deref(), Some("127.0.0.1"));
        assert!(last.request_id.is_some());

        TestApp::send(app.by_own_page(Method::DELETE, "/session", &cookie)).await;
        // It is none any more: there is nobody to tell of.
        TestApp::send(app.by_own_page(Method::DELETE, "/session", &cookie)).await;
        assert_eq!(all_told(&app, "signOut").await, [format!("PERSON {id} [] OK")]);

        let answer = app.graphql_as(crate::support::API_TOKEN, "query ($id: ID!) { auditEvents(objectId: $id, first: 50) { totalCount
            nodes { operation objectId outcome actor { kind role } } } }", json!({ "id": id })).await;
        let found = &answer["data"]["auditEvents"];
        assert_eq!(found["totalCount"], 1 + 2 + 6 + 1, "{answer}");
        let nodes = found["nodes"].as_array().unwrap();
        assert!(nodes.iter().all(|node| node["objectId"] == json!(id)), "{answer}");
        assert_eq!(nodes[3]["actor"], json!({ "kind": "NOBODY", "role": "NONE" }), "{answer}");
        let all = format!("{:?}", rows(&app.db).await);
        for canary in ["canary", "clinic.example", PASSWORD, &ada.invitation, &cookie] {
            assert!(!all.contains(canary), "{canary}: {all}");
        }
    }
}

on_both_engines! {
    async fn a_flood_of_tries_for_accounts_that_are_not_there_fills_nothing(engine) {
        let app = closed(engine).spawn().await;
        for number in 0..25 {
            let invitation = json!({ "invitation": format!("cli_{number}"), "password": PASSWORD });
            assert_eq!(app.post("/session/password", &invitation).await.status, 401);
        }
        let ada = app.add_member("Ada Admin", "ADMIN", None).await;
        assert_eq!(app.try_to_sign_in(&ada.email, WRONG).await.status, 401);
        // Written in order: what came before it is written or is not.
        told_in_the_end(&app, "signIn", 1).await;
        assert_eq!(app.audited("setPassword").await.len(), 20);
    }
}

on_both_engines! {
    async fn a_person_or_a_token_that_is_changed_at_the_terminal_is_told_of_as_well(engine) {
        let app = closed(engine).by_a_machines_clock(SignedDuration::ZERO).spawn().await;
        let url = app.database.url.as_str();
        let with_key = [("DATABASE_URL", url), ("AUDIT_KEY", AUDIT_KEY), ("SCHEDULER_URL", "none")];
        let folder = app.database.folder.path();
        let run = async |arguments: &[&str]| clinic(folder, &with_key, arguments).await;
        run(&["person", "add", "--role", "admin", "--name", "Ada", "--email", "ada@clinic.example"]).await;
        run(&["person", "invite", "ada@clinic.example"]).await;
        run(&["person", "disable", "ada@clinic.example"]).await;
        run(&["token", "create", "--role", "viewer", "--name", "export"]).await;
        let token = app.audited("createToken").await.pop().unwrap().entry.object.unwrap();
        run(&["token", "revoke", &token]).await;
        let (created, invited) = (all_told(&app, "createPerson").await, all_told(&app, "invitePerson").await);
        assert!(created[0].starts_with("OPERATOR per_") && created[0].ends_with("OK"), "{created:?}");
        assert_eq!(invited.len(), 1, "{invited:?}");
        let disabled = all_told(&app, "disablePerson").await;
        assert!(disabled[0].starts_with("OPERATOR per_") && disabled[0].ends_with("IN_USE"), "{disabled:?}");
        assert_eq!(all_told(&app, "revokeToken").await, [format!("OPERATOR {token} [revokedAt] OK")]);
        app.trail().seal().await.unwrap();
        let found = verified(&app.db).await;
        assert_eq!(found.found, 0, "{found:?}");
        let of_token = AuditFilter { object_id: Some(token), ..AuditFilter::default() };
        assert_eq!(audit::page(app.db.read(), &of_token, Page::first(10)).await.unwrap().len(), 2);
    }
}
