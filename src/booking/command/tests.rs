use super::{BookAppointment, RawBooking};

#[test]
fn a_request_of_before_has_the_fingerprint_that_it_had() {
    let text = |text: &str| Some(text.to_owned());
    let raw = RawBooking {
        describes_patient: true,
        name: text("John  DOE"),
        email: text("John@example.com"),
        state: text("CT"),
        insurance: text("Aetna"),
        starts_at: "2027-01-15T14:30:00Z".parse().ok(),
        ..RawBooking::default()
    };
    let command = BookAppointment::parse(raw).unwrap();
    // Of the release before this one: a repeat may come across an upgrade.
    let before = "b879e401604449a0361e7012ecb84ba1641242a0fd3db1c6eecc9be63198fd50";
    assert_eq!(command.fingerprint(), before);
}
