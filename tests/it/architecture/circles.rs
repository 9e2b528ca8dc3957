//! Files that import one another.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::Arrow;

/// Each circle, as its arrows. Who only passes a name on depends on nothing.
pub(super) fn circles(arrows: &BTreeSet<Arrow>) -> Vec<Vec<&Arrow>> {
    let used = || arrows.iter().filter(|arrow| !arrow.passed_on);
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for arrow in used() {
        next.entry(&arrow.from).or_default().insert(&arrow.to);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        next.keys().map(|file| (*file, reached_from(file, &next))).collect();
    let (mut seen, mut circles) = (BTreeSet::new(), Vec::new());
    for (file, far) in &reached {
        let back = |other: &&&str| reached.get(**other).is_some_and(|far| far.contains(file));
        let circle: BTreeSet<&str> = far.iter().filter(back).copied().collect();
        if circle.contains(file) && !seen.contains(file) {
            let within = |arrow: &&Arrow| {
                circle.contains(arrow.from.as_str()) && circle.contains(arrow.to.as_str())
            };
            circles.push(used().filter(within).collect());
            seen.extend(circle);
        }
    }
    circles
}

fn reached_from<'a>(
    file: &'a str,
    next: &BTreeMap<&'a str, BTreeSet<&'a str>>,
) -> BTreeSet<&'a str> {
    let (mut reached, mut ahead) = (BTreeSet::new(), vec![file]);
    while let Some(file) = ahead.pop() {
        let further = next.get(file).into_iter().flatten();
        ahead.extend(further.filter(|file| reached.insert(**file)));
    }
    reached
}

/// One line an arrow, with all the names that tie it.
pub(super) fn lines<'a>(arrows: impl IntoIterator<Item = &'a Arrow>) -> Vec<String> {
    let mut tied: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for arrow in arrows {
        tied.entry((&arrow.from, &arrow.to)).or_default().insert(&arrow.name);
    }
    let line = |((from, to), names): ((&str, &str), BTreeSet<&str>)| {
        let names: Vec<&str> = names.into_iter().collect();
        format!("{from} -> {to}: {}", names.join(", "))
    };
    tied.into_iter().map(line).collect()
}
