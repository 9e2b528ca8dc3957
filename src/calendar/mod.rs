//! Visits as calendars read them: iCalendar (RFC 5545), told by the rules of RFC 5546. Pure: names and times in, text
//! out. Who may be told of whom is not decided here (`feeds`), and no text of a visit, such as its reason, ever gets in.
//!
//! All times are UTC, so that no client expands a zone differently; a visit keeps one `UID` for life, and its version is
//! the `SEQUENCE`. Why it is so is in ADR 43.

mod event;
mod property;

pub use event::{Party, Told, VisitEvent};

use icalendar::{Calendar, Parameter, Property};
use jiff::Timestamp;

use self::event::event;
use self::property::text;

/// What made it, as calendars name that.
const PRODUCT: &str = "-//clinic//clinic//EN";
/// How often a feed wants to be read again.
const READ_AGAIN_AFTER: &str = "PT15M";

/// What a calendar is asked to do with a file: its `METHOD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// To show what is published, and answer nothing.
    Publish,
    /// To enter a visit, or what has changed about one, for whom it is.
    Request,
    /// To take a visit back.
    Cancel,
}

impl Method {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "PUBLISH",
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

/// A file for a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarFile {
    /// What a calendar is asked to do with it.
    pub method: Method,
    /// The file.
    pub text: String,
}

impl CalendarFile {
    /// Its media type; that names the method too, as RFC 6047 has it for mail.
    pub fn media_type(&self) -> String {
        format!("text/calendar; charset=utf-8; method={}", self.method.as_str())
    }
}

/// The file of one visit, for whom it is: sent again after each change, it changes the entry that is there. Without
/// somebody who attends it is nobody's invitation, and is published.
pub fn visit_file(visit: &VisitEvent<'_>, now: Timestamp) -> CalendarFile {
    let method = match (visit.is_cancelled(), visit.attendee) {
        (true, _) => Method::Cancel,
        (false, Some(_)) => Method::Request,
        (false, None) => Method::Publish,
    };
    let mut calendar = begun(method);
    calendar.push(event(visit, now));
    CalendarFile { method, text: calendar.to_string() }
}

/// The calendar of that name, with all those visits, to be read again and again.
pub fn feed<'a>(
    name: &str,
    visits: impl IntoIterator<Item = VisitEvent<'a>>,
    now: Timestamp,
) -> CalendarFile {
    let method = Method::Publish;
    let mut calendar = begun(method);
    // The library escapes what it knows to be a text, and does not know the newer of the two.
    let mut named = Property::new("NAME", text(name));
    named.append_parameter(Parameter::new("VALUE", "TEXT"));
    calendar.append_property(named);
    calendar.append_property(Property::new("X-WR-CALNAME", text(name)));
    let mut refresh = Property::new("REFRESH-INTERVAL", READ_AGAIN_AFTER);
    refresh.append_parameter(Parameter::new("VALUE", "DURATION"));
    calendar.append_property(refresh);
    calendar.append_property(Property::new("X-PUBLISHED-TTL", READ_AGAIN_AFTER));
    for visit in visits {
        calendar.push(event(&visit, now));
    }
    CalendarFile { method, text: calendar.to_string() }
}

fn begun(method: Method) -> Calendar {
    let mut calendar = Calendar::empty();
    for (name, value) in [
        ("VERSION", "2.0"),
        ("PRODID", PRODUCT),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", method.as_str()),
    ] {
        calendar.append_property(Property::new(name, value));
    }
    calendar
}

#[cfg(test)]
mod tests;
