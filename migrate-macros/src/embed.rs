use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, slice};

use embed_migrate_core::macro_support::EncodedPatches;
use embed_migrate_core::{
    Accept, Bundle, CreateTree, Error, ErrorKind, FactsRevision, LOCK_FILE, MANIFEST, Patch, ReportStyle,
    Timeout, Version,
};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::LitStr;

const DIRECTORY: &str = "migrations";

/// Expands to the bundle's expression, or to one compile error for each problem.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    // `$crate` of the macro that calls this one: the library, whatever name a dependency has given it.
    let mut input = input.into_iter();
    let library: TokenStream = input.by_ref().take(1).collect();
    let input: TokenStream = input.collect();
    let directory = match input.is_empty() {
        true => DIRECTORY.to_owned(),
        false => match syn::parse2::<LitStr>(input) {
            Ok(literal) => literal.value(),
            Err(error) => return error.into_compile_error(),
        },
    };
    match embed(directory.trim_end_matches('/')) {
        Ok(code) => {
            let mut tokens = quote! { use #library as __library; };
            tokens.extend(code);
            TokenTree::from(Group::new(Delimiter::Brace, tokens)).into()
        }
        Err(error) => errors(error),
    }
}

fn errors(error: Error) -> TokenStream {
    let messages = error.split().into_iter().map(|problem| problem.report(ReportStyle::Plain));
    // The loop has any type, so that no second error about a missing bundle follows.
    quote! {{ #(::core::compile_error!(#messages);)* loop {} }}
}

fn embed(label: &str) -> Result<TokenStream, Error> {
    let root = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let name = env::var("CARGO_PKG_NAME").unwrap_or_default();
    let directory = root.join(label);
    let (bundle, warnings) = Bundle::read_warned(&directory, label, &name, None)
        .map_err(|error| if directory.is_dir() { error } else { no_directory(label, error) })?;
    let warned: String =
        warnings.iter().map(|warning| deprecated(&warning.report(ReportStyle::Plain))).collect();
    let code = warned + &Code { label, directory: &directory }.bundle(&bundle);
    // By the compiler: `proc_macro2` would read all of it first, to see whether the compiler can.
    let tokens = code.parse::<proc_macro::TokenStream>().map_err(|error| {
        Error::new(ErrorKind::Format, "the embedded bundle can't be written as Rust")
            .caused_by(error.to_string())
    })?;
    Ok(tokens.into())
}

fn no_directory(label: &str, error: Error) -> Error {
    error.help(format!("create it with `cargo migrate new`, or name another one: `embed_migrations!(\"{label}\")` is relative to Cargo.toml"))
}

/// Writes Rust as text: the compiler's own lexer is optimised, and a token stream built by a macro in a
/// debug build is not (10,000 patches are half a million tokens).
struct Code<'a> {
    label: &'a str,
    directory: &'a Path,
}

const COW: &str = "::std::borrow::Cow::Borrowed";

impl Code<'_> {
    fn bundle(&self, bundle: &Bundle) -> String {
        let mut code = String::new();
        for patch in bundle.patches().iter().chain(bundle.baseline()) {
            code += &self.draft(patch);
        }
        code += &self.draft_facts(bundle);
        code += &self.draft_tree(bundle);
        for file in [LOCK_FILE, MANIFEST] {
            if self.directory.join(file).exists() {
                let _ =
                    writeln!(code, "const _: &str = ::core::include_str!({:?});", self.directory.join(file));
            }
        }
        if !bundle.files().is_empty() {
            code += "const _: () = ::core::assert!(__library::FACTS, \
                     \"the bundle has facts: switch on the feature `facts` of `embed-migrate`\");\n";
        }
        let [patches, downs] =
            [bundle.patches(), bundle.downs()].map(|patches| self.patches(&mut code, patches));
        let baseline = bundle.baseline().map(|baseline| self.patch(&mut code, baseline));
        let create = bundle.create_tree().map(|tree| self.tree(&mut code, tree));
        let accepts: String =
            bundle.accepted_edits().iter().map(|accept| self.accept(accept) + ",\n").collect();
        let [requires, trust] = [bundle.requires(), bundle.trust()]
            .map(|names| names.iter().map(|name| format!("{COW}({name:?}), ")).collect::<String>());
        let files: String = bundle.files().iter().map(|(path, _)| self.file(path)).collect();
        let _ = write!(
            code,
            "const ACCEPTS: &[__library::Accept] = &[{accepts}];\n\
             const REQUIRES: &[::std::borrow::Cow<'static, str>] = &[{requires}];\n\
             const TRUST: &[::std::borrow::Cow<'static, str>] = &[{trust}];\n\
             const FILES: &[(::std::borrow::Cow<'static, str>, ::std::borrow::Cow<'static, str>)] = &[{files}];\n\
             __library::Bundle::new(__library::macro_support::BundleParts {{ name: {COW}({:?}), separate: {}, requires: {COW}(REQUIRES), schema: {}, trust: {COW}(TRUST), lock_timeout: {}, \
             statement_timeout: {}, facts: {}, files: {COW}(FILES), baseline: {}, create: {}, declared: {NONE}, patches: {patches}, downs: {downs}, accepts: {COW}(ACCEPTS), digest: {}, \
             directory: if ::core::cfg!(debug_assertions) {{ {} }} else {{ {NONE} }}, \
             manifest: {}, \
             revision: match ::core::option_env!(\"MIGRATE_REVISION\") {{ \
             ::core::option::Option::Some(revision) => ::core::option::Option::Some({COW}(revision)), \
             ::core::option::Option::None => {NONE} }} }})",
            bundle.name(),
            bundle.is_separate(),
            option(bundle.schema().map(|schema| format!("{COW}({schema:?})"))),
            timeout(bundle.lock_timeout()),
            timeout(bundle.statement_timeout()),
            option(bundle.facts().map(revision)),
            option(baseline),
            option(create),
            checksum(bundle.digest()),
            option(Some(format!("{COW}({:?})", self.directory))),
            self.manifest(),
        );
        code
    }

    fn manifest(&self) -> String {
        let path = self.directory.join(MANIFEST);
        match path.exists() {
            true => format!(
                "if ::core::cfg!(debug_assertions) {{ {} }} else {{ {NONE} }}",
                option(Some(format!("{COW}(::core::include_str!({path:?}))")))
            ),
            false => NONE.to_owned(),
        }
    }

    /// Patches as `embed_migrate_core::macro_support` wants them.
    fn patches(&self, code: &mut String, patches: &[Patch]) -> String {
        let texts: String =
            patches.iter().map(|patch| self.included(code, patch.file(), patch.text()) + ",\n").collect();
        let EncodedPatches { files, length, heads, sums, outlines } = EncodedPatches::of(patches);
        let [heads, sums, outlines] = [&heads, &sums, &outlines].map(|it| bytes(it));
        format!(
            "const {{ __library::PatchList::embedded(__library::macro_support::EmbeddedPatches {{ files: {files:?}, \
             texts: ::core::concat!({texts}), length: {length}, heads: {heads}, sums: {sums}, outlines: {outlines} }}) }}"
        )
    }

    fn patch(&self, code: &mut String, patch: &Patch) -> String {
        let text = self.included(code, patch.file(), patch.text());
        let heads = EncodedPatches::of(slice::from_ref(patch)).heads;
        let [head, checksum, tokens, outline] =
            [&heads, patch.checksum().bytes().as_slice(), patch.tokens().bytes(), patch.outline().bytes()]
                .map(bytes);
        let file = patch.file();
        format!(
            "__library::macro_support::patch({file:?}, {text}, {head}, &[*{checksum}, *{tokens}], {outline})"
        )
    }

    /// A literal with a file's text: `include_str!`, which the compiler watches; if the file is not what its text is (it has
    /// a byte order mark or CRLF), the text, and beside it an include that is only there to be watched.
    fn included(&self, code: &mut String, file: &str, text: &str) -> String {
        let path = self.directory.join(file);
        if fs::read(&path).is_ok_and(|bytes| bytes == text.as_bytes()) {
            return format!("::core::include_str!({path:?})");
        }
        let _ = writeln!(code, "const _: &[u8] = ::core::include_bytes!({path:?});");
        format!("{text:?}")
    }

    /// A file of facts: `include_str!`, which the compiler watches.
    fn file(&self, path: &str) -> String {
        format!("({COW}({path:?}), {COW}(::core::include_str!({:?}))),\n", self.directory.join(path))
    }

    /// The create tree; each file is `include_str!`, and `order.json` is watched beside them.
    fn tree(&self, code: &mut String, tree: &CreateTree) -> String {
        let (version, draft, digest, files) = (tree.version(), tree.is_draft(), tree.digest(), tree.files());
        let mut orders: Vec<&str> =
            files.iter().filter_map(|(path, _)| Some(path.rsplit_once('/')?.0)).collect();
        orders.dedup();
        for order in orders.iter().map(|directory| self.directory.join(directory).join("order.json")) {
            if order.exists() {
                let _ = writeln!(code, "const _: &[u8] = ::core::include_bytes!({order:?});");
            }
        }
        let files: String = files
            .iter()
            .map(|(path, text)| format!("({COW}({path:?}), {COW}({})), ", self.included(code, path, text)))
            .collect();
        format!(
            "__library::CreateTree::new({}, {draft}, {}, {COW}(const {{ &[{files}] }}))",
            version_code(version),
            checksum(digest)
        )
    }

    fn draft_tree(&self, bundle: &Bundle) -> String {
        let Some(tree) = bundle.create_tree().filter(|tree| tree.is_draft()) else { return String::new() };
        let message = format!(
            "the create tree is a draft: it is not locked as it is, for the patches up to `{}`\n  --> {}/create\n  \
             help: run `cargo migrate lock` when it is ready to be released",
            tree.version(),
            self.label,
        );
        warning(&message)
    }

    fn draft_facts(&self, bundle: &Bundle) -> String {
        let Some(facts) = bundle.facts().filter(|facts| facts.is_draft()) else { return String::new() };
        let message = format!(
            "revision {} of the facts is a draft\n  --> {}/deploy.yaml\n  help: run `cargo migrate lock` when it is ready to be released",
            facts.number(),
            self.label,
        );
        warning(&message)
    }

    fn draft(&self, patch: &Patch) -> String {
        if !patch.is_draft() {
            return String::new();
        }
        let message = format!(
            "patch `{}` is a draft\n  --> {}/{}\n  help: run `cargo migrate lock` when it is ready to be released",
            patch.version(),
            self.label,
            patch.file(),
        );
        warning(&message)
    }

    fn accept(&self, accept: &Accept) -> String {
        let Accept { version, old, new, reason } = accept;
        format!(
            "__library::Accept {{ version: {}, old: {}, new: {}, reason: {COW}({reason:?}) }}",
            version_code(*version),
            checksum(*old),
            checksum(*new),
        )
    }
}

