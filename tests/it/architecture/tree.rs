//! Which file of the source names what of which other.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Import, Module, Path, child_of, modules};

/// One file names what another defines.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Arrow {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) name: String,
    /// Only passed on (`pub use`), and named nowhere else in the file.
    pub(super) passed_on: bool,
}

/// All modules, by their paths.
pub(super) struct Tree {
    modules: BTreeMap<Path, Module>,
}

enum Found {
    Module(Path),
    /// Something with that name, and the module that defines it.
    Item(Path, String),
}

/// Aliases of aliases that are followed at most.
const FAR: usize = 16;

impl Tree {
    /// The tree of these files, each with its text.
    pub(super) fn of<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let (mut all, mut for_tests) = (BTreeMap::new(), Vec::new());
        for (file, text) in files {
            let (read, children) = modules(file, text);
            all.extend(read.into_iter().map(|module| (module.path.clone(), module)));
            for_tests.extend(children);
        }
        all.retain(|path, _| !for_tests.iter().any(|children| path.starts_with(children)));
        Self { modules: all }
    }

    /// All files of what is not only for tests.
    pub(super) fn files(&self) -> BTreeSet<&str> {
        self.modules.values().map(|module| module.file.as_str()).collect()
    }

    pub(super) fn arrows(&self) -> BTreeSet<Arrow> {
        self.modules.values().flat_map(|module| self.arrows_from(module)).collect()
    }

    fn arrows_from(&self, module: &Module) -> BTreeSet<Arrow> {
        let mut arrows = BTreeSet::new();
        let mut draw = |(at, name): (Path, String), passed_on: bool| {
            let (from, to) = (module.file.clone(), self.modules[&at].file.clone());
            if from != to {
                arrows.insert(Arrow { from, to, name, passed_on });
            }
        };
        for path in &module.paths {
            if let Some(Found::Item(at, name)) = self.find(&module.path, path, FAR) {
                draw((at, name), false);
            }
        }
        for import in &module.imports {
            for (target, named) in self.targets(module, import) {
                draw(target, import.shared && !named);
            }
        }
        arrows
    }

    /// What an import brings in, and whether the code names it. A module is nothing by itself:
    /// what is named through it counts.
    fn targets(&self, module: &Module, import: &Import) -> Vec<((Path, String), bool)> {
        let named =
            |name: &Option<String>| name.as_ref().is_some_and(|name| module.names.contains(name));
        match (self.find(&module.path, &import.path, FAR), &import.name) {
            (Some(Found::Item(at, item)), name) => vec![((at, item), named(name))],
            (Some(Found::Module(at)), Some(name)) if import.shared => {
                vec![((at, name.clone()), false)]
            }
            (Some(Found::Module(at)), None) => {
                let each = module.names.iter().map(|name| vec![name.clone()]);
                let found = each.filter_map(|name| match self.walk(&at, &name, FAR) {
                    Ok(Found::Item(at, item)) => Some(((at, item), true)),
                    _ => None,
                });
                let passed_on = import.shared.then(|| ((at.clone(), "*".to_owned()), false));
                found.chain(passed_on).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What a path means in a module; nothing when it leads out of the crate.
    fn find(&self, module: &[String], path: &[String], far: usize) -> Option<Found> {
        let far = far.checked_sub(1)?;
        let (head, rest) = path.split_first()?;
        let walked = match head.as_str() {
            "crate" | "clinic" => self.walk(&[], rest, far),
            "self" | "super" => self.walk(module, path, far),
            _ => match self.walk(module, path, far) {
                Err((at, name)) if at == module && name == *head => return None,
                walked => walked,
            },
        };
        // What a macro defines is not seen: it belongs to the module where the path ends.
        Some(walked.unwrap_or_else(|(at, name)| Found::Item(at, name)))
    }

    /// Goes down a path from a module, through what the modules on the way import.
    ///
    /// # Errors
    ///
    /// How far it came, and the first name that it did not find there.
    fn walk(&self, at: &[String], path: &[String], far: usize) -> Result<Found, (Path, String)> {
        let Some((first, rest)) = path.split_first() else {
            return Ok(Found::Module(at.to_vec()));
        };
        let lost = || (at.to_vec(), first.clone());
        let far = far.checked_sub(1).ok_or_else(lost)?;
        match first.as_str() {
            "self" => return self.walk(at, rest, far),
            "super" => return self.walk(&at[..at.len().saturating_sub(1)], rest, far),
            _ => {}
        }
        let here = self.modules.get(at).ok_or_else(lost)?;
        // A name may be both a module's and a function's: at the end of a path it is the latter.
        let child = Some(child_of(at, first)).filter(|child| self.modules.contains_key(child));
        if let (Some(child), false) = (&child, rest.is_empty()) {
            return self.walk(child, rest, far);
        }
        if here.defines.contains(first) {
            return Ok(Found::Item(at.to_vec(), first.clone()));
        }
        let imported = here.imports.iter().filter(|import| import.name.as_ref() == Some(first));
        for import in imported {
            match self.find(at, &import.path, far) {
                Some(Found::Module(module)) => return self.walk(&module, rest, far),
                Some(Found::Item(module, item)) => return Ok(Found::Item(module, item)),
                // Somebody else's, known by this name from here.
                None if import.shared => return Ok(Found::Item(at.to_vec(), first.clone())),
                None => {}
            }
        }
        if let Some(child) = child {
            return Ok(Found::Module(child));
        }
        for import in here.imports.iter().filter(|import| import.name.is_none()) {
            if let Some(Found::Module(module)) = self.find(at, &import.path, far)
                && let Ok(found) = self.walk(&module, path, far)
            {
                return Ok(found);
            }
        }
        Err(lost())
    }
}
