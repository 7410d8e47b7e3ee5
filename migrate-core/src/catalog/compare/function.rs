use super::comparison::{Comparison, object};
use crate::catalog::catalog::Catalog;
use crate::catalog::difference::pairs;
use crate::catalog::function::Function;
use crate::catalog::namespace::QualifiedName;

impl Comparison<'_> {
    pub(super) fn functions(&mut self) {
        for ((name, types), pair) in pairs(named(self.before.catalog), named(self.after.catalog)) {
            let object = object("function", format!("{name}({types})"));
            let Some((before, after)) = self.both(&object, pair) else { continue };
            self.aspect(&object, "definition", (&before.definition, &after.definition));
            self.owner(&object, (&before.owner, &after.owner));
            self.grants(&object, (&before.grants, &after.grants));
            self.comment(&object, (&before.comment, &after.comment));
        }
    }
}

/// Functions by name and the types of their arguments.
type Named<'a> = Vec<((&'a QualifiedName, &'a str), &'a Function)>;

fn named(catalog: &Catalog) -> Named<'_> {
    let functions = catalog.functions.values();
    functions.map(|function| ((&function.name, function.types.as_str()), function)).collect()
}
