//! A client of both doors, which notes all it asks and all it gets.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::Trouble;
use crate::history::{Answer, Asked, Entry, History, Operation};
use crate::parts::midnight_in;
use crate::roster::{INSURANCE, STATE};

const SHAPE: &str = "appointment { id status scheduled startsAt provider { id } } error { code }";
const SHAPE_OF_A_HOLD: &str =
    "hold { token expiresAt slot { startsAt provider { id } } } error { code }";

/// A door of a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Via {
    pub(crate) server: usize,
    pub(crate) graphql: bool,
}

/// A visit to book.
#[derive(Debug, Clone, Default)]
pub(crate) struct Visit {
    /// Names the patient, and is the beginning of the e-mail address.
    pub(crate) who: String,
    pub(crate) provider: Option<String>,
    pub(crate) start: Option<i64>,
    pub(crate) after: Option<i64>,
    pub(crate) minutes: i64,
    pub(crate) key: Option<String>,
    /// The token of the time that is held for it, which is as long as `minutes`.
    pub(crate) token: Option<String>,
}

/// A client.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    ports: Arc<Vec<u16>>,
    history: Arc<History>,
}

impl Client {
    /// A client of the servers at `ports`, with a token if they want one.
    pub(crate) fn new(
        ports: Vec<u16>,
        history: Arc<History>,
        token: Option<&str>,
    ) -> Result<Self, Trouble> {
        let mut headers = HeaderMap::new();
        if let Some(token) = token {
            headers.insert(AUTHORIZATION, format!("Bearer {token}").parse()?);
        }
        let http = reqwest::Client::builder()
            .no_proxy()
            .default_headers(headers)
            .timeout(Duration::from_secs(40))
            .build()?;
        Ok(Self { http, ports: Arc::new(ports), history })
    }

    /// How long ago the history began.
    pub(crate) fn now(&self) -> Duration {
        self.history.now()
    }

    pub(crate) fn servers(&self) -> usize {
        self.ports.len()
    }

