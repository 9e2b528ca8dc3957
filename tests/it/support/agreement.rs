//! Whether our book and the scheduling service's say the same, judged from outside.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::app::{Answer, TestApp};
use super::until::comes_true;

/// How much faster than the real one the clock runs where time is let pass.
const FAST: u32 = 50;
/// The furthest that the clock goes on between two looks, in real time, however slow the machine.
const LONGEST_LOOK: Duration = Duration::from_millis(60);
/// How late a request that was given up may still arrive.
const LATE: Duration = Duration::from_millis(400);

const HOLDING: [&str; 6] =
    ["PENDING", "CONFIRMED", "CHECKED_IN", "COMPLETED", "NO_SHOW", "CANCELLING"];

const BOOK: &str = "query ($after: String) {
    appointments(from: \"2020-01-01T00:00:00Z\", to: \"2040-01-01T00:00:00Z\", first: 100, after: $after,
        status: [PENDING, CONFIRMED, CHECKED_IN, COMPLETED, NO_SHOW, CANCELLING, CANCELLED, FAILED, EXPIRED]) {
        nodes { id status scheduled startsAt endsAt durationMinutes pendingStartsAt externalId
            provider { id } patient { id } }
        pageInfo { hasNextPage endCursor } } }";

impl TestApp {
    /// A call to the scheduling service past the application, as somebody at its desk would make.
    pub(crate) async fn at_the_desk(
        &self,
        method: reqwest::Method,
        path: &str,
        body: &Value,
    ) -> Value {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client
            .request(method.clone(), format!("{}/appointments{path}", self.scheduler_url))
            .header("Idempotency-Key", format!("desk-{method}-{path}-{body}"))
            .json(body);
        let answer = Self::send(request).await;
        assert!(answer.status.is_success(), "{answer:?}");
        serde_json::from_str(&answer.text).unwrap_or_default()
    }

