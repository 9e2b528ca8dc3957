//! "Did you mean …?" for names that are not known.

use super::text::letters_and_digits;

const AT_MOST: usize = 3;
/// Longer than any name, in bytes. Comparing takes time with the length of both.
const LONGEST: usize = 200;

/// The up to three of `known` that are nearest to `asked`, nearest first; none that is far off.
///
/// Each known name may come with other spellings of it; the nearest of them counts.
pub fn nearest<'a, N>(asked: &str, known: impl IntoIterator<Item = (N, Vec<&'a str>)>) -> Vec<N> {
    if asked.len() > LONGEST {
        return Vec::new();
    }
    let asked = letters_and_digits(asked);
    let mut scored: Vec<(f64, N)> = known
        .into_iter()
        .map(|(name, spellings)| {
            let score = spellings
                .iter()
                .map(|spelling| closeness(&asked, &letters_and_digits(spelling)))
                .fold(0.0, f64::max);
            (score, name)
        })
        .filter(|(score, _)| *score >= 0.7)
        .collect();
    scored.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    scored.into_iter().take(AT_MOST).map(|(_, name)| name).collect()
}

fn closeness(asked: &str, known: &str) -> f64 {
    if asked.chars().count() >= 3 && (known.starts_with(asked) || asked.starts_with(known)) {
        return 1.0;
    }
    strsim::jaro_winkler(asked, known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_come_first_and_far_ones_not_at_all() {
        let known =
            || vec![("Aetna", vec!["Aetna"]), ("Cigna", vec!["Cigna"]), ("Humana", vec!["Humana"])];
        assert_eq!(nearest("Aetnna", known()).first(), Some(&"Aetna"));
        assert_eq!(nearest("zzzz", known()), Vec::<&str>::new());
        assert_eq!(nearest(&"Aetna".repeat(1000), known()), Vec::<&str>::new());
    }
}
