//! Tokens of the provider, as callers bring them.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::provider::StubProvider;
use crate::support::{API_TOKEN, TestApp, WebSocketClient, on_both_engines};

/// What whoever bears that token is told to be: kind, name and role; null where they are refused.
async fn who(app: &TestApp, token: &str) -> Value {
    let query = "{ viewer { kind name role } }";
    app.graphql_as(token, query, json!({})).await["data"]["viewer"].clone()
}

fn ada(role: &str) -> Value {
    json!({ "kind": "PERSON", "name": "Ada Quist", "role": role })
}

/// The address of that member of the staff, as a provider has it that has looked.
fn verified(email: &str) -> Value {
    json!({ "email": email, "email_verified": true })
}

fn and(one: &Value, other: &Value) -> Value {
    let mut both = one.clone();
    both.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    both
}

on_both_engines! {
    async fn whoever_was_invited_at_a_verified_address_is_linked_once(engine) {
        let provider = StubProvider::start().await;
        let app = provider.clinic(engine, &[]).await;
        let member = app.add_member("Ada Quist", "SCHEDULER", None).await;
        let address = verified("ADA.quist@clinic.example");
        let token = |others: &Value| provider.token(&app, others);

        assert_eq!(who(&app, &token(&json!({}))).await, Value::Null, "nobody is linked");
        let unverified = json!({ "email": member.email, "email_verified": false });
        assert_eq!(who(&app, &token(&unverified)).await, Value::Null);
        assert_eq!(who(&app, &token(&verified("nobody@clinic.example"))).await, Value::Null);
        assert_eq!(app.database.number("SELECT count(*) FROM person WHERE oidc_subject IS NOT NULL").await, 0);

        assert_eq!(who(&app, &token(&address)).await, ada("SCHEDULER"));
        let person = app.graphql_as(API_TOKEN, "{ people { version invitedUntil } }", json!({})).await;
        assert_eq!(person["data"]["people"], json!([{ "version": 2, "invitedUntil": null }]));
        // By their subject from now on, whatever their address is.
        assert_eq!(who(&app, &token(&json!({}))).await, ada("SCHEDULER"));
        assert_eq!(who(&app, &token(&verified("new@elsewhere.example"))).await, ada("SCHEDULER"));
        let another = and(&address, &json!({ "sub": "another" }));
        assert_eq!(who(&app, &token(&another)).await, Value::Null, "linked to one account");
        let twice = app.database.number("SELECT count(*) FROM person WHERE version > 2").await;
        assert_eq!(twice, 0, "written once");

        app.administer("disablePerson", "__typename", json!({ "id": member.id })).await;
        assert_eq!(who(&app, &token(&address)).await, Value::Null);
    }
}

on_both_engines! {
    async fn of_many_accounts_with_one_address_at_once_one_is_linked(engine) {
        let provider = StubProvider::start().await;
        let app = provider.clinic(engine, &[]).await;
        let member = app.add_member("Ada Quist", "VIEWER", None).await;
        let tokens: Vec<String> = (0..8)
            .map(|account| {
                let account = json!({ "sub": format!("account-{account}") });
                provider.token(&app, &and(&verified(&member.email), &account))
            })
            .collect();
        let told = join_all(tokens.iter().map(|token| who(&app, token))).await;
        let (linked, refused): (Vec<_>, Vec<_>) = told.into_iter().partition(|who| !who.is_null());
        assert_eq!((linked, refused.len()), (vec![ada("VIEWER")], 7));
        // All of them asked for the keys at once, and one request did.
        assert_eq!(provider.asked("/realm/jwks"), 1);
    }
}

