use super::comparison::{Comparison, first, object};
use super::table::sorted;
use crate::catalog::difference::CatalogObject;
use crate::catalog::difference::pairs;
use crate::catalog::index::Index;
use crate::catalog::table::Table;

impl Comparison<'_> {
    pub(super) fn constraints(&mut self, was: &Table, is: &Table) {
        for (name, pair) in pairs(&was.constraints, &is.constraints) {
            let Some(word) = pair.0.or(pair.1).map(|constraint| constraint.word()) else { continue };
            let object = part(word, was, name);
            let Some((before, after)) = self.both(&object, pair) else { continue };
            self.aspect(&object, "definition", (&before.definition, &after.definition));
            self.aspect(&object, "inherited", (&before.inherited, &after.inherited));
            self.comment(&object, (&before.comment, &after.comment));
        }
    }

    pub(super) fn indexes(&mut self, was: &Table, is: &Table) {
        for (name, pair) in pairs(&was.indexes, &is.indexes) {
            let object = part("index", was, name);
            match pair {
                (Some(before), Some(after)) => self.index(&object, before, after),
                (Some(Index { constraint: Some(_), .. }), None)
                | (None, Some(Index { constraint: Some(_), .. })) => {}
                (Some(_), None) => self.missing(object),
                (None, _) => self.added(object),
            }
        }
    }

    fn index(&mut self, object: &CatalogObject, before: &Index, after: &Index) {
        // The index of a constraint is compared with the constraint.
        let free = before.constraint.is_none() && after.constraint.is_none();
        match free {
            true => self.aspect(object, "definition", (&before.definition, &after.definition)),
            false => self.aspect(object, "options", (&sorted(&before.options), &sorted(&after.options))),
        }
        self.aspect(object, "tablespace", (&before.tablespace, &after.tablespace));
        self.aspect(object, "statistics", (&targets(before), &targets(after)));
        self.aspect(object, "valid", (&before.valid, &after.valid));
        let whole = |index: &Index| index.part_of.as_ref().map(ToString::to_string);
        self.aspect(object, "part of", (&whole(before), &whole(after)));
        self.comment(object, (&before.comment, &after.comment));
    }

    pub(super) fn triggers(&mut self, was: &Table, is: &Table) {
        for (name, pair) in pairs(&was.triggers, &is.triggers) {
            let object = part("trigger", was, name);
            let Some((before, after)) = self.both(&object, pair) else { continue };
            self.aspect(&object, "definition", (&before.definition, &after.definition));
            self.aspect(&object, "enabled", (&before.enabled, &after.enabled));
            self.aspect(&object, "inherited", (&before.inherited, &after.inherited));
            self.comment(&object, (&before.comment, &after.comment));
        }
    }

    pub(super) fn rules(&mut self, was: &Table, is: &Table) {
        for (name, pair) in pairs(&was.rules, &is.rules) {
            let object = part("rule", was, name);
            let Some((before, after)) = self.both(&object, pair) else { continue };
            self.aspect(&object, "definition", (&before.definition, &after.definition));
            self.aspect(&object, "enabled", (&before.enabled, &after.enabled));
            self.comment(&object, (&before.comment, &after.comment));
        }
    }

    pub(super) fn policies(&mut self, was: &Table, is: &Table) {
        for (name, pair) in pairs(&was.policies, &is.policies) {
            let object = part("policy", was, name);
            let Some((before, after)) = self.both(&object, pair) else { continue };
            let create = self.before.policy(was, name, before);
            let now = self.before.policy(was, name, after);
            self.aspect(&object, "definition", (first(&create), first(&now)));
            self.comment(&object, (&before.comment, &after.comment));
        }
    }
}

/// Statistics targets by the number of the column.
fn targets(index: &Index) -> Vec<String> {
    index.statistics.iter().map(|(number, target)| format!("{number}: {target}")).collect()
}

fn part(kind: &str, table: &Table, name: &str) -> CatalogObject {
    object(kind, format!("{}.{name}", table.name))
}
