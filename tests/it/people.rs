//! Who is on the staff, and which machines have a token.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{API_TOKEN, PASSWORD, TestApp, closed, on_both_engines};

const PERSON: &str = "person { id version name email role provider { name } hasPassword invitedUntil disabledAt createdAt }";
const TOKEN: &str =
    "token { id name role provider { name } createdAt expiresAt revokedAt lastUsedAt }";

fn code(payload: &Value) -> &str {
    payload["error"]["code"].as_str().unwrap_or_default()
}

/// The status of a request that reads providers with that token.
async fn opens(app: &TestApp, token: &str) -> u16 {
    let request = app.request(reqwest::Method::GET, "/providers").bearer_auth(token);
    TestApp::send(request).await.status.as_u16()
}

on_both_engines! {
    async fn somebody_is_added_by_an_invitation_that_is_told_once(engine) {
        let app = closed(engine).spawn().await;
        let doctor = app.provider_id_as(API_TOKEN, "Dr. Jane Doe").await;
        let input = json!({ "name": " Ada  Admin ", "email": "Ada@Clinic.Example", "role": "ADMIN", "idempotencyKey": "k1" });
        let fields = format!("{PERSON} invitation");
        let added = app.administer("createPerson", &fields, input.clone()).await;
        let invitation = added["invitation"].as_str().unwrap().to_owned();
        assert!(invitation.starts_with("cli_") && invitation.len() == 68, "{added}");
        let person = json!({ "id": added["person"]["id"], "version": 1, "name": "Ada Admin", "email": "Ada@Clinic.Example",
            "role": "ADMIN", "provider": null, "hasPassword": false, "invitedUntil": "2027-01-18T12:00:00Z",
            "disabledAt": null, "createdAt": "2027-01-11T12:00:00Z" });
        assert_eq!(added["person"], person);
        // A secret is told once; the rest as often as it is asked for.
        let again = app.administer("createPerson", &fields, input.clone()).await;
        assert_eq!(again, json!({ "person": person, "invitation": null, "error": null }));
        let mut other = input;
        other["name"] = json!("Somebody Else");
        assert_eq!(code(&app.administer("createPerson", PERSON, other).await), "IDEMPOTENCY_KEY_REUSED");

        let same = json!({ "name": "Ada Two", "email": "ADA@clinic.example", "role": "VIEWER" });
        assert_eq!(code(&app.administer("createPerson", PERSON, same).await), "ALREADY_EXISTS");
        let clinician = json!({ "name": "Jane", "email": "jane@clinic.example", "role": "CLINICIAN", "providerId": doctor });
        let added = app.administer("createPerson", PERSON, clinician).await;
        assert_eq!(added["person"]["provider"]["name"], "Dr. Jane Doe", "{added}");
        for (input, refused) in [
            (json!({ "name": "X", "email": "x@clinic.example", "role": "CLINICIAN" }), "providerId"),
            (json!({ "name": "X", "email": "x@clinic.example", "role": "VIEWER", "providerId": doctor }), "providerId"),
            (json!({ "name": "", "email": "x@clinic.example", "role": "VIEWER" }), "name"),
            (json!({ "name": "X", "email": "x", "role": "VIEWER" }), "email"),
        ] {
            let payload = app.administer("createPerson", PERSON, input).await;
            assert_eq!((code(&payload), &payload["error"]["violations"][0]["field"]), ("INVALID_INPUT", &json!(refused)));
        }
        let nobodys = json!({ "name": "X", "email": "x@clinic.example", "role": "CLINICIAN", "providerId": "prv_01h455vb4pex5vsknk084sn02q" });
        assert_eq!(code(&app.administer("createPerson", PERSON, nobodys).await), "NOT_FOUND");

        let all = app.graphql_as(API_TOKEN, "{ people { name } }", json!({})).await;
        assert_eq!(all["data"]["people"], json!([{ "name": "Ada Admin" }, { "name": "Jane" }]));
        // What is stored opens nothing: neither the secret nor anything it could be read from.
        assert_eq!(app.database.number("SELECT count(*) FROM person WHERE invitation_hash IS NOT NULL").await, 2);
    }
}

on_both_engines! {
    async fn the_same_address_asked_for_at_once_is_somebodys_once(engine) {
        let app = closed(engine).spawn().await;
        let input = |name: usize| json!({ "name": format!("Twin {name}"), "email": "twin@clinic.example", "role": "VIEWER" });
        let asked = join_all((0..8).map(|name| app.administer("createPerson", PERSON, input(name)))).await;
        let added = asked.iter().filter(|payload| payload["error"] == Value::Null).count();
        let refused = asked.iter().filter(|payload| code(payload) == "ALREADY_EXISTS").count();
        assert_eq!((added, refused), (1, 7), "{asked:?}");
    }
}

