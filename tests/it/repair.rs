//! `clinic reconcile --repair`: each difference is mended, beside a running server, and nothing is
//! changed that was not asked for.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    AUDIT_KEY, Bulk, Ended, Engine, TestApp, clinic, id_of, on_both_engines, with_jane,
};

const TIMES: [&str; 7] = [
    "2027-01-11T14:00:00Z",
    "2027-01-11T14:30:00Z",
    "2027-01-11T15:00:00Z",
    "2027-01-11T15:30:00Z",
    "2027-01-11T16:00:00Z",
    "2027-01-11T16:30:00Z",
    "2027-01-11T17:00:00Z",
];

async fn reconcile(app: &TestApp, arguments: &[&str]) -> Ended {
    let arguments = [&["reconcile"], arguments].concat();
    let settings = [
        ("DATABASE_URL", app.database.url.as_str()),
        ("SCHEDULER_URL", app.scheduler_url.as_str()),
        ("RUST_LOG", "off"),
        ("AUDIT_KEY", AUDIT_KEY),
    ];
    clinic(app.database.folder.path(), &settings, &arguments).await
}

/// One of each kind: missing, elsewhere, under another id, twice, cancelled here, unknown here. And one
/// in which the books agree.
async fn one_of_each(app: &TestApp) -> Vec<String> {
    let mut ids = Vec::new();
    for (number, time) in TIMES.into_iter().enumerate() {
        let booked = app.book(&with_jane(number, time)).await;
        assert_eq!(booked.status, 201, "{booked:?}");
        ids.push(id_of(&booked.json()));
    }
    let mut external = Vec::new();
    for id in &ids {
        let held = app.live_outside(id).await.remove(0);
        external.push(format!("/{}", held["appointment_id"].as_str().unwrap()));
    }
    let again = |id: &str, time: &str| {
        json!({ "reference": id, "provider_reference": "desk", "provider_name": "Dr. Desk",
            "patient_name": "X", "time": time, "duration_minutes": 30 })
    };
    app.at_the_desk(Method::DELETE, &external[0], &Value::Null).await;
    let elsewhere = json!({ "time": "2027-01-12T20:00:00Z", "duration_minutes": 45,
        "provider_reference": "desk", "provider_name": "Dr. Desk" });
    app.at_the_desk(Method::PUT, &external[1], &elsewhere).await;
    app.at_the_desk(Method::DELETE, &external[2], &Value::Null).await;
    app.at_the_desk(Method::POST, "", &again(&ids[2], "2027-01-13T15:00:00Z")).await;
    app.at_the_desk(Method::POST, "", &again(&ids[3], "2027-01-13T16:00:00Z")).await;
    assert_eq!(app.cancel(&ids[4]).await.status, 200);
    app.at_the_desk(Method::POST, "", &again(&ids[4], "2027-01-13T17:00:00Z")).await;
    ids
}

/// As if the database were an old one.
async fn forget(app: &TestApp, id: &str) {
    let uuid = id.parse::<clinic::domain::AppointmentId>().unwrap().uuid();
    let id = match app.database.engine {
        Engine::Sqlite => format!("x'{}'", uuid.simple()),
        Engine::Postgres => format!("'{uuid}'"),
    };
    app.database.execute(&format!("DELETE FROM appointment WHERE id = {id}")).await.unwrap();
}