    /// Every appointment of the book, whatever its status.
    pub(crate) async fn whole_book(&self) -> Vec<Value> {
        let mut book = Vec::new();
        let mut after = Value::Null;
        loop {
            let answer = self.graphql(BOOK, json!({ "after": after })).await;
            let page = &answer["data"]["appointments"];
            book.extend(page["nodes"].as_array().unwrap_or_else(|| panic!("{answer}")).clone());
            if page["pageInfo"]["hasNextPage"] == false {
                return book;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }

    /// The appointments that this reference has outside and that are not cancelled there.
    pub(crate) async fn live_outside(&self, id: &str) -> Vec<Value> {
        let mut ledger = self.ledger().await;
        ledger.retain(|entry| entry["reference"] == id && entry["cancelled"] == false);
        ledger
    }

    /// While things still go wrong: nothing is said to be scheduled that is not, and no two that
    /// hold time overlap.
    pub(crate) async fn assert_agreement_at_worst(&self) {
        let book = self.whole_book().await;
        assert_eq!(overlaps(&book), Vec::<String>::new());
        for ours in book {
            let id = ours["id"].as_str().unwrap();
            assert_eq!(ours["scheduled"], ours["status"] == "CONFIRMED", "{ours}");
            if ours["scheduled"] == true {
                assert_eq!(self.live_outside(id).await.len(), 1, "{ours}");
            }
        }
    }

    /// What is confirmed stands outside exactly once and at that time, what has ended stands there
    /// nowhere, and no two that hold time overlap.
    pub(crate) async fn assert_agreement(&self) {
        let (ledger, book) = (self.ledger().await, self.whole_book().await);
        let mut accounted_for = 0;
        for ours in &book {
            let status = ours["status"].as_str().unwrap();
            let scheduled = ["CONFIRMED", "CHECKED_IN", "COMPLETED", "NO_SHOW"].contains(&status);
            assert_eq!(ours["scheduled"], scheduled, "{ours}");
            let live: Vec<&Value> = ledger
                .iter()
                .filter(|entry| entry["reference"] == ours["id"] && entry["cancelled"] == false)
                .collect();
            accounted_for += live.len();
            match status {
                "CONFIRMED" | "CHECKED_IN" | "COMPLETED" | "NO_SHOW" => {
                    assert_eq!(live.len(), 1, "{ours} {live:?}");
                    assert_eq!(live[0]["appointment_id"], ours["externalId"], "{ours}");
                    if ours["pendingStartsAt"].is_null() {
                        assert_eq!(live[0]["time"], ours["startsAt"], "{ours}");
                        assert_eq!(live[0]["duration_minutes"], ours["durationMinutes"], "{ours}");
                    }
                }
                "PENDING" | "CANCELLING" => assert!(live.len() <= 1, "{ours} {live:?}"),
                _ => assert!(live.is_empty(), "{ours} {live:?}"),
            }
        }
        let standing = ledger.iter().filter(|entry| entry["cancelled"] == false).count();
        assert_eq!(standing, accounted_for, "something stands outside that is not in our book");
        assert_eq!(overlaps(&book), Vec::<String>::new());
    }

    pub(crate) async fn unsettled(&self) -> u64 {
        clinic::db::outbox::backlog(self.db.read()).await.unwrap().count
    }

    /// Until nothing is left to settle; the clock stands still.
    pub(crate) async fn until_settled(&self) {
        let settled = comes_true(async || self.unsettled().await == 0).await;
        assert!(settled, "not settled: {:?}", self.whole_book().await);
    }

    /// Lets time pass and the outbox work until nothing is left to settle. The clock follows the
    /// real one, because what is waited for may be either's: a call's next turn, or its answer.
    pub(crate) async fn let_time_settle(&self) {
        let mut looked = Instant::now();
        let settled = comes_true(async || {
            if self.unsettled().await == 0 {
                return true;
            }
            let passed = looked.elapsed().min(LONGEST_LOOK) * FAST;
            looked = Instant::now();
            self.clock.advance(SignedDuration::try_from(passed).unwrap());
            self.settling.settle_due().await.unwrap();
            false
        });
        assert!(settled.await, "not settled: {:?}", self.whole_book().await);
    }

    /// Lets time pass until nothing is left to settle; then both books agree.
    pub(crate) async fn settle_everything(&self) {
        self.let_time_settle().await;
        self.assert_agreement().await;
    }

    /// Waits until the appointment has that status; the clock stands still.
    pub(crate) async fn wait_for(&self, id: &str, status: &str) -> Value {
        let mut last = Value::Null;
        let came = comes_true(async || {
            last = self.get(&format!("/appointment/{id}")).await.json();
            last["status"] == status
        });
        assert!(came.await, "never {status}: {last}");
        last
    }

    /// Asserts, for as long as late requests may still arrive, that what holds now goes on to hold.
    pub(crate) async fn assert_agreement_lasts(&self) {
        let begun = Instant::now();
        while begun.elapsed() < LATE {
            self.assert_agreement().await;
        }
        self.assert_agreement().await;
    }

    pub(crate) async fn status_of(&self, id: &str) -> String {
        let body = self.get(&format!("/appointment/{id}")).await.json();
        body["status"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn cancel(&self, id: &str) -> Answer {
        self.post(&format!("/appointment/{id}/cancel"), &json!({})).await
    }

    pub(crate) async fn reschedule(&self, id: &str, time: &str) -> Answer {
        self.post(&format!("/appointment/{id}/reschedule"), &json!({ "time": time })).await
    }
}

/// Which appointments overlap, of one provider or of one patient: an independent sweep.
pub(crate) fn overlaps(book: &[Value]) -> Vec<String> {
    let instant = |value: &Value| value.as_str().unwrap().parse::<Timestamp>().unwrap();
    let mut spans = Vec::new();
    for row in book.iter().filter(|row| HOLDING.contains(&row["status"].as_str().unwrap())) {
        for whose in ["provider", "patient"] {
            let owner = format!("{whose} {}", row[whose]["id"]);
            spans.push((
                owner.clone(),
                instant(&row["startsAt"]),
                instant(&row["endsAt"]),
                &row["id"],
            ));
        }
    }
    spans.sort_by(|one, other| (&one.0, one.1).cmp(&(&other.0, other.1)));
    let neighbours = spans.windows(2);
    let overlapping = neighbours.filter(|pair| pair[0].0 == pair[1].0 && pair[1].1 < pair[0].2);
    overlapping.map(|pair| format!("{}: {} and {}", pair[0].0, pair[0].3, pair[1].3)).collect()
}
