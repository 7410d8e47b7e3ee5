use std::fmt;
use std::path::PathBuf;

/// Where a value was given, for errors to name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ValueOrigin {
    Url,
    Pairs,
    Variable(&'static str),
    /// A file of services, and the line in it, from 1.
    Service(PathBuf, usize),
    Config,
}

impl fmt::Display for ValueOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ValueOrigin::Url => f.write_str("the URL"),
            ValueOrigin::Pairs => f.write_str("the connection string"),
            ValueOrigin::Variable(name) => write!(f, "the variable `{name}`"),
            ValueOrigin::Service(file, line) => write!(f, "line {line} of `{}`", file.display()),
            ValueOrigin::Config => f.write_str("the application's configuration"),
        }
    }
}
