//! `embed_migrations!()`: a bundle of patches, checked and embedded at compile time; `#[migrate::test]`: tests that get
//! a database.

mod embed;
mod test;

use proc_macro::TokenStream;

/// Embeds the bundle in a directory, `migrations` beside the crate's manifest unless another is named.
///
/// ```
/// static MIGRATIONS: migrate::Bundle = migrate::embed_migrations!("../migrations");
///
/// assert_eq!(MIGRATIONS.patches[0].version, migrate::Version::new(1, 0, 0));
/// ```
///
/// It belongs in a `static`: what was embedded is put together when somebody first looks at it, and kept there. A `const`
/// would begin anew wherever it is used.
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

/// Makes an async function a test that gets a database of its own: `migrate::testing::TestDatabase`.
///
/// The database contains what the bundles that are named make of an empty one. It is made once, kept as an image from run
/// to run, and copied for each test; its server is shared by all tests of a run, over all their programs, and gone with
/// the last of them. Takes the feature `cluster`.
///
/// ```
/// use migrate::testing::TestDatabase;
/// use migrate::{Bundle, embed_migrations};
///
/// static MIGRATIONS: Bundle = embed_migrations!("../migrations");
///
/// #[migrate::test(MIGRATIONS)]
/// async fn a_fresh_registry_has_no_studies(database: TestDatabase) {
///     let client = database.client().await.unwrap();
///     assert!(client.query("SELECT code FROM study", &[]).await.unwrap().is_empty());
/// }
/// ```
///
/// In the attribute stand, in any order and separated by commas:
///
/// - bundles, by the paths of their statics; none make an empty database;
/// - `facts = "tests/two-studies.yaml"`: facts that are deployed on top, such as rows; a file beside `Cargo.toml`, or a
///   list of them, `["a.yaml", "b.yaml"]`; takes the feature `facts`;
/// - `script = "tests/roles.sql"`: SQL that runs last, as the superuser; also a list;
/// - `threads = 4`: a runtime with that many threads; otherwise the test's own is the only one.
///
/// The function may return a `Result`. Other attributes stay: `#[should_panic]`, `#[ignore]`. The database of a test that
/// failed stays for 10 minutes, or until the next run; its URL is printed.
#[proc_macro_attribute]
pub fn test(attribute: TokenStream, item: TokenStream) -> TokenStream {
    test::expand(attribute.into(), item.into()).into()
}
