use crate::catalog::Namespace;
use crate::diff::change::{ChangeAction, ChangeHazard};
use crate::diff::planner::Planner;
use crate::diff::question::Interruption;
use crate::facts::SchemaFact;
use crate::text::quote;

impl Planner {
    pub(crate) fn schema(&mut self, fact: &SchemaFact) -> Result<(), Interruption> {
        let known = self.catalog.namespaces.contains_key(&fact.schema);
        let name = quote::identifier(&fact.schema);
        match (known, fact.present) {
            (true, true) | (false, false) => {}
            (false, true) => {
                self.push(ChangeAction::Create, fact.schema.clone(), format!("CREATE SCHEMA {name}"), &[]);
                self.catalog.namespaces.insert(fact.schema.clone(), Namespace::default());
            }
            (true, false) => {
                // RESTRICT: its contents must not be dropped with it.
                self.push(
                    ChangeAction::Drop,
                    fact.schema.clone(),
                    format!("DROP SCHEMA {name}"),
                    &[ChangeHazard::Loses],
                );
                self.catalog.namespaces.remove(&fact.schema);
            }
        }
        Ok(())
    }
}
