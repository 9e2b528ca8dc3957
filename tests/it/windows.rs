//! Windows: as long as anybody likes, cut where nothing can be, and over REST in days.

use std::collections::HashMap;

use clinic::config::Config;
use serde_json::{Value, json};

use crate::support::{RosterBuilder, TestApp, on_both_engines, patient, provider};

const ENDS_OF_TIME: [&str; 4] = [
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-05:00",
    "9999-12-31T23:59:59.999+14:00",
    "2900-01-01T00:00:00Z",
];
const BEGINNINGS_OF_TIME: [&str; 3] =
    ["0000-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "2027-01-11T12:00:00Z"];

/// Somebody who works day and night.
fn always() -> RosterBuilder {
    let days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];
    let always = provider("Dr. Always").licensed("CT").takes("Aetna");
    let always = days.into_iter().fold(always, |always, day| always.works(day, "00:00", "24:00"));
    RosterBuilder::default().with(always)
}

/// As a query string takes it.
fn escaped(text: &str) -> String {
    text.replace('+', "%2B")
}

fn times(list: &Value, name: &str) -> Vec<String> {
    let rows = list[name].as_array().unwrap_or_else(|| panic!("no {name}: {list}"));
    rows.iter().map(|row| row["time"].as_str().unwrap().to_owned()).collect()
}

async fn book_at(app: &TestApp, time: &str) {
    let body =
        json!({ "patient": patient(1, "CT", "Aetna"), "time": time, "duration_minutes": 15 });
    let answer = app.book(&body).await;
    assert_eq!(answer.status, 201, "{time}: {answer:?}");
}

on_both_engines! {
    async fn a_window_is_cut_at_the_horizon_however_long_it_is(engine) {
        let app = TestApp::spawn(engine).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        assert_eq!(app.book(&json!({ "patient": patient(1, "CT", "Aetna") })).await.status, 201);
        let fields = "{ startsAt endsAt localStartsAt provider { id name credentials } }";
        let query = |from: &str, to: &str| {
            let window = format!("from: \"{from}\", to: \"{to}\"");
            format!(
                "{{ one: availableSlots(providerId: \"{jane}\", {window}) {fields}
                    all: availableSlots(state: \"CT\", insurance: \"Aetna\", {window}) {fields}
                    provider(id: \"{jane}\") {{ availableSlots({window}) {{ startsAt }}
                        appointments({window}) {{ totalCount }} }}
                    appointments({window}) {{ totalCount nodes {{ startsAt }} }}
                    patients {{ nodes {{ appointments({window}) {{ totalCount }} }} }} }}"
            )
        };
        // Ninety days, and a visit that starts at the last moment of them.
        let usual = app.graphql(&query("2027-01-11T12:00:00Z", "2027-04-11T12:30:00Z"), json!({})).await;
        assert_eq!(usual.get("errors"), None, "{usual}");
        let (one, all) = (&usual["data"]["one"], &usual["data"]["all"]);
        assert!(one.as_array().unwrap().len() > 1900);
        assert_eq!(all.as_array().unwrap()[..], one.as_array().unwrap()[..1500]);
        for from in BEGINNINGS_OF_TIME {
            for to in ENDS_OF_TIME {
                let answer = app.graphql(&query(from, to), json!({})).await;
                assert!(answer == usual, "{from} {to}: {}", answer["errors"]);
                let (from, to) = (escaped(from), escaped(to));
                let list = app.get(&format!("/appointments?from={from}&to={to}")).await;
                assert_eq!(list.json()["appointments"].as_array().unwrap().len(), 1, "{list:?}");
                let slots = app.get(&format!("/slots?provider_id={jane}&from={from}&to={to}&limit=5")).await;
                assert_eq!(times(&slots.json(), "slots")[0], one[0]["startsAt"], "{slots:?}");
            }
        }
        for days in ["from=0000-01-01&to=9999-12-31", "from=0000-01-01&to=2027-04-12"] {
            let list = app.get(&format!("/appointments?{days}")).await;
            assert_eq!(list.json()["appointments"].as_array().unwrap().len(), 1, "{list:?}");
        }
    }
}

