//! A patient, one of the staff and what they come in by, through every door, with everything logged that
//! can be: none of them is.

use std::fs;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{
    BEGINNING, Engine, ServerProcess, TestApp, TestDatabase, WebSocketClient, on_both_engines,
};

const TOKEN: &str = "canary-token-0123456789";
const NAME: &str = "Xanthippe Kanarienvogel";
const WRITTEN: [&str; 14] = [
    "xanthippe",
    "kanarienvogel",
    "2125550142",
    "canary-token",
    "canary-itch",
    "1961-04-12",
    "canaria staff",
    "canary.staff",
    "canary yellow words",
    "cli_",
    "cls_",
    "clt_",
    "clf_",
    "clv_",
];

struct Doors {
    server: ServerProcess,
    client: Client,
}

impl Doors {
    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.server.url)).bearer_auth(TOKEN)
    }

    fn operation(&self, query: &str) -> RequestBuilder {
        self.ask(Method::POST, "/graphql").json(&json!({ "query": query }))
    }

    /// Reads of an answer that goes on until it names the patient.
    async fn names_the_patient(&self, accept: &str, query: &str) {
        let mut answer = self.operation(query).header("accept", accept).send().await.unwrap();
        let mut heard = String::new();
        while !heard.contains(NAME) {
            let chunk = answer.chunk().await.unwrap().unwrap_or_else(|| panic!("{heard}"));
            heard.push_str(&String::from_utf8_lossy(&chunk));
        }
    }
}

