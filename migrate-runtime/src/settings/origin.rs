use std::fmt;
use std::path::PathBuf;

/// Where a value was given, for errors to name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Url,
    Pairs,
    Variable(&'static str),
    /// A file of services, and the line in it, from 1.
    Service(PathBuf, usize),
    Config,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Url => f.write_str("the URL"),
            Origin::Pairs => f.write_str("the connection string"),
            Origin::Variable(name) => write!(f, "the variable `{name}`"),
            Origin::Service(file, line) => write!(f, "line {line} of `{}`", file.display()),
            Origin::Config => f.write_str("the application's configuration"),
        }
    }
}