on_both_engines! {
    async fn one_of_the_staff_is_changed_and_a_stale_version_changes_nothing(engine) {
        let app = closed(engine).spawn().await;
        let doctor = app.provider_id_as(API_TOKEN, "Dr. Jane Doe").await;
        let ben = app.add_member("Ben Desk", "SCHEDULER", None).await;
        let update = async |mut input: Value| {
            input["id"] = json!(ben.id);
            app.administer("updatePerson", PERSON, input).await
        };
        let changed = update(json!({ "name": "Benno Desk", "email": "benno@clinic.example", "expectedVersion": 1 })).await;
        assert_eq!((&changed["person"]["name"], &changed["person"]["version"]), (&json!("Benno Desk"), &json!(2)));
        let stale = update(json!({ "role": "ADMIN", "expectedVersion": 1 })).await;
        assert_eq!((code(&stale), &stale["error"]["currentVersion"]), ("VERSION_CONFLICT", &json!(2)));
        // The key goes before the version, and nothing new is no change.
        let key = json!({ "role": "AUDITOR", "expectedVersion": 2, "idempotencyKey": "k" });
        assert_eq!(update(key.clone()).await["person"]["version"], 3);
        assert_eq!(update(key).await["person"]["version"], 3);
        assert_eq!(update(json!({ "role": "AUDITOR" })).await["person"]["version"], 3);

        assert_eq!(code(&update(json!({ "role": "CLINICIAN" })).await), "INVALID_INPUT");
        let bound = update(json!({ "role": "CLINICIAN", "providerId": doctor })).await;
        assert_eq!(bound["person"]["provider"]["name"], "Dr. Jane Doe", "{bound}");
        assert_eq!(code(&update(json!({ "providerId": null })).await), "INVALID_INPUT");
        let desk = update(json!({ "role": "SCHEDULER" })).await;
        assert_eq!((&desk["person"]["provider"], &desk["error"]), (&Value::Null, &Value::Null));

        app.add_member("Cleo View", "VIEWER", None).await;
        assert_eq!(code(&update(json!({ "email": "CLEO.view@clinic.example" })).await), "ALREADY_EXISTS");
        let nobody = json!({ "id": "per_01h455vb4pex5vsknk084sn02q", "name": "X" });
        assert_eq!(code(&app.administer("updatePerson", PERSON, nobody).await), "NOT_FOUND");
    }
}

on_both_engines! {
    async fn the_last_administrator_stays_however_many_are_disabled_at_once(engine) {
        let app = closed(engine).spawn().await;
        let mut ids = Vec::new();
        for name in ["Ada One", "Ada Two", "Ada Three", "Ada Four"] {
            ids.push(app.signed_in(name, "ADMIN").await.0.id);
        }
        let disable = async |id: &String| app.administer("disablePerson", PERSON, json!({ "id": id })).await;
        let asked = join_all(ids.iter().map(disable)).await;
        let refused = asked.iter().filter(|payload| code(payload) == "IN_USE").count();
        assert_eq!(refused, 1, "{asked:?}");
        let left = ids.iter().zip(&asked).find(|(_, payload)| code(payload) == "IN_USE").unwrap().0;
        // Neither by another role, nor for whoever has yet to come in.
        let demoted = app.administer("updatePerson", PERSON, json!({ "id": left, "role": "VIEWER" })).await;
        assert_eq!(code(&demoted), "IN_USE");
        app.add_member("Ada Five", "ADMIN", None).await;
        assert_eq!(code(&disable(left).await), "IN_USE");
        app.signed_in("Ada Six", "ADMIN").await;
        let disabled = disable(left).await;
        assert_eq!((&disabled["error"], &disabled["person"]["disabledAt"]), (&Value::Null, &json!("2027-01-11T12:00:00Z")));
        // Once more answers how it stands.
        assert_eq!(disable(left).await["person"], disabled["person"]);
    }
}

on_both_engines! {
    async fn who_is_disabled_comes_in_no_more_until_they_are_invited_again(engine) {
        let app = closed(engine).spawn().await;
        let (ben, cookie) = app.signed_in("Ben Desk", "SCHEDULER").await;
        assert_eq!(app.session_status(&cookie).await, 200);
        app.administer("disablePerson", PERSON, json!({ "id": ben.id })).await;
        assert_eq!(app.session_status(&cookie).await, 401);
        assert_eq!(app.try_to_sign_in(&ben.email, PASSWORD).await.status, 401);
        let again = app.administer("invitePerson", &format!("{PERSON} invitation"), json!({ "id": ben.id })).await;
        assert_eq!(again["person"]["disabledAt"], Value::Null, "{again}");
        // The password of before is forgotten.
        assert_eq!(app.try_to_sign_in(&ben.email, PASSWORD).await.status, 401);
        app.accept(again["invitation"].as_str().unwrap()).await;
        app.sign_in(&ben).await;
    }
}

