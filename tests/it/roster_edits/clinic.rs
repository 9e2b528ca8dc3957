//! What is the clinic's: rules, kinds of visits, insurances.

use serde_json::{Value, json};

use super::{TEN, affected, book, edit, edit_of, refusal};
use crate::support::{TestApp, on_both_engines};

const RULES: &str = "clinicRules { version gridMinutes bufferAfterMinutes horizonDays patientEarliest patientLatest }";
const KIND: &str =
    "visitType { id version name durationMinutes bufferBeforeMinutes bufferAfterMinutes active }";
const INSURANCE: &str = "insurance { id version name aliases selfPay active }";

on_both_engines! {
    async fn the_clinics_rules_are_those_of_whoever_has_none_of_their_own(engine) {
        let app = TestApp::spawn(engine).await;
        let id = app.provider_id("Dr. Jane Doe").await;
        let set = edit_of(&app, "setClinicRules", RULES, json!({ "rules": { "gridMinutes": 10, "horizonDays": 30, "patientEarliest": "08:00" }, "expectedVersion": 1 })).await;
        let expected = json!({ "version": 2, "gridMinutes": 10, "bufferAfterMinutes": 0, "horizonDays": 30, "patientEarliest": "08:00", "patientLatest": "21:00" });
        assert_eq!(set["clinicRules"], expected, "{set}");
        let own = edit(&app, "setRules", json!({ "providerId": id, "rules": { "noticeMinutes": 5 } })).await;
        assert_eq!(own["provider"]["rules"]["gridMinutes"], 10);
        let cleared = edit_of(&app, "setClinicRules", RULES, json!({ "rules": { "gridMinutes": null } })).await;
        assert_eq!((&cleared["clinicRules"]["gridMinutes"], &cleared["clinicRules"]["horizonDays"]), (&json!(15), &json!(30)));
        let late = edit_of(&app, "setClinicRules", RULES, json!({ "rules": { "patientLatest": "07:59" } })).await;
        assert_eq!(refusal(&late), ("INVALID_INPUT", vec!["rules.patientLatest"]));
        assert_eq!(refusal(&edit_of(&app, "setClinicRules", RULES, json!({ "rules": {}, "expectedVersion": 2 })).await).0, "VERSION_CONFLICT");
    }
}

on_both_engines! {
    async fn kinds_of_visits_are_made_changed_and_set_for_a_provider(engine) {
        let app = TestApp::spawn(engine).await;
        let id = app.provider_id("Dr. Jane Doe").await;
        let make = async |name: &str, minutes: i32| {
            let input = json!({ "name": name, "durationMinutes": minutes, "bufferAfterMinutes": 10, "idempotencyKey": name });
            edit_of(&app, "createVisitType", KIND, input).await
        };
        let intake = make("Intake", 60).await["visitType"].clone();
        assert_eq!((&intake["version"], &intake["durationMinutes"], &intake["bufferAfterMinutes"]), (&json!(1), &json!(60), &json!(10)));
        assert!(intake["id"].as_str().unwrap().starts_with("vtp_"), "{intake}");
        assert_eq!(make("Intake", 60).await["visitType"], intake);
        let same = edit_of(&app, "createVisitType", KIND, json!({ "name": "IN-TAKE", "durationMinutes": 30 })).await;
        assert_eq!(refusal(&same).0, "ALREADY_EXISTS");
        let follow_up = make("Follow-up", 30).await["visitType"].clone();
        let names = async |provider: &Value| provider["provider"]["visitTypes"].clone();
        let all = edit(&app, "updateProvider", json!({ "id": id })).await;
        assert_eq!(names(&all).await, json!([{ "name": "Follow-up" }, { "name": "Intake" }]));
        let set = edit(&app, "setProviderVisitTypes", json!({ "providerId": id, "visitTypeIds": [intake["id"]] })).await;
        assert_eq!(names(&set).await, json!([{ "name": "Intake" }]));
        let bad = json!({ "providerId": id, "visitTypeIds": [intake["id"], "vtp_x"] });
        assert_eq!(refusal(&edit(&app, "setProviderVisitTypes", bad).await), ("INVALID_INPUT", vec!["visitTypeIds[1]"]));
        let update = json!({ "id": intake["id"], "active": false, "name": "First visit", "expectedVersion": 1 });
        let updated = edit_of(&app, "updateVisitType", KIND, update).await;
        assert_eq!((&updated["visitType"]["version"], &updated["visitType"]["name"]), (&json!(2), &json!("First visit")));
        let told = app.graphql("query ($id: ID!) { visitTypes { name active } offered: visitTypes(active: true) { name }
            node(id: $id) { ... on VisitType { name } } }", json!({ "id": follow_up["id"] })).await;
        assert_eq!(told["data"], json!({
            "visitTypes": [{ "name": "First visit", "active": false }, { "name": "Follow-up", "active": true }],
            "offered": [{ "name": "Follow-up" }], "node": { "name": "Follow-up" } }));
        let nothing = edit_of(&app, "updateVisitType", KIND, json!({ "id": "vtp_x", "name": "y" })).await;
        assert_eq!(refusal(&nothing).0, "NOT_FOUND");
    }
}

on_both_engines! {
    async fn an_insurance_is_known_by_all_its_names_until_it_is_accepted_no_more(engine) {
        let app = TestApp::spawn(engine).await;
        let visit = book(&app, 1, TEN).await;
        let made = edit_of(&app, "createInsurance", INSURANCE, json!({ "name": "Oscar Health", "aliases": ["Oscar", "oscar", "OSCAR Health"] })).await;
        let oscar = &made["insurance"];
        assert_eq!((&oscar["aliases"], &oscar["active"], &oscar["selfPay"]), (&json!(["Oscar"]), &json!(true), &json!(false)), "{made}");
        for names in [json!({ "name": "aetna-inc" }), json!({ "name": "New", "aliases": ["CIGNA"] })] {
            assert_eq!(refusal(&edit_of(&app, "createInsurance", INSURANCE, names).await).0, "ALREADY_EXISTS");
        }
        let update = json!({ "id": oscar["id"], "name": "Oscar", "aliases": ["Oscar Health Plan"], "selfPay": true, "expectedVersion": 1 });
        let updated = edit_of(&app, "updateInsurance", INSURANCE, update).await;
        assert_eq!(updated["insurance"], json!({ "id": oscar["id"], "version": 2, "name": "Oscar",
            "aliases": ["Oscar Health Plan"], "selfPay": true, "active": true }));
        let query = "{ insurances(search: \"aetna\") { nodes { id version active } } }";
        let aetna = app.graphql(query, json!({})).await["data"]["insurances"]["nodes"][0].clone();
        let second = edit_of(&app, "updateInsurance", INSURANCE, json!({ "id": aetna["id"], "selfPay": true })).await;
        assert_eq!(refusal(&second).0, "ALREADY_EXISTS");
        let ended = edit_of(&app, "updateInsurance", INSURANCE, json!({ "id": aetna["id"], "active": false })).await;
        assert_eq!(affected(&ended), [visit.as_str()]);
        assert_eq!(ended["insurance"]["active"], false);
    }
}
