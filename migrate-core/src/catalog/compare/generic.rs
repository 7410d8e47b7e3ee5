use super::comparison::{Comparison, object};
use crate::catalog::difference::pairs;

impl Comparison<'_> {
    /// Objects that are kept as the SQL that creates them.
    pub(super) fn generic(&mut self) {
        for ((kind, name), pair) in pairs(&self.before.catalog.objects, &self.after.catalog.objects) {
            let object = object(kind, name);
            let Some((before, after)) = self.both(&object, pair) else { continue };
            self.aspect(&object, "definition", (&before.create.join(";\n"), &after.create.join(";\n")));
            self.aspect(&object, "owner", (&before.owner, &after.owner));
            self.grants(&object, (&before.grants, &after.grants));
            self.comment(&object, (&before.comment, &after.comment));
        }
    }
}
