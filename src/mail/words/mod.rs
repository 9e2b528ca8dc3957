//! What mail says: templates, the words that they are filled in with, and the file that goes with it.

mod content;
mod template;
mod wording;

pub use template::{MailText, TemplateError, Templates};
