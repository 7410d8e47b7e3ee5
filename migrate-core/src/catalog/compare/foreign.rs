use super::table::changed_options;
use super::{Comparison, object, pairs};
use crate::catalog::ddl::{server_grants, set_target, wrapper_grants};
use crate::catalog::{Catalog, Name, Oid, Statistics};
use crate::quote;

impl Comparison<'_> {
    pub(super) fn foreign(&mut self) {
        let wrappers = pairs(&self.before.catalog.wrappers, &self.after.catalog.wrappers);
        for (name, pair) in wrappers {
            let object = object("foreign data wrapper", name);
            let named = format!("FOREIGN DATA WRAPPER {}", quote::identifier(name));
            match pair {
                (Some(before), Some(after)) => {
                    self.aspect(&object, "handler", (&before.handler, &after.handler), Vec::new);
                    self.aspect(&object, "validator", (&before.validator, &after.validator), Vec::new);
                    self.aspect(&object, "options", (&before.options, &after.options), || {
                        vec![format!(
                            "ALTER {named} OPTIONS ({})",
                            changed_options(&before.options, &after.options)
                        )]
                    });
                    self.owner(&object, &named, (&before.owner, &after.owner));
                    self.grants(&object, &wrapper_grants(name, before), (&before.grants, &after.grants));
                    self.comment(&object, &named, (&before.comment, &after.comment));
                }
                (Some(before), None) => {
                    let mend = self.before.wrapper(name, before);
                    self.missing(object, mend);
                }
                (None, _) => self.unneeded(object, format!("DROP {named}")),
            }
        }
        self.servers();
    }

    fn servers(&mut self) {
        let servers = pairs(&self.before.catalog.servers, &self.after.catalog.servers);
        for (name, pair) in servers {
            let (object, named) = (object("server", name), format!("SERVER {}", quote::identifier(name)));
            match pair {
                (Some(before), Some(after)) => {
                    self.aspect(&object, "foreign data wrapper", (&before.wrapper, &after.wrapper), Vec::new);
                    self.aspect(&object, "type", (&before.kind, &after.kind), Vec::new);
                    self.aspect(&object, "version", (&before.version, &after.version), || {
                        vec![format!("ALTER {named} VERSION {}", quote::optional(before.version.as_deref()))]
                    });
                    self.aspect(&object, "options", (&before.options, &after.options), || {
                        vec![format!(
                            "ALTER {named} OPTIONS ({})",
                            changed_options(&before.options, &after.options)
                        )]
                    });
                    self.owner(&object, &named, (&before.owner, &after.owner));
                    self.grants(&object, &server_grants(name, before), (&before.grants, &after.grants));
                    self.comment(&object, &named, (&before.comment, &after.comment));
                }
                (Some(before), None) => {
                    let mend = self.before.server(name, before);
                    self.missing(object, mend);
                }
                (None, _) => self.unneeded(object, format!("DROP {named}")),
            }
        }
    }

    pub(super) fn statistics(&mut self) {
        for (name, pair) in pairs(statistics(self.before.catalog), statistics(self.after.catalog)) {
            let (object, named) =
                (object("statistics", name.to_string()), format!("STATISTICS {}", name.quoted()));
            match pair {
                (Some(before), Some(after)) => {
                    let mend = self.before.statistics(before);
                    self.aspect(&object, "definition", (&before.definition, &after.definition), || {
                        std::iter::once(format!("DROP {named}")).chain(mend).collect()
                    });
                    self.aspect(&object, "target", (&before.target, &after.target), || {
                        vec![set_target(before)]
                    });
                    self.owner(&object, &named, (&before.owner, &after.owner));
                    self.comment(&object, &named, (&before.comment, &after.comment));
                }
                // Those of a table come and go with it.
                (Some(before), None) if !has(self.after.catalog, self.before.catalog, before.table) => {}
                (None, Some(after)) if !has(self.before.catalog, self.after.catalog, after.table) => {}
                (Some(before), None) => {
                    let mend = self.before.statistics(before);
                    self.missing(object, mend);
                }
                (None, _) => self.unneeded(object, format!("DROP {named}")),
            }
        }
    }

    pub(super) fn publications(&mut self) {
        let publications = pairs(&self.before.catalog.publications, &self.after.catalog.publications);
        for (name, pair) in publications {
            let (object, named) =
                (object("publication", name), format!("PUBLICATION {}", quote::identifier(name)));
            match pair {
                (Some(before), Some(after)) => {
                    let create = |publication| {
                        self.before.publication(name, publication).into_iter().next().unwrap_or_default()
                    };
                    let texts = (create(before), create(after));
                    let mend = self.before.publication(name, before);
                    self.aspect(&object, "definition", (&texts.0, &texts.1), || {
                        std::iter::once(format!("DROP {named}")).chain(mend).collect()
                    });
                    self.owner(&object, &named, (&before.owner, &after.owner));
                    self.comment(&object, &named, (&before.comment, &after.comment));
                }
                (Some(before), None) => {
                    let mend = self.before.publication(name, before);
                    self.missing(object, mend);
                }
                (None, _) => self.unneeded(object, format!("DROP {named}")),
            }
        }
    }

    pub(super) fn event_triggers(&mut self) {
        let triggers = pairs(&self.before.catalog.event_triggers, &self.after.catalog.event_triggers);
        for (name, pair) in triggers {
            let (object, named) =
                (object("event trigger", name), format!("EVENT TRIGGER {}", quote::identifier(name)));
            match pair {
                (Some(before), Some(after)) => {
                    let create = |trigger| {
                        self.before.event_trigger(name, trigger).into_iter().next().unwrap_or_default()
                    };
                    let texts = (create(before), create(after));
                    let mend = self.before.event_trigger(name, before);
                    self.aspect(&object, "definition", (&texts.0, &texts.1), || {
                        std::iter::once(format!("DROP {named}")).chain(mend).collect()
                    });
                    self.aspect(&object, "enabled", (&before.enabled, &after.enabled), || {
                        vec![format!("ALTER {named} {}", crate::catalog::ddl::enabled(before.enabled))]
                    });
                    self.owner(&object, &named, (&before.owner, &after.owner));
                    self.comment(&object, &named, (&before.comment, &after.comment));
                }
                (Some(before), None) => {
                    let mend = self.before.event_trigger(name, before);
                    self.missing(object, mend);
                }
                (None, _) => self.unneeded(object, format!("DROP {named}")),
            }
        }
    }
}

/// Whether a catalog has the table to which another has given that number.
pub(super) fn has(catalog: &Catalog, other: &Catalog, table: Oid) -> bool {
    other.tables.get(&table).is_some_and(|table| catalog.table(&table.name).is_some())
}

fn statistics(catalog: &Catalog) -> Vec<(&Name, &Statistics)> {
    catalog.statistics.values().map(|statistics| (&statistics.name, statistics)).collect()
}
