use std::collections::{BTreeMap, BTreeSet};

use crate::exports::Exports;
use crate::paths::Paths;
use crate::sources::Sources;

/// Which file of a crate uses which others, and what of them.
#[derive(Debug, Default)]
pub struct Imports {
    /// By the importing file and the imported one: the names.
    pub edges: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
    /// Files that import an item of their own crate through `lib.rs`, with the names.
    pub through_root: BTreeMap<String, BTreeSet<String>>,
}

impl Sources {
    /// Follows every path of every file to the file that defines what it leads to.
    ///
    /// A `mod.rs` or `lib.rs` that only re-exports is passed through; it counts only if it defines something itself.
    #[must_use]
    pub fn imports(&self) -> Imports {
        let paths: BTreeMap<&str, Paths> =
            self.files.iter().map(|(file, source)| (file.as_str(), Paths::of(&source.syntax))).collect();
        let exports = Exports::new(&paths);
        let mut imports = Imports::default();
        for (file, paths) in &paths {
            let lists = is_list(file);
            let exported = paths.exported.iter().filter(|_| !lists).map(|(_, path)| path);
            for path in paths.used.iter().chain(exported) {
                imports.add(file, path, &exports);
            }
        }
        imports
    }
}

impl Imports {
    fn add(&mut self, file: &str, path: &[String], exports: &Exports<'_>) {
        let Some(absolute) = exports.absolute(file, path) else { return };
        if path.first().is_some_and(|first| first == "crate") && exports.is_of_root(&absolute) {
            self.through_root.entry(file.to_owned()).or_default().extend(absolute.first().cloned());
        }
        let Some((target, rest)) = exports.resolve(&absolute) else { return };
        let is_the_list_itself = is_list(target) && rest.is_none();
        if target != file && target != "lib.rs" && target != "main.rs" && !is_the_list_itself {
            let name = rest.unwrap_or_else(|| "*".to_owned());
            self.edges.entry(file.to_owned()).or_default().entry(target.to_owned()).or_default().insert(name);
        }
    }
}

/// Whether a file's part is to name the files of its folder.
fn is_list(file: &str) -> bool {
    file == "lib.rs" || file.ends_with("mod.rs")
}
