use crate::error::Error;
use crate::facts::document::DocumentNode;
use crate::facts::language::{
    Clauses, CollationName, ColumnDefault, DeclaredType, PrintedClauses, TableContext, TableName, label,
};

/// The column exists with this type, nullability, default and uniqueness.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnFact {
    /// The table that it belongs to.
    pub of: TableName,
    /// Its label, from which its name is made.
    pub label: String,
    /// Its type; may be absent only if `present` is false.
    pub kind: Option<DeclaredType>,
    /// Its collation, if it is not the type's own.
    pub collation: Option<CollationName>,
    /// The expression from which the server computes its values: GENERATED ALWAYS AS … STORED.
    pub generated: Option<String>,
    /// The value of a row that gives none.
    pub default: Option<ColumnDefault>,
    /// Former labels.
    pub was: Vec<String>,
    /// Whether it is NOT NULL.
    pub required: bool,
    /// Whether its values are unique.
    pub unique: bool,
    /// Its title, kept in its comment.
    pub title: Option<String>,
    /// The columns and links before it; inside `with`, all earlier ones too.
    pub after: Vec<String>,
    /// Whether it should exist.
    pub present: bool,
    /// Whether dropping values is intended.
    pub irreversible: bool,
}

impl ColumnFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<ColumnFact> {
        let present = clauses.present(&["irreversible"]);
        let field = clauses.field();
        let (kind, in_type) = clauses.needed("type", typed).unzip();
        let named = clauses.value("collation", CollationName::read);
        if named.is_some() && in_type.as_ref().is_some_and(Option::is_some) {
            clauses.problem_at("collation", "the type names a collation already", "keep one of the two");
        }
        let collation = named.or(in_type.flatten());
        let generated = clauses.value("generated", label::expression);
        if generated.is_some() && clauses.entry("default").is_some() {
            clauses.problem_at(
                "default",
                "a generated column has no default",
                "remove `default`: its values are computed",
            );
        }
        let default = clauses.value("default", |node| ColumnDefault::read(node, kind.as_ref()));
        let was = clauses.labels("was");
        let required = clauses.truth("required", true);
        let unique = clauses.truth("unique", false);
        let title = clauses.text("title");
        let after = after(&mut clauses, present);
        let irreversible = clauses.irreversible(present);
        clauses.finish();
        let (of, label) = field?;
        Some(ColumnFact {
            of,
            label,
            kind,
            collation,
            generated,
            default,
            was,
            required,
            unique,
            title,
            after,
            present,
            irreversible,
        })
    }

    pub(crate) fn print(&self, within: Option<&TableContext>) -> PrintedClauses {
        PrintedClauses::new("column", &self.label)
            .of(&self.of, within)
            .some("type", self.kind.as_ref().map(DeclaredType::words))
            .some("collation", self.collation.as_ref().map(CollationName::to_string))
            .some("generated", self.generated.as_ref())
            .some("default", self.default.as_ref().map(ColumnDefault::words))
            .list("was", &self.was)
            .unless("required", self.required, true)
            .unless("unique", self.unique, false)
            .some("title", self.title.as_ref())
            .list("after", &own(&self.after, within))
            .unless("present", self.present, true)
            .unless("irreversible", self.irreversible, false)
    }
}

/// A type, and the collation that follows it: `text COLLATE "C"`.
fn typed(node: &DocumentNode) -> Result<(DeclaredType, Option<CollationName>), Error> {
    let text = node.text().unwrap_or_default();
    let Some(at) = text.to_ascii_lowercase().find(" collate ") else {
        return DeclaredType::read(node).map(|kind| (kind, None));
    };
    let (kind, rest) = text.split_at_checked(at).unwrap_or((text, ""));
    let named = rest.get(" collate ".len()..).unwrap_or_default().trim();
    match CollationName::of_sql(named) {
        Some(collation) => Ok((DeclaredType::of(kind.trim()), Some(collation))),
        None => Err(node
            .error(format!("`{named}` is not the name of a collation"))
            .help("write its name as SQL does: `text COLLATE \"C\"`")),
    }
}

/// The fields before a column or link: the earlier ones of its `with`, then those that it names itself.
pub(crate) fn after(clauses: &mut Clauses<'_>, present: bool) -> Vec<String> {
    let named = clauses.labels("after");
    let earlier = clauses.within.filter(|_| present).map(|within| within.before.clone());
    let mut after = earlier.unwrap_or_default();
    for label in named {
        if !after.contains(&label) {
            after.push(label);
        }
    }
    after
}

/// The fields before it, without the earlier ones of its `with`.
pub(crate) fn own(after: &[String], within: Option<&TableContext>) -> Vec<String> {
    let earlier = |label: &&String| within.is_some_and(|within| within.before.contains(label));
    after.iter().filter(|label| !earlier(label)).cloned().collect()
}
