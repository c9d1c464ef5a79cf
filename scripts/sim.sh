#!/usr/bin/env bash
# Simulates the lease protocol. SEEDS says how many histories, in a release build (100,000 unless it is said); SEED
# replays one, with its steps, in the debug build that the tests use.
set -euo pipefail
# shellcheck source=scripts/prelude.sh
. "$(dirname "$0")/prelude.sh"

if [ -n "${SEED:-}" ]; then
    SIM_SEED=$SEED exec swift test --filter SimulationTests.Simulation/
fi
# Test targets see the internals of what they test, which a release build allows only when asked.
TOLLGATE_ONLY_TESTS=SimulationTests SIM_SEEDS=${SEEDS:-100000} exec \
    swift test -c release -Xswiftc -enable-testing --filter SimulationTests.Simulation/
