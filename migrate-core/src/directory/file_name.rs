use std::fmt;

use crate::error::{Error, ErrorKind, Place};
use crate::patch::{FileRole, Kind, Version, number};

/// What a file name in a bundle's directory says.
///
/// ```
/// use embed_migrate_core::{Kind, FileName, FileRole};
///
/// let name = FileName::parse("patch-1-1-0-concurrent-index-study-title.sql")?;
/// assert_eq!((name.kind, name.role, name.slug), (Kind::Concurrent, FileRole::Up, "index-study-title"));
/// assert_eq!(name.to_string(), "patch-1-1-0-concurrent-index-study-title.sql");
/// # Ok::<(), embed_migrate_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileName<'a> {
    /// How the patch is numbered.
    pub scheme: Scheme,
    /// What the file does.
    pub role: FileRole,
    /// The patch's version.
    pub version: Version,
    /// The patch's kind.
    pub kind: Kind,
    /// What a person reads; may be empty in the release scheme.
    pub slug: &'a str,
    /// Whether its body is facts rather than SQL.
    pub facts: bool,
}

/// How a directory numbers its patches; a directory has one scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `patch-MAJOR-MINOR-POINT-KIND.sql`
    Release,
    /// `ORDINAL-SLUG.sql`
    Ordinal,
}

const FORMS: &str = "accepted are `patch-1-0-0-std.sql` (kinds std, direct, concurrent; with a slug \
`patch-1-0-0-std-create-study.sql`),\nor `00001-create-study.sql` (`00001-create-study.concurrent.sql`), \
each with a way back in `….down.sql`,\nstd ones with facts as their body in `….yaml`,\n\
`baseline-4-0-0.sql`, `deploy.yaml`, `bundle.yaml`, `migrations.lock`, `README*` and dotfiles; \
a slug is letters, digits, `-` and `_`";

impl<'a> FileName<'a> {
    /// Reads the name of a patch, of its way back or of a baseline.
    ///
    /// # Errors
    ///
    /// `Name`, with the accepted forms, for any other name.
    pub fn parse(file: &'a str) -> Result<FileName<'a>, Error> {
        FileName::read(file).ok_or_else(|| {
            Error::new(ErrorKind::Name, format!("`{file}` is not the name of a patch"))
                .at(Place::file(file))
                .help(FORMS)
        })
    }

    /// Whether the text may be the description in a file's name.
    pub fn is_slug(text: &str) -> bool {
        checked_slug(text).is_some()
    }

    fn read(file: &'a str) -> Option<FileName<'a>> {
        if let Some(stem) = file.strip_suffix(".yaml") {
            let name = match stem.strip_prefix("patch-") {
                Some(rest) => release(rest, FileRole::Up),
                None => ordinal(stem, FileRole::Up),
            };
            return name.filter(|name| name.kind == Kind::Std).map(|name| FileName { facts: true, ..name });
        }
        let stem = file.strip_suffix(".sql")?;
        let (stem, role) = match stem.strip_suffix(".down") {
            Some(stem) => (stem, FileRole::Down),
            None => (stem, FileRole::Up),
        };
        if let Some(rest) = stem.strip_prefix("patch-") {
            release(rest, role)
        } else if let Some(rest) = stem.strip_prefix("baseline-") {
            baseline(rest, role)
        } else {
            ordinal(stem, role)
        }
    }
}

/// The file's name, without leading zeros in the release scheme and with five digits in the ordinal one.
impl fmt::Display for FileName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FileName { scheme, role, version: Version { major, minor, point }, kind, slug, facts } = self;
        match (role, scheme) {
            (FileRole::Baseline, _) => write!(f, "baseline-{major}-{minor}-{point}")?,
            (FileRole::Up | FileRole::Down, Scheme::Release) => {
                let dash = if slug.is_empty() { "" } else { "-" };
                write!(f, "patch-{major}-{minor}-{point}-{kind}{dash}{slug}")?;
            }
            (FileRole::Up | FileRole::Down, Scheme::Ordinal) => match kind {
                Kind::Std => write!(f, "{major:05}-{slug}")?,
                Kind::Direct | Kind::Concurrent => write!(f, "{major:05}-{slug}.{kind}")?,
            },
        }
        f.write_str(match (role, facts) {
            (FileRole::Down, _) => ".down.sql",
            (_, true) => ".yaml",
            (_, false) => ".sql",
        })
    }
}

