//! `clinic race`: the demonstration a sceptic runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::server::{address, client_of};
use super::terminal::{Failure, say};
use crate::config::Config;

/// A free time, and what a patient must be to book it.
struct Target {
    provider_id: String,
    provider: String,
    time: String,
    state: String,
    insurance: String,
}

/// What one client got.
enum RaceResult {
    Won(String),
    Lost(String),
}

/// Fires `clients` simultaneous bookings at one free time of the server at `url`.
pub(super) async fn run(config: &Config, url: Option<&str>, clients: usize) -> Result<(), Failure> {
    let url = address(config, url);
    let url = url.as_str();
    let client = client(url, config.api_token.as_deref())?;
    let target = find_target(&client, url).await?;
    say(&format!("{clients} clients book {} at {}", target.provider, target.time));
    let (won, lost) = fire(&client, url, Arc::new(target), clients).await?;
    say(&format!("{:>6} booked", won.len()));
    for (code, count) in &lost {
        say(&format!("{count:>6} {code}"));
    }
    for id in &won {
        let cancel = format!("{url}/appointment/{id}/cancel");
        client.post(cancel).json(&json!({ "reason": "race" })).send().await?.error_for_status()?;
    }
    let other: Vec<String> = lost
        .iter()
        .filter(|(told, _)| *told != "SLOT_TAKEN")
        .map(|(told, count)| format!("{count} {told}"))
        .collect();
    if won.len() != 1 {
        Err(format!("{} won, and it must be exactly one", won.len()).into())
    } else if !other.is_empty() {
        let other = other.join(", ");
        Err(format!(
            "one won, and all others must be told SLOT_TAKEN; {other} say nothing about who would \
             have got the time"
        )
        .into())
    } else {
        say("Exactly one won; all others were told SLOT_TAKEN. Cancelled again.");
        Ok(())
    }
}

fn client(url: &str, token: Option<&str>) -> Result<Client, Failure> {
    let mut headers = HeaderMap::new();
    if let Some(token) = token {
        headers.insert(AUTHORIZATION, HeaderValue::try_from(format!("Bearer {token}"))?);
    }
    Ok(client_of(url).default_headers(headers).timeout(Duration::from_mins(1)).build()?)
}

async fn find_target(client: &Client, url: &str) -> Result<Target, Failure> {
    let query = "{ providers(first: 100) { nodes { id name states insurances firstAvailable { startsAt } } } }";
    let request = client.post(format!("{url}/graphql")).json(&json!({ "query": query }));
    let answer = request.send().await.map_err(|_unreachable| {
        format!("nothing answers at {url}: start the server with `clinic`")
    })?;
    let answer: Value = answer.error_for_status()?.json().await?;
    let nodes = answer["data"]["providers"]["nodes"].as_array().cloned().unwrap_or_default();
    let target = |node: &Value| {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some(Target {
            provider_id: text(&node["id"])?,
            provider: text(&node["name"])?,
            time: text(&node["firstAvailable"]["startsAt"])?,
            state: text(&node["states"][0])?,
            insurance: text(&node["insurances"][0])?,
        })
    };
    nodes.iter().find_map(target).ok_or_else(|| "no provider has a free time to race for".into())
}

async fn fire(
    client: &Client,
    url: &str,
    target: Arc<Target>,
    clients: usize,
) -> Result<(Vec<String>, BTreeMap<String, usize>), Failure> {
    let together = Arc::new(Barrier::new(clients));
    let mut racing = JoinSet::new();
    for number in 0..clients {
        let (client, target, together) = (client.clone(), target.clone(), together.clone());
        let url = format!("{url}/appointment");
        racing.spawn(async move {
            let body = json!({
                "patient": {
                    "name": format!("Race {number}"), "email": format!("race{number}@example.com"),
                    "state": target.state, "insurance": target.insurance,
                },
                "provider_id": target.provider_id, "time": target.time, "duration_minutes": 30,
            });
            together.wait().await;
            book(&client, &url, &body).await
        });
    }
    let (mut won, mut lost) = (Vec::new(), BTreeMap::new());
    while let Some(got) = racing.join_next().await {
        match got? {
            RaceResult::Won(id) => won.push(id),
            RaceResult::Lost(code) => *lost.entry(code).or_default() += 1,
        }
    }
    Ok((won, lost))
}

async fn book(client: &Client, url: &str, body: &Value) -> RaceResult {
    let Ok(response) = client.post(url).json(body).send().await else {
        return RaceResult::Lost("no answer".to_owned());
    };
    let status = response.status();
    let answer: Value = response.json().await.unwrap_or_default();
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    match status {
        StatusCode::CREATED | StatusCode::ACCEPTED => RaceResult::Won(text("appointment_id")),
        _ if text("code").is_empty() => RaceResult::Lost(format!("status {status}")),
        _ => RaceResult::Lost(text("code")),
    }
}
