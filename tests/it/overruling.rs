//! The clinic's policy is passed by whoever may, rule by rule, and that stands in the history. Nothing else is
//! passed by it.

use clinic::access::{Actor, Role};
use serde_json::{Value, json};

use crate::support::{Engine, RosterBuilder, TestApp, caller, id_of, on_both_engines, patient};

/// Each rule, with a time of Dr. 000 to which it is the one in the way: the weeks and the days are apart, so
/// that visits at one are no matter to another.
const IN_THE_WAY: [(&str, &str); 6] = [
    // 10:00 in New York, an hour from now.
    ("NOTICE_TOO_SHORT", "2027-01-11T15:00:00Z"),
    // 6:00 on a Tuesday.
    ("OUTSIDE_WORKING_HOURS", "2027-01-12T11:00:00Z"),
    // Time off on Wednesday.
    ("PROVIDER_AWAY", "2027-01-13T16:00:00Z"),
    // 15 minutes after the visit of Thursday, where 30 are kept free.
    ("IN_BUFFER", "2027-01-14T15:45:00Z"),
    // On Friday there are two.
    ("DAILY_LIMIT_REACHED", "2027-01-15T20:00:00Z"),
    // On the fortieth day.
    ("BEYOND_HORIZON", "2027-02-22T16:00:00Z"),
];

const BOOK: &str = "mutation ($input: BookAppointmentInput!) { bookAppointment(input: $input) {
    appointment { id startsAt history { kind overruled reason } } error { code message } } }";
const MOVE: &str =
    "mutation ($input: RescheduleAppointmentInput!) { rescheduleAppointment(input: $input) {
    appointment { id startsAt history { kind overruled reason } } error { code message } } }";
const REASSIGN: &str =
    "mutation ($input: ReassignAppointmentInput!) { reassignAppointment(input: $input) {
    appointment { id startsAt history { kind overruled reason } } error { code message } } }";

/// Dr. 000, with rules and time off in whose way the times above are, and Dr. 001, with none.
struct Strict {
    app: TestApp,
    provider: String,
    other: String,
}

