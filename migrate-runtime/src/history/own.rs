use std::borrow::Cow;
use std::sync::OnceLock;

use migrate_core::{Bundle, Checksum, Kind, Outline, Patch, Version};

const FIRST: &str = include_str!("patch-1-0-0-std.sql");

/// The bundle of the history's own tables, which the same code applies as every other; only its first patch
/// makes the table before it writes its row.
///
/// Its patches only add, so that an older binary can read what a newer one made.
pub(crate) fn own() -> &'static Bundle {
    static OWN: OnceLock<Bundle> = OnceLock::new();
    OWN.get_or_init(|| {
        let patches = vec![patch(Version::new(1, 0, 0), "patch-1-0-0-std.sql", FIRST)];
        let mut bundle = Bundle {
            name: Cow::Borrowed(NAME),
            requires: Cow::Borrowed(&[]),
            schema: None,
            lock_timeout: None,
            statement_timeout: None,
            facts: None,
            files: Cow::Borrowed(&[]),
            baseline: None,
            patches: patches.into(),
            accepts: Cow::Borrowed(&[]),
            digest: Checksum::new([0; 32]),
            directory: None,
            revision: None,
        };
        bundle.digest = bundle.digest_at(Version::new(u32::MAX, 0, 0));
        bundle
    })
}

/// What the patches of the history's own tables sum up to.
#[doc(hidden)]
pub fn history_digest() -> Checksum {
    own().digest
}

/// The name under which the history keeps its own patches.
pub(crate) const NAME: &str = "migrate";

// These files never change once they are released, not even in a comment, so the text serves for the tokens.
fn patch(version: Version, file: &'static str, text: &'static str) -> Patch {
    let checksum = Checksum::of(text);
    Patch {
        version,
        kind: Kind::Std,
        draft: false,
        file: file.into(),
        text: text.into(),
        checksum,
        tokens: checksum,
        outline: Outline::default(),
    }
}

#[cfg(test)]
mod tests {
    use migrate_cluster::{Installation, Throwaway};
    use migrate_core::Limit;

    use super::*;
    use crate::history::Schema;
    use crate::options::Options;
    use crate::run::Run;
    use crate::session::{Errand, Turn};
    use crate::source::Source;
    use crate::{Migrator, Report};

    /// What a boot does whose own bundle is this one.
    async fn boot(source: &Source<'_>, own: &Bundle) -> Report {
        let (options, schema, bundles) = (Options::default(), Schema::new("migrate"), [own]);
        let errand = Errand { source, options: &options, schema: &schema, bundles: &bundles };
        let Turn::Ours(session, history) = errand.open(source.connect().await.unwrap()).await.unwrap() else {
            panic!("nobody else boots here");
        };
        let migrator = Migrator::new([]);
        let mut session = session;
        let mut run = Run::new(&migrator, &errand, Vec::new());
        run.carry_out(&mut session, history, Limit::default()).await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_newer_release_extends_the_tables_and_an_older_one_reads_them() {
        let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
        let server = Throwaway::start(&installation).await.unwrap();
        let config = server.config();
        let source = Source::from(&config);
        boot(&source, own()).await;
        let mut newer = own().clone();
        newer.patches.to_mut().push(patch(
            Version::new(1, 1, 0),
            "patch-1-1-0-std.sql",
            "ALTER TABLE patch ADD note text;",
        ));
        newer.digest = newer.digest_at(Version::new(1, 1, 0));
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
