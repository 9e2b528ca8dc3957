//! What the log says, and never says.

use serde_json::{Value, json};

use crate::support::{Engine, TestApp, capture, john, logged, on_both_engines};

on_both_engines! {
    async fn nobodys_name_address_or_query_string_is_logged(engine) {
        capture();
        let app = TestApp::spawn(engine).await;
        let secret = format!("Xanthippe-{engine:?}");
        let patient = |insurance: &str| json!({ "name": secret, "email": format!("{secret}@example.com"),
            "state": "CT", "insurance": insurance });
        let booked = app.book(&json!({ "patient": patient("Aetna"), "reason": format!("{secret} itches") })).await;
        assert_eq!(booked.status, 201, "{booked:?}");
        let id = booked.json()["appointment_id"].as_str().unwrap().to_owned();
        // Refused for every kind of reason: by us, by the scheduling service, for want of JSON.
        for body in [
            json!({ "patient": patient("Aetna"), "time": booked.json()["time"] }),
            json!({ "patient": patient(&secret) }),
            json!({ "patient": { "name": secret }, &secret: secret }),
            Value::String(secret.clone()),
        ] {
            assert!(app.book(&body).await.status.is_client_error(), "{body}");
        }
        app.faults(&json!({ "refuse_rate": 1 })).await;
        assert_eq!(app.book(&json!({ "patient": patient("Aetna") })).await.status, 409);
        app.faults(&json!({ "garbage_rate": 1 })).await;
        app.post(&format!("/appointment/{id}/cancel"), &json!({ "reason": secret })).await;
        app.faults(&json!({ "down": true })).await;
        app.book(&json!({ "patient": patient("Aetna") })).await;
        let query = format!("{{ patients(search: \"{secret}\") {{ nodes {{ name email }} }} providers(state: \"{secret}\") {{ totalCount }} }}");
        let answer = app.graphql(&query, json!({ "unused": secret })).await;
        assert_eq!(answer["data"]["patients"]["nodes"][0]["name"], json!(secret));
        let found = app.get(&format!("/patients?search={secret}")).await;
        assert_eq!(found.json()["patients"][0]["name"], json!(secret));
        app.get(&format!("/patients?search={secret}&limit=0&{secret}=1")).await;
        app.graphql(&format!("{{ {} }}", secret.replace('-', "_")), json!({})).await;
        for path in ["/appointments/first-available?state=CT&insurance=", "/appointments?", "/nowhere?name=", "/graphql?query="] {
            app.get(&format!("{path}{secret}")).await;
        }
        // A column of another name is a bug of somebody: words of the database could hold the row.
        app.database.execute("ALTER TABLE appointment RENAME COLUMN reason TO elsewhere").await.unwrap();
        assert_eq!(app.get(&format!("/appointment/{id}")).await.problem(), (500, "INTERNAL".to_owned()));
        let log = logged();
        assert!(log.contains(&format!("Appointment {id} is CONFIRMED")), "nothing was captured");
        assert!(log.contains("GET /appointments/first-available 422"));
        assert!(log.contains("GET unmatched 404"));
        let told: Vec<&str> = log.lines().filter(|line| line.to_lowercase().contains("xanthippe")).collect();
        assert_eq!(told, Vec::<&str>::new());
        assert!(!log.contains("insurance="), "a query string was logged");
    }
}

on_both_engines! {
    async fn a_bug_tells_the_client_a_request_id_and_nothing_else(engine) {
        let app = TestApp::spawn(engine).await;
        app.database.execute("ALTER TABLE appointment RENAME COLUMN reason TO elsewhere").await.unwrap();
        let answer = app.get("/appointment/apt_00000000000000000000000000").await;
        assert_eq!(answer.problem(), (500, "INTERNAL".to_owned()));
        assert_eq!(answer.json(), json!({ "type": "urn:clinic:error:INTERNAL", "title": "Internal error", "status": 500,
            "detail": "Internal error", "code": "INTERNAL", "request_id": answer.header("x-request-id") }));
        let asked = app.post("/graphql", &json!({ "query": "{ appointment(id: \"apt_00000000000000000000000000\") { id } }" })).await;
        let error = &asked.json()["errors"][0];
        assert_eq!(error["message"], "Internal error");
        assert_eq!(error["extensions"], json!({ "code": "INTERNAL", "requestId": asked.header("x-request-id") }));
    }
}

on_both_engines! {
    async fn what_is_stored_and_cannot_be_read_is_not_logged(engine) {
        capture();
        let app = TestApp::spawn(engine).await;
        let booked = app.book(&json!({ "patient": john() })).await.json();
        let id = booked["appointment_id"].as_str().unwrap().to_owned();
        // What no rule of ours would let in: another program's column of another type.
        let secret = format!("Philoxenia-{engine:?}");
        let mut broken = vec![
            format!("UPDATE appointment SET state = '{secret}'"),
            format!("UPDATE idempotency_key SET refusal = '{secret}'"),
        ];
        let unlocked = match engine {
            Engine::Sqlite => {
                broken.push(format!("UPDATE appointment SET created_at = '{secret}'"));
                broken.push(format!("UPDATE patient SET state = '{secret}'"));
                "PRAGMA ignore_check_constraints = ON;"
            }
            Engine::Postgres => {
                broken.push("ALTER TABLE appointment ALTER created_at TYPE text".to_owned());
                broken.push(format!("UPDATE appointment SET created_at = '{secret}'"));
                "DO $$ DECLARE found record; BEGIN
                    FOR found IN SELECT conrelid::regclass AS of, conname FROM pg_constraint
                        WHERE contype = 'c' AND connamespace = 'public'::regnamespace
                    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.of, found.conname);
                    END LOOP; END $$;"
            }
        };
        for change in broken {
            app.database.execute(&format!("{unlocked} {change}")).await.unwrap();
            for path in [format!("/appointment/{id}"), "/readyz".to_owned()] {
                app.get(&path).await;
            }
            let query = "{ patients { nodes { name appointments { nodes { id } } } } events { nodes { at } } }";
            app.graphql(query, json!({})).await;
            app.book(&json!({ "patient": john() })).await;
        }
        let answer = app.get(&format!("/appointment/{id}")).await;
        assert_eq!(answer.problem(), (500, "INTERNAL".to_owned()));
        let log = logged();
        assert!(log.contains("the database refused"), "nothing was captured");
        let told: Vec<&str> = log.lines().filter(|line| line.contains("Philoxenia")).collect();
        assert_eq!(told, Vec::<&str>::new());
    }
}
