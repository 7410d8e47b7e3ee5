use super::alteration::{Alteration, alter_comment};
use crate::catalog::ddl::{comment, function_grants, signature, type_grants, type_part, type_word};
use crate::catalog::difference::CatalogObject;
use crate::catalog::difference::pairs;
use crate::catalog::namespace::QualifiedName;
use crate::catalog::operation::node::Node;
use crate::catalog::operation::operation::Action;
use crate::catalog::operation::transition::Transition;
use crate::catalog::types::{DataType, TypeKind};
use crate::text::quote;

impl<'a> Transition<'a> {
    pub(super) fn alter_type(&self, name: &'a QualifiedName) -> Option<Vec<Alteration>> {
        let (was, is) = (*self.from.types.get(name)?, *self.to.types.get(name)?);
        let named = format!("{} {}", type_word(is), name.quoted());
        let mut all = vec![alter_kind(was, is)];
        all.extend(self.alter_owner(&named, (&was.owner, &is.owner)));
        all.push(self.alter_grants(&type_grants(is), (&was.grants, &is.grants)));
        all.push(alter_comment(&named, (&was.comment, &is.comment)));
        for (part, (was, text)) in pairs(&was.comments, &is.comments) {
            let stays = !self.creates(Node::DomainCheck(name, part));
            if was != text && has_part(is, part) && stays {
                let statement = comment(&type_part(is, part), text.map(String::as_str));
                let object =
                    CatalogObject { kind: "part of type".to_owned(), name: format!("{name}.{part}") };
                let alteration = Alteration::of(vec![statement]);
                all.push(Alteration { action: Action::Comment, part: Some(object), ..alteration });
            }
        }
        Some(all)
    }

    pub(super) fn alter_function(&self, name: &QualifiedName, types: &str) -> Option<Vec<Alteration>> {
        let (was, is) = (*self.from.functions.get(&(name, types))?, *self.to.functions.get(&(name, types))?);
        let changed = was.definition != is.definition;
        let replace = changed.then(|| is.definition.trim_end().to_owned());
        let named = signature(is);
        let mut all = vec![Alteration::of(replace.into_iter().collect())];
        all.extend(self.alter_owner(&named, (&was.owner, &is.owner)));
        all.push(self.alter_grants(&function_grants(is), (&was.grants, &is.grants)));
        all.push(alter_comment(&named, (&was.comment, &is.comment)));
        Some(all)
    }
}

fn has_part(data_type: &DataType, part: &str) -> bool {
    match &data_type.kind {
        TypeKind::Composite(parts) | TypeKind::Domain { checks: parts, .. } => {
            parts.iter().any(|(name, _)| name == part)
        }
        _ => false,
    }
}

fn alter_kind(was: &DataType, is: &DataType) -> Alteration {
    let name = is.name.quoted();
    match (&was.kind, &is.kind) {
        (TypeKind::Enum(was), TypeKind::Enum(is)) => Alteration::committed(add_labels(&name, was, is)),
        (TypeKind::Composite(was), TypeKind::Composite(is)) => {
            Alteration::of(change_attributes(&name, was, is))
        }
        (
            TypeKind::Domain { required, default, .. },
            TypeKind::Domain { required: required_now, default: default_now, .. },
        ) => {
            let (alter, mut statements) = (format!("ALTER DOMAIN {name}"), Vec::new());
            if default != default_now {
                let set = default_now.as_ref().map(|value| format!("{alter} SET DEFAULT {value}"));
                statements.push(set.unwrap_or_else(|| format!("{alter} DROP DEFAULT")));
            }
            if required != required_now {
                let word = if *required_now { "SET" } else { "DROP" };
                statements.push(format!("{alter} {word} NOT NULL"));
            }
            Alteration::of(statements)
        }
        _ => Alteration::of(Vec::new()),
    }
}

/// Adds labels, each after the one above it.
fn add_labels(name: &str, was: &[String], is: &[String]) -> Vec<String> {
    let mut above: Option<&String> = None;
    let mut statements = Vec::new();
    for label in is {
        if !was.contains(label) {
            let place = match (above, was.first()) {
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

fn change_attributes(name: &str, was: &[(String, String)], is: &[(String, String)]) -> Vec<String> {
    let gone = was.iter().filter(|attribute| !is.contains(attribute));
    let gone = gone.map(|(name, _)| format!("DROP ATTRIBUTE {}", quote::identifier(name)));
    let new = is.iter().filter(|attribute| !was.contains(attribute));
    let new = new.map(|(name, kind)| format!("ADD ATTRIBUTE {} {kind}", quote::identifier(name)));
    gone.chain(new).map(|change| format!("ALTER TYPE {name} {change}")).collect()
}
