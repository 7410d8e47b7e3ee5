use super::comparison::{Comparison, FixPhase, first, object, pairs};
use super::table::changed_options;
use crate::catalog::catalog::Catalog;
use crate::catalog::ddl::{enabled, server_grants, set_target, wrapper_grants};
use crate::catalog::namespace::{Oid, QualifiedName};
use crate::catalog::statistics::Statistics;
use crate::text::quote;

impl Comparison<'_> {
    pub(crate) fn foreign(&mut self) {
        for (name, pair) in pairs(&self.before.catalog.wrappers, &self.after.catalog.wrappers) {
            let object = object("foreign data wrapper", name);
            let named = format!("FOREIGN DATA WRAPPER {}", quote::identifier(name));
            let drop = format!("DROP {named}");
            let both =
                self.both(FixPhase::DropNewObjects, (&object, &drop), pair, |ddl, it| ddl.wrapper(name, it));
            let Some((before, after)) = both else { continue };
            self.aspect(&object, "handler", (&before.handler, &after.handler), Vec::new);
            self.aspect(&object, "validator", (&before.validator, &after.validator), Vec::new);
            self.aspect(&object, "options", (&before.options, &after.options), || {
                vec![format!("ALTER {named} OPTIONS ({})", changed_options(&before.options, &after.options))]
            });
            self.owner(&object, &named, (&before.owner, &after.owner));
            self.grants(&object, &wrapper_grants(name, before), (&before.grants, &after.grants));
            self.comment(&object, &named, (&before.comment, &after.comment));
        }
        self.servers();
    }

    fn servers(&mut self) {
        for (name, pair) in pairs(&self.before.catalog.servers, &self.after.catalog.servers) {
            let (object, named) = (object("server", name), format!("SERVER {}", quote::identifier(name)));
            let drop = format!("DROP {named}");
            let both =
                self.both(FixPhase::DropNewObjects, (&object, &drop), pair, |ddl, it| ddl.server(name, it));
            let Some((before, after)) = both else { continue };
            self.aspect(&object, "foreign data wrapper", (&before.wrapper, &after.wrapper), Vec::new);
            self.aspect(&object, "type", (&before.kind, &after.kind), Vec::new);
            self.aspect(&object, "version", (&before.version, &after.version), || {
                vec![format!("ALTER {named} VERSION {}", quote::optional(before.version.as_deref()))]
            });
            self.aspect(&object, "options", (&before.options, &after.options), || {
                vec![format!("ALTER {named} OPTIONS ({})", changed_options(&before.options, &after.options))]
            });
            self.owner(&object, &named, (&before.owner, &after.owner));
            self.grants(&object, &server_grants(name, before), (&before.grants, &after.grants));
            self.comment(&object, &named, (&before.comment, &after.comment));
        }
    }

    pub(crate) fn statistics(&mut self) {
        for (name, pair) in pairs(statistics(self.before.catalog), statistics(self.after.catalog)) {
            let (object, named) =
                (object("statistics", name.to_string()), format!("STATISTICS {}", name.quoted()));
            let drop = format!("DROP {named}");
            match pair {
                // Statistics are created and dropped with their table.
                (Some(before), None) if !has(self.after.catalog, self.before.catalog, before.table) => {
                    continue;
                }
                (None, Some(after)) if !has(self.before.catalog, self.after.catalog, after.table) => continue,
                _ => {}
            }
            let both =
                self.both(FixPhase::DropNewObjects, (&object, &drop), pair, |ddl, it| ddl.statistics(it));
            let Some((before, after)) = both else { continue };
            let create = self.before.statistics(before);
            self.definition(&object, (&before.definition, &after.definition), &drop, &create);
            self.aspect(&object, "target", (&before.target, &after.target), || vec![set_target(before)]);
            self.owner(&object, &named, (&before.owner, &after.owner));
            self.comment(&object, &named, (&before.comment, &after.comment));
        }
    }

    pub(crate) fn publications(&mut self) {
        for (name, pair) in pairs(&self.before.catalog.publications, &self.after.catalog.publications) {
            let (object, named) =
                (object("publication", name), format!("PUBLICATION {}", quote::identifier(name)));
            let drop = format!("DROP {named}");
            let both = self
                .both(FixPhase::DropNewObjects, (&object, &drop), pair, |ddl, it| ddl.publication(name, it));
            let Some((before, after)) = both else { continue };
            let create = self.before.publication(name, before);
            let now = self.before.publication(name, after);
            self.definition(&object, (first(&create), first(&now)), &drop, &create);
            self.owner(&object, &named, (&before.owner, &after.owner));
            self.comment(&object, &named, (&before.comment, &after.comment));
        }
    }

    pub(crate) fn event_triggers(&mut self) {
        for (name, pair) in pairs(&self.before.catalog.event_triggers, &self.after.catalog.event_triggers) {
            let (object, named) =
                (object("event trigger", name), format!("EVENT TRIGGER {}", quote::identifier(name)));
            let drop = format!("DROP {named}");
            let both = self.both(FixPhase::DropNewObjects, (&object, &drop), pair, |ddl, it| {
                ddl.event_trigger(name, it)
            });
            let Some((before, after)) = both else { continue };
            let create = self.before.event_trigger(name, before);
            let now = self.before.event_trigger(name, after);
            self.definition(&object, (first(&create), first(&now)), &drop, &create);
            self.aspect(&object, "enabled", (&before.enabled, &after.enabled), || {
                vec![format!("ALTER {named} {}", enabled(before.enabled))]
            });
            self.owner(&object, &named, (&before.owner, &after.owner));
            self.comment(&object, &named, (&before.comment, &after.comment));
        }
    }
}

/// Whether a catalog has the table that has this number in another catalog.
pub(crate) fn has(catalog: &Catalog, other: &Catalog, table: Oid) -> bool {
    other.tables.get(&table).is_some_and(|table| catalog.table(&table.name).is_some())
}

fn statistics(catalog: &Catalog) -> Vec<(&QualifiedName, &Statistics)> {
    catalog.statistics.values().map(|statistics| (&statistics.name, statistics)).collect()
}
