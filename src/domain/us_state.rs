//! The jurisdictions that license clinicians: 50 states, DC and five territories.

mod names;
mod zones;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::iter::{once, successors};
use std::sync::LazyLock;

use self::names::{AFTER, BEFORE, ELSEWHERE, JURISDICTIONS, Jurisdiction};
use super::suggest::{self, Spelling};
use super::text::plain_words;

/// Longer than any name, in bytes.
const LONGEST: usize = 200;

/// A US state, the District of Columbia, or a territory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UsState(&'static str);

/// No jurisdiction of that name; carries the names that come near.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a US state, DC or a territory")]
pub struct UnknownState {
    /// Up to three `Connecticut (CT)`, nearest first.
    pub suggestions: Vec<String>,
}

impl UsState {
    /// Reads a two-letter code or a name, in any of the forms that are official, postal or were so;
    /// case, accents, spaces and punctuation do not matter.
    ///
    /// # Errors
    ///
    /// [`UnknownState`], with the nearest names.
    pub fn parse(text: &str) -> Result<Self, UnknownState> {
        // As it is stored with every appointment: read a hundred times for one page of them.
        if let Some(known) = JURISDICTIONS.iter().find(|known| known.code == text) {
            return Ok(Self(known.code));
        }
        if text.len() > LONGEST {
            return Err(UnknownState { suggestions: Vec::new() });
        }
        let words = plain_words(text);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        named(&words)
            .or_else(|| named_twice(&words))
            .map(Self)
            .ok_or_else(|| UnknownState { suggestions: suggest_states(text, &words) })
    }

    /// All of them, states in alphabetical order first.
    pub fn all() -> impl Iterator<Item = Self> {
        JURISDICTIONS.iter().map(|known| Self(known.code))
    }

    /// The two-letter postal code.
    pub fn code(self) -> &'static str {
        self.0
    }

    /// The name, such as `Connecticut`.
    pub fn name(self) -> &'static str {
        JURISDICTIONS.iter().find(|known| known.code == self.0).map_or(self.0, |known| known.name)
    }
}

impl fmt::Display for UsState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for UsState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The code of each name, by the letters of the name.
static CODES: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let codes = JURISDICTIONS.iter().flat_map(|known| {
        let names = [known.code, known.name].into_iter().chain(known.also.iter().copied());
        names.map(|name| (plain_words(name).concat(), known.code))
    });
    codes.collect()
});

/// The names of each, in the same order.
static SPELLINGS: LazyLock<Vec<Vec<Spelling>>> = LazyLock::new(|| {
    let names = |known: &Jurisdiction| once(known.name).chain(known.also.iter().copied());
    JURISDICTIONS.iter().map(|known| names(known).map(Spelling::of).collect()).collect()
});

static COMPLETE_NAMES_ELSEWHERE: LazyLock<HashSet<String>> =
    LazyLock::new(|| ELSEWHERE.split(';').map(|name| plain_words(name).concat()).collect());

/// The code of the jurisdiction that these words name, with or without what may stand around a name.
fn named(words: &[&str]) -> Option<&'static str> {
    let words = words.strip_prefix(&["the"]).unwrap_or(words);
    successors(Some(words), |words| fewer_after(words))
        .flat_map(|words| successors(Some(words), |words| fewer_before(words)))
        .find_map(|name| CODES.get(&name.concat()).copied())
}

fn fewer_after<'a, 'b>(words: &'a [&'b str]) -> Option<&'a [&'b str]> {
    AFTER.iter().find_map(|after| words.strip_suffix(*after))
}

fn fewer_before<'a, 'b>(words: &'a [&'b str]) -> Option<&'a [&'b str]> {
    BEFORE.iter().find_map(|before| words.strip_prefix(*before))
}

/// The same where a code stands beside the name, as in `Connecticut (CT)`, and both agree.
fn named_twice(words: &[&str]) -> Option<&'static str> {
    let code = |word: &str| CODES.get(word).copied().filter(|_| word.len() == 2);
    let sides = [words.split_first(), words.split_last()];
    sides.into_iter().flatten().find_map(|(side, name)| {
        let code = code(side)?;
        (named(name)? == code).then_some(code)
    })
}

fn suggest_states(asked: &str, words: &[&str]) -> Vec<String> {
    if COMPLETE_NAMES_ELSEWHERE.contains(&words.concat()) {
        return Vec::new();
    }
    let known = JURISDICTIONS.iter().zip(SPELLINGS.iter());
    let nearest = suggest::nearest(asked, known);
    nearest.iter().map(|known| format!("{} ({})", known.name, known.code)).collect()
}

#[cfg(test)]
mod tests;
