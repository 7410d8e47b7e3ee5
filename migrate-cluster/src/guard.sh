end=$1 remove=$2 scratch=$3 log=$4
shift 4
exec 3<&0 4>&2 </dev/null 2>/dev/null
"$@" >>"$log" 2>&1 3<&- 4>&- &
server=$!
trap '' PIPE HUP
trap 'watcher=' USR1
(
    while read -r word; do
        [ "$word" = stay ] && kill -s USR1 $$ && exit
        kill -s "$word" "$server"
    done
    while kill -s "$end" "$server"; do sleep 0.05 4>&- || sleep 1 4>&-; done
) <&3 >/dev/null &
watcher=$!
wait "$server"
status=$?
while [ "$status" -gt 128 ] && kill -0 "$server"; do
    wait "$server"
    status=$?
done
[ -n "$watcher" ] && kill "$watcher" && wait "$watcher"
echo "$status"
exec >/dev/null
while read -r word && [ "$word" != keep ]; do :; done <&3
[ -n "$scratch" ] && rm -rf -- "$scratch"
[ "$word" = keep ] && exit
[ -n "$remove" ] || exit 0
pid=$remove/data/postmaster.pid
[ -f "$pid" ] && ipcrm -m "$(sed -n '7s/.* //p' "$pid")"
for try in 1 2 3 4 5; do
    rm -rf -- "$remove" && exit
    sleep 0.2 || sleep 1
done
