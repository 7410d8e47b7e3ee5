use super::comment::{comment, comments};
use super::{Ddl, Grants};
use crate::catalog::{Extension, Namespace};
use crate::quote;

/// The schema that every new database has, and whose it is there.
pub(in crate::catalog) const PUBLIC: (&str, &str, &str) =
    ("public", "pg_database_owner", "standard public schema");

impl Ddl<'_> {
    pub(super) fn schemas(&self) -> Vec<String> {
        let schemas = &self.catalog.namespaces;
        let mut statements: Vec<String> =
            schemas.iter().flat_map(|(name, schema)| self.schema(name, schema)).collect();
        if !schemas.contains_key(PUBLIC.0) {
            statements.push("DROP SCHEMA IF EXISTS \"public\"".to_owned());
        }
        statements
    }

    pub(in crate::catalog) fn schema(&self, name: &str, schema: &Namespace) -> Vec<String> {
        let quoted = quote::identifier(name);
        let public = name == PUBLIC.0;
        let mut statements = Vec::new();
        if !public {
            statements.push(format!("CREATE SCHEMA {quoted}"));
        }
        if self.access && !(public && schema.owner == PUBLIC.1) {
            statements.push(self.owner(&format!("SCHEMA {quoted}"), &schema.owner));
        }
        let stock = vec![format!("=U/{}", PUBLIC.1), format!("{0}=UC/{0}", PUBLIC.1)];
        if self.access && !(public && schema.grants.as_ref() == Some(&stock)) {
            let grants = self.schema_grants(name, schema);
            statements.extend(grants.statements(schema.grants.as_ref(), public));
        }
        match public {
            true if schema.comment.as_deref() == Some(PUBLIC.2) => {}
            true => statements.push(comment(&format!("SCHEMA {quoted}"), schema.comment.as_deref())),
            false => statements.extend(comments(&format!("SCHEMA {quoted}"), schema.comment.as_ref())),
        }
        statements
    }

    pub(in crate::catalog) fn schema_grants<'s>(&self, name: &str, schema: &'s Namespace) -> Grants<'s> {
        Grants {
            on: format!("SCHEMA {}", quote::identifier(name)),
            column: None,
            owner: &schema.owner,
            usual: ("UC", ""),
        }
    }

    pub(in crate::catalog) fn owner(&self, object: &str, owner: &str) -> String {
        format!("ALTER {object} OWNER TO {}", quote::identifier(owner))
    }

    pub(super) fn extensions(&self) -> Vec<String> {
        let extensions = self.catalog.extensions.iter();
        extensions.flat_map(|(name, extension)| self.extension(name, extension)).collect()
    }

    pub(in crate::catalog) fn extension(&self, name: &str, extension: &Extension) -> Vec<String> {
        let object = format!("EXTENSION {}", quote::identifier(name));
        let (schema, version) = (quote::identifier(&extension.schema), quote::literal(&extension.version));
        let create = format!("CREATE {object} SCHEMA {schema} VERSION {version}");
        vec![create, comment(&object, extension.comment.as_deref())]
    }
}