on_both_engines! {
    async fn an_invitation_counts_once_and_for_seven_days(engine) {
        let app = closed(engine).spawn().await;
        let ada = app.add_member("Ada Admin", "ADMIN", None).await;
        let set = async |invitation: &str, password: &str| {
            app.post("/session/password", &json!({ "invitation": invitation, "password": password })).await
        };
        let short = set(&ada.invitation, "elevenchars").await;
        assert_eq!(short.problem(), (422, "INVALID_INPUT".to_owned()));
        assert_eq!(short.json()["errors"][0]["pointer"], "/password");
        assert_eq!(set(&ada.invitation, "Ada.Admin@clinic.example").await.status, 422);
        app.accept(&ada.invitation).await;
        let used = set(&ada.invitation, PASSWORD).await;
        assert_eq!(used.problem(), (401, "UNAUTHENTICATED".to_owned()));
        let made_up = set(&format!("cli_{}", "0".repeat(64)), PASSWORD).await;
        assert_eq!((made_up.status.as_u16(), &made_up.json()["detail"]), (401, &used.json()["detail"]));

        let cookie = app.sign_in(&ada).await;
        let invite = async || {
            let invited = app.administer("invitePerson", "invitation", json!({ "id": ada.id })).await;
            invited["invitation"].as_str().unwrap().to_owned()
        };
        let (replaced, late) = (invite().await, invite().await);
        assert_eq!(set(&replaced, PASSWORD).await.status, 401);
        // Somebody who forgot theirs is not locked out of what is open, until there is another one.
        assert_eq!(app.session_status(&cookie).await, 200);
        app.clock.advance(SignedDuration::from_hours(7 * 24));
        assert_eq!(set(&late, PASSWORD).await.status, 401);
        app.accept(&invite().await).await;
        assert_eq!(app.session_status(&cookie).await, 401);
        // Whoever reads what was sent to an address of before comes in by it no more.
        let elsewhere = invite().await;
        let moved = json!({ "id": ada.id, "email": "ada@elsewhere.example" });
        let moved = app.administer("updatePerson", "person { email }", moved).await;
        assert_eq!(moved["person"]["email"], "ada@elsewhere.example", "{moved}");
        assert_eq!(set(&elsewhere, PASSWORD).await.status, 401);
    }
}

on_both_engines! {
    async fn a_token_opens_until_it_expires_or_is_revoked_and_two_are_live_at_once(engine) {
        let app = closed(engine).spawn().await;
        let input = json!({ "name": "nightly export", "role": "AUDITOR", "expiresAt": "2027-01-11T13:00:00Z", "idempotencyKey": "k" });
        let fields = format!("{TOKEN} secret");
        let made = app.administer("createToken", &fields, input.clone()).await;
        let secret = made["secret"].as_str().unwrap().to_owned();
        assert!(secret.starts_with("clt_") && secret.len() == 68, "{made}");
        let token = json!({ "id": made["token"]["id"], "name": "nightly export", "role": "AUDITOR", "provider": null,
            "createdAt": "2027-01-11T12:00:00Z", "expiresAt": "2027-01-11T13:00:00Z", "revokedAt": null, "lastUsedAt": null });
        assert_eq!(made["token"], token);
        let again = app.administer("createToken", &fields, input).await;
        assert_eq!((&again["token"], &again["secret"]), (&token, &Value::Null));
        let (other_id, other) = app.make_token("AUDITOR", None).await;
        assert_eq!((opens(&app, &secret).await, opens(&app, &other).await), (200, 200));

        let used = async || {
            let all = app.graphql_as(API_TOKEN, "{ tokens { name lastUsedAt } }", json!({})).await;
            let all = all["data"]["tokens"].as_array().unwrap().clone();
            all.iter().find(|token| token["name"] == "nightly export").unwrap()["lastUsedAt"].clone()
        };
        assert_eq!(used().await, "2027-01-11T12:00:00Z");
        // To a minute, or each request would write.
        app.clock.advance(SignedDuration::from_secs(59));
        opens(&app, &secret).await;
        assert_eq!(used().await, "2027-01-11T12:00:00Z");
        app.clock.advance(SignedDuration::from_secs(1));
        opens(&app, &secret).await;
        assert_eq!(used().await, "2027-01-11T12:01:00Z");

        app.clock.set("2027-01-11T12:59:59Z");
        assert_eq!(opens(&app, &secret).await, 200);
        app.clock.set("2027-01-11T13:00:00Z");
        assert_eq!((opens(&app, &secret).await, opens(&app, &other).await), (401, 200));
        let revoked = app.administer("revokeToken", TOKEN, json!({ "id": other_id })).await;
        assert_eq!(revoked["token"]["revokedAt"], "2027-01-11T13:00:00Z", "{revoked}");
        assert_eq!(opens(&app, &other).await, 401);
        assert_eq!(app.administer("revokeToken", TOKEN, json!({ "id": other_id })).await, revoked);

        let past = json!({ "name": "late", "role": "VIEWER", "expiresAt": "2027-01-11T13:00:00Z" });
        let refused = app.administer("createToken", TOKEN, past).await;
        assert_eq!((code(&refused), &refused["error"]["violations"][0]["field"]), ("INVALID_INPUT", &json!("expiresAt")));
        assert_eq!(code(&app.administer("revokeToken", TOKEN, json!({ "id": "tok_x" })).await), "NOT_FOUND");
    }
}

