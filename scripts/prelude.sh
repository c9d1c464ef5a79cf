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
    if ! cmp -s Tests/requirements.txt "$venv/requirements.txt"; then
        say "making $venv for Tests/requirements.txt"
        mkdir -p var
        python3 -m venv --clear "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check -r Tests/requirements.txt
        cp Tests/requirements.txt "$venv/requirements.txt"
    fi
}