fn version_code(version: Version) -> String {
    let [major, minor, point] = version.parts();
    format!("__library::Version::new({major}, {minor}, {point})")
}

/// A warning in debug builds, and an error in others.
fn warning(message: &str) -> String {
    format!(
        "#[cfg(not(debug_assertions))] ::core::compile_error!({message:?});\n\
         #[cfg(debug_assertions)] {}",
        deprecated(message)
    )
}

/// A warning in all builds: the compiler has no other that a macro could give.
fn deprecated(message: &str) -> String {
    format!("const _: () = {{ #[deprecated(note = {message:?})] const DRAFT: () = (); DRAFT }};\n")
}

fn revision(facts: &FactsRevision) -> String {
    let locked: String = facts.locked().iter().map(|digest| checksum(*digest) + ", ").collect();
    format!(
        "__library::FactsRevision::new({}, {}, {}, {COW}(const {{ &[{locked}] }}), {})",
        facts.number(),
        facts.is_draft(),
        checksum(facts.digest()),
        facts.is_only_verified(),
    )
}

const NONE: &str = "::core::option::Option::None";

fn option(code: Option<String>) -> String {
    code.map_or(NONE.to_owned(), |code| format!("::core::option::Option::Some({code})"))
}

fn timeout(timeout: Option<Timeout>) -> String {
    option(timeout.map(|timeout| format!("__library::Timeout::new({})", timeout.milliseconds())))
}

fn checksum(checksum: embed_migrate_core::Checksum) -> String {
    format!("__library::Checksum::new(*{})", bytes(checksum.bytes()))
}

/// One literal, whatever the number of bytes: tokens are what makes a compiler slow.
fn bytes(bytes: &[u8]) -> String {
    format!("b\"{}\"", bytes.escape_ascii())
}
