//! The rule against overlapping appointments stands in the database, below the application.

use serde_json::json;

use crate::support::{Bulk, Engine, TestApp, TestDatabase, john, on_both_engines, patient};

/// Copies the only appointment under another id, `shift` minutes later, as another program might.
fn copy(engine: Engine, patient: &str, shift: i64) -> String {
    let columns = "status, ends_as, version, state, insurance_id, created_at, updated_at";
    let (id, moved) = match engine {
        Engine::Sqlite => (
            "randomblob(16)",
            ["starts_at", "ends_at"].map(|column| {
                format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', {column}, '{shift} minutes')")
            }),
        ),
        Engine::Postgres => (
            "gen_random_uuid()",
            ["starts_at", "ends_at"].map(|column| format!("{column} + interval '{shift} minutes'")),
        ),
    };
    format!(
        "INSERT INTO appointment (id, provider_id, patient_id, starts_at, ends_at, external_id, {columns})
         SELECT {id}, provider_id, {patient}, {}, {}, {external_id}, {columns} FROM appointment
         ORDER BY created_at LIMIT 1",
        moved[0], moved[1], external_id = Bulk(engine).external_id()
    )
}

const SAME_PATIENT: &str = "patient_id";
const OTHER_PATIENT: &str = "(SELECT id FROM patient WHERE name = 'Patient 1')";

/// One appointment of John's with Dr. Jane Doe, 14:00 to 14:30, and another patient without one.
async fn one_booked(engine: Engine) -> TestApp {
    let app = TestApp::spawn(engine).await;
    let other = app.book(&json!({ "patient": patient(1, "CT", "Aetna") })).await.json();
    app.database.execute("DELETE FROM appointment").await.unwrap();
    assert!(other["scheduled"].as_bool().unwrap());
    app.faults(&json!({})).await;
    let strange = json!({ "patient": john(), "time": "2027-01-11T15:00:00Z" });
    assert_eq!(app.book(&strange).await.status, 201);
    app
}

async fn drop_rule(database: &TestDatabase, rule: &str) {
    match database.engine {
        Engine::Postgres => {
            database
                .execute(&format!("ALTER TABLE appointment DROP CONSTRAINT {rule}"))
                .await
                .unwrap();
        }
        Engine::Sqlite => {
            for event in ["insert", "update"] {
                database.execute(&format!("DROP TRIGGER {rule}_{event}")).await.unwrap();
            }
        }
    }
}

on_both_engines! {
    async fn a_raw_write_that_overlaps_is_refused_by_name(engine) {
        let app = one_booked(engine).await;
        for shift in [0, 29, -29, 5] {
            let refused = app.database.execute(&copy(engine, OTHER_PATIENT, shift)).await.unwrap_err();
            assert!(refused.contains("appointment_provider_no_overlap"), "{shift}: {refused}");
        }
        // Touching is not overlapping.
        assert_eq!(app.database.execute(&copy(engine, OTHER_PATIENT, 30)).await, Ok(1));
        assert_eq!(app.database.execute(&copy(engine, OTHER_PATIENT, -30)).await, Ok(1));
    }
}

on_both_engines! {
    async fn a_raw_write_that_double_books_a_patient_is_refused_by_name(engine) {
        let app = one_booked(engine).await;
        let elsewhere = copy(engine, SAME_PATIENT, 10)
            .replace("SELECT randomblob(16), provider_id", "SELECT randomblob(16), (SELECT id FROM provider WHERE name = 'Doctor Who')")
            .replace("SELECT gen_random_uuid(), provider_id", "SELECT gen_random_uuid(), (SELECT id FROM provider WHERE name = 'Doctor Who')");
        let refused = app.database.execute(&elsewhere).await.unwrap_err();
        assert!(refused.contains("appointment_patient_no_overlap"), "{refused}");
    }
}

