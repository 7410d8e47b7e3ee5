use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, fchown, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{fs, io};

use embed_migrate_core::{Error, ErrorKind, Place, Result};

use super::environment;
use super::file::file_error;

/// The usual uid and gid of `nobody`, for a system that does not list that user.
const NOBODY: u32 = 65_534;

/// The operating system's user that PostgreSQL's programs run as: PostgreSQL refuses to run as root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Account {
    /// The user of this process, if that is not root.
    Current,
    /// Another user, if this process is root: `postgres` if it exists, else `nobody`.
    Other { name: String, uid: u32, gid: u32 },
}

impl Account {
    /// The account for new servers of this process.
    pub(crate) fn find() -> Account {
        if !rustix::process::geteuid().is_root() {
            return Account::Current;
        }
        // The file does not have users of a directory service; `nobody` is used then.
        Account::among(&fs::read_to_string("/etc/passwd").unwrap_or_default())
    }

    /// The account for the server in a directory. Root runs another user's instance as that user: a server does not
    /// start on other users' files.
    pub(crate) fn of(directory: &Path) -> Account {
        let current = Account::find();
        let Some((uid, gid)) = owner(directory).filter(|_| current != Account::Current) else {
            return current;
        };
        let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
        named(&accounts, uid).unwrap_or(Account::Other { name: uid.to_string(), uid, gid })
    }

    /// The same for a new server. The user must be listed by the system: `initdb` does not run as another.
    pub(crate) fn of_new(directory: &Path) -> Account {
        let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
        match owner(directory) {
            Some((uid, _)) if named(&accounts, uid).is_some() => Account::of(directory),
            _ => Account::find(),
        }
    }

    fn among(accounts: &str) -> Account {
        ["postgres", "nobody"].into_iter().find_map(|name| entry(accounts, name)).unwrap_or(Account::Other {
            name: "nobody".to_owned(),
            uid: NOBODY,
            gid: NOBODY,
        })
    }

    /// The id of the user that the programs run as.
    pub(crate) fn uid(&self) -> u32 {
        match self {
            Account::Current => rustix::process::geteuid().as_raw(),
            Account::Other { uid, .. } => *uid,
        }
    }

    /// The mode of directories that this user must be able to enter, and that nobody else may change.
    pub(crate) fn directory_mode(&self) -> u32 {
        match self {
            Account::Current => 0o700,
            Account::Other { .. } => 0o755,
        }
    }

    /// A command that runs as this user, in `/`, since the current directory may be closed to this user.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = environment::command(program);
        command.current_dir("/");
        if let Account::Other { uid, gid, .. } = self {
            // This user can't enter root's home.
            command.env_remove("HOME");
            // The standard library clears the supplementary groups of root when it sets another user.
            command.uid(*uid).gid(*gid);
        }
        command
    }

    /// Makes this user the owner of a file or directory.
    pub(crate) fn give(&self, path: &Path) -> Result<()> {
        match self {
            Account::Current => Ok(()),
            Account::Other { uid, gid, .. } => {
                // Not through a link: that user may have replaced the file by a link.
                lchown(path, Some(*uid), Some(*gid)).map_err(file_error("change the owner of", path))
            }
        }
    }

    /// Makes this user the owner of an open file or directory.
    pub(crate) fn give_file(&self, file: impl AsFd) -> io::Result<()> {
        match self {
            Account::Current => Ok(()),
            Account::Other { uid, gid, .. } => fchown(file, Some(*uid), Some(*gid)),
        }
    }

    /// Checks that this user can enter a directory. A check as root would not show that.
    pub(crate) fn check_access(&self, directory: &Path) -> Result<()> {
        let Account::Other { name, .. } = self else { return Ok(()) };
        let mut test = self.command("/bin/sh");
        test.args(["-c", "cd -- \"$1\"", "sh"]).arg(directory).stderr(Stdio::null());
        match test.status() {
            Ok(status) if status.success() => Ok(()),
            _ => Err(Error::new(
                ErrorKind::Permission,
                format!("user `{name}`, who runs root's servers, can't enter the directory"),
            )
            .at(Place::file(directory.display().to_string()))
            .help("choose a directory whose parent directories that user can enter, or do not run as root")),
        }
    }
}

/// The owner and group of a directory, unless the owner is root.
fn owner(directory: &Path) -> Option<(u32, u32)> {
    let found = fs::metadata(directory).ok()?;
    (found.uid() != 0).then(|| (found.uid(), found.gid()))
}

fn entry(accounts: &str, name: &str) -> Option<Account> {
    entries(accounts).find(|account| matches!(account, Account::Other { name: found, .. } if found == name))
}

fn named(accounts: &str, number: u32) -> Option<Account> {
    entries(accounts).find(|account| account.uid() == number)
}

/// The users in a file such as `/etc/passwd`.
fn entries(accounts: &str) -> impl Iterator<Item = Account> {
    accounts.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Account::Other { name, uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(accounts: &str, name: &str, uid: u32, gid: u32) {
        assert_eq!(Account::among(accounts), Account::Other { name: name.to_owned(), uid, gid });
    }

    #[test]
    fn postgres_comes_before_nobody() {
        let nobody = "nobody:x:65534:65533:nobody:/:/usr/sbin/nologin\n";
        check(&format!("{nobody}postgres:x:101:104::/:/bin/sh\n"), "postgres", 101, 104);
        check(nobody, "nobody", 65_534, 65_533);
        check("nobody:*:-2:-2::/:/usr/bin/false\n", "nobody", 65_534, 65_534);
        check("", "nobody", 65_534, 65_534);
    }
}
