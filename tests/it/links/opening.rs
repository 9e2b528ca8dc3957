//! What is shown, and to whom nothing is.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    NINE, REASON, booked, booked_by, browser, builder, clinic, get, mailed, path_to, post, send,
};
use crate::support::{API_TOKEN, RosterBuilder, TestApp, closed, comes_true, on_both_engines};

on_both_engines! {
    async fn a_page_says_when_on_both_clocks_how_long_and_with_whom_and_no_more(engine) {
        let roster = RosterBuilder::default().with(
            crate::support::provider("Dr. Paz").zone("America/Los_Angeles").licensed("CT").takes("Aetna").works("MONDAY", "08:00", "18:00"),
        );
        let app = closed(engine).roster(roster).spawn().await;
        let id = booked(&app, "2027-01-11T17:30:00Z").await;
        let page = get(&app, &path_to(&app, &id).await).await;
        assert_eq!(page.status, 200, "{page:?}");
        for text in [
            "Virtual visit", "Confirmed", "Dr. Paz", "30 minutes", "Monday, January 11, 2027", "12:30 PM to 1:00 PM",
            "Eastern Time (America/New_York)", "9:30 AM to 10:00 AM", "Pacific Time (America/Los_Angeles)",
        ] {
            assert!(page.text.contains(text), "{text}: {}", page.text);
        }
        for text in ["John", "Doe", "example.com", REASON, "Aetna", "<script", "http://", "https://", id.as_str()] {
            assert!(!page.text.replace("http://www.w3.org/2000/svg", "").contains(text), "{text}: {}", page.text);
        }
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("cache-control"), "private, no-store");
        assert_eq!(page.header("referrer-policy"), "same-origin");
        assert_eq!(page.header("x-robots-tag"), "noindex, nofollow");
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("script"), "{policy}");
        assert_eq!(page.header("access-control-allow-origin"), "");
    }
}

on_both_engines! {
    async fn one_clock_is_told_where_both_are_alike(engine) {
        let app = clinic(engine).await;
        let page = get(&app, &path_to(&app, &booked(&app, NINE).await).await).await;
        assert_eq!(page.text.matches("9:00 AM to 9:30 AM").count(), 1, "{}", page.text);
    }
}

on_both_engines! {
    async fn what_opens_nothing_is_one_page_whatever_the_reason(engine) {
        let app = clinic(engine).await;
        let visit = booked(&app, NINE).await;
        let (revoked, moved_away) = (booked_by(&app, "Jane Roe", "CT", "2027-01-11T16:00:00Z").await, booked_by(&app, "Max Moe", "CT", "2027-01-11T17:00:00Z").await);
        let over = path_to(&app, &visit).await;
        let forged = over.replace("/visit/clv_", "/visit/clv_0")[..over.len()].to_owned();
        let (of_revoked, of_moved) = (path_to(&app, &revoked).await, path_to(&app, &moved_away).await);
        for path in [&over, &of_revoked, &of_moved] {
            assert_eq!(get(&app, path).await.status, 200);
        }
        let input = json!({ "appointmentId": revoked });
        assert_eq!(app.administer("revokeVisitLink", "appointment { id }", input).await["error"], Value::Null);
        let patients = app.graphql_as(API_TOKEN, "{ patients(search: \"Moe\") { nodes { id } } }", json!({})).await;
        let input = json!({ "id": patients["data"]["patients"]["nodes"][0]["id"], "email": "new@example.com" });
        assert_eq!(app.administer("updatePatient", "patient { id }", input).await["error"], Value::Null);
        app.clock.set("2027-01-11T14:30:00Z");
        let of_no_kind = get(&app, "/visit/nothing").await;
        assert_eq!((of_no_kind.status.as_u16(), of_no_kind.text.contains("This link opens nothing")), (404, true));
        let (long, odd) = (format!("/visit/{}", "a".repeat(2000)), "/visit/%ff%00".to_owned());
        let as_offer = of_moved.replace("visit", "offer");
        for path in [&over, &forged, &of_revoked, &of_moved, &long, &odd, &as_offer, &format!("{over}/calendar.ics")] {
            let answer = get(&app, path).await;
            assert_eq!((answer.status.as_u16(), &answer.text), (404, &of_no_kind.text), "{path}");
            assert_eq!(answer.header("cache-control"), "private, no-store");
        }
        for act in ["move", "cancel", "reminders"] {
            let answer = post(&app, &format!("{over}/{act}"), "on=true").await;
            assert_eq!((answer.status.as_u16(), &answer.text), (404, &of_no_kind.text), "{act}");
        }
        let new = path_to(&app, &moved_away).await;
        assert_eq!(get(&app, &new).await.status, 200, "a mail to the new address");
    }
}

