#!/usr/bin/env bash
# Removes what was built and what the demo keeps: .build, bench's programs and ./var. Not while the demo runs.
set -euo pipefail
# shellcheck source=scripts/prelude.sh
. "$(dirname "$0")/prelude.sh"

if [ -e var/run.lock ]; then
    exec 9<var/run.lock
    flock -n 9 || die "make run is running here: stop it with Ctrl-C first"
fi
redis=var/state/redis/redis.sock
if [ -S "$redis" ] && [ "$(redis-cli -s "$redis" ping 2>/dev/null)" = PONG ]; then
    die "the demo's redis-server still runs, left by a run that was killed: stop it with redis-cli -s $redis shutdown"
fi
rm -rf .build bench/bin var
