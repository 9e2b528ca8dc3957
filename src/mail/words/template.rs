//! What mail says, by templates that a clinic can put its own in the place of. Each is read and filled in when the server
//! starts, so that a mistake is found then, with its line.

use std::fmt;
use std::path::{Path, PathBuf};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior};
use serde::Serialize;

use super::wording::Wording;
use crate::domain::MailKind;

/// Every file, as it is without the clinic's own.
const FILES: [(&str, &str); 12] = [
    ("visit.txt", include_str!("templates/visit.txt")),
    ("frame.html", include_str!("templates/frame.html")),
    ("confirmation.txt", include_str!("templates/confirmation.txt")),
    ("confirmation.html", include_str!("templates/confirmation.html")),
    ("change.txt", include_str!("templates/change.txt")),
    ("change.html", include_str!("templates/change.html")),
    ("cancellation.txt", include_str!("templates/cancellation.txt")),
    ("cancellation.html", include_str!("templates/cancellation.html")),
    ("reminder.txt", include_str!("templates/reminder.txt")),
    ("reminder.html", include_str!("templates/reminder.html")),
    ("offer.txt", include_str!("templates/offer.txt")),
    ("offer.html", include_str!("templates/offer.html")),
];
/// How many steps filling in one takes at the most: ours take some hundred.
const FUEL: u64 = 1_000_000;
/// What the first line of a text begins with.
const SUBJECT: &str = "Subject: ";

/// Why the templates can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The folder, or a file in it, can't be read.
    #[error("cannot read {}: {}", .0.display(), .1)]
    Unreadable(PathBuf, String),
    /// A file in it is none of ours.
    #[error("{0} is the name of no template; these are: {1}")]
    Unknown(String, String),
    /// A template has a mistake.
    #[error("{name}, line {line}: {what}")]
    Mistake {
        /// Which file.
        name: String,
        /// Counted from 1; 0 where that is not known.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// A text does not begin with what it is about.
    #[error("{0}, line 1: must be \"Subject: …\", and the next line empty")]
    NoSubject(String),
    /// A subject says who the patient is: it is read on locked screens and written into logs.
    #[error("{0}, line 1: must not say who the patient is")]
    NamesPatient(String),
}

impl TemplateError {
    /// What is wrong where a template is read or filled in. Values of it may be in the rest of the error.
    fn of(error: &Error, file: &str) -> Self {
        let what = match error.detail() {
            Some(detail) => format!("{}: {detail}", error.kind()),
            None => error.kind().to_string(),
        };
        let name = error.name().unwrap_or(file).to_owned();
        Self::Mistake { name, line: error.line().unwrap_or_default(), what }
    }
}

/// What a mail says.
#[derive(Clone, PartialEq, Eq)]
pub struct MailText {
    /// What it is about.
    pub subject: String,
    /// As plain text.
    pub text: String,
    /// As HTML.
    pub html: String,
}

/// The templates of mail; none, where nothing was read.
#[derive(Default)]
pub struct Templates {
    environment: Environment<'static>,
}

impl fmt::Debug for Templates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Templates(..)")
    }
}

