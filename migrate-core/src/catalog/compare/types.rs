use std::collections::BTreeMap;

use super::comparison::{Comparison, object, pairs};
use super::difference::CatalogObject;
use crate::catalog::ddl::{comment, domain_check, type_grants, type_part, type_word};
use crate::catalog::types::{DataType, TypeKind};
use crate::text::quote;

impl Comparison<'_> {
    pub(super) fn types(&mut self) {
        let named = |types: &'_ BTreeMap<u32, DataType>| -> Vec<_> {
            types.values().map(|it| (it.name.clone(), it.clone())).collect()
        };
        let pairs = pairs(named(&self.before.catalog.types), named(&self.after.catalog.types));
        for (name, pair) in pairs {
            let object = object("type", name.to_string());
            match pair {
                (Some(before), Some(after)) => self.data_type(&object, &before, &after),
                (Some(before), None) => {
                    let fix = self.before.data_type(&before);
                    self.missing(object, fix);
                }
                (None, Some(after)) => {
                    self.unneeded(object, format!("DROP {} {}", type_word(&after), name.quoted()))
                }
                (None, None) => {}
            }
        }
    }

    fn data_type(&mut self, object: &CatalogObject, before: &DataType, after: &DataType) {
        let named = format!("{} {}", type_word(before), before.name.quoted());
        self.kind(object, before, after);
        self.owner(object, &named, (&before.owner, &after.owner));
        self.grants(object, &type_grants(before), (&before.grants, &after.grants));
        self.comment(object, &named, (&before.comment, &after.comment));
        for (part, texts) in pairs(&before.comments, &after.comments) {
            let part_object = super::comparison::object("part of type", format!("{}.{part}", object.name));
            let (text, now) = (texts.0.cloned(), texts.1.cloned());
            self.aspect(&part_object, "comment", (&text, &now), || {
                vec![comment(&type_part(before, part), text.as_deref())]
            });
        }
    }

    fn kind(&mut self, object: &CatalogObject, before: &DataType, after: &DataType) {
        let name = before.name.quoted();
        match (&before.kind, &after.kind) {
            (TypeKind::Enum(labels), TypeKind::Enum(now)) => {
                self.aspect(object, "labels", (labels, now), || add_labels(&name, labels, now));
            }
            (TypeKind::Composite(attributes), TypeKind::Composite(now)) => {
                let texts = (listed(attributes), listed(now));
                self.aspect(object, "attributes", (&texts.0, &texts.1), || {
                    change_attributes(&name, attributes, now)
                });
            }
            (TypeKind::Range(options), TypeKind::Range(now)) => {
                self.aspect(object, "options", (&listed(options), &listed(now)), Vec::new);
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
                let alter = format!("ALTER DOMAIN {name}");
                self.aspect(object, "type", (base, base_now), Vec::new);
                self.aspect(object, "collation", (collation, collation_now), Vec::new);
                self.aspect(object, "NOT NULL", (required, required_now), || {
                    vec![format!("{alter} {} NOT NULL", if *required { "SET" } else { "DROP" })]
                });
                self.aspect(object, "default", (default, default_now), || {
                    let set = default.as_ref().map(|value| format!("{alter} SET DEFAULT {value}"));
                    vec![set.unwrap_or_else(|| format!("{alter} DROP DEFAULT"))]
                });
                self.checks(before, checks, checks_now);
            }
            _ => self.aspect(object, "kind", (word(&before.kind), word(&after.kind)), Vec::new),
        }
    }

    fn checks(&mut self, domain: &DataType, before: &[(String, String)], after: &[(String, String)]) {
        let name = domain.name.quoted();
        let both = |(check, definition): &(String, String)| (check.clone(), definition.clone());
        for (check, pair) in pairs(before.iter().map(both), after.iter().map(both)) {
            let object = object("constraint", format!("{}.{check}", domain.name));
            let drop = format!("ALTER DOMAIN {name} DROP CONSTRAINT {}", quote::identifier(&check));
            match pair {
                (Some(before), Some(after)) => self.aspect(&object, "definition", (&before, &after), || {
                    vec![drop, domain_check(&name, &check, &before)]
                }),
                (Some(before), None) => self.missing(object, vec![domain_check(&name, &check, &before)]),
                (None, _) => self.added(object, drop),
            }
        }
    }
}

fn word(kind: &TypeKind) -> &'static str {
    match kind {
        TypeKind::Enum(_) => "enum",
        TypeKind::Domain { .. } => "domain",
        TypeKind::Composite(_) => "composite",
        TypeKind::Range(_) => "range",
    }
}

fn listed(pairs: &[(String, String)]) -> Vec<String> {
    pairs.iter().map(|(name, value)| format!("{name} {value}")).collect()
}

/// Labels can be added, but never removed.
fn add_labels(name: &str, before: &[String], after: &[String]) -> Vec<String> {
    if after.iter().any(|label| !before.contains(label)) {
        return Vec::new();
    }
    let mut above: Option<&String> = None;
    let mut statements = Vec::new();
    for label in before {
        if !after.contains(label) {
            let place = match (above, after.first()) {
                (Some(above), _) => format!(" AFTER {}", quote::literal(above)),
                (None, Some(first)) => format!(" BEFORE {}", quote::literal(first)),
                (None, None) => String::new(),
            };
            statements.push(format!("ALTER TYPE {name} ADD VALUE {}{place}", quote::literal(label)));
        }
        above = Some(label);
    }
    statements
}

fn change_attributes(name: &str, before: &[(String, String)], after: &[(String, String)]) -> Vec<String> {
    let both = |(attribute, kind): &(String, String)| (attribute.clone(), kind.clone());
    let pairs = pairs(before.iter().map(both), after.iter().map(both));
    let changes = pairs.into_iter().filter_map(|(attribute, pair)| {
        let attribute = quote::identifier(&attribute);
        match pair {
            (Some(before), Some(after)) if before == after => None,
            (Some(before), Some(_)) => {
                Some(format!("ALTER TYPE {name} ALTER ATTRIBUTE {attribute} TYPE {before}"))
            }
            (Some(before), None) => Some(format!("ALTER TYPE {name} ADD ATTRIBUTE {attribute} {before}")),
            (None, _) => Some(format!("ALTER TYPE {name} DROP ATTRIBUTE {attribute}")),
        }
    });
    changes.collect()
}
