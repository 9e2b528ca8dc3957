//! The reading itself, on sources that are made up.

use super::circles::{circles, lines};
use super::layers::{forbidden, unlisted, upward};
use super::tree::Tree;

const LIB: (&str, &str) = ("src/lib.rs", "pub mod a; pub mod b;");

fn arrows(files: &[(&str, &str)]) -> Vec<String> {
    lines(&Tree::of(files.iter().copied().chain([LIB])).arrows())
}

/// What `src/b.rs` names of these three, in its own words.
fn named_by_b(text: &str) -> Vec<String> {
    let a = "mod low; pub mod deep; pub use low::{Low, Other as Known}; pub struct Own; fn f() {}";
    let low = "pub struct Low; pub struct Other; pub enum Kind { One }";
    let deep = "pub fn call() {} pub mod inner { pub const TEN: u8 = 10; }";
    arrows(&[
        ("src/a/mod.rs", a),
        ("src/a/low.rs", low),
        ("src/a/deep.rs", deep),
        ("src/b.rs", text),
    ])
    .into_iter()
    .filter(|line| line.starts_with("src/b.rs"))
    .collect()
}

#[test]
fn a_re_export_is_followed_to_the_file_that_defines() {
    let to_low = ["src/b.rs -> src/a/low.rs: Low, Other"];
    assert_eq!(named_by_b("use crate::a::{Low, Known};"), to_low);
    assert_eq!(named_by_b("use crate::a; fn g(_: a::Low, _: super::a::Known) {}"), to_low);
    assert_eq!(named_by_b("use super::a::Own;"), ["src/b.rs -> src/a/mod.rs: Own"]);
    assert_eq!(
        named_by_b("use crate::a::Low as L; use self::L as M;"),
        ["src/b.rs -> src/a/low.rs: Low"]
    );
    assert_eq!(
        named_by_b("use crate::a::*; struct S(Low, Own);"),
        ["src/b.rs -> src/a/low.rs: Low", "src/b.rs -> src/a/mod.rs: Own",]
    );
}

#[test]
fn nested_trees_are_read_to_their_leaves() {
    let tree = "pub(in crate::b) use crate::a::{self as parent, deep::{self, call, inner::{TEN}}, low::Kind::{self, One}};
        fn g() { deep::unseen(); }";
    assert_eq!(
        named_by_b(tree),
        [
            "src/b.rs -> src/a/deep.rs: TEN, call, deep, unseen",
            "src/b.rs -> src/a/low.rs: Kind",
            "src/b.rs -> src/a/mod.rs: parent",
        ]
    );
}

#[test]
fn paths_in_code_are_arrows_and_those_of_others_are_none() {
    let code = "use std::fmt::Write as _; use crate::a::deep;
        pub(in crate::a) fn g<T: From<u8>>(x: T::Low) -> impl Fn() + use<T> {
            format!(\"{}\", crate::a::deep::call::<u8>()); deep::inner::TEN.a::<u8>(); ::a::deep::no();
            other::a::Own; <super::a::Own as Default>::default() }";
    assert_eq!(
        named_by_b(code),
        ["src/b.rs -> src/a/deep.rs: TEN, call", "src/b.rs -> src/a/mod.rs: Own",]
    );
}

#[test]
fn comments_texts_and_tests_name_nothing() {
    let silent = r##"//! crate::a::Own
        /* use crate::a::Own; /* crate::a::Own */ crate::a::Own */
        const A: &str = "crate::a::Own \" crate::a::Own"; const B: &str = r#"" crate::a::Own"#;
        const C: [char; 2] = ['"', '\'']; fn g<'a>(_: &'a str, _: b'"') {} // crate::a::Own
        #[cfg(test)] use crate::a::{Own};
        #[cfg(test)] #[expect(unused)] mod tests { use crate::a::Own; mod more { fn f() {} } }
        #[cfg(all(test, unix))] fn h() -> [u8; 1] { crate::a::Own }"##;
    assert_eq!(named_by_b(silent), Vec::<String>::new());
    let ends = format!("{silent} #[cfg(not(test))] use crate::a::Own;");
    assert_eq!(named_by_b(&ends), ["src/b.rs -> src/a/mod.rs: Own"]);
    let files = [("src/b.rs", "#[cfg(test)] mod tests;"), ("src/b/tests.rs", "use crate::a::Own;")];
    assert_eq!(
        arrows(&[("src/a.rs", "pub struct Own;"), files[0], files[1]]),
        Vec::<String>::new()
    );
}

