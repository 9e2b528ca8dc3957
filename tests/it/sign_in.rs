//! Sessions: how they begin, for whom their cookie counts, and when they end.

use clinic::people::Visitor;
use futures_util::future::join_all;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

use crate::support::{
    API_TOKEN, Engine, PASSWORD, TestApp, closed, cookie_of, john, on_both_engines,
};

const DENIED: u16 = 401;

on_both_engines! {
    async fn whoever_has_a_password_signs_in_and_out(engine) {
        let app = closed(engine).spawn().await;
        let ada = app.add_member("Ada Admin", "ADMIN", None).await;
        app.accept(&ada.invitation).await;
        let answer = app.try_to_sign_in(" ADA.Admin@clinic.example", PASSWORD).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let kept = answer.header("set-cookie");
        assert!(kept.starts_with("clinic=cls_") && kept.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{kept}");
        let who = answer.json();
        assert_eq!((&who["kind"], &who["id"], &who["name"], &who["role"]),
            (&json!("PERSON"), &json!(ada.id), &json!("Ada Admin"), &json!("ADMIN")));
        assert_eq!(answer.header("cache-control"), "private, no-store");

        let cookie = cookie_of(&answer);
        let shown = TestApp::send(app.by_own_page(Method::GET, "/session", &cookie)).await;
        assert_eq!((shown.status.as_u16(), shown.json()), (200, who));
        let body = json!({ "query": "{ viewer { kind name role } }" });
        let asked = TestApp::send(app.by_own_page(Method::POST, "/graphql", &cookie).json(&body)).await;
        let viewer = json!({ "kind": "PERSON", "name": "Ada Admin", "role": "ADMIN" });
        assert_eq!(asked.json()["data"]["viewer"], viewer, "{asked:?}");
        let booked = app.by_own_page(Method::POST, "/appointment", &cookie).json(&json!({ "patient": john() }));
        assert_eq!(TestApp::send(booked).await.status, 201);

        let out = TestApp::send(app.by_own_page(Method::DELETE, "/session", &cookie)).await;
        assert_eq!((out.status.as_u16(), out.header("set-cookie").ends_with("Max-Age=0")), (204, true), "{out:?}");
        assert_eq!(app.session_status(&cookie).await, DENIED);
        // Once more is no fault.
        assert_eq!(TestApp::send(app.request(Method::DELETE, "/session")).await.status, 204);
        // What is stored opens nothing.
        assert_eq!(app.database.number("SELECT count(*) FROM session").await, 0);
    }
}

on_both_engines! {
    async fn what_is_wrong_is_told_in_the_same_words_whoever_there_is(engine) {
        let app = closed(engine).spawn().await;
        let (ada, _) = app.signed_in("Ada Admin", "ADMIN").await;
        let (ben, _) = app.signed_in("Ben Desk", "SCHEDULER").await;
        app.administer("disablePerson", "__typename", json!({ "id": ben.id })).await;
        let invited = app.add_member("Cleo View", "VIEWER", None).await;
        let mut told = Vec::new();
        for (email, password) in [
            (ada.email.as_str(), "seven wise badger"),
            (ada.email.as_str(), "SEVEN WISE BADGERS"),
            (ben.email.as_str(), PASSWORD),
            (invited.email.as_str(), PASSWORD),
            ("nobody@clinic.example", PASSWORD),
            ("not an address", PASSWORD),
        ] {
            let answer = app.try_to_sign_in(email, password).await;
            assert_eq!(answer.problem(), (DENIED, "UNAUTHENTICATED".to_owned()), "{email}");
            assert!(answer.headers.get("set-cookie").is_none());
            told.push(answer.text);
        }
        told.dedup();
        assert_eq!(told.len(), 1, "{told:?}");
        for (body, pointer) in [
            (json!({ "email": "a@b.example" }), "/password"),
            (json!({ "password": "x" }), "/email"),
            (json!({ "email": 1, "password": "x" }), "/email"),
            (json!({ "email": "a@b.example", "password": "x", "more": 1 }), "/more"),
        ] {
            let answer = app.post("/session", &body).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["errors"][0]["pointer"]), (422, &json!(pointer)));
        }
    }
}

