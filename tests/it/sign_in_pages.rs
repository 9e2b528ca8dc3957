//! The pages to sign in with, without a script.

use reqwest::{Client, Method, redirect};
use serde_json::json;

use crate::support::{
    Answer, Engine, Member, PASSWORD, TestApp, closed, cookie_of, on_both_engines,
};

/// Sends a form as a page of that origin does, and follows no redirect.
async fn send_form(
    app: &TestApp,
    origin: Option<&str>,
    path: &str,
    fields: &[(&str, &str)],
    cookie: &str,
) -> Answer {
    let client = Client::builder().no_proxy().redirect(redirect::Policy::none()).build().unwrap();
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = client
        .post(format!("{}{path}", app.url))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", cookie)
        .body(body);
    let request = origin.iter().fold(request, |one, origin| one.header("origin", *origin));
    TestApp::send(request).await
}

async fn form(app: &TestApp, path: &str, fields: &[(&str, &str)]) -> Answer {
    send_form(app, Some(app.url.as_str()), path, fields, "").await
}

async fn invited(app: &TestApp) -> Member {
    app.add_member("Ada <b>Admin</b>", "ADMIN", None).await
}

on_both_engines! {
    async fn whoever_is_invited_sets_a_password_and_signs_in_by_forms(engine) {
        let app = closed(engine).spawn().await;
        let ada = app.add_member("Ada Admin", "ADMIN", None).await;
        let set = form(&app, "/sign-in/password", &[("invitation", &ada.invitation), ("password", PASSWORD)]).await;
        assert_eq!((set.status.as_u16(), set.header("location")), (303, "/sign-in?done=password"), "{set:?}");
        assert!(app.get("/sign-in?done=password").await.text.contains("Your password is set"));
        let fields = [("email", ada.email.as_str()), ("password", PASSWORD), ("next", "/graphql")];
        let signed_in = form(&app, "/sign-in", &fields).await;
        assert_eq!((signed_in.status.as_u16(), signed_in.header("location")), (303, "/graphql"), "{signed_in:?}");
        let cookie = cookie_of(&signed_in);
        assert_eq!(app.session_status(&cookie).await, 200);
        let page = app.request(Method::GET, "/sign-in").header("sec-fetch-site", "none").header("cookie", &cookie);
        let page = TestApp::send(page).await;
        assert!(page.text.contains("You are signed in") && page.text.contains("Ada Admin"), "{page:?}");
        let out = send_form(&app, Some(app.url.as_str()), "/sign-in", &[("sign_out", "true")], &cookie).await;
        assert_eq!((out.status.as_u16(), out.header("location")), (303, "/sign-in?done=signed-out"), "{out:?}");
        assert_eq!(app.session_status(&cookie).await, 401);
    }
}

on_both_engines! {
    async fn a_form_says_what_is_wrong_and_repeats_what_was_sent_as_text_alone(engine) {
        let app = closed(engine).spawn().await;
        let ada = app.add_member("Ada Admin", "ADMIN", None).await;
        let wrong = form(&app, "/sign-in", &[("email", "\"><script>x@a.example"), ("password", "wrong password")]).await;
        assert_eq!(wrong.status, 401, "{wrong:?}");
        assert!(wrong.text.contains("role=\"alert\"") && wrong.text.contains("address or the password is wrong"));
        assert!(!wrong.text.contains("<script") && !wrong.text.contains("wrong password\""), "{wrong:?}");
        assert!(wrong.text.contains("<title>Error: Sign in"), "{wrong:?}");
        let short = form(&app, "/sign-in/password", &[("invitation", &ada.invitation), ("password", "short")]).await;
        assert!(short.status == 422 && short.text.contains("at least 12 characters"), "{short:?}");
        assert!(!short.text.contains(&ada.invitation), "it is typed again");
        let used = form(&app, "/sign-in/password", &[("invitation", "cli_0"), ("password", PASSWORD)]).await;
        assert!(used.status == 401 && used.text.contains("does not count"), "{used:?}");
        for _ in 0..5 {
            form(&app, "/sign-in", &[("email", &ada.email), ("password", "wrong password")]).await;
        }
        let throttled = form(&app, "/sign-in", &[("email", &ada.email), ("password", PASSWORD)]).await;
        assert_eq!((throttled.status.as_u16(), throttled.header("retry-after")), (429, "900"), "{throttled:?}");
        assert!(throttled.text.contains("try again in 15 minutes"), "{throttled:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_of_anybody_elses_page_does_nothing() {
    let listed = "https://desk.example.com";
    let app = closed(Engine::Sqlite).setting("CORS_ORIGINS", listed).spawn().await;
    let ada = invited(&app).await;
    for origin in [None, Some(listed), Some("https://evil.example"), Some("null")] {
        let fields = [("invitation", ada.invitation.as_str()), ("password", PASSWORD)];
        for (path, fields) in
            [("/sign-in/password", &fields[..]), ("/sign-in", &[("sign_out", "true")])]
        {
            let answer = send_form(&app, origin, path, fields, "").await;
            assert_eq!(answer.problem(), (403, "FORBIDDEN_ORIGIN".to_owned()), "{origin:?} {path}");
        }
    }
    app.accept(&ada.invitation).await;
    // Nothing but these two takes a form, and they take nothing else.
    for path in ["/session", "/session/password", "/appointment", "/graphql"] {
        let answer = form(&app, path, &[("email", &ada.email), ("password", PASSWORD)]).await;
        assert!([401, 415].contains(&answer.status.as_u16()), "{path}: {answer:?}");
    }
    let json = app
        .request(Method::POST, "/sign-in")
        .header("origin", &app.url)
        .json(&json!({ "email": "x" }));
    assert_eq!(TestApp::send(json).await.status, 415);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_ask_nobody_else_for_anything_and_send_nobody_elsewhere() {
    let app = closed(Engine::Sqlite).spawn().await;
    let ada = invited(&app).await;
    app.accept(&ada.invitation).await;
    for path in ["/sign-in", "/sign-in/password"] {
        let page = app.get(path).await;
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{policy}");
        assert!(
            policy.contains("form-action 'self'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert_eq!(
            (page.header("referrer-policy"), page.header("cache-control")),
            ("same-origin", "private, no-store")
        );
        assert!(!page.text.contains("<script") && !page.text.contains("style="), "{page:?}");
        for loaded in
            page.text.split("href=\"/").skip(1).map(|rest| rest.split('"').next().unwrap())
        {
            assert_eq!(app.get(&format!("/{loaded}")).await.status, 200, "{loaded}");
        }
    }
    for next in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/.//evil.example",
        "javascript:x",
    ] {
        let query =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
        assert!(!app.get(&format!("/sign-in?{query}")).await.text.contains("evil"), "{next}");
        let fields = [("email", ada.email.as_str()), ("password", PASSWORD), ("next", next)];
        assert_eq!(form(&app, "/sign-in", &fields).await.header("location"), "/", "{next}");
    }
    let cookie =
        cookie_of(&form(&app, "/sign-in", &[("email", &ada.email), ("password", PASSWORD)]).await);
    let page = app
        .request(Method::GET, "/sign-in")
        .header("sec-fetch-site", "same-origin")
        .header("cookie", &cookie);
    let page = TestApp::send(page).await.text;
    assert!(page.contains("Ada &lt;b&gt;Admin&lt;/b&gt;"), "{page}");
    // From a link of somebody else's page nothing is told of who is signed in.
    let linked = app
        .request(Method::GET, "/sign-in")
        .header("sec-fetch-site", "cross-site")
        .header("cookie", &cookie);
    assert!(!TestApp::send(linked).await.text.contains("Ada"));
}
