//! Reading settings one by one, and collecting what is wrong with them.

use std::ffi::OsString;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::telemetry::LogFormat;

/// One setting that can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingError {
    /// The variable.
    pub variable: &'static str,
    /// What is wrong and what would do; never repeats a secret.
    pub message: String,
}

/// Reads setting by setting and collects what is wrong.
pub(super) struct Reader<'a> {
    source: &'a dyn Fn(&str) -> Option<OsString>,
    /// The settings that there are: each is asked for.
    asked: Vec<&'static str>,
    errors: Vec<SettingError>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a dyn Fn(&str) -> Option<OsString>) -> Self {
        Self { source, asked: Vec::new(), errors: Vec::new() }
    }

    /// The names of the settings.
    pub(super) fn asked(&self) -> Vec<&'static str> {
        self.asked.clone()
    }

    pub(super) fn into_errors(self) -> Vec<SettingError> {
        self.errors
    }

    /// What a setting is set to. One that is there and says nothing is a mistake, and never the
    /// default: somebody meant to set a token, perhaps.
    pub(super) fn text(&mut self, variable: &'static str) -> Option<String> {
        self.asked.push(variable);
        let value = (self.source)(variable)?;
        let Ok(value) = value.into_string() else {
            self.wrong(variable, "must be text in UTF-8");
            return None;
        };
        let value = value.trim();
        if value.is_empty() {
            self.wrong(variable, "is set to nothing: give it a value, or leave it out");
            return None;
        }
        Some(value.to_owned())
    }

    pub(super) fn wrong(&mut self, variable: &'static str, message: &str) {
        self.errors.push(SettingError { variable, message: message.to_owned() });
    }

    /// A bearer token.
    pub(super) fn token(&mut self, variable: &'static str) -> Option<String> {
        let token = self.text(variable)?;
        if token.len() < 16 || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.wrong(variable, "must be at least 16 visible ASCII characters");
        }
        Some(token)
    }

    pub(super) fn parsed<T: FromStr>(
        &mut self,
        variable: &'static str,
        default: T,
        expected: &str,
    ) -> T {
        let Some(text) = self.text(variable) else {
            return default;
        };
        text.parse().unwrap_or_else(|_malformed| {
            self.wrong(variable, expected);
            default
        })
    }

    pub(super) fn within<T: FromStr + PartialOrd + fmt::Display + Copy>(
        &mut self,
        variable: &'static str,
        default: T,
        least: T,
        most: T,
    ) -> T {
        let expected = format!("must be a number from {least} to {most}");
        let Some(text) = self.text(variable) else {
            return default;
        };
        match text.parse() {
            Ok(number) if least <= number && number <= most => number,
            _ => {
                self.wrong(variable, &expected);
                default
            }
        }
    }

    pub(super) fn boolean(&mut self, variable: &'static str, default: bool) -> bool {
        match self.text(variable).map(|text| text.to_ascii_lowercase()).as_deref() {
            None => default,
            Some("true" | "1" | "yes") => true,
            Some("false" | "0" | "no") => false,
            Some(_) => {
                self.wrong(variable, "must be true or false");
                default
            }
        }
    }

    pub(super) fn milliseconds(&mut self, variable: &'static str, default: u64) -> Duration {
        Duration::from_millis(self.within(variable, default, 1, 600_000))
    }

    /// What stands between commas; nothing when one of them is not what is expected.
    pub(super) fn list<T: FromStr>(&mut self, variable: &'static str, expected: &str) -> Vec<T> {
        let Some(text) = self.text(variable) else { return Vec::new() };
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        match items.map(str::parse).collect::<Result<Vec<T>, _>>() {
            Ok(items) if !items.is_empty() => items,
            Ok(_) | Err(_) => {
                self.wrong(variable, expected);
                Vec::new()
            }
        }
    }

    pub(super) fn log_filter(&mut self, default: &str) -> String {
        let Some(filter) = self.text("RUST_LOG") else { return default.to_owned() };
        if tracing_subscriber::EnvFilter::try_new(&filter).is_err() {
            self.wrong("RUST_LOG", "must be a filter such as info or clinic=debug");
        }
        filter
    }

    pub(super) fn log_format(&mut self) -> LogFormat {
        match self.text("LOG_FORMAT").as_deref() {
            None | Some("text") => LogFormat::Text,
            Some("json") => LogFormat::Json,
            Some(_) => {
                self.wrong("LOG_FORMAT", "must be text or json");
                LogFormat::Text
            }
        }
    }
}
