//! Whether what somebody wrote as their insurance says that they have none and pay themselves.

use super::text::plain_words;

/// Says it alone, in one word or in several; `self-insured` does not: an employer pays then.
const SAYS_IT: &str = "cash oop selfpay selfpaying selfpayer selfpayment uninsured noninsured \
    notinsured noinsurance noins nocoverage outofpocket privatepay privatepayment na";
const NONE: &str = "none no nil nothing na";
const NEGATIONS: &str = "no non not none without dont doesnt havent hasnt isnt arent never lack lacks \
    lacking";
const INSURANCE: &str = "insurance insurances insured insurer ins coverage covered plan plans payer \
    policy carrier applicable";
const THEMSELVES: &str = "self myself private privately patient direct directly";
const PAYMENT: &str = "pay pays paying paid payer payor payment payments";
/// What says nothing either way.
const FILLERS: &str = "i im ive am is are be will we the a n an any have has having had got do does \
    at in of out pocket with by my for from this that there time moment now right currently present \
    just only yet and or it client health healthcare medical";

/// Whether `text` says that there is no insurance, in any of the ways that forms get to see:
/// `self-pay`, `cash`, `n/a`, `none`, `I don't have insurance`.
///
/// What has any other word in it, such as the name of a payer, does not.
pub fn means_self_pay(text: &str) -> bool {
    let words = plain_words(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words.is_empty() {
        // A dash in the field of a form.
        return text.contains(['-', '–', '—']);
    }
    if is_in(SAYS_IT, &words.concat()) || matches!(*words, [only] if is_in(NONE, only)) {
        return true;
    }
    let lists = [SAYS_IT, NONE, NEGATIONS, INSURANCE, THEMSELVES, PAYMENT, FILLERS];
    let understood = words.iter().all(|word| lists.iter().any(|list| is_in(list, word)));
    understood && (says_no_insurance(&words) || says_who_pays(&words))
}

/// `no health insurance`, `not insured`, `insurance: none`.
fn says_no_insurance(words: &[&str]) -> bool {
    let next_that_says_something =
        |from: usize| words.iter().skip(from).find(|word| !is_in(FILLERS, word));
    let is_one = |word: &&str| is_in(INSURANCE, word);
    (0..words.len()).any(|at| {
        let next = next_that_says_something(at + 1);
        is_in(NEGATIONS, words[at]) && next.is_some_and(is_one)
            || is_one(&words[at]) && next.is_some_and(|word| is_in(NONE, word))
    })
}

/// `self-pay`, `paying privately`, `none, cash`; but not `no self-pay`.
fn says_who_pays(words: &[&str]) -> bool {
    let any_in = |list: &str| words.iter().any(|word| is_in(list, word));
    let out_of_pocket = words.windows(3).any(|three| three == ["out", "of", "pocket"]);
    let pays = any_in(SAYS_IT) || out_of_pocket || (any_in(THEMSELVES) && any_in(PAYMENT));
    let denied = words.iter().any(|word| is_in(NEGATIONS, word) && !is_in("none", word));
    pays && !denied && !words.iter().any(|word| is_in(INSURANCE, word) && !is_in(PAYMENT, word))
}

fn is_in(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|listed| listed == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_pays_themselves_says_so_in_many_ways() {
        for text in [
            "self-pay",
            "Self Pay",
            "SELFPAY",
            "self pay patient",
            "Self-payer",
            "self-paying",
            "cash",
            "Cash pay",
            "paying cash",
            "Cash / Self-Pay",
            "uninsured",
            "I'm uninsured",
            "none",
            "None.",
            "NONE",
            "no",
            "nil",
            "n/a",
            "N/A",
            "NA",
            "n.a.",
            "-",
            "—",
            "not applicable",
            "no insurance",
            "No Insurance",
            "no health insurance",
            "no medical coverage",
            "out of pocket",
            "out-of-pocket",
            "paying out of pocket",
            "private pay",
            "privately paying",
            "patient pays",
            "not insured",
            "I am not insured",
            "I don't have insurance",
            "I don’t have any insurance",
            "do not have insurance",
            "I have no health insurance at this time",
            "without insurance",
            "Self-pay (no insurance)",
            "none - self pay",
            "n/a, cash",
            "Insurance: none",
            "uninsured/self-pay",
            "ｎｏｎｅ",
        ] {
            assert!(means_self_pay(text), "{text}");
        }
    }

    #[test]
    fn a_payer_is_not_taken_for_it_nor_what_leaves_it_open() {
        for text in [
            "",
            " ",
            ".",
            "Aetna",
            "private insurance",
            "private plan",
            "self-insured",
            "self",
            "insurance",
            "my plan",
            "Molina",
            "not sure",
            "don't know",
            "no insurance card",
            "not self-pay",
            "no cash",
            "I don't pay cash, I have insurance",
            "Cash Value Life Insurance",
            "no preference",
            "None Such Mutual",
            "underinsured",
            "Medicaid, no copay",
            "NALC Health Benefit Plan",
            "other",
            "patient",
            "?",
        ] {
            assert!(!means_self_pay(text), "{text}");
        }
    }
}
