use super::comparison::Comparison;
use super::difference::CatalogObject;
use crate::catalog::ddl::{Grants, comment};
use crate::text::quote;

impl Comparison<'_> {
    /// The owner; `named` is the object as ALTER and COMMENT name it.
    pub(super) fn owner(&mut self, object: &CatalogObject, named: &str, (before, after): (&str, &str)) {
        self.aspect(object, "owner", (before, after), || {
            vec![format!("ALTER {named} OWNER TO {}", quote::identifier(before))]
        });
    }

    pub(super) fn comment(
        &mut self,
        object: &CatalogObject,
        named: &str,
        (before, after): (&Option<String>, &Option<String>),
    ) {
        self.aspect(object, "comment", (before, after), || vec![comment(named, before.as_deref())]);
    }

    pub(super) fn grants(
        &mut self,
        object: &CatalogObject,
        grants: &Grants<'_>,
        (before, after): (&Option<Vec<String>>, &Option<Vec<String>>),
    ) {
        self.aspect(object, "privileges", (before, after), || grants.fix(before.as_ref(), after.as_ref()));
    }
}
