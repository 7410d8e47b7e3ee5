//! The command line: `--name value`, and flags.

use std::fmt::Display;
use std::str::FromStr;

use crate::{Result, context};

/// The arguments that are not taken yet.
pub struct Args {
    given: Vec<String>,
    rest: Vec<String>,
}

impl Args {
    /// Those of the process.
    pub fn from_env() -> Args {
        let given: Vec<_> = std::env::args().skip(1).collect();
        Args { rest: given.clone(), given }
    }

    /// All of them, as they were typed.
    pub fn given(&self) -> String {
        self.given.join(" ")
    }

    /// Whether `--name` is there.
    pub fn flag(&mut self, name: &str) -> bool {
        let Some(at) = self.rest.iter().position(|arg| *arg == format!("--{name}")) else { return false };
        self.rest.remove(at);
        true
    }

    /// The value after `--name`.
    ///
    /// # Errors
    ///
    /// It is missing or does not parse.
    pub fn value<T: FromStr<Err: Display>>(&mut self, name: &str) -> Result<Option<T>> {
        let Some(at) = self.rest.iter().position(|arg| *arg == format!("--{name}")) else { return Ok(None) };
        self.rest.remove(at);
        if at == self.rest.len() {
            return Err(format!("`--{name}` lacks its value").into());
        }
        let value = self.rest.remove(at);
        value.parse().map(Some).map_err(context(format!("`--{name} {value}`")))
    }

    /// The values after `--name`, separated by commas.
    ///
    /// # Errors
    ///
    /// One of them does not parse.
    pub fn list<T: FromStr<Err: Display>>(&mut self, name: &str) -> Result<Option<Vec<T>>> {
        let Some(list) = self.value::<String>(name)? else { return Ok(None) };
        let parse = |item: &str| item.parse().map_err(context(format!("`--{name} {list}`")));
        list.split(',').map(parse).collect::<Result<_>>().map(Some)
    }

    /// The first that is no option; taken after the options with values.
    pub fn positional(&mut self) -> Option<String> {
        let at = self.rest.iter().position(|arg| !arg.starts_with("--"))?;
        Some(self.rest.remove(at))
    }

    /// Refuses what is left.
    ///
    /// # Errors
    ///
    /// An argument that nobody took, with what would have been.
    pub fn done(self, usage: &str) -> Result<()> {
        match self.rest.first() {
            Some(arg) => Err(format!("`{arg}` is not an option\n{usage}").into()),
            None => Ok(()),
        }
    }
}
