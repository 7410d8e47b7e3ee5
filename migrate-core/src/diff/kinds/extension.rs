use crate::catalog;
use crate::diff::change::ChangeAction;
use crate::diff::planner::Planner;
use crate::diff::question::Interruption;
use crate::facts::ExtensionFact;
use crate::text::quote;

impl Planner {
    pub(crate) fn extension(&mut self, fact: &ExtensionFact) -> Result<(), Interruption> {
        let name = quote::identifier(&fact.extension);
        let known = self.catalog.extensions.get(&fact.extension).cloned();
        match (known, fact.present) {
            (None, false) => {}
            (Some(_), false) => {
                self.push(ChangeAction::Drop, fact.extension.clone(), format!("DROP EXTENSION {name}"), &[]);
                self.catalog.extensions.remove(&fact.extension);
            }
            (None, true) => self.create_extension(fact, &name),
            (Some(known), true) => self.keep_extension(fact, &name, known),
        }
        Ok(())
    }

    fn create_extension(&mut self, fact: &ExtensionFact, name: &str) {
        let schema = fact.schema.as_ref().map(|schema| format!(" SCHEMA {}", quote::identifier(schema)));
        let version = fact.version.as_ref().map(|version| format!(" VERSION {}", quote::literal(version)));
        let sql =
            format!("CREATE EXTENSION {name}{}{}", schema.unwrap_or_default(), version.unwrap_or_default());
        self.push(ChangeAction::Create, fact.extension.clone(), sql, &[]);
        let extension = catalog::Extension {
            requires: Vec::new(),
            version: fact.version.clone().unwrap_or_default(),
            schema: fact.schema.clone().unwrap_or_else(|| self.schema.clone()),
            ..catalog::Extension::default()
        };
        self.catalog.extensions.insert(fact.extension.clone(), extension);
    }

    fn keep_extension(&mut self, fact: &ExtensionFact, name: &str, mut known: catalog::Extension) {
        if let Some(version) = fact.version.as_ref().filter(|version| **version != known.version) {
            let sql = format!("ALTER EXTENSION {name} UPDATE TO {}", quote::literal(version));
            self.push(ChangeAction::Alter, fact.extension.clone(), sql, &[]);
            // Other objects, or the same in another schema.
            self.mark_outdated();
            known.version.clone_from(version);
        }
        if let Some(schema) = fact.schema.as_ref().filter(|schema| **schema != known.schema) {
            let sql = format!("ALTER EXTENSION {name} SET SCHEMA {}", quote::identifier(schema));
            self.push(ChangeAction::Alter, fact.extension.clone(), sql, &[]);
            // Other objects, or the same in another schema.
            self.mark_outdated();
            known.schema.clone_from(schema);
        }
        self.catalog.extensions.insert(fact.extension.clone(), known);
    }
}
