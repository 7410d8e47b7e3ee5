use std::path::Path;

use embed_migrate_core::{Error, ErrorKind, Place, Result};

/// The name of the package in the nearest Cargo.toml, in the directory or above it; `None` without a Cargo.toml, or if
/// it is of a workspace without a package.
///
/// # Errors
///
/// The nearest Cargo.toml does not parse.
pub(crate) fn name(directory: &Path) -> Result<Option<String>> {
    let Ok(directory) = std::path::absolute(directory) else { return Ok(None) };
    for parent in directory.ancestors() {
        let path = parent.join("Cargo.toml");
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let manifest: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let place =
                Place::offset(path.display().to_string(), &text, error.span().map_or(0, |span| span.start));
            Error::new(ErrorKind::Format, error.message().to_owned()).at(place)
        })?;
        let name = manifest.get("package").and_then(|package| package.get("name"));
        return Ok(name.and_then(toml::Value::as_str).map(str::to_owned));
    }
    Ok(None)
}