on_both_engines! {
    async fn five_wrong_tries_are_looked_at_and_a_session_that_is_open_stays(engine) {
        let app = closed(engine).spawn().await;
        let (ada, cookie) = app.signed_in("Ada Admin", "ADMIN").await;
        for email in [ada.email.as_str(), "nobody@clinic.example"] {
            // All at once, and none more than five.
            let tries = (0..12).map(|n| format!("wrong password {n}"));
            let asked = join_all(tries.map(async |guess| app.try_to_sign_in(email, &guess).await)).await;
            let statuses: Vec<u16> = asked.iter().map(|answer| answer.status.as_u16()).collect();
            assert_eq!(statuses.iter().filter(|status| **status == DENIED).count(), 5, "{statuses:?}");
            assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 7, "{statuses:?}");
            let throttled = app.try_to_sign_in(email, PASSWORD).await;
            assert_eq!(throttled.problem(), (429, "RATE_LIMITED".to_owned()), "{email}");
            assert_eq!(throttled.header("retry-after"), "900");
        }
        assert_eq!(app.session_status(&cookie).await, 200);
        let ben = app.signed_in("Ben Desk", "SCHEDULER").await;
        assert_eq!(app.session_status(&ben.1).await, 200, "others are not kept out");
        app.clock.advance(SignedDuration::from_secs(899));
        assert_eq!(app.try_to_sign_in(&ada.email, PASSWORD).await.status, 429);
        app.clock.advance(SignedDuration::from_secs(1));
        assert_eq!(app.try_to_sign_in(&ada.email, PASSWORD).await.status, 200);
        // What was right takes back what was wrong before it.
        for _ in 0..2 {
            for _ in 0..4 {
                assert_eq!(app.try_to_sign_in(&ada.email, "wrong password").await.status, DENIED);
            }
            assert_eq!(app.try_to_sign_in(&ada.email, PASSWORD).await.status, 200);
        }
    }
}

on_both_engines! {
    async fn a_network_of_ipv6_has_one_budget_of_tries(engine) {
        let app = closed(engine).spawn().await;
        for host in 1..=6 {
            let address = format!("2001:db8::{host}").parse().unwrap();
            let from = Visitor { address, request_id: None };
            let people = &app.services.people;
            let refused = people.sign_in("nobody@clinic.example", "wrong password", &from).await;
            let code = refused.err().map(|refusal| refusal.code().as_str());
            let expected = if host <= 5 { "UNAUTHENTICATED" } else { "RATE_LIMITED" };
            assert_eq!(code, Some(expected), "{host}");
        }
    }
}

on_both_engines! {
    async fn a_session_ends_without_an_act_of_the_person_and_at_the_latest_when_it_must(engine) {
        let app = closed(engine).spawn().await;
        let (ada, cookie) = app.signed_in("Ada Admin", "ADMIN").await;
        let minutes = |minutes| app.clock.advance(SignedDuration::from_mins(minutes));
        minutes(29);
        assert_eq!(app.session_status(&cookie).await, 200);
        minutes(29);
        // A page that looks by itself, and a stream that is opened again, are no acts.
        let looks = app.by_own_page(Method::GET, "/session", &cookie).header("x-clinic-background", "1");
        assert_eq!(TestApp::send(looks).await.status, 200);
        let query = json!({ "query": "{ viewer { kind } }" });
        let stream = app.by_own_page(Method::POST, "/graphql", &cookie).header("accept", "text/event-stream");
        assert_eq!(TestApp::send(stream.json(&query)).await.status, 200);
        minutes(1);
        assert_eq!(app.session_status(&cookie).await, DENIED);

        let cookie = app.sign_in(&ada).await;
        for _ in 0..28 {
            minutes(25);
            assert_eq!(app.session_status(&cookie).await, 200);
        }
        minutes(19);
        assert_eq!(app.session_status(&cookie).await, 200);
        minutes(1);
        assert_eq!(app.session_status(&cookie).await, DENIED, "after twelve hours");

        let short = closed(engine).setting("SESSION_IDLE_MINUTES", "1").setting("SESSION_HOURS", "1").spawn().await;
        let (_, cookie) = short.signed_in("Ada Admin", "ADMIN").await;
        short.clock.advance(SignedDuration::from_secs(60));
        assert_eq!(short.session_status(&cookie).await, DENIED);
    }
}

