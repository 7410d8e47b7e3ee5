# Waits for the end of the shell that takes the backup, in the same process group. If that shell was killed, nobody waits
# for its programs, and a child of pg_basebackup would stream for ever. The output of this shell is the backup's lock:
# when the lock is free, only the reason of the failure is left of the backup.
trap '' HUP TERM
umask 077
cat >/dev/null
cd -- "$1" || exit
[ -e completed ] || [ -e failed ] || {
    kill -s TERM 0
    for try in 1 2 3 4 5; do
        rm -rf files scratch && [ ! -e files ] && [ ! -e scratch ] && break
        sleep 0.2 || sleep 1
    done
    echo 'what the process that took it was killed' >failed.new && mv failed.new failed
}
