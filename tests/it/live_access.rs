//! Connections that stay open close with the right to have them.

use std::time::Duration;

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{Member, TestApp, WebSocketClient, closed, john, on_both_engines};

const FOLLOW: &str = "subscription { appointmentChanged { kind appointment { id } } }";
const FORBIDDEN: u16 = 4403;

/// A socket with a session, over which somebody follows what happens.
async fn following(app: &TestApp, cookie: &str) -> WebSocketClient {
    let mut socket = app.socket_by_own_page(cookie).await;
    follow(&mut socket, json!({ "type": "connection_init" })).await;
    socket
}

async fn follow(socket: &mut WebSocketClient, init: Value) {
    socket.say(&init).await;
    assert_eq!(socket.hear().await, Ok(json!({ "type": "connection_ack" })));
    let payload = json!({ "query": FOLLOW });
    socket.say(&json!({ "type": "subscribe", "id": "1", "payload": payload })).await;
    // What comes after has begun to be followed when this is answered.
    let payload = json!({ "query": "{ viewer { kind } }" });
    socket.say(&json!({ "type": "subscribe", "id": "2", "payload": payload })).await;
    assert_eq!(socket.hear().await.unwrap()["type"], "next");
    assert_eq!(socket.hear().await, Ok(json!({ "type": "complete", "id": "2" })));
}

/// An event stream with a session, as far as it was read.
async fn streaming(app: &TestApp, accept: &str, cookie: &str) -> reqwest::Response {
    let request = app.by_own_page(Method::POST, "/graphql", cookie).header("accept", accept);
    let answer = request.json(&json!({ "query": FOLLOW })).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer
}

/// The rest of a stream that the server ends.
async fn rest(mut answer: reqwest::Response) -> String {
    let mut heard = String::new();
    let all = async {
        while let Some(chunk) = answer.chunk().await.unwrap() {
            heard.push_str(&String::from_utf8_lossy(&chunk));
        }
    };
    timeout(Duration::from_secs(20), all).await.expect("the stream goes on");
    heard
}

async fn book(app: &TestApp) {
    let request = app.request(Method::POST, "/appointment").bearer_auth(crate::support::API_TOKEN);
    assert_eq!(TestApp::send(request.json(&json!({ "patient": john() }))).await.status, 201);
}

/// How somebody loses the right, as an administrator does it, or they themselves.
#[derive(Debug, Clone, Copy)]
enum Loss {
    Disabled,
    AnotherRole,
    AnotherPassword,
    SignedOut,
    Idle,
}

async fn lose(app: &TestApp, loss: Loss, member: &Member, cookie: &str) {
    let id = json!(member.id);
    match loss {
        Loss::Disabled => {
            app.administer("disablePerson", "__typename", json!({ "id": id })).await;
        }
        Loss::AnotherRole => {
            app.administer("updatePerson", "__typename", json!({ "id": id, "role": "VIEWER" }))
                .await;
        }
        Loss::AnotherPassword => {
            let invited = app.administer("invitePerson", "invitation", json!({ "id": id })).await;
            app.accept(invited["invitation"].as_str().unwrap()).await;
        }
        Loss::SignedOut => {
            let out = TestApp::send(app.by_own_page(Method::DELETE, "/session", cookie)).await;
            assert_eq!(out.status, 204);
        }
        Loss::Idle => app.clock.advance(SignedDuration::from_mins(30)),
    }
}

on_both_engines! {
    async fn whoever_loses_the_right_loses_what_they_have_open(engine) {
        let app = closed(engine).spawn().await;
        let (other, other_cookie) = app.signed_in("Ada Admin", "ADMIN").await;
        for (number, loss) in [Loss::Disabled, Loss::AnotherRole, Loss::AnotherPassword, Loss::SignedOut, Loss::Idle]
            .into_iter()
            .enumerate()
        {
            let (member, cookie) = app.signed_in(&format!("Member {number}"), "SCHEDULER").await;
            let mut socket = following(&app, &cookie).await;
            let events = streaming(&app, "text/event-stream", &cookie).await;
            let parts = streaming(&app, "multipart/mixed;subscriptionSpec=1.0, application/json", &cookie).await;
            let mut others = following(&app, &other_cookie).await;
            lose(&app, loss, &member, &cookie).await;
            assert_eq!(socket.closed_with().await, (FORBIDDEN, "Forbidden".to_owned()), "{loss:?}");
            // Without the end that the protocols know.
            assert!(!rest(events).await.contains("event: complete"), "{loss:?}");
            assert!(!rest(parts).await.contains("--graphql--"), "{loss:?}");
            if matches!(loss, Loss::Idle) {
                assert_eq!(others.closed_with().await.0, FORBIDDEN, "theirs was idle as well");
            } else {
                book(&app).await;
                assert_eq!(others.hear().await.unwrap()["type"], "next", "{loss:?}: others go on");
            }
        }
        drop(other);
    }
}

