end=$1 remove=$2 scratch=$3 log=$4 shared=$5 most=$6
shift 6
umask 077
exec 3<&0 4>&2 </dev/null 2>/dev/null
open=$remove/open kept=$remove/kept
read -r word <&3
if [ "$word" = go ]; then
    "$@" >>"$log" 2>&1 3<&- 4>&- &
    server=$!
    trap '' PIPE HUP
    trap 'watcher=' USR1
    (
        tests=0 runner=
        obey() {
            case $word in
                +) tests=$((tests + 1)) runner=$rest ;;
                -) tests=$((tests - 1)) ;;
                kept) : >"$kept" ;;
                stay) kill -s USR1 $$ && exit ;;
                *) kill -s "$word" "$server" ;;
            esac
        }
        rests() {
            sleep "$1" 3<&- 4>&- </dev/null || sleep 1 3<&- 4>&- </dev/null
        }
        # The last test of a run succeeded, and the process that runs the tests still lives: more tests may follow.
        more() {
            waited=0
            [ -n "$runner" ] || return
            while [ "$tests" -le 0 ] && [ "$waited" -lt 60 ] && { [ -d "/proc/$runner" ] || kill -0 "$runner"; }; do
                rests 0.05
                waited=$((waited + 1))
                read -r word rest && return
            done
            return 1
        }
        while :; do
            while read -r word rest; do obey; done
            [ -n "$shared" ] || break
            more && obey && continue
            # A process that opens the pipe from now on gives up; the last read finds one that opened it before.
            rm -f -- "$open"
            shared=
            read -r word rest || break
            obey
        done
        waited=0
        while [ "$tests" -le 0 ] && [ "$waited" -lt 600 ] && [ -e "$kept" ]; do
            rests 1
            waited=$((waited + 1))
        done
        while kill -s "$end" "$server"; do rests 0.05; done
    ) <&3 >/dev/null &
    watcher=$!
    rotator=
    [ -n "$most" ] && {
        # The server always appends to its log, so that it can be emptied.
        (
            trap 'kill "$pause"; exit' TERM
            while kill -0 "$$"; do
                sleep 10 &
                pause=$!
                wait "$pause"
                [ "$(wc -c <"$log")" -gt "$most" ] && cp -- "$log" "$log.1" && : >"$log"
            done
        ) 3<&- 4>&- >/dev/null &
        rotator=$!
    }
    wait "$server"
    status=$?
    while [ "$status" -gt 128 ] && kill -0 "$server"; do
        wait "$server"
        status=$?
    done
    [ -n "$watcher" ] && kill "$watcher" && wait "$watcher"
    [ -n "$rotator" ] && kill "$rotator" && wait "$rotator"
    [ -n "$shared" ] && rm -f -- "$open"
    echo "$status"
    exec >/dev/null
    while read -r word && [ "$word" != keep ]; do :; done <&3
fi
[ -n "$scratch" ] && rm -rf -- "$scratch"
[ "$word" = keep ] && exit
[ -n "$remove" ] || exit 0
pid=$remove/data/postmaster.pid
[ -f "$pid" ] && ipcrm -m "$(sed -n '7s/.* //p' "$pid")"
for try in 1 2 3 4 5; do
    rm -rf -- "$remove" && exit
    sleep 0.2 || sleep 1
done
