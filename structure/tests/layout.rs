//! The limits that keep the source easy to find one's way in; `docs/decisions/layout.md` says why.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may panic, and shows its figures"
)]

use std::path::PathBuf;

use structure::{Imports, Sources, circles, folder_circles};

const CRATES: [&str; 6] =
    ["migrate-core", "migrate-macros", "migrate-runtime", "migrate-cluster", "migrate-cli", "migrate"];

/// Files whose types contain each other.
const RECURSIVE: &[&[&str]] = &[&["facts/kinds/fact.rs", "facts/kinds/include.rs", "facts/kinds/table.rs"]];

fn root(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

fn imports(name: &str) -> Imports {
    Sources::read(&root(name)).unwrap().imports()
}

#[test]
fn no_files_import_each_other() {
    let mut found = Vec::new();
    for name in CRATES {
        for circle in circles(&imports(name)) {
            if !RECURSIVE.contains(&circle.iter().map(String::as_str).collect::<Vec<_>>().as_slice()) {
                found.push(format!("{name}: {}", circle.join(" ")));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_folders_import_each_other() {
    let mut found = Vec::new();
    for name in CRATES {
        for (folders, ties) in folder_circles(&imports(name)) {
            found.push(format!("{name}: {folders}\n    {}", ties.join("\n    ")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn nothing_imports_its_own_crate_through_its_root() {
    let mut found = Vec::new();
    for name in CRATES {
        for (file, names) in imports(name).through_root {
            found.push(format!("{name}/src/{file}: {}", names.into_iter().collect::<Vec<_>>().join(", ")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_folder_has_more_than_20_source_files() {
    let crowded: Vec<String> = CRATES
        .iter()
        .flat_map(|name| Sources::folders(&root(name)).unwrap())
        .filter(|(_, count)| *count > 20)
        .map(|(folder, count)| format!("{folder}: {count}"))
        .collect();
    assert!(crowded.is_empty(), "{}", crowded.join("\n"));
}

#[test]
fn files_and_functions_are_short() {
    let (mut files, mut functions, mut long) = (Vec::new(), Vec::new(), Vec::new());
    for name in CRATES {
        for (file, source) in Sources::read(&root(name)).unwrap().files {
            if source.lines > 500 {
                long.push(format!("{name}/src/{file}: {} lines", source.lines));
            }
            files.push(source.lines);
            functions.extend(source.functions);
        }
    }
    let (files, functions) = (median(files), median(functions));
    println!("median of a file: {files} lines, of a function: {functions}");
    assert!(files <= 120, "the median of a file is {files} lines");
    assert!(functions <= 9, "the median of a function is {functions} lines");
    assert!(long.is_empty(), "{}", long.join("\n"));
}

fn median(mut lengths: Vec<usize>) -> usize {
    lengths.sort_unstable();
    lengths[lengths.len() / 2]
}
