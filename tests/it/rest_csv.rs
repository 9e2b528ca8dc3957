//! Lists as CSV: a spreadsheet shows what the JSON says, and runs nothing.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, john, on_both_engines};

const MEDIA_TYPE: &str = "text/csv; charset=utf-8; header=present";
const WEEK: &str = "from=2027-01-11&to=2027-01-17";

async fn get(app: &TestApp, path: &str, accept: &str) -> Answer {
    TestApp::send(app.request(Method::GET, path).header("accept", accept)).await
}

/// The header and the rows, read by a reader of CSV.
fn table(answer: &Answer) -> (Vec<String>, Vec<Vec<String>>) {
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, MEDIA_TYPE));
    assert_eq!(answer.header("cache-control"), "private, no-store");
    assert!(answer.text.ends_with("\r\n"), "{answer:?}");
    let mut reader = csv::Reader::from_reader(answer.text.as_bytes());
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let cells = |row: csv::StringRecord| row.iter().map(str::to_owned).collect();
    (header, reader.records().map(|row| cells(row.unwrap())).collect())
}

/// What a cell has to say for a value, where it is no formula.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join("; "),
        Value::Object(fields) => {
            let [weekday, opens_at, closes_at] =
                ["weekday", "opens_at", "closes_at"].map(|key| cell(&fields[key]));
            format!("{weekday} {opens_at}-{closes_at}")
        }
        other => other.to_string(),
    }
}

on_both_engines! {
    async fn each_list_says_as_csv_what_it_says_as_json(engine) {
        let app = TestApp::spawn(engine).await;
        let booked = app.book(&json!({ "patient": john(), "reason": "A cough,\n\"dry\"" })).await;
        assert_eq!(booked.status, 201);
        let jane = app.provider_id("Dr. Jane Doe").await;
        for (path, name) in [
            (format!("/appointments?{WEEK}"), "appointments"),
            ("/providers".to_owned(), "providers"),
            ("/patients?search=john".to_owned(), "patients"),
            ("/insurances".to_owned(), "insurances"),
            (format!("/slots?provider_id={jane}&{WEEK}"), "slots"),
        ] {
            let (header, rows) = table(&get(&app, &path, "text/csv").await);
            let json = app.get(&path).await.json();
            let listed = json[name].as_array().unwrap();
            assert!(!listed.is_empty() && rows.len() == listed.len(), "{path}");
            for (row, object) in rows.iter().zip(listed) {
                for key in object.as_object().unwrap().keys() {
                    assert!(header.contains(key), "{path} has no column {key}");
                }
                for (column, text) in header.iter().zip(row) {
                    assert_eq!(*text, cell(&object[column]), "{path} {column}");
                }
            }
        }
        // The header stands there also where nothing else does.
        let (header, rows) = table(&get(&app, "/patients?search=nobody", "text/csv").await);
        assert_eq!((header.first().map(String::as_str), rows.len()), (Some("patient_id"), 0));
    }
}

on_both_engines! {
    async fn a_cell_that_could_run_as_a_formula_is_text(engine) {
        let app = TestApp::spawn(engine).await;
        let names = ["=cmd|' /C calc'!A0", "+1-1", "-2+3", "@SUM(1)", "＝1+1", "\"=1+1", "O'Brien; =1"];
        for (number, name) in names.into_iter().enumerate() {
            let patient = json!({ "name": name, "email": format!("p{number}@example.com"), "state": "CT", "insurance": "Aetna" });
            let booked = app.book(&json!({ "patient": patient, "reason": "=HYPERLINK(\"http://evil.example\")" })).await;
            assert_eq!(booked.status, 201, "{booked:?}");
        }
        for path in ["/patients".to_owned(), format!("/appointments?{WEEK}")] {
            let (header, rows) = table(&get(&app, &path, "text/csv").await);
            assert_eq!(rows.len(), names.len());
            for text in rows.iter().flatten() {
                let first = text.trim_start_matches(['"', ' ']).chars().next();
                assert!(!first.is_some_and(|c| "=+-@＝＋－＠".contains(c)), "{text:?}");
            }
            let name = header.iter().position(|column| column == "name" || column == "patient").unwrap();
            let shown: Vec<&str> = rows.iter().map(|row| row[name].as_str()).collect();
            for given in names {
                let expected = if given.starts_with('O') { given.to_owned() } else { format!("'{given}") };
                assert!(shown.contains(&expected.as_str()), "{given}: {shown:?}");
            }
        }
        // As JSON they are as they were given.
        let list = app.get("/patients").await.json();
        let shown: Vec<&Value> = list["patients"].as_array().unwrap().iter().map(|row| &row["name"]).collect();
        assert!(names.iter().all(|name| shown.contains(&&json!(name))), "{shown:?}");
    }
}

on_both_engines! {
    async fn csv_is_walked_by_its_link(engine) {
        let app = TestApp::spawn(engine).await;
        let path = "/slots?state=NY&insurance=Cigna&from=2027-01-11&to=2027-01-11";
        let whole = table(&get(&app, &format!("{path}&limit=200"), "text/csv").await).1;
        assert!(whole.len() > 40);
        let (mut rows, mut page) = (Vec::new(), format!("{path}&limit=20"));
        loop {
            let answer = get(&app, &page, "text/csv").await;
            rows.extend(table(&answer).1);
            let Some(link) = answer.header("link").strip_suffix(">; rel=\"next\"") else { break };
            link.trim_start_matches('<').clone_into(&mut page);
        }
        assert_eq!(rows, whole);
    }
}

on_both_engines! {
    async fn a_list_comes_in_the_format_that_is_liked_best_or_not_at_all(engine) {
        let app = TestApp::spawn(engine).await;
        let json = "application/json";
        for path in ["/providers", "/patients", "/insurances", "/slots?state=CT&insurance=Aetna", "/appointments?from=2027-01-11&to=2027-01-11"] {
            for (accept, expected) in [
                ("*/*", json), ("application/json", json), ("text/csv", MEDIA_TYPE), ("text/*", MEDIA_TYPE),
                ("text/html, application/xhtml+xml, */*;q=0.8", json), ("text/csv;q=0.4, application/json;q=0.6", json),
                ("application/json;q=0.4, text/csv;q=0.6", MEDIA_TYPE),
            ] {
                let answer = get(&app, path, accept).await;
                assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, expected), "{path} {accept}");
                let vary: Vec<_> = answer.headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
                assert!(vary.join(",").to_lowercase().contains("accept"), "{vary:?}");
            }
            for accept in ["application/xml", "text/csv;q=0", "image/*"] {
                let answer = get(&app, path, accept).await;
                assert_eq!(answer.problem(), (406, "NOT_ACCEPTABLE".to_owned()), "{path} {accept}");
            }
        }
        // What goes wrong is told as ever.
        let wrong = get(&app, "/providers?state=Nowhere", "text/csv").await;
        assert_eq!(wrong.problem(), (422, "UNKNOWN_STATE".to_owned()));
    }
}
