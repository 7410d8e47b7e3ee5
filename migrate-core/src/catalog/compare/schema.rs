use super::comparison::{Comparison, object};
use crate::catalog::difference::pairs;

impl Comparison<'_> {
    pub(super) fn schemas(&mut self) {
        for (name, pair) in pairs(&self.before.catalog.namespaces, &self.after.catalog.namespaces) {
            let object = object("schema", name);
            let Some((before, after)) = self.both(&object, pair) else { continue };
            self.owner(&object, (&before.owner, &after.owner));
            self.grants(&object, (&before.grants, &after.grants));
            self.comment(&object, (&before.comment, &after.comment));
        }
    }

    pub(super) fn extensions(&mut self) {
        for (name, pair) in pairs(&self.before.catalog.extensions, &self.after.catalog.extensions) {
            let object = object("extension", name);
            let Some((before, after)) = self.both(&object, pair) else { continue };
            self.aspect(&object, "version", (&before.version, &after.version));
            self.aspect(&object, "schema", (&before.schema, &after.schema));
            self.comment(&object, (&before.comment, &after.comment));
        }
    }

    pub(super) fn default_grants(&mut self) {
        let pairs = pairs(&self.before.catalog.default_grants, &self.after.catalog.default_grants);
        for (grant, (before, after)) in pairs {
            let place = grant.schema.as_ref().map(|schema| format!(" in {schema}")).unwrap_or_default();
            let object = object("default privileges", format!("{} of {}{place}", grant.objects, grant.role));
            self.aspect(&object, "privileges", (&before.cloned(), &after.cloned()));
        }
    }

    pub(super) fn others(&mut self) {
        let (before, after) = (&self.before.catalog.others, &self.after.catalog.others);
        let missing: Vec<_> = before.difference(after).collect();
        let added: Vec<_> = after.difference(before).collect();
        missing.into_iter().for_each(|(kind, name)| self.missing(object(kind, name)));
        added.into_iter().for_each(|(kind, name)| self.added(object(kind, name)));
    }
}
