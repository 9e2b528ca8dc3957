//! "Did you mean …?" for names that are not known.

use super::text::plain_words;

const AT_MOST: usize = 3;
/// How many that a name fits are told.
const CANDIDATES: usize = 10;
/// Longer than any name, in bytes.
const LONGEST: usize = 100;
/// Words that many names have, and that say nothing about whose it is.
const COMMON_WORDS: &str = "a an and care co commonwealth company corp corporation for group \
    health healthcare inc insurance island islands life llc my no of plan plans plus state \
    territory the your";

/// A name, ready to be compared.
pub struct Spelling {
    /// Its words.
    all: Vec<String>,
    /// Those that tell it from other names.
    telling: Vec<String>,
    joined: String,
}

impl Spelling {
    /// A name as it is written.
    pub fn of(text: &str) -> Self {
        let all = plain_words(text);
        let tells = |word: &&String| !COMMON_WORDS.split(' ').any(|common| common == *word);
        Self { telling: all.iter().filter(tells).cloned().collect(), joined: all.concat(), all }
    }
}

/// The up to three of `known` that are nearest to `asked`, nearest first; none that is far off.
///
/// Each known name comes with all spellings of it; the nearest of them counts.
pub fn nearest<N, S: AsRef<[Spelling]>>(
    asked: &str,
    known: impl IntoIterator<Item = (N, S)>,
) -> Vec<N> {
    let scored = scored(asked, known).into_iter();
    scored.take(AT_MOST).map(|(_, _, name)| name).collect()
}

/// The same; but where `asked` fits several, as what was begun and not ended or their initials do, these are
/// told, up to ten: each of them may be meant.
pub fn candidates<N, S: AsRef<[Spelling]>>(
    asked: &str,
    known: impl IntoIterator<Item = (N, S)>,
) -> Vec<N> {
    let scored = scored(asked, known);
    let is_ambiguous = scored.iter().filter(|(_, fits, _)| *fits).count() > 1;
    let most = if is_ambiguous { CANDIDATES } else { AT_MOST };
    let told = scored.into_iter().filter(|(_, fits, _)| *fits || !is_ambiguous);
    told.take(most).map(|(_, _, name)| name).collect()
}

/// How near each of `known` is that is not far off, and whether `asked` fits it; nearest first.
fn scored<N, S: AsRef<[Spelling]>>(
    asked: &str,
    known: impl IntoIterator<Item = (N, S)>,
) -> Vec<(f64, bool, N)> {
    if asked.len() > LONGEST {
        return Vec::new();
    }
    let asked = Spelling::of(asked);
    if asked.telling.is_empty() {
        return Vec::new();
    }
    let mut scored: Vec<(f64, bool, N)> = known
        .into_iter()
        .map(|(name, spellings)| {
            let spellings = spellings.as_ref().iter();
            let each = spellings.clone().map(|known| nearness(&asked, known));
            let fits = spellings.clone().any(|known| fits(&asked, known));
            (each.fold(0.0, f64::max), fits, name)
        })
        .filter(|(score, fits, _)| *score > 0.0 || *fits)
        .collect();
    scored.sort_by(|(a, ..), (b, ..)| b.total_cmp(a));
    scored
}

/// Whether `asked` may be meant for the name as it is: its beginning, its initials, or words of it.
fn fits(asked: &Spelling, known: &Spelling) -> bool {
    let begins_one = |word: &String| known.all.iter().any(|other| other.starts_with(word.as_str()));
    beginning(asked, known).is_some()
        || initials(asked, known).is_some()
        || asked.telling.iter().all(begins_one)
}

/// From 0, nothing to do with one another, to 1. What was begun and not ended comes before what was
/// misspelt, that before abbreviations and single words of a name.
fn nearness(asked: &Spelling, known: &Spelling) -> f64 {
    let ways = [
        beginning(asked, known),
        misspelling(&asked.joined, &known.joined),
        misspelling(&asked.telling.concat(), &known.joined),
        initials(asked, known),
        words_in_common(asked, known),
        contraction(asked, known),
        misspelt_beginning(&asked.joined, &known.joined),
    ];
    ways.into_iter().flatten().fold(0.0, f64::max)
}

/// One is the beginning of the other: `Connect`, or `Aetna Choice POS II`.
fn beginning(asked: &Spelling, known: &Spelling) -> Option<f64> {
    let part = share(&asked.joined, &known.joined);
    if known.joined.starts_with(&asked.joined) && asked.joined.len() >= 2 {
        Some(0.9 + 0.09 * part)
    } else {
        let goes_on = asked.all.starts_with(&known.all) && known.joined.len() >= 3;
        goes_on.then_some(0.88 + 0.1 * part)
    }
}

/// Letters dropped, added, exchanged or replaced: one for each three of the longer name.
fn misspelling(asked: &str, known: &str) -> Option<f64> {
    let (one, other) = (asked.chars().count(), known.chars().count());
    let longer = one.max(other);
    let allowed = match longer {
        0..=3 => 0,
        4..=6 => 1,
        7..=9 => 2,
        _ => 3,
    };
    // Counting takes time with the length of both.
    let mistakes =
        if one.abs_diff(other) > allowed { longer } else { strsim::osa_distance(asked, known) };
    (mistakes <= allowed).then(|| 1.0 - ratio(mistakes, longer))
}

/// The first letters of the words: `BCBS`.
fn initials(asked: &Spelling, known: &Spelling) -> Option<f64> {
    let first_letters = |words: &[String]| -> String {
        words.iter().filter_map(|word| word.chars().next()).collect()
    };
    let all = first_letters(&known.all);
    let telling = first_letters(&known.telling);
    let fits = |letters: &String| letters.len() >= 2 && letters.starts_with(&asked.joined);
    (asked.joined.len() >= 2 && (fits(&all) || fits(&telling))).then_some(0.7)
}

