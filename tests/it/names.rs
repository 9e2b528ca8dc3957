//! States and insurances are known by every name that people write for them. Whoever pays
//! themselves means the payer that the clinic has for it; where it has none, none is suggested.

use serde_json::{Value, json};

use crate::support::{RosterBuilder, TestApp, book_by_graphql, on_both_engines, patient, provider};

const WAYS_TO_SAY_IT: [&str; 8] = [
    "Self-pay",
    "self pay",
    "CASH",
    "uninsured",
    "none",
    "n/a",
    "No insurance",
    "I don't have insurance",
];

on_both_engines! {
    async fn whoever_pays_themselves_is_booked_under_the_payer_that_stands_for_it(engine) {
        let jane = provider("Dr. Jane Doe").licensed("CT").takes("Aetna").takes("Self-pay");
        let roster = RosterBuilder::default().self_pay("Self-pay").with(jane);
        let app = TestApp::builder(engine).roster(roster).spawn().await;
        for (number, text) in WAYS_TO_SAY_IT.into_iter().enumerate() {
            let payload = if number % 2 == 0 {
                let booked = app.book(&json!({ "patient": patient(number, "CT", text) })).await;
                assert_eq!(booked.status, 201, "{text}: {booked:?}");
                json!({ "id": booked.json()["appointment_id"] })
            } else {
                let input = json!({ "patient": patient(number, "CT", text) });
                book_by_graphql(&app, input).await["appointment"].clone()
            };
            let query = "query ($id: ID!) { appointment(id: $id) { insurance patient { insurance } } }";
            let answer = app.graphql(query, json!({ "id": payload["id"] })).await;
            let expected = json!({ "insurance": "Self-pay", "patient": { "insurance": "Self-pay" } });
            assert_eq!(answer["data"]["appointment"], expected, "{text}");
        }
        let query = "{ providers(insurance: \"uninsured\") { totalCount } }";
        let answer = app.graphql(query, json!({})).await;
        assert_eq!(answer["data"]["providers"]["totalCount"], 1);
    }
}

on_both_engines! {
    async fn where_the_clinic_has_no_such_payer_no_other_is_suggested(engine) {
        let oscar = provider("Dr. Jane Doe").licensed("CT").takes("Aetna");
        let roster = RosterBuilder::default().payer("Oscar Health", &["Oscar Insurance"]);
        let roster = roster.payer("Molina Healthcare", &["Molina"]).with(oscar);
        let app = TestApp::builder(engine).roster(roster).spawn().await;
        for text in WAYS_TO_SAY_IT {
            let booking = json!({ "patient": patient(1, "CT", text) });
            let refused = app.book(&booking).await;
            assert_eq!(refused.problem(), (422, "UNKNOWN_INSURANCE".to_owned()), "{text}");
            assert_eq!(refused.json()["suggestions"], Value::Null, "{text}");
            assert_eq!(refused.json()["detail"], "The clinic does not know this insurance");
            let error = book_by_graphql(&app, booking).await["error"].clone();
            assert_eq!(error["code"], "UNKNOWN_INSURANCE", "{text}");
            assert_eq!(error["suggestions"], json!([]), "{text}");
        }
        let misspelt = app.book(&json!({ "patient": patient(1, "CT", "Molena") })).await;
        assert_eq!(misspelt.json()["suggestions"], json!(["Molina Healthcare"]));
    }
}

on_both_engines! {
    async fn the_database_keeps_a_second_payer_from_standing_for_it(engine) {
        let roster = RosterBuilder::usual().self_pay("Self-pay");
        let app = TestApp::builder(engine).roster(roster).spawn().await;
        let second = "UPDATE insurance SET self_pay = (1 = 1) WHERE name = 'Aetna'";
        let refused = app.database.execute(second).await.unwrap_err();
        assert!(refused.to_lowercase().contains("unique"), "{refused}");
    }
}

on_both_engines! {
    async fn a_state_is_told_by_any_official_name_at_both_doors(engine) {
        let app = TestApp::spawn(engine).await;
        for (number, text) in ["Conn.", "State of Connecticut", "US-CT", "connecticut (CT)"].into_iter().enumerate() {
            let booking = json!({ "patient": patient(number, text, "Aetna") });
            let booked = app.book(&booking).await;
            assert_eq!((booked.status.as_u16(), &booked.json()["state"]), (201, &json!("CT")), "{text}");
            let query = "query ($state: String!) { providers(state: $state) { nodes { name } } }";
            let answer = app.graphql(query, json!({ "state": text })).await;
            assert_eq!(answer["data"]["providers"]["nodes"][0]["name"], "Dr. Jane Doe", "{text}");
        }
        for (text, suggestions) in [
            ("Connec", json!(["Connecticut (CT)"])),
            ("Ontario", Value::Null),
            ("Mexico", Value::Null),
        ] {
            let refused = app.book(&json!({ "patient": patient(9, text, "Aetna") })).await;
            assert_eq!(refused.problem(), (422, "UNKNOWN_STATE".to_owned()), "{text}");
            assert_eq!(refused.json()["suggestions"], suggestions, "{text}");
        }
    }
}

on_both_engines! {
    async fn an_insurance_that_fits_several_is_not_guessed_and_each_of_them_is_suggested(engine) {
        let states = ["Alabama", "Florida", "Kansas", "Maine", "Texas"];
        let blues = states.map(|state| format!("Blue Cross Blue Shield of {state}"));
        let jane = provider("Dr. Jane Doe").licensed("CT").takes("Aetna").takes(&blues[0]);
        let roster = blues.iter().fold(RosterBuilder::default(), |roster, name| roster.payer(name, &[]));
        let app = TestApp::builder(engine).roster(roster.with(jane)).spawn().await;
        for text in ["Blue Cross", "BCBS", "Blue Cross Blue Shield"] {
            let booking = json!({ "patient": patient(1, "CT", text) });
            let refused = app.book(&booking).await;
            assert_eq!(refused.problem(), (422, "UNKNOWN_INSURANCE".to_owned()), "{text}");
            let sorted = |told: &Value| {
                let mut names = told.as_array().unwrap().clone();
                names.sort_by_key(ToString::to_string);
                Value::Array(names)
            };
            assert_eq!(sorted(&refused.json()["suggestions"]), json!(blues), "{text}");
            let error = book_by_graphql(&app, booking).await["error"].clone();
            assert_eq!(error["code"], "UNKNOWN_INSURANCE", "{text}");
            assert_eq!(sorted(&error["suggestions"]), json!(blues), "{text}");
            let query = format!("{{ providers(insurance: \"{text}\") {{ totalCount }} }}");
            let told = app.graphql(&query, json!({})).await["errors"][0]["extensions"].clone();
            assert_eq!(sorted(&told["suggestions"]), json!(blues), "{text}");
        }
        // What fits one alone is not guessed either: it may be one that the clinic does not know.
        let refused = app.book(&json!({ "patient": patient(1, "CT", "Blue Cross of Alabama") })).await;
        assert_eq!(refused.json()["suggestions"][0], json!(blues[0]), "{refused:?}");
        let exactly = app.book(&json!({ "patient": patient(1, "CT", "blue-cross blue shield of ALABAMA") })).await;
        assert_eq!(exactly.status, 201, "{exactly:?}");
    }
}
