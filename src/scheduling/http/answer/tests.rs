use super::*;

const RESERVE: Call<'static> = Call::Reserve { patient_name: "Ada Lovelace" };

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, body: body.into() }
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn visit() -> ExternalVisit {
    ExternalVisit {
        reference: "apt_1".to_owned(),
        provider_reference: "prv_1".to_owned(),
        provider_name: "Dr. Grey".to_owned(),
        time: at("2027-01-15T08:00:00Z"),
        duration_minutes: 30,
    }
}

#[test]
fn each_status_means_one_thing_to_do() {
    let kind = |call: Call<'_>, status| classify(&call, &answer(status, ""));
    let rejected = |status| Err(SchedulingError::Rejected { status });

    assert_eq!(kind(RESERVE, 401), rejected(401));
    assert_eq!(kind(Call::Find, 403), rejected(403));
    assert_eq!(kind(Call::Cancel, 404), Err(SchedulingError::NotFound));
    assert_eq!(kind(Call::Reschedule, 410), Err(SchedulingError::NotFound));
    assert_eq!(kind(Call::Cancel, 200), Ok(()));
    assert_eq!(kind(Call::Cancel, 204), Ok(()));
    for (call, status) in [(RESERVE, 404), (RESERVE, 405), (RESERVE, 415), (Call::Reschedule, 415)]
    {
        assert_eq!(kind(call, status), rejected(status));
    }
    for status in [400, 413, 422] {
        let unfit = Err(SchedulingError::Unfit { status });
        assert_eq!((kind(RESERVE, status), kind(Call::Reschedule, status)), (unfit.clone(), unfit));
    }
    let is_unknown = |call, status| {
        let outcome = kind(call, status);
        assert!(matches!(outcome, Err(SchedulingError::Unknown { .. })), "{status}: {outcome:?}");
    };
    for status in [300, 304, 408, 410, 425, 429, 500, 502, 504, 599] {
        is_unknown(RESERVE, status);
    }
    // A cancel is never refused, and a look-up refuses nothing.
    for status in [202, 400, 405, 409, 413, 422, 500] {
        is_unknown(Call::Cancel, status);
    }
    for status in [400, 404, 409, 413, 422] {
        is_unknown(Call::Find, status);
    }
}

#[test]
fn a_status_says_whether_the_service_is_ill_or_only_this_call() {
    let whose = |call: Call<'_>, status| match classify(&call, &answer(status, "")) {
        Err(SchedulingError::Unknown { trouble, .. }) => trouble,
        other => panic!("{status}: {other:?}"),
    };

    for status in [408, 425, 429, 502, 503, 504] {
        assert_eq!(whose(RESERVE, status), Trouble::Service, "{status}");
        assert_eq!(whose(Call::Cancel, status), Trouble::Service, "{status}");
    }
    for status in [302, 410, 500, 501, 505, 599] {
        assert_eq!(whose(RESERVE, status), Trouble::Call, "{status}");
    }
    assert_eq!(whose(Call::Cancel, 405), Trouble::Call);
}

