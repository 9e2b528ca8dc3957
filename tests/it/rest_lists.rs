//! The lists of the REST door: who and what is in them, page by page.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Answer, RosterBuilder, TestApp, john, on_both_engines, patient, provider};

const WEEK: &str = "from=2027-01-11&to=2027-01-17";

/// A 200 as JSON.
async fn json_of(app: &TestApp, path: &str) -> Value {
    let answer = app.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    assert_eq!(answer.header("content-type"), "application/json", "{path}");
    assert_eq!(answer.header("cache-control"), "private, no-store", "{path}");
    answer.json()
}

/// One key of every row of a list.
fn column(list: &Value, name: &str, key: &str) -> Vec<Value> {
    let rows = list[name].as_array().unwrap_or_else(|| panic!("no {name}: {list}"));
    rows.iter().map(|row| row[key].clone()).collect()
}

/// Where `Link` says that the next page is.
fn next_link(answer: &Answer) -> Option<String> {
    let link = answer.header("link");
    let target = link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"");
    Some(target.unwrap_or_else(|| panic!("not a link: {link}")).to_owned())
}

/// Every row of a list, page by page, as `next_cursor` and `Link` lead.
async fn walk(app: &TestApp, path: &str, name: &str, limit: usize) -> Vec<Value> {
    let (mut rows, mut page) = (Vec::new(), format!("{path}&limit={limit}"));
    loop {
        let answer = app.get(&page).await;
        assert_eq!(answer.status, 200, "{page}: {answer:?}");
        let list = answer.json();
        let shown = list[name].as_array().unwrap();
        assert!(shown.len() <= limit, "{page}");
        rows.extend(shown.clone());
        let link = next_link(&answer);
        assert_eq!(link.is_some(), !list["next_cursor"].is_null(), "{page}");
        let Some(link) = link else { return rows };
        assert_eq!(shown.len(), limit, "a page before the last is full: {page}");
        page = link;
    }
}

on_both_engines! {
    async fn providers_are_found_by_state_insurance_and_name(engine) {
        let roster = RosterBuilder::usual()
            .with(provider("Dr. Zoë Núñez-O'Hara").licensed("CT").licensed("NY").takes("Humana"));
        let app = TestApp::builder(engine).roster(roster).spawn().await;
        for (query, expected) in [
            ("", vec!["Dr. Jane Doe", "Doctor Strange", "Doctor Who", "Dr. Zoë Núñez-O'Hara"]),
            ("?state=new%20york", vec!["Doctor Strange", "Doctor Who", "Dr. Zoë Núñez-O'Hara"]),
            ("?state=NY&insurance=cigna%20healthcare", vec!["Doctor Strange", "Doctor Who"]),
            ("?name=doctor", vec!["Doctor Strange", "Doctor Who"]),
            ("?name=nunez%20zoe", vec!["Dr. Zoë Núñez-O'Hara"]),
            ("?name=Doe,+Jane", vec!["Dr. Jane Doe"]),
            ("?name=", vec!["Dr. Jane Doe", "Doctor Strange", "Doctor Who", "Dr. Zoë Núñez-O'Hara"]),
            ("?name=nobody", vec![]),
            ("?state=CT&insurance=Cigna", vec![]),
        ] {
            let list = json_of(&app, &format!("/providers{query}")).await;
            assert_eq!(column(&list, "providers", "name"), expected, "{query}");
            assert_eq!(list["next_cursor"], Value::Null);
        }
        let jane = json_of(&app, "/providers?name=jane").await["providers"][0].clone();
        assert_eq!(jane["provider_id"], json!(app.provider_id("Dr. Jane Doe").await));
        assert_eq!(
            (&jane["states"], &jane["insurances"], &jane["time_zone"], &jane["credentials"]),
            (&json!(["CT"]), &json!(["Aetna"]), &json!("America/New_York"), &json!("MD")),
        );
        let monday = json!({ "weekday": "MONDAY", "opens_at": "09:00", "closes_at": "17:00" });
        assert_eq!(jane["working_hours"][0], monday);
        // GraphQL finds the same.
        let query = "{ providers(name: \"NUÑEZ\", state: \"CT\") { totalCount nodes { name } } }";
        let found = app.graphql(query, json!({})).await["data"]["providers"].clone();
        assert_eq!(found, json!({ "totalCount": 1, "nodes": [{ "name": "Dr. Zoë Núñez-O'Hara" }] }));
    }
}

