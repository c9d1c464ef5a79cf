#!/usr/bin/env bash
# What continuous integration runs: format, shellcheck, build with warnings as errors, all tests.
set -euo pipefail
# shellcheck source=scripts/prelude.sh
. "$(dirname "$0")/prelude.sh"

scripts/install-dependencies.sh test
say "format"
swift format lint --strict --parallel --recursive --configuration .swift-format Package.swift Sources Tests
say "shellcheck"
shellcheck --external-sources scripts/*.sh .ci/run
scripts/test.sh