#[test]
fn only_a_confirmation_of_what_was_asked_is_one() {
    let asked = visit();
    let truth = serde_json::json!({ "scheduled": true, "reference": "apt_1", "appointment_id": "e",
        "time": "2027-01-15T09:00:00+01:00", "duration_minutes": 30 });
    let read = |body: &serde_json::Value, moved| {
        confirmation(&answer(201, &body.to_string()), &asked, moved)
    };
    let believed = Confirmation { external_id: "e".to_owned(), names_reference: true };
    assert_eq!(read(&truth, None), Ok(believed.clone()));
    assert_eq!(read(&truth, Some("e")), Ok(believed));
    assert!(read(&truth, Some("f")).is_err(), "a move is of what was to be moved");

    for (key, lie) in [
        ("scheduled", serde_json::json!(false)),
        ("reference", "apt_2".into()),
        ("reference", "".into()),
        ("appointment_id", "".into()),
        ("appointment_id", "e".repeat(201).into()),
        ("time", "2027-01-15T08:01:00Z".into()),
        ("duration_minutes", 31.into()),
    ] {
        let mut body = truth.clone();
        body[key] = lie;
        assert!(read(&body, None).is_err(), "{body}");
    }
    // What is left out is not held against it, but for the time; without a reference it is looked up.
    for key in ["reference", "duration_minutes", "time"] {
        let mut body = truth.clone();
        body.as_object_mut().unwrap().remove(key);
        let names_reference =
            read(&body, None).map(|confirmation| confirmation.names_reference).ok();
        let expected = match key {
            "reference" => Some(false),
            "time" => None,
            _ => Some(true),
        };
        assert_eq!(names_reference, expected, "{body}");
    }
    let another = r#"[{"reference":"apt_2","appointment_id":"e","time":"2027-01-15T08:00:00Z"}]"#;
    assert!(holdings(&answer(200, another), "apt_1").is_err());
    assert!(!holdings(&answer(200, another), "apt_2").unwrap()[0].cancelled);
}

#[test]
fn a_list_of_a_window_has_what_begins_in_it_and_is_ours() {
    let row = |reference: &str, time: &str| {
        format!(
            r#"{{"reference":{reference},"appointment_id":"e","time":"2027-01-15T{time}:00Z"}}"#
        )
    };
    let rows =
        [row("\"a\"", "07:59"), row("\"b\"", "08:00"), row("null", "08:30"), row("\"c\"", "09:00")];
    let body = answer(200, &format!("[{}]", rows.join(",")));
    let listed = listed(&body, at("2027-01-15T08:00:00Z"), at("2027-01-15T09:00:00Z")).unwrap();
    let references: Vec<&str> = listed.iter().map(|one| one.reference.as_str()).collect();
    assert_eq!(references, ["b"]);
    let lacks: Vec<u16> = (200..600).filter(|status| lacks_list(&answer(*status, ""))).collect();
    assert_eq!(lacks, [400, 404, 405]);
}

#[test]
fn a_reason_is_one_short_line_without_the_patients_name() {
    let reason = |call: &Call<'_>, status, text: &str| {
        let body = serde_json::json!({"scheduled": false, "reason": text}).to_string();
        match classify(call, &answer(status, &body)) {
            Err(SchedulingError::Refused { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    };

    assert_eq!(reason(&RESERVE, 422, "not\u{7} on\r\nSundays"), "not on Sundays");
    assert_eq!(reason(&RESERVE, 409, &"é".repeat(300)).chars().count(), 200);
    assert_eq!(reason(&RESERVE, 409, "ADA LOVELACE is barred"), "refused");
    assert_eq!(reason(&RESERVE, 409, "Mrs lovelace is barred"), "refused");
    assert_eq!(reason(&RESERVE, 409, ""), "refused");
    assert_eq!(reason(&Call::Reschedule, 409, "whoever that is"), "refused");
    assert!(matches!(
        classify(&RESERVE, &answer(409, "no JSON")),
        Err(SchedulingError::Refused { .. })
    ));
}

#[test]
fn a_time_before_the_calendar_begins_is_no_time() {
    // Was taken for an instant before the first there is, which later sums do not expect.
    for time in ["-009999-01-02T01:59:58.999999999Z", "-009999-01-01T00:00:00Z"] {
        let body = format!(r#"{{"scheduled":true,"appointment_id":"e","time":"{time}"}}"#);
        let read = confirmation(&answer(201, &body), &visit(), None);
        assert_eq!(read, Err(unknown("unreadable answer")), "{time}");
        let held = format!(r#"[{{"reference":"apt_1","appointment_id":"e","time":"{time}"}}]"#);
        assert_eq!(
            holdings(&answer(200, &held), "apt_1").err(),
            Some(unknown("unreadable answer"))
        );
    }
}
