mod odd;
mod stored;

use self::stored::stored;
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

/// The day on which all is read.
fn now() -> Timestamp {
    "2027-01-11T12:00:00Z".parse().unwrap()
}

fn told(remarks: &[RosterRemark]) -> Vec<String> {
    remarks.iter().map(RosterRemark::to_string).collect()
}

/// What is wrong with a file, and what is odd.
fn remarks(text: &str) -> (Vec<String>, Vec<String>) {
    let reading = read(text, None, now());
    (told(&reading.mistakes), told(&reading.oddities))
}

/// The good file with each of those changes.
fn changed(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(GOOD.to_owned(), |text, (good, bad)| {
        assert!(text.contains(good), "{good}");
        text.replacen(good, bad, 1)
    })
}

#[test]
fn a_good_roster_is_read_and_insurances_get_their_payers_name() {
    for text in [GOOD.to_owned(), format!("\u{feff}{GOOD}")] {
        let reading = read(&text, None, now());
        assert_eq!((reading.mistakes, reading.oddities), (Vec::new(), Vec::new()));
        assert_eq!(reading.entries.providers[0].insurances, ["Aetna"]);
    }
}

#[test]
fn the_demo_roster_is_one_in_which_only_licences_that_have_ended_are_odd() {
    let reading = read(DEMO, None, now());
    assert_eq!(reading.mistakes, Vec::new());
    let ended = |odd: &RosterRemark| odd.text.starts_with("the licence has ended");
    assert!(reading.oddities.iter().all(ended), "{:?}", reading.oddities);
    let roster = reading.entries;
    assert!(roster.providers.len() >= 30 && roster.payers.len() >= 12);
    for name in ["Dr. Jane Doe", "Doctor Strange", "Doctor Who"] {
        assert!(roster.providers.iter().any(|provider| provider.name == name), "{name}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_place() {
    let provider = "providers[0]";
    for (good, bad, line, place, text) in [
        ("\"CT\"", "\"XX\"", 6, ".licences[0].state", "not a US state, DC or a territory"),
        ("\"CT\"", "7", 6, ".licences[0].state", "must be a text"),
        ("\"number\": \"1\", ", "", 6, ".licences[0]", "number is required"),
        (
            "\"1\"",
            "\"–\"",
            6,
            ".licences[0].number",
            "a licence's number must have letters or digits",
        ),
        (
            "2020-01-01",
            "2020-02-30",
            6,
            ".licences[0].valid_from",
            "must be a date such as 2027-01-31",
        ),
        (
            "\"valid_until\": null",
            "\"valid_until\": \"2019-12-31\"",
            6,
            ".licences[0].valid_until",
            "the licence ends before it begins, on 2020-01-01",
        ),
        (
            "America/New_York",
            "Mars/Olympus",
            5,
            ".time_zone",
            "must be an IANA time zone such as America/New_York",
        ),
        (
            "SUNDAY",
            "sunday",
            8,
            ".working_hours[0].weekday",
            "must be a day of the week such as MONDAY",
        ),
        (
            "22:00",
            "25:00",
            8,
            ".working_hours[0].opens_at",
            "must be a time of day such as 09:00, at most 24:00",
        ),
        ("\"06:00\"", "\"22:00\"", 8, ".working_hours[0]", "hours from 22:00 to 22:00 are none"),
        ("22:00", "24:00", 8, ".working_hours[0]", "hours from 24:00 to 06:00 are none"),
        ("aetna inc", "Cigna", 7, ".insurances[0]", "\"Cigna\" is none of the payers"),
        ("[\"aetna inc\"]", "\"aetna\"", 7, ".insurances", "must be a list"),
        ("\"Dr. Jane Doe\"", "\" \"", 5, ".name", "must not be empty"),
        ("\"Dr. Jane Doe\"", "\"A\\u200bB\"", 5, ".name", "must have no invisible characters"),
        ("\"Dr. Jane Doe\"", "\"A\", \"title\": 1", 5, ".title", "is not a known field"),
        ("\"Dr. Jane Doe\"", "\"A\", \"name\": \"B\"", 5, ".name", "stands twice in its object"),
    ] {
        let (mistakes, _) = remarks(&changed(&[(good, bad)]));
        assert_eq!(mistakes, [format!("line {line}, {provider}{place}: {text}")], "{bad}");
    }
    for (text, expected) in [
        ("", "line 1: is not JSON: EOF while parsing a value"),
        ("{", "line 1: is not JSON: EOF while parsing an object"),
        ("[]", "line 1: must be an object"),
        ("{\"payers\": []}", "line 1: providers is required"),
        ("{\"providers\": {}}", "line 1, providers: must be a list"),
        ("{\"providers\": [3]}", "line 1, providers[0]: must be an object"),
    ] {
        assert_eq!(remarks(text).0, [expected], "{text}");
    }
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_the_file() {
    let (mistakes, _) = remarks(&changed(&[
        ("\"reference\": \"jane-doe\"", "\"ref\": \"jane-doe\""),
        ("\"CT\"", "\"XX\""),
        ("\"2020-01-01\"", "20200101"),
        ("[\"aetna inc\"]", "[\"Cigna\", 1]"),
        ("\"SUNDAY\"", "\"SOMEDAY\""),
        ("\"06:00\"", "\"6\""),
    ]));
    assert_eq!(
        mistakes,
        [
            "line 4, providers[0]: reference is required",
            "line 5, providers[0].ref: is not a known field",
            "line 6, providers[0].licences[0].state: not a US state, DC or a territory",
            "line 6, providers[0].licences[0].valid_from: must be a text",
            "line 7, providers[0].insurances[0]: \"Cigna\" is none of the payers",
            "line 7, providers[0].insurances[1]: must be a text",
            "line 8, providers[0].working_hours[0].weekday: must be a day of the week such as MONDAY",
            "line 8, providers[0].working_hours[0].closes_at: must be a time of day such as 09:00, \
             at most 24:00",
        ]
    );
}

/// The good file with another provider, in one line after the first.
fn with_another(changes: &[(&str, &str)]) -> String {
    let from = GOOD.find("    {\n").unwrap();
    let provider = &GOOD[from..GOOD.rfind("  ]").unwrap()];
    let other = provider.replace('\n', " ").replace("jane-doe", "other");
    let other = other
        .replace("Dr. Jane Doe", "Dr. Other")
        .replace("\"number\": \"1\"", "\"number\": \"2\"");
    let other = changes.iter().fold(other, |text, (good, bad)| {
        assert!(text.contains(good), "{good}");
        text.replacen(good, bad, 1)
    });
    GOOD.replacen("    }\n  ]\n", &format!("    }},\n{other}\n  ]\n"), 1)
}

#[test]
fn what_may_be_there_once_is_told_where_it_stands_before() {
    assert_eq!(remarks(&with_another(&[])), (Vec::new(), Vec::new()));
    for (good, bad, place, text) in [
        (
            "\"other\"",
            "\"jane-doe\"",
            "reference",
            "\"jane-doe\" stands at providers[0].reference already",
        ),
        (
            "\"2\"",
            "\"1\"",
            "licences[0].number",
            "licence \"1\" of CT stands at providers[0].licences[0].number already",
        ),
        (
            "\"2\"",
            "\" 1-\"",
            "licences[0].number",
            "licence \" 1-\" of CT stands at providers[0].licences[0].number already",
        ),
    ] {
        let (mistakes, _) = remarks(&with_another(&[(good, bad)]));
        assert_eq!(mistakes, [format!("line 10, providers[1].{place}: {text}")]);
    }
    // The same number of another state is another licence.
    let elsewhere = with_another(&[("\"2\"", "\"1\""), ("\"CT\"", "\"NY\"")]);
    assert_eq!(remarks(&elsewhere), (Vec::new(), Vec::new()));
    // Two people may share a name.
    let (mistakes, oddities) = remarks(&with_another(&[("Dr. Other", "dr jane doe")]));
    assert_eq!(mistakes, Vec::<String>::new());
    let odd = "\"dr jane doe\" stands at providers[0].name too: are they two people?";
    assert_eq!(oddities, [format!("line 10, providers[1].name: {odd}")]);
}

#[test]
fn a_name_means_one_payer() {
    let payers = |other: &str| {
        let both = format!("\"aliases\": [\"Aetna Inc\"] }}, {other}");
        remarks(&changed(&[("\"aliases\": [\"Aetna Inc\"] }", both.as_str())])).0
    };
    for (other, place, text) in [
        (
            "{ \"name\": \"AETNA\" }",
            "name",
            "\"AETNA\" is a name of \"Aetna\" already, at payers[0].name",
        ),
        (
            "{ \"name\": \"Aetna\" }",
            "name",
            "\"Aetna\" is a name of \"Aetna\" already, at payers[0].name",
        ),
        (
            "{ \"name\": \"Cigna\", \"aliases\": [\"aetna-inc\"] }",
            "aliases[0]",
            "\"aetna-inc\" is a name of \"Aetna\" already, at payers[0].aliases[0]",
        ),
        ("{ \"name\": \"...\" }", "name", "a payer's name must have letters or digits"),
    ] {
        assert_eq!(payers(other), [format!("line 2, payers[1].{place}: {text}")]);
    }
}

#[test]
fn one_payer_may_stand_for_patients_who_pay_themselves_and_no_second() {
    let one = changed(&[(
        "\"payers\": [",
        "\"payers\": [{ \"name\": \"Self-pay\", \"self_pay\": true }, ",
    )]);
    let reading = read(&one, None, now());
    assert_eq!(reading.mistakes, Vec::new());
    let payers = &reading.entries.payers;
    assert!(payers[0].self_pay && !payers[1].self_pay);
    assert_eq!(read(&one, Some(&stored(&reading.entries)), now()).mistakes, Vec::new());
    let second = one.replace("\"Aetna Inc\"]", "\"Aetna Inc\"], \"self_pay\": true");
    let why = "\"Aetna\" can't be self_pay: \"Self-pay\" is already";
    assert_eq!(remarks(&second).0, [format!("line 2, payers[1].self_pay: {why}")]);
    let other = one.replace("Self-pay", "Cash");
    let told = told(&read(&other, Some(&stored(&reading.entries)), now()).mistakes);
    let why = "\"Cash\" can't be self_pay: \"Self-pay\" is already";
    assert_eq!(told, [format!("line 2, payers[0].self_pay: {why}")]);
    let wrong = one.replace("true", "\"yes\"");
    assert_eq!(remarks(&wrong).0, ["line 2, payers[0].self_pay: must be true or false"]);
}

#[test]
fn hours_that_overlap_are_refused_also_over_the_weeks_end() {
    let with = |hours: &str| {
        let hours = format!("\"working_hours\": [{hours}, {{ \"weekday\": \"SUNDAY\"");
        remarks(&changed(&[("\"working_hours\": [{ \"weekday\": \"SUNDAY\"", &hours)])).0
    };
    let monday = |opens_at: &str, closes_at: &str| {
        format!(
            "{{ \"weekday\": \"MONDAY\", \"opens_at\": \"{opens_at}\", \"closes_at\": \"{closes_at}\" }}"
        )
    };
    let at = "line 8, providers[0].working_hours";
    assert_eq!(with(&monday("06:00", "09:00")), Vec::<String>::new());
    assert_eq!(
        with(&monday("05:00", "09:00")),
        [format!(
            "{at}[0]: overlaps providers[0].working_hours[1], which runs into it over the week's end"
        )]
    );
    let twice = format!("{}, {}", monday("09:00", "12:00"), monday("09:00", "12:00"));
    assert_eq!(with(&twice), [format!("{at}[1]: overlaps providers[0].working_hours[0]")]);
    // Each that begins before a longer one has ended.
    let three = [monday("09:00", "17:00"), monday("10:00", "11:00"), monday("12:00", "13:00")];
    assert_eq!(
        with(&three.join(", ")),
        [1, 2].map(|n| format!("{at}[{n}]: overlaps providers[0].working_hours[0]"))
    );
}