    pub(crate) fn url(&self, server: usize, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.ports[server % self.ports.len()])
    }

    pub(crate) async fn book(&self, via: Via, visit: &Visit) -> Entry {
        // At no time in particular it is from tomorrow on: the clock is the machine's, and a visit that begins
        // meanwhile can't be moved, and is given up by itself.
        let at_no_time = visit.start.is_none() && visit.token.is_none();
        let after = visit.after.or_else(|| at_no_time.then(|| midnight_in(1)));
        let email = format!("{}@example.com", visit.who);
        let patient =
            json!({ "name": visit.who, "email": email, "state": STATE, "insurance": INSURANCE });
        let body = if via.graphql {
            json!({
                "patient": patient, "providerId": visit.provider, "startsAt": instant(visit.start),
                "after": instant(after), "durationMinutes": visit.minutes,
                "idempotencyKey": visit.key, "holdToken": visit.token,
            })
        } else {
            json!({
                "patient": patient, "provider_id": visit.provider, "time": instant(visit.start),
                "after": instant(after), "duration_minutes": visit.minutes,
                "hold_token": visit.token,
            })
        };
        let asked = Asked {
            key: visit.key.clone(),
            id: None,
            token: visit.token.clone(),
            email: Some(email),
            provider: visit.provider.clone(),
            start: visit.start,
            minutes: Some(visit.minutes),
            ..about(Operation::Book, via, "")
        };
        self.ask(asked, "/appointment", "bookAppointment", body).await
    }

    pub(crate) async fn reschedule(&self, via: Via, id: &str, start: i64, minutes: i64) -> Entry {
        let time = instant(Some(start));
        let body = if via.graphql {
            json!({ "id": id, "startsAt": time, "durationMinutes": minutes })
        } else {
            json!({ "time": time, "duration_minutes": minutes })
        };
        let mut asked = about(Operation::Reschedule, via, id);
        asked.start = Some(start);
        asked.minutes = Some(minutes);
        let path = format!("/appointment/{id}/reschedule");
        self.ask(asked, &path, "rescheduleAppointment", body).await
    }

    pub(crate) async fn cancel(&self, via: Via, id: &str) -> Entry {
        let body = if via.graphql { json!({ "id": id }) } else { json!({}) };
        let asked = about(Operation::Cancel, via, id);
        self.ask(asked, &format!("/appointment/{id}/cancel"), "cancelAppointment", body).await
    }

    /// To another provider, at the visit's own time. REST has no route for it.
    pub(crate) async fn reassign(&self, server: usize, id: &str, provider: &str) -> Entry {
        let mut asked = about(Operation::Reassign, Via { server, graphql: true }, id);
        asked.provider = Some(provider.to_owned());
        let body = json!({ "id": id, "providerId": provider });
        self.ask(asked, "", "reassignAppointment", body).await
    }

    pub(crate) async fn set_status(&self, via: Via, id: &str, status: &str) -> Entry {
        let body = if via.graphql {
            json!({ "id": id, "status": status })
        } else {
            json!({ "status": status })
        };
        let asked = about(Operation::Status, via, id);
        self.ask(asked, &format!("/appointment/{id}/status"), "setVisitStatus", body).await
    }

    /// Holds the time of the visit for so many minutes; its answer names the token.
    pub(crate) async fn hold(&self, via: Via, visit: &Visit, minutes: i64) -> Entry {
        let after = visit.after.or_else(|| visit.start.is_none().then(|| midnight_in(1)));
        let (start, after) = (instant(visit.start), instant(after));
        let patient = visit.provider.is_none();
        let (state, insurance) = (patient.then_some(STATE), patient.then_some(INSURANCE));
        let body = if via.graphql {
            json!({
                "providerId": visit.provider, "state": state, "insurance": insurance, "startsAt": start,
                "after": after, "durationMinutes": visit.minutes, "minutes": minutes,
            })
        } else {
            json!({
                "provider_id": visit.provider, "state": state, "insurance": insurance, "time": start,
                "after": after, "duration_minutes": visit.minutes, "minutes": minutes,
            })
        };
        let asked = Asked {
            id: None,
            provider: visit.provider.clone(),
            start: visit.start,
            minutes: Some(visit.minutes),
            ..about(Operation::Hold, via, "")
        };
        self.ask(asked, "/hold", "holdSlot", body).await
    }

    pub(crate) async fn release(&self, via: Via, token: &str) -> Entry {
        let body = if via.graphql { json!({ "token": token }) } else { json!({}) };
        let asked = about(Operation::Release, via, token);
        self.ask(asked, &format!("/hold/{token}"), "releaseHold", body).await
    }

    /// An edit of the roster: `selection` of its payload, or none where it was not done.
    pub(crate) async fn edit(
        &self,
        server: usize,
        (mutation, selection): (&str, &str),
        input: Value,
    ) -> Result<Option<Value>, Trouble> {
        let name = capitalised(mutation);
        let query = format!(
            "mutation($input: {name}Input!) {{ {mutation}(input: $input) {{ {selection} error {{ code message }} }} }}"
        );
        let body = json!({ "query": query, "variables": { "input": input } });
        let Ok(answer) = self.http.post(self.url(server, "/graphql")).json(&body).send().await
        else {
            return Ok(None);
        };
        let Ok(answer) = answer.json::<Value>().await else { return Ok(None) };
        let payload = &answer["data"][mutation];
        match payload["error"]["code"].as_str() {
            None if payload.is_object() => Ok(Some(payload.clone())),
            None | Some("UNAVAILABLE" | "IDEMPOTENCY_KEY_IN_USE") => Ok(None),
            Some(_) => Err(format!("{mutation}: {answer}").into()),
        }
    }

    async fn ask(&self, asked: Asked, path: &str, mutation: &str, mut body: Value) -> Entry {
        // What is not given is left out: null is not the same to every reader.
        if let Some(object) = body.as_object_mut() {
            object.retain(|_, value| !value.is_null());
        }
        let request = if asked.graphql {
            let input = capitalised(mutation);
            let shape = match asked.operation {
                Operation::Hold | Operation::Release => SHAPE_OF_A_HOLD,
                _ => SHAPE,
            };
            let query = format!(
                "mutation($input: {input}Input!) {{ {mutation}(input: $input) {{ {shape} }} }}"
            );
            self.http
                .post(self.url(asked.server, "/graphql"))
                .json(&json!({ "query": query, "variables": { "input": body } }))
        } else if asked.operation == Operation::Release {
            self.http.delete(self.url(asked.server, path))
        } else {
            let request = self.http.post(self.url(asked.server, path)).json(&body);
            match &asked.key {
                Some(key) => request.header("Idempotency-Key", key),
                None => request,
            }
        };
        let (graphql, released) = (asked.graphql, released(&asked));
        let number = self.history.ask(asked, &body);
        let began = Instant::now();
        let got = send(request, graphql.then_some(mutation)).await;
        // What is released is named by whoever asks for it.
        let got = got.map(|answer| match answer.code {
            None => Answer { id: released.or(answer.id), ..answer },
            Some(_) => answer,
        });
        self.history.answer(number, got, began.elapsed())
    }

    /// Ids of the providers, by name.
    pub(crate) async fn providers(&self) -> Result<Vec<String>, Trouble> {
        let query = json!({ "query": "{ providers(first: 100) { nodes { id name } } }" });
        let answer = self.http.post(self.url(0, "/graphql")).json(&query).send().await?;
        let answer: Value = answer.json().await?;
        let nodes = answer["data"]["providers"]["nodes"].as_array().cloned().unwrap_or_default();
        let mut named: Vec<(String, String)> = nodes
            .iter()
            .map(|node| (text(&node["name"]).unwrap(), text(&node["id"]).unwrap()))
            .collect();
        named.sort();
        Ok(named.into_iter().map(|(_, id)| id).collect())
    }

    /// A counter of all servers together.
    pub(crate) async fn counter(&self, name: &str) -> Result<u64, Trouble> {
        let mut sum = 0;
        for server in 0..self.servers() {
            let metrics = self.http.get(self.url(server, "/metrics")).send().await?.text().await?;
            let line = metrics.lines().find_map(|line| line.strip_prefix(name));
            sum += line.and_then(|value| value.trim().parse::<u64>().ok()).unwrap_or_default();
        }
        Ok(sum)
    }
}

