#!/usr/bin/env bash
# Plays many rounds of four sidecars against one limit, with kills, a frozen Redis and a Redis that forgets. ROUNDS says
# how many (100); each has a seed, from SEED on (a random one unless it is said), which chooses the scenario and the
# limit. SCENARIO (quiet, kills, freezes, rollbacks) and LIMIT (1, 10, 1000, 10000) fix these.
set -euo pipefail
# shellcheck source=scripts/prelude.sh
. "$(dirname "$0")/prelude.sh"

scripts/install-dependencies.sh test
make_venv
say "building"
swift build --product tollgate
swift build --product stripe-sandbox
binaries=$(swift build --show-bin-path)
export TOLLGATE_BIN="$binaries/tollgate" STRIPE_SANDBOX_BIN="$binaries/stripe-sandbox" ROUNDS="${ROUNDS:-100}"
# Each round is named with its seed before it is played.
exec "$venv/bin/python" -m pytest -v -p no:cacheprovider Tests/IntegrationTests/test_exactness_under_faults.py