on_both_engines! {
    async fn beyond_the_horizon_and_before_now_there_is_nothing_free(engine) {
        let app = TestApp::spawn(engine).await;
        for window in ["from=2027-05-01&to=9999-12-31", "from=2000-01-01&to=2027-01-10", "from=9999-12-30&to=9999-12-31T23:59:59Z"] {
            for who in [format!("provider_id={}", app.provider_id("Dr. Jane Doe").await), "state=CT&insurance=Aetna".to_owned()] {
                let answer = app.get(&format!("/slots?{who}&{window}")).await;
                assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({ "slots": [], "next_cursor": null })), "{window}");
            }
        }
        let end = "9999-12-31T23:59:59Z";
        let query = format!("{{ firstAvailable(after: \"{end}\", state: \"CT\", insurance: \"Aetna\") {{ startsAt }} }}");
        assert_eq!(app.graphql(&query, json!({})).await, json!({ "data": { "firstAvailable": null } }));
        let first = app.get(&format!("/appointments/first-available?after={end}&state=CT&insurance=Aetna")).await;
        assert_eq!(first.problem(), (409, "NO_AVAILABILITY".to_owned()));
        let booked = app.book(&json!({ "patient": patient(1, "CT", "Aetna"), "time": "9999-12-31T23:59:00Z" })).await;
        assert_eq!(booked.problem(), (422, "BEYOND_HORIZON".to_owned()));
    }
}

on_both_engines! {
    async fn a_day_is_the_whole_day_of_the_clinic_however_long_it_is(engine) {
        let app = TestApp::builder(engine).roster(always()).at("2027-03-10T12:00:00Z")
            .setting("CLINIC_TIME_ZONE", "America/New_York").setting("BOOKING_HORIZON_DAYS", "365").spawn().await;
        let id = app.provider_id("Dr. Always").await;
        for (day, hours, first, last, after) in [
            ("2027-03-13", 24, "2027-03-13T05:00:00Z", "2027-03-14T04:45:00Z", "2027-03-14T05:00:00Z"),
            ("2027-03-14", 23, "2027-03-14T05:00:00Z", "2027-03-15T03:45:00Z", "2027-03-15T04:00:00Z"),
            ("2027-11-07", 25, "2027-11-07T04:00:00Z", "2027-11-08T04:45:00Z", "2027-11-08T05:00:00Z"),
        ] {
            let slots = app.get(&format!("/slots?provider_id={id}&from={day}&to={day}&limit=200&duration_minutes=15")).await.json();
            // The last of the day before is booked already for the second.
            let all = times(&slots, "slots");
            assert!(all.len() >= hours * 4 - 1 && all.len() <= hours * 4, "{day}: {}", all.len());
            assert_eq!(all.last().map(String::as_str), Some(last));
            for time in [first, last, after] {
                let held = app.get(&format!("/appointments?from={time}&to={after}")).await;
                if held.status != 200 || held.json()["appointments"] == json!([]) {
                    book_at(&app, time).await;
                }
            }
            for window in [format!("from={day}&to={day}"), format!("from={first}&to={day}"), format!("from={day}&to={after}")] {
                let list = app.get(&format!("/appointments?{window}")).await.json();
                assert_eq!(times(&list, "appointments"), [first, last], "{window}");
            }
        }
        let open = app.get(&format!("/appointments/first-available?provider_id={id}&after=2027-06-01")).await.json();
        assert_eq!((&open["time"], &open["local_time"]), (&json!("2027-06-01T04:00:00Z"), &json!("2027-06-01T00:00:00-04:00")));
    }
}

on_both_engines! {
    async fn days_are_those_of_utc_unless_the_roster_or_a_setting_says_where(engine) {
        for (zone, first) in [(None, "2027-01-13T00:00:00Z"), (Some("Pacific/Honolulu"), "2027-01-13T10:00:00Z")] {
            let mut builder = TestApp::builder(engine).roster(always());
            if let Some(zone) = zone {
                builder = builder.setting("CLINIC_TIME_ZONE", zone);
            }
            let app = builder.spawn().await;
            let id = app.provider_id("Dr. Always").await;
            let slots = app.get(&format!("/slots?provider_id={id}&from=2027-01-13&limit=1")).await;
            assert_eq!(times(&slots.json(), "slots"), [first], "{zone:?}");
        }
        // Seen by the last hour of somebody in California, which is the next day in UTC.
        for (zone, last) in [(None, "2027-01-14T0"), (Some("UTC"), "2027-01-13T2")] {
            let mut builder = TestApp::builder(engine).roster(RosterBuilder::default());
            if let Some(zone) = zone {
                builder = builder.setting("CLINIC_TIME_ZONE", zone);
            }
            let app = builder.setting("SEED_DEMO", "true").spawn().await;
            let found = app.get("/providers?limit=200").await.json();
            let rows = found["providers"].as_array().unwrap();
            let west = rows.iter().find(|row| row["time_zone"] == "America/Los_Angeles").unwrap();
            let id = west["provider_id"].as_str().unwrap();
            let slots = app.get(&format!("/slots?provider_id={id}&from=2027-01-13&to=2027-01-13&limit=200")).await;
            let times = times(&slots.json(), "slots");
            assert!(times.last().is_some_and(|time| time.starts_with(last)), "{zone:?}: {times:?}");
        }
    }
}

