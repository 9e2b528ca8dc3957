//! What a feed shows, and to whom it is new.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

use super::{booked, clinic, lines, made_as, path_of, read, send_as, value, values};
use crate::support::{API_TOKEN, Answer, TestApp, closed, on_both_engines};

async fn cancel(app: &TestApp, id: &str) {
    let path = format!("/appointment/{id}/cancel");
    let answer =
        send_as(app, API_TOKEN, Method::POST, &path, &json!({ "reason": "Better now" })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// The feed as it is read by a calendar that has read it before.
async fn read_again(app: &TestApp, path: &str, tag: &str) -> Answer {
    TestApp::send(app.request(Method::GET, path).header("if-none-match", tag)).await
}

on_both_engines! {
    async fn a_feed_has_the_visits_of_its_provider_and_nobody_elses(engine) {
        let app = clinic(engine).await;
        let [one, other] = [app.provider_id_as(API_TOKEN, "Dr. 000").await, app.provider_id_as(API_TOKEN, "Dr. 001").await];
        let first = booked(&app, &one, "John Doe", "2027-01-12T14:00:00Z").await;
        let second = booked(&app, &one, "Jane Roe", "2027-01-13T14:00:00Z").await;
        booked(&app, &other, "Max Moe", "2027-01-12T14:00:00Z").await;
        let hold = json!({ "provider_id": one, "time": "2027-01-12T18:00:00Z" });
        assert_eq!(send_as(&app, API_TOKEN, Method::POST, "/hold", &hold).await.status, 201);
        cancel(&app, &second).await;
        let path = path_of(&made_as(&app, API_TOKEN, &one, false).await);
        let answer = read(&app, &path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8; method=PUBLISH");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        let text = answer.text;
        let uids = [first, second].map(|id| format!("{id}@clinic.invalid"));
        assert_eq!(values(&text, "UID"), uids, "{text}");
        assert_eq!(values(&text, "STATUS"), ["CONFIRMED", "CANCELLED"]);
        assert_eq!(values(&text, "SUMMARY"), ["Virtual visit"; 2]);
        assert_eq!((value(&text, "METHOD"), value(&text, "X-WR-CALNAME")), ("PUBLISH".to_owned(), "Dr. 000".to_owned()));
        assert!(lines(&text).iter().any(|line| line == "REFRESH-INTERVAL;VALUE=DURATION:PT15M"), "{text}");
        for word in ["John", "Jane", "Roe", "itch", "Better", "Aetna", "ATTENDEE", "example.com"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
        let path = path_of(&made_as(&app, API_TOKEN, &one, true).await);
        let text = read(&app, &path).await.text;
        assert_eq!(values(&text, "SUMMARY"), ["Visit with John Doe", "Visit with Jane Roe"]);
        for word in ["itch", "Better", "Aetna", "ATTENDEE", "example.com"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
        let nobody = app.provider_id_as(API_TOKEN, "Dr. 001").await;
        let other = path_of(&made_as(&app, API_TOKEN, &nobody, true).await);
        assert_eq!(values(&read(&app, &other).await.text, "SUMMARY"), ["Visit with Max Moe"]);
    }
}

on_both_engines! {
    async fn a_feed_is_told_anew_when_it_says_something_else(engine) {
        let app = clinic(engine).await;
        let provider = app.provider_id_as(API_TOKEN, "Dr. 000").await;
        let path = path_of(&made_as(&app, API_TOKEN, &provider, false).await);
        let empty = read(&app, &path).await;
        assert_eq!(empty.header("cache-control"), "private, no-cache");
        let tag = empty.header("etag").to_owned();
        assert!(tag.starts_with("W/\"") && tag.ends_with('"'), "{tag}");
        app.clock.advance(SignedDuration::from_mins(20));
        for same in [tag.clone(), tag.replace("W/", ""), format!("\"x\", {tag}"), "*".to_owned()] {
            let again = read_again(&app, &path, &same).await;
            assert_eq!((again.status.as_u16(), again.text.as_str(), again.header("etag")), (304, "", tag.as_str()), "{same}");
        }
        assert_eq!(read_again(&app, &path, "W/\"x\"").await.status, 200);
        let id = booked(&app, &provider, "John Doe", "2027-01-12T14:00:00Z").await;
        let changed = read_again(&app, &path, &tag).await;
        assert_eq!((changed.status.as_u16(), values(&changed.text, "UID")), (200, vec![format!("{id}@clinic.invalid")]));
        let tag = changed.header("etag").to_owned();
        assert_eq!(read_again(&app, &path, &tag).await.status, 304);
        let to = json!({ "time": "2027-01-13T15:00:00Z" });
        send_as(&app, API_TOKEN, Method::POST, &format!("/appointment/{id}/reschedule"), &to).await;
        assert_eq!(read_again(&app, &path, &tag).await.status, 200);
        let head = TestApp::send(app.request(Method::HEAD, &path)).await;
        assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    }
}

on_both_engines! {
    async fn what_was_cancelled_and_what_is_past_stays_for_thirty_days(engine) {
        let app = clinic(engine).await;
        let provider = app.provider_id_as(API_TOKEN, "Dr. 000").await;
        let visit = booked(&app, &provider, "John Doe", "2027-01-12T14:00:00Z").await;
        let late = booked(&app, &provider, "Jane Roe", "2027-03-12T14:00:00Z").await;
        cancel(&app, &late).await;
        let path = path_of(&made_as(&app, API_TOKEN, &provider, false).await);
        let uids = async || {
            let found = values(&read(&app, &path).await.text, "UID");
            found.into_iter().map(|uid| uid.replace("@clinic.invalid", "")).collect::<Vec<_>>()
        };
        assert_eq!(uids().await, [visit.clone(), late.clone()]);
        app.clock.set("2027-02-10T12:00:00Z");
        assert_eq!(uids().await, [visit.clone(), late]);
        // Cancelled more than 30 days ago, and a visit that ended less than 30 days ago.
        app.clock.set("2027-02-11T12:00:00Z");
        assert_eq!(uids().await, [visit]);
        app.clock.set("2027-02-11T15:00:00Z");
        assert_eq!(uids().await, Vec::<String>::new());
    }
}

on_both_engines! {
    async fn what_was_refused_or_goes_to_somebody_else_is_in_no_feed(engine) {
        let app = clinic(engine).await;
        let [one, other] = [app.provider_id_as(API_TOKEN, "Dr. 000").await, app.provider_id_as(API_TOKEN, "Dr. 001").await];
        let id = booked(&app, &one, "John Doe", "2027-01-12T14:00:00Z").await;
        app.faults(&json!({ "refuse_rate": 1.0 })).await;
        let patient = json!({ "name": "No One", "email": "no@example.com", "state": "CT", "insurance": "Aetna" });
        let body = json!({ "patient": patient, "provider_id": one, "time": "2027-01-12T16:00:00Z" });
        assert_eq!(send_as(&app, API_TOKEN, Method::POST, "/appointment", &body).await.status, 409);
        app.faults(&json!({})).await;
        let [path, others] = [path_of(&made_as(&app, API_TOKEN, &one, false).await), path_of(&made_as(&app, API_TOKEN, &other, false).await)];
        assert_eq!(values(&read(&app, &path).await.text, "UID").len(), 1);
        let uid = value(&read(&app, &path).await.text, "UID");
        let given = json!({ "id": id, "providerId": other });
        let given = app.administer("reassignAppointment", "appointment { id }", given).await;
        assert_eq!(given["appointment"]["id"], json!(id), "{given}");
        assert_eq!(values(&read(&app, &path).await.text, "UID"), Vec::<String>::new());
        assert_eq!(value(&read(&app, &others).await.text, "UID"), uid);
    }
}

on_both_engines! {
    async fn a_feed_costs_as_many_statements_however_many_visits_it_has(engine) {
        let app = clinic(engine).await;
        let provider = app.provider_id_as(API_TOKEN, "Dr. 000").await;
        let path = path_of(&made_as(&app, API_TOKEN, &provider, true).await);
        booked(&app, &provider, "John Doe", "2027-01-12T14:00:00Z").await;
        // That it was read is written down once in an hour.
        read(&app, &path).await;
        let (one, few) = app.statements(read(&app, &path)).await;
        for (number, (hour, day)) in (12..16).flat_map(|day| [15, 16, 17].map(|hour| (hour, day))).enumerate() {
            booked(&app, &provider, &format!("Patient {number}"), &format!("2027-01-{day}T{hour}:00:00Z")).await;
        }
        let (all, many) = app.statements(read(&app, &path)).await;
        assert_eq!((values(&one.text, "UID").len(), values(&all.text, "UID").len()), (1, 13));
        assert_eq!((few.sql.len(), few.transactions), (many.sql.len(), many.transactions), "{few:?} {many:?}");
        assert!(many.sql.len() <= 6, "{many:?}");
        let of_visits = many.sql.iter().filter(|sql| sql.contains(r#"FROM "appointment""#)).count();
        assert_eq!(of_visits, 1, "{many:?}");
    }
}

on_both_engines! {
    async fn whoever_reads_without_end_is_stopped_where_that_is_limited(engine) {
        let app = closed(engine).setting("RATE_LIMIT_PER_MINUTE", "5").spawn().await;
        let provider = app.provider_id_as(API_TOKEN, "Dr. Jane Doe").await;
        let path = path_of(&made_as(&app, API_TOKEN, &provider, false).await);
        let mut statuses = Vec::new();
        for _ in 0..8 {
            statuses.push(read(&app, &path).await.status.as_u16());
        }
        assert_eq!(statuses[..5], [200; 5]);
        assert!(statuses[5..].contains(&429), "{statuses:?}");
    }
}
