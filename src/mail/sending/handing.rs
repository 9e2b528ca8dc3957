//! Handing a message over, one command after the other, so that a refusal is known to be of the address and not of whoever
//! sends.

use std::error::Error as _;
use std::fmt;

use lettre::address::{Address, Envelope};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};

use crate::domain::MailOutcome;

/// What the server answered to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// From whom it is.
    Sender,
    /// To whom it goes.
    Recipient,
    /// What it says.
    Content,
}

/// Hands a message to the server, and says what that came to. After an answer that is none of success the connection is
/// not used any more.
pub(super) async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    envelope: &Envelope,
    text: &[u8],
) -> MailOutcome {
    let mut options = Vec::new();
    let is_ascii = |address: &Address| address.to_string().is_ascii();
    if !envelope.from().into_iter().chain(envelope.to()).all(is_ascii) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            // It can't be said to this server, which knows no addresses but in ASCII (RFC 6531).
            return MailOutcome::Refused;
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    if !text.is_ascii() {
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let said = async {
        let failed = |step: Step| move |error| (step, error);
        let from = Mail::new(envelope.from().cloned(), options);
        connection.command(from).await.map_err(failed(Step::Sender))?;
        for to in envelope.to() {
            let to = Rcpt::new(to.clone(), Vec::new());
            connection.command(to).await.map_err(failed(Step::Recipient))?;
        }
        connection.command(Data).await.map_err(failed(Step::Content))?;
        let answer = match str::from_utf8(text) {
            Ok(text) => connection.command(Content(text)).await,
            Err(_not_text) => connection.message(text).await,
        };
        answer.map_err(failed(Step::Content))
    };
    match said.await {
        Ok(_taken) => MailOutcome::Accepted,
        Err((step, error)) => {
            connection.abort().await;
            outcome_of(step, &error)
        }
    }
}

/// A message and its end, in one piece (RFC 5321, section 4.5.2). The library sends the end by itself, and that would wait
/// for the server to acknowledge the rest, which servers put off for 40 ms.
struct Content<'a>(&'a str);

impl fmt::Display for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.0.split_inclusive("\r\n") {
            let stuffing = if line.starts_with('.') { "." } else { "" };
            write!(f, "{stuffing}{line}")?;
        }
        let end_of_line = if self.0.ends_with("\r\n") { "" } else { "\r\n" };
        write!(f, "{end_of_line}.\r\n")
    }
}

fn outcome_of(step: Step, error: &lettre::transport::smtp::Error) -> MailOutcome {
    match error.status().map(u16::from) {
        Some(code) => {
            let words = error.source().map(ToString::to_string).unwrap_or_default();
            if is_of_the_address(step, code, &words) {
                MailOutcome::Refused
            } else {
                MailOutcome::PutOff
            }
        }
        None if error.is_timeout() => MailOutcome::TimedOut,
        None => MailOutcome::Unreachable,
    }
}

/// Whether an answer says that nobody is at the address, for good. What a server says of who sends, of how much, or of
/// itself says nothing of the address, whatever its code; the enhanced codes (RFC 3463) tell one from the other.
fn is_of_the_address(step: Step, code: u16, words: &str) -> bool {
    let enhanced = words.split_whitespace().next().filter(|word| {
        let mut parts = word.split('.');
        let numbers = parts.by_ref().take(3).filter(|part| part.parse::<u16>().is_ok()).count();
        numbers == 3 && parts.next().is_none()
    });
    match (step, enhanced) {
        (Step::Recipient | Step::Content, Some(enhanced)) => {
            let is_of_sender = matches!(enhanced, "5.1.7" | "5.1.8");
            !is_of_sender && (enhanced.starts_with("5.1.") || enhanced == "5.2.1")
        }
        (Step::Recipient, None) => matches!(code, 550 | 551 | 553 | 554 | 556),
        (Step::Sender, _) | (Step::Content, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_where_it_ends_and_not_at_a_line_of_a_dot() {
        for (text, sent) in [
            ("a\r\nb\r\n", "a\r\nb\r\n.\r\n"),
            ("a", "a\r\n.\r\n"),
            ("", "\r\n.\r\n"),
            (".\r\n..\r\n.a", "..\r\n...\r\n..a\r\n.\r\n"),
            ("a.\r\n\r\n.\r\nb\r\n", "a.\r\n\r\n..\r\nb\r\n.\r\n"),
        ] {
            assert_eq!(Content(text).to_string(), sent, "{text:?}");
        }
    }

    #[test]
    fn only_what_is_said_of_the_address_is_a_refusal_of_it() {
        for (step, code, words, is_refused) in [
            (Step::Recipient, 550, "5.1.1 no such user", true),
            (Step::Recipient, 550, "No such user here", true),
            (Step::Recipient, 550, "5.2.1 mailbox disabled", true),
            (Step::Recipient, 556, "5.1.10 null MX", true),
            (Step::Content, 550, "5.1.1 no such user", true),
            (Step::Recipient, 552, "5.2.2 mailbox full", false),
            (Step::Recipient, 554, "5.7.1 Relay access denied", false),
            (Step::Recipient, 550, "5.7.1 blocked using a list", false),
            (Step::Recipient, 553, "5.1.8 sender's domain does not exist", false),
            (Step::Recipient, 450, "4.2.0 greylisted", false),
            (Step::Recipient, 421, "going away", false),
            (Step::Recipient, 503, "bad sequence", false),
            (Step::Sender, 550, "5.7.60 no permission to send as this", false),
            (Step::Sender, 550, "not you", false),
            (Step::Content, 550, "5.4.5 daily limit exceeded", false),
            (Step::Content, 554, "no", false),
            (Step::Content, 451, "later", false),
        ] {
            assert_eq!(is_of_the_address(step, code, words), is_refused, "{step:?} {code} {words}");
        }
    }
}
