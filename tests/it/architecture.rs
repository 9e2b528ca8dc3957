//! The direction of dependencies, and the sizes that keep the code readable.

use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "no source in {folder}", folder = root_of(&found));
    found
}

fn root_of(found: &[PathBuf]) -> String {
    found.first().map(|path| path.display().to_string()).unwrap_or_default()
}

/// Lines of code that name something, comments left out.
fn naming(file: &Path, name: &str) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let named = code.enumerate().filter(|(_, line)| line.contains(name));
    named.map(|(number, line)| format!("{}: near line {number}: {line}", file.display())).collect()
}

fn assert_absent(folder: &str, names: &[&str]) {
    let found: Vec<String> = files(folder)
        .iter()
        .flat_map(|file| names.iter().flat_map(|name| naming(file, name)).collect::<Vec<_>>())
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn domain_names_no_other_part_and_does_no_io() {
    let others = ["sea_orm", "async_graphql", "axum", "reqwest", "tokio", "async fn"];
    let parts = [
        "crate::db",
        "crate::booking",
        "crate::scheduling",
        "crate::http",
        "crate::graphql",
        "crate::config",
    ];
    assert_absent("src/domain", &others);
    assert_absent("src/domain", &parts);
}

#[test]
fn booking_knows_neither_door_nor_library() {
    assert_absent(
        "src/booking",
        &["async_graphql", "axum", "sea_orm", "reqwest", "crate::http", "crate::graphql"],
    );
}

#[test]
fn only_db_names_sea_orm_and_only_the_client_names_reqwest() {
    for folder in ["src/http", "src/graphql", "src/cli", "src/scheduling", "src/domain"] {
        assert_absent(folder, &["sea_orm"]);
    }
    for folder in ["src/http", "src/graphql", "src/db", "src/domain"] {
        assert_absent(folder, &["reqwest"]);
    }
}

#[test]
fn db_and_scheduling_obey_and_do_not_call_back() {
    assert_absent(
        "src/db",
        &["crate::booking", "crate::http", "crate::graphql", "crate::scheduling"],
    );
    assert_absent(
        "src/scheduling",
        &["crate::booking", "crate::http", "crate::graphql", "crate::db"],
    );
}

#[test]
fn only_booking_and_the_roster_open_transactions() {
    for folder in ["src/http", "src/graphql", "src/cli", "src/domain"] {
        assert_absent(folder, &[".begin()", "begin_setup("]);
    }
}

#[test]
fn no_file_is_longer_than_four_hundred_lines() {
    let folders = ["src", "migration/src", "tests"];
    let long: Vec<String> = folders
        .iter()
        .flat_map(|folder| files(folder))
        .map(|file| (fs::read_to_string(&file).unwrap().lines().count(), file))
        .filter(|(lines, _)| *lines > 400)
        .map(|(lines, file)| format!("{}: {lines}", file.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn the_search_finds_what_it_looks_for() {
    let found: Vec<String> =
        files("src/db").iter().flat_map(|file| naming(file, "sea_orm")).collect();
    assert!(!found.is_empty());
}