on_both_engines! {
    async fn patients_are_found_and_insurances_are_told(engine) {
        let app = TestApp::spawn(engine).await;
        for body in [json!({ "patient": john() }), json!({ "patient": patient(7, "NY", "cigna") })] {
            assert_eq!(app.book(&body).await.status, 201);
        }
        let all = json_of(&app, "/patients").await;
        assert_eq!(all["patients"].as_array().unwrap().len(), 2);
        let found = json_of(&app, "/patients?search=john").await;
        let john = &found["patients"][0];
        assert_eq!(column(&found, "patients", "name"), ["John Doe"]);
        assert!(john["patient_id"].as_str().unwrap().starts_with("pat_"));
        assert_eq!((&john["email"], &john["state"], &john["insurance"]),
            (&json!("john@example.com"), &json!("CT"), &json!("Aetna")));
        let nobody = json_of(&app, "/patients?search=nobody%20at%20all").await;
        assert_eq!(nobody, json!({ "patients": [], "next_cursor": null }));
        let payers = json_of(&app, "/insurances").await;
        assert_eq!(column(&payers, "insurances", "name"), ["Aetna", "Cigna", "Humana"]);
        assert_eq!(payers["insurances"][0]["aliases"], json!(["Aetna Health", "Aetna Inc"]));
    }
}

on_both_engines! {
    async fn appointments_of_all_providers_are_one_list(engine) {
        let app = TestApp::spawn(engine).await;
        let mut booked = BTreeSet::new();
        for (number, state, insurance) in [(1, "CT", "Aetna"), (2, "NY", "Cigna"), (3, "NY", "Aetna")] {
            let answer = app.book(&json!({ "patient": patient(number, state, insurance) })).await;
            assert_eq!(answer.status, 201, "{answer:?}");
            booked.insert(answer.json()["provider"].as_str().unwrap().to_owned());
        }
        assert!(booked.len() > 1, "{booked:?}");
        let list = json_of(&app, &format!("/appointments?{WEEK}")).await;
        let shown: BTreeSet<String> = column(&list, "appointments", "provider").iter()
            .map(|name| name.as_str().unwrap().to_owned()).collect();
        assert_eq!(shown, booked);
        let times = column(&list, "appointments", "time");
        assert!(times.is_sorted_by_key(|time| time.as_str().unwrap().to_owned()), "{times:?}");
        let jane = app.provider_id("Dr. Jane Doe").await;
        let hers = json_of(&app, &format!("/appointments?provider_id={jane}&{WEEK}")).await;
        assert_eq!(column(&hers, "appointments", "provider"), ["Dr. Jane Doe"]);
    }
}

on_both_engines! {
    async fn a_walk_through_the_pages_of_any_list_sees_all_of_it_once(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(5)).spawn().await;
        for number in 0..7 {
            let body = json!({ "patient": patient(number, "CT", "Aetna"), "duration_minutes": 45 });
            assert_eq!(app.book(&body).await.status, 201);
        }
        for (path, name, least) in [
            (format!("/appointments?{WEEK}"), "appointments", 7),
            ("/providers?state=CT".to_owned(), "providers", 5),
            ("/patients?search=".to_owned(), "patients", 7),
            ("/insurances?".to_owned(), "insurances", 3),
            ("/slots?state=CT&insurance=Aetna&from=2027-01-11&to=2027-01-12".to_owned(), "slots", 150),
            (format!("/slots?provider_id={}&from=2027-01-11T00:00:00%2B01:00&to=2027-01-12", app.provider_id("Dr. 002").await), "slots", 30),
        ] {
            let mut seen = Vec::new();
            for limit in [1, 2, 3, 7, 200].into_iter().filter(|limit| *limit > 6 || name != "slots") {
                seen.push((limit, walk(&app, &path, name, limit).await));
            }
            let (_, whole) = seen.pop().unwrap();
            assert!(whole.len() >= least, "{path}: {}", whole.len());
            let distinct: BTreeSet<String> = whole.iter().map(Value::to_string).collect();
            assert_eq!(distinct.len(), whole.len(), "{path}: something is there twice");
            for (limit, rows) in seen {
                assert_eq!(rows, whole, "{path}: by {limit}");
            }
        }
    }
}

