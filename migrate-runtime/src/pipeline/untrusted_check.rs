use embed_migrate_core::quote;

use super::patch_words::PatchWords;
use super::transaction_frame::TransactionFrame;
use crate::trust::untrusted_search::{FOUND, OTHER_OWNER, refusing};

impl TransactionFrame<'_> {
    /// What ends a transaction in which a patch, with this search path, would use objects of untrusted roles. It follows our
    /// settings and precedes each patch: another session may have made something since the patch before.
    pub(crate) fn untrusted_check(&self, path: &str, words: PatchWords<'_>) -> String {
        if let Some(gate) = self.gate {
            let found = gate.query();
            return format!("SELECT ('{FOUND}{OTHER_OWNER}' || s.role)::pg_catalog.int4 {found} LIMIT 1;\n");
        }
        let words = match words {
            // Not as one literal, which would be the first in the message.
            PatchWords::Message => {
                "split_part(current_query(), concat('/* migrate:', ' the patch */'), 2)".to_owned()
            }
            PatchWords::Text(text) => quote::literal(text),
        };
        format!("{path}{}", refusing(self.options, &words))
    }
}
