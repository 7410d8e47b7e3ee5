use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use harness::{Result, context};

/// What is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// The conformance case of that name: ten files, tables and rows.
    Demo,
    /// So many tables of eight columns and a link each, without rows.
    Tables(usize),
    /// One table with so many rows from a CSV file.
    Rows(usize),
}

/// What was recorded of rex.deploy, in seconds: the lower and the upper end.
pub(crate) struct RexTimes {
    pub(crate) first: (f64, f64),
    pub(crate) second: (f64, f64),
}

impl Subject {
    /// Its name in tables.
    pub(crate) fn name(self) -> String {
        match self {
            Subject::Demo => "deploy-demo".to_owned(),
            Subject::Tables(count) => format!("{count} tables"),
            Subject::Rows(count) => format!("{count} rows"),
        }
    }

    /// A part of the names of databases and files.
    pub(crate) fn slug(self) -> String {
        self.name().replace([' ', '-'], "_")
    }

    /// What rex.deploy took for it, if that was recorded.
    pub(crate) fn recorded(self) -> Option<RexTimes> {
        match self {
            Subject::Demo => Some(RexTimes { first: (2.6, 3.2), second: (0.6, 0.9) }),
            Subject::Tables(200) => Some(RexTimes { first: (3.7, 4.5), second: (1.0, 1.6) }),
            Subject::Rows(20_000) => Some(RexTimes { first: (4.7, 4.7), second: (0.7, 0.7) }),
            Subject::Tables(_) | Subject::Rows(_) => None,
        }
    }

    /// The directory with its `deploy.yaml`; written below `root` if it isn't one of the project's.
    pub(crate) fn directory(self, root: &Path) -> Result<PathBuf> {
        let directory = root.join(self.slug());
        let write = |name: &str, text: String| -> Result<()> {
            fs::create_dir_all(&directory).map_err(context(directory.display()))?;
            fs::write(directory.join(name), text).map_err(context(name))
        };
        match self {
            Subject::Demo => {
                return Ok(
                    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance/cases/deploy-demo")
                );
            }
            Subject::Tables(count) => write("deploy.yaml", tables(count))?,
            Subject::Rows(count) => {
                write("deploy.yaml", ITEM.to_owned())?;
                write("item.csv", rows(count))?;
            }
        }
        Ok(directory)
    }
}

fn tables(count: usize) -> String {
    let mut yaml = String::new();
    for n in 0..count {
        // The first table has none before it, and links to itself.
        let to = n.saturating_sub(1);
        let _ = write!(
            yaml,
            "- table: table_{n}\n  title: The Table {n}\n  with:\n  \
             - {{ column: code, type: text }}\n  \
             - identity: [code]\n  \
             - {{ column: title, type: text, title: The Title }}\n  \
             - {{ column: number, type: integer, default: 1 }}\n  \
             - {{ column: price, type: decimal, required: false }}\n  \
             - {{ column: day, type: date }}\n  \
             - {{ column: moment, type: datetime, required: false }}\n  \
             - {{ column: active, type: boolean, default: true }}\n  \
             - {{ column: notes, type: text, required: false }}\n  \
             - {{ link: other, to: table_{to}, required: false }}\n"
        );
    }
    yaml
}

const ITEM: &str = "\
- table: item
  with:
  - { column: code, type: text }
  - identity: [code]
  - { column: title, type: text }
  - { column: amount, type: decimal }
  - { column: day, type: date }
  - { column: active, type: boolean }
  - data: item.csv
";

fn rows(count: usize) -> String {
    let mut csv = "code,title,amount,day,active\n".to_owned();
    for n in 0..count {
        // Not in the order of the codes, as real files are not.
        let code = n.wrapping_mul(7_919) % count.max(1);
        let (cents, day) = (n % 100, n % 28 + 1);
        let active = n % 3 == 0;
        let _ = writeln!(csv, "item-{code:07},The title of row {n},{n}.{cents:02},2021-03-{day:02},{active}");
    }
    csv
}
