use std::fmt;

use super::lines::lines;

/// Something in which two catalogs differ.
///
/// Its `Display` is one clause, such as ``column `public.study.title`: default `''`, was none``.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What differs.
    pub object: ObjectName,
    /// How.
    pub change: DifferenceKind,
    /// SQL that makes it again, in the second database, as it is in the first; none where that can't be said without
    /// losing rows.
    pub mend: Vec<String>,
}

/// An object by kind and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName {
    /// What it is: `table`, `column`, `foreign key`.
    pub kind: String,
    /// Its name, qualified: `public.study.title`; names of parts follow the table's.
    pub name: String,
}

/// How an object differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DifferenceKind {
    /// The first catalog has it, the second does not.
    Missing,
    /// The second catalog has it, the first does not.
    Added,
    /// Both have it; what it is in one respect in the first and in the second.
    Changed {
        /// In which respect: `type`, `owner`, `definition`.
        aspect: &'static str,
        /// What the first catalog says; `None` for nothing.
        before: Option<String>,
        /// What the second catalog says.
        after: Option<String>,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.change {
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
    /// The lines that differ in something of several lines, such as a view's query: behind `-` what was, behind `+` what is.
    pub fn lines(&self) -> Option<String> {
        match &self.change {
            DifferenceKind::Changed { before: Some(before), after: Some(after), .. }
                if !is_short(before) || !is_short(after) =>
            {
                Some(lines(before, after))
            }
            _ => None,
        }
    }
}

/// A clause is one line; what is longer stands in `before` and `after`.
fn is_short(value: &str) -> bool {
    value.len() <= 120 && !value.contains('\n')
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind, self.name)
    }
}
