#!/usr/bin/env bash
# The demo: builds both programs, starts a Stripe sandbox and tollgate with their state in ./var, puts three tenants,
# shows a few decisions and a flush, then stays with tollgate's log until Ctrl-C and stops everything.
#
#   RUN_ONCE=1            stop right after the show
#   RUN_DIR=DIR           keep state and sockets there instead of in ./var
#   SANDBOX_LISTEN=H:P    where the sandbox listens (127.0.0.1:12111)
#   TOLLGATE_BIN and STRIPE_SANDBOX_BIN, both set: run these and build nothing
#
# shellcheck disable=SC2317  # What the EXIT trap calls looks unreachable to shellcheck.
set -euo pipefail
# shellcheck source=scripts/prelude.sh
. "$(dirname "$0")/prelude.sh"

listen=${SANDBOX_LISTEN:-127.0.0.1:12111}
mkdir -p "${RUN_DIR:-var}"
directory=$(cd "${RUN_DIR:-var}" && pwd)
longest_socket="$directory/control.sock.binding/s"
if [ ${#longest_socket} -gt 107 ]; then
    die "$directory is too long a path for Unix sockets: set RUN_DIR to a shorter one"
fi

# The lock is this shell's alone (9>&- below): it goes when this shell goes, however that ends.
exec 9>"$directory/run.lock"
flock -n 9 || die "make run is running here already: stop it with Ctrl-C where it was started"
if (exec 3<>"/dev/tcp/${listen%:*}/${listen##*:}") 2>/dev/null; then
    die "something listens on $listen already (see: ss -ltnp 'sport = :${listen##*:}'); stop it, or choose another" \
        "address for the Stripe sandbox: SANDBOX_LISTEN=127.0.0.1:12112 make run"
fi

if [ -z "${TOLLGATE_BIN:-}" ] || [ -z "${STRIPE_SANDBOX_BIN:-}" ]; then
    scripts/install-dependencies.sh run
    say "building (the first time takes some minutes)"
    swift build -c release --product tollgate
    swift build -c release --product stripe-sandbox
    TOLLGATE_BIN=.build/release/tollgate
    STRIPE_SANDBOX_BIN=.build/release/stripe-sandbox
fi

tollgate_pid='' sandbox_pid='' log_pid=''

# Ends a child of ours and waits for it; one that does not end in twenty seconds is killed.
stop() {
    local name=$1 pid=$2 tenths=0
    kill -TERM "$pid" 2>/dev/null || return 0
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.1
        tenths=$((tenths + 1))
        if [ "$tenths" -eq 200 ]; then
            say "$name did not stop within 20 seconds: killing it"
            kill -KILL "$pid" 2>/dev/null || true
        fi
    done
    wait "$pid" 2>/dev/null || true
}

stop_all() {
    trap '' INT TERM HUP
    if [ -n "$tollgate_pid$sandbox_pid" ]; then printf '\n' && say "stopping"; fi
    # tollgate first: it sends nothing once it has stopped, and it stops the Redis that it started.
    if [ -n "$tollgate_pid" ]; then stop tollgate "$tollgate_pid"; fi
    if [ -n "$sandbox_pid" ]; then stop stripe-sandbox "$sandbox_pid"; fi
    if [ -n "$log_pid" ]; then stop tail "$log_pid"; fi
}
trap stop_all EXIT
trap 'exit 0' INT TERM HUP

# Waits until a command succeeds; the program of that pid must go on running meanwhile.
await() {
    local name=$1 pid=$2 log=$3
    shift 3
    for _ in $(seq 200); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    cat "$log" >&2
    die "$name did not get ready; its log is above and in $log"
}

ask() { curl --silent --fail --noproxy '*' --max-time 5 "$@"; }

export TOLLGATE_SOCKET=$directory/gate.sock TOLLGATE_CONTROL=$directory/control.sock

start() {
    "$STRIPE_SANDBOX_BIN" --listen "$listen" --state "$directory/sandbox.json" \
        >"$directory/sandbox.log" 2>&1 </dev/null 9>&- &
    sandbox_pid=$!
    await stripe-sandbox "$sandbox_pid" "$directory/sandbox.log" ask "http://$listen/_sandbox/state"
    # Billed in tokens; the other meters of config/plans.yaml are only counted.
    ask "http://$listen/_sandbox/seed" -o /dev/null -d '{
        "customers": [{"id": "cus_acme", "name": "Acme"}, {"id": "cus_globex", "name": "Globex"},
                      {"id": "cus_initech", "name": "Initech"}],
        "meters": [{"event_name": "tokens", "event_time_window": "hour"}]}' ||
        die "the sandbox refused the demo's customers and meter; make clean starts anew"

    # No key of the environment's: the demo must reach nobody but the sandbox.
    env --unset=STRIPE_SECRET_KEY_FILE STRIPE_SECRET_KEY=sk_test_demo \
        TOLLGATE_STRIPE_API_BASE="http://$listen" TOLLGATE_STRIPE_FLUSH_INTERVAL=15s \
        TOLLGATE_STATE_DIR="$directory/state" TOLLGATE_GATE_SOCKET="$TOLLGATE_SOCKET" \
        TOLLGATE_CONTROL_SOCKET="$TOLLGATE_CONTROL" TOLLGATE_LOG_FORMAT=text \
        "$TOLLGATE_BIN" serve --config config/tollgate.yaml >"$directory/tollgate.log" 2>&1 </dev/null 9>&- &
    tollgate_pid=$!
    await tollgate "$tollgate_pid" "$directory/tollgate.log" \
        ask --unix-socket "$TOLLGATE_CONTROL" http://localhost/readyz
}

# Runs a command of tollgate's before the reader's eyes. A refusal (1) is an answer like another.
show() {
    local status=0
    printf '\n$ tollgate %s\n' "$*"
    "$TOLLGATE_BIN" "$@" || status=$?
    [ "$status" -le 1 ] || die "tollgate $1 ended with $status"
}

put() { "$TOLLGATE_BIN" tenant put "$1" --plan "$2" --customer "cus_$1" >/dev/null; }

say "starting the Stripe sandbox at http://$listen and tollgate in $directory"
start
put acme starter
put globex professional
put initech enterprise

show tenants
show take acme messages 1 tokens 2500
show take acme messages 5000
show record globex tokens 120000
show usage acme
show outbox
show flush
show outbox
if [ -n "${RUN_ONCE:-}" ]; then exit 0; fi

cat <<EOF

tollgate runs. In another terminal, from this folder:

  redis-cli -s ${RUN_DIR:-./var}/gate.sock TAKE acme messages 1
  $TOLLGATE_BIN doctor
  $TOLLGATE_BIN usage globex
  curl -s http://$listen/_sandbox/state       # what Stripe would have got

Its log follows; Ctrl-C stops everything.

EOF
tail -n +1 -f "$directory/tollgate.log" 9>&- &
log_pid=$!
wait -n "$tollgate_pid" "$sandbox_pid" && status=0 || status=$?
# A Ctrl-C reaches all of us, and bash may see a program end before its own trap is due. Ending well is an answer to a
# signal: neither program does it by itself.
if [ "$status" -eq 0 ]; then exit 0; fi
if kill -0 "$tollgate_pid" 2>/dev/null; then
    die "stripe-sandbox ended by itself; see $directory/sandbox.log"
fi
die "tollgate ended by itself; see $directory/tollgate.log"
