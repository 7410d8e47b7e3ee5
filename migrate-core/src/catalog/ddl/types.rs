use super::comment::comments;
use super::grant::Grants;
use super::placeholder::shell;
use super::script::DdlScript;
use crate::catalog::types::{DataType, TypeKind};
use crate::text::quote;

impl DdlScript<'_> {
    pub(crate) fn data_type(&self, data_type: &DataType) -> Vec<String> {
        self.type_after(data_type, false)
    }

    /// The statement that creates a placeholder of it.
    pub(in crate::catalog) fn begin_type(&self, data_type: &DataType) -> String {
        match data_type.kind {
            TypeKind::Domain { .. } => create(data_type).into_iter().next().unwrap_or_default(),
            _ => shell(data_type),
        }
    }

    /// Its statements; `begun`, if it has a placeholder.
    pub(in crate::catalog) fn type_after(&self, data_type: &DataType, begun: bool) -> Vec<String> {
        let name = data_type.name.quoted();
        let object = format!("{} {name}", type_word(data_type));
        let mut statements = create(data_type);
        match &data_type.kind {
            TypeKind::Base(_) if !begun => statements.insert(0, shell(data_type)),
            TypeKind::Domain { .. } if begun => {
                statements.remove(0);
            }
            _ => {}
        }
        if self.access {
            statements.push(self.owner(&object, &data_type.owner));
            let kind = ("TYPES", data_type.name.schema.as_str());
            statements.extend(self.granted(&type_grants(data_type), data_type.grants.as_ref(), kind));
        }
        statements.extend(comments(&object, data_type.comment.as_ref()));
        for (part, text) in &data_type.comments {
            statements.extend(comments(&type_part(data_type, part), Some(text)));
        }
        statements
    }
}

/// An attribute or a constraint of it, as COMMENT names it.
pub(in crate::catalog) fn type_part(data_type: &DataType, part: &str) -> String {
    let (name, part) = (data_type.name.quoted(), quote::identifier(part));
    match &data_type.kind {
        TypeKind::Domain { .. } => format!("CONSTRAINT {part} ON DOMAIN {name}"),
        _ => format!("COLUMN {name}.{part}"),
    }
}

pub(in crate::catalog) fn type_word(data_type: &DataType) -> &'static str {
    if matches!(data_type.kind, TypeKind::Domain { .. }) { "DOMAIN" } else { "TYPE" }
}

pub(in crate::catalog) fn type_grants(data_type: &DataType) -> Grants<'_> {
    Grants {
        on: format!("TYPE {}", data_type.name.quoted()),
        column: None,
        owner: &data_type.owner,
        defaults: ("U", "U"),
    }
}

fn create(data_type: &DataType) -> Vec<String> {
    let name = data_type.name.quoted();
    match &data_type.kind {
        TypeKind::Enum(labels) => {
            let labels: Vec<String> = labels.iter().map(|label| quote::literal(label)).collect();
            vec![format!("CREATE TYPE {name} AS ENUM ({})", labels.join(", "))]
        }
        TypeKind::Composite(attributes) => {
            let attributes = attributes.iter();
            let attributes: Vec<String> =
                attributes.map(|(name, kind)| format!("\n    {} {kind}", quote::identifier(name))).collect();
            vec![format!("CREATE TYPE {name} AS ({}\n)", attributes.join(","))]
        }
        TypeKind::Shell => vec![shell(data_type)],
        TypeKind::Base(options) => vec![format!("CREATE TYPE {name} ({})", options.join(", "))],
        TypeKind::Range(options) => {
            let options: Vec<String> =
                options.iter().map(|(option, value)| format!("{option} = {value}")).collect();
            vec![format!("CREATE TYPE {name} AS RANGE ({})", options.join(", "))]
        }
        TypeKind::Domain { base, required, default, collation, checks } => {
            let mut text = format!("CREATE DOMAIN {name} AS {base}");
            for (word, value) in [(" COLLATE", collation), (" DEFAULT", default)] {
                if let Some(value) = value {
                    text.push_str(&format!("{word} {value}"));
                }
            }
            if *required {
                text.push_str(" NOT NULL");
            }
            let checks = checks.iter();
            let checks = checks.map(|(check, definition)| domain_check(&name, check, definition));
            std::iter::once(text).chain(checks).collect()
        }
    }
}

pub(in crate::catalog) fn domain_check(domain: &str, name: &str, definition: &str) -> String {
    format!("ALTER DOMAIN {domain} ADD CONSTRAINT {} {definition}", quote::identifier(name))
}
