use embed_migrate_core::{Checksum, Patch, Statement};

/// A statement of a patch: its text and its place.
#[derive(Debug)]
pub(super) struct PatchStatement<'a> {
    /// From 1.
    pub(super) number: usize,
    pub(super) statement: &'a Statement,
    pub(super) text: &'a str,
    pub(super) checksum: Checksum,
    /// How many bytes of the patch come before it.
    pub(super) skipped: usize,
    /// What the patch set before it, which holds for it too.
    pub(super) settings: String,
}

impl<'a> PatchStatement<'a> {
    pub(super) fn of(patch: &'a Patch, number: usize, statement: &'a Statement) -> PatchStatement<'a> {
        let earlier = patch.outline().statements().take_while(|one| one.range.start < statement.range.start);
        let patch = patch.text();
        let text = patch.get(statement.range.clone()).unwrap_or_default();
        let settings = earlier.filter(|one| one.sets(patch)).filter_map(|one| patch.get(one.range));
        let settings = settings.map(|text| format!("{text}\n;\n")).collect();
        let (checksum, skipped) = (Checksum::of(text), statement.range.start);
        PatchStatement { number, statement, text, checksum, skipped, settings }
    }
}
