use std::fs;
use std::process::Stdio;

use super::pid_file::PidFile;
use crate::system::environment;

/// Removes the shared memory segment of a killed server (56 bytes, but their number is limited).
///
/// Only if the kernel lists it with the same key and no attached process: its id may be reused.
pub(crate) fn remove(file: &PidFile) {
    let Some((key, number)) = file.segment else { return };
    let listed = fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
    if listed.lines().any(|line| unattached(line, key, number)) {
        let mut program = environment::command("ipcrm");
        program.arg("-m").arg(number.to_string()).stdout(Stdio::null()).stderr(Stdio::null());
        // If that fails, it stays until the next boot.
        let _ = program.status();
    }
}

/// The columns are key, shmid, perms, size, cpid, lpid, nattch.
fn unattached(line: &str, key: i64, number: i64) -> bool {
    let columns: Vec<i64> = line.split_whitespace().map_while(|column| column.parse().ok()).collect();
    matches!(columns.as_slice(), [k, n, _, _, _, _, 0, ..] if *k == key && *n == number)
}

#[cfg(test)]
mod tests {
    use super::unattached;

    #[test]
    fn only_the_very_segment_with_nobody_attached_goes() {
        let line = "   5432001         65   600   56  100  101      0   101   104   101   104 0 0 0 4096 0";
        assert!(unattached(line, 5_432_001, 65));
        assert!(!unattached(line, 5_432_001, 66));
        assert!(!unattached(line, 5_432_002, 65));
        assert!(!unattached(&line.replace("      0   101", "      6   101"), 5_432_001, 65));
    }
}
