use std::fmt;

/// Something in which two catalogs differ.
///
/// Its `Display` is one clause, such as ``column `public.study.title`: default is `''`, was missing``.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What differs.
    pub object: Object,
    /// How.
    pub change: Change,
    /// SQL that makes it again, in the second database, as it is in the first; none where that can't be said without
    /// losing rows.
    pub mend: Vec<String>,
}

/// An object by kind and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Object {
    /// What it is: `table`, `column`, `foreign key`.
    pub kind: String,
    /// Its name, qualified: `public.study.title`; names of parts follow the table's.
    pub name: String,
}

/// How an object differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
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
            Change::Missing => write!(f, "{} is missing", self.object),
            Change::Added => write!(f, "{} is new", self.object),
            Change::Changed { aspect, before, after } => {
                write!(f, "{}: {aspect} is {}, was {}", self.object, Value(after), Value(before))
            }
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind, self.name)
    }
}

struct Value<'a>(&'a Option<String>);

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(value) => write!(f, "`{value}`"),
            None => f.write_str("missing"),
        }
    }
}
