//! What a receiver of OpenTelemetry is sent, and that nobody waits for it.
#![cfg(feature = "otel")]

use std::future::pending;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Said;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use reqwest::{Client, RequestBuilder};
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::{
    Engine, ServerProcess, TestApp, TestDatabase, by_the_real_clock, comes_true, not_yet,
    on_both_engines,
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";
const NAME: &str = "Xanthippe Kanarienvogel";

/// A receiver of the test's own.
struct Receiver {
    url: String,
    sent: Arc<Mutex<Vec<Bytes>>>,
}

impl Receiver {
    async fn start() -> Self {
        let sent = Arc::new(Mutex::new(Vec::new()));
        let take = |State(sent): State<Arc<Mutex<Vec<Bytes>>>>, body: Bytes| async move {
            sent.lock().unwrap().push(body);
            StatusCode::OK
        };
        let route = axum::routing::post(take);
        let router = axum::Router::new().route("/v1/traces", route).with_state(Arc::clone(&sent));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, sent }
    }

    /// Everything of the one trace so far.
    fn spans(&self) -> Vec<Span> {
        let sent = self.sent.lock().unwrap();
        let requests =
            sent.iter().map(|body| ExportTraceServiceRequest::decode(body.clone()).unwrap());
        let resources = requests.flat_map(|request| request.resource_spans);
        let scopes = resources.flat_map(|resource| resource.scope_spans);
        let spans = scopes.flat_map(|scope| scope.spans);
        spans.filter(|span| hex(&span.trace_id) == TRACE).collect()
    }

    fn bytes(&self) -> Vec<u8> {
        self.sent.lock().unwrap().concat()
    }

    /// The names from a span to the first of its trace that was made here, once it has arrived.
    async fn path_of(&self, is_it: impl Fn(&Span) -> bool) -> Vec<String> {
        let arrived = comes_true(async || {
            let spans = self.spans();
            spans.iter().any(&is_it) && spans.iter().any(|span| hex(&span.parent_span_id) == CALLER)
        });
        assert!(arrived.await, "{:?}", names(&self.spans()));
        let spans = self.spans();
        let mut next = spans.iter().find(|span| is_it(span));
        let mut path = Vec::new();
        while let Some(span) = next {
            path.push(span.name.clone());
            let above = &span.parent_span_id;
            next = spans.iter().find(|other| other.span_id == *above);
            assert!(next.is_some() || hex(above) == CALLER, "{path:?} hangs nowhere");
        }
        path
    }
}

