use embed_migrate_core::{Kind, Version};

/// The text of a new patch: a comment, above the SQL to be written.
pub(crate) fn template(version: Version, kind: Kind, slug: &str) -> String {
    let title = slug.replace(['-', '_'], " ");
    let how = match kind {
        Kind::Std => "Runs once, in one transaction with its row in the history: no BEGIN, no COMMIT.",
        Kind::Direct => "Runs once on each node, in one transaction with its row in the history.",
        Kind::Concurrent => {
            "Runs once on each node, each statement by itself, outside a transaction; give indexes a name."
        }
    };
    format!(
        "-- {title}\n--\n-- {how}\n\
         -- A patch that drops, renames or retypes says here which binaries may run against the result,\n\
         -- with a line `migrate: min-app {version}` (those that have this patch) or `migrate: min-app any`.\n\n"
    )
}
