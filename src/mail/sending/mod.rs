//! Sending mail: judged in the last transaction before it leaves, written as a message, and handed to the clinic's server.

mod handing;
mod lane;
mod message;
mod noting;
mod server;
mod verdict;

pub(super) use message::spelled_in_ascii;
pub use server::{SmtpServer, SmtpUrlError};
