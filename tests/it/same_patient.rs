//! Who is the same patient: by meaning, however a name is spelt.

use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{
    Bulk, Engine, RosterBuilder, TestApp, TestDatabase, book_by_graphql, id_of, on_both_engines,
    take_back,
};

/// Somebody of that name at one address.
fn named(name: &str) -> Value {
    born(name, &Value::Null)
}

fn born(name: &str, birth_date: &Value) -> Value {
    json!({ "name": name, "email": "Home@example.com", "state": "CT", "insurance": "Aetna",
        "birth_date": birth_date })
}

/// Books for somebody; their id.
async fn book(app: &TestApp, patient: Value) -> String {
    let answer = app.book(&json!({ "patient": patient })).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["patient_id"].as_str().unwrap().to_owned()
}

async fn names(app: &TestApp, search: &str) -> Vec<String> {
    let query = "query ($search: String) { patients(search: $search, first: 50) { totalCount nodes { name } } }";
    let answer = app.graphql(query, json!({ "search": search })).await;
    let found = &answer["data"]["patients"];
    let nodes = found["nodes"].as_array().unwrap_or_else(|| panic!("{answer}"));
    assert_eq!(found["totalCount"], nodes.len());
    let mut names: Vec<String> =
        nodes.iter().map(|node| node["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

on_both_engines! {
    async fn spellings_of_one_name_are_one_patient_and_the_newest_is_shown(engine) {
        let app = TestApp::spawn(engine).await;
        for spellings in [
            vec!["Pat O'Brien", "Pat O’Brien", "PAT OʼBRIEN", "O`Brien, Pat", "Pat O´Brien", "pat obrien"],
            vec!["José García", "Jose Garcia", "GARCÍA, JOSÉ"],
            vec!["Ann-Marie Stone", "Ann–Marie Stone", "Ann‑Marie Stone", "Ann Marie Stone", "Stone, Annmarie"],
            vec!["Søren Straße", "soren strasse"],
            vec!["王芳"],
            vec!["李娜"],
            vec!["---"],
            vec!["'''"],
        ] {
            let first = book(&app, named(spellings[0])).await;
            for spelling in spellings {
                assert_eq!(book(&app, named(spelling)).await, first, "{spelling}");
                let query = "query ($id: ID!) { patient(id: $id) { name } }";
                let answer = app.graphql(query, json!({ "id": first })).await;
                assert_eq!(answer["data"]["patient"]["name"], spelling);
            }
        }
        assert_eq!(app.database.number("SELECT count(*) FROM patient").await, 8);
    }
}

on_both_engines! {
    async fn one_patient_however_spelt_is_not_booked_twice_for_a_minute(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(3)).spawn().await;
        let at = |name: &str| json!({ "patient": named(name), "time": "2027-01-11T15:00:00Z" });
        assert_eq!(app.book(&at("Pat O'Brien")).await.status, 201);
        let answer = app.book(&at("Pat O’Brien")).await;
        assert_eq!(answer.problem(), (409, "PATIENT_DOUBLE_BOOKED".to_owned()));
        // Somebody else at that address may come at the same time.
        assert_eq!(app.book(&at("Sam O'Brien")).await.status, 201);
    }
}

on_both_engines! {
    async fn birth_dates_that_are_known_tell_namesakes_apart(engine) {
        let app = TestApp::spawn(engine).await;
        let unknown = book(&app, named("John Smith")).await;
        // Where one side does not know it, it tells nothing; and then it is known.
        assert_eq!(book(&app, born("John Smith", &json!("1950-05-17"))).await, unknown);
        let son = book(&app, born("John Smith", &json!("1985-01-02"))).await;
        assert_ne!(son, unknown);
        assert_eq!(book(&app, born("john smith", &json!("1950-05-17"))).await, unknown);
        assert_eq!(book(&app, born("Smith, John", &json!("1985-01-02"))).await, son);
        // Both fit: the one booked last.
        app.clock.set("2027-01-11T12:00:10Z");
        assert_eq!(book(&app, born("John Smith", &json!("1950-05-17"))).await, unknown);
        assert_eq!(book(&app, named("John Smith")).await, unknown);
        app.clock.set("2027-01-11T12:00:20Z");
        assert_eq!(book(&app, born("John Smith", &json!("1985-01-02"))).await, son);
        assert_eq!(book(&app, named("John Smith")).await, son);
    }
}

on_both_engines! {
    async fn first_bookings_of_one_person_at_once_make_one_patient(engine) {
        let database = Arc::new(TestDatabase::create(engine).await);
        let mut servers = Vec::new();
        for _ in 0..2 {
            let builder = TestApp::builder(engine).roster(RosterBuilder::alike(12));
            servers.push(builder.spawn_on(Arc::clone(&database)).await);
        }
        for round in 0..5 {
            let spellings = ["Zoë O'Neil", "zoe o’neil", "O'Neil, Zoë", "ZOE ONEIL", "Zoé O-Neil", "zoe o neil"];
            let bookings = spellings.iter().enumerate().map(|(n, name)| {
                let patient = json!({ "name": name, "email": format!("zoe{round}@example.com"),
                    "state": "CT", "insurance": "Aetna" });
                let app = &servers[n % 2];
                async move { app.book(&json!({ "patient": patient })).await }
            });
            let answers = join_all(bookings).await;
            let ids: Vec<Value> = answers.iter().map(|answer| answer.json()["patient_id"].clone()).collect();
            assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
            assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
            let all = database.number("SELECT count(*) FROM patient").await;
            assert_eq!(all, round + 1);
        }
    }
}

on_both_engines! {
    async fn a_search_finds_every_word_in_any_order(engine) {
        let app = TestApp::spawn(engine).await;
        for (name, email, phone) in [
            ("Mary Stone", "mary.stone@example.com", "+1 (203) 555-0142"),
            ("Pat O’Brien", "pat_ob@mail.example.org", "203.555.0199"),
            ("José García-López", "jgl@example.com", "860 555 0100"),
            ("Ann-Marie 100% Fox", "fox@example.com", "911"),
        ] {
            let patient = json!({ "name": name, "email": email, "phone": phone, "state": "CT", "insurance": "Aetna" });
            book(&app, patient).await;
        }
        let (mary, pat, jose, fox) = ("Mary Stone", "Pat O’Brien", "José García-López", "Ann-Marie 100% Fox");
        for (search, found) in [
            ("Stone, Mary", vec![mary]), ("stone mary", vec![mary]), ("MARY", vec![mary]), ("ston", vec![mary]),
            ("o'brien", vec![pat]), ("obrien", vec![pat]), ("O`Brien pat", vec![pat]), ("pat_ob", vec![pat]),
            ("jose", vec![jose]), ("José", vec![jose]), ("lopez jose", vec![jose]), ("garcia lopez", vec![jose]),
            ("garcialopez", vec![jose]), ("García–López", vec![jose]),
            ("annmarie", vec![fox]), ("ann marie", vec![fox]), ("Ann-Marie", vec![fox]), ("100%", vec![fox]),
            ("example.org", vec![pat]), ("mary.stone@example.com", vec![mary]), ("Mary.Stone@EXAMPLE", vec![mary]),
            ("203-555-0142", vec![mary]), ("(203) 555 0142", vec![mary]), ("2035550199", vec![pat]),
            ("+1 203 555 0142", vec![mary]), ("12035550199", vec![pat]), ("0100 jose", vec![jose]),
            ("mary fox", vec![]), ("stone%", vec![]), ("_", vec![pat]), ("nobody", vec![]),
            (" ", vec![fox, jose, mary, pat]), ("", vec![fox, jose, mary, pat]), ("--", vec![]),
        ] {
            assert_eq!(names(&app, search).await, found, "{search}");
        }
        let answer = app.graphql("query ($text: String) { patients(search: $text) { totalCount } }", json!({ "text": "x ".repeat(101) })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "INVALID_INPUT", "{answer}");
    }
}

on_both_engines! {
    async fn doubles_of_before_survive_the_migration_each_with_their_visits(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(2)).spawn().await;
        book(&app, json!({ "name": "Somebody", "email": "else@example.com", "state": "CT", "insurance": "Aetna" })).await;
        let database = Arc::clone(&app.database);
        let db = clinic::db::Db::connect(&database.url, 2).await.unwrap();
        app.stop().await;
        // The columns of the patient's details stay; the release before had no keys of this one.
        take_back(&db, "m20261125_000005_same_patient").await;
        let bulk = Bulk(engine);
        let external_id = bulk.external_id();
        let (id, now, start, end) = (bulk.random_id(), bulk.instant("0"), bulk.instant("900"), bulk.instant("930"));
        for (name, key, provider) in [("Pat O''Brien", "pat o''brien", "Dr. 000"), ("Pat O’Brien", "pat o’brien", "Dr. 001")] {
            for sql in [
                format!("INSERT INTO patient (id, name, email, name_key, email_key, state, insurance_id, created_at, updated_at)
                    SELECT {id}, '{name}', 'home@example.com', '{key}', 'home@example.com', 'CT', insurance_id, {now}, {now}
                      FROM patient WHERE name = 'Somebody'"),
                format!("INSERT INTO appointment (id, provider_id, patient_id, starts_at, ends_at, status, version, state,
                        insurance_id, external_id, created_at, updated_at)
                    SELECT {id}, provider.id, patient.id, {start}, {end}, 'CONFIRMED', 1, 'CT', patient.insurance_id, {external_id}, {now}, {now}
                      FROM provider, patient WHERE provider.name = '{provider}' AND patient.name_key = '{key}'"),
            ] {
                assert_eq!(database.execute(&sql).await, Ok(1), "{sql}");
            }
        }
        db.close().await;
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(2)).spawn_on(database).await;
        assert_eq!(names(&app, "obrien").await, ["Pat O'Brien", "Pat O’Brien"]);
        assert_eq!(app.database.number("SELECT count(*) FROM patient WHERE folded_name IS NULL").await, 0);
        let clash = app.database.number("SELECT count(*) FROM appointment WHERE status = 'CONFIRMED' AND external_id LIKE 'e-%'").await;
        assert_eq!(clash, 2);
        // Whichever of them is meant, a further booking is one of theirs, and no third is made.
        book(&app, named("PAT OBRIEN")).await;
        assert_eq!(app.database.number("SELECT count(*) FROM patient").await, 3);
    }
}

on_both_engines! {
    async fn what_an_older_server_writes_is_found_and_is_the_same_patient(engine) {
        let app = TestApp::spawn(engine).await;
        let id = book(&app, named("Zoë Fox")).await;
        // As one does that knows no key but its own.
        app.database.execute("UPDATE patient SET folded_name = NULL, search_text = NULL").await.unwrap();
        assert_eq!(names(&app, "zoë").await, ["Zoë Fox"]);
        assert_eq!(book(&app, named("zoe fox")).await, id);
        assert_eq!(names(&app, "fox zoe").await, ["zoe fox"]);
    }
}

on_both_engines! {
    async fn a_known_patient_is_booked_by_id(engine) {
        let app = TestApp::spawn(engine).await;
        let id = book(&app, named("Mary Stone")).await;
        // State and insurance of the last visit.
        let answer = app.book(&json!({ "patient_id": id })).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let body = answer.json();
        assert_eq!((&body["patient_id"], &body["patient"], &body["state"]), (&json!(id), &json!("Mary Stone"), &json!("CT")));
        let payload = book_by_graphql(&app, json!({ "patientId": id, "insurance": "Cigna", "state": "MA" })).await;
        let code = payload["error"]["code"].clone();
        assert!(code.is_null() || code == "NO_MATCHING_PROVIDER" || code == "UNKNOWN_INSURANCE", "{payload}");
        for (body, status, code, pointer) in [
            (json!({ "patient_id": "pat_01h455vb4pex5vsknk084sn02q" }), 404, "NOT_FOUND", Value::Null),
            (json!({ "patient_id": "nobody" }), 404, "NOT_FOUND", Value::Null),
            (json!({ "patient_id": "nobody", "state": "Nowhere" }), 422, "UNKNOWN_STATE", Value::Null),
            (json!({ "patient_id": id, "insurance": "" }), 422, "INVALID_INPUT", json!("/insurance")),
            (json!({ "patient_id": id, "patient": named("Mary Stone") }), 422, "INVALID_INPUT", json!("/patient_id")),
            (json!({ "patient": named("Mary Stone"), "state": "CT" }), 422, "INVALID_INPUT", json!("/state")),
            (json!({}), 422, "INVALID_INPUT", json!("/patient")),
        ] {
            let answer = app.book(&body).await;
            assert_eq!(answer.problem(), (status, code.to_owned()), "{body}");
            assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{body}");
        }
        // Under a key: the id is another request than the description.
        let first = app.post_with_key("/appointment", "known", &json!({ "patient_id": id })).await;
        let repeat = app.post_with_key("/appointment", "known", &json!({ "patient_id": id })).await;
        assert_eq!(id_of(&first.json()), id_of(&repeat.json()));
        let other = app.post_with_key("/appointment", "known", &json!({ "patient": named("Mary Stone") })).await;
        assert_eq!(other.problem(), (422, "IDEMPOTENCY_KEY_REUSED".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_migration_goes_down_and_up_again() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        if engine == Engine::Postgres && !TestDatabase::postgres_is_there().await {
            continue;
        }
        let app = TestApp::spawn(engine).await;
        let answer = app
            .post_with_key("/appointment", "kept", &json!({ "patient": named("Mary Stone") }))
            .await;
        assert_eq!(answer.status, 201);
        let database = Arc::clone(&app.database);
        let db = clinic::db::Db::connect(&database.url, 2).await.unwrap();
        app.stop().await;
        take_back(&db, "m20261125_000003_patient_details").await;
        db.close().await;
        let app = TestApp::builder(engine).spawn_on(database).await;
        let repeat = app
            .post_with_key("/appointment", "kept", &json!({ "patient": named("Mary Stone") }))
            .await;
        assert_eq!((repeat.status.as_u16(), repeat.header("idempotency-replayed")), (201, "true"));
        assert_eq!(names(&app, "stone").await, ["Mary Stone"]);
    }
}
