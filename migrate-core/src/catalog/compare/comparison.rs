use crate::catalog::catalog::Catalog;
use crate::catalog::ddl::{DdlScript, enabled};
use crate::catalog::difference::{self, CatalogObject, Difference, DifferenceKind};

/// The two catalogs, and in what they differ.
pub(super) struct Comparison<'a> {
    pub(super) before: DdlScript<'a>,
    pub(super) after: DdlScript<'a>,
    pub(super) differences: Vec<Difference>,
}

impl<'a> Comparison<'a> {
    pub(super) fn of(before: &'a Catalog, after: &'a Catalog) -> Comparison<'a> {
        Comparison { before: before.ddl(), after: after.ddl(), differences: Vec::new() }
    }

    pub(super) fn missing(&mut self, object: CatalogObject) {
        self.differences.push(Difference::of(object, DifferenceKind::Missing));
    }

    pub(super) fn added(&mut self, object: CatalogObject) {
        self.differences.push(Difference::of(object, DifferenceKind::Added));
    }

    /// Returns both sides of an object. If there is only one, adds a difference: the object is missing, or it is new.
    pub(super) fn both<'v, V>(
        &mut self,
        object: &CatalogObject,
        pair: (Option<&'v V>, Option<&'v V>),
    ) -> Option<(&'v V, &'v V)> {
        match pair {
            (Some(before), Some(after)) => return Some((before, after)),
            (Some(_), None) => self.missing(object.clone()),
            (None, _) => self.added(object.clone()),
        }
        None
    }

    /// Compares one aspect of an object.
    pub(super) fn aspect<T: PartialEq + Show + ?Sized>(
        &mut self,
        object: &CatalogObject,
        aspect: &'static str,
        (before, after): (&T, &T),
    ) {
        // A comment is the same only word for word.
        let is_same = || {
            let texts = before.show().zip(after.show());
            aspect != "comment" && texts.is_some_and(|(before, after)| difference::is_same(&before, &after))
        };
        if before != after && !is_same() {
            let kind = DifferenceKind::Changed { aspect, before: before.show(), after: after.show() };
            self.differences.push(Difference::of(object.clone(), kind));
        }
    }

    pub(super) fn owner(&mut self, object: &CatalogObject, owners: (&str, &str)) {
        self.aspect(object, "owner", owners);
    }

    pub(super) fn comment(&mut self, object: &CatalogObject, comments: (&Option<String>, &Option<String>)) {
        self.aspect(object, "comment", comments);
    }

    pub(super) fn grants(
        &mut self,
        object: &CatalogObject,
        grants: (&Option<Vec<String>>, &Option<Vec<String>>),
    ) {
        self.aspect(object, "privileges", grants);
    }
}

/// A value as a difference shows it.
pub(super) trait Show {
    fn show(&self) -> Option<String>;
}

impl Show for str {
    fn show(&self) -> Option<String> {
        Some(self.to_owned())
    }
}

impl Show for String {
    fn show(&self) -> Option<String> {
        Some(self.clone())
    }
}

impl<T: Show> Show for Option<T> {
    fn show(&self) -> Option<String> {
        self.as_ref().and_then(Show::show)
    }
}

impl Show for Vec<String> {
    fn show(&self) -> Option<String> {
        if self.is_empty() { None } else { Some(self.join(", ")) }
    }
}

impl Show for bool {
    fn show(&self) -> Option<String> {
        Some(if *self { "on" } else { "off" }.to_owned())
    }
}

impl Show for i16 {
    fn show(&self) -> Option<String> {
        Some(self.to_string())
    }
}

/// Whether triggers and rules are enabled.
impl Show for char {
    fn show(&self) -> Option<String> {
        Some(enabled(*self).to_owned())
    }
}

pub(super) fn object(kind: &str, name: impl Into<String>) -> CatalogObject {
    CatalogObject { kind: kind.to_owned(), name: name.into() }
}

/// The statement that creates an object, without the statements after it.
pub(super) fn first(statements: &[String]) -> &str {
    statements.first().map_or("", String::as_str)
}