fn names(spans: &[Span]) -> Vec<&str> {
    spans.iter().map(|span| span.name.as_str()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn attribute(span: &Span, key: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Said::StringValue(text) => Some(text.clone()),
        Said::IntValue(number) => Some(number.to_string()),
        other => Some(format!("{other:?}")),
    }
}

const SERVER: i32 = 2;
const CLIENT: i32 = 3;

fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

/// A request by a caller that is traced itself.
fn traced(request: RequestBuilder) -> RequestBuilder {
    request.header("traceparent", format!("00-{TRACE}-{CALLER}-01"))
}

fn booking(server: &ServerProcess, client: &Client) -> RequestBuilder {
    let patient = json!({ "name": NAME, "email": "kanarienvogel@example.com", "state": "CT", "insurance": "Aetna" });
    let body = not_yet(&json!({ "patient": patient, "reason": "canary itch" }));
    traced(client.post(format!("{}/appointment", server.url)).json(&body))
}

/// A database with the usual roster.
async fn database(engine: Engine) -> Arc<TestDatabase> {
    let database = Arc::new(TestDatabase::create(engine).await);
    by_the_real_clock(&database, 0).await.stop().await;
    database
}

on_both_engines! {
    async fn a_booking_is_one_trace_from_its_caller_over_the_database_to_the_scheduling_service(engine) {
        let (receiver, database) = (Receiver::start().await, database(engine).await);
        let log = database.folder.path().join("log");
        let settings = [("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url.as_str()), ("RUST_LOG", "info")];
        let server = ServerProcess::start_logging(&database, &settings, &log).await;
        let client = client();
        let booked = TestApp::send(booking(&server, &client)).await;
        assert_eq!(booked.status, 201, "{booked:?}");
        // What is told of it stays as it is, and is found by its trace.
        let told = std::fs::read_to_string(&log).unwrap();
        let line = told.lines().find(|line| line.contains("POST /appointment 201"));
        assert!(line.is_some_and(|line| line.contains(TRACE)), "{told}");

        let outside = |span: &Span| span.name == "POST /appointments" && span.kind == SERVER;
        let call = "POST /appointments";
        assert_eq!(receiver.path_of(outside).await, [call, call, "POST /appointment"]);
        let written = |span: &Span| span.name == "INSERT appointment";
        assert_eq!(receiver.path_of(written).await, ["INSERT appointment", "transaction hold", "POST /appointment"]);
        let stored = |span: &Span| span.name == "COMMIT";
        assert_eq!(receiver.path_of(stored).await[2..], ["POST /appointment"]);

        let spans = receiver.spans();
        let door = spans.iter().find(|span| span.name == "POST /appointment").unwrap();
        assert_eq!(door.kind, SERVER);
        assert_eq!(attribute(door, "http.response.status_code").as_deref(), Some("201"));
        let call = spans.iter().find(|span| span.name == "POST /appointments" && span.kind == CLIENT);
        assert_eq!(attribute(call.unwrap(), "http.response.status_code").as_deref(), Some("201"));
        let system = spans.iter().find_map(|span| attribute(span, "db.system.name"));
        assert_eq!(system.as_deref(), Some(match engine {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgresql",
        }));
    }
}

on_both_engines! {
    async fn what_the_outbox_settles_later_stands_in_the_trace_of_who_asked_for_it(engine) {
        let (receiver, database) = (Receiver::start().await, database(engine).await);
        let settings = [("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url.as_str()), ("ANSWER_WITHIN_MS", "20000")];
        let server = ServerProcess::start(&database, &settings).await;
        // It answers when its own tries have failed, not while one may be under way.
        server.faults(&json!({ "error_rate": 1 })).await;
        let client = client();
        let pending = TestApp::send(booking(&server, &client)).await;
        assert_eq!(pending.status, 202, "{pending:?}");
        server.faults(&json!({})).await;
        let confirmed = |span: &Span| span.kind == CLIENT && span.name == "POST /appointments"
            && attribute(span, "http.response.status_code").as_deref() == Some("201");
        let path = receiver.path_of(confirmed).await;
        assert_eq!(path[..2], ["POST /appointments", "settle"], "{path:?}");
        let failed = |span: &Span| attribute(span, "error.type").as_deref() == Some("500");
        assert_eq!(receiver.path_of(failed).await.last().map(String::as_str), Some("POST /appointment"));
    }
}

on_both_engines! {
    async fn a_trace_names_no_patient_whatever_is_asked(engine) {
        let (receiver, database) = (Receiver::start().await, database(engine).await);
        let server = ServerProcess::start(&database, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.url)]).await;
        let client = client();
        for _ in 0..2 {
            assert_eq!(TestApp::send(booking(&server, &client)).await.status, 201);
        }
        let query = format!("query Search {{ patients(search: \"{NAME}\") {{ nodes {{ name email }} }} }}");
        let search = client.post(format!("{}/graphql", server.url)).json(&json!({ "query": query }));
        let found = TestApp::send(traced(search)).await;
        assert!(found.json().to_string().contains(NAME), "{found:?}");
        let search = client.get(format!("{}/patients?search=kanarienvogel", server.url));
        assert_eq!(TestApp::send(traced(search)).await.status, 200);
        let taken = json!({ "patient": { "name": NAME }, "canary": "kanarienvogel" });
        let refused = client.post(format!("{}/appointment", server.url)).json(&taken);
        assert_eq!(TestApp::send(traced(refused)).await.status, 422);

        let refused = |span: &Span| attribute(span, "error.type").as_deref() == Some("INVALID_INPUT");
        assert_eq!(receiver.path_of(refused).await, ["POST /appointment"]);
        let named = |span: &Span| attribute(span, "graphql.operation.name").as_deref() == Some("Search");
        assert_eq!(receiver.path_of(named).await, ["POST /graphql"]);
        let sent = String::from_utf8_lossy(&receiver.bytes()).to_lowercase();
        for word in ["xanthippe", "kanarienvogel", "canary"] {
            assert!(!sent.contains(word), "{word} was sent");
        }
    }
}

on_both_engines! {
    async fn nobody_waits_for_a_receiver_that_is_gone_or_never_answers(engine) {
        let database = database(engine).await;
        let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gone = format!("http://{}", nobody.local_addr().unwrap());
        drop(nobody);
        let silent = axum::Router::new().fallback(|| async { pending::<StatusCode>().await });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hanging = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, silent).await.unwrap() });
        for url in [gone, hanging] {
            let log = database.folder.path().join("log");
            let settings = [("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str()), ("RUST_LOG", "warn")];
            let server = ServerProcess::start_logging(&database, &settings, &log).await;
            let client = client();
            for _ in 0..5 {
                let booked = TestApp::send(booking(&server, &client)).await;
                assert_eq!(booked.status, 201, "{booked:?}");
            }
            let lost = comes_true(async || {
                let metrics = server.get("/metrics").await.text;
                let lost = metrics.lines().find(|line| line.starts_with("clinic_trace_spans_total{outcome=\"lost\"}"));
                lost.is_some_and(|line| !line.ends_with(" 0"))
            });
            assert!(lost.await, "none is counted as lost");
            let told = std::fs::read_to_string(&log).unwrap();
            assert_eq!(told.matches("The receiver of traces does not take them").count(), 1, "{told}");
            assert!(!told.contains(url.trim_start_matches("http://")), "{told}");
        }
    }
}
