#!/usr/bin/env bash
# Checks what others wrote and we build: licences, where it comes from, what stands in
# several versions, and published faults. Policy and exceptions: .deny.toml.
# usage: deny.sh CARGO_DENY
set -euo pipefail
cd "$(dirname "$0")/.."
deny=${1:?usage: deny.sh CARGO_DENY}

"$deny" check --hide-inclusion-graph bans licenses sources
if "$deny" fetch db 2>/dev/null; then
    exec "$deny" check advisories
fi
echo "deny: the database of published faults, github.com/rustsec/advisory-db, cannot be reached: not checked" >&2
# GitHub's own machines can reach it.
[ -z "${GITHUB_ACTIONS:-}" ]
