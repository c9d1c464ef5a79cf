#!/usr/bin/env bash
# Measures a release build and puts the results into bench/README.md, which says what is measured: the cost of a
# decision, or with "stripe" what it takes to send to Stripe.
set -euo pipefail
# shellcheck source=scripts/prelude.sh
. "$(dirname "$0")/prelude.sh"

case ${1:-} in
"") programs=(bench/run.py bench/scenarios.py) ;;
stripe) programs=(bench/stripe.py) ;;
*) die "expected nothing or stripe, not $1" ;;
esac
scripts/install-dependencies.sh test
swift build -c release --product tollgate
[ -z "${1:-}" ] || swift build -c release --product stripe-sandbox
# The binary by its path in here: the command stands in the results, which know of no machine's folders. All run, also
# when a gate of one before does not hold.
failed=0
for program in "${programs[@]}"; do
    python3 "$program" --gate --write-readme --tollgate .build/release/tollgate || failed=$?
done
exit "$failed"
