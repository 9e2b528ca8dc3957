//! Payers: the insurance companies and programmes the clinic knows, under all their names.

use super::ids::PayerId;
use super::self_pay::means_self_pay;
use super::suggest::{self, Spelling};
use super::text::{has_every_word, letters_and_digits};

/// A payer, with the other names that people write for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payer {
    /// Its identifier.
    pub id: PayerId,
    /// Counts the committed changes, from 1.
    pub version: i32,
    /// The name it is shown under.
    pub name: String,
    /// Other names for it, as registered.
    pub aliases: Vec<String>,
    /// Whether it stands for patients who pay themselves.
    pub self_pay: bool,
    /// Whether it is taken at all.
    pub active: bool,
}

impl Payer {
    /// Every name that people write for it.
    pub fn spellings(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.name).chain(&self.aliases).map(String::as_str)
    }

    /// Whether one of its names has every word of `asked`, in any order.
    pub fn is_called(&self, asked: &str) -> bool {
        self.spellings().any(|name| has_every_word(name, asked))
    }
}

/// What a payer's name is compared by: its letters and digits, in lower case.
pub fn payer_key(name: &str) -> String {
    letters_and_digits(name)
}

/// Names that come near to `asked` among those of `payers`, or each that it may be meant for where it fits
/// several: that is never guessed, for another payer would be billed. None to who says that they have no
/// insurance, for no payer is near to that.
pub fn suggest_payers<'a>(asked: &str, payers: impl IntoIterator<Item = &'a Payer>) -> Vec<String> {
    if means_self_pay(asked) {
        return Vec::new();
    }
    let spellings = |payer: &Payer| payer.spellings().map(Spelling::of).collect::<Vec<_>>();
    let known = payers.into_iter().map(|payer| (payer.name.clone(), spellings(payer)));
    suggest::candidates(asked, known)
}
