//! Sentences for people about several things at once: complete, and never too long to read.

use super::field::{Field, Violation};

/// So many fields are named in one sentence; all of them are listed beside it.
const AT_MOST: usize = 8;
/// Names of fields that nobody knows are the caller's own, of any length.
const LONGEST_NAME: usize = 60;

/// What is wrong with which fields, each as `spell` writes it.
pub(super) fn not_acceptable(violations: &[Violation], spell: impl Fn(&Field) -> String) -> String {
    let told = violations.iter().take(AT_MOST);
    let mut told: Vec<String> = told
        .map(|violation| format!("{} {}", legible(&spell(&violation.field)), violation.message))
        .collect();
    let more = violations.len() - told.len();
    if more > 0 {
        told.push(format!("and {more} more"));
    }
    format!("The request is not acceptable: {}", told.join("; "))
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn one_of(names: &[impl AsRef<str>]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => names.concat(),
    }
}

/// A name as it can stand in a sentence: in quotation marks where it would not look like one.
fn legible(name: &str) -> String {
    let shown: String = name.chars().take(LONGEST_NAME).collect();
    let cut = if shown.len() < name.len() { "…" } else { "" };
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if !shown.is_empty() && shown.chars().all(plain) {
        format!("{shown}{cut}")
    } else {
        format!("{:?}", format!("{shown}{cut}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violation(name: &str) -> Violation {
        Violation::new(Field::Other(name.to_owned()), "is required")
    }

    fn told(names: &[&str]) -> String {
        let violations: Vec<Violation> = names.iter().map(|name| violation(name)).collect();
        not_acceptable(&violations, |field| match field {
            Field::Other(name) => name.clone(),
            _ => "?".to_owned(),
        })
    }

    #[test]
    fn each_field_is_named() {
        assert_eq!(
            told(&["patient.name", "to"]),
            "The request is not acceptable: patient.name is required; to is required"
        );
    }

    #[test]
    fn many_fields_and_long_or_odd_names_leave_it_a_sentence() {
        let sentence = told(&["x"; 30]);
        assert!(sentence.ends_with("; x is required; and 22 more"), "{sentence}");
        let long = "y".repeat(10_000);
        assert!(told(&[long.as_str(); 30]).len() < 1000);
        assert_eq!(
            told(&["", "a b", "\n\u{202e}"]),
            "The request is not acceptable: \"\" is required; \"a b\" is required; \
             \"\\n\\u{202e}\" is required"
        );
    }

    #[test]
    fn alternatives_are_joined_as_people_do() {
        assert_eq!(one_of(&["a"]), "a");
        assert_eq!(one_of(&["a", "b"]), "a or b");
        assert_eq!(one_of(&["a", "b", "c"]), "a, b or c");
        assert_eq!(one_of(&[""; 0]), "");
    }
}
