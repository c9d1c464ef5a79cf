#!/usr/bin/env bash
# Runs all tests: Swift's, the Stripe sandbox's, those of the whole binaries, and the bench in its smallest form.
# Every suite runs, also after one has failed. STRIPE_CONTRACT_DIR, if set, names Stripe's contract data.
set -euo pipefail
# shellcheck source=scripts/prelude.sh
. "$(dirname "$0")/prelude.sh"

scripts/install-dependencies.sh test

make_venv

say "building"
swift build --build-tests
binaries=$(swift build --show-bin-path)
export TOLLGATE_BIN="$binaries/tollgate" STRIPE_SANDBOX_BIN="$binaries/stripe-sandbox"
if [ -z "${STRIPE_CONTRACT_DIR:-}" ]; then
    say "STRIPE_CONTRACT_DIR is not set: checks against Stripe's contract data are left out"
fi

failed=()
suite() {
    local name=$1
    shift
    say "$name"
    "$@" || failed+=("$name")
}
suite "Swift tests" swift test --skip-build --skip SimulationTests
# By itself: it computes without a pause, and tests that wait for a server would wait for it.
suite "simulation" swift test --skip-build --filter SimulationTests
suite "Stripe sandbox tests" "$venv/bin/python" -m pytest -q -p no:cacheprovider Tests/StripeSandbox
# By Stripe's last SDK for usage records, which cannot be installed beside the newest.
acacia_sdk() {
    install_packages var/venv-acacia Tests/requirements-acacia.txt &&
        var/venv-acacia/bin/python -m pytest -q -p no:cacheprovider Tests/StripeSandbox/test_acacia_sdk.py
}
suite "Stripe sandbox tests with the SDK of acacia" acacia_sdk
suite "whole-binary tests" "$venv/bin/python" -m pytest -q -p no:cacheprovider Tests/IntegrationTests
suite "bench smoke" "$venv/bin/python" bench/run.py --smoke --tollgate "$TOLLGATE_BIN"
suite "bench scenarios smoke" "$venv/bin/python" bench/scenarios.py --smoke --tollgate "$TOLLGATE_BIN"
suite "bench of the Stripe leg smoke" "$venv/bin/python" bench/stripe.py --smoke --tollgate "$TOLLGATE_BIN" \
    --sandbox "$STRIPE_SANDBOX_BIN"

if [ ${#failed[@]} -gt 0 ]; then
    printf -v names '%s, ' "${failed[@]}"
    die "failed: ${names%, }"
fi
say "all suites passed"
