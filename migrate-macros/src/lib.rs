//! `embed_migrations!()`: a bundle of patches, checked and embedded at compile time; `#[embed_migrate::test]`: tests that get
//! a database.

mod embed;
mod test;

use proc_macro::TokenStream;

/// What the library's `embed_migrations!` calls, with its `$crate` before the directory.
#[doc(hidden)]
#[proc_macro]
pub fn embed_migrations(input: TokenStream) -> TokenStream {
    embed::expand(input.into()).into()
}

/// Makes an async function a test that gets a database of its own: `embed_migrate::testing::TestDatabase`.
///
/// The database contains what the bundles that are named make of an empty one. It is made once, kept as an image from run
/// to run, and copied for each test; its server is shared by all tests of a run, over all their programs, and gone with
/// the last of them. Takes the feature `cluster`.
///
/// ```
/// use embed_migrate::testing::TestDatabase;
/// use embed_migrate::{Bundle, embed_migrations};
///
/// static MIGRATIONS: Bundle = embed_migrations!("../migrations");
///
/// #[embed_migrate::test(MIGRATIONS)]
/// async fn a_fresh_registry_has_no_studies(database: TestDatabase) {
///     let client = database.client().await.unwrap();
///     assert!(client.query("SELECT code FROM study", &[]).await.unwrap().is_empty());
/// }
/// ```
///
/// The attribute takes these arguments, in any order and separated by commas:
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
