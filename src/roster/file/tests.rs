use super::*;
use crate::roster::DEMO;

const GOOD: &str = r#"{
  "payers": [{ "name": "Aetna", "aliases": ["Aetna Inc"] }],
  "providers": [
    {
      "reference": "jane-doe", "name": "Dr. Jane Doe", "time_zone": "America/New_York",
      "licences": [{ "state": "CT", "number": "1", "valid_from": "2020-01-01", "valid_until": null }],
      "insurances": ["aetna inc"],
      "working_hours": [{ "weekday": "SUNDAY", "opens_at": "22:00", "closes_at": "06:00" }]
    }
  ]
}"#;

fn complaint(roster: &str) -> String {
    parse(roster, &HashMap::new(), None).map(|_roster| ()).unwrap_err().to_string()
}

#[test]
fn a_good_roster_is_read_and_insurances_get_their_payers_name() {
    let roster = parse(GOOD, &HashMap::new(), None).unwrap();
    assert_eq!(roster.providers[0].insurances, ["Aetna"]);
}

#[test]
fn the_demo_roster_is_one() {
    let roster = parse(DEMO, &HashMap::new(), None).unwrap();
    assert!(roster.providers.len() >= 30 && roster.payers.len() >= 12);
    for name in ["Dr. Jane Doe", "Doctor Strange", "Doctor Who"] {
        assert!(roster.providers.iter().any(|provider| provider.name == name), "{name}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (good, bad, expected) in [
        ("\"CT\"", "\"XX\"", "line 6: not a US state, DC or a territory"),
        (
            "America/New_York",
            "Mars/Olympus",
            "line 5: must be an IANA time zone such as America/New_York",
        ),
        ("SUNDAY", "sunday", "line 8: must be a day of the week such as MONDAY"),
        ("22:00", "25:00", "line 8: must be a time of day such as 09:00, at most 24:00"),
        (
            "\"valid_until\": null",
            "\"valid_until\": \"2019-12-31\"",
            "line 4: licence \"1\" ends before it begins",
        ),
        ("[\"aetna inc\"]", "[\"Cigna\"]", "line 4: insurance \"Cigna\" is none of the payers"),
        ("\"06:00\"", "\"22:00\"", "line 4: hours from 22:00 to 22:00 are none"),
        ("\"reference\": \"jane-doe\"", "\"ref\": \"jane-doe\"", "line 5: unknown field `ref`"),
        ("]\n}", "", "line 10: EOF while parsing a list"),
    ] {
        let told = complaint(&GOOD.replacen(good, bad, 1));
        assert!(told.starts_with(expected), "{told}");
    }
}

#[test]
fn hours_that_overlap_are_refused_also_over_the_weeks_end() {
    let late = r#"{ "weekday": "MONDAY", "opens_at": "05:00", "closes_at": "09:00" },"#;
    let roster = GOOD.replace("\"working_hours\": [", &format!("\"working_hours\": [{late}"));
    assert_eq!(complaint(&roster), "line 4: working hours overlap one another");
}

#[test]
fn one_payer_may_stand_for_patients_who_pay_themselves_and_no_second() {
    let self_pay = r#""payers": [{ "name": "Self-pay", "self_pay": true },"#;
    let one = GOOD.replace("\"payers\": [", self_pay);
    let roster = parse(&one, &HashMap::new(), None).unwrap();
    assert!(roster.payers[0].self_pay && !roster.payers[1].self_pay);
    assert!(parse(&one, &HashMap::new(), Some("Self-pay".to_owned())).is_ok());
    let second = one.replace("\"Aetna Inc\"]", "\"Aetna Inc\"], \"self_pay\": true");
    assert_eq!(complaint(&second), "line 2: \"Aetna\" can't be self_pay: \"Self-pay\" is already");
    let stored = parse(&one, &HashMap::new(), Some("Cash".to_owned())).unwrap_err();
    assert_eq!(stored.reason, "\"Self-pay\" can't be self_pay: \"Cash\" is already");
}
