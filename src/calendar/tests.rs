//! What a file says, to the byte, and what never gets into it.

use super::*;
use crate::domain::{
    Appointment, AppointmentId, AppointmentStatus, PatientId, PayerId, ProviderId, TimeSlot,
    UsState,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn visit(status: AppointmentStatus) -> Appointment {
    Appointment {
        id: AppointmentId::from(uuid::Uuid::from_u128(7)),
        provider_id: ProviderId::NOBODY,
        patient_id: PatientId::NOBODY,
        slot: TimeSlot::new(at("2027-01-15T14:30:00Z"), at("2027-01-15T15:00:00Z")).unwrap(),
        moving_to: None,
        reassigning: None,
        status,
        ends_as: None,
        version: 3,
        state: UsState::parse("CT").unwrap(),
        payer_id: PayerId::NOBODY,
        visit_type_id: None,
        reason: Some("A rash".to_owned()),
        cancel_reason: Some("Better".to_owned()),
        external_id: None,
        kept_here: false,
        unsettled_outside: false,
        provenance: None,
        overruled: None,
        created_at: at("2027-01-01T10:00:00Z"),
        updated_at: at("2027-01-02T10:00:00Z"),
    }
}

const PROVIDER: Party = Party { name: "Dr. Jane Doe", email: "no-reply@clinic.invalid" };
const PATIENT: Party = Party { name: "John Doe", email: "john@example.com" };

fn of<'a>(visit: &'a Appointment, attendee: Option<Party<'a>>) -> VisitEvent<'a> {
    VisitEvent { visit, told: Told::With(PROVIDER.name), organizer: PROVIDER, attendee }
}

fn now() -> Timestamp {
    at("2027-01-11T12:00:00.9Z")
}

/// The lines of a file, put together again.
fn lines(text: &str) -> Vec<String> {
    assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']), "{text:?}");
    text.replace("\r\n ", "").split_terminator("\r\n").map(str::to_owned).collect()
}

#[test]
fn a_visit_is_sent_to_its_patient_as_a_request() {
    let file = visit_file(&of(&visit(AppointmentStatus::Confirmed), Some(PATIENT)), now());
    assert_eq!(file.media_type(), "text/calendar; charset=utf-8; method=REQUEST");
    let expected = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//clinic//clinic//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        "ATTENDEE;CN=John Doe;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:john@example.com",
        "CLASS:PRIVATE",
        "CREATED:20270101T100000Z",
        "DTEND:20270115T150000Z",
        "DTSTAMP:20270111T120000Z",
        "DTSTART:20270115T143000Z",
        "LAST-MODIFIED:20270102T100000Z",
        "ORGANIZER;CN=Dr. Jane Doe:mailto:no-reply@clinic.invalid",
        "SEQUENCE:3",
        "STATUS:CONFIRMED",
        "SUMMARY:Visit with Dr. Jane Doe",
        "TRANSP:OPAQUE",
        "UID:apt_00000000000000000000000007@clinic.invalid",
        "END:VEVENT",
        "END:VCALENDAR",
    ];
    assert_eq!(lines(&file.text), expected);
    assert!(file.text.split("\r\n").all(|line| line.len() <= 75), "{}", file.text);
}

