//! With whom a series is, where nobody was asked for.

use super::*;
use crate::support::on_both_engines;

/// Three alike, in Connecticut with Aetna.
async fn three(engine: Engine) -> TestApp {
    TestApp::builder(engine).roster(RosterBuilder::alike(3)).spawn().await
}

fn with_anybody(rule: &str) -> Value {
    json!({ "patient": patient(1, "CT", "Aetna"), "startsAt": "2027-01-18T15:00:00Z", "rule": rule })
}

on_both_engines! {
    async fn it_is_the_one_with_whom_most_visits_can_be_booked(engine) {
        let app = three(engine).await;
        let mut ids = Vec::new();
        for name in ["Dr. 000", "Dr. 001", "Dr. 002"] {
            ids.push(app.provider_id(name).await);
        }
        let mondays = ["2027-01-18T15:00:00Z", "2027-01-25T15:00:00Z", "2027-02-01T15:00:00Z", "2027-02-08T15:00:00Z"];
        // Two of the first one's are taken, one of the second's, three of the third's.
        for (provider, taken) in [(0, &mondays[..2]), (1, &mondays[2..3]), (2, &mondays[1..])] {
            for (number, time) in taken.iter().enumerate() {
                assert_eq!(book(&app, 10 * (provider + 1) + number, &json!(ids[provider]), &json!(time)).await, None);
            }
        }
        let preview = previewed(&app, with_anybody("FREQ=WEEKLY;COUNT=4")).await;
        assert_eq!(preview["provider"], json!({ "id": ids[1], "name": "Dr. 001" }), "{preview}");
        let found = preview["occurrences"].as_array().unwrap();
        assert_eq!(all(found, "bookable"), [&json!(true), &json!(true), &json!(false), &json!(true)]);
        assert_eq!(found[2]["alternative"]["provider"]["id"], json!(ids[1]), "all with one provider");
        // Of equals it is whoever has fewer visits on the first day.
        let one = previewed(&app, with_anybody("FREQ=WEEKLY;COUNT=1")).await;
        assert_ne!(one["provider"]["id"], json!(ids[0]));
        for (provider, number) in [(1, 50), (2, 51)] {
            let time = json!("2027-01-18T18:00:00Z");
            assert_eq!(book(&app, number, &json!(ids[provider]), &time).await, None);
            let other = ids[3 - provider].clone();
            let one = previewed(&app, with_anybody("FREQ=WEEKLY;COUNT=1")).await;
            if provider == 1 {
                assert_eq!(one["provider"]["id"], json!(other), "{one}");
            }
        }
    }
}

on_both_engines! {
    async fn where_nobody_fits_it_is_the_error_that_other_searches_give(engine) {
        let app = three(engine).await;
        let mut input = with_anybody("FREQ=WEEKLY;COUNT=4");
        input["patient"]["state"] = json!("WY");
        assert_eq!(error(&app, input.clone()).await.0, "NO_MATCHING_PROVIDER");
        input["patient"]["state"] = json!("CT");
        let kind = json!({ "name": "Intake", "durationMinutes": 60 });
        let kind = make(&app, "createVisitType", "visitType { id }", kind).await["visitType"]["id"].clone();
        let other = json!({ "name": "Other", "durationMinutes": 60 });
        let other = make(&app, "createVisitType", "visitType { id }", other).await["visitType"]["id"].clone();
        for name in ["Dr. 000", "Dr. 001", "Dr. 002"] {
            let own = json!({ "providerId": app.provider_id(name).await, "visitTypeIds": [other] });
            make(&app, "setProviderVisitTypes", "provider { id }", own).await;
        }
        input["visitTypeId"] = kind.clone();
        assert_eq!(error(&app, input.clone()).await.0, "VISIT_TYPE_NOT_OFFERED");
        // Of one who was asked for it is a reason, of each visit.
        input["providerId"] = json!(app.provider_id("Dr. 000").await);
        let found = occurrences(&app, input.clone()).await;
        assert!(found.iter().all(|one| codes(one) == ["VISIT_TYPE_NOT_OFFERED"] && one["alternative"].is_null()), "{found:?}");
        input["visitTypeId"] = other;
        let found = occurrences(&app, input).await;
        assert!(all(&found, "bookable").iter().all(|it| **it == json!(true)), "{found:?}");
    }
}

on_both_engines! {
    async fn who_fits_later_only_is_not_passed_over(engine) {
        let roster = RosterBuilder::default()
            .with(provider("Dr. Now").licensed_between("CT", None, Some("2027-01-20")).takes("Aetna"))
            .with(provider("Dr. Later").licensed_between("CT", Some("2027-01-21"), None).takes("Aetna"));
        let app = TestApp::builder(engine).roster(roster).spawn().await;
        let preview = previewed(&app, with_anybody("FREQ=WEEKLY;COUNT=4")).await;
        assert_eq!(preview["provider"]["name"], "Dr. Later");
        let bookable: Vec<_> = preview["occurrences"].as_array().unwrap().iter().map(|one| one["bookable"] == json!(true)).collect();
        assert_eq!(bookable, [false, true, true, true]);
        let preview = previewed(&app, with_anybody("FREQ=WEEKLY;COUNT=1")).await;
        assert_eq!(preview["provider"]["name"], "Dr. Now");
    }
}

on_both_engines! {
    async fn a_long_series_costs_as_many_statements_as_a_short_one(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(20)).spawn().await;
        app.a_patient_for_each_provider().await;
        app.a_few_for_each().await;
        let jane = app.provider_id("Dr. 000").await;
        let mut costs = Vec::new();
        for count in [2, 100] {
            for provider in [json!(jane), Value::Null] {
                let mut input = with_anybody(&format!("FREQ=DAILY;COUNT={count}"));
                input["providerId"] = provider;
                // Whole days are read into memory once.
                previewed(&app, input.clone()).await;
                let (found, sent) = app.statements(occurrences(&app, input)).await;
                assert_eq!(found.len(), count);
                costs.push(sent.sql.len());
            }
        }
        assert_eq!(costs[..2], costs[2..], "{costs:?}");
        assert!(costs.iter().all(|cost| *cost <= 6), "{costs:?}");
    }
}
