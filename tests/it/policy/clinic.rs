//! A clinic of two providers, with a visit of each kind: what one of the two may know of, and what not.

use clinic::access::{Actor, Role};
use clinic::domain::ProviderId;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Engine, RosterBuilder, TestApp, caller};

/// A patient with a visit.
pub(super) struct Seen {
    pub(super) visit: String,
    pub(super) patient: String,
    pub(super) name: String,
    pub(super) reason: String,
    pub(super) email: String,
    pub(super) phone: String,
    pub(super) birth_date: String,
}

/// Two providers who differ in nothing but whose visits they have.
pub(super) struct Clinic {
    pub(super) app: TestApp,
    /// The provider that the clinician of the tests is, and another.
    pub(super) own_id: String,
    pub(super) other_id: String,
    /// Confirmed, with the clinician.
    pub(super) own: Seen,
    /// Confirmed, with the other.
    pub(super) other: Seen,
    /// The patient of both, whose visit here is with the clinician; `elsewhere` is with the other.
    pub(super) shared: Seen,
    pub(super) elsewhere: Seen,
    /// Cancelled, with the clinician.
    pub(super) cancelled: Seen,
    /// Refused by the scheduling service, with the clinician.
    pub(super) failed: Seen,
}

/// Why the cancelled visit was.
pub(super) const CANCELLED_BECAUSE: &str = "Cancelledword moved away";

/// What a patient of the tests is described by; the word is theirs alone.
pub(super) fn person(word: &str) -> Value {
    let number = word.len();
    json!({ "name": format!("{word} Kanarie"), "email": format!("{word}@canary.example.com"),
        "state": "CT", "insurance": "Aetna", "phone": format!("+1203555{:04}", 4242 + 7 * number),
        "birth_date": format!("1961-04-{:02}", number), "time_zone": "America/New_York" })
}

impl Clinic {
    /// Where access is open: the tests ask the use cases.
    pub(super) async fn open(engine: Engine) -> Self {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(2)).spawn().await;
        Self::of(app, None).await
    }

    pub(super) async fn of(app: TestApp, token: Option<&str>) -> Self {
        let desk = Desk { app: &app, token };
        let (own_id, other_id) =
            (desk.provider_id("Dr. 000").await, desk.provider_id("Dr. 001").await);
        let own = desk.seen(("Ownword", "Ownword"), &own_id, "2027-01-12T14:00:00Z").await;
        let other = desk.seen(("Otherword", "Otherword"), &other_id, "2027-01-12T14:00:00Z").await;
        let shared = desk.seen(("Sharedword", "Sharedword"), &own_id, "2027-01-12T15:00:00Z").await;
        let elsewhere =
            desk.seen(("Sharedword", "Elsewhereword"), &other_id, "2027-01-12T16:00:00Z").await;
        let cancelled =
            desk.seen(("Cancelledword", "Cancelledword"), &own_id, "2027-01-12T17:00:00Z").await;
        let path = format!("/appointment/{}/cancel", cancelled.visit);
        let answer = desk.post(&path, &json!({ "reason": CANCELLED_BECAUSE })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        app.faults(&json!({ "refuse_rate": 1.0 })).await;
        let failed =
            desk.seen(("Refusedword", "Refusedword"), &own_id, "2027-01-12T18:00:00Z").await;
        app.faults(&json!({})).await;
        Self { app, own_id, other_id, own, other, shared, elsewhere, cancelled, failed }
    }

    pub(super) fn own_provider(&self) -> ProviderId {
        self.own_id.parse().unwrap()
    }

    pub(super) fn clinician(&self) -> Actor {
        caller(Role::Clinician, Some(self.own_provider()))
    }

    /// A caller in that role; a clinician is the provider of the tests.
    pub(super) fn caller(&self, role: Role) -> Actor {
        caller(role, (role == Role::Clinician).then(|| self.own_provider()))
    }

    /// A query or mutation of that caller.
    pub(super) async fn ask(&self, actor: &Actor, query: &str) -> Value {
        self.app.ask_as(actor, query, json!({})).await
    }
}

/// The front desk, which books for everybody.
struct Desk<'a> {
    app: &'a TestApp,
    token: Option<&'a str>,
}

impl Desk<'_> {
    async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let request = match self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        TestApp::send(request).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.app.request(Method::POST, path).json(body)).await
    }

    async fn provider_id(&self, name: &str) -> String {
        let answer = self.send(self.app.request(Method::GET, "/providers")).await.json();
        let providers = answer["providers"].as_array().unwrap();
        let found = providers.iter().find(|provider| provider["name"] == name).unwrap();
        found["provider_id"].as_str().unwrap().to_owned()
    }

    /// Books for whoever has that word, for a reason with the other.
    async fn seen(&self, (word, reason): (&str, &str), provider: &str, time: &str) -> Seen {
        let (patient, reason) = (person(word), format!("{reason} itches"));
        let body =
            json!({ "patient": patient, "provider_id": provider, "time": time, "reason": reason });
        let answer = self.post("/appointment", &body).await.json();
        let visit = answer["appointment_id"].as_str().unwrap_or_else(|| panic!("{answer}"));
        let path = format!("/appointment/{visit}");
        let shown = self.send(self.app.request(Method::GET, &path)).await.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Seen {
            visit: visit.to_owned(),
            patient: text(&shown["patient_id"]),
            name: text(&patient["name"]),
            reason,
            email: text(&patient["email"]),
            phone: text(&patient["phone"]),
            birth_date: text(&patient["birth_date"]),
        }
    }
}

/// The ids of a list.
pub(super) fn ids(nodes: &Value) -> Vec<String> {
    let nodes = nodes.as_array().unwrap_or_else(|| panic!("no list: {nodes}"));
    let mut ids: Vec<String> =
        nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

/// Every visit there is, of whatever status.
pub(super) const ALL: &str = "from: \"2027-01-01T00:00:00Z\", to: \"2027-02-01T00:00:00Z\", first: 50, \
     status: [PENDING, CONFIRMED, CANCELLING, CANCELLED, FAILED, EXPIRED]";
