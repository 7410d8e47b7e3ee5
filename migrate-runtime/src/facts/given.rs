use migrate_core::Result;
use migrate_core::facts::{Fact, parse};

/// What a driver is given to deploy: YAML text, a fact, or a list of them.
pub trait Given {
    /// The facts.
    ///
    /// # Errors
    ///
    /// The text is no YAML, or no facts: every problem at once.
    fn facts(self) -> Result<Vec<Fact>>;
}

impl Given for &str {
    fn facts(self) -> Result<Vec<Fact>> {
        parse("<yaml>", self)
    }
}

impl Given for &String {
    fn facts(self) -> Result<Vec<Fact>> {
        self.as_str().facts()
    }
}

impl Given for Fact {
    fn facts(self) -> Result<Vec<Fact>> {
        Ok(vec![self])
    }
}

impl Given for Vec<Fact> {
    fn facts(self) -> Result<Vec<Fact>> {
        Ok(self)
    }
}

impl Given for &[Fact] {
    fn facts(self) -> Result<Vec<Fact>> {
        Ok(self.to_vec())
    }
}