on_both_engines! {
    async fn another_role_counts_for_the_next_request(engine) {
        let app = closed(engine).spawn().await;
        let (ben, cookie) = app.signed_in("Ben Desk", "SCHEDULER").await;
        let role = async || TestApp::send(app.by_own_page(Method::GET, "/session", &cookie)).await.json()["role"].clone();
        assert_eq!(role().await, "SCHEDULER");
        app.administer("updatePerson", "__typename", json!({ "id": ben.id, "role": "VIEWER" })).await;
        assert_eq!(role().await, "VIEWER");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cookie_counts_for_pages_of_ours_alone() {
    let listed = "https://desk.example.com";
    let app = closed(Engine::Sqlite).setting("CORS_ORIGINS", listed).spawn().await;
    let (_, cookie) = app.signed_in("Ada Admin", "ADMIN").await;
    let own = app.url.clone();
    let sent = async |method: Method, path: &str, headers: &[(&str, &str)]| {
        let request = app.request(method, path).header("cookie", &cookie);
        let request = headers.iter().fold(request, |one, (name, value)| one.header(*name, *value));
        let body = json!({ "patient": john() });
        let request = if path == "/appointment" { request.json(&body) } else { request };
        TestApp::send(request).await
    };
    for headers in [
        &[("origin", own.as_str())][..],
        &[("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "none")],
        &[("origin", own.as_str()), ("sec-fetch-site", "same-origin")],
    ] {
        assert_eq!(sent(Method::GET, "/providers", headers).await.status, 200, "{headers:?}");
    }
    for headers in [
        &[][..],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", listed)],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site")],
        &[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")],
    ] {
        for (method, path) in [
            (Method::GET, "/patients"),
            (Method::GET, "/graphql?query=%7Bpatients%7BtotalCount%7D%7D"),
            (Method::POST, "/appointment"),
            (Method::DELETE, "/session"),
        ] {
            let answer = sent(method.clone(), path, headers).await;
            assert_eq!(
                answer.problem(),
                (403, "FORBIDDEN_ORIGIN".to_owned()),
                "{method} {path} {headers:?}"
            );
            assert!(answer.headers.get("access-control-allow-credentials").is_none());
        }
    }
    // A POST that says nothing of its page is nobody's.
    let silent = sent(Method::POST, "/appointment", &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(silent.status, 403);
    assert_eq!(app.database.number("SELECT count(*) FROM appointment").await, 0);
    assert_eq!(app.session_status(&cookie).await, 200, "nobody was signed out");
    // A token goes before the cookie that a browser sends as well.
    let bearer = format!("Bearer {API_TOKEN}");
    let both =
        sent(Method::GET, "/patients", &[("origin", listed), ("authorization", &bearer)]).await;
    assert_eq!(both.status, 200);
    let preflight = [("origin", listed), ("access-control-request-method", "POST")];
    let allowed = sent(Method::OPTIONS, "/appointment", &preflight).await;
    assert!(allowed.headers.get("access-control-allow-credentials").is_none(), "{allowed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_signed_in_by_a_page_of_others() {
    let listed = "https://desk.example.com";
    let app = closed(Engine::Sqlite).setting("CORS_ORIGINS", listed).spawn().await;
    let (ada, _) = app.signed_in("Ada Admin", "ADMIN").await;
    for origin in [listed, "https://evil.example", "null"] {
        let body = json!({ "email": ada.email, "password": PASSWORD });
        let request = app.request(Method::POST, "/session").header("origin", origin).json(&body);
        let answer = TestApp::send(request).await;
        assert_eq!(answer.problem(), (403, "FORBIDDEN_ORIGIN".to_owned()), "{origin}");
        assert!(answer.headers.get("set-cookie").is_none());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_https_the_cookie_is_the_hosts_own_and_a_new_one_ends_the_old() {
    let app =
        closed(Engine::Sqlite).setting("PUBLIC_URL", "https://clinic.example/x").spawn().await;
    let ada = app.add_member("Ada Admin", "ADMIN", None).await;
    app.accept(&ada.invitation).await;
    let sign_in = async |cookie: &str| {
        let body = json!({ "email": ada.email, "password": PASSWORD });
        let request = app.request(Method::POST, "/session").header("host", "clinic.example");
        let request = request.header("origin", "https://clinic.example").header("cookie", cookie);
        TestApp::send(request.json(&body)).await
    };
    let answer = sign_in("a=b").await;
    let kept = answer.header("set-cookie");
    assert!(
        kept.starts_with("__Host-clinic=cls_")
            && kept.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"),
        "{kept}"
    );
    let (old, status) = (cookie_of(&answer), async |cookie: &str| {
        let request =
            app.request(Method::GET, "/session").header("origin", "https://clinic.example");
        TestApp::send(request.header("cookie", cookie)).await.status.as_u16()
    });
    assert_eq!(status(&old).await, 200);
    let new = cookie_of(&sign_in(&old).await);
    assert_eq!((status(&old).await, status(&new).await), (DENIED, 200));
    // The name of plain http counts for nothing here.
    assert_eq!(status(new.trim_start_matches("__Host-")).await, DENIED);
}
