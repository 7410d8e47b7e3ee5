use std::collections::BTreeMap;

use super::comparison::{Comparison, object};
use crate::catalog::difference::CatalogObject;
use crate::catalog::difference::pairs;
use crate::catalog::namespace::{Oid, QualifiedName};
use crate::catalog::types::{DataType, TypeKind};

impl Comparison<'_> {
    pub(super) fn types(&mut self) {
        for (name, pair) in pairs(named(&self.before.catalog.types), named(&self.after.catalog.types)) {
            let object = object("type", name.to_string());
            let Some((before, after)) = self.both(&object, pair) else { continue };
            self.kind(&object, before, after);
            self.owner(&object, (&before.owner, &after.owner));
            self.grants(&object, (&before.grants, &after.grants));
            self.comment(&object, (&before.comment, &after.comment));
            for (part, texts) in pairs(&before.comments, &after.comments) {
                let part = super::comparison::object("part of type", format!("{}.{part}", object.name));
                self.aspect(&part, "comment", (&texts.0.cloned(), &texts.1.cloned()));
            }
        }
    }

    fn kind(&mut self, object: &CatalogObject, before: &DataType, after: &DataType) {
        match (&before.kind, &after.kind) {
            (TypeKind::Enum(labels), TypeKind::Enum(now)) => self.aspect(object, "labels", (labels, now)),
            (TypeKind::Composite(attributes), TypeKind::Composite(now)) => {
                self.aspect(object, "attributes", (&listed(attributes), &listed(now)));
            }
            (TypeKind::Base(options), TypeKind::Base(now)) => {
                self.aspect(object, "options", (options, now));
            }
            (TypeKind::Range(options), TypeKind::Range(now)) => {
                self.aspect(object, "options", (&listed(options), &listed(now)));
            }
            (
                TypeKind::Domain { base, required, default, collation, checks },
                TypeKind::Domain {
                    base: base_now,
                    required: required_now,
                    default: default_now,
                    collation: collation_now,
                    checks: checks_now,
                },
            ) => {
                self.aspect(object, "type", (base, base_now));
                self.aspect(object, "collation", (collation, collation_now));
                self.aspect(object, "NOT NULL", (required, required_now));
                self.aspect(object, "default", (default, default_now));
                self.checks(before, checks, checks_now);
            }
            _ => self.aspect(object, "kind", (word(&before.kind), word(&after.kind))),
        }
    }

    fn checks(&mut self, domain: &DataType, before: &[(String, String)], after: &[(String, String)]) {
        let both = |(check, definition): &'_ (String, String)| (check.clone(), definition.clone());
        for (check, pair) in pairs(before.iter().map(both), after.iter().map(both)) {
            let object = object("constraint", format!("{}.{check}", domain.name));
            let pair = (pair.0.as_ref(), pair.1.as_ref());
            let Some((before, after)) = self.both(&object, pair) else { continue };
            self.aspect(&object, "definition", (before, after));
        }
    }
}

fn named(types: &BTreeMap<Oid, DataType>) -> Vec<(&QualifiedName, &DataType)> {
    types.values().map(|data_type| (&data_type.name, data_type)).collect()
}

fn word(kind: &TypeKind) -> &'static str {
    match kind {
        TypeKind::Enum(_) => "enum",
        TypeKind::Domain { .. } => "domain",
        TypeKind::Composite(_) => "composite",
        TypeKind::Range(_) => "range",
        TypeKind::Base(_) => "base",
        TypeKind::Shell => "shell",
    }
}

fn listed(pairs: &[(String, String)]) -> Vec<String> {
    pairs.iter().map(|(name, value)| format!("{name} {value}")).collect()
}
