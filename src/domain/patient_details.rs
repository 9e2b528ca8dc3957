//! What is known of a patient besides name and address, and the whole of it as somebody gave it.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::{Offset, TimeZone};

use super::name_and_address::{EmailAddress, PatientName, Unacceptable};
use super::text::tidy;
use super::zone_data::zone_named;

/// A telephone number as people write it: 3 to 20 digits, and what stands between them.
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number such as `+1 (203) 555-0142 ext. 7`.
    ///
    /// # Errors
    ///
    /// [`Unacceptable`], saying what is expected.
    pub fn parse(text: &str) -> Result<Self, Unacceptable> {
        let phone = tidy(text);
        let digits = phone.chars().filter(char::is_ascii_digit).count();
        let known = |c: char| c.is_ascii_alphanumeric() || " +-–‑()./,;:#*".contains(c);
        if (3..=20).contains(&digits) && phone.chars().count() <= 50 && phone.chars().all(known) {
            Ok(Self(phone))
        } else {
            Err(Unacceptable("must be a telephone number such as +1 203 555 0142"))
        }
    }

    /// The number as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The day somebody was born.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BirthDate(Date);

impl BirthDate {
    /// Nobody who is alive was born before.
    const EARLIEST: Date = date(1900, 1, 1);

    /// Reads a day.
    ///
    /// # Errors
    ///
    /// [`Unacceptable`] for a day of a century that nobody alive has seen.
    pub fn parse(day: Date) -> Result<Self, Unacceptable> {
        if day < Self::EARLIEST {
            return Err(Unacceptable("must be a day from 1900-01-01 on"));
        }
        Ok(Self(day))
    }

    /// The day.
    pub fn day(self) -> Date {
        self.0
    }

    /// Whether the day has begun anywhere on Earth.
    pub fn has_come(self, now: Timestamp) -> bool {
        // The first to see a day are those of the Line Islands.
        self.0 <= Offset::constant(14).to_datetime(now).date()
    }
}

/// The IANA name of a time zone, such as `America/New_York`.
#[derive(Clone, PartialEq, Eq)]
pub struct TimeZoneName(String);

impl TimeZoneName {
    /// Reads a name; case does not matter.
    ///
    /// # Errors
    ///
    /// [`Unacceptable`] for one that the time zone database does not have.
    pub fn parse(text: &str) -> Result<Self, Unacceptable> {
        let zone = zone_named(text.trim());
        let name = zone.as_ref().and_then(TimeZone::iana_name);
        name.map(|name| Self(name.to_owned()))
            .ok_or(Unacceptable("must be the IANA name of a time zone such as America/New_York"))
    }

    /// The name as the time zone database spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A person as somebody described them.
#[derive(Clone, PartialEq, Eq)]
pub struct PatientDetails {
    /// The name.
    pub name: PatientName,
    /// The e-mail address.
    pub email: EmailAddress,
    /// The telephone number, if it was given.
    pub phone: Option<PhoneNumber>,
    /// The day of birth, if it was given.
    pub birth_date: Option<BirthDate>,
    /// The time zone, if it was given.
    pub time_zone: Option<TimeZoneName>,
}

macro_rules! debug_says_nothing {
    ($($name:ident)*) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        })*
    };
}
debug_says_nothing!(PhoneNumber BirthDate TimeZoneName PatientDetails);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telephone_number_is_what_people_write() {
        for text in ["911", "+1 (203) 555-0142 ext. 7", "203.555.0142", "0049 30 / 123 45"] {
            assert!(PhoneNumber::parse(text).is_ok(), "{text}");
        }
        for text in ["", "12", "call me", "203-555\u{0}0142", "123456789012345678901", "<203555>"] {
            assert!(PhoneNumber::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_birth_date_is_a_day_that_somebody_alive_has_seen() {
        assert!(BirthDate::parse(date(1899, 12, 31)).is_err());
        let now = "2027-01-11T12:00:00Z".parse().unwrap();
        assert!(BirthDate::parse(date(2027, 1, 12)).unwrap().has_come(now));
        assert!(!BirthDate::parse(date(2027, 1, 13)).unwrap().has_come(now));
    }

    #[test]
    fn a_zone_is_one_that_the_database_knows() {
        let zone = TimeZoneName::parse("america/new_york").unwrap();
        assert_eq!(zone.as_str(), "America/New_York");
        for text in ["", "Eastern", "+05:00", "EST5EDT4", "Mars/Olympus", "Etc/Unknown", "../etc"] {
            assert!(TimeZoneName::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn debug_output_tells_nothing() {
        let phone = PhoneNumber::parse("203 555 0142").unwrap();
        assert_eq!(format!("{phone:?}"), "PhoneNumber(..)");
    }
}
