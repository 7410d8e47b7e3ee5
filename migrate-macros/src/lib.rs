//! `embed_migrations!()`: a bundle of patches, checked and embedded at compile time.

mod embed;

use proc_macro::TokenStream;

/// Embeds the bundle in a directory, `migrations` beside the crate's manifest unless another is named.
///
/// ```
/// static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("../migrations");
///
/// assert_eq!(MIGRATIONS.patches[0].version, migrate::Version::new(1, 0, 0));
/// ```
///
/// What is wrong with the directory is a compile error at the call, one for each problem, with the place in
/// the SQL and what to do. A draft (a patch that `migrations.lock` does not hold yet) is a warning where
/// `debug_assertions` are on, and an error where they are off.
///
/// Changed and removed files, and a changed lock file, are noticed by cargo. For files added by hand,
/// `migrate_core::build::watch("migrations")` belongs in `build.rs`.
#[proc_macro]
pub fn embed_migrations(input: TokenStream) -> TokenStream {
    embed::expand(input.into()).into()
}
