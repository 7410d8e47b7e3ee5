use std::fs;

/// The memory of this machine, or of the container, in MB; `None` if it is unknown.
pub(crate) fn memory() -> Option<u64> {
    let read = |path: &str| fs::read_to_string(path).ok();
    let machine = read("/proc/meminfo").as_deref().and_then(total);
    // Of control groups version 2 and version 1.
    let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let limit = limits.into_iter().find_map(read).as_deref().and_then(megabytes);
    machine.into_iter().chain(limit).min()
}

/// `MemTotal` of `/proc/meminfo`, which is in kB.
fn total(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes / 1024)
}

/// Bytes, or `max` for no limit.
fn megabytes(text: &str) -> Option<u64> {
    text.trim().parse::<u64>().ok().map(|bytes| bytes / 1024 / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_understood() {
        assert_eq!(total("MemTotal:        8046436 kB\nMemFree: 1 kB\n"), Some(7857));
        assert_eq!(total(""), None);
        assert_eq!((megabytes("536870912\n"), megabytes("max\n")), (Some(512), None));
        #[cfg(target_os = "linux")]
        assert!(memory().unwrap() > 0);
    }
}
