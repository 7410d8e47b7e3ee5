/// The `STRATEGY` option of `CREATE DATABASE`. PostgreSQL 14 has one strategy only.
///
/// `wal_log` writes everything twice. `file_copy` needs two checkpoints, which write the changes of all databases to
/// the disk. So `file_copy` is for large databases, and for servers with `fsync` off, where a checkpoint costs
/// nothing. Measured with PostgreSQL 15, fsync on, in seconds for `wal_log` and `file_copy`: 0.1 and 1.1 to 1.5 for
/// an empty database, 0.6 to 1.2 and 0.7 to 1.4 for 64 MB, 0.9 to 1.8 and 0.7 to 0.9 for 256 MB, 3.3 to 5.9 and 2.0
/// to 3.0 for 1 GB.
pub(super) fn strategy(server: i32, size: i64, fsync: bool) -> &'static str {
    if server < 150_000 {
        ""
    } else if size >= LARGE || !fsync {
        " STRATEGY file_copy"
    } else {
        " STRATEGY wal_log"
    }
}

/// In bytes.
const LARGE: i64 = 256 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_ones_and_those_that_wait_for_no_disk_are_copied_as_files() {
        assert_eq!(strategy(140_010, LARGE, true), "");
        assert_eq!(strategy(150_000, LARGE - 1, true), " STRATEGY wal_log");
        assert_eq!(strategy(150_000, LARGE, true), " STRATEGY file_copy");
        assert_eq!(strategy(180_001, 0, false), " STRATEGY file_copy");
    }
}
