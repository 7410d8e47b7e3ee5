use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

use embed_migrate_core::Result;

use crate::system::file::{create, file_error, remove_file};

/// Writes `server.conf` beside the cluster, which the server is started with: it includes `postgresql.conf`, and then
/// has a profile's settings. The server reads `postgresql.auto.conf` after it, so that `ALTER SYSTEM` overrides it.
/// Arguments of the program would silently override both.
pub(crate) fn write(state: &Path, data: &Path, settings: &[(String, String)]) -> Result<PathBuf> {
    let path = state.join("server.conf");
    // It is written again at each start, so that nothing is lost.
    remove_file(&path)?;
    let mut file = create(&path).map_err(file_error("make", &path))?;
    file.write_all(text(data, settings).as_bytes()).map_err(file_error("write", &path))?;
    Ok(path)
}

fn text(data: &Path, settings: &[(String, String)]) -> String {
    let included = data.join("postgresql.conf").display().to_string();
    let mut text = "# Replaced at each start. Change settings with `ALTER SYSTEM`.\n".to_owned();
    // Writing to a string can't fail.
    let _ = writeln!(text, "include {}", quoted(&included));
    for (name, value) in settings {
        let _ = writeln!(text, "{name} = {}", quoted(value));
    }
    text
}

fn quoted(value: &str) -> String {
    let value = value.replace('\\', r"\\").replace('\'', "''").replace('\n', r"\n");
    format!("'{value}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted() {
        let settings = [("log_line_prefix".to_owned(), "it's \\ %m\n".to_owned())];
        let lines = text(Path::new("/srv/o'data"), &settings);
        let lines: Vec<&str> = lines.lines().skip(1).collect();
        assert_eq!(lines, ["include '/srv/o''data/postgresql.conf'", r"log_line_prefix = 'it''s \\ %m\n'"]);
    }
}