on_both_engines! {
    async fn each_difference_is_mended_and_what_is_unknown_is_left_unless_told(engine) {
        let app = TestApp::spawn(engine).await;
        let ids = one_of_each(&app).await;
        forget(&app, &ids[5]).await;

        // Told only: nothing is changed. Neither is it without a terminal to ask at.
        for (arguments, code) in [(&[][..], 1), (&["--repair"][..], 2)] {
            let ended = reconcile(&app, arguments).await;
            assert_eq!(ended.code, Some(code), "{ended:?}");
            assert!(ended.out.contains("6 differences"), "{ended:?}");
        }
        assert_eq!(app.live_outside(&ids[0]).await.len(), 0);

        // What we do not know of may be what we have forgotten, and the rest what we are behind in.
        let ended = reconcile(&app, &["--repair", "--yes"]).await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.out.contains("this book may be the older one"), "{ended:?}");
        assert_eq!(app.live_outside(&ids[0]).await.len(), 0);
        assert_eq!(app.live_outside(&ids[5]).await.len(), 1, "somebody may rely on it");
        let ended = reconcile(&app, &["--repair", "--yes", "--cancel-unknown"]).await;
        // By its own clock the server finds what the command has begun due, and may finish it first.
        let done = ended.out.matches(": done").count() + ended.out.matches("a server goes on").count();
        assert_eq!(done, 6, "{ended:?}");
        app.let_time_settle().await;
        assert_eq!(app.live_outside(&ids[5]).await.len(), 0);

        // Our book is as it was, and the other one is like it.
        app.settle_everything().await;
        for (number, id) in ids.iter().enumerate().filter(|(number, _id)| *number != 5) {
            let expected = if number == 4 { "CANCELLED" } else { "CONFIRMED" };
            let visit = app.get(&format!("/appointment/{id}")).await.json();
            assert_eq!((&visit["status"], &visit["time"]), (&json!(expected), &json!(TIMES[number])));
        }
        let ended = reconcile(&app, &[]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
}

on_both_engines! {
    async fn what_the_service_refuses_anew_stays_booked_here_and_differs(engine) {
        let app = TestApp::spawn(engine).await;
        let id = id_of(&app.book(&with_jane(1, TIMES[0])).await.json());
        let held = app.live_outside(&id).await.remove(0);
        app.at_the_desk(Method::DELETE, &format!("/{}", held["appointment_id"].as_str().unwrap()), &Value::Null).await;
        app.faults(&json!({ "refuse_rate": 1 })).await;
        let ended = reconcile(&app, &["--repair", "--yes"]).await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        // A server may have taken it over by then.
        let told = ["not done, the service refuses", "a server goes on with it"];
        assert!(told.iter().any(|told| ended.out.contains(told)), "{ended:?}");
        app.let_time_settle().await;
        assert_eq!(app.status_of(&id).await, "CONFIRMED");
        assert_eq!(app.unsettled().await, 0);
    }
}

on_both_engines! {
    async fn what_was_not_answered_is_finished_by_a_server(engine) {
        let app = TestApp::spawn(engine).await;
        let id = id_of(&app.book(&with_jane(1, TIMES[0])).await.json());
        let held = app.live_outside(&id).await.remove(0);
        let path = format!("/{}", held["appointment_id"].as_str().unwrap());
        app.at_the_desk(Method::DELETE, &path, &Value::Null).await;
        let report = app.settling.reconcile(&clinic::access::Actor::operator()).await.unwrap();
        let remedy = report.findings[0].remedy().unwrap();
        // Booked there, and not a word of it.
        app.faults(&json!({ "lost_reply_rate": 1 })).await;
        let actor = clinic::access::Actor::operator();
        // The look before it is not answered either.
        let looked = app.settling.mend(&actor, &report.findings[0], &remedy).await.unwrap();
        assert!(matches!(looked, clinic::settling::Mended::NotDone(_)), "{looked:?}");
        app.faults(&json!({ "garbage_rate": 0 })).await;
        let mended = app.settling.mend(&actor, &report.findings[0], &remedy).await.unwrap();
        assert_eq!(mended, clinic::settling::Mended::Done);
        app.settle_everything().await;
        assert_eq!((app.live_outside(&id).await.len(), app.status_of(&id).await.as_str()), (1, "CONFIRMED"));
        // It is not so any more, so that nothing is done twice.
        let again = app.settling.mend(&actor, &report.findings[0], &remedy).await.unwrap();
        assert!(matches!(again, clinic::settling::Mended::NotDone(_)), "{again:?}");
        assert_eq!(app.live_outside(&id).await.len(), 1);
    }
}

on_both_engines! {
    async fn the_id_of_another_visit_is_not_cancelled_to_mend_one(engine) {
        let app = TestApp::spawn(engine).await;
        let (cancelled, kept) = (app.book(&with_jane(1, TIMES[0])).await, app.book(&with_jane(2, TIMES[1])).await);
        let (cancelled, kept) = (id_of(&cancelled.json()), id_of(&kept.json()));
        assert_eq!(app.cancel(&cancelled).await.status, 200);
        // An orphan, whose id a confirmed one of ours has by a mistake.
        let body = json!({ "reference": cancelled, "provider_reference": "desk", "provider_name": "Dr. Desk",
            "patient_name": "X", "time": TIMES[0], "duration_minutes": 30 });
        let orphan = app.at_the_desk(Method::POST, "", &body).await;
        let start = Bulk(engine).instant("870");
        let sql = format!("UPDATE appointment SET external_id = '{}' WHERE starts_at = {start}",
            orphan["appointment_id"].as_str().unwrap());
        app.database.execute(&sql).await.unwrap();
        let ended = reconcile(&app, &["--repair", "--yes"]).await;
        assert!(ended.out.contains("is the id of another visit here"), "{ended:?}");
        // The one that has the wrong id takes over its own, and then the other can be mended.
        let ended = reconcile(&app, &["--repair", "--yes"]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(app.status_of(&kept).await, "CONFIRMED");
        assert_eq!((app.live_outside(&kept).await.len(), app.live_outside(&cancelled).await.len()), (1, 0));
    }
}
