#!/usr/bin/env bash
# Plays many rounds in which sidecars are killed and Redis freezes or forgets.
#
# ROUNDS (100) have four sidecars and one limit; SCENARIO (quiet, kills, freezes, rollbacks) and LIMIT (1, 10, 1000,
# 10000) fix what else the seed chooses. STRIPE_ROUNDS (200) have two sidecars that bill at a sandbox, which misbehaves;
# MODE (window, window_v2, window_stream, sum, sum_v2, sum_stream, usage_record) fixes how; in each fifth there
# is one, with a Redis of its own. With them go a day and 36 days of usage that waits, in all modes.
#
# Each round has a seed, from SEED on (a random one unless it is said), and is named with it before it is played. JOBS
# are played side by side, one for each core unless it is said.
set -euo pipefail
# shellcheck source=scripts/prelude.sh
. "$(dirname "$0")/prelude.sh"

export ROUNDS="${ROUNDS:-100}" STRIPE_ROUNDS="${STRIPE_ROUNDS:-200}" SEED="${SEED:-$((RANDOM * 31 + RANDOM % 31))}"
jobs="${JOBS:-$(nproc)}"
tests=()
if [ "$ROUNDS" -gt 0 ]; then tests+=(Tests/IntegrationTests/test_exactness_under_faults.py); fi
if [ "$STRIPE_ROUNDS" -gt 0 ]; then tests+=(Tests/IntegrationTests/test_billing_under_faults.py); fi
# A round that is played again comes alone.
if [ "$STRIPE_ROUNDS" -gt 1 ]; then tests+=(Tests/IntegrationTests/test_backlogs.py); fi
[ ${#tests[@]} -gt 0 ] || die "no rounds are asked for: set ROUNDS or STRIPE_ROUNDS"

scripts/install-dependencies.sh test
make_venv
say "building"
swift build --product tollgate
swift build --product stripe-sandbox
binaries=$(swift build --show-bin-path)
export TOLLGATE_BIN="$binaries/tollgate" STRIPE_SANDBOX_BIN="$binaries/stripe-sandbox"

say "playing with SEED=$SEED"
export venv jobs
[ "$jobs" -gt 0 ] || die "JOBS must be above 0"
# Expanded by the shells that xargs runs. Five is pytest's word for a share without a test, which the first has not.
# shellcheck disable=SC2016
play='set -o pipefail; SHARE="$0/$jobs" "$venv/bin/python" -m pytest -v -p no:cacheprovider "$@" 2>&1 |
    (trap "" INT && exec sed -u "s/^/$0: /") || [ $? -eq 5 -a "$0" -gt 1 ]'
seq "$jobs" | xargs -P "$jobs" -I{} bash -c "$play" {} "${tests[@]}" ||
    die "not all passed; each round that failed says above how to play it again"
say "all rounds passed"
