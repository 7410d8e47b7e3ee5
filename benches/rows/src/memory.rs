use std::fs;
use std::process::Command;

use harness::{Result, context};

/// The most memory that this process had, in MB.
pub(crate) fn peak() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status").map_err(context("/proc/self/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kilobytes = line.trim().trim_end_matches(" kB").parse::<f64>()?;
    Ok(kilobytes / 1024.0)
}

/// The most memory of a process of its own that does one thing with so many rows.
pub(crate) fn of(url: &str, what: &str, shape: &str, rows: usize) -> Result<f64> {
    let program = std::env::current_exe()?;
    let output = Command::new(program)
        .args(["--alone", what, "--url", url, "--shape", shape])
        .args(["--rows", &rows.to_string()])
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    said.parse().map_err(context(format!("{said} {}", String::from_utf8_lossy(&output.stderr))))
}