on_both_engines! {
    async fn what_a_list_does_not_know_is_named(engine) {
        let app = TestApp::spawn(engine).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        for (path, expected) in [
            ("/providers?limit=0&cursor=x&page=2".to_owned(), vec!["limit", "cursor", "page"]),
            ("/providers?limit=201&first=1".to_owned(), vec!["limit", "first"]),
            ("/providers?state=CT&state=NY".to_owned(), vec!["state"]),
            (format!("/patients?cursor={jane}&name=John"), vec!["cursor", "name"]),
            ("/insurances?search=a&cursor=ins_00000000000000000000000000".to_owned(), vec!["cursor", "search"]),
            (format!("/patients?search={}", "x".repeat(201)), vec!["search"]),
            ("/appointments".to_owned(), vec!["from", "to"]),
            ("/appointments?from=2027-02-29&to=tomorrow&patient=John".to_owned(), vec!["from", "to", "patient"]),
            ("/appointments?from=2027-01-16&to=2027-01-15".to_owned(), vec!["to"]),
            ("/appointments?from=2027-01-15T14:00:00Z&to=2027-01-15T14:00:00Z".to_owned(), vec!["to"]),
            ("/slots".to_owned(), vec!["state"]),
            ("/slots?state=CT".to_owned(), vec!["insurance"]),
            (format!("/slots?provider_id={jane}&from=1&to=2&limit=x&cursor=y&z=1&duration_minutes=4"),
                vec!["from", "to", "limit", "cursor", "z", "duration_minutes"]),
            (format!("/slots?provider_id={jane}&from=2027-01-16&to=2027-01-15"), vec!["to"]),
        ] {
            let answer = app.get(&path).await;
            assert_eq!(answer.problem(), (422, "INVALID_INPUT".to_owned()), "{path}: {answer:?}");
            let errors = answer.json()["errors"].clone();
            let named: Vec<&str> = errors.as_array().unwrap().iter()
                .map(|error| error["pointer"].as_str().unwrap()).collect();
            assert_eq!(named, expected, "{path}");
        }
        for (path, status, code) in [
            ("/providers?state=Nowhere", 422, "UNKNOWN_STATE"),
            ("/providers?insurance=Nothing", 422, "UNKNOWN_INSURANCE"),
            ("/slots?state=Nowhere&insurance=Nothing", 422, "UNKNOWN_STATE"),
            ("/slots?state=CT&insurance=Nothing", 422, "UNKNOWN_INSURANCE"),
            ("/slots?state=CT&insurance=Humana", 404, "NO_MATCHING_PROVIDER"),
            ("/slots?provider_id=prv_x", 404, "NOT_FOUND"),
            ("/slots?provider_id=%00", 404, "NOT_FOUND"),
            ("/appointments?provider_id=prv_x&from=2027-01-15&to=2027-01-15", 404, "NOT_FOUND"),
            ("/providers?state=%FF", 400, "BAD_REQUEST"),
        ] {
            assert_eq!(app.get(path).await.problem(), (status, code.to_owned()), "{path}");
        }
        let ineligible = app.get(&format!("/slots?provider_id={jane}&state=NY&insurance=Aetna")).await;
        assert_eq!(ineligible.problem(), (422, "PROVIDER_NOT_ELIGIBLE".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_list_knows_the_parameters_that_the_document_has_and_no_others() {
    let app = TestApp::spawn(crate::support::Engine::Sqlite).await;
    let document = app.get("/openapi.json").await.json();
    let mut names = BTreeSet::new();
    let mut documented = Vec::new();
    for path in ["/appointments", "/slots", "/providers", "/patients", "/insurances"] {
        let list = &document["paths"][path]["get"];
        for media_type in ["application/json", "text/csv"] {
            assert!(list["responses"]["200"]["content"][media_type].is_object(), "{path}");
        }
        assert!(
            list["responses"]["406"].is_object()
                && list["responses"]["200"]["headers"]["Link"].is_object()
        );
        let parameters = list["parameters"].as_array().unwrap();
        let known: BTreeSet<String> =
            parameters.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect();
        assert!(known.contains("limit") && known.contains("cursor"), "{path}: {known:?}");
        names.extend(known.clone());
        documented.push((path, known));
    }
    for (path, known) in documented {
        for name in &names {
            let answer = app.get(&format!("{path}?{name}=x")).await.text;
            let is_unknown = answer.contains("is not a parameter of this route");
            assert_eq!(is_unknown, !known.contains(name), "{path}?{name}: {answer}");
        }
    }
}
