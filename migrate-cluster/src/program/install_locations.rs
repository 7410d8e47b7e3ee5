use std::fs;
use std::path::{Path, PathBuf};

/// Where packages install PostgreSQL's programs: a directory, the prefix of an entry's name before the version, and
/// the path from the entry to the programs.
const PLACES: [(&str, &str, &str); 6] = [
    ("usr/lib/postgresql", "", "bin"),
    ("usr", "pgsql-", "bin"),
    ("opt/homebrew/opt", "postgresql@", "bin"),
    ("usr/local/opt", "postgresql@", "bin"),
    ("home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),
    ("Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// The existing locations below `root`; in each directory, the highest version first.
pub(crate) fn places(root: &Path) -> Vec<PathBuf> {
    PLACES
        .into_iter()
        .flat_map(|(parent, prefix, way)| {
            versions(&root.join(parent), prefix).into_iter().map(move |found| found.join(way))
        })
        .collect()
}

fn versions(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((version, entry.path()))
        })
        .collect();
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, path)| path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_version_comes_first() {
        let root = std::env::temp_dir().join(format!("migrate-locations-{}", std::process::id()));
        for directory in ["usr/lib/postgresql/9", "usr/lib/postgresql/16", "usr/pgsql-15", "usr/pgsql-new"] {
            fs::create_dir_all(root.join(directory)).unwrap();
        }
        let found = places(&root);
        fs::remove_dir_all(&root).unwrap();
        let expected = ["usr/lib/postgresql/16/bin", "usr/lib/postgresql/9/bin", "usr/pgsql-15/bin"];
        assert_eq!(found, expected.map(|place| root.join(place)));
    }
}
