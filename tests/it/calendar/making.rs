//! Making, listing and revoking feeds.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{FEED, clinic, get_as, made_as, path_of, read};
use crate::support::{API_TOKEN, closed, on_both_engines};

fn code(payload: &Value) -> &str {
    payload["error"]["code"].as_str().unwrap_or_default()
}

on_both_engines! {
    async fn a_feed_is_made_once_and_its_secret_is_told_once(engine) {
        let app = clinic(engine).await;
        let provider = app.provider_id_as(API_TOKEN, "Dr. 000").await;
        let input = json!({ "providerId": provider, "name": " My  telephone ", "withPatients": true, "idempotencyKey": "k" });
        let fields = format!("{FEED} secret url");
        let made = app.administer("createCalendarFeed", &fields, input.clone()).await;
        let secret = made["secret"].as_str().unwrap();
        assert!(secret.starts_with("clf_") && secret.len() == 68, "{made}");
        assert_eq!(made["url"], format!("/calendar/{secret}.ics"));
        let id = made["feed"]["id"].as_str().unwrap();
        assert!(id.starts_with("cal_"), "{made}");
        let feed = json!({ "id": id, "name": "My telephone", "provider": { "name": "Dr. 000" }, "withPatients": true,
            "tellsPatients": true, "active": true, "owner": null, "createdAt": "2027-01-11T12:00:00Z", "revokedAt": null,
            "lastReadAt": null });
        assert_eq!(made["feed"], feed);
        let again = app.administer("createCalendarFeed", &fields, input.clone()).await;
        assert_eq!(again, json!({ "feed": feed, "secret": null, "url": null, "error": null }));
        let mut other = input;
        other["withPatients"] = json!(false);
        assert_eq!(code(&app.administer("createCalendarFeed", &fields, other).await), "IDEMPOTENCY_KEY_REUSED");
        let stored = "SELECT count(*) FROM calendar_feed WHERE length(secret_hash) = 32";
        assert_eq!(app.database.number(stored).await, 1);
        for (input, expected) in [
            (json!({ "providerId": provider, "name": "" }), "INVALID_INPUT"),
            (json!({ "providerId": "prv_01h455vb4pex5vsknk084sn02q" }), "NOT_FOUND"),
            (json!({ "providerId": "x" }), "NOT_FOUND"),
        ] {
            assert_eq!(code(&app.administer("createCalendarFeed", FEED, input).await), expected);
        }
        let rows = app.audited("createCalendarFeed").await;
        let changed: Vec<_> = rows.iter().filter(|row| row.entry.outcome == "OK").collect();
        assert_eq!(changed.len(), 1);
        assert_eq!((changed[0].entry.object.as_deref(), changed[0].entry.fields.as_str()), (Some(id), "provider name withPatients"));
    }
}

on_both_engines! {
    async fn a_feed_that_is_revoked_opens_nothing_at_once(engine) {
        let app = clinic(engine).await;
        let provider = app.provider_id_as(API_TOKEN, "Dr. 000").await;
        let made = made_as(&app, API_TOKEN, &provider, false).await;
        let (path, id) = (path_of(&made), made["feed"]["id"].clone());
        assert_eq!(read(&app, &path).await.status, 200);
        let revoke = async |key: &str| {
            app.administer("revokeCalendarFeed", FEED, json!({ "id": id, "idempotencyKey": key })).await
        };
        let revoked = revoke("a").await;
        assert_eq!((&revoked["feed"]["revokedAt"], &revoked["feed"]["active"]), (&json!("2027-01-11T12:00:00Z"), &json!(false)));
        assert_eq!(read(&app, &path).await.problem(), (404, "NOT_FOUND".to_owned()));
        app.clock.advance(SignedDuration::from_mins(5));
        // It stays revoked since then, and its key answers the same.
        for key in ["a", "b"] {
            assert_eq!(revoke(key).await["feed"]["revokedAt"], "2027-01-11T12:00:00Z");
        }
        let nobody = json!({ "id": "cal_01h455vb4pex5vsknk084sn02q" });
        assert_eq!(code(&app.administer("revokeCalendarFeed", FEED, nobody).await), "NOT_FOUND");
        // What opens nothing is told alike, whatever it is.
        let wrong = ["/calendar/clf_0.ics", "/calendar/x.ics", "/calendar/.ics", "/calendar/x", &path[..path.len() - 4]];
        for wrong in wrong {
            let answer = app.get(wrong).await;
            assert_eq!(answer.problem(), (404, "NOT_FOUND".to_owned()), "{wrong}");
        }
    }
}

