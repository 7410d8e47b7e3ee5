use migrate_core::{Kind, Version};

/// The text of a new patch: a comment, below which the SQL is to stand.
pub(crate) fn template(version: Version, kind: Kind, slug: &str) -> String {
    let title = slug.replace(['-', '_'], " ");
    let how = match kind {
        Kind::Std => "Runs once, in one transaction with its row in the history: no BEGIN, no COMMIT.",
        Kind::Direct => "Runs once on each node, in one transaction with its row in the history.",
        Kind::Concurrent => {
            "Runs once on each node, each statement by itself and outside a transaction; name the indexes."
        }
    };
    format!(
        "-- {title}\n--\n-- {how}\n\
         -- A patch that drops, renames or retypes says here which binaries may run against the result,\n\
         -- with a line `migrate: min-app {version}` (those that have this patch) or `migrate: min-app any`.\n\n"
    )
}