on_both_engines! {
    async fn it_is_open_to_the_end_of_the_visit_and_follows_it(engine) {
        let app = clinic(engine).await;
        let id = booked(&app, NINE).await;
        let path = path_to(&app, &id).await;
        app.clock.set("2027-01-11T14:29:59Z");
        let page = get(&app, &path).await;
        assert_eq!((page.status.as_u16(), page.text.contains("<form method=\"post\" action=\"") && page.text.contains("/cancel\"")), (200, false), "{}", page.text);
        app.clock.set("2027-01-11T13:00:00Z");
        let to = json!({ "time": "2027-01-12T15:00:00Z" });
        assert_eq!(send(&app, Method::POST, &format!("/appointment/{id}/reschedule"), &to).await.status, 200);
        app.clock.set("2027-01-12T15:10:00Z");
        assert!(get(&app, &path).await.text.contains("Tuesday, January 12, 2027"));
    }
}

on_both_engines! {
    async fn a_cancelled_visit_is_shown_as_such_and_nothing_can_be_done_about_it(engine) {
        let app = clinic(engine).await;
        let id = booked(&app, NINE).await;
        let path = path_to(&app, &id).await;
        assert_eq!(send(&app, Method::POST, &format!("/appointment/{id}/cancel"), &json!({ "reason": "Better now" })).await.status, 200);
        let page = get(&app, &path).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("Cancelled") && !page.text.contains("<form") && !page.text.contains("Better now"), "{}", page.text);
        let file = get(&app, &format!("{path}/calendar.ics")).await;
        assert!(file.text.contains("METHOD:CANCEL"), "{file:?}");
    }
}

on_both_engines! {
    async fn what_the_outside_has_not_answered_is_told_as_such(engine) {
        let app = clinic(engine).await;
        let settled = booked(&app, NINE).await;
        app.faults(&json!({ "down": true })).await;
        let path = path_to(&app, &booked_by(&app, "Jane Roe", "CT", "2027-01-11T16:00:00Z").await).await;
        assert!(get(&app, &path).await.text.contains("Being confirmed"));
        let to = json!({ "time": "2027-01-11T18:00:00Z" });
        send(&app, Method::POST, &format!("/appointment/{settled}/reschedule"), &to).await;
        let page = get(&app, &path_to(&app, &settled).await).await.text;
        let told = "Being moved to Monday, January 11, 2027 at 1:00 PM, Eastern Time (America/New_York). Until that is confirmed, keep the time below.";
        assert!(page.contains(told) && page.contains("9:00 AM to 9:30 AM"), "{page}");
        app.faults(&json!({})).await;
    }
}

on_both_engines! {
    async fn the_visit_goes_into_the_patients_calendar(engine) {
        let app = clinic(engine).await;
        let id = booked(&app, NINE).await;
        let path = path_to(&app, &id).await;
        let file = get(&app, &format!("{path}/calendar.ics")).await;
        assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "text/calendar; charset=utf-8; method=REQUEST"));
        assert_eq!(file.header("content-disposition"), "attachment; filename=\"visit.ics\"");
        assert_eq!((file.header("cache-control"), file.header("referrer-policy")), ("private, no-store", "same-origin"));
        assert!(file.text.contains(&format!("UID:{id}@clinic.invalid")) && file.text.contains("john.doe@example.com"), "{file:?}");
        assert!(!file.text.contains("itch"), "{file:?}");
    }
}

on_both_engines! {
    async fn head_is_answered_as_get_and_other_methods_in_a_page_without_the_token(engine) {
        let app = clinic(engine).await;
        let path = path_to(&app, &booked(&app, NINE).await).await;
        let head = TestApp::send(app.request(Method::HEAD, &path)).await;
        assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
        for (method, path) in [(Method::PUT, path.clone()), (Method::DELETE, format!("{path}/cancel"))] {
            let answer = TestApp::send(app.request(method, &path)).await;
            assert_eq!(answer.status, 405, "{answer:?}");
            assert!(!answer.text.contains("clv_"), "{answer:?}");
        }
        // As whoever loads the address again that a refused form was sent to.
        for act in ["cancel", "move", "reminders"] {
            let answer = TestApp::send(browser().get(format!("{}{path}/{act}", app.url))).await;
            assert_eq!((answer.status.as_u16(), answer.header("location"), answer.text.as_str()), (303, path.as_str(), ""), "{answer:?}");
        }
        assert!(get(&app, &path).await.text.contains("Confirmed"));
    }
}

on_both_engines! {
    async fn what_lies_below_a_link_is_as_what_opens_nothing_and_no_answer_repeats_a_path(engine) {
        let app = clinic(engine).await;
        let path = path_to(&app, &booked(&app, NINE).await).await;
        let nothing = get(&app, "/visit/nothing").await;
        let offer = path.replace("/visit/", "/offer/");
        for below in [format!("{path}/"), format!("{path}/cancel/"), format!("{path}/a/b"), format!("{offer}/"), format!("{offer}/a/b"), format!("{offer}/accept"), "/visit/nothing/cancel".to_owned()] {
            let answer = get(&app, &below).await;
            assert_eq!((answer.status.as_u16(), &answer.text), (404, &nothing.text), "{below}");
        }
        let request = app.request(Method::GET, "/calendar/clf_secret/more").bearer_auth(API_TOKEN);
        let answer = TestApp::send(request).await;
        assert_eq!((answer.status.as_u16(), answer.text.contains("clf_secret")), (404, false), "{answer:?}");
    }
}

