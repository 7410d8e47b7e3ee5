use std::str::FromStr;

use embed_migrate_core::{Bundle, Error, ErrorKind, Result};
use embed_migrate_runtime::Migrator;

use super::version_spec::VersionSpec;

/// A version, and the bundle that it belongs to; without a name, the only bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The bundle's name.
    bundle: Option<String>,
    /// Where in the bundle.
    pub(crate) version: VersionSpec,
}

impl FromStr for Target {
    type Err = Error;

    fn from_str(text: &str) -> Result<Target> {
        let (bundle, version) = match text.rsplit_once('=') {
            Some((bundle, version)) => (Some(bundle.to_owned()), version),
            None => (None, text),
        };
        Ok(Target { bundle, version: version.parse()? })
    }
}

impl Target {
    /// The names of its bundles: all of them, if it names none and is an end that each bundle has.
    ///
    /// # Errors
    ///
    /// As [`Target::bundle`].
    pub(crate) fn bundles(&self, migrator: &Migrator<'_>) -> Result<Vec<String>> {
        match (&self.bundle, self.version) {
            (None, VersionSpec::Head | VersionSpec::Base) => {
                Ok(migrator.bundles().iter().map(|bundle| bundle.name().to_string()).collect())
            }
            (Some(_), _) | (None, VersionSpec::Version(_)) => {
                self.bundle(migrator).map(|bundle| vec![bundle])
            }
        }
    }

    /// The name of its bundle.
    ///
    /// # Errors
    ///
    /// `Missing` if there are several bundles and it names none; or for `head` or `base` of an unknown bundle.
    pub(crate) fn bundle(&self, migrator: &Migrator<'_>) -> Result<String> {
        let Target { bundle, version } = self;
        match (bundle, migrator.bundles()) {
            (Some(bundle), bundles) => {
                let is_there = || bundles.iter().any(|known| known.name() == bundle.as_str());
                // Whether the bundle has the version is checked by the run.
                match matches!(version, VersionSpec::Version(_)) || is_there() {
                    true => Ok(bundle.clone()),
                    false => Err(without(bundle, bundles)),
                }
            }
            (None, [bundle]) => Ok(bundle.name().to_string()),
            (None, bundles) => {
                let names: Vec<_> =
                    bundles.iter().map(|bundle| format!("`{}={version}`", bundle.name())).collect();
                Err(Error::new(
                    ErrorKind::Missing,
                    format!("`{version}` could be a version of several bundles"),
                )
                .help(format!("write {}", names.join(" or "))))
            }
        }
    }
}

fn without(name: &str, bundles: &[&Bundle]) -> Error {
    let names: Vec<_> = bundles.iter().map(|bundle| format!("`{}`", bundle.name())).collect();
    Error::new(ErrorKind::Missing, format!("there is no bundle `{name}`"))
        .help(format!("the bundles are {}", names.join(", ")))
}
