//! The client against the mock over real HTTP, and against servers worse than it.

mod url;

use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::scheduling::Objection;
use crate::scheduling::Trouble;
use crate::scheduling::mock::{Faults, MockScheduler, serve};

const UNREADABLE: SchedulingError = of_the_call("unreadable answer");
const LOST: SchedulingError = of_the_service("connection lost");

const fn of_the_service(cause: &'static str) -> SchedulingError {
    SchedulingError::Unknown { cause, trouble: Trouble::Service }
}

const fn of_the_call(cause: &'static str) -> SchedulingError {
    SchedulingError::Unknown { cause, trouble: Trouble::Call }
}

fn client_of(base_url: impl Into<String>) -> HttpSchedulingClient {
    // An error says that another test has installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    HttpSchedulingClient::new(HttpSettings::new(base_url)).unwrap()
}

/// A client of a mock with these faults.
async fn mocked(faults: Faults) -> HttpSchedulingClient {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client_of(format!("http://{}/", listener.local_addr().unwrap()));
    let mock = Arc::new(MockScheduler::open(None, faults).unwrap());
    tokio::spawn(serve(mock, listener, std::future::pending()));
    client
}

/// A client of a server that sends these bytes to everyone.
async fn answered_with(answer: Vec<u8>) -> HttpSchedulingClient {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client_of(format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(&answer).await;
        }
    });
    client
}

/// A client of a server that sends these bytes, one after the other, and the last for ever.
async fn answered_in_turn(answers: [&'static str; 2]) -> HttpSchedulingClient {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client_of(format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move {
        let mut answers = answers.into_iter().chain(std::iter::repeat(answers[1]));
        while let (Ok((mut stream, _)), Some(answer)) = (listener.accept().await, answers.next()) {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    client
}

impl HttpSchedulingClient {
    async fn order(&self, faults: Faults) {
        let url = self.base_url.join("/faults").unwrap();
        let response = self.client.put(url).json(&faults).send().await.unwrap();
        assert_eq!(response.status(), 200);
    }
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn visit_at(time: &str, duration_minutes: u16) -> ExternalVisit {
    ExternalVisit {
        reference: "apt_1".to_owned(),
        provider_reference: "prv_1".to_owned(),
        provider_name: "Dr. Grey".to_owned(),
        time: at(time),
        duration_minutes,
    }
}

fn booking() -> ExternalBooking {
    let visit = visit_at("2027-01-15T08:00:00Z", 30);
    ExternalBooking { visit, patient_name: "Ada Lovelace".to_owned() }
}

#[tokio::test]
async fn a_visit_is_reserved_found_moved_and_cancelled() {
    let client = mocked(Faults::default()).await;

    let reserved = client.reserve(&booking(), "1").await.unwrap();
    let id = reserved.external_id.as_str();
    let later = ExternalVisit {
        provider_reference: "prv_2".to_owned(),
        ..visit_at("2027-01-15T08:15:00Z", 45)
    };
    assert_eq!(client.reschedule(id, &later, "2").await.as_ref(), Ok(&reserved));
    assert_eq!(client.cancel(id, "prv_1", "3").await, Ok(()));

    let found = ExternalAppointment {
        reference: "apt_1".to_owned(),
        external_id: id.to_owned(),
        provider_reference: Some("prv_2".to_owned()),
        time: later.time,
        duration_minutes: Some(45),
        cancelled: true,
    };
    assert_eq!(client.find("apt_1").await, Ok(vec![found.clone()]));
    // By the window that it begins in, not by one that it runs into.
    let listed = async |from, to| client.list(at(from), at(to)).await.unwrap().unwrap();
    assert_eq!(listed("2027-01-15T08:15:00Z", "2027-01-15T08:16:00Z").await, [found]);
    assert_eq!(listed("2027-01-15T08:16:00Z", "2027-01-15T09:00:00Z").await, []);
    assert_eq!(client.cancel(id, "prv_1", "4").await, Err(SchedulingError::NotFound));
    assert_eq!(client.reschedule(id, &later, "5").await, Err(SchedulingError::NotFound));
}

#[tokio::test]
async fn an_overlap_is_refused_with_the_services_reason() {
    let client = mocked(Faults::default()).await;
    client.reserve(&booking(), "1").await.unwrap();

    let refusal = client.reserve(&booking(), "2").await;

    let reason = "the provider is not free at that time".to_owned();
    assert_eq!(refusal, Err(SchedulingError::Refused { to: Objection::Time, reason }));
}

#[tokio::test]
async fn after_a_lost_reply_the_same_key_gives_the_same_id() {
    let client = mocked(Faults { lost_reply_rate: 1.0, ..Faults::default() }).await;

    assert_eq!(client.reserve(&booking(), "1").await, Err(LOST));
    client.order(Faults::default()).await;
    let again = client.reserve(&booking(), "1").await.unwrap();

    let found = client.find("apt_1").await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].external_id, again.external_id);
}

#[tokio::test]
async fn a_dropped_connection_is_unknown_and_nothing_was_booked() {
    let client = mocked(Faults { drop_rate: 1.0, ..Faults::default() }).await;

    assert_eq!(client.reserve(&booking(), "1").await, Err(LOST));
    client.order(Faults::default()).await;
    assert_eq!(client.find("apt_1").await, Ok(Vec::new()));
}

#[tokio::test]
async fn garbage_is_unknown_for_every_call() {
    let client = mocked(Faults { garbage_rate: 1.0, ..Faults::default() }).await;

    assert_eq!(client.reserve(&booking(), "1").await, Err(UNREADABLE));
    assert_eq!(client.find("apt_1").await, Err(UNREADABLE));
    assert_eq!(client.cancel("ext_1", "prv_1", "2").await, Err(UNREADABLE));
}

#[tokio::test]
async fn errors_and_an_outage_are_unknown() {
    let client = mocked(Faults { error_rate: 1.0, ..Faults::default() }).await;

    assert_eq!(client.find("apt_1").await, Err(of_the_call("status 500")));
    client.order(Faults { down: true, ..Faults::default() }).await;
    assert_eq!(client.find("apt_1").await, Err(of_the_service("status 503")));
}

#[tokio::test]
async fn a_service_that_hangs_is_given_up() {
    // Connections wait in the backlog and are never accepted.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let _ = client_of(base_url.clone());
    let settings =
        HttpSettings { attempt_timeout: Duration::from_millis(50), ..HttpSettings::new(base_url) };
    let client = HttpSchedulingClient::new(settings).unwrap();

    let outcome = client.reserve(&booking(), "1").await;

    assert_eq!(outcome, Err(of_the_service("timeout")));
}

#[tokio::test]
async fn nobody_listening_is_unknown() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client_of(format!("http://{}", listener.local_addr().unwrap()));
    drop(listener);

    let outcome = client.find("apt_1").await;

    assert_eq!(outcome, Err(of_the_service("could not connect")));
}

