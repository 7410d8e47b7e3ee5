use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use crate::system::account::Account;

/// Creates the named pipe by which processes hold a shared server. Returns the reading end and our writing end.
pub(crate) fn make(path: &Path, account: &Account) -> io::Result<(OwnedFd, OwnedFd)> {
    pipe(path)?;
    account.give(path).map_err(io::Error::other)?;
    // Without waiting for a writer. The writer is opened second: it needs a reader.
    let mut options = OpenOptions::new();
    let reader = options.read(true).custom_flags(flags(OFlags::NOFOLLOW | OFlags::NONBLOCK)).open(path)?;
    let writer = open(path)?;
    wait(&reader)?;
    Ok((reader.into(), writer.into()))
}

/// Opens the writing end of a shared server; an error if its guard has ended.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let writer = options.write(true).custom_flags(flags(OFlags::NOFOLLOW | OFlags::NONBLOCK)).open(path)?;
    match writer.metadata()?.file_type().is_fifo() {
        true => wait(&writer).map(|()| writer),
        false => Err(io::ErrorKind::InvalidInput.into()),
    }
}

fn wait(file: &File) -> io::Result<()> {
    Ok(fcntl_setfl(file, fcntl_getfl(file)? - OFlags::NONBLOCK)?)
}

fn flags(flags: OFlags) -> i32 {
    flags.bits().cast_signed()
}

#[cfg(not(target_vendor = "apple"))]
fn pipe(path: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, Mode, mkfifoat};
    Ok(mkfifoat(CWD, path, Mode::RUSR | Mode::WUSR)?)
}

#[cfg(target_vendor = "apple")]
fn pipe(path: &Path) -> io::Result<()> {
    let status =
        crate::system::environment::command("/usr/bin/mkfifo").args(["-m", "600"]).arg(path).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other("`mkfifo` failed")) }
}
