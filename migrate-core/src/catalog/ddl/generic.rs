use super::comment::comments;
use super::grant::Grants;
use super::script::DdlScript;
use crate::catalog::database::{GenericObject, Stage, designation};

impl DdlScript<'_> {
    /// The objects that come after all others.
    pub(super) fn late(&self) -> Vec<String> {
        let objects = self.catalog.objects.iter();
        let late = objects.filter(|(_, object)| match object.stage {
            Stage::InOrder => false,
            Stage::Late => true,
            Stage::Access => self.access,
        });
        late.flat_map(|((kind, name), object)| self.generic(kind, name, object)).collect()
    }

    /// The same for one of them.
    pub(in crate::catalog) fn late_object(&self, kind: &str, name: &str) -> Vec<String> {
        let object = self.catalog.objects.get(&(kind.to_owned(), name.to_owned()));
        let object = object.filter(|object| self.access || object.stage != Stage::Access);
        object.map(|object| self.generic(kind, name, object)).unwrap_or_default()
    }

    pub(in crate::catalog) fn generic(&self, kind: &str, name: &str, object: &GenericObject) -> Vec<String> {
        let mut statements = object.create.clone();
        let named = designation(kind, name);
        if let (true, Some(owner)) = (self.access, &object.owner) {
            statements.push(self.owner(&named, owner));
            statements.extend(generic_grants(&named, owner).statements(object.grants.as_ref(), false));
        }
        statements.extend(comments(&named, object.comment.as_ref()));
        statements
    }
}

impl GenericObject {
    /// Privileges on an object that exists already: from those that it came with to those that it has.
    pub fn privileges(
        on: String,
        column: Option<&str>,
        owner: &str,
        (initial, current): (&[String], &[String]),
    ) -> GenericObject {
        let grants = Grants { on, column, owner, defaults: ("", "") };
        GenericObject {
            create: grants.change(initial, current),
            drop: grants.change(current, initial),
            stage: Stage::Access,
            ..GenericObject::default()
        }
    }
}

/// Only languages have privileges.
pub(in crate::catalog) fn generic_grants<'o>(named: &str, owner: &'o str) -> Grants<'o> {
    Grants { on: named.to_owned(), column: None, owner, defaults: ("U", "U") }
}
