//! What the mock answers and what the clinic sends is what `docs/scheduler.openapi.json` says.

use std::sync::{Arc, LazyLock, Mutex};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{TestApp, id_of, on_both_engines, resolved, with_jane};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../docs/scheduler.openapi.json")).unwrap()
});

fn complaints(schema: &Value, value: &Value) -> Vec<String> {
    let mut schema = schema.clone();
    schema["components"] = DOCUMENT["components"].clone();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// One call and its answer, as they were on the wire.
#[derive(Debug, Clone)]
struct Exchange {
    method: String,
    path: String,
    query: String,
    key: Option<String>,
    body: String,
    status: u16,
    answer: String,
}

impl Exchange {
    fn operation(&self) -> &'static Value {
        let template = match self.path.matches('/').count() {
            1 => "/appointments",
            _ => "/appointments/{appointment_id}",
        };
        &DOCUMENT["paths"][template][self.method.to_lowercase()]
    }

    /// What of it the document does not say.
    fn undescribed(&self) -> Vec<String> {
        let operation = self.operation();
        let mut wrong = Vec::new();
        if !operation.is_object() {
            wrong.push("there is no such operation".to_owned());
        }
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let wants_key = parameters.iter().any(|one| one["name"] == "Idempotency-Key");
        if wants_key != self.key.is_some() {
            wrong.push(format!("key: {:?}", self.key));
        }
        for (name, value) in url::form_urlencoded::parse(self.query.as_bytes()) {
            match parameters.iter().find(|one| one["in"] == "query" && one["name"] == *name) {
                Some(known) => wrong.extend(complaints(&known["schema"], &json!(value))),
                None => wrong.push(format!("the query has {name}")),
            }
        }
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        match (schema.is_null(), self.body.is_empty()) {
            (true, true) => {}
            (false, false) => {
                wrong.extend(complaints(schema, &serde_json::from_str(&self.body).unwrap()));
            }
            _ => wrong.push(format!("body: {}", self.body)),
        }
        wrong.extend(self.undescribed_answer());
        wrong
    }

    fn undescribed_answer(&self) -> Vec<String> {
        let response = &self.operation()["responses"][self.status.to_string()];
        if !response.is_object() {
            return vec![format!("status {}", self.status)];
        }
        let schema = &resolved(&DOCUMENT, response)["content"]["application/json"]["schema"];
        match (schema.is_null(), self.answer.is_empty()) {
            (true, true) => Vec::new(),
            (false, false) => {
                let answer = serde_json::from_str(&self.answer).unwrap_or(Value::Null);
                complaints(schema, &answer)
            }
            _ => vec![format!("answer: {}", self.answer)],
        }
    }
}

type Noted = Arc<Mutex<Vec<Exchange>>>;

