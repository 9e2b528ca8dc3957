//! Where settings come from: the environment, and `.env` in the working directory for what is not
//! set there.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::ErrorKind;

use super::env_file;
use super::reader::SettingError;

const FILE: &str = ".env";
/// A shorter name is near to too many that are others' affair, such as `HOST`.
const SHORTEST_TO_GUESS: usize = 5;

/// Every variable, whosever it is.
pub(super) struct Environment(HashMap<String, OsString>);

impl Environment {
    /// That of this process.
    pub(super) fn here() -> Result<Self, SettingError> {
        let wrong = |message| SettingError { variable: FILE, message };
        let file = match std::fs::read(FILE) {
            Ok(bytes) => String::from_utf8(bytes)
                .map_err(|_not_text| wrong("is not text in UTF-8".to_owned()))?,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            // A token may stand in it.
            Err(error) => return Err(wrong(format!("can't be read: {}", error.kind()))),
        };
        let entries = env_file::read(&file).map_err(wrong)?;
        let in_file = entries.into_iter().map(|entry| (entry.name.to_owned(), entry.value.into()));
        // A name that is not text is none of ours.
        let set =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        Ok(Self(in_file.chain(set).collect()))
    }

    pub(super) fn get(&self, variable: &str) -> Option<OsString> {
        self.0.get(variable).cloned()
    }

    /// Variables that look like settings and are none, each with the one that may be meant.
    pub(super) fn misspelt(&self, settings: &[&'static str]) -> Vec<(String, &'static str)> {
        let mut found: Vec<_> = self
            .0
            .keys()
            .filter(|name| !settings.contains(&name.as_str()))
            .filter_map(|name| Some((name.clone(), meant(name, settings)?)))
            .collect();
        found.sort_unstable();
        found
    }
}

/// How else a token is called.
const TOKEN_IS_ALSO: [&str; 3] = ["_KEY", "_SECRET", "_PASSWORD"];

/// The setting that somebody may have meant.
fn meant(name: &str, settings: &[&'static str]) -> Option<&'static str> {
    let written = name.to_ascii_uppercase().replace(['-', '.'], "_");
    let bare = written.strip_prefix("CLINIC_").unwrap_or(&written);
    // Elsewhere that would be a file with the value in it.
    let bare = bare.strip_suffix("_FILE").unwrap_or(bare);
    let token = TOKEN_IS_ALSO.iter().find_map(|also| bare.strip_suffix(also));
    let token = token.map(|of| format!("{of}_TOKEN"));
    let distance = |setting: &str| {
        if setting == written || token.as_deref() == Some(setting) {
            return Some(0);
        }
        let most = if setting.len() > 9 { 2 } else { 1 };
        let distance = strsim::damerau_levenshtein(bare, setting);
        (bare.len() >= SHORTEST_TO_GUESS && distance <= most).then_some(distance)
    };
    let near = settings.iter().filter_map(|setting| Some((distance(setting)?, *setting)));
    near.min().map(|(_, setting)| setting)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: [&str; 9] = [
        "ACCESS",
        "API_TOKEN",
        "DATABASE_URL",
        "HOSTS",
        "PORT",
        "BIND",
        "PUBLIC_URL",
        "CORS_ORIGINS",
        "METRICS_TOKEN",
    ];

    #[test]
    fn a_setting_that_is_misspelt_is_known_for_what_it_should_be() {
        for (name, expected) in [
            ("ACESS", "ACCESS"),
            ("ACCES", "ACCESS"),
            ("API_TOKN", "API_TOKEN"),
            ("API_TOEKN", "API_TOKEN"),
            ("APITOKEN", "API_TOKEN"),
            ("api_token", "API_TOKEN"),
            ("CLINIC_API_TOKEN", "API_TOKEN"),
            ("API-TOKEN", "API_TOKEN"),
            ("DATABSE_URL", "DATABASE_URL"),
            ("DATABASEURL", "DATABASE_URL"),
            ("CORS_ORIGIN", "CORS_ORIGINS"),
            ("METRIC_TOKENS", "METRICS_TOKEN"),
            ("port", "PORT"),
            ("API_TOKEN_FILE", "API_TOKEN"),
            ("CLINIC_API_TOKEN_FILE", "API_TOKEN"),
            ("DATABASE_URL_FILE", "DATABASE_URL"),
            ("API_KEY", "API_TOKEN"),
            ("API_SECRET", "API_TOKEN"),
            ("CLINIC_API_KEY_FILE", "API_TOKEN"),
            ("METRICS_PASSWORD", "METRICS_TOKEN"),
        ] {
            assert_eq!(meant(name, &SETTINGS), Some(expected), "{name}");
        }
    }

    #[test]
    fn what_belongs_to_others_is_not() {
        for name in [
            "HOST",
            "PATH",
            "HOME",
            "PWD",
            "HOSTNAME",
            "NPM_TOKEN",
            "GITHUB_TOKEN",
            "CLINIC_PORT",
            "CLINIC_SERVICE_HOST",
            "PGHOST",
            "DB_URL",
            "TOKEN",
            "URL",
            "RUST_BACKTRACE",
            "REDIS_URL",
            "SSH_KEY",
            "DB_PASSWORD",
            "POSTGRES_PASSWORD_FILE",
            "GITHUB_API_KEY",
            "PID_FILE",
        ] {
            assert_eq!(meant(name, &SETTINGS), None, "{name}");
        }
    }
}
