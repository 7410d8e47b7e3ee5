use embed_migrate_core::quote;

use super::patch_words::PatchWords;
use super::transaction_frame::TransactionFrame;
use crate::trust::untrusted_objects::{FOUND, LOOK, OTHER_OWNER, OTHER_OWNERS, untrusted_objects};

impl TransactionFrame<'_> {
    /// What ends a transaction in which a patch, with this search path, would use objects of untrusted roles; it follows our settings.
    pub(crate) fn untrusted_check(&self, path: &str, words: PatchWords<'_>) -> String {
        if self.gate {
            return format!(
                "SELECT ('{FOUND}{OTHER_OWNER}' || s.refobjid)::pg_catalog.int4 {OTHER_OWNERS} LIMIT 1;\n"
            );
        }
        let words = match words {
            // Not as one literal, which would be the first in the message.
            PatchWords::Message => {
                "split_part(current_query(), concat('/* migrate:', ' the patch */'), 2)".to_owned()
            }
            PatchWords::Text(text) => quote::literal(text),
        };
        let found = untrusted_objects(self.options, &words, false);
        format!(
            "{path}{LOOK}SELECT ('{FOUND}' || string_agg(concat_ws(chr(31), f.what, f.type, f.identity, f.rolname), chr(30)))::int4 \
             FROM ({found}) AS f;\n"
        )
    }
}
