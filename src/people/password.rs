//! What will do as a password: long enough, and not what everybody tries first (NIST SP 800-63B,
//! 3.1.1.2). No rule says of which characters it has to be made.

use unicode_normalization::UnicodeNormalization as _;

/// Longer ones than 64 characters are to be taken; nobody needs more than this.
const LONGEST: usize = 1000;
const SHORTEST: usize = 12;
/// `aaaaaaaaaaaa` and `121212121212` have fewer.
const LEAST_VARIED: usize = 5;

/// Long enough, and among the first that are tried, in lower case and without what is added to such.
const COMMON: [&str; 24] = [
    "password",
    "passwort",
    "iloveyou",
    "letmein",
    "welcome",
    "qwertyuiop",
    "qwertyuiopasdfghjkl",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijkl",
    "abcdefghijklm",
    "abcdefghijklmnopqrstuvwxyz",
    "administrator",
    "admin",
    "clinic",
    "virtualclinic",
    "changeme",
    "trustnoone",
    "superman",
    "football",
    "baseball",
    "princess",
    "sunshine",
    "correcthorsebatterystaple",
];

/// A password, in the one form that Unicode has for it (NFC).
pub struct Password(String);

impl Password {
    /// One that somebody signs in with, whatever it is.
    pub fn given(text: &str) -> Self {
        Self(text.nfc().collect())
    }

    /// One that somebody wants to have, who has that address and that name.
    ///
    /// # Errors
    ///
    /// What will do, for whom it is.
    pub fn chosen(text: &str, email: &str, name: &str) -> Result<Self, &'static str> {
        let password = Self::given(text);
        let length = password.0.chars().count();
        if length < SHORTEST {
            return Err("must be at least 12 characters long; a few words are easy to remember");
        }
        if length > LONGEST {
            return Err("must be at most 1000 characters long");
        }
        let lower = password.0.to_lowercase();
        let mut characters: Vec<char> = lower.chars().collect();
        characters.sort_unstable();
        characters.dedup();
        let is_somebodys = [email, name].iter().any(|known| known.to_lowercase() == lower);
        if characters.len() < LEAST_VARIED || is_somebodys || is_common(&lower) {
            return Err("must be less easy to guess: it is among the first that would be tried");
        }
        Ok(password)
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}

/// Whether nothing is left but what everybody thinks of, when digits and signs are taken away.
fn is_common(lower: &str) -> bool {
    let letters: String = lower.chars().filter(|c| c.is_alphabetic()).collect();
    letters.is_empty() || COMMON.iter().any(|common| letters.replace(common, "").is_empty())
}

#[cfg(test)]
mod tests;