on_both_engines! {
    async fn a_link_that_ended_with_an_address_stays_so_when_that_is_changed_back(engine) {
        let app = clinic(engine).await;
        let path = path_to(&app, &booked(&app, NINE).await).await;
        let patients = app.graphql_as(API_TOKEN, "{ patients { nodes { id } } }", json!({})).await;
        let id = &patients["data"]["patients"]["nodes"][0]["id"];
        for (email, status) in [("JOHN.DOE@example.com", 200), ("new@example.com", 404), ("john.doe@example.com", 404)] {
            let changed = app.administer("updatePatient", "patient { id }", json!({ "id": id, "email": email })).await;
            assert_eq!(changed["error"], Value::Null, "{changed}");
            assert_eq!(get(&app, &path).await.status, status, "{email}");
        }
    }
}

on_both_engines! {
    async fn a_notice_is_shown_as_far_as_it_is_so_and_no_query_is_refused(engine) {
        let app = clinic(engine).await;
        let id = booked(&app, NINE).await;
        let path = path_to(&app, &id).await;
        let notice = async |query: &str| {
            let page = get(&app, &format!("{path}?{query}")).await;
            assert_eq!(page.status, 200, "{query} {page:?}");
            page.text.split_once("role=\"status\">").map(|(_, rest)| rest.split('<').next().unwrap().to_owned())
        };
        for query in ["done=cancelled", "done=moved", "done=moved&to=2027-01-11T15:00:00Z", "done=moved&to=2027-01-11T09:00:00-05:00", "done=accepted", "done=accepted&to=x",
            "done=reminders-off", "done=hacked", "done=cancelled&done=moved", "done=%ff", "done=%", "utm_source=mail"] {
            assert_eq!(notice(query).await, None, "{query}");
        }
        assert_eq!(notice(&format!("done=moved&to={NINE}")).await.as_deref(), Some("Your visit has its new time."));
        assert_eq!(notice(&format!("done=accepted&to={NINE}")).await.as_deref(), Some("The time is yours."));
        assert_eq!(notice("done=reminders-on").await.as_deref(), Some("You will be reminded of your visits."));
        app.faults(&json!({ "down": true })).await;
        let to = json!({ "time": "2027-01-11T18:00:00Z" });
        send(&app, Method::POST, &format!("/appointment/{id}/reschedule"), &to).await;
        assert_eq!(notice(&format!("done=moved&to={NINE}")).await, None);
        assert_eq!(notice("done=moved&to=2027-01-11T18:00:00Z").await.as_deref(), Some("We have asked for the new time."));
        app.faults(&json!({})).await;
    }
}

on_both_engines! {
    async fn who_read_a_visit_stands_in_the_trail_as_its_patient_by_link(engine) {
        let app = clinic(engine).await;
        let id = booked(&app, NINE).await;
        get(&app, &path_to(&app, &id).await).await;
        let came = comes_true(async || !app.audited("GET /visit/{token}").await.is_empty()).await;
        let rows = app.audited("GET /visit/{token}").await;
        assert!(came && rows.len() == 1, "{rows:?}");
        let entry = &rows[0].entry;
        assert_eq!((entry.actor.kind.as_ref(), entry.actor.name.as_deref()), ("PATIENT_LINK", None));
        assert_eq!(entry.appointments.iter().map(ToString::to_string).collect::<Vec<_>>(), [id]);
        assert_eq!(entry.patients.len(), 1);
    }
}

on_both_engines! {
    async fn too_much_at_once_is_told_in_a_page(engine) {
        let app = builder(engine).setting("RATE_LIMIT_PER_MINUTE", "1").spawn().await;
        assert_eq!(get(&app, "/visit/nothing").await.status, 404);
        let answer = get(&app, "/visit/nothing").await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (429, "text/html; charset=utf-8"));
        assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
        app.clock.advance(SignedDuration::from_mins(1));
    }
}

on_both_engines! {
    async fn each_mail_has_a_link_of_its_own_and_all_open_the_visit(engine) {
        let app = clinic(engine).await;
        let id = booked(&app, NINE).await;
        let [one, other] = [mailed(&app, &id).await, mailed(&app, &id).await];
        assert_ne!(one.path(), other.path());
        assert_eq!(format!("{one:?}"), "PatientLink(..)");
        for link in [one, other] {
            assert_eq!(get(&app, link.path()).await.status, 200);
        }
    }
}
