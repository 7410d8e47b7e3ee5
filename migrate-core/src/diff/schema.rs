use super::{Action, Hazard, Planner, Stop};
use crate::catalog::Namespace;
use crate::facts::Schema;
use crate::quote;

impl Planner {
    pub(super) fn schema(&mut self, fact: &Schema) -> Result<(), Stop> {
        let known = self.catalog.namespaces.contains_key(&fact.schema);
        let name = quote::identifier(&fact.schema);
        match (known, fact.present) {
            (true, true) | (false, false) => {}
            (false, true) => {
                self.push(Action::Create, fact.schema.clone(), format!("CREATE SCHEMA {name}"), &[]);
                self.catalog.namespaces.insert(fact.schema.clone(), Namespace::default());
            }
            (true, false) => {
                // RESTRICT: what is in it would go too.
                self.push(Action::Drop, fact.schema.clone(), format!("DROP SCHEMA {name}"), &[Hazard::Loses]);
                self.catalog.namespaces.remove(&fact.schema);
            }
        }
        Ok(())
    }
}
