use super::frame::Frame;
use super::patch_words::Words;
use crate::trust::untrusted_objects::FOUND;
use crate::trust::untrusted_objects::GATE;
use crate::trust::untrusted_objects::LOOK;
use crate::trust::untrusted_objects::SOMEBODY;
use crate::trust::untrusted_objects::strangers;
use migrate_core::quote;

impl Frame<'_> {
    /// What ends a transaction in which a patch, with this search path, would use what strangers own; it follows our settings.
    pub(crate) fn unplanted(&self, path: &str, words: Words<'_>) -> String {
        if self.gate {
            return format!("SELECT ('{FOUND}{SOMEBODY}' || s.refobjid)::pg_catalog.int4 {GATE} LIMIT 1;\n");
        }
        let words = match words {
            // Not as one literal, which would be the first in the message.
            Words::Message => {
                "split_part(current_query(), concat('/* migrate:', ' the patch */'), 2)".to_owned()
            }
            Words::Text(text) => quote::literal(text),
        };
        let found = strangers(self.options, &words, false);
        format!(
            "{path}{LOOK}SELECT ('{FOUND}' || string_agg(concat_ws(chr(31), f.what, f.type, f.identity, f.rolname), chr(30)))::int4 \
             FROM ({found}) AS f;\n"
        )
    }
}