#[tokio::test]
async fn a_service_that_has_listed_a_window_is_not_taken_for_one_that_has_no_list() {
    const EMPTY: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]";
    const BAD: &str = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let window = [at("2027-01-15T00:00:00Z"), at("2027-01-16T00:00:00Z")];
    let never = answered_in_turn([BAD, BAD]).await;
    assert_eq!(never.list(window[0], window[1]).await, Ok(None));
    let once = answered_in_turn([EMPTY, BAD]).await;
    assert_eq!(once.list(window[0], window[1]).await, Ok(Some(Vec::new())));
    let error = once.list(window[0], window[1]).await.unwrap_err();
    assert!(matches!(error, SchedulingError::Unknown { .. }), "{error:?}");
}

#[tokio::test]
async fn an_oversized_answer_is_unknown_with_or_without_its_length() {
    let body = " ".repeat(BODY_LIMIT + 1);
    let unknown = Err(of_the_call("oversized answer"));
    let length = BODY_LIMIT + 1;
    for head in [format!("content-length: {length}\r\n"), "connection: close\r\n".to_owned()] {
        let client = answered_with(format!("HTTP/1.1 200 OK\r\n{head}\r\n{body}").into()).await;
        assert_eq!(client.find("apt_1").await, unknown);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let head = "HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n";
    let client = answered_with(head.into()).await;

    let outcome = client.find("apt_1").await;

    assert_eq!(outcome, Err(of_the_call("redirect")));
}

#[tokio::test]
async fn credentials_that_are_not_accepted_are_said_so() {
    let head = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n";
    let client = answered_with(head.into()).await;

    let outcome = client.reserve(&booking(), "1").await;

    assert_eq!(outcome, Err(SchedulingError::Rejected { status: 401 }));
}
