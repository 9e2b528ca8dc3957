//! The log of the roster: every event once and in order, whichever program changed it.

use serde_json::{Value, json};

use crate::support::{
    ROSTER_BEGINNING, RosterBuilder, TestApp, WebSocketClient, clinic, on_both_engines, provider,
};

/// The whole log, read page by page.
async fn log(app: &TestApp) -> Vec<Value> {
    let (mut log, mut after) = (Vec::new(), ROSTER_BEGINNING.to_owned());
    loop {
        let query = format!(
            "{{ rosterEvents(first: 4, after: \"{after}\") {{ nodes {{ cursor at kind provider {{ name }} }} }} }}"
        );
        let page = app.graphql(&query, json!({})).await;
        let nodes = page["data"]["rosterEvents"]["nodes"]
            .as_array()
            .unwrap_or_else(|| panic!("{page}"))
            .clone();
        let Some(last) = nodes.last() else { return log };
        last["cursor"].as_str().unwrap().clone_into(&mut after);
        log.extend(nodes);
    }
}

/// Somebody who follows the roster, from a cursor on or from now on.
async fn follow(app: &TestApp, after: Option<&str>) -> WebSocketClient {
    let mut client = WebSocketClient::open(app).await;
    client.say(&json!({ "type": "connection_init" })).await;
    assert_eq!(client.hear().await, Ok(json!({ "type": "connection_ack" })));
    let query = "subscription ($after: String) {
        rosterChanged(after: $after) { cursor at kind provider { name } } }";
    let payload = json!({ "query": query, "variables": { "after": after } });
    client.say(&json!({ "type": "subscribe", "id": "1", "payload": payload })).await;
    client
}

async fn told(client: &mut WebSocketClient, count: usize) -> Vec<Value> {
    let mut events = Vec::new();
    while events.len() < count {
        let message = client.hear().await.unwrap();
        assert_eq!(
            (&message["type"], &message["payload"]["errors"]),
            (&json!("next"), &Value::Null),
            "{message}"
        );
        events.push(message["payload"]["data"]["rosterChanged"].clone());
    }
    events
}

on_both_engines! {
    async fn what_a_roster_adds_is_told_in_order_whichever_program_loads_it(engine) {
        let app = TestApp::spawn(engine).await;
        let seeded = log(&app).await;
        let kinds: Vec<_> = seeded.iter().map(|event| event["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, [["INSURANCE_CREATED"; 3], ["PROVIDER_CREATED"; 3]].concat());
        let names: Vec<_> = seeded.iter().map(|event| event["provider"]["name"].as_str()).collect();
        assert_eq!(names[2..], [None, Some("Dr. Jane Doe"), Some("Doctor Strange"), Some("Doctor Who")]);

        let mut behind = follow(&app, seeded[3]["cursor"].as_str()).await;
        assert_eq!(told(&mut behind, 2).await, seeded[4..]);
        let more = RosterBuilder::usual().with(provider("Dr. New").licensed("CT").takes("Aetna")).text();
        std::fs::write(app.file("more.json"), more).unwrap();
        let settings = [("DATABASE_URL", app.database.url.as_str()), ("RUST_LOG", "error")];
        let folder = app.database.folder.path();
        let ended = clinic(folder, &settings, &["seed", "--file", "more.json"]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let news = told(&mut behind, 1).await;
        assert_eq!((&news[0]["kind"], &news[0]["provider"]["name"]), (&json!("PROVIDER_CREATED"), &json!("Dr. New")));
        assert_eq!(log(&app).await, [seeded, news].concat());
        // What changes nothing is no event.
        assert_eq!(clinic(folder, &settings, &["seed", "--file", "more.json"]).await.code, Some(0));
        assert_eq!(log(&app).await.len(), 7);
    }
}

on_both_engines! {
    async fn a_cursor_of_another_log_is_refused(engine) {
        let app = TestApp::spawn(engine).await;
        for cursor in ["rst_00000000beef", "evt_000000000000", "x"] {
            let query = format!("{{ rosterEvents(after: \"{cursor}\") {{ totalCount }} }}");
            let answer = app.graphql(&query, json!({})).await;
            assert_eq!(answer["errors"][0]["extensions"]["field"], "after", "{answer}");
        }
    }
}