/// Words of the name, in any order: `Carolina`. Nearer the more of both is in the other.
fn words_in_common(asked: &Spelling, known: &Spelling) -> Option<f64> {
    let letters = |word: &String| word.chars().count();
    let found = |word: &&String| {
        let begins = |other: &String| letters(word) >= 3 && other.starts_with(*word);
        let misspelt = |other: &String| misspelling(word, other).is_some_and(|near| near >= 0.8);
        known.telling.iter().any(|other| begins(other) || misspelt(other))
    };
    let in_common: usize = asked.telling.iter().filter(found).map(letters).sum();
    let of_asked = ratio(in_common, asked.telling.iter().map(letters).sum());
    let of_known = ratio(in_common, known.telling.iter().map(letters).sum());
    (of_asked > 0.6).then_some(0.6 + 0.1 * of_asked + 0.09 * of_known.min(1.0))
}

/// A word with letters left out, as abbreviations have it: `Pnsylv`.
fn contraction(asked: &Spelling, known: &Spelling) -> Option<f64> {
    let [word] = asked.all.as_slice() else {
        return None;
    };
    let mut rest = known.joined.chars();
    let same_start = word.chars().next() == known.joined.chars().next();
    let fits = same_start && word.len() >= 2 && word.chars().all(|c| rest.any(|other| other == c));
    fits.then(|| 0.5 + 0.09 * share(word, &known.joined))
}

/// The beginning of the name, misspelt: `Connetic`.
fn misspelt_beginning(asked: &str, known: &str) -> Option<f64> {
    let letters = asked.chars().count();
    let shorter = known.char_indices().nth(letters).map(|(at, _)| &known[..at])?;
    let begins_alike = letters >= 5 && asked.chars().next() == known.chars().next();
    let nearness = misspelling(asked, shorter).filter(|_| begins_alike)?;
    Some(0.5 + 0.09 * nearness)
}

/// How much of the longer the shorter is.
fn share(one: &str, other: &str) -> f64 {
    let (one, other) = (one.chars().count(), other.chars().count());
    ratio(one.min(other), one.max(other))
}

fn ratio(part: usize, whole: usize) -> f64 {
    let number = |count: usize| u32::try_from(count).map_or(f64::MAX, f64::from);
    if whole == 0 { 0.0 } else { number(part) / number(whole) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payers() -> Vec<(&'static str, Vec<Spelling>)> {
        let payers = [
            ("Aetna", vec!["Aetna", "CVS Aetna"]),
            ("Ambetter Health", vec!["Ambetter Health", "Centene"]),
            (
                "Blue Cross Blue Shield of Massachusetts",
                vec!["Blue Cross Blue Shield of Massachusetts", "BCBS MA"],
            ),
            ("Cigna Healthcare", vec!["Cigna Healthcare", "Cigna"]),
            ("Oscar Health", vec!["Oscar Health", "Oscar Insurance"]),
            ("UnitedHealthcare", vec!["UnitedHealthcare", "UHC"]),
        ];
        let spelt = |names: Vec<&str>| names.into_iter().map(Spelling::of).collect();
        payers.into_iter().map(|(name, spellings)| (name, spelt(spellings))).collect()
    }

    #[test]
    fn the_nearest_names_come_first_and_far_ones_not_at_all() {
        for (asked, first) in [
            ("Aetnna", "Aetna"),
            ("Aetna Choice POS II", "Aetna"),
            ("aet", "Aetna"),
            ("Cygna", "Cigna Healthcare"),
            ("BCBS", "Blue Cross Blue Shield of Massachusetts"),
            ("Blue Cross", "Blue Cross Blue Shield of Massachusetts"),
            ("Massachusetts Blue Shield", "Blue Cross Blue Shield of Massachusetts"),
            ("united health care", "UnitedHealthcare"),
            ("United Helthcare Inc", "UnitedHealthcare"),
            ("Oskar", "Oscar Health"),
            ("Health plan of Oscar", "Oscar Health"),
        ] {
            assert_eq!(nearest(asked, payers()).first(), Some(&first), "{asked}");
        }
    }

    #[test]
    fn a_name_that_fits_several_suggests_each_of_them_and_nobody_else() {
        let states = ["Alabama", "Florida", "Kansas", "Maine", "Texas"];
        let blues = states.map(|state| format!("Blue Cross Blue Shield of {state}"));
        let others = ["Bluestone Health", "Aetna", "BCBA"];
        let known = || {
            let names = blues.iter().map(String::as_str).chain(others);
            names.map(|name| (name, vec![Spelling::of(name)]))
        };
        for asked in ["Blue Cross", "blue cross blue shield", "BCBS", "Shield Cross"] {
            assert_eq!(candidates(asked, known()).len(), 5, "{asked}");
            assert!(candidates(asked, known()).iter().all(|name| name.starts_with("Blue Cross")));
        }
        // What fits one alone is told with what is near to it.
        assert_eq!(candidates("Blue Cross Texas", known()).first(), Some(&blues[4].as_str()));
        assert_eq!(candidates("Aetnna", known()), ["Aetna"]);
    }

    #[test]
    fn what_is_far_from_all_or_says_nothing_of_its_own_suggests_nobody() {
        for asked in
            ["zzzz", "Insurance", "my health plan", "the insurance company", "Delta Dental"]
        {
            assert_eq!(nearest(asked, payers()), Vec::<&str>::new(), "{asked}");
        }
        assert_eq!(nearest(&"Aetna".repeat(1000), payers()), Vec::<&str>::new());
    }
}
