use embed_migrate_core::{Error, ErrorKind, Result};

use crate::state::backup_directory::is_id;

/// How many characters the name of a backup may have.
const BACKUP_NAME: usize = 64;

/// The name and the options of a new backup.
///
/// ```
/// use embed_migrate_cluster::NewBackup;
///
/// let new = NewBackup::new("before 2.0").description("the last one with the old schema");
/// ```
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBackup {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) rotates: bool,
}

impl NewBackup {
    /// A backup with this name, of 1 to 64 characters.
    pub fn new(name: impl Into<String>) -> NewBackup {
        NewBackup { name: name.into(), description: String::new(), rotates: false }
    }

    /// Sets a description, which is shown with the backup.
    pub fn description(mut self, description: impl Into<String>) -> NewBackup {
        self.description = description.into();
        self
    }

    /// Lets [`NamedInstance::rotate`](crate::NamedInstance::rotate) delete it when there are enough newer ones.
    pub fn rotates(mut self) -> NewBackup {
        self.rotates = true;
        self
    }

    pub(crate) fn check(&self) -> Result<()> {
        let length = self.name.chars().count();
        let clause = match length {
            0 => "the name of a backup is empty".to_owned(),
            1..=BACKUP_NAME if self.name.chars().any(char::is_control) => {
                "the name of a backup has a control character".to_owned()
            }
            1..=BACKUP_NAME if is_id(&self.name) => {
                format!("`{}` can't be the name of a backup: it could be the id of another one", self.name)
            }
            1..=BACKUP_NAME => return Ok(()),
            _ => format!("the name of a backup has {length} characters"),
        };
        Err(Error::new(ErrorKind::Name, clause)
            .help(format!("take 1 to {BACKUP_NAME} characters, and not just 16 hexadecimal digits")))
    }
}
