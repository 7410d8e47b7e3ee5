basebackup=$1 verifybackup=$2 server=$3
umask 077
exec 5<&0 6<&1 7<&2 </dev/null >>log 2>&1
trap '' HUP
write() {
    cat >"$1.new" && { sync "$1.new" || sync; } && mv "$1.new" "$1"
}
fail() {
    # A program that was killed may have left a child.
    trap '' TERM
    kill -s TERM 0
    rm -rf files scratch
    tr -d '\000' <said >>log
    echo "what $1" | write failed
    exit 1
}
# Programs do not inherit the backup's own lock, nor the pipe that is closed when this shell ends. The file for their
# messages gets its space first, so that a message about a full disk can be written.
run() {
    head -c 16384 /dev/zero 1<>said && "$@" 6<&- 7<&- 2<>said
}
echo "at $(date -u +%s)" | write started || fail 'the start can not be written down'
run "$basebackup" --pgdata=files --format=tar --gzip --checkpoint=fast --wal-method=stream \
    --manifest-checksums=SHA256 --no-password --dbname="$server" || fail "pg_basebackup ended with exit status $?"
echo "at $(date -u +%s)" | write verifying || fail 'the check can not be written down'
mkdir scratch && run tar -xzf files/base.tar.gz -C scratch && mkdir -p scratch/pg_wal &&
    run tar -xzf files/pg_wal.tar.gz -C scratch/pg_wal || fail 'the backup can not be unpacked'
run "$verifybackup" --quiet --manifest-path=files/backup_manifest scratch ||
    fail "pg_verifybackup ended with exit status $?"
size=$(du -sk files) unpacked=$(du -sk scratch)
rm -rf scratch
write completed <<END || fail 'the end can not be written down'
at $(date -u +%s)
size ${size%%[!0-9]*}
unpacked ${unpacked%%[!0-9]*}
END
