use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// The paths in a file that lead to other files of its crate, as written; re-exports apart.
#[derive(Debug, Default)]
pub(crate) struct Paths {
    /// What the file uses: private imports, and paths in its code.
    pub(crate) used: Vec<Vec<String>>,
    /// What it exports under a name of its own.
    pub(crate) exported: Vec<(String, Vec<String>)>,
}

impl Paths {
    pub(crate) fn of(file: &syn::File) -> Self {
        let mut paths = Self::default();
        paths.visit_file(file);
        paths
    }

    /// A path in code, if it begins in this crate.
    fn add(&mut self, segments: Vec<String>) {
        if segments.len() > 1 {
            self.used.push(segments);
        }
    }

    /// Paths among the tokens of a macro's call, which nobody has parsed.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) if path.is_empty() || colons == 2 => path.push(name.to_string()),
                TokenTree::Ident(name) => self.add(std::mem::replace(&mut path, vec![name.to_string()])),
                TokenTree::Punct(mark) if mark.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                other => {
                    self.add(std::mem::take(&mut path));
                    if let TokenTree::Group(group) = other {
                        self.add_tokens(group.stream());
                    }
                }
            }
            colons = 0;
        }
        self.add(path);
    }
}

impl<'a> Visit<'a> for Paths {
    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        let mut leaves = Vec::new();
        flatten(&item.tree, &mut Vec::new(), &mut leaves);
        match item.vis {
            syn::Visibility::Inherited => self.used.extend(leaves.into_iter().map(|(_, path)| path)),
            _ => self.exported.extend(leaves),
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        self.add(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'a syn::Macro) {
        self.add_tokens(call.tokens.clone());
    }

    fn visit_visibility(&mut self, _: &'a syn::Visibility) {
        // `pub(in crate::settings)` uses nothing.
    }
}

/// Each name that a `use` brings, with its whole path.
fn flatten(tree: &syn::UseTree, before: &mut Vec<String>, leaves: &mut Vec<(String, Vec<String>)>) {
    match tree {
        syn::UseTree::Path(path) => {
            before.push(path.ident.to_string());
            flatten(&path.tree, before, leaves);
            before.pop();
        }
        syn::UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, before, leaves)),
        syn::UseTree::Name(name) => {
            leaves.push((name.ident.to_string(), joined(before, &name.ident.to_string())))
        }
        syn::UseTree::Rename(name) => {
            leaves.push((name.rename.to_string(), joined(before, &name.ident.to_string())));
        }
        syn::UseTree::Glob(_) => leaves.push(("*".to_owned(), before.clone())),
    }
}

fn joined(before: &[String], name: &str) -> Vec<String> {
    // `use a::{self}` is `a`.
    let own = (name != "self").then(|| name.to_owned());
    before.iter().cloned().chain(own).collect()
}
