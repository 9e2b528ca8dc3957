//! The rules of time zones are those of the build, whatever the machine has.

use std::fs;
use std::path::Path;

use clinic::domain::zone_data_version;
use serde_json::json;

use crate::support::{Engine, ServerProcess, TestApp, TestDatabase};

/// A zone of the machine (RFC 9636) that is always five hours ahead of Greenwich.
fn write_wrong_zone(folder: &Path, name: &str) {
    let header = |version| {
        let mut header = [b"TZif".as_slice(), &[version], &[0; 15]].concat();
        for count in [0_u32, 0, 0, 0, 1, 4] {
            header.extend(count.to_be_bytes());
        }
        header
    };
    let kind = [&18_000_i32.to_be_bytes()[..], &[0, 0], b"+05\0"].concat();
    let file = [header(b'2'), kind.clone(), header(b'2'), kind, b"\n<+05>-5\n".to_vec()].concat();
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, file).unwrap();
}

#[tokio::test]
async fn the_machines_own_zone_data_do_not_count() {
    let database = TestDatabase::create(Engine::Sqlite).await;
    let zones = database.folder.path().join("zoneinfo");
    write_wrong_zone(&zones, "America/New_York");
    write_wrong_zone(&zones, "Etc/UTC");
    let settings = [("TZDIR", zones.to_str().unwrap()), ("SEED_DEMO", "true")];
    let server = ServerProcess::start(&database, &settings).await;
    let query = "{ providers(state: \"NY\", first: 1) { nodes { timeZone firstAvailable { localStartsAt } } } }";
    let answer = server.graphql(query, json!({})).await;
    let provider = &answer["data"]["providers"]["nodes"][0];
    assert_eq!(provider["timeZone"], "America/New_York", "{answer}");
    let local = provider["firstAvailable"]["localStartsAt"].as_str().unwrap();
    assert!(local.ends_with("-05:00") || local.ends_with("-04:00"), "{answer}");
}

#[tokio::test]
async fn the_release_of_the_zone_data_is_told_at_start_in_health_and_in_a_metric() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(app.get(path).await.json()["time_zone_data"], zone_data_version(), "{path}");
    }
    let database = TestDatabase::create(Engine::Sqlite).await;
    let server = ServerProcess::start(&database, &[]).await;
    let told = format!("Time zones   as of {}", zone_data_version());
    assert!(server.banner.contains(&told), "{}", server.banner);
    let metrics = server.get("/metrics").await.text;
    let line = format!("clinic_time_zone_data_info{{version=\"{}\"}} 1\n", zone_data_version());
    assert!(metrics.contains(&line), "{metrics}");
}
