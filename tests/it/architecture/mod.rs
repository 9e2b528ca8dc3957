//! The direction of dependencies, and the sizes that keep the code readable.

mod circles;
mod layers;
mod made_up;
mod source;
mod tree;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use self::circles::{circles, lines};
use self::layers::{LAYERS, forbidden, part_of, unlisted, upward};
use self::tree::{Arrow, Tree};
use self::words::words;

const USE_CASES: [&str; 9] =
    ["access", "audit", "booking", "changes", "records", "request", "roster", "search", "settling"];

/// Where files may import one another: a graph of types, and the relations of rows.
const NATURAL_CIRCLES: [&str; 2] = ["src/db/entity/", "src/graphql/types/"];

/// Every file below a folder, as it is named from the root of the crate, and its text.
fn files(folder: &str) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut found, mut folders) = (BTreeMap::new(), vec![root.join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                found.insert(name.replace('\\', "/"), fs::read_to_string(&path).unwrap());
            }
        }
    }
    assert!(!found.is_empty(), "no source in {folder}");
    found
}

fn tree() -> Tree {
    let files = files("src");
    Tree::of(files.iter().map(|(file, text)| (file.as_str(), text.as_str())))
}

fn assert_none(found: &[String], what: &str) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

fn is_test(file: &str) -> bool {
    file.ends_with("/tests.rs") || file.contains("/tests/")
}

#[test]
fn there_is_no_circle_but_the_two_natural_ones() {
    let arrows = tree().arrows();
    let natural = |circle: &&Vec<&Arrow>| {
        NATURAL_CIRCLES
            .iter()
            .any(|folder| circle.iter().all(|arrow| arrow.from.starts_with(folder)))
    };
    let (natural, others): (Vec<_>, Vec<_>) =
        circles(&arrows).into_iter().partition(|circle| natural(&circle));
    assert!(!natural.is_empty(), "not even those are found");
    let told = others.into_iter().map(|circle| format!("  {}\n", lines(circle).join("\n  ")));
    assert_none(&told.collect::<Vec<_>>(), "files that import one another");
}

#[test]
fn the_layers_hold() {
    assert_none(&forbidden(&tree().arrows(), LAYERS), "arrows that layers.rs does not allow");
}

#[test]
fn every_part_has_its_row_among_the_layers_and_names_only_lower_ones() {
    assert_none(&unlisted(&tree(), LAYERS), "layers.rs is not the source");
    assert_none(&upward(LAYERS), "rows that name what stands no lower");
}

#[test]
fn every_transaction_is_counted_from_the_start_by_its_name() {
    let mut named = BTreeSet::new();
    for text in files("src").into_values() {
        for begins in ["transaction(\"", "transaction_proved(\"", "TRANSACTION: &'static str = \""]
        {
            let calls = text.split(begins).skip(1).map(|call| call.split('"').next().unwrap());
            named.extend(calls.map(str::to_owned));
        }
    }
    let counted: BTreeSet<String> =
        clinic::db::TRANSACTIONS.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(named, counted);
}

/// Files of these parts in whose code, tests included, these words follow one another.
fn naming(parts: &dyn Fn(&str) -> bool, sought: &[&[&str]]) -> Vec<String> {
    let mut found = Vec::new();
    for (file, text) in files("src").iter().filter(|(file, _)| parts(file)) {
        let words = words(text);
        let says = |sought: &&&[&str]| words.windows(sought.len()).any(|said| said == **sought);
        found.extend(sought.iter().filter(says).map(|said| format!("{file}: {}", said.concat())));
    }
    found
}

fn is_of(parts: &[&str]) -> impl Fn(&str) -> bool {
    move |file| parts.contains(&part_of(file))
}

#[test]
fn only_db_names_sea_orm_and_only_the_clients_name_reqwest() {
    assert_none(&naming(&|file| part_of(file) != "db", &[&["sea_orm"]]), "SeaORM outside db");
    let others = |file: &str| {
        let of_the_clients = [
            "src/scheduling/http",
            "src/oidc/http",
            "src/cli/race",
            "src/cli/server",
            "src/traces/otel",
            "src/webhooks/send",
        ];
        let client = of_the_clients.iter().any(|client| file.starts_with(client));
        !is_test(file) && !client
    };
    assert_none(&naming(&others, &[&["reqwest"]]), "reqwest outside the clients");
}

#[test]
fn use_cases_name_no_library_of_a_door_or_of_what_obeys() {
    let libraries: [&[&str]; 4] = [&["axum"], &["async_graphql"], &["sea_orm"], &["reqwest"]];
    assert_none(&naming(&is_of(&USE_CASES), &libraries), "libraries in use cases");
}

#[test]
fn domain_does_no_io() {
    let libraries: [&[&str]; 6] =
        [&["sea_orm"], &["async_graphql"], &["axum"], &["reqwest"], &["tokio"], &["async", "fn"]];
    assert_none(&naming(&is_of(&["domain"]), &libraries), "not for domain");
}

#[test]
fn only_use_cases_open_transactions() {
    let opening: [&[&str]; 3] =
        [&[".", "begin", "("], &["begin_setup", "("], &[".", "transaction", "("]];
    let doors = is_of(&["http", "graphql", "cli", "domain"]);
    assert_none(&naming(&doors, &opening), "transactions outside the use cases");
}

#[test]
fn the_search_finds_what_it_looks_for() {
    assert_ne!(naming(&is_of(&["db"]), &[&["sea_orm"]]), Vec::<String>::new());
    assert_ne!(naming(&is_of(&["db"]), &[&[".", "begin", "("]]), Vec::<String>::new());
}

fn longer_than(most: usize, folder: &str) -> Vec<String> {
    let lengths = files(folder).into_iter().map(|(file, text)| (text.lines().count(), file));
    let long = lengths.filter(|(lines, _)| *lines > most);
    long.map(|(lines, file)| format!("{file}: {lines}")).collect()
}

#[test]
fn no_file_is_too_long_to_be_read_at_once() {
    let long = [(300, "src"), (400, "tests"), (400, "migration/src")];
    let long: Vec<String> = long.iter().flat_map(|(most, of)| longer_than(*most, of)).collect();
    assert_none(&long, "too long");
}

#[test]
fn half_of_all_files_have_at_most_a_hundred_lines() {
    let mut lengths: Vec<usize> = files("src").values().map(|text| text.lines().count()).collect();
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median <= 100, "{median}");
}

#[test]
fn no_folder_of_use_cases_has_more_than_twelve_files() {
    let mut folders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files("src").into_keys().filter(|file| is_of(&USE_CASES)(file) && !is_test(file)) {
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        folders.entry(folder).or_default().insert(file);
    }
    let full = folders.into_iter().filter(|(_, files)| files.len() > 12);
    let told: Vec<String> =
        full.map(|(folder, files)| format!("{folder}: {}", files.len())).collect();
    assert_none(&told, "too many to be known at a glance");
}