on_both_engines! {
    async fn a_list_shows_the_feeds_that_are_the_callers_to_revoke(engine) {
        let app = clinic(engine).await;
        let [one, other] = [app.provider_id_as(API_TOKEN, "Dr. 000").await, app.provider_id_as(API_TOKEN, "Dr. 001").await];
        let (_, clinician) = app.make_token("CLINICIAN", Some(&one)).await;
        let (_, viewer) = app.make_token("VIEWER", None).await;
        let (_, desk) = app.make_token("SCHEDULER", None).await;
        let mut ids = Vec::new();
        for (token, provider) in [(API_TOKEN, &one), (&*clinician, &one), (&*viewer, &one), (&*desk, &other)] {
            app.clock.advance(SignedDuration::from_secs(1));
            let made = made_as(&app, token, provider, false).await;
            ids.push(made["feed"]["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned());
        }
        ids.reverse();
        let [of_desk, of_viewer, of_clinician, of_settings] = &ids[..] else { panic!("{ids:?}") };
        for (token, known) in [
            (API_TOKEN, vec![of_desk, of_viewer, of_clinician, of_settings]),
            (&*desk, vec![of_desk, of_viewer, of_clinician, of_settings]),
            (&*clinician, vec![of_viewer, of_clinician, of_settings]),
            (&*viewer, vec![of_viewer]),
        ] {
            let answer = app.graphql_as(token, "{ calendarFeeds { id owner active } }", json!({})).await;
            let feeds = answer["data"]["calendarFeeds"].as_array().unwrap_or_else(|| panic!("{answer}"));
            let listed: Vec<_> = feeds.iter().map(|feed| feed["id"].as_str().unwrap()).collect();
            assert_eq!(listed, known);
            assert!(feeds.iter().all(|feed| feed["active"] == true), "{answer}");
            for feed in [of_desk, of_settings] {
                let revoked = app.administer_as(token, "revokeCalendarFeed", "feed { id }", json!({ "id": feed })).await;
                let expected = if known.contains(&feed) { "" } else { "NOT_FOUND" };
                assert_eq!(code(&revoked), expected, "{revoked}");
                // For the next one to find it as it was.
                app.database.execute("UPDATE calendar_feed SET revoked_at = NULL").await.unwrap();
            }
        }
    }
}

on_both_engines! {
    async fn when_a_feed_was_read_is_known_to_about_an_hour(engine) {
        let app = clinic(engine).await;
        let provider = app.provider_id_as(API_TOKEN, "Dr. 000").await;
        let path = path_of(&made_as(&app, API_TOKEN, &provider, false).await);
        let last = async || {
            app.graphql_as(API_TOKEN, "{ calendarFeeds { lastReadAt } }", json!({})).await["data"]["calendarFeeds"][0]["lastReadAt"].clone()
        };
        assert_eq!(last().await, Value::Null);
        for (at, known) in [("12:00:00", "12:00:00"), ("12:59:59", "12:00:00"), ("13:00:00", "13:00:00")] {
            app.clock.set(&format!("2027-01-11T{at}Z"));
            assert_eq!(read(&app, &path).await.status, 200);
            assert_eq!(last().await, format!("2027-01-11T{known}Z"), "{at}");
        }
    }
}

on_both_engines! {
    async fn a_feed_is_below_the_address_that_people_type(engine) {
        let app = closed(engine).setting("PUBLIC_URL", "https://clinic.example/booking").spawn().await;
        let provider = app.provider_id_as(API_TOKEN, "Dr. Jane Doe").await;
        let made = made_as(&app, API_TOKEN, &provider, false).await;
        let secret = made["secret"].as_str().unwrap();
        assert_eq!(made["url"], format!("https://clinic.example/booking/calendar/{secret}.ics"));
        // Neither the token of a machine nor that of the settings is asked for, or opens another.
        let path = "/calendar/clf_0000000000000000000000000000000000000000000000000000000000000000.ics";
        assert_eq!(get_as(&app, API_TOKEN, path).await.status.as_u16() / 100, 4);
    }
}
