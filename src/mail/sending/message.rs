//! A mail as it goes over the line.

use std::time::{Duration, UNIX_EPOCH};

use jiff::Timestamp;
use lettre::Address;
use lettre::address::{AddressError, Envelope};
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, Message, MultiPart};
use url::Host;

use crate::calendar::CalendarFile;
use crate::domain::{MailId, MailKind};
use crate::mail::MailText;

/// What the file of a visit is called.
const CALENDAR_NAME: &str = "visit.ics";

/// Why nobody can be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::mail) enum MessageError {
    /// The address is none that mail can be sent to.
    #[error("no address of mail")]
    Address,
    /// What it says can't be written down.
    #[error("no message could be made")]
    Message,
}

/// What a message is made of.
pub(in crate::mail) struct Parts<'a> {
    pub(in crate::mail) id: MailId,
    pub(in crate::mail) kind: MailKind,
    pub(in crate::mail) from: &'a Mailbox,
    /// The address that it goes to.
    pub(in crate::mail) to: &'a str,
    pub(in crate::mail) says: &'a MailText,
    pub(in crate::mail) calendar: Option<&'a CalendarFile>,
    /// Where its reader asks for no more of its kind.
    pub(in crate::mail) link: Option<&'a str>,
    pub(in crate::mail) now: Timestamp,
}

/// That nobody has written it, so that no program answers (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// Where no more of its kind is asked for (RFC 2369).
#[derive(Clone)]
struct ListUnsubscribe(String);

impl Header for ListUnsubscribe {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

/// Writes a message. Its id is the same whenever the same mail is sent.
///
/// # Errors
///
/// [`MessageError`].
pub(in crate::mail) fn message(parts: &Parts<'_>) -> Result<Message, MessageError> {
    let to = spelled_in_ascii(parts.to).map_err(|_malformed| MessageError::Address)?;
    let envelope = Envelope::new(Some(parts.from.email.clone()), vec![to.clone()]);
    let envelope = envelope.map_err(|_nobody| MessageError::Address)?;
    let since_1970 =
        u64::try_from(parts.now.as_second()).map_err(|_early| MessageError::Message)?;
    let at = UNIX_EPOCH + Duration::from_secs(since_1970);
    let domain = parts.from.email.domain();
    let mut builder = Message::builder()
        // The header is not read for it: that knows fewer addresses than there are.
        .envelope(envelope)
        .message_id(Some(format!("<{}@{domain}>", parts.id)))
        .date(at)
        .from(parts.from.clone())
        .to(Mailbox::new(None, to))
        .subject(&parts.says.subject)
        .header(AutoSubmitted);
    if let (MailKind::Reminder, Some(link)) = (parts.kind, parts.link) {
        builder = builder.header(ListUnsubscribe(format!("<{link}>")));
    }
    let says = MultiPart::alternative_plain_html(parts.says.text.clone(), parts.says.html.clone());
    let body = match parts.calendar {
        None => says,
        Some(file) => {
            let kind = ContentType::parse(&file.media_type());
            let kind = kind.map_err(|_malformed| MessageError::Message)?;
            let file = Attachment::new(CALENDAR_NAME.to_owned()).body(file.text.clone(), kind);
            MultiPart::mixed().multipart(says).singlepart(file)
        }
    };
    builder.multipart(body).map_err(|_malformed| MessageError::Message)
}

/// An address with its domain as the network knows it (RFC 5891), which every server takes.
///
/// # Errors
///
/// [`AddressError`] where it is none.
pub(in crate::mail) fn spelled_in_ascii(text: &str) -> Result<Address, AddressError> {
    let address: Address = text.parse()?;
    if address.domain().is_ascii() {
        return Ok(address);
    }
    match Host::parse(address.domain()) {
        Ok(Host::Domain(domain)) => Address::new(address.user(), domain),
        _ => Err(AddressError::InvalidDomain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_goes_as_the_network_knows_it_and_what_stands_before_it_as_it_is() {
        for (written, sent) in [
            ("jan@ex\u{e4}mple.de", "jan@xn--exmple-cua.de"),
            ("j\u{e4}n@example.de", "j\u{e4}n@example.de"),
            ("ann@Example.com", "ann@Example.com"),
            ("lit@[192.0.2.1]", "lit@[192.0.2.1]"),
        ] {
            assert_eq!(spelled_in_ascii(written).unwrap().to_string(), sent);
        }
    }
}
