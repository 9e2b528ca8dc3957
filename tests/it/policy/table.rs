//! The table of the contract, held against the policy and against the page that shows it.

use clinic::access::{Extent, Permission, Role, extent};

/// The contract's table, written by hand: `A` all, `O` own, `M` without patients, `-` no; in the order
/// ADMIN, SCHEDULER, CLINICIAN, AUDITOR, VIEWER.
const CONTRACT: [(&str, &str); 14] = [
    ("READ_SCHEDULE", "AAAAA"),
    ("READ_APPOINTMENTS", "AAOMM"),
    ("READ_PATIENTS", "AAO--"),
    ("UPDATE_PATIENTS", "AAO--"),
    ("MERGE_PATIENTS", "AA---"),
    ("MANAGE_FEEDS", "AAOMM"),
    ("BOOK", "AAO--"),
    ("OVERRULE", "AAO--"),
    ("SET_VISIT_STATUS", "AAO--"),
    ("MANAGE_HOURS", "AAO--"),
    ("MANAGE_ROSTER", "A----"),
    ("MANAGE_ACCESS", "A----"),
    ("READ_HISTORY", "AAOM-"),
    ("READ_AUDIT_TRAIL", "A--A-"),
];
const PAGE: &str = include_str!("../../../docs/access.md");
const EXTENTS: [Extent; 4] = [Extent::All, Extent::Own, Extent::WithoutPatients, Extent::No];

/// How far a role may do what a row is of, as the contract's table has it: `A`, `O`, `M` or `-`.
pub(super) fn letter(row: &str, role: Role) -> char {
    let (_, letters) = CONTRACT.iter().find(|(name, _)| *name == row).unwrap();
    let place = Role::ALL.iter().position(|one| *one == role).unwrap();
    letters.chars().nth(place).unwrap()
}

/// Where a policy says something else than the contract.
fn differences(policy: impl Fn(Role, Permission) -> Extent) -> Vec<(Role, Permission)> {
    let mut found = Vec::new();
    for (permission, (name, row)) in Permission::ALL.into_iter().zip(CONTRACT) {
        assert_eq!(permission.as_str(), name);
        for (role, letter) in Role::ALL.into_iter().zip(row.chars()) {
            let meant = match letter {
                'A' => Extent::All,
                'O' => Extent::Own,
                'M' => Extent::WithoutPatients,
                _ => Extent::No,
            };
            if policy(role, permission) != meant {
                found.push((role, permission));
            }
        }
    }
    found
}

#[test]
fn the_policy_is_the_table_of_the_contract() {
    assert_eq!(differences(extent), []);
}

#[test]
fn whichever_cell_is_changed_to_whatever_else_is_noticed() {
    let mut changed = 0;
    for permission in Permission::ALL {
        for role in Role::ALL {
            for other in EXTENTS.into_iter().filter(|other| *other != extent(role, permission)) {
                let sabotaged = |one: Role, of: Permission| {
                    if (one, of) == (role, permission) { other } else { extent(one, of) }
                };
                assert_eq!(differences(sabotaged), [(role, permission)], "{other:?}");
                changed += 1;
            }
        }
    }
    assert_eq!(changed, 14 * 5 * 3);
}

#[test]
fn the_page_about_access_shows_this_table() {
    let (_, begun) = PAGE.split_once("## What each role may do\n").unwrap();
    let (chapter, _) = begun.split_once("\n## ").unwrap();
    let rows: Vec<Vec<&str>> = chapter
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), Permission::ALL.len());
    for (permission, cells) in Permission::ALL.into_iter().zip(rows) {
        let begins = format!("`{}`: ", permission.as_str());
        assert!(cells[0].starts_with(&begins), "{cells:?} is not {begins}");
        let words = Role::ALL.map(|role| match extent(role, permission) {
            Extent::All => "yes",
            Extent::Own => "own",
            Extent::WithoutPatients => "without patients",
            Extent::No => "no",
        });
        assert_eq!(cells[1..], words, "{}", permission.as_str());
    }
}