impl Templates {
    /// Reads them, those in the folder before ours, and fills each in; a reminder for each of the `leads` before a visit,
    /// in minutes.
    ///
    /// # Errors
    ///
    /// [`TemplateError`].
    pub fn read(folder: Option<&Path>, leads: &[u32]) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        environment.set_fuel(Some(FUEL));
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_syntax(whole_lines()?);
        environment.set_auto_escape_callback(|name| {
            if has_ending(name, "html") { AutoEscape::Html } else { AutoEscape::None }
        });
        if let Some(folder) = folder {
            refuse_unknown(folder)?;
        }
        for (name, ours) in FILES {
            let own = folder.map(|folder| own(folder, name)).transpose()?.flatten();
            let source = own.unwrap_or_else(|| ours.to_owned());
            let added = environment.add_template_owned(name, source);
            added.map_err(|error| TemplateError::of(&error, name))?;
        }
        let templates = Self { environment };
        templates.try_out(leads)?;
        Ok(templates)
    }

    /// What a mail of that kind says.
    ///
    /// # Errors
    ///
    /// [`TemplateError`] where a template can't be filled in with this.
    pub fn fill_in(&self, kind: MailKind, wording: &Wording) -> Result<MailText, TemplateError> {
        let name = |ending| format!("{}.{ending}", kind.as_str().to_ascii_lowercase());
        let text_name = name("txt");
        let text = self.filled(&text_name, wording)?;
        let no_subject = || TemplateError::NoSubject(text_name.clone());
        let (first, text) = text.split_once('\n').ok_or_else(no_subject)?;
        let subject =
            first.trim_end().strip_prefix(SUBJECT).map(str::trim).ok_or_else(no_subject)?;
        if subject.is_empty() || !text.starts_with(['\n', '\r']) {
            return Err(no_subject());
        }
        let html = self.filled(&name("html"), wording)?;
        let text = format!("{}\n", text.trim());
        Ok(MailText { subject: subject.to_owned(), text, html })
    }

    fn filled(&self, name: &str, wording: &impl Serialize) -> Result<String, TemplateError> {
        let wrong = |error: Error| TemplateError::of(&error, name);
        let template = self.environment.get_template(name).map_err(wrong)?;
        template.render(Serde(wording)).map_err(wrong)
    }

    /// Fills in each with all that there may be, and with no more than there is at the least, for two of other names:
    /// a subject that differs by that says who they are.
    fn try_out(&self, leads: &[u32]) -> Result<(), TemplateError> {
        for kind in MailKind::ALL {
            let leads =
                if *kind == MailKind::Reminder && !leads.is_empty() { leads } else { &[60] };
            for lead in leads {
                let one = Wording::samples("Somebody Nobody Is Called", *lead);
                let other = Wording::samples("Judy Truffjumpz-Pruttz, M.D. 7th", *lead);
                for (one, other) in one.iter().zip(&other) {
                    let [one, other] = [self.fill_in(*kind, one)?, self.fill_in(*kind, other)?];
                    if one.subject != other.subject {
                        let name = kind.as_str().to_ascii_lowercase();
                        return Err(TemplateError::NamesPatient(format!("{name}.txt")));
                    }
                }
            }
        }
        self.know_their_words(leads.first().copied().unwrap_or(60))
    }

    /// Looks at what is said only of some visits, too: at each word that there never is.
    fn know_their_words(&self, lead: u32) -> Result<(), TemplateError> {
        let [full, _] = Wording::samples("Somebody", lead);
        let full = Value::from(Serde(&full));
        for (name, template) in self.environment.templates() {
            for word in template.undeclared_variables(true) {
                let is_global = || self.environment.globals().any(|(global, _)| global == word);
                let found = word.split('.').try_fold(full.clone(), |value, part| {
                    value.get_attr(part).ok().filter(|value| !value.is_undefined())
                });
                if found.is_none() && !is_global() {
                    let line = template.source().lines().position(|line| line.contains(&word));
                    return Err(TemplateError::Mistake {
                        name: name.to_owned(),
                        line: line.map_or(0, |line| line + 1),
                        what: format!("undefined value: there is no {word}"),
                    });
                }
            }
        }
        Ok(())
    }
}

/// A line of a template that says what to do, and no more, leaves no empty line.
fn whole_lines() -> Result<SyntaxConfig, TemplateError> {
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    syntax.map_err(|error| TemplateError::of(&error, "templates"))
}

fn has_ending(name: &str, ending: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

/// The clinic's own of that name, if it has one.
fn own(folder: &Path, name: &str) -> Result<Option<String>, TemplateError> {
    let file = folder.join(name);
    match std::fs::read_to_string(&file) {
        Ok(text) => Ok(Some(with_its_first_line(text.trim_start_matches('\u{feff}')))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(TemplateError::Unreadable(file, error.to_string())),
    }
}

/// A subject that ends with a tag ends its line all the same: [`whole_lines`] would join it with what follows.
fn with_its_first_line(text: &str) -> String {
    match text.split_once('\n') {
        Some((first, rest)) if first.trim_end().ends_with("%}") => {
            format!("{}{{{{ \"\" }}}}\n{rest}", first.trim_end())
        }
        _ => text.to_owned(),
    }
}

/// A file that has the name of no template is one that nobody would ever see.
fn refuse_unknown(folder: &Path) -> Result<(), TemplateError> {
    let unreadable =
        |error: std::io::Error| TemplateError::Unreadable(folder.to_owned(), error.to_string());
    for file in std::fs::read_dir(folder).map_err(unreadable)? {
        let name = file.map_err(unreadable)?.file_name().to_string_lossy().into_owned();
        let is_template = has_ending(&name, "txt") || has_ending(&name, "html");
        if is_template && !FILES.iter().any(|(known, _)| *known == name) {
            let known: Vec<&str> = FILES.iter().map(|(known, _)| *known).collect();
            return Err(TemplateError::Unknown(name, known.join(", ")));
        }
    }
    Ok(())
}