on_both_engines! {
    async fn a_raw_update_can_not_move_one_onto_another(engine) {
        let app = one_booked(engine).await;
        app.database.execute(&copy(engine, OTHER_PATIENT, 60)).await.unwrap();
        let back = match engine {
            Engine::Sqlite => "UPDATE appointment SET starts_at = '2027-01-11T15:10:00+00:00',
                ends_at = '2027-01-11T15:40:00+00:00' WHERE starts_at = '2027-01-11T16:00:00+00:00'",
            Engine::Postgres => "UPDATE appointment SET starts_at = '2027-01-11T15:10:00Z',
                ends_at = '2027-01-11T15:40:00Z' WHERE starts_at = '2027-01-11T16:00:00Z'",
        };
        let refused = app.database.execute(back).await.unwrap_err();
        assert!(refused.contains("appointment_provider_no_overlap"), "{refused}");
        // Neither can a cancelled one come back to life over one that was booked since.
        app.database.execute("UPDATE appointment SET status = 'CANCELLED'").await.unwrap();
        app.database.execute(&copy(engine, OTHER_PATIENT, 0).replace("status, ends_as, version, state, insurance_id, created_at, updated_at FROM",
            "'CONFIRMED', ends_as, version, state, insurance_id, created_at, updated_at FROM")).await.unwrap();
        let revived = app.database.execute("UPDATE appointment SET status = 'CONFIRMED' WHERE status = 'CANCELLED'").await;
        assert!(revived.unwrap_err().contains("no_overlap"));
    }
}

on_both_engines! {
    async fn a_visit_on_the_move_holds_both_times(engine) {
        let app = one_booked(engine).await;
        let moving = match engine {
            Engine::Sqlite => "UPDATE appointment SET move_starts_at = '2027-01-11T18:00:00+00:00',
                move_ends_at = '2027-01-11T18:30:00+00:00'",
            Engine::Postgres => "UPDATE appointment SET move_starts_at = '2027-01-11T18:00:00Z',
                move_ends_at = '2027-01-11T18:30:00Z'",
        };
        app.database.execute(moving).await.unwrap();
        for shift in [10, 190] {
            let refused = app.database.execute(&copy(engine, OTHER_PATIENT, shift)).await.unwrap_err();
            assert!(refused.contains("appointment_provider_no_overlap"), "{shift}: {refused}");
        }
        // The gap between the two is free.
        assert_eq!(app.database.execute(&copy(engine, OTHER_PATIENT, 60)).await, Ok(1));
    }
}

on_both_engines! {
    async fn what_is_not_a_span_of_time_is_refused(engine) {
        let app = one_booked(engine).await;
        let empty = app.database.execute("UPDATE appointment SET ends_at = starts_at").await.unwrap_err();
        assert!(empty.contains("appointment_span_check"), "{empty}");
        if engine == Engine::Sqlite {
            for text in ["2027-01-11T15:00:00Z", "2027-01-11 15:00:00+00:00", "2027-02-30T15:00:00+00:00",
                "2027-01-11T15:00:00+00:00x", "2027-01-11T15:00:00.5+00:00", "soon"] {
                let sql = format!("UPDATE appointment SET starts_at = '{text}'");
                assert!(app.database.execute(&sql).await.is_err(), "{text}");
            }
        }
    }
}

on_both_engines! {
    async fn without_the_rule_the_same_raw_write_goes_through(engine) {
        // What shows that the tests above can fail.
        let app = one_booked(engine).await;
        for rule in ["provider_no_overlap", "provider_no_overlap_all", "patient_no_overlap", "patient_no_overlap_all"] {
            drop_rule(&app.database, &format!("appointment_{rule}")).await;
        }
        assert_eq!(app.database.execute(&copy(engine, OTHER_PATIENT, 10)).await, Ok(1));
        assert_eq!(app.database.execute(&copy(engine, SAME_PATIENT, 20)).await, Ok(1));
    }
}

on_both_engines! {
    async fn the_server_refuses_to_serve_without_the_rule(engine) {
        let app = one_booked(engine).await;
        let db = &app.db;
        assert_eq!(clinic::db::integrity::check(db).await.unwrap(), Vec::<String>::new());
        drop_rule(&app.database, "appointment_patient_no_overlap").await;
        let missing = clinic::db::integrity::check(db).await.unwrap();
        assert!(missing.iter().all(|what| what.contains("appointment_patient_no_overlap")), "{missing:?}");
        assert!(!missing.is_empty());
    }
}

on_both_engines! {
    async fn the_server_refuses_to_serve_without_the_triggers_that_log_events(engine) {
        let app = one_booked(engine).await;
        let gone = match engine {
            Engine::Sqlite => "DROP TRIGGER appointment_event_update",
            Engine::Postgres => "ALTER TABLE appointment DISABLE TRIGGER appointment_event_update",
        };
        app.database.execute(gone).await.unwrap();
        let missing = clinic::db::integrity::check(&app.db).await.unwrap();
        assert!(matches!(&missing[..], [what] if what.contains("appointment_event_update")), "{missing:?}");
    }
}