/// The token that is to be released, if that is asked for.
fn released(asked: &Asked) -> Option<String> {
    asked.id.clone().filter(|_| asked.operation == Operation::Release)
}

async fn send(request: RequestBuilder, mutation: Option<&str>) -> Result<Answer, String> {
    let response: Response = request.send().await.map_err(|error| error.to_string())?;
    let http = response.status().as_u16();
    let body = response.text().await.map_err(|error| error.to_string())?;
    let nothing = body.is_empty() && http == 204;
    let body = if nothing { Ok(Value::Null) } else { serde_json::from_str(&body) };
    let body: Value = body.map_err(|error| error.to_string())?;
    Ok(match mutation {
        Some(mutation) => by_graphql(http, &body, mutation),
        None => by_rest(http, &body),
    })
}

fn by_graphql(http: u16, body: &Value, mutation: &str) -> Answer {
    let payload = &body["data"][mutation];
    let (appointment, hold) = (&payload["appointment"], &payload["hold"]);
    let is_hold = hold.is_object();
    let at = if is_hold { &hold["slot"] } else { appointment };
    let code = if payload.is_object() {
        text(&payload["error"]["code"])
    } else {
        let code = text(&body["errors"][0]["extensions"]["code"]);
        Some(code.unwrap_or_else(|| "GRAPHQL".to_owned()))
    };
    Answer {
        http,
        code,
        id: text(if is_hold { &hold["token"] } else { &appointment["id"] }),
        status: text(&appointment["status"]),
        scheduled: appointment["scheduled"] == true,
        start: seconds(&at["startsAt"]),
        provider: text(&at["provider"]["id"]),
        expires: seconds(&hold["expiresAt"]),
    }
}

fn by_rest(http: u16, body: &Value) -> Answer {
    Answer {
        http,
        code: text(&body["code"]),
        id: text(&body["appointment_id"]).or_else(|| text(&body["token"])),
        status: text(&body["status"]).filter(|_| http < 400),
        scheduled: body["scheduled"] == true,
        start: seconds(&body["time"]),
        provider: text(&body["provider_id"]),
        expires: seconds(&body["expires_at"]),
    }
}

fn about(operation: Operation, via: Via, id: &str) -> Asked {
    Asked {
        operation,
        graphql: via.graphql,
        server: via.server,
        key: None,
        id: Some(id.to_owned()),
        token: None,
        email: None,
        provider: None,
        start: None,
        minutes: None,
    }
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// Seconds since 1970 of an instant in text.
pub(crate) fn seconds(value: &Value) -> Option<i64> {
    value.as_str()?.parse::<Timestamp>().ok().map(Timestamp::as_second)
}

fn instant(seconds: Option<i64>) -> Option<String> {
    seconds.map(|seconds| Timestamp::from_second(seconds).unwrap().to_string())
}
