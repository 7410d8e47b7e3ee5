use super::comparison::{Comparison, first, object};
use crate::catalog::catalog::Catalog;
use crate::catalog::difference::pairs;
use crate::catalog::namespace::{Oid, QualifiedName};
use crate::catalog::statistics::Statistics;

impl Comparison<'_> {
    pub(super) fn foreign(&mut self) {
        for (name, pair) in pairs(&self.before.catalog.wrappers, &self.after.catalog.wrappers) {
            let object = object("foreign data wrapper", name);
            let Some((before, after)) = self.both(&object, pair) else { continue };
            self.aspect(&object, "handler", (&before.handler, &after.handler));
            self.aspect(&object, "validator", (&before.validator, &after.validator));
            self.aspect(&object, "options", (&before.options, &after.options));
            self.owner(&object, (&before.owner, &after.owner));
            self.grants(&object, (&before.grants, &after.grants));
            self.comment(&object, (&before.comment, &after.comment));
        }
        self.servers();
    }

    fn servers(&mut self) {
        for (name, pair) in pairs(&self.before.catalog.servers, &self.after.catalog.servers) {
            let object = object("server", name);
            let Some((before, after)) = self.both(&object, pair) else { continue };
            self.aspect(&object, "foreign data wrapper", (&before.wrapper, &after.wrapper));
            self.aspect(&object, "type", (&before.kind, &after.kind));
            self.aspect(&object, "version", (&before.version, &after.version));
            self.aspect(&object, "options", (&before.options, &after.options));
            self.owner(&object, (&before.owner, &after.owner));
            self.grants(&object, (&before.grants, &after.grants));
            self.comment(&object, (&before.comment, &after.comment));
        }
    }

    pub(super) fn statistics(&mut self) {
        for (name, pair) in pairs(statistics(self.before.catalog), statistics(self.after.catalog)) {
            let object = object("statistics", name.to_string());
            match pair {
                // Statistics are created and dropped with their table.
                (Some(before), None) if !has(self.after.catalog, self.before.catalog, before.table) => {
                    continue;
                }
                (None, Some(after)) if !has(self.before.catalog, self.after.catalog, after.table) => continue,
                _ => {}
            }
            let Some((before, after)) = self.both(&object, pair) else { continue };
            self.aspect(&object, "definition", (&before.definition, &after.definition));
            self.aspect(&object, "target", (&before.target, &after.target));
            self.owner(&object, (&before.owner, &after.owner));
            self.comment(&object, (&before.comment, &after.comment));
        }
    }

    pub(super) fn publications(&mut self) {
        for (name, pair) in pairs(&self.before.catalog.publications, &self.after.catalog.publications) {
            let object = object("publication", name);
            let Some((before, after)) = self.both(&object, pair) else { continue };
            let (create, now) = (self.before.publication(name, before), self.before.publication(name, after));
            self.aspect(&object, "definition", (first(&create), first(&now)));
            self.owner(&object, (&before.owner, &after.owner));
            self.comment(&object, (&before.comment, &after.comment));
        }
    }

    pub(super) fn event_triggers(&mut self) {
        for (name, pair) in pairs(&self.before.catalog.event_triggers, &self.after.catalog.event_triggers) {
            let object = object("event trigger", name);
            let Some((before, after)) = self.both(&object, pair) else { continue };
            let (create, now) =
                (self.before.event_trigger(name, before), self.before.event_trigger(name, after));
            self.aspect(&object, "definition", (first(&create), first(&now)));
            self.aspect(&object, "enabled", (&before.enabled, &after.enabled));
            self.owner(&object, (&before.owner, &after.owner));
            self.comment(&object, (&before.comment, &after.comment));
        }
    }
}

/// Whether a catalog has the table that has this number in another catalog.
pub(super) fn has(catalog: &Catalog, other: &Catalog, table: Oid) -> bool {
    other.tables.get(&table).is_some_and(|table| catalog.table(&table.name).is_some())
}

fn statistics(catalog: &Catalog) -> Vec<(&QualifiedName, &Statistics)> {
    catalog.statistics.values().map(|statistics| (&statistics.name, statistics)).collect()
}
