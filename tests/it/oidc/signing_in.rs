//! Signing in at the provider, as a browser does.

use std::collections::HashMap;

use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use url::Url;

use super::provider::{CLIENT, StubProvider, basic};
use crate::support::{API_TOKEN, Engine, TestApp, capture, logged, on_both_engines};

fn browser() -> Client {
    Client::builder().no_proxy().redirect(Policy::none()).build().unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

/// The cookies that an answer has a browser keep, or forget.
fn cookies(response: &Response) -> Vec<String> {
    let all = response.headers().get_all("set-cookie").iter();
    all.map(|value| value.to_str().unwrap().to_owned()).collect()
}

/// A browser on its way to the provider.
struct Departed {
    cookie: String,
    asked: HashMap<String, String>,
}

async fn depart(app: &TestApp, next: &str) -> Departed {
    let url = format!("{}/session/oidc{next}", app.url);
    // From the page of ours, or from wherever somebody has a link to it.
    let response = browser().get(url).header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(response.status(), 303);
    let [kept] = cookies(&response).try_into().unwrap();
    let (cookie, attributes) = kept.split_once("; ").unwrap();
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Lax; Max-Age=600");
    let location = Url::parse(header(&response, "location")).unwrap();
    Departed { cookie: cookie.to_owned(), asked: location.query_pairs().into_owned().collect() }
}

impl Departed {
    /// Comes back with a code, or with what the test puts there instead.
    async fn arrives(&self, app: &TestApp, issuer: &str, others: &[(&str, &str)]) -> Response {
        let mut query = HashMap::from([("code", "the-code"), ("iss", issuer)]);
        query.insert("state", &self.asked["state"]);
        query.extend(others.iter().copied().filter(|(_, value)| !value.is_empty()));
        for (name, _) in others.iter().filter(|(_, value)| value.is_empty()) {
            query.remove(name);
        }
        let mut url = Url::parse(&format!("{}/session/oidc/callback", app.url)).unwrap();
        url.query_pairs_mut().extend_pairs(query);
        // From the provider's page, on another site.
        let request = browser().get(url).header("cookie", &self.cookie);
        request.header("sec-fetch-site", "cross-site").send().await.unwrap()
    }
}

fn verified(provider: &StubProvider, app: &TestApp, departed: &Departed, others: &Value) -> Value {
    let mut claims = json!({
        "email": "ada.quist@clinic.example", "email_verified": true, "nonce": departed.asked["nonce"],
    });
    claims.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
    provider.claims(app, &claims)
}

/// Fails unless the answer is the page to sign in with, and nobody was signed in.
async fn assert_told(response: Response, status: u16, words: &str) {
    let forgets = cookies(&response);
    assert_eq!((response.status().as_u16(), forgets.len()), (status, 1), "{words}: {forgets:?}");
    assert!(
        forgets[0].starts_with("clinic-oidc=; ") && forgets[0].ends_with("Max-Age=0"),
        "{forgets:?}"
    );
    assert_eq!(header(&response, "content-type"), "text/html; charset=utf-8");
    let page = response.text().await.unwrap();
    assert!(page.contains(words) && page.contains("name=\"password\""), "{page}");
}

on_both_engines! {
    async fn whoever_was_invited_signs_in_and_is_led_on(engine) {
        let provider = StubProvider::start().await;
        let app = provider.clinic(engine, &[]).await;
        let member = app.add_member("Ada Quist", "SCHEDULER", None).await;
        let departed = depart(&app, "?next=/docs/%3Fa%3Db").await;
        let redirect = format!("{}/session/oidc/callback", app.url);
        for (name, expected) in [
            ("client_id", CLIENT), ("response_type", "code"), ("redirect_uri", &redirect),
            ("scope", "openid email profile"), ("code_challenge_method", "S256"),
        ] {
            assert_eq!(departed.asked[name], expected);
        }
        provider.next_code_is_worth(verified(&provider, &app, &departed, &json!({})));
        let arrived = departed.arrives(&app, &provider.issuer, &[]).await;
        assert_eq!((arrived.status().as_u16(), header(&arrived, "location")), (303, "/docs/?a=b"));
        let kept = cookies(&arrived);
        assert!(kept.iter().any(|one| one.starts_with("clinic-oidc=;") && one.ends_with("Max-Age=0")), "{kept:?}");
        let session = kept.iter().find(|one| one.starts_with("clinic=cls_")).unwrap();
        let session = session.split(';').next().unwrap();
        let who = TestApp::send(app.by_own_page(Method::GET, "/session", session)).await.json();
        assert_eq!((&who["id"], &who["name"], &who["role"]), (&json!(member.id), &json!("Ada Quist"), &json!("SCHEDULER")));

        let (form, authorization) = provider.handed_in();
        assert_eq!(authorization, basic());
        assert_eq!((form["grant_type"].as_str(), form["code"].as_str()), ("authorization_code", "the-code"));
        assert_eq!(form["redirect_uri"], redirect);
        assert_eq!(form["code_verifier"].len(), 43);

        // Once more, as whoever finds the address and the cookie would.
        provider.next_code_is_worth(verified(&provider, &app, &departed, &json!({})));
        let again = departed.arrives(&app, &provider.issuer, &[]).await;
        assert_told(again, 400, "took too long").await;
        // The cookie of the way opens nothing else.
        let opened = app.by_own_page(Method::GET, "/session", &departed.cookie);
        assert_eq!(TestApp::send(opened).await.status, 401);
    }
}

on_both_engines! {
    async fn a_session_keeps_the_role_that_the_claim_gave(engine) {
        let provider = StubProvider::start().await;
        let app = provider.clinic(engine, &[("OIDC_ROLE_CLAIM", "role")]).await;
        let member = app.add_member("Ada Quist", "SCHEDULER", None).await;
        let departed = depart(&app, "").await;
        provider.next_code_is_worth(verified(&provider, &app, &departed, &json!({ "role": "VIEWER" })));
        let arrived = departed.arrives(&app, &provider.issuer, &[]).await;
        assert_eq!((arrived.status().as_u16(), header(&arrived, "location")), (303, "/"));
        let kept = cookies(&arrived);
        let session = kept.iter().find(|one| one.starts_with("clinic=cls_")).unwrap().split(';').next().unwrap();
        let role = async || {
            let who = TestApp::send(app.by_own_page(Method::GET, "/session", session)).await;
            who.json()["role"].as_str().unwrap_or("nobody").to_owned()
        };
        assert_eq!(role().await, "VIEWER");
        let change = json!({ "id": member.id, "role": "AUDITOR" });
        app.administer("updatePerson", "__typename", change).await;
        assert_eq!(role().await, "VIEWER", "what is noted here counts for nothing");
        app.administer("disablePerson", "__typename", json!({ "id": member.id })).await;
        assert_eq!(role().await, "nobody");

        for claimed in [json!({ "role": "KING" }), json!({})] {
            let departed = depart(&app, "").await;
            provider.next_code_is_worth(verified(&provider, &app, &departed, &claimed));
            let arrived = departed.arrives(&app, &provider.issuer, &[]).await;
            assert_told(arrived, 403, "nobody here").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_not_signed_in_is_told_why_on_the_page_and_nothing_secret_is_logged() {
    capture();
    let provider = StubProvider::start().await;
    let app = provider.clinic(Engine::Sqlite, &[]).await;
    app.add_member("Ada Quist", "SCHEDULER", None).await;
    let evil = "https://evil.example";
    for (others, status, words) in [
        (&[("state", "another")][..], 400, "does not belong"),
        (&[("state", "")], 400, "does not belong"),
        (&[("iss", evil)], 400, "does not belong"),
        (&[("iss", "")], 400, "does not belong"),
        (&[("code", "")], 400, "does not belong"),
        (
            &[("error", "access_denied"), ("error_description", "<b>words of others</b>")],
            403,
            "did not sign you in",
        ),
        // Nobody has told the provider what this code is worth.
        (&[("code", "spent")], 400, "took too long"),
    ] {
        let departed = depart(&app, "").await;
        assert_told(departed.arrives(&app, &provider.issuer, others).await, status, words).await;
    }
    for (others, status, words) in [
        (json!({ "nonce": "another" }), 403, "did not sign you in"),
        (json!({ "aud": "another" }), 403, "did not sign you in"),
        (json!({ "azp": "another" }), 403, "did not sign you in"),
        (json!({ "at_hash": "another" }), 403, "did not sign you in"),
        (json!({ "exp": 1 }), 403, "did not sign you in"),
        (json!({ "email_verified": false }), 403, "nobody here"),
        (json!({ "email": "eve@elsewhere.example" }), 403, "nobody here"),
    ] {
        let departed = depart(&app, "").await;
        provider.next_code_is_worth(verified(&provider, &app, &departed, &others));
        assert_told(departed.arrives(&app, &provider.issuer, &[]).await, status, words).await;
    }
    let departed = depart(&app, "").await;
    let without = Departed { cookie: "clinic=cls_0".to_owned(), ..departed };
    assert_told(without.arrives(&app, &provider.issuer, &[]).await, 400, "took too long").await;

    // What came was in addresses, cookies and bodies; none of it is in the log.
    let log = logged();
    let secrets = [
        &without.asked["state"],
        &without.asked["nonce"],
        "the-code",
        "elsewhere.example",
        "words of others",
    ];
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
    assert!(log.contains("A sign-in at the identity provider came to nothing"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_https_the_cookie_is_the_hosts_own_and_the_way_leads_back_there() {
    let provider = StubProvider::start().await;
    let settings = [("PUBLIC_URL", "https://clinic.example/booking")];
    let app = provider.clinic(Engine::Sqlite, &settings).await;
    let response = browser()
        .get(format!("{}/session/oidc", app.url))
        .header("host", "clinic.example")
        .send()
        .await
        .unwrap();
    let kept = cookies(&response);
    assert!(
        kept[0].starts_with("__Host-clinic-oidc=") && kept[0].ends_with("; Secure; Max-Age=600"),
        "{kept:?}"
    );
    let location = Url::parse(header(&response, "location")).unwrap();
    assert!(location.as_str().starts_with(&provider.issuer));
    let redirect = location.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1;
    assert_eq!(redirect, "https://clinic.example/booking/session/oidc/callback");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_provider_there_is_no_way_and_one_that_is_down_is_told() {
    let app = crate::support::closed(Engine::Sqlite).spawn().await;
    for path in ["/session/oidc", "/session/oidc/callback?code=a&state=b"] {
        assert_eq!(app.get(path).await.problem(), (404, "NOT_FOUND".to_owned()));
    }
    let page = app.get("/sign-in").await;
    assert!(!page.text.contains("/session/oidc"), "{page:?}");

    let provider = StubProvider::start().await;
    let app = provider.clinic(Engine::Sqlite, &[]).await;
    let page = app.get("/sign-in?next=/docs/%3Fa%3Db%26c").await;
    assert!(page.text.contains("href=\"/session/oidc?next=%2Fdocs%2F%3Fa%3Db%26c\""), "{page:?}");
    provider.always(Some(500));
    let told = app.get("/session/oidc").await;
    assert_eq!(told.status, 503);
    assert!(
        told.text.contains("can&#39;t be reached") && told.headers.get("set-cookie").is_none(),
        "{told:?}"
    );
    let asked = || provider.asked("/realm/.well-known/openid-configuration");
    assert_eq!(app.get("/session/oidc").await.status, 503);
    assert_eq!(asked(), 1, "not again at once");
    provider.always(None);
    app.clock.advance(jiff::SignedDuration::from_secs(10));
    depart(&app, "").await;
    assert_eq!(asked(), 2);
    let viewer = app.graphql_as(API_TOKEN, "{ viewer { kind } }", json!({})).await;
    assert_eq!(viewer["data"]["viewer"]["kind"], "API_TOKEN");
}
