use super::comparison::{Comparison, FixPhase, first, object, pairs};
use super::difference::CatalogObject;
use super::table::TableWithOid;
use crate::catalog::constraint::{Constraint, ConstraintKind};
use crate::catalog::ddl::{
    attach_index, constraint_object, index_name, parameters, policy_object, rule_object, set_enabled,
    set_rule_enabled, trigger_object,
};
use crate::catalog::index::Index;
use crate::catalog::table::Table;
use crate::text::quote;

impl Comparison<'_> {
    pub(crate) fn constraints(&mut self, (_, was): TableWithOid<'_>, (_, is): TableWithOid<'_>) {
        for (name, pair) in pairs(&was.constraints, &is.constraints) {
            let drop =
                format!("ALTER TABLE {} DROP CONSTRAINT {}", is.name.quoted(), quote::identifier(name));
            match pair {
                (Some(before), Some(after)) => {
                    let object = part(constraint_word(before), was, name);
                    let create = self.before.constraint(was, name, before);
                    self.definition(&object, (&before.definition, &after.definition), &drop, &create);
                    self.aspect(&object, "inherited", (&before.inherited, &after.inherited), Vec::new);
                    self.comment(&object, &constraint_object(was, name), (&before.comment, &after.comment));
                }
                (Some(before), None) => {
                    let fix = self.before.constraint(was, name, before);
                    self.missing(part(constraint_word(before), was, name), fix);
                }
                (None, Some(after)) => self.added(part(constraint_word(after), was, name), drop),
                (None, None) => {}
            }
        }
    }

    pub(crate) fn indexes(&mut self, (_, was): TableWithOid<'_>, (_, is): TableWithOid<'_>) {
        for (name, pair) in pairs(&was.indexes, &is.indexes) {
            let object = part("index", was, name);
            let drop = format!("DROP INDEX {}", index_name(is, name));
            match pair {
                (Some(before), Some(after)) => self.index(&object, (was, name), before, after, &drop),
                (Some(Index { constraint: Some(_), .. }), None)
                | (None, Some(Index { constraint: Some(_), .. })) => {}
                (Some(before), None) => {
                    let mut fix = self.before.index(was, name, before);
                    fix.extend(before.part_of.as_ref().map(|whole| attach_index(was, name, whole)));
                    self.missing(object, fix);
                }
                (None, _) => self.added(object, drop),
            }
        }
    }

    fn index(
        &mut self,
        object: &CatalogObject,
        (table, name): (&Table, &str),
        before: &Index,
        after: &Index,
        drop: &str,
    ) {
        let named = format!("INDEX {}", index_name(table, name));
        // The index of a constraint is compared with the constraint.
        let free = before.constraint.is_none() && after.constraint.is_none();
        if free {
            let create = self.before.index(table, name, before);
            self.definition(object, (&before.definition, &after.definition), drop, &create);
        } else {
            self.aspect(object, "options", (&before.options, &after.options), || {
                match before.options.is_empty() {
                    false => vec![format!("ALTER {named} SET ({})", parameters(&before.options))],
                    true => after
                        .options
                        .iter()
                        .filter_map(|option| Some(option.split_once('=')?.0))
                        .map(|name| format!("ALTER {named} RESET ({})", quote::identifier(name)))
                        .collect(),
                }
            });
        }
        self.aspect(object, "valid", (&before.valid, &after.valid), || match before.valid {
            true => vec![format!("REINDEX {named}")],
            false => Vec::new(),
        });
        let whole = |index: &Index| index.part_of.as_ref().map(ToString::to_string);
        self.aspect(object, "part of", (&whole(before), &whole(after)), || {
            before.part_of.iter().map(|whole| attach_index(table, name, whole)).collect()
        });
        self.comment(object, &named, (&before.comment, &after.comment));
    }

    pub(crate) fn triggers(&mut self, was: &Table, is: &Table) {
        for (name, pair) in pairs(&was.triggers, &is.triggers) {
            let (object, named) = (part("trigger", was, name), trigger_object(was, name));
            let drop = format!("DROP {named}");
            let both =
                self.both(FixPhase::Change, (&object, &drop), pair, |ddl, it| ddl.trigger(was, name, it));
            let Some((before, after)) = both else { continue };
            let create = self.before.trigger(was, name, before);
            self.definition(&object, (&before.definition, &after.definition), &drop, &create);
            self.aspect(&object, "enabled", (&before.enabled, &after.enabled), || {
                vec![set_enabled(was, name, before)]
            });
            self.aspect(&object, "inherited", (&before.inherited, &after.inherited), Vec::new);
            self.comment(&object, &named, (&before.comment, &after.comment));
        }
    }

    pub(crate) fn rules(&mut self, was: &Table, is: &Table) {
        for (name, pair) in pairs(&was.rules, &is.rules) {
            let (object, named) = (part("rule", was, name), rule_object(was, name));
            let drop = format!("DROP {named}");
            let both = self.both(FixPhase::Change, (&object, &drop), pair, |ddl, it| ddl.rule(was, name, it));
            let Some((before, after)) = both else { continue };
            let create = self.before.rule(was, name, before);
            self.definition(&object, (&before.definition, &after.definition), &drop, &create);
            self.aspect(&object, "enabled", (&before.enabled, &after.enabled), || {
                vec![set_rule_enabled(was, name, before)]
            });
            self.comment(&object, &named, (&before.comment, &after.comment));
        }
    }

    pub(crate) fn policies(&mut self, was: &Table, is: &Table) {
        for (name, pair) in pairs(&was.policies, &is.policies) {
            let (object, named) = (part("policy", was, name), policy_object(was, name));
            let drop = format!("DROP {named}");
            let both =
                self.both(FixPhase::Change, (&object, &drop), pair, |ddl, it| ddl.policy(was, name, it));
            let Some((before, after)) = both else { continue };
            let create = self.before.policy(was, name, before);
            let now = self.before.policy(was, name, after);
            self.definition(&object, (first(&create), first(&now)), &drop, &create);
            self.comment(&object, &named, (&before.comment, &after.comment));
        }
    }
}

fn part(kind: &str, table: &Table, name: &str) -> CatalogObject {
    object(kind, format!("{}.{name}", table.name))
}

fn constraint_word(constraint: &Constraint) -> &'static str {
    match constraint.kind {
        ConstraintKind::Primary => "primary key",
        ConstraintKind::Unique => "unique constraint",
        ConstraintKind::Foreign(_) => "foreign key",
        ConstraintKind::Check => "check",
        ConstraintKind::Exclude => "exclusion constraint",
    }
}
