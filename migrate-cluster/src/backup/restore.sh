files=$1 data=$2 verifybackup=$3
umask 077
# Ended, it ends what it runs: nobody may write here once its guard is gone.
trap 'kill "$!"; wait; exit 1' TERM QUIT
run() {
    "$@" &
    wait "$!"
}
run tar -xzf "$files/base.tar.gz" -C "$data" && mkdir -p "$data/pg_wal" &&
    run tar -xzf "$files/pg_wal.tar.gz" -C "$data/pg_wal" && cp "$files/backup_manifest" "$data" &&
    run "$verifybackup" --quiet "$data" && rm "$data/backup_manifest"