fn release(rest: &str, role: FileRole) -> Option<FileName<'_>> {
    let mut parts = rest.splitn(5, '-');
    let version = Version::new(number(parts.next()?)?, number(parts.next()?)?, number(parts.next()?)?);
    let kind = parts.next()?.parse().ok()?;
    let slug = match parts.next() {
        Some(slug) => checked_slug(slug)?,
        None => "",
    };
    Some(FileName { scheme: Scheme::Release, role, version, kind, slug, facts: false })
}

fn ordinal(stem: &str, role: FileRole) -> Option<FileName<'_>> {
    let (rest, kind) = match stem.split_once('.') {
        Some((rest, kind)) => (rest, kind.parse().ok()?),
        None => (stem, Kind::Std),
    };
    let (ordinal, slug) = rest.split_once('-')?;
    let version = Version::new(number(ordinal)?, 0, 0);
    Some(FileName { scheme: Scheme::Ordinal, role, version, kind, slug: checked_slug(slug)?, facts: false })
}

fn baseline(rest: &str, role: FileRole) -> Option<FileName<'_>> {
    let mut parts = rest.split('-');
    let version = Version::new(number(parts.next()?)?, number(parts.next()?)?, number(parts.next()?)?);
    if parts.next().is_some() || role != FileRole::Up {
        return None;
    }
    Some(FileName {
        scheme: Scheme::Release,
        role: FileRole::Baseline,
        version,
        kind: Kind::Std,
        slug: "",
        facts: false,
    })
}

// A dot would make a misspelt kind part of the slug, and the patch silently a std one.
fn checked_slug(slug: &str) -> Option<&str> {
    let fine = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    (!slug.is_empty() && slug.chars().all(fine)).then_some(slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, expect: Option<(&str, Kind, FileRole, &str)>) {
        let name = FileName::read(file);
        let seen = name.map(|name| (name.version.to_string(), name.kind, name.role, name.slug));
        let expect = expect.map(|(version, kind, role, slug)| (version.to_owned(), kind, role, slug));
        assert_eq!(seen, expect, "{file}");
    }

    #[test]
    fn both_schemes_are_read() {
        use FileRole::*;
        use Kind::*;
        check("patch-1-0-0-std.sql", Some(("1.0.0", Std, Up, "")));
        check(
            "patch-1-1-0-concurrent-index-study-title.sql",
            Some(("1.1.0", Concurrent, Up, "index-study-title")),
        );
        check("patch-1-1-0-concurrent.down.sql", Some(("1.1.0", Concurrent, Down, "")));
        check("patch-01-002-0003-direct.sql", Some(("1.2.3", Direct, Up, "")));
        check("00000-create-study.sql", Some(("0.0.0", Std, Up, "create-study")));
        check("00001-index-title.concurrent.sql", Some(("1.0.0", Concurrent, Up, "index-title")));
        check("00001-index-title.concurrent.down.sql", Some(("1.0.0", Concurrent, Down, "index-title")));
        check("2-größe_ändern.direct.sql", Some(("2.0.0", Direct, Up, "größe_ändern")));
        check("baseline-4-0-0.sql", Some(("4.0.0", Std, Baseline, "")));
    }

    #[test]
    fn a_name_is_written_as_it_is_read() {
        for file in [
            "patch-1-0-0-std.sql",
            "patch-1-1-0-direct-title.down.sql",
            "00012-create-study.sql",
            "00001-index-title.concurrent.down.sql",
            "baseline-4-0-0.sql",
            "patch-1-0-0-std-freeze.yaml",
            "00012-freeze.yaml",
        ] {
            assert_eq!(FileName::parse(file).unwrap().to_string(), file);
        }
    }

    #[test]
    fn any_other_name_is_refused() {
        for file in [
            "patch-1-0-std.sql",
            "patch-1-0-0.sql",
            "patch-1-0-0-sdt.sql",
            "patch-1-0-0-std-.sql",
            "patch--1-0-0-std.sql",
            "patch-1-0-0-std.SQL",
            "patch-1-0-0-std.sql~",
            "patch-1-0-9999999999-std.sql",
            "00001-index.concurent.sql",
            "00001.sql",
            "00001-.sql",
            "+1-x.sql",
            "fix-tbl-calendar-events.sql",
            "00001-it's.sql",
            "00001-a\"b.sql",
            "baseline-4-0-0.down.sql",
            "baseline-4-0.sql",
            "baseline-4-0-0.yaml",
            "patch-1-0-0-concurrent.yaml",
            "patch-1-0-0-std.down.yaml",
            "deploy.yaml",
            "",
            ".sql",
        ] {
            check(file, None);
        }
    }
}
