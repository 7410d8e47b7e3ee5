use std::collections::BTreeMap;

use crate::paths::Paths;

/// The modules of a crate and what they re-export.
pub(crate) struct Exports<'a> {
    modules: BTreeMap<Vec<String>, &'a str>,
    /// By module and name: the place of the item.
    exported: BTreeMap<(Vec<String>, String), Vec<String>>,
}

impl<'a> Exports<'a> {
    pub(crate) fn new(paths: &BTreeMap<&'a str, Paths>) -> Self {
        let modules = paths.keys().map(|file| (module(file), *file)).collect();
        let mut exports = Self { modules, exported: BTreeMap::new() };
        for (file, paths) in paths {
            for (name, path) in &paths.exported {
                if let Some(absolute) = exports.absolute(file, path) {
                    exports.exported.insert((module(file), name.clone()), absolute);
                }
            }
        }
        exports
    }

    /// A path from the crate's root, if it leads into the crate.
    pub(crate) fn absolute(&self, file: &str, path: &[String]) -> Option<Vec<String>> {
        let mut here = module(file);
        let first = path.first()?;
        let rest = match first.as_str() {
            "crate" => {
                here.clear();
                path.get(1..)?
            }
            "self" => path.get(1..)?,
            "super" => {
                let ups = path.iter().take_while(|segment| *segment == "super").count();
                here.truncate(here.len().checked_sub(ups)?);
                path.get(ups..)?
            }
            _ => {
                here.push(first.clone());
                self.modules.contains_key(&here).then_some(())?;
                path.get(1..)?
            }
        };
        here.extend(rest.iter().cloned());
        Some(here)
    }

    /// The file that defines what a path leads to, and the name in it.
    pub(crate) fn resolve(&self, path: &[String]) -> Option<(&'a str, Option<String>)> {
        let mut path = path.to_vec();
        // A re-export leads to another; no crate has a chain of eight.
        for _ in 0..8 {
            let length = (0..=path.len())
                .rev()
                .find(|length| path.get(..*length).is_some_and(|start| self.modules.contains_key(start)))?;
            let rest = path.split_off(length);
            let name = rest.first().cloned();
            let exported = name.as_ref().and_then(|name| self.exported.get(&(path.clone(), name.clone())));
            let Some(target) = exported else {
                return self.modules.get(&path).map(|file| (*file, name));
            };
            path = target.iter().chain(rest.iter().skip(1)).cloned().collect();
        }
        None
    }

    /// Whether a path leads to something that the crate's root re-exports.
    pub(crate) fn is_of_root(&self, path: &[String]) -> bool {
        path.first().is_some_and(|name| {
            self.exported.contains_key(&(Vec::new(), name.clone()))
                && !self.modules.contains_key(&vec![name.clone()])
        })
    }
}

/// The module that a file is.
fn module(file: &str) -> Vec<String> {
    let mut path: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if path.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        path.pop();
    }
    path
}