#[test]
fn a_file_asks_for_what_has_become_of_the_visit() {
    use AppointmentStatus::*;
    let told = |visit: &Appointment, attendee| {
        let file = visit_file(&of(visit, attendee), now());
        let lines = lines(&file.text);
        let status = lines.iter().find_map(|line| line.strip_prefix("STATUS:")).unwrap();
        (file.method, status.to_owned())
    };
    for (status, method, written) in [
        (Pending, Method::Request, "TENTATIVE"),
        (Confirmed, Method::Request, "CONFIRMED"),
        (CheckedIn, Method::Request, "CONFIRMED"),
        (Completed, Method::Request, "CONFIRMED"),
        (NoShow, Method::Request, "CONFIRMED"),
        (Cancelling, Method::Cancel, "CANCELLED"),
        (Cancelled, Method::Cancel, "CANCELLED"),
        (Failed, Method::Cancel, "CANCELLED"),
        (Expired, Method::Cancel, "CANCELLED"),
    ] {
        assert_eq!(told(&visit(status), Some(PATIENT)), (method, written.to_owned()), "{status:?}");
        // Nobody is asked who is not named.
        let unasked = if method == Method::Request { Method::Publish } else { method };
        assert_eq!(told(&visit(status), None), (unasked, written.to_owned()), "{status:?}");
    }
    let to = TimeSlot::new(at("2027-01-16T14:30:00Z"), at("2027-01-16T15:00:00Z")).unwrap();
    let moving = Appointment { moving_to: Some(to), ..visit(Confirmed) };
    assert_eq!(told(&moving, Some(PATIENT)), (Method::Request, "TENTATIVE".to_owned()));
}

#[test]
fn no_name_breaks_out_of_its_place() {
    let name = "A\r\nX-EVIL:1\u{85}\u{7f}; \"B\", C: D\\ ^n";
    let visit = visit(AppointmentStatus::Confirmed);
    let party = Party { name, email: "a\r\nb%?\"c d@example.com" };
    let told = VisitEvent {
        visit: &visit,
        told: Told::With(name),
        organizer: party,
        attendee: Some(party),
    };
    let text = visit_file(&told, now()).text;
    let lines = lines(&text);
    assert!(!lines.iter().any(|line| line.starts_with("X-EVIL")), "{text}");
    let organizer =
        r#"ORGANIZER;CN="AX-EVIL:1; 'B', C: D/ ^^n":mailto:ab%25%3F%22c%20d@example.com"#;
    assert!(lines.iter().any(|line| line == organizer), "{text}");
    let summary = r#"SUMMARY:Visit with AX-EVIL:1\; "B"\, C: D\\ ^n"#;
    assert!(lines.iter().any(|line| line == summary), "{text}");
    // Somebody who is called nothing that can be written has no name.
    let nameless = of(&visit, Some(Party { name: "\u{1}", email: "a@example.com" }));
    assert!(!visit_file(&nameless, now()).text.contains("ATTENDEE;CN"));
}

#[test]
fn a_feed_is_published_with_the_name_of_its_provider() {
    let (taken, over) = (visit(AppointmentStatus::NoShow), visit(AppointmentStatus::Cancelled));
    let each = [&taken, &over].map(|visit| VisitEvent { told: Told::Nobody, ..of(visit, None) });
    let file = feed("Dr. Jané, MD", each, now());
    assert_eq!(file.media_type(), "text/calendar; charset=utf-8; method=PUBLISH");
    let lines = lines(&file.text);
    for line in [
        "METHOD:PUBLISH",
        r"NAME;VALUE=TEXT:Dr. Jané\, MD",
        r"X-WR-CALNAME:Dr. Jané\, MD",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
        "X-PUBLISHED-TTL:PT15M",
    ] {
        assert_eq!(lines.iter().filter(|one| *one == line).count(), 1, "{line}: {lines:?}");
    }
    for line in ["SUMMARY:Virtual visit", "CLASS:PRIVATE"] {
        assert_eq!(lines.iter().filter(|one| *one == line).count(), 2, "{line}: {lines:?}");
    }
    assert!(lines.iter().any(|line| line == "TRANSP:TRANSPARENT"), "{lines:?}");
    for word in ["rash", "Better", "ATTENDEE", "NO_SHOW", "Aetna"] {
        assert!(!file.text.contains(word), "{word}: {}", file.text);
    }
}

#[test]
fn a_long_name_is_folded_between_its_signs() {
    let name = "Ľubomíra 🩺 ".repeat(20);
    let visit = visit(AppointmentStatus::Confirmed);
    let told = VisitEvent { told: Told::With(&name), ..of(&visit, None) };
    let text = visit_file(&told, now()).text;
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    let summary = format!("SUMMARY:Visit with {name}");
    assert!(lines(&text).contains(&summary), "{text}");
}