#[test]
fn a_child_reaches_its_parents_by_super() {
    let files = [
        ("src/a.rs", "mod c; struct Own; fn f() { c::g() }"),
        ("src/a/c.rs", "use super::super::b::B; mod d { use super::super::Own; } pub fn g() {}"),
        ("src/b.rs", "pub struct B;"),
    ];
    assert_eq!(
        arrows(&files),
        ["src/a.rs -> src/a/c.rs: g", "src/a/c.rs -> src/a.rs: Own", "src/a/c.rs -> src/b.rs: B",]
    );
}

#[test]
fn a_name_may_be_a_modules_and_a_functions() {
    let a = ("src/a/mod.rs", "mod run; pub use run::{run, State}; pub use axum::Router;");
    let run = ("src/a/run.rs", "pub fn run() {} pub struct State;");
    let b = ("src/b.rs", "use crate::a::{run, State, Router}; use sea_orm::a;");
    let from_b = ["src/b.rs -> src/a/mod.rs: Router", "src/b.rs -> src/a/run.rs: State, run"];
    assert_eq!(arrows(&[a, run, b])[1..], from_b);
}

fn circles_of(files: &[(&str, &str)]) -> Vec<Vec<String>> {
    let arrows = Tree::of(files.iter().copied().chain([LIB])).arrows();
    circles(&arrows).into_iter().map(lines).collect()
}

#[test]
fn a_circle_is_found_with_what_ties_it() {
    let files = [
        ("src/a.rs", "mod c; pub struct Names; use crate::b::{Work, Play}; use c::C;"),
        ("src/a/c.rs", "pub struct C;"),
        ("src/b.rs", "pub struct Work; pub struct Play; fn f(_: crate::a::Names) {}"),
    ];
    let circle = ["src/a.rs -> src/b.rs: Play, Work", "src/b.rs -> src/a.rs: Names"];
    assert_eq!(circles_of(&files), [circle]);
    assert_eq!(circles_of(&files[..2]), Vec::<Vec<String>>::new());
}

#[test]
fn who_only_passes_a_name_on_closes_no_circle() {
    let child = ("src/a/c.rs", "use super::Own; pub struct C;");
    let passing = ("src/a/mod.rs", "mod c; pub use c::C; pub struct Own;");
    assert_eq!(circles_of(&[passing, child]), Vec::<Vec<String>>::new());
    let using = ("src/a/mod.rs", "mod c; pub use c::C; pub struct Own(C);");
    assert_eq!(circles_of(&[using, child]).len(), 1);
}

#[test]
fn a_forbidden_arrow_is_reported_with_its_names() {
    let files = [
        LIB,
        ("src/a/mod.rs", "mod low; pub use crate::b::{Error, Row}; use low::Low;"),
        ("src/a/low.rs", "use crate::b::Row; pub struct Low;"),
        ("src/b.rs", "pub struct Error; pub struct Row;"),
    ];
    let tree = Tree::of(files);
    let found = |may| forbidden(&tree.arrows(), &[("a", may), ("b", "")]);
    assert_eq!(found("c b"), Vec::<String>::new());
    let row = ["src/a/low.rs -> src/b.rs: Row", "src/a/mod.rs -> src/b.rs: Row"];
    assert_eq!(found("b::Error"), row);
    assert_eq!(found("")[1], "src/a/mod.rs -> src/b.rs: Error, Row");
    assert_eq!(
        unlisted(&tree, &[("lib", ""), ("a", ""), ("c", "")]),
        ["src/b has no row", "there is no src/c",]
    );
    assert_eq!(upward(&[("a", "b::Error"), ("b", "a")]), ["b: a"]);
}
