/// How a database is copied, as `CREATE DATABASE` takes it; PostgreSQL 14 knows one way only.
///
/// By the log (`wal_log`) costs twice what the files do, but nothing else; by files (`file_copy`) costs two
/// checkpoints, which write out what all databases have changed. So files are for what is large, and for servers on
/// which a checkpoint costs nothing because they wait for no disk. Tried with PostgreSQL 15, fsync on, in seconds by
/// the log and by files: 0.1 and 1.1 to 1.5 for an empty database, 0.6 to 1.2 and 0.7 to 1.4 for 64 MB, 0.9 to 1.8 and
/// 0.7 to 0.9 for 256 MB, 3.3 to 5.9 and 2.0 to 3.0 for 1 GB.
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
