use std::borrow::Cow;
use std::sync::LazyLock;

use embed_migrate_core::macro_support::{BundleParts, PatchParts};
use embed_migrate_core::{Bundle, Checksum, HISTORY_BUNDLE, Kind, Outline, Patch, PatchList, Version};

/// The bundle of the history's own tables, which the same code applies as every other; only its first patch
/// makes the table before it writes its row.
///
/// Its patches only add, so that an older binary can read what a newer one made. Each boot holds the database against
/// its digest, so it is not computed again each time.
static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| {
    Bundle::new(BundleParts {
        name: Cow::Borrowed(HISTORY_BUNDLE),
        separate: false,
        requires: Cow::Borrowed(&[]),
        schema: None,
        trust: Cow::Borrowed(&[]),
        lock_timeout: None,
        statement_timeout: None,
        facts: None,
        files: Cow::Borrowed(&[]),
        baseline: None,
        patches: vec![patch(
            Version::new(1, 0, 0),
            "patch-1-0-0-std.sql",
            include_str!("patch-1-0-0-std.sql"),
            FIRST,
        )]
        .into(),
        accepts: Cow::Borrowed(&[]),
        digest: DIGEST,
        directory: None,
        manifest: None,
        downs: PatchList::new(),
        create: None,
        declared: None,
        revision: None,
    })
});

const FIRST: Checksum = Checksum::new([
    0x48, 0xea, 0x83, 0xff, 0x7d, 0x03, 0x28, 0x79, 0x14, 0xbf, 0x78, 0x2f, 0x49, 0xb9, 0x38, 0x9d, 0x31,
    0x01, 0x0f, 0x27, 0x33, 0x8e, 0xf6, 0xdd, 0x16, 0xcb, 0xff, 0x05, 0x54, 0x9f, 0x86, 0xe2,
]);

const DIGEST: Checksum = Checksum::new([
    0xaa, 0xf8, 0x31, 0x4d, 0xf5, 0x92, 0x88, 0xa7, 0x36, 0x32, 0x0e, 0x2c, 0x4b, 0xfb, 0x80, 0x51, 0x56,
    0x45, 0x72, 0x0f, 0x1a, 0x31, 0x33, 0x28, 0x44, 0x64, 0xa0, 0xa5, 0x74, 0x6d, 0x14, 0x67,
]);

/// The history's own bundle.
pub(crate) fn own() -> &'static Bundle {
    &BUNDLE
}

/// What the patches of the history's own tables sum up to.
#[doc(hidden)]
pub fn history_digest() -> Checksum {
    DIGEST
}

// These files never change once they are released, not even in a comment, so the text serves for the tokens.
fn patch(version: Version, file: &'static str, text: &'static str, checksum: Checksum) -> Patch {
    Patch::new(PatchParts {
        version,
        kind: Kind::Std,
        draft: false,
        file: Cow::Borrowed(file),
        text: Cow::Borrowed(text),
        checksum,
        tokens: checksum,
        outline: Outline::EMPTY,
    })
}

#[cfg(test)]
mod tests {
    use embed_migrate_cluster::{Installation, Throwaway};
    use embed_migrate_core::Limit;

    use super::*;
    use crate::connection::source::{IntoSource, Source};
    use crate::history::schema::HistorySchema;
    use crate::migrator::Migrator;
    use crate::options::options::Options;
    use crate::report::report::Report;
    use crate::run::context::RunContext;
    use crate::run::lock_outcome::LockOutcome;
    use crate::run::run::Run;

    /// What a boot does whose own bundle is this one.
    async fn boot(source: &Source<'_>, own: &Bundle) -> Report {
        let (options, schema, bundles) = (Options::default(), HistorySchema::new("migrate"), [own]);
        let context = RunContext { source, options: &options, schema: &schema, bundles: &bundles };
        let connection = source.connect().await.unwrap();
        let LockOutcome::Acquired(session, history) = context.open(connection, Some(&[])).await.unwrap()
        else {
            panic!("nobody else boots here");
        };
        let mut session = session;
        let mut run = Run::new(&context, Vec::new());
        run.carry_out(&mut session, history, Limit::default()).await.unwrap()
    }

    #[test]
    fn the_sums_are_those_of_the_patches() {
        for patch in own().patches().iter() {
            assert_eq!(patch.checksum(), Checksum::of(patch.text().as_bytes()), "{}", patch.file());
        }
        assert_eq!(DIGEST, own().digest_at(Version::new(u32::MAX, 0, 0)));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_newer_release_extends_the_tables_and_an_older_one_reads_them() {
        let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
        let server = Throwaway::start(&installation).await.unwrap();
        let config = server.config();
        let source = (&config).into_source();
        boot(&source, own()).await;
        let mut newer = own().clone();
        let text = "ALTER TABLE patch ADD note text;";
        let added = patch(Version::new(1, 1, 0), "patch-1-1-0-std.sql", text, Checksum::of(text));
        let patches = [&newer.patches()[..], &[added]].concat();
        newer = newer.with(|parts| parts.patches = patches.into());
        let digest = newer.digest_at(Version::new(1, 1, 0));
        newer = newer.with(|parts| parts.digest = digest);
        boot(&source, &newer).await;
        let client = server.instance().connect("postgres").await.unwrap();
        let rows = client
            .query("SELECT bundle, version, note FROM migrate.patch ORDER BY position", &[])
            .await
            .unwrap();
        assert_eq!(rows.iter().map(|row| row.get(1)).collect::<Vec<Vec<i32>>>(), [[1, 0, 0], [1, 1, 0]]);
        Migrator::new([]).run(&config).await.unwrap();
        server.stop().await.unwrap();
    }
}
