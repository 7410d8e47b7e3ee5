use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// The source files of one crate, by their path below `src`, such as `settings/mod.rs`; those of unit tests are left out.
pub struct Sources {
    /// The files.
    pub files: BTreeMap<String, Source>,
}

/// One file.
pub struct Source {
    /// How many lines it has.
    pub lines: usize,
    /// The length of each function in lines, from its signature to its last brace.
    pub functions: Vec<usize>,
    pub(crate) syntax: syn::File,
}

impl Sources {
    /// Reads a crate.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or parsed, with its path.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        for path in rust_files(&root.join("src"))? {
            let text = std::fs::read_to_string(&path)?;
            let mut syntax = syn::parse_file(&text)
                .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
            syntax.items.retain(|item| !is_for_tests(item));
            let functions = functions(&syntax);
            let name = path.strip_prefix(root.join("src")).map_err(io::Error::other)?;
            let source = Source { lines: text.lines().count(), functions, syntax };
            files.insert(name.to_string_lossy().into_owned(), source);
        }
        let tests = files.iter().flat_map(|(name, source)| test_modules(name, &source.syntax)).collect();
        Ok(Self { files: without(files, &tests) })
    }

    /// How many source files, of Rust, SQL and shell, each folder has.
    ///
    /// # Errors
    ///
    /// A folder that cannot be read.
    pub fn folders(root: &Path) -> io::Result<BTreeMap<String, usize>> {
        let mut folders = BTreeMap::new();
        for path in all_files(&root.join("src"))? {
            let is_source = path
                .extension()
                .is_some_and(|ending| ["rs", "sql", "sh"].iter().any(|known| ending == *known));
            if let Some(folder) = path.parent().filter(|_| is_source) {
                *folders.entry(folder.display().to_string()).or_default() += 1;
            }
        }
        Ok(folders)
    }
}

fn rust_files(root: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    let mut files = all_files(root)?;
    files.retain(|path| path.extension().is_some_and(|ending| ending == "rs"));
    Ok(files)
}

fn all_files(root: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(root)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(all_files(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

/// The files that hold unit tests only, by the module that declares them.
fn test_modules(file: &str, _: &syn::File) -> Vec<String> {
    // What is declared with `#[cfg(test)]` was taken out with the declaration; its file is called so by convention.
    if file.ends_with("/tests.rs") || file == "tests.rs" { vec![file.to_owned()] } else { Vec::new() }
}

fn without(files: BTreeMap<String, Source>, tests: &BTreeSet<String>) -> BTreeMap<String, Source> {
    files.into_iter().filter(|(name, _)| !tests.contains(name)).collect()
}

/// Whether an item exists in tests only.
fn is_for_tests(item: &syn::Item) -> bool {
    let attributes = match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            list.tokens.clone().into_iter().any(|token| token.to_string() == "test")
                || list.tokens.to_string().starts_with("all (test")
        }
        _ => false,
    })
}

fn functions(file: &syn::File) -> Vec<usize> {
    #[derive(Default)]
    struct Functions(Vec<usize>);
    impl Functions {
        fn add(&mut self, signature: &syn::Signature, body: &syn::Block) {
            self.0.push(body.span().end().line + 1 - signature.span().start().line);
        }
    }
    impl<'a> Visit<'a> for Functions {
        fn visit_item_fn(&mut self, function: &'a syn::ItemFn) {
            self.add(&function.sig, &function.block);
            visit::visit_item_fn(self, function);
        }
        fn visit_impl_item_fn(&mut self, function: &'a syn::ImplItemFn) {
            self.add(&function.sig, &function.block);
            visit::visit_impl_item_fn(self, function);
        }
    }
    let mut functions = Functions::default();
    functions.visit_file(file);
    functions.0
}
