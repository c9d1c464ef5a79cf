#!/usr/bin/env bash
# Formats all Swift sources in place.
set -euo pipefail
# shellcheck source=scripts/prelude.sh
. "$(dirname "$0")/prelude.sh"

swift format --in-place --parallel --recursive --configuration .swift-format Package.swift Sources Tests
