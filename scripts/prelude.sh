# Sourced by the other scripts: moves to the project's root and says things in one way.
# shellcheck shell=bash

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

say() { printf '== %s\n' "$*"; }

die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# The tests' Python packages, kept in ./var; `venv` says where.
make_venv() {
    venv=var/venv
    install_packages "$venv" Tests/requirements.txt
}

# Makes a directory's Python packages those of a requirements file, if they are not.
install_packages() {
    cmp -s "$2" "$1/requirements.txt" && return
    say "making $1 for $2"
    mkdir -p var &&
        python3 -m venv --clear "$1" &&
        "$1/bin/pip" install --quiet --disable-pip-version-check -r "$2" &&
        cp "$2" "$1/requirements.txt"
}