on_both_engines! {
    async fn nothing_is_told_to_whoever_has_lost_the_right_just_before(engine) {
        let app = closed(engine).spawn().await;
        for number in 0..5 {
            let (member, cookie) = app.signed_in(&format!("Member {number}"), "SCHEDULER").await;
            let mut socket = following(&app, &cookie).await;
            let events = streaming(&app, "text/event-stream", &cookie).await;
            // Within the second until it is looked by itself.
            lose(&app, Loss::Disabled, &member, &cookie).await;
            book(&app).await;
            assert_eq!(socket.hear().await, Err(FORBIDDEN));
            assert!(!rest(events).await.contains("BOOKED"));
        }
    }
}

on_both_engines! {
    async fn a_token_that_is_revoked_or_expires_closes_what_it_opened(engine) {
        let app = closed(engine).spawn().await;
        let (id, secret) = app.make_token("SCHEDULER", None).await;
        let mut by_header = {
            let bearer = format!("Bearer {secret}");
            let headers = [("sec-websocket-protocol", "graphql-transport-ws"), ("authorization", bearer.as_str())];
            WebSocketClient::connect(&app.url, &headers).await.unwrap()
        };
        follow(&mut by_header, json!({ "type": "connection_init" })).await;
        let mut by_message = WebSocketClient::open(&app).await;
        let init = json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {secret}") } });
        follow(&mut by_message, init.clone()).await;
        app.administer("revokeToken", "__typename", json!({ "id": id })).await;
        for socket in [&mut by_header, &mut by_message] {
            assert_eq!(socket.closed_with().await.0, FORBIDDEN);
        }
        let mut late = WebSocketClient::open(&app).await;
        late.say(&init).await;
        assert_eq!(late.hear().await, Err(FORBIDDEN));

        let input = json!({ "name": "short", "role": "SCHEDULER", "expiresAt": "2027-01-11T13:00:00Z" });
        let made = app.administer("createToken", "secret", input).await;
        let mut expiring = WebSocketClient::open(&app).await;
        let payload = json!({ "authorization": made["secret"] });
        follow(&mut expiring, json!({ "type": "connection_init", "payload": payload })).await;
        app.clock.set("2027-01-11T13:00:00Z");
        assert_eq!(expiring.closed_with().await.0, FORBIDDEN);
    }
}

on_both_engines! {
    async fn a_loss_at_one_replica_closes_what_is_open_at_another(engine) {
        let app = closed(engine).spawn().await;
        let other = closed(engine).spawn_on(app.database.clone()).await;
        let (member, cookie) = app.signed_in("Ben Desk", "SCHEDULER").await;
        let mut socket = following(&other, &cookie).await;
        lose(&app, Loss::Disabled, &member, &cookie).await;
        assert_eq!(socket.closed_with().await.0, FORBIDDEN);
    }
}

on_both_engines! {
    async fn a_session_opens_a_socket_for_pages_of_ours_alone(engine) {
        let listed = "https://desk.example.com";
        let app = closed(engine).setting("CORS_ORIGINS", listed).spawn().await;
        let (_, cookie) = app.signed_in("Ben Desk", "SCHEDULER").await;
        let connect = async |origin: &str| {
            let headers = [("sec-websocket-protocol", "graphql-transport-ws"), ("origin", origin), ("cookie", cookie.as_str())];
            WebSocketClient::connect(&app.url, &headers).await
        };
        for foreign in ["https://evil.example", "null"] {
            assert_eq!(connect(foreign).await.err().map(|status| status.as_u16()), Some(403), "{foreign}");
        }
        // A listed page says its token; that its browser sent a cookie as well counts for nothing.
        let mut desk = connect(listed).await.unwrap();
        desk.say(&json!({ "type": "connection_init" })).await;
        assert_eq!(desk.hear().await, Err(FORBIDDEN));
        let mut desk = connect(listed).await.unwrap();
        let payload = json!({ "authorization": crate::support::API_TOKEN });
        desk.say(&json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(desk.hear().await, Ok(json!({ "type": "connection_ack" })));
        following(&app, &cookie).await;
    }
}
