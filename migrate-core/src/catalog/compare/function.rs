use super::comparison::{Comparison, object, pairs};
use super::difference::{Difference, DifferenceKind};
use crate::catalog::catalog::Catalog;
use crate::catalog::ddl::{function_grants, signature};
use crate::catalog::function::{Function, FunctionKind};
use crate::catalog::namespace::{Oid, QualifiedName};
use crate::catalog::object_part::ObjectPart;

impl<'a> Comparison<'a> {
    pub(super) fn functions(&mut self) {
        for ((name, arguments), pair) in pairs(named(self.before.catalog), named(self.after.catalog)) {
            let object = object("function", format!("{name}({arguments})"));
            match pair {
                (Some((_, before)), Some((_, after))) => {
                    let named = signature(before);
                    self.aspect(&object, "definition", (&before.definition, &after.definition), || {
                        replace(before, after)
                    });
                    self.owner(&object, &named, (&before.owner, &after.owner));
                    self.grants(&object, &function_grants(before), (&before.grants, &after.grants));
                    self.comment(&object, &named, (&before.comment, &after.comment));
                }
                (Some((oid, before)), None) => {
                    let fix = self.before.function(before);
                    match self.needs_missing(oid) {
                        false => self.missing(object, fix),
                        true => {
                            let difference = Difference { object, kind: DifferenceKind::Missing, fix };
                            self.later.insert(ObjectPart::Function(oid), difference);
                        }
                    }
                }
                (None, Some((_, after))) => self.unneeded(object, format!("DROP {}", signature(after))),
                (None, None) => {}
            }
        }
    }
}

/// Functions by name and arguments, each with its number.
type Named<'a> = Vec<((&'a QualifiedName, &'a str), (Oid, &'a Function))>;

fn named(catalog: &Catalog) -> Named<'_> {
    let functions = catalog.functions.iter();
    functions
        .map(|(oid, function)| ((&function.name, function.arguments.as_str()), (*oid, function)))
        .collect()
}

fn replace(before: &Function, after: &Function) -> Vec<String> {
    let create = before.definition.trim_end().to_owned();
    match before.kind == after.kind && before.kind != FunctionKind::Aggregate {
        true => vec![create],
        false => vec![format!("DROP {}", signature(after)), create],
    }
}