on_both_engines! {
    async fn a_role_claim_alone_gives_the_role(engine) {
        let provider = StubProvider::start().await;
        let app = provider.clinic(engine, &[("OIDC_ROLE_CLAIM", "https://clinic.example/role")]).await;
        let doctor = app.provider_id_as(API_TOKEN, "Dr. Jane Doe").await;
        let member = app.add_member("Ada Quist", "ADMIN", None).await;
        let clinician = app.add_member("Jane Doe", "CLINICIAN", Some(&doctor)).await;
        let as_role = async |subject: &str, email: &str, role: Value| {
            let role = json!({ "sub": subject, "https://clinic.example/role": role });
            who(&app, &provider.token(&app, &and(&verified(email), &role))).await
        };
        for refused in [json!("admin"), json!("KING"), json!(["ADMIN", "VIEWER"]), json!(7), json!("CLINICIAN")] {
            assert_eq!(as_role("a", &member.email, refused.clone()).await, Value::Null, "{refused}");
        }
        let none = provider.token(&app, &and(&verified(&member.email), &json!({ "sub": "a" })));
        assert_eq!(who(&app, &none).await, Value::Null, "the role that is noted here counts for nothing");
        assert_eq!(as_role("a", &member.email, json!("VIEWER")).await, ada("VIEWER"));
        assert_eq!(as_role("a", &member.email, json!(["AUDITOR"])).await, ada("AUDITOR"));
        assert_eq!(as_role("a", &member.email, json!("CLINICIAN")).await, Value::Null, "they are no provider");
        assert_eq!(as_role("j", &clinician.email, json!("CLINICIAN")).await["role"], "CLINICIAN");
        assert_eq!(as_role("j", &clinician.email, json!("VIEWER")).await["role"], "VIEWER");
        // Nothing of it is written down.
        let noted = app.graphql_as(API_TOKEN, "{ people { role } }", json!({})).await;
        assert_eq!(noted["data"]["people"], json!([{ "role": "ADMIN" }, { "role": "CLINICIAN" }]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_refusal_is_told_in_the_words_for_no_token_at_all() {
    let provider = StubProvider::start().await;
    let app = provider.clinic(crate::support::Engine::Sqlite, &[]).await;
    let member = app.add_member("Ada Quist", "SCHEDULER", None).await;
    let address = verified(&member.email);
    let now = clinic::domain::Clock::now(app.clock.as_ref()).as_second();
    let nothing = app.get("/providers").await;
    assert_eq!(nothing.problem(), (401, "UNAUTHENTICATED".to_owned()));
    let right = provider.token(&app, &address);
    let parts: Vec<&str> = right.split('.').collect();
    let other = StubProvider::start().await;
    for (what, token) in [
        ("issuer", provider.token(&app, &json!({ "iss": other.issuer }))),
        ("audience", provider.token(&app, &json!({ "aud": "another" }))),
        ("expired", provider.token(&app, &json!({ "exp": now - 30 }))),
        ("early", provider.token(&app, &json!({ "nbf": now + 31 }))),
        ("key", other.token(&app, &json!({ "iss": provider.issuer }))),
        ("nobody", provider.token(&app, &json!({ "sub": "nobody" }))),
        ("signature", format!("{}.{}.{}", parts[0], parts[1], "A".repeat(86))),
        ("unsigned", format!("{}.{}.", parts[0], parts[1])),
        ("garbage", "eyJ.eyJ.eyJ".to_owned()),
    ] {
        // More of them than wrong tokens of other kinds are looked at.
        for _ in 0..3 {
            let request = app.request(reqwest::Method::GET, "/providers").bearer_auth(&token);
            let answer = TestApp::send(request).await;
            assert_eq!((answer.status.as_u16(), &answer.text), (401, &nothing.text), "{what}");
        }
    }
    assert_eq!(who(&app, &right).await, ada("SCHEDULER"));
    let request = app.request(reqwest::Method::GET, "/providers").bearer_auth(&right);
    assert_eq!(TestApp::send(request).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_connection_ends_with_its_token_and_a_flood_asks_for_keys_once() {
    let provider = StubProvider::start().await;
    let app = provider.clinic(crate::support::Engine::Sqlite, &[]).await;
    let member = app.add_member("Ada Quist", "SCHEDULER", None).await;
    let token = provider.token(&app, &verified(&member.email));
    let mut socket = WebSocketClient::open(&app).await;
    let init = json!({ "type": "connection_init", "payload": { "Authorization": format!("Bearer {token}") } });
    socket.say(&init).await;
    assert_eq!(socket.hear().await.unwrap()["type"], "connection_ack");

    // The header of that token, with another key's name.
    let unknown = |number: usize| {
        use base64::Engine as _;
        let header = json!({ "alg": "EdDSA", "kid": format!("unknown-{number}") }).to_string();
        let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(header);
        format!("{header}.{}", token.split_once('.').unwrap().1)
    };
    for _minute in 0..3 {
        let flood: Vec<String> = (0..50).map(unknown).collect();
        assert!(
            join_all(flood.iter().map(|token| who(&app, token))).await.iter().all(Value::is_null)
        );
        app.clock.advance(SignedDuration::from_secs(60));
    }
    assert_eq!(provider.asked("/realm/jwks"), 3);

    // Five minutes and the half that clocks may differ by.
    app.clock.advance(SignedDuration::from_secs(149));
    assert_eq!(who(&app, &token).await, ada("SCHEDULER"));
    app.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(socket.closed_with().await.0, 4403);
    assert_eq!(who(&app, &token).await, Value::Null);
}