/// A wire to the service at `to` that takes notes.
async fn wire(to: Arc<Mutex<String>>) -> (String, Noted) {
    let noted = Noted::default();
    let pass = async |State((to, noted)): State<(Arc<Mutex<String>>, Noted)>, request: Request| {
        let to = to.lock().unwrap().clone();
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut onwards = client.request(parts.method.clone(), format!("{to}{}", parts.uri));
        for name in ["idempotency-key", "authorization", "content-type"] {
            if let Some(value) = parts.headers.get(name) {
                onwards = onwards.header(name, value);
            }
        }
        let answer = onwards.body(body.clone()).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        noted.lock().unwrap().push(Exchange {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            key: parts.headers.get("idempotency-key").map(|key| key.to_str().unwrap().to_owned()),
            body: String::from_utf8(body.to_vec()).unwrap(),
            status: status.as_u16(),
            answer: text.clone(),
        });
        Response::builder().status(status).body(Body::from(text)).unwrap()
    };
    let router = axum::Router::new().fallback(pass).with_state((to, Arc::clone(&noted)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, noted)
}

on_both_engines! {
    async fn what_is_asked_of_the_mock_and_what_it_answers_is_described(engine) {
        const TIMES: [&str; 4] =
            ["2027-01-11T14:00:00Z", "2027-01-11T14:30:00Z", "2027-01-11T15:00:00Z", "2027-01-11T15:30:00Z"];
        // The mock of one server is the service of another, with a wire between.
        let host = TestApp::spawn(engine).await;
        let (url, noted) = wire(Arc::new(Mutex::new(host.scheduler_url.clone()))).await;
        let app = TestApp::builder(engine).setting("SCHEDULER_URL", &url).spawn().await;
        let booked = app.book(&with_jane(1, TIMES[0])).await;
        assert_eq!(booked.status, 201, "{booked:?}");
        let id = id_of(&booked.json());
        assert_eq!(app.reschedule(&id, TIMES[1]).await.status, 200);
        app.settling.reconcile(&clinic::access::Actor::operator()).await.unwrap();
        host.faults(&json!({ "refuse_rate": 1 })).await;
        assert_eq!(app.book(&with_jane(2, TIMES[2])).await.status, 409);
        assert_eq!(app.reschedule(&id, TIMES[0]).await.status, 409);
        // After an error the refusal is looked up.
        host.faults(&json!({ "error_rate": 1 })).await;
        let pending = id_of(&app.book(&with_jane(3, TIMES[3])).await.json());
        host.faults(&json!({ "refuse_rate": 1 })).await;
        app.clock.advance(jiff::SignedDuration::from_secs(30));
        app.settling.settle_due().await.unwrap();
        app.wait_for(&pending, "FAILED").await;
        host.faults(&json!({})).await;
        assert_eq!(app.cancel(&id).await.status, 200);
        assert_described(&noted, &["POST 201", "POST 409", "POST 500", "PUT 200", "PUT 409", "GET 200", "DELETE 204"]);

        // What the clinic never asks, in other words than its own.
        noted.lock().unwrap().clear();
        let ask = async |method: reqwest::Method, path: &str, body: &Value| {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let request = client.request(method, format!("{url}/appointments{path}")).header("Idempotency-Key", "1");
            request.json(body).send().await.unwrap();
        };
        ask(reqwest::Method::POST, "", &json!({})).await;
        ask(reqwest::Method::PUT, "/nobody", &json!({ "time": TIMES[0], "duration_minutes": 30 })).await;
        ask(reqwest::Method::PUT, "/nobody", &json!({ "time": TIMES[0], "duration_minutes": 0 })).await;
        ask(reqwest::Method::DELETE, "/nobody", &Value::Null).await;
        ask(reqwest::Method::GET, "?from=noon", &Value::Null).await;
        ask(reqwest::Method::POST, "", &json!("x".repeat(70_000))).await;
        host.faults(&json!({ "down": true })).await;
        ask(reqwest::Method::GET, "?reference=apt_1", &Value::Null).await;
        let answers = noted.lock().unwrap().clone();
        let mut seen: Vec<u16> = answers.iter().map(|one| one.status).collect();
        // The server may look meanwhile whether it is back.
        seen.dedup();
        assert_eq!(seen, [422, 404, 422, 404, 400, 413, 503]);
        for one in answers {
            assert_eq!(one.undescribed_answer(), Vec::<String>::new(), "{one:?}");
        }
    }
}

/// All of it is described, and these were among them.
fn assert_described(noted: &Noted, seen: &[&str]) {
    let exchanges = noted.lock().unwrap().clone();
    for one in &exchanges {
        assert_eq!(one.undescribed(), Vec::<String>::new(), "{one:?}");
    }
    for expected in seen {
        let is_it = |one: &Exchange| format!("{} {}", one.method, one.status) == *expected;
        assert!(exchanges.iter().any(is_it), "no {expected}");
    }
    assert!(exchanges.iter().any(|one| one.query.starts_with("from=")), "no window");
    assert!(exchanges.iter().any(|one| one.query.starts_with("reference=")), "no reference");
}

#[test]
fn what_is_not_described_is_noticed() {
    let good = Exchange {
        method: "PUT".to_owned(),
        path: "/appointments/ext_1".to_owned(),
        query: String::new(),
        key: Some("1".to_owned()),
        body: json!({ "provider_reference": "prv_1", "provider_name": "Dr. Grey",
            "time": "2027-01-11T14:00:00Z", "duration_minutes": 30 })
        .to_string(),
        status: 200,
        answer:
            json!({ "scheduled": true, "appointment_id": "ext_1", "time": "2027-01-11T14:00:00Z" })
                .to_string(),
    };
    assert_eq!(good.undescribed(), Vec::<String>::new());
    for wrong in [
        Exchange { method: "PATCH".to_owned(), ..good.clone() },
        Exchange { key: None, ..good.clone() },
        Exchange { query: "a=b".to_owned(), ..good.clone() },
        Exchange { body: "{}".to_owned(), ..good.clone() },
        Exchange { body: good.body.replace('}', ",\"patient_name\":\"A\"}"), ..good.clone() },
        Exchange { status: 418, ..good.clone() },
        Exchange { answer: "{}".to_owned(), ..good.clone() },
        Exchange { answer: good.answer.replace("true", "false"), ..good.clone() },
    ] {
        assert!(!wrong.undescribed().is_empty(), "{wrong:?}");
    }
}
