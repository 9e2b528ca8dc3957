//! What a file says of itself: its modules, what they define, and what they name of others.

use std::collections::BTreeSet;

use super::words::{is_name, without_tests, words};

/// A path as it is written, such as `super`, `x`, `y`.
pub(super) type Path = Vec<String>;

/// One leaf of a `use` tree.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) path: Path,
    /// The name here; none with `*`.
    pub(super) name: Option<String>,
    /// Whether others may name it from here: `pub use`, `pub(crate) use`.
    pub(super) shared: bool,
}

/// One module: a file, or `mod x { … }` within one.
#[derive(Debug, Default)]
pub(super) struct Module {
    pub(super) path: Path,
    pub(super) file: String,
    pub(super) defines: BTreeSet<String>,
    pub(super) imports: Vec<Import>,
    /// Paths within the code.
    pub(super) paths: BTreeSet<Path>,
    /// Every name in the code outside `use` and `mod`.
    pub(super) names: BTreeSet<String>,
}

/// The modules of one file, the file's own first, and the children that are for tests only.
pub(super) fn modules(file: &str, text: &str) -> (Vec<Module>, Vec<Path>) {
    let (words, for_tests) = without_tests(&words(text));
    let path = path_of(file);
    let for_tests = for_tests.into_iter().map(|child| child_of(&path, &child)).collect();
    let mut reader = Reader { words: &words, at: 0, read: Vec::new() };
    reader.module(path, file);
    reader.read.sort_by_key(|module| module.path.len());
    (reader.read, for_tests)
}

pub(super) fn child_of(path: &[String], name: &str) -> Path {
    path.iter().cloned().chain([name.to_owned()]).collect()
}

/// `src/a/b.rs` and `src/a/b/mod.rs` are `a::b`, `src/lib.rs` is the root.
fn path_of(file: &str) -> Path {
    let name = file.trim_start_matches("src/").trim_end_matches(".rs");
    let name = name.trim_end_matches("/mod");
    if name == "lib" { Vec::new() } else { name.split('/').map(str::to_owned).collect() }
}

struct Reader<'a> {
    words: &'a [String],
    at: usize,
    read: Vec<Module>,
}

impl Reader<'_> {
    fn word(&self, ahead: usize) -> &str {
        self.words.get(self.at + ahead).map_or("", String::as_str)
    }

    fn before(&self) -> &str {
        self.at.checked_sub(1).map_or("", |before| &self.words[before])
    }

    /// Reads a module up to the brace that closes it.
    fn module(&mut self, path: Path, file: &str) {
        let mut module = Module { path, file: file.to_owned(), ..Module::default() };
        let (mut depth, mut shared) = (0_usize, false);
        while self.at < self.words.len() {
            match self.word(0) {
                "pub" => {
                    shared = true;
                    self.skip_visibility();
                    continue;
                }
                "use" if self.word(1) != "<" => {
                    self.at += 1;
                    self.tree(Vec::new(), shared, &mut module.imports);
                }
                "mod" if is_name(self.word(1)) => {
                    let child = child_of(&module.path, self.word(1));
                    self.at += 3;
                    if self.before() == "{" {
                        self.module(child, file);
                    }
                }
                "{" | "(" | "[" => (depth, self.at) = (depth + 1, self.at + 1),
                "}" if depth == 0 => break,
                "}" | ")" | "]" => (depth, self.at) = (depth.saturating_sub(1), self.at + 1),
                word if is_name(word) => {
                    if depth == 0 {
                        module.defines.extend(self.defined());
                    }
                    self.path(&mut module);
                }
                _ => self.at += 1,
            }
            shared = false;
        }
        self.at += 1;
        self.read.push(module);
    }

    /// `pub`, `pub(crate)`, `pub(in a::b)`.
    fn skip_visibility(&mut self) {
        self.at += 1;
        if self.word(0) == "(" && ["crate", "super", "self", "in"].contains(&self.word(1)) {
            while !["", ")"].contains(&self.word(0)) {
                self.at += 1;
            }
            self.at += 1;
        }
    }

    /// The name of the item that begins here.
    fn defined(&self) -> Option<String> {
        let name = match self.word(0) {
            "macro_rules" => 2,
            "static" if self.word(1) == "mut" => 2,
            "struct" | "enum" | "union" | "trait" | "type" | "fn" | "const" | "static" => 1,
            _ => return None,
        };
        Some(self.word(name).to_owned()).filter(|name| is_name(name))
    }

    /// A name, or a path with all that belongs to it.
    fn path(&mut self, module: &mut Module) {
        let from_outside = self.before() == "::";
        let mut path = vec![self.word(0).to_owned()];
        while self.word(1) == "::" && is_name(self.word(2)) {
            self.at += 2;
            path.push(self.word(0).to_owned());
        }
        self.at += 1;
        if !from_outside {
            module.names.insert(path[0].clone());
            if path.len() > 1 {
                module.paths.insert(path);
            }
        }
    }

    /// What follows `use`, or stands in its braces.
    fn tree(&mut self, mut path: Path, shared: bool, imports: &mut Vec<Import>) {
        loop {
            match self.word(0).to_owned().as_str() {
                "::" => path.extend(path.is_empty().then(|| "::".to_owned())),
                "*" => imports.push(Import { path: path.clone(), name: None, shared }),
                "{" => {
                    self.at += 1;
                    while !["", "}"].contains(&self.word(0)) {
                        self.tree(path.clone(), shared, imports);
                        self.at += usize::from(self.word(0) == ",");
                    }
                }
                name if is_name(name) => {
                    if name != "self" || path.is_empty() {
                        path.push(name.to_owned());
                    }
                    if self.word(1) != "::" {
                        let renamed = self.word(1) == "as";
                        self.at += if renamed { 2 } else { 0 };
                        let name = if renamed { Some(self.word(0)) } else { None };
                        let name = name.map(str::to_owned).or_else(|| path.last().cloned());
                        imports.push(Import { path: path.clone(), name, shared });
                    }
                }
                _ => return,
            }
            self.at += 1;
        }
    }
}
