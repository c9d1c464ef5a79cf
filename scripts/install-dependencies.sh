#!/usr/bin/env bash
# Installs, with apt, what is missing on this machine: what `run` needs, or what `test` needs in addition.
# Usage: scripts/install-dependencies.sh run|test
set -euo pipefail
# shellcheck source=scripts/prelude.sh
. "$(dirname "$0")/prelude.sh"

# package | a command that succeeds where it is not needed any more | why
run_packages=(
    "gcc|command -v cc|the linker that Swift calls"
    "libc6-dev|test -e /usr/include/stdio.h|the C library's headers"
    "pkg-config|command -v pkg-config|tells Swift where C libraries are"
    "libhiredis-dev|pkg-config --exists hiredis|reads Redis replies"
    "libssl-dev|pkg-config --exists libcrypto|digests and constant-time comparison"
    "libcurl4-openssl-dev|pkg-config --exists libcurl|HTTP requests to Stripe"
    "redis-server|command -v redis-server|keeps the counters; tollgate starts a private one"
    "redis-tools|command -v redis-cli|redis-cli, to ask with"
    "curl|command -v curl|seeds the Stripe sandbox"
)
# Where Debian puts the sources of Go packages.
go_sources=/usr/share/gocode/src
test_packages=(
    "python3|command -v python3|runs the whole-binary tests and the bench"
    "python3-venv|python3 -c 'import ensurepip, venv'|their Python packages stay in ./var"
    "openssl|command -v openssl|makes certificates for the TLS tests"
    "nodejs|command -v node|runs the Node example"
    "node-redis|test -d /usr/share/nodejs/redis|the Node example's Redis client"
    "golang-go|command -v go|runs the Go example"
    "golang-github-gomodule-redigo-dev|test -d $go_sources/github.com/gomodule/redigo|the Go example's Redis client"
    "shellcheck|command -v shellcheck|checks the scripts"
)

require_swift() {
    local version
    command -v swift >/dev/null || die "no swift: tollgate needs the Swift toolchain, 6.3 or newer;" \
        "https://www.swift.org/install/linux says how to get it (swiftly, or a tar file). Then see that it is in PATH."
    version=$(swift --version 2>&1 | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
    [ -n "$version" ] || die "swift --version tells no version; see https://www.swift.org/install/linux"
    [ "$(printf '%s\n' 6.3 "$version" | sort -V | head -n 1)" = 6.3 ] || die "swift is $version, and tollgate needs" \
        "6.3 or newer: https://www.swift.org/install/linux"
}

# Ends with the packages to install in `missing`.
find_missing() {
    local row package probe reason
    missing=()
    for row in "$@"; do
        IFS='|' read -r package probe reason <<<"$row"
        if ! bash -c "$probe" >/dev/null 2>&1; then
            missing+=("$package")
            say "missing: $package ($reason)"
        fi
    done
}

install_missing() {
    local as_root=() command="apt-get install --no-install-recommends ${missing[*]}"
    command -v apt-get >/dev/null || die "no apt-get here: install what corresponds to ${missing[*]} and start again"
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "not root, and there is no sudo. As root, run: $command"
        as_root=(sudo)
        say "asking sudo for: $command"
    fi
    # RUNLEVEL=1 keeps an init system of the old kind from starting the packaged Redis; systemd is told below.
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -q -y --no-install-recommends "${missing[@]}"
    if [[ " ${missing[*]} " == *" redis-server "* ]] && [ -d /run/systemd/system ]; then
        say "switching off the redis-server service that came with the package: tollgate starts its own"
        "${as_root[@]}" systemctl disable --quiet --now redis-server
    fi
}

case "${1:-}" in
run) packages=("${run_packages[@]}") ;;
test) packages=("${run_packages[@]}" "${test_packages[@]}") ;;
*) die "expected run or test" ;;
esac
require_swift
find_missing "${packages[@]}"
if [ ${#missing[@]} -gt 0 ]; then install_missing; fi
