//! What is odd in a roster file, and what the database adds to it.

use super::*;

#[test]
fn what_is_legal_and_odd_is_no_mistake() {
    let hours = "providers[0].working_hours[0].closes_at";
    for (changes, odd) in [
        (
            vec![("22:00", "09:00"), ("06:00", "08:00")],
            format!("line 8, {hours}: from 09:00 to 08:00 are 23 hours, over midnight: is another time meant?"),
        ),
        (
            vec![("22:00", "05:00"), ("06:00", "22:30")],
            format!("line 8, {hours}: from 05:00 to 22:30 are 17 hours and 30 minutes without a break"),
        ),
        (
            vec![("22:00", "09:00"), ("06:00", "09:20")],
            format!("line 8, {hours}: from 09:00 to 09:20 are 20 minutes: too short for most visits"),
        ),
        (
            vec![("\"valid_until\": null", "\"valid_until\": \"2027-01-10\"")],
            "line 6, providers[0].licences[0].valid_until: the licence has ended, on 2027-01-10".to_owned(),
        ),
        (
            vec![("[\"aetna inc\"]", "[\"aetna inc\", \"Aetna\"]")],
            "line 7, providers[0].insurances[1]: \"Aetna\" stands at providers[0].insurances[0] already"
                .to_owned(),
        ),
        (
            vec![("[\"Aetna Inc\"]", "[\"Aetna Inc\", \"AETNA, INC.\"]")],
            "line 2, payers[0].aliases[1]: \"AETNA, INC.\" is the same name as at payers[0].aliases[0]"
                .to_owned(),
        ),
        (
            vec![("[\"Aetna Inc\"] }", "[\"Aetna Inc\"] }, { \"name\": \"Cigna\" }")],
            "line 2, payers[1]: no provider takes \"Cigna\"".to_owned(),
        ),
    ] {
        assert_eq!(remarks(&changed(&changes)), (Vec::new(), vec![odd]));
    }
    let of_nothing = r#"{ "providers": [{ "reference": "a", "name": "A", "time_zone": "UTC",
        "licences": [], "insurances": [], "working_hours": [] }] }"#;
    assert_eq!(
        remarks(of_nothing),
        (
            Vec::new(),
            vec![
                "line 2, providers[0].licences: no licences: nobody can book".to_owned(),
                "line 2, providers[0].insurances: no insurances: nobody can book".to_owned(),
                "line 2, providers[0].working_hours: no working hours: nothing can be booked"
                    .to_owned(),
            ]
        )
    );
    assert_eq!(remarks("{ \"providers\": [] }").1, ["line 1: there are no providers"]);
    // The last day of a licence is one of its days, at the provider's.
    let today = changed(&[("\"valid_until\": null", "\"valid_until\": \"2027-01-11\"")]);
    assert_eq!(remarks(&today), (Vec::new(), Vec::new()));
    // What only a database may know.
    let alone =
        changed(&[("\"payers\": [{ \"name\": \"Aetna\", \"aliases\": [\"Aetna Inc\"] }],", "")]);
    let odd = "\"aetna inc\": the file has no payers, so the database has to know it";
    assert_eq!(
        remarks(&alone),
        (Vec::new(), vec![format!("line 7, providers[0].insurances[0]: {odd}")])
    );
}

#[test]
fn what_the_database_has_counts_too() {
    let stored = stored(&read(GOOD, None, now()).entries);
    let with_stored = |text: &str| told(&read(text, Some(&stored), now()).mistakes);
    assert_eq!(with_stored(GOOD), Vec::<String>::new());
    let alone =
        changed(&[("\"payers\": [{ \"name\": \"Aetna\", \"aliases\": [\"Aetna Inc\"] }],", "")]);
    assert_eq!(with_stored(&alone), Vec::<String>::new());
    let other = changed(&[("jane-doe", "other")]);
    assert_eq!(
        with_stored(&other),
        [
            "line 6, providers[0].licences[0].number: licence \"1\" of CT belongs to \"jane-doe\" in the database"
        ]
    );
    let renamed = changed(&[("\"name\": \"Aetna\"", "\"name\": \"Aetna Health\"")]);
    assert_eq!(
        with_stored(&renamed),
        [
            "line 2, payers[0].aliases[0]: \"Aetna Inc\" is a name of \"Aetna\" in the database already"
        ]
    );
}
