#!/usr/bin/env bash
# Measures a release build and puts the results into bench/README.md. bench/README.md says what is measured.
set -euo pipefail
# shellcheck source=scripts/prelude.sh
. "$(dirname "$0")/prelude.sh"

scripts/install-dependencies.sh test
swift build -c release --product tollgate
# The binary by its path in here: the command stands in the results, which know of no machine's folders. Both run, also
# when a gate of the first does not hold.
failed=0
for program in bench/run.py bench/scenarios.py; do
    python3 "$program" --gate --write-readme --tollgate .build/release/tollgate || failed=$?
done
exit "$failed"
