//! One boot of one contender.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use harness::{Result, context};

use crate::contender::Contender;

/// How long a boot took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Boot {
    /// From before connecting to done, by the clock of the process.
    pub(crate) inside: Duration,
    /// From before the process was made to after it ended.
    pub(crate) whole: Duration,
}

/// Boots once against the database at `url`.
pub(crate) fn boot(contender: Contender, n: usize, url: &str) -> Result<Boot> {
    let mut command = Command::new(contender.binary(n));
    command.arg(url).stdin(Stdio::null());
    if contender == Contender::Floor {
        command.arg(n.to_string());
    }
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
    // Only libpq would look for Kerberos tickets.
    command.env("PGGSSENCMODE", "disable");
    let what = format!("{} with {n} patches", contender.name());
    let start = Instant::now();
    let output = command.output().map_err(context(&what))?;
    let whole = start.elapsed();
    if !output.status.success() {
        return Err(format!("{what}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let nanoseconds = String::from_utf8_lossy(&output.stdout).trim().parse().map_err(context(what))?;
    Ok(Boot { inside: Duration::from_nanos(nanoseconds), whole })
}
