use crate::error::Error;
use crate::facts::document::DocumentNode;
use crate::facts::values::{Scalar, Value};

/// When a constraint is checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Deferrable {
    /// NOT DEFERRABLE: at the end of each statement.
    #[default]
    No,
    /// DEFERRABLE: a transaction may delay it to its end.
    Immediate,
    /// DEFERRABLE INITIALLY DEFERRED: at the end of each transaction.
    Deferred,
}

impl Deferrable {
    pub(crate) fn read(node: &DocumentNode) -> Result<Deferrable, Error> {
        match node.scalar() {
            Some(Scalar::Bool(true)) => return Ok(Deferrable::Immediate),
            Some(Scalar::Bool(false)) => return Ok(Deferrable::No),
            _ => {}
        }
        match node.text()?.to_lowercase().as_str() {
            "initially immediate" => Ok(Deferrable::Immediate),
            "initially deferred" => Ok(Deferrable::Deferred),
            word => Err(node
                .error(format!("`{word}` does not say when the constraint is checked"))
                .help("it is `true`, `false` or `initially deferred`")),
        }
    }

    /// Its word or value in facts; `None` for the default.
    pub(crate) fn words(self) -> Option<Value> {
        match self {
            Deferrable::No => None,
            Deferrable::Immediate => Some(true.into()),
            Deferrable::Deferred => Some("initially deferred".into()),
        }
    }

    /// Its clause of a constraint, with a space before it.
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Deferrable::No => "",
            Deferrable::Immediate => " DEFERRABLE",
            Deferrable::Deferred => " DEFERRABLE INITIALLY DEFERRED",
        }
    }

    /// DEFERRABLE, and INITIALLY DEFERRED.
    pub(crate) fn flags(self) -> (bool, bool) {
        (self != Deferrable::No, self == Deferrable::Deferred)
    }
}