impl Strict {
    async fn spawn(engine: Engine) -> Self {
        let app = TestApp::builder(engine)
            .roster(RosterBuilder::alike(2))
            .at("2027-01-11T14:00:00Z")
            .spawn()
            .await;
        let (provider, other) =
            (app.provider_id("Dr. 000").await, app.provider_id("Dr. 001").await);
        for (number, time) in
            ["2027-01-14T15:00:00Z", "2027-01-15T15:00:00Z", "2027-01-15T17:00:00Z"]
                .iter()
                .enumerate()
        {
            let visit = json!({ "patient": patient(100 + number, "CT", "Aetna"), "provider_id": provider, "time": time });
            assert_eq!(app.book(&visit).await.status, 201);
        }
        let rules = json!({ "noticeMinutes": 120, "horizonDays": 30, "maxAppointmentsPerDay": 2,
            "bufferAfterMinutes": 30 });
        let set = "mutation ($rules: BookingRulesInput!, $id: ID!) { setRules(input: { providerId: $id, rules: $rules }) { error { code } }
            addTimeOff(input: { providerId: $id, startsAt: \"2027-01-13T15:00:00Z\", endsAt: \"2027-01-13T18:00:00Z\" }) { error { code } } }";
        let answer = app.graphql(set, json!({ "rules": rules, "id": provider })).await;
        let nothing = json!({ "error": null });
        assert_eq!(
            answer["data"],
            json!({ "setRules": nothing, "addTimeOff": nothing }),
            "{answer}"
        );
        Self { app, provider, other }
    }

    /// What the one field of a mutation answers `actor`.
    async fn ask(&self, actor: &Actor, mutation: &str, input: Value) -> Value {
        let answer = self.app.ask_as(actor, mutation, json!({ "input": input })).await;
        let fields = answer["data"].as_object().unwrap_or_else(|| panic!("{answer}"));
        fields.values().next().unwrap().clone()
    }

    /// Books somebody with the one who has no such rules: the visit's id.
    async fn elsewhere(&self, number: usize, time: &str) -> String {
        let visit = json!({ "patient": patient(number, "CT", "Aetna"), "provider_id": self.other, "time": time });
        let booked = self.app.book(&visit).await;
        assert_eq!(booked.status, 201, "{booked:?}");
        id_of(&booked.json())
    }

    /// Whoever may pass the rules of Dr. 000, by turns.
    fn who_may(&self, turn: usize) -> Actor {
        let themselves = self.provider.parse().ok();
        match turn % 3 {
            0 => caller(Role::Admin, None),
            1 => caller(Role::Scheduler, None),
            _ => caller(Role::Clinician, themselves),
        }
    }
}

fn with(mut input: Value, overrule: &Value) -> Value {
    input["overrule"] = overrule.clone();
    input["overruleReason"] = json!("the chief says so");
    input
}

/// Without leave, and with leave to pass all rules but that one, the rule is in the way.
async fn assert_in_the_way(clinic: &Strict, mutation: &str, input: &Value, code: &str) {
    let actor = caller(Role::Admin, None);
    let refused = clinic.ask(&actor, mutation, input.clone()).await;
    assert_eq!(refused["error"]["code"], code, "{refused}");
    let others = IN_THE_WAY.iter().map(|(rule, _)| *rule).filter(|rule| *rule != code);
    let others = json!(others.collect::<Vec<_>>());
    let refused = clinic.ask(&actor, mutation, with(input.clone(), &others)).await;
    assert_eq!(refused["error"]["code"], code, "{refused}");
}

/// It was done, at that time, and the change of that kind tells which rule did not count, and why.
fn assert_noted(payload: &Value, (code, time): (&str, &str), kind: &str) {
    assert_eq!(payload["error"], Value::Null, "{code}: {payload}");
    let visit = &payload["appointment"];
    assert_eq!(visit["startsAt"], time, "{payload}");
    for change in visit["history"].as_array().unwrap() {
        let noted = change["kind"] == kind;
        let (rules, why) = if noted {
            (json!([code]), json!("the chief says so"))
        } else {
            (json!([]), Value::Null)
        };
        assert_eq!((&change["overruled"], &change["reason"]), (&rules, &why), "{code}: {change}");
    }
    let kinds = visit["history"].as_array().unwrap().iter().filter(|change| change["kind"] == kind);
    assert_eq!(kinds.count(), 1, "{visit}");
}

on_both_engines! {
    async fn each_rule_is_passed_by_a_booking_that_says_so_and_by_no_other(engine) {
        let clinic = Strict::spawn(engine).await;
        for (turn, (code, time)) in IN_THE_WAY.into_iter().enumerate() {
            let input = json!({ "providerId": clinic.provider, "startsAt": time,
                "patient": patient(turn, "CT", "Aetna") });
            assert_in_the_way(&clinic, BOOK, &input, code).await;
            let booked = clinic.ask(&clinic.who_may(turn), BOOK, with(input, &json!([code]))).await;
            assert_noted(&booked, (code, time), "BOOKED");
        }
        clinic.app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn each_rule_is_passed_by_a_reassignment_that_says_so_and_by_no_other(engine) {
        let clinic = Strict::spawn(engine).await;
        for (turn, (code, time)) in IN_THE_WAY.into_iter().enumerate() {
            let id = clinic.elsewhere(turn, &format!("2027-01-{}T16:00:00Z", 18 + turn % 5)).await;
            let input = json!({ "id": id, "providerId": clinic.provider, "startsAt": time });
            assert_in_the_way(&clinic, REASSIGN, &input, code).await;
            // Of another's visit a clinician does not know, and so takes none.
            let taken = clinic.ask(&clinic.who_may(2), REASSIGN, with(input.clone(), &json!([code]))).await;
            assert_eq!(taken["error"]["code"], "NOT_FOUND", "{taken}");
            let moved = clinic.ask(&clinic.who_may(turn % 2), REASSIGN, with(input, &json!([code]))).await;
            assert_noted(&moved, (code, time), "REASSIGNING");
            // Free again for the next: two at the same hour would be in each other's way.
            clinic.app.cancel(&id).await;
        }
    }
}

on_both_engines! {
    async fn each_rule_is_passed_by_a_move_that_says_so_and_by_no_other(engine) {
        let clinic = Strict::spawn(engine).await;
        for (turn, (code, time)) in IN_THE_WAY.into_iter().enumerate() {
            // Within a month, where one visit a day is nothing to any rule.
            let start = format!("2027-01-{}T16:00:00Z", 18 + turn % 5);
            let input = json!({ "providerId": clinic.provider, "startsAt": start, "patient": patient(turn, "CT", "Aetna") });
            let booked = clinic.ask(&caller(Role::Admin, None), BOOK, input).await;
            assert_eq!(booked["error"], Value::Null, "{booked}");
            let input = json!({ "id": booked["appointment"]["id"], "startsAt": time });
            assert_in_the_way(&clinic, MOVE, &input, code).await;
            let moved = clinic.ask(&clinic.who_may(turn), MOVE, with(input, &json!([code]))).await;
            assert_noted(&moved, (code, time), "RESCHEDULING");
        }
        clinic.app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn who_may_not_overrule_is_told_so_whatever_the_rule(engine) {
        let clinic = Strict::spawn(engine).await;
        let id = clinic.elsewhere(1, "2027-01-18T16:00:00Z").await;
        let (rule, time) = IN_THE_WAY[1];
        let own = clinic.other.parse().ok();
        let booking = json!({ "providerId": clinic.provider, "startsAt": time, "patient": patient(2, "CT", "Aetna") });
        for (role, provider) in [(Role::Auditor, None), (Role::Viewer, None), (Role::Clinician, None), (Role::Clinician, own)] {
            let actor = caller(role, provider);
            let refused = clinic.ask(&actor, BOOK, with(booking.clone(), &json!([rule]))).await;
            assert_eq!(refused["error"]["code"], "FORBIDDEN", "{role:?}: {refused}");
            let away = json!({ "id": id, "providerId": clinic.provider, "startsAt": time });
            let refused = clinic.ask(&actor, REASSIGN, with(away, &json!([rule]))).await;
            assert_eq!(refused["error"]["code"], "FORBIDDEN", "{role:?}: {refused}");
        }
        for role in [Role::Auditor, Role::Viewer] {
            let input = with(json!({ "id": id, "startsAt": time }), &json!([rule]));
            let refused = clinic.ask(&caller(role, None), MOVE, input).await;
            assert_eq!(refused["error"]["code"], "FORBIDDEN", "{role:?}: {refused}");
        }
    }
}

on_both_engines! {
    async fn nothing_but_policy_is_overruled(engine) {
        let clinic = Strict::spawn(engine).await;
        let admin = caller(Role::Admin, None);
        let all = json!(IN_THE_WAY.map(|(rule, _)| rule));
        let booking = |state: &str, insurance: &str, time: &str, provider: &str| {
            json!({ "providerId": provider, "startsAt": time, "patient": patient(1, state, insurance) })
        };
        for code in ["SLOT_TAKEN", "SLOT_HELD", "PROVIDER_NOT_ELIGIBLE", "VISIT_TYPE_NOT_OFFERED", "PATIENT_DOUBLE_BOOKED", "TIME_IN_PAST", "INTERNAL"] {
            let input = with(booking("CT", "Aetna", "2027-01-19T16:00:00Z", &clinic.provider), &json!([code]));
            let refused = clinic.ask(&admin, BOOK, input).await;
            assert_eq!(refused["error"]["code"], "INVALID_INPUT", "{code}: {refused}");
        }
        let mut alone = booking("CT", "Aetna", "2027-01-19T16:00:00Z", &clinic.provider);
        alone["overruleReason"] = json!("why not");
        assert_eq!(clinic.ask(&admin, BOOK, alone).await["error"]["code"], "INVALID_INPUT");
        // Whom they may treat, and what is past.
        for (state, insurance, time, code) in [
            ("TX", "Aetna", "2027-01-19T16:00:00Z", "NO_MATCHING_PROVIDER"),
            ("CT", "Humana", "2027-01-19T16:00:00Z", "NO_MATCHING_PROVIDER"),
            ("CT", "Aetna", "2027-01-11T13:00:00Z", "TIME_IN_PAST"),
            ("CT", "Aetna", "2027-01-14T15:15:00Z", "SLOT_TAKEN"),
        ] {
            let refused = clinic.ask(&admin, BOOK, with(booking(state, insurance, time, &clinic.provider), &all)).await;
            assert_eq!(refused["error"]["code"], code, "{refused}");
        }
        // The patient's other visit.
        clinic.elsewhere(1, "2027-01-20T16:00:00Z").await;
        let refused = clinic.ask(&admin, BOOK, with(booking("CT", "Aetna", "2027-01-20T16:00:00Z", &clinic.provider), &all)).await;
        assert_eq!(refused["error"]["code"], "PATIENT_DOUBLE_BOOKED", "{refused}");
        // What is held for another.
        let id = clinic.elsewhere(2, "2027-01-21T16:00:00Z").await;
        clinic.app.faults(&json!({ "down": true })).await;
        let on_its_way = clinic.ask(&admin, REASSIGN, json!({ "id": id, "providerId": clinic.provider })).await;
        assert_eq!(on_its_way["error"], Value::Null, "{on_its_way}");
        let refused = clinic.ask(&admin, BOOK, with(booking("CT", "Aetna", "2027-01-21T16:00:00Z", &clinic.provider), &all)).await;
        assert_eq!(refused["error"]["code"], "SLOT_HELD", "{refused}");
    }
}

on_both_engines! {
    async fn rest_takes_the_same_words(engine) {
        let clinic = Strict::spawn(engine).await;
        let (rule, time) = IN_THE_WAY[1];
        let mut booking = json!({ "patient": patient(1, "CT", "Aetna"), "provider_id": clinic.provider, "time": time });
        let refused = clinic.app.book(&booking).await;
        assert_eq!(refused.problem(), (422, rule.to_owned()), "{refused:?}");
        for wrong in [json!(["SLOT_TAKEN"]), json!(["outside_working_hours"]), json!(rule), json!([1])] {
            booking["overrule"] = wrong;
            let refused = clinic.app.book(&booking).await;
            assert_eq!(refused.problem(), (422, "INVALID_INPUT".to_owned()), "{refused:?}");
            let pointer = refused.json()["errors"][0]["pointer"].as_str().unwrap().to_owned();
            assert!(pointer.starts_with("/overrule"), "{pointer}");
        }
        booking["overrule"] = json!([rule]);
        booking["overrule_reason"] = json!("the chief says so");
        let booked = clinic.app.book(&booking).await;
        assert_eq!(booked.status, 201, "{booked:?}");
        let path = format!("/appointment/{}/reschedule", id_of(&booked.json()));
        let (rule, time) = IN_THE_WAY[2];
        let mut body = json!({ "time": time });
        let refused = clinic.app.post(&path, &body).await;
        assert_eq!(refused.problem(), (422, rule.to_owned()), "{refused:?}");
        body["overrule"] = json!([rule]);
        let moved = clinic.app.post(&path, &body).await;
        assert_eq!((moved.status.as_u16(), &moved.json()["time"]), (200, &json!(time)), "{moved:?}");
    }
}
