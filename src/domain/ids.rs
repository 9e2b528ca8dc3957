//! Identifiers: UUIDv7 inside, prefixed text outside (`apt_01h2xcejqtf2nbrexx3vqjhp41`).
//!
//! The text is that of the TypeID specification 0.3: a prefix, `_`, and the 128 bits in
//! Crockford's base 32, lower case. It sorts by time of creation, as the UUID does.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use uuid::Uuid;

/// The text is not an identifier of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a well-formed identifier")]
pub struct MalformedId;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const ENCODED_LEN: usize = 26;

fn encode(uuid: Uuid) -> String {
    let bits = uuid.as_u128();
    (0..ENCODED_LEN)
        .rev()
        .map(|position| {
            let digit = usize::try_from((bits >> (position * 5)) & 31).unwrap_or_default();
            char::from(ALPHABET[digit])
        })
        .collect()
}

fn decode(text: &str) -> Result<Uuid, MalformedId> {
    // 26 digits carry 130 bits: the first must leave the two highest empty.
    if text.len() != ENCODED_LEN || !matches!(text.as_bytes().first(), Some(b'0'..=b'7')) {
        return Err(MalformedId);
    }
    text.bytes()
        .try_fold(0_u128, |bits, byte| {
            let digit = ALPHABET.iter().position(|symbol| *symbol == byte)?;
            Some((bits << 5) | u128::try_from(digit).ok()?)
        })
        .map(Uuid::from_u128)
        .ok_or(MalformedId)
}

/// A UUIDv7 (RFC 9562): milliseconds of `now`, then randomness.
pub fn uuid_at(now: Timestamp) -> Uuid {
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let nanoseconds = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanoseconds))
}

/// As many as are asked for, which sort in the order in which they are.
pub fn ids_at(now: Timestamp) -> impl FnMut() -> Uuid {
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let nanoseconds = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
    let context = uuid::ContextV7::new();
    move || Uuid::new_v7(uuid::Timestamp::from_unix(&context, seconds, nanoseconds))
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The prefix that tells this kind of identifier from the others.
            pub const PREFIX: &'static str = $prefix;

            /// Names nothing: no identifier is ever made with these bits.
            pub const NOBODY: Self = Self(Uuid::nil());

            /// A new identifier that sorts by `now`.
            pub fn generate(now: Timestamp) -> Self {
                Self(uuid_at(now))
            }

            /// The identifier as the database holds it.
            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = MalformedId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let digits = text.strip_prefix(concat!($prefix, "_")).ok_or(MalformedId)?;
                decode(digits).map(Self)
            }
        }
    };
}

id!(
    /// Names an appointment.
    AppointmentId,
    "apt"
);
id!(
    /// Names a provider (FHIR: Practitioner).
    ProviderId,
    "prv"
);
id!(
    /// Names a patient.
    PatientId,
    "pat"
);
id!(
    /// Names a payer, that is, an insurance company or programme.
    PayerId,
    "ins"
);
id!(
    /// Names a licence.
    LicenceId,
    "lic"
);
id!(
    /// Names a kind of visit.
    VisitTypeId,
    "vtp"
);
id!(
    /// Names time that a provider takes off.
    TimeOffId,
    "off"
);
id!(
    /// Names one of the clinic's staff.
    PersonId,
    "per"
);
id!(
    /// Names a token of a machine.
    TokenId,
    "tok"
);
id!(
    /// Names a series of visits.
    SeriesId,
    "ser"
);
id!(
    /// Names somebody's place on the waitlist.
    WaitlistEntryId,
    "wle"
);
id!(
    /// Names a program that is told what happens to visits.
    WebhookEndpointId,
    "whe"
);
id!(
    /// Names what is told to such a program, once.
    WebhookDeliveryId,
    "whd"
);
id!(
    /// Names a mail to a patient.
    MailId,
    "mai"
);
id!(
    /// Names a calendar that is subscribed to.
    CalendarFeedId,
    "cal"
);
id!(
    /// Names a row of the audit trail.
    AuditEventId,
    "aud"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_the_specification_is_read_and_written() {
        let uuid = Uuid::parse_str("01890a5d-ac96-774b-bcce-b302099a8057").unwrap();
        let id = AppointmentId::from(uuid);
        assert_eq!(id.to_string(), "apt_01h455vb4pex5vsknk084sn02q");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn what_is_not_an_identifier_is_refused() {
        for text in [
            "",
            "apt_",
            "prv_01h455vb4pex5vsknk084sn02q",
            "apt_01H455VB4PEX5VSKNK084SN02Q",
            "apt_81h455vb4pex5vsknk084sn02q",
            "apt_01h455vb4pex5vsknk084sn02",
            "apt_01h455vb4pex5vsknk084sn02u",
        ] {
            assert_eq!(text.parse::<AppointmentId>(), Err(MalformedId), "{text}");
        }
    }

    #[test]
    fn identifiers_sort_by_the_moment_they_were_made() {
        let earlier = AppointmentId::generate("2026-11-21T10:00:00Z".parse().unwrap());
        let later = AppointmentId::generate("2026-11-21T10:00:01Z".parse().unwrap());
        assert!(earlier < later && earlier.to_string() < later.to_string());
    }
}
