//! Payers: the insurance companies and programmes the clinic knows, under all their names.

use super::ids::PayerId;
use super::suggest;
use super::text::letters_and_digits;

/// A payer, with the other names that people write for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payer {
    /// Its identifier.
    pub id: PayerId,
    /// The name it is shown under.
    pub name: String,
    /// Other names for it, as registered.
    pub aliases: Vec<String>,
}

/// What a payer's name is compared by: its letters and digits, in lower case.
pub fn payer_key(name: &str) -> String {
    letters_and_digits(name)
}

/// Names that come near to `asked` among those of `payers`.
pub fn suggest_payers(asked: &str, payers: &[Payer]) -> Vec<String> {
    let known = payers.iter().map(|payer| {
        let spellings = std::iter::once(&payer.name).chain(&payer.aliases).map(String::as_str);
        (payer.name.clone(), spellings.collect())
    });
    suggest::nearest(asked, known)
}