on_both_engines! {
    async fn nobody_but_an_administrator_says_who_may_come_in_or_sees_who_does(engine) {
        let app = closed(engine).spawn().await;
        let doctor = app.provider_id_as(API_TOKEN, "Dr. Jane Doe").await;
        let ada = app.add_member("Ada Admin", "ADMIN", None).await;
        let (token_id, _) = app.make_token("VIEWER", None).await;
        for role in ["SCHEDULER", "CLINICIAN", "AUDITOR", "VIEWER"] {
            let (_, token) = app.make_token(role, (role == "CLINICIAN").then_some(doctor.as_str())).await;
            for (operation, input) in [
                ("createPerson", json!({ "name": "X", "email": "x@clinic.example", "role": "ADMIN" })),
                ("invitePerson", json!({ "id": ada.id })),
                ("updatePerson", json!({ "id": ada.id, "role": "VIEWER" })),
                ("disablePerson", json!({ "id": ada.id })),
                ("createToken", json!({ "name": "X", "role": "ADMIN" })),
                ("revokeToken", json!({ "id": token_id })),
            ] {
                let payload = app.administer_as(&token, operation, "__typename", input).await;
                assert_eq!(code(&payload), "FORBIDDEN", "{role} {operation}: {payload}");
            }
            let query = "query ($ada: ID!, $token: ID!) { people { id } tokens { id } ada: node(id: $ada) { id } token: node(id: $token) { id } }";
            let told = app.graphql_as(&token, query, json!({ "ada": ada.id, "token": token_id })).await;
            assert_eq!(told["data"], json!({ "people": null, "tokens": null, "ada": null, "token": null }));
            let codes: Vec<_> = told["errors"].as_array().unwrap().iter().map(|error| &error["extensions"]["code"]).collect();
            assert_eq!(codes, ["FORBIDDEN", "FORBIDDEN"], "{told}");
        }
        let known = app.graphql_as(API_TOKEN, "query ($id: ID!) { node(id: $id) { id ... on Person { name } } }", json!({ "id": ada.id })).await;
        assert_eq!(known["data"]["node"], json!({ "id": ada.id, "name": "Ada Admin" }));
    }
}

on_both_engines! {
    async fn the_viewer_is_whoever_asks(engine) {
        let app = closed(engine).spawn().await;
        let doctor = app.provider_id_as(API_TOKEN, "Dr. Jane Doe").await;
        let (_, token) = app.make_token("CLINICIAN", Some(&doctor)).await;
        let query = "{ viewer { kind name role provider { name } permissions } }";
        let told = app.graphql_as(&token, query, json!({})).await;
        assert_eq!(told["data"]["viewer"], json!({ "kind": "TOKEN", "name": "a script", "role": "CLINICIAN",
            "provider": { "name": "Dr. Jane Doe" }, "permissions": ["READ_SCHEDULE", "READ_APPOINTMENTS", "READ_PATIENTS",
            "UPDATE_PATIENTS", "MANAGE_FEEDS", "BOOK", "OVERRULE", "SET_VISIT_STATUS", "MANAGE_HOURS", "READ_HISTORY"] }));
        let told = app.graphql_as(API_TOKEN, "{ viewer { kind name role } }", json!({})).await;
        assert_eq!(told["data"]["viewer"], json!({ "kind": "API_TOKEN", "name": null, "role": "ADMIN" }));
        let open = TestApp::spawn(engine).await;
        let told = open.graphql("{ viewer { kind name role provider { id } } }", json!({})).await;
        assert_eq!(told["data"]["viewer"], json!({ "kind": "EVERYBODY", "name": null, "role": "ADMIN", "provider": null }));
    }
}