impl Doors {
    /// Somebody on the staff is added, comes in by each way there is, and makes mistakes on it.
    async fn staff_comes_and_goes(&self) {
        let add = "mutation { createPerson(input: { name: \"Canaria Staff\", email: \"canary.staff@example.com\", role: ADMIN })
            { invitation } createToken(input: { name: \"Canaria Staff's script\", role: VIEWER }) { secret } }";
        let added = TestApp::send(self.operation(add)).await.json();
        let invitation = added["data"]["createPerson"]["invitation"].as_str().unwrap();
        let secret = added["data"]["createToken"]["secret"].as_str().unwrap();
        let url = &self.server.url;
        let post = |path: &str, body: Value| {
            TestApp::send(
                self.client.post(format!("{url}{path}")).header("origin", url).json(&body),
            )
        };
        let set = json!({ "invitation": invitation, "password": "canary yellow words" });
        assert_eq!(post("/session/password", set.clone()).await.status, 204);
        assert_eq!(post("/session/password", set).await.status, 401);
        let session =
            |password: &str| json!({ "email": "canary.staff@example.com", "password": password });
        assert_eq!(post("/session", session("canary yellow words, nearly")).await.status, 401);
        let signed_in = post("/session", session("canary yellow words")).await;
        assert_eq!(signed_in.status, 200, "{signed_in:?}");
        let cookie = crate::support::cookie_of(&signed_in);
        let form = "email=canary.staff%40example.com&password=canary+yellow+words";
        let form = self.client.post(format!("{url}/sign-in")).header("origin", url).body(form);
        let form = form.header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(TestApp::send(form).await.status, 200, "where it led");
        for path in
            ["/session", "/sign-in", "/patients", "/graphql?query=%7Bpeople%7Bname+email%7D%7D"]
        {
            let request = self
                .client
                .get(format!("{url}{path}"))
                .header("origin", url)
                .header("cookie", &cookie);
            assert_eq!(TestApp::send(request).await.status, 200, "{path}");
        }
        let stolen = self.client.get(format!("{url}/patients")).header("cookie", &cookie);
        assert_eq!(TestApp::send(stolen).await.status, 403);
        let by_token = self.client.get(format!("{url}/providers")).bearer_auth(secret);
        assert_eq!(TestApp::send(by_token).await.status, 200);
        let wrong = self.client.get(format!("{url}/providers")).bearer_auth(format!("{secret}0"));
        assert_eq!(TestApp::send(wrong).await.status, 401);
        let out = self
            .client
            .delete(format!("{url}/session"))
            .header("origin", url)
            .header("cookie", &cookie);
        assert_eq!(TestApp::send(out).await.status, 204);
    }
}

impl Doors {
    /// A visit and a provider's calendar are read, with their patients, and one that nobody has made.
    async fn calendars_are_read(&self) {
        let visits =
            TestApp::send(self.ask(Method::GET, "/appointments?from=2020-01-01&to=2099-01-01"))
                .await
                .json();
        let visit = &visits["appointments"][0];
        let path = format!("/appointment/{}.ics", visit["appointment_id"].as_str().unwrap());
        let file = TestApp::send(self.ask(Method::GET, &path)).await;
        assert!(file.text.contains(NAME), "{file:?}");
        let mutation = format!(
            "mutation {{ createCalendarFeed(input: {{ providerId: {}, withPatients: true }}) {{ url }} }}",
            visit["provider_id"]
        );
        let made = TestApp::send(self.operation(&mutation)).await.json();
        let path = made["data"]["createCalendarFeed"]["url"].as_str().unwrap();
        for (path, status) in [(path.to_owned(), 200), (path.replace(".ics", "0.ics"), 404)] {
            let read = self.client.get(format!("{}{path}", self.server.url));
            let read = TestApp::send(read).await;
            assert_eq!((read.status.as_u16(), read.text.contains(NAME)), (status, status == 200));
        }
    }
}

impl Doors {
    /// A patient's visit is shown by a link, changed, and asked for by links that open nothing.
    async fn a_patient_comes_by_a_link(&self, database: &TestDatabase) {
        let token = format!("clv_{}", "0".repeat(64));
        let hash: String =
            Sha256::digest(&token).iter().map(|byte| format!("{byte:02x}")).collect();
        let address: String = Sha256::digest("xanthippe@example.com")
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let (id, before, after) = match database.engine {
            Engine::Sqlite => ("randomblob(16)", "x'", "'"),
            Engine::Postgres => ("gen_random_uuid()", "'\\x", "'::bytea"),
        };
        let sql = format!(
            "INSERT INTO visit_link (id, token_hash, appointment_id, address_hash, created_at)
             SELECT {id}, {before}{hash}{after}, id, {before}{address}{after}, created_at FROM appointment WHERE status = 'CONFIRMED' LIMIT 1",
        );
        assert_eq!(database.execute(&sql).await.unwrap(), 1);
        let url = &self.server.url;
        for (path, status) in [
            (format!("/visit/{token}"), 200),
            (format!("/visit/{token}/calendar.ics"), 200),
            (format!("/visit/{token}0"), 404),
            (format!("/offer/{token}"), 404),
            (format!("/visit/{token}/cancel"), 200),
            (format!("/visit/{token}/cancel/"), 404),
            (format!("/visit/{token}/any/more"), 404),
        ] {
            let answer = TestApp::send(self.client.get(format!("{url}{path}"))).await;
            assert_eq!(answer.status, status, "{answer:?}");
        }
        for (act, fields, status) in
            [("reminders", "on=false", 200), ("move", "time=xanthippe", 422), ("cancel", "", 200)]
        {
            let form = self.client.post(format!("{url}/visit/{token}/{act}")).header("origin", url);
            let form = form.header("content-type", "application/x-www-form-urlencoded");
            let answer = TestApp::send(form.body(fields)).await;
            assert_eq!(answer.status, status, "where it led: {answer:?}");
        }
        let foreign = self.client.post(format!("{url}/visit/{token}/cancel"));
        assert_eq!(TestApp::send(foreign).await.status, 403);
    }
}

fn patient() -> Value {
    json!({ "name": NAME, "email": "xanthippe@example.com", "state": "CT", "insurance": "Aetna",
        "phone": "+12125550142", "birth_date": "1961-04-12" })
}

fn booking() -> String {
    format!(
        "mutation {{ bookAppointment(input: {{ patient: {{ name: \"{NAME}\", email: \"xanthippe@example.com\",
            state: \"CT\", insurance: \"Aetna\", phone: \"+12125550142\", birthDate: \"1961-04-12\" }},
            reason: \"canary-itch\" }}) {{ appointment {{ id }} error {{ code }} }} }}"
    )
}

on_both_engines! {
    async fn no_door_and_no_library_logs_anybody_or_a_secret_at_any_level(engine) {
        let database = TestDatabase::create(engine).await;
        let log = database.folder.path().join("log");
        let settings = [("RUST_LOG", "trace"), ("API_TOKEN", TOKEN), ("SEED_DEMO", "true")];
        let server = ServerProcess::start_logging(&database, &settings, &log).await;
        let doors = Doors { server, client: Client::builder().no_proxy().build().unwrap() };

        let body = json!({ "patient": patient(), "reason": "canary-itch" });
        let booked = TestApp::send(doors.ask(Method::POST, "/appointment").json(&body)).await;
        assert_eq!(booked.status, 201, "{booked:?}");
        let id = booked.json()["appointment_id"].as_str().unwrap().to_owned();
        for path in ["/patients?search=xanthippe", "/appointments?limit=5", "/patients?search=canary-itch&limit=x"] {
            let answer = TestApp::send(doors.ask(Method::GET, path).header("accept", "text/csv, */*")).await;
            assert_ne!(answer.status, 401, "{answer:?}");
        }
        let moved = doors.ask(Method::POST, &format!("/appointment/{id}/cancel"));
        assert_eq!(TestApp::send(moved.json(&json!({ "reason": "canary-itch" }))).await.status, 200);

        let booked = TestApp::send(doors.operation(&booking())).await.json();
        assert_eq!(booked["data"]["bookAppointment"]["error"], Value::Null, "{booked}");
        let path = format!("/graphql?query=%7Bpatients(search:%22{}%22)%7Bnodes%7Bname%7D%7D%7D", "xanthippe");
        let found = TestApp::send(doors.ask(Method::GET, &path)).await;
        assert!(found.text.contains(NAME), "{found:?}");
        let follow = format!(
            "subscription {{ appointmentChanged(after: \"{BEGINNING}\") {{ appointment {{ patient {{ name email }} }} }} }}"
        );
        for accept in ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0, application/json"] {
            doors.names_the_patient(accept, &follow).await;
        }

        let headers = [("sec-websocket-protocol", "graphql-transport-ws")];
        let mut client = WebSocketClient::connect(&doors.server.url, &headers).await.unwrap();
        let init = json!({ "type": "connection_init", "payload": { "authorization": TOKEN } });
        client.say(&init).await;
        assert_eq!(client.hear().await.unwrap()["type"], "connection_ack");
        for (id, query) in [("1", booking()), ("2", follow)] {
            client.say(&json!({ "type": "subscribe", "id": id, "payload": { "query": query } })).await;
            while client.hear().await.unwrap()["type"] != "next" {}
        }
        doors.staff_comes_and_goes().await;
        doors.calendars_are_read().await;
        doors.a_patient_comes_by_a_link(&database).await;
        // Nor what is wrong with a token, a body, or the book itself.
        let guess = doors.client.get(format!("{}/patients", doors.server.url)).bearer_auth("canary-token-guess-0");
        assert_eq!(TestApp::send(guess).await.status, 401);
        TestApp::send(doors.ask(Method::POST, "/appointment").body(format!("{{\"{NAME}\": "))).await;
        database.execute("ALTER TABLE appointment RENAME TO elsewhere").await.unwrap();
        let broken = TestApp::send(doors.ask(Method::POST, "/appointment").json(&body)).await;
        assert!(broken.status.is_server_error(), "{broken:?}");

        let log = fs::read_to_string(log).unwrap().to_lowercase();
        assert!(log.contains("post /appointment 201"), "nothing was logged");
        let told: Vec<&str> =
            log.lines().filter(|line| WRITTEN.iter().any(|what| line.contains(what))).collect();
        assert_eq!(told, Vec::<&str>::new());
    }
}
