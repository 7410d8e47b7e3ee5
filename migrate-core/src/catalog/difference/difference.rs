use std::fmt;

use super::lines::lines;

/// One difference between two catalogs.
///
/// Its `Display` is one clause, such as ``column `public.study.title`: default `''`, was none``.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// What differs.
    pub object: CatalogObject,
    /// How it differs.
    pub kind: DifferenceKind,
    /// SQL that changes the second database so that it equals the first. It runs after that of the differences before this
    /// one; the last difference has the rest. Empty if no SQL does it, or if the SQL before it does.
    pub fix: Vec<String>,
    /// Whether the SQL of the differences before this one takes it back too.
    pub done_above: bool,
}

/// An object by kind and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct CatalogObject {
    /// What it is: `table`, `column`, `foreign key`.
    pub kind: String,
    /// Its name, qualified: `public.study.title`; names of parts follow the table's.
    pub name: String,
}

/// How an object differs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DifferenceKind {
    /// The first catalog has it, the second does not.
    Missing,
    /// The second catalog has it, the first does not.
    Added,
    /// Both have it, and it differs in one respect.
    Changed {
        /// The respect: `type`, `owner`, `definition`.
        aspect: &'static str,
        /// What the first catalog says; `None` for nothing.
        before: Option<String>,
        /// What the second catalog says.
        after: Option<String>,
    },
}

impl DifferenceKind {
    /// One word for it: `missing`, `added` or `changed`.
    pub fn as_str(&self) -> &'static str {
        match self {
            DifferenceKind::Missing => "missing",
            DifferenceKind::Added => "added",
            DifferenceKind::Changed { .. } => "changed",
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            DifferenceKind::Missing => write!(f, "{} is missing", self.object),
            DifferenceKind::Added => write!(f, "{} is new", self.object),
            DifferenceKind::Changed { aspect, before, after } => {
                write!(f, "{}: ", self.object)?;
                match (before, after) {
                    (Some(before), Some(after)) if is_short(before) && is_short(after) => {
                        write!(f, "{aspect} `{after}`, was `{before}`")
                    }
                    (None, Some(after)) if is_short(after) => write!(f, "{aspect} `{after}`, was none"),
                    (Some(before), None) if is_short(before) => write!(f, "no {aspect}, was `{before}`"),
                    _ => write!(f, "other {aspect}"),
                }
            }
        }
    }
}

impl Difference {
    pub(in crate::catalog) fn of(object: CatalogObject, kind: DifferenceKind) -> Difference {
        Difference { object, kind, fix: Vec::new(), done_above: false }
    }

    /// Whether two tables differ only in the order of their columns.
    pub fn is_column_order(&self) -> bool {
        matches!(self.kind, DifferenceKind::Changed { aspect: "order of columns", .. })
    }

    /// The lines that differ in a text of several lines, such as a view's query: `-` marks lines of the first catalog, `+`
    /// lines of the second.
    pub fn lines(&self) -> Option<String> {
        match &self.kind {
            DifferenceKind::Changed { before: Some(before), after: Some(after), .. }
                if !is_short(before) || !is_short(after) =>
            {
                Some(lines(before, after))
            }
            _ => None,
        }
    }
}

/// A clause is one line; longer texts are in `before` and `after`.
fn is_short(value: &str) -> bool {
    value.len() <= 120 && !value.contains('\n')
}

impl fmt::Display for CatalogObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind, self.name)
    }
}
