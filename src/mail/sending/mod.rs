//! Sending mail: judged in the last transaction before it leaves, written as a message, and handed to the clinic's server.

mod handing;
mod judging;
mod lane;
mod message;
mod noting;
mod server;
mod verdict;

pub(super) use lane::AT_ONCE as SENT_AT_ONCE;
pub(super) use message::spelled_in_ascii;
pub use server::{SmtpServer, SmtpUrlError};
