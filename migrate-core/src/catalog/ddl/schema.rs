use super::comment::{comment, comments};
use super::grant::Grants;
use super::script::DdlScript;
use crate::catalog::namespace::{Extension, Namespace};
use crate::text::quote;

/// The schema that every new database has: name, owner and comment.
const PUBLIC: (&str, &str, &str) = ("public", "pg_database_owner", "standard public schema");

impl DdlScript<'_> {
    pub(super) fn schemas(&self) -> Vec<String> {
        let schemas = &self.catalog.namespaces;
        let mut statements: Vec<String> =
            schemas.iter().flat_map(|(name, schema)| self.schema(name, schema)).collect();
        if !schemas.contains_key(PUBLIC.0) {
            statements.push("DROP SCHEMA IF EXISTS \"public\"".to_owned());
        }
        statements
    }

    fn schema(&self, name: &str, schema: &Namespace) -> Vec<String> {
        if name == PUBLIC.0 { self.public(schema) } else { self.create_schema(name, schema) }
    }

    pub(in crate::catalog) fn create_schema(&self, name: &str, schema: &Namespace) -> Vec<String> {
        let object = format!("SCHEMA {}", quote::identifier(name));
        let mut statements = vec![format!("CREATE {object}")];
        if self.access {
            statements.push(self.owner(&object, &schema.owner));
            let grants = self.schema_grants(name, schema);
            statements.extend(self.granted(&grants, schema.grants.as_ref(), ("SCHEMAS", name)));
        }
        statements.extend(comments(&object, schema.comment.as_ref()));
        statements
    }

    /// The statements that change the existing schema into this one.
    fn public(&self, schema: &Namespace) -> Vec<String> {
        let (object, mut statements) = (format!("SCHEMA {}", quote::identifier(PUBLIC.0)), Vec::new());
        if self.access && schema.owner != PUBLIC.1 {
            statements.push(self.owner(&object, &schema.owner));
        }
        let stock = vec![format!("=U/{}", PUBLIC.1), format!("{0}=UC/{0}", PUBLIC.1)];
        if self.access && schema.grants.as_ref() != Some(&stock) {
            statements.push(format!("REVOKE ALL ON {object} FROM PUBLIC"));
            statements.extend(self.schema_grants(PUBLIC.0, schema).statements(schema.grants.as_ref(), true));
        }
        if schema.comment.as_deref() != Some(PUBLIC.2) {
            statements.push(comment(&object, schema.comment.as_deref()));
        }
        statements
    }

    pub(in crate::catalog) fn schema_grants<'s>(&self, name: &str, schema: &'s Namespace) -> Grants<'s> {
        Grants {
            on: format!("SCHEMA {}", quote::identifier(name)),
            column: None,
            owner: &schema.owner,
            defaults: ("UC", ""),
        }
    }

    pub(in crate::catalog) fn owner(&self, object: &str, owner: &str) -> String {
        format!("ALTER {object} OWNER TO {}", quote::identifier(owner))
    }

    pub(super) fn extensions(&self) -> Vec<String> {
        let (mut left, mut statements) = (self.catalog.extensions.iter().collect::<Vec<_>>(), Vec::new());
        while !left.is_empty() {
            let waits = |extension: &Extension| {
                extension.requires.iter().any(|needed| left.iter().any(|(name, _)| *name == needed))
            };
            // Each comes after those that it needs, of which none needs it.
            let next = left.iter().position(|(_, extension)| !waits(extension)).unwrap_or_default();
            let (name, extension) = left.remove(next);
            statements.extend(self.extension(name, extension));
        }
        statements
    }

    pub(in crate::catalog) fn extension(&self, name: &str, extension: &Extension) -> Vec<String> {
        let object = format!("EXTENSION {}", quote::identifier(name));
        let (schema, version) = (quote::identifier(&extension.schema), quote::literal(&extension.version));
        let create = format!("CREATE {object} SCHEMA {schema} VERSION {version}");
        vec![create, comment(&object, extension.comment.as_deref())]
    }
}