#[test]
fn a_zone_that_is_none_is_told_at_start() {
    for zone in ["Mars/Olympus", "EST5EDT4", "+05:00", "America"] {
        let read = |name: &str| (name == "CLINIC_TIME_ZONE").then(|| zone.to_owned());
        let error = Config::read(&read).err().map(|error| error.to_string()).unwrap_or_default();
        let told = "CLINIC_TIME_ZONE: must be an IANA time zone such as America/New_York";
        assert!(error.contains(told), "{zone}: {error}");
    }
}

on_both_engines! {
    async fn the_times_of_all_are_those_of_each_in_order_of_time(engine) {
        let roster = RosterBuilder::alike(4)
            .with(provider("Dr. Until").licensed_between("CT", None, Some("2027-01-12")).takes("Aetna"));
        let app = TestApp::builder(engine).roster(roster).spawn().await;
        for number in 0..5 {
            let body = json!({ "patient": patient(number, "CT", "Aetna"), "duration_minutes": 20 + 5 * number });
            assert_eq!(app.book(&body).await.status, 201);
        }
        let window = "from: \"2027-01-11T12:00:00Z\", to: \"2027-01-14T20:10:00Z\"";
        let each = format!("{{ providers {{ nodes {{ id name availableSlots({window}) {{ startsAt }} }} }} }}");
        let each = app.graphql(&each, json!({})).await;
        let mut expected = Vec::new();
        for one in each["data"]["providers"]["nodes"].as_array().unwrap() {
            for slot in one["availableSlots"].as_array().unwrap() {
                let time = slot["startsAt"].as_str().unwrap();
                // The licence ends with the 12th in New York.
                if one["name"] != "Dr. Until" || time < "2027-01-13T05:00:00Z" {
                    expected.push((time.to_owned(), one["id"].as_str().unwrap().to_owned()));
                }
            }
        }
        let all = format!("{{ availableSlots(state: \"ct\", insurance: \"aetna\", {window}) {{ startsAt provider {{ id }} }}
            firstAvailable(state: \"ct\", insurance: \"aetna\", after: \"2027-01-11T12:00:00Z\") {{ startsAt provider {{ id }} }} }}");
        let all = app.graphql(&all, json!({})).await;
        let slots = all["data"]["availableSlots"].as_array().unwrap_or_else(|| panic!("{all}"));
        let mut found: Vec<(String, String)> = slots.iter().map(|slot| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (text(&slot["startsAt"]), text(&slot["provider"]["id"]))
        }).collect();
        assert!(found.is_sorted_by_key(|(time, _)| time.clone()));
        assert_eq!(slots[0], all["data"]["firstAvailable"]);
        // Among equals, who has the fewest visits that day comes first.
        let busiest = app.get("/appointments?from=2027-01-11&to=2027-01-11").await.json();
        let mut visits: HashMap<String, usize> = HashMap::new();
        for row in busiest["appointments"].as_array().unwrap() {
            *visits.entry(row["provider_id"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        let rank = |(_, id): &(String, String)| (visits.get(id).copied().unwrap_or_default(), id.clone());
        for pair in found.windows(2).filter(|pair| pair[0].0 == pair[1].0 && pair[0].0.as_str() < "2027-01-12T05") {
            assert!(rank(&pair[0]) < rank(&pair[1]), "{pair:?}");
        }
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    }
}

on_both_engines! {
    async fn a_page_of_a_long_window_at_many_providers_reads_little(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(60)).spawn().await;
        app.get("/slots?state=CT&insurance=Aetna&limit=1").await;
        let all = "{ availableSlots(state: \"CT\", insurance: \"Aetna\", from: \"2027-01-11T12:00:00Z\", to: \"9999-12-31T23:59:59Z\") { startsAt } }";
        let answer = app.graphql(all, json!({})).await;
        assert_eq!(answer["data"]["availableSlots"].as_array().unwrap().len(), 1500);
        let page = "/slots?state=CT&insurance=Aetna&from=2027-01-11&to=9999-12-31&limit=200";
        let (answer, sent) = app.statements(app.get(page)).await;
        assert_eq!(times(&answer.json(), "slots").len(), 200);
        // The directory's version, for the zone and for the search; what was committed since.
        assert!(sent.sql.len() <= 6, "{:#?}", sent.sql);
        let one = format!("/slots?provider_id={}&to=9999-12-31&limit=200", app.provider_id("Dr. 007").await);
        let (answer, sent) = app.statements(app.get(&one)).await;
        assert_eq!(times(&answer.json(), "slots").len(), 200);
        assert!(sent.sql.len() <= 8, "{:#?}", sent.sql);
    }
}
