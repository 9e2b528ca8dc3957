//! Making, changing and deleting endpoints.

use super::*;
use crate::support::{closed, on_both_engines};

on_both_engines! {
    async fn an_address_that_leads_inside_is_refused(engine) {
        let app = TestApp::spawn(engine).await;
        let wrong = "http://example.com/ https://127.0.0.1/ https://2130706433/ https://[::ffff:10.0.0.1]/ https://[fd00::1]/
            https://169.254.169.254/latest/meta-data https://localhost/ https://u:p@example.com/ https://100.64.0.1/ ftp://x/ x";
        for url in wrong.split_whitespace() {
            let refused = create(&app, json!({ "url": url })).await;
            let error = &refused["error"];
            assert_eq!((&error["code"], &error["violations"][0]["field"]), (&json!("INVALID_INPUT"), &json!("url")), "{url}");
            assert_eq!((&refused["endpoint"], &refused["secret"]), (&Value::Null, &Value::Null));
        }
        let endpoint = create(&app, json!({ "url": "https://no-such-name.invalid/hook" })).await["endpoint"].clone();
        let refused = update(&app, &endpoint, json!({ "url": "https://10.0.0.1/" })).await;
        assert_eq!(refused["error"]["violations"][0]["field"], "url", "{refused}");
        // And where it was taken by a server that allows it, it is called by none that does not.
        let inside = "UPDATE webhook_endpoint SET url = 'https://localhost:1/'";
        assert_eq!(app.database.execute(inside).await, Ok(1));
        let trial = change(&app, "sendTestWebhook", "delivery { outcome status }", json!({ "endpointId": endpoint["id"] })).await;
        assert_eq!(trial["delivery"], json!({ "outcome": "ADDRESS_NOT_ALLOWED", "status": "FAILED" }));
    }
}

on_both_engines! {
    async fn a_secret_is_told_once_and_a_repeat_answers_the_endpoint_without_it(engine) {
        let app = tests(engine).spawn().await;
        let input = json!({ "url": "http://127.0.0.1:1/", "idempotencyKey": "k" });
        let made = create(&app, input.clone()).await;
        assert!(made["secret"].as_str().unwrap().starts_with("whsec_"), "{made}");
        let again = create(&app, input).await;
        assert_eq!((&again["endpoint"], &again["secret"]), (&made["endpoint"], &Value::Null));
        let other = create(&app, json!({ "url": "http://127.0.0.1:2/", "idempotencyKey": "k" })).await;
        assert_eq!(other["error"]["code"], "IDEMPOTENCY_KEY_REUSED");
        let stale = update(&app, &made["endpoint"], json!({ "active": false, "expectedVersion": 7 })).await;
        assert_eq!(stale["error"]["currentVersion"], 1, "{stale}");
        let off = update(&app, &made["endpoint"], json!({ "active": false })).await["endpoint"].clone();
        assert_eq!((&off["active"], &off["version"], &off["switchedOffAt"]), (&json!(false), &json!(2), &Value::Null));
        assert_eq!(update(&app, &off, json!({ "active": false })).await["endpoint"]["version"], 2);
        let input = json!({ "id": off["id"], "idempotencyKey": "d" });
        let made = format!("endpoint {{ {ENDPOINT} }}");
        let deleted = change(&app, "deleteWebhookEndpoint", &made, input.clone()).await;
        assert_eq!((&deleted["endpoint"]["active"], &deleted["error"]), (&json!(false), &Value::Null), "{deleted}");
        assert_eq!(change(&app, "deleteWebhookEndpoint", &made, input).await, deleted);
        assert_eq!(now(&app, &off).await, Value::Null);
        let gone = change(&app, "rotateWebhookSecret", "secret", json!({ "id": off["id"] })).await;
        assert_eq!(gone["error"]["code"], "NOT_FOUND");
        let list = app.graphql("{ webhookEndpoints { id } }", json!({})).await;
        assert_eq!(list["data"]["webhookEndpoints"], json!([]));
    }
}

on_both_engines! {
    async fn webhooks_are_for_administrators(engine) {
        let app = closed(engine).spawn().await;
        let (_, scheduler) = app.make_token("SCHEDULER", None).await;
        let query = "mutation { createWebhookEndpoint(input: { url: \"https://example.com/\" }) { endpoint { id } error { code } } }";
        let answer = app.graphql_as(&scheduler, query, json!({})).await;
        assert_eq!(answer["data"]["createWebhookEndpoint"]["error"]["code"], "FORBIDDEN", "{answer}");
        let list = app.graphql_as(&scheduler, "{ webhookEndpoints { id } }", json!({})).await;
        assert_eq!((&list["data"]["webhookEndpoints"], &list["errors"][0]["extensions"]["code"]), (&Value::Null, &json!("FORBIDDEN")), "{list}");
    }
}

on_both_engines! {
    async fn there_are_fifty_endpoints_at_most(engine) {
        let app = tests(engine).spawn().await;
        for port in 1..=50 {
            assert_eq!(create(&app, json!({ "url": format!("http://127.0.0.1:{port}/") })).await["error"], Value::Null);
        }
        let refused = create(&app, json!({ "url": "http://127.0.0.1:51/" })).await;
        assert_eq!(refused["error"]["code"], "INVALID_INPUT");
    }
}
