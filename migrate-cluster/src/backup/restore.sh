files=$1 data=$2 verifybackup=$3
umask 077
# If this shell is ended, it ends its program: nothing may write here when its guard has ended.
trap 'kill "$!"; wait; exit 1' TERM QUIT
run() {
    "$@" &
    wait "$!"
}
run tar -xzf "$files/base.tar.gz" -C "$data" && mkdir -p "$data/pg_wal" &&
    run tar -xzf "$files/pg_wal.tar.gz" -C "$data/pg_wal" && cp "$files/backup_manifest" "$data" &&
    run "$verifybackup" --quiet "$data" && rm "$data/backup_manifest"
