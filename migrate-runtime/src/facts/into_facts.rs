use embed_migrate_core::Result;
use embed_migrate_core::facts::{Fact, parse};

/// What a driver is given to deploy: YAML text, a fact, or a list of them.
pub trait IntoFacts {
    /// The facts.
    ///
    /// # Errors
    ///
    /// The text is no YAML, or no facts: every problem at once.
    #[doc(hidden)]
    fn facts(self) -> Result<Vec<Fact>>;
}

impl IntoFacts for &str {
    fn facts(self) -> Result<Vec<Fact>> {
        parse("<yaml>", self)
    }
}

impl IntoFacts for &String {
    fn facts(self) -> Result<Vec<Fact>> {
        self.as_str().facts()
    }
}

impl IntoFacts for Fact {
    fn facts(self) -> Result<Vec<Fact>> {
        Ok(vec![self])
    }
}

impl IntoFacts for Vec<Fact> {
    fn facts(self) -> Result<Vec<Fact>> {
        Ok(self)
    }
}

impl IntoFacts for &[Fact] {
    fn facts(self) -> Result<Vec<Fact>> {
        Ok(self.to_vec())
    }
}
