#!/usr/bin/env bash
# Runs every test: with nextest when it is installed, else with cargo's runner.
# At the end it lists what was skipped and why. With DEMETER_SKIP_NOTHING=1 it
# fails when anything was that this machine could have run.
set -euo pipefail
cargo build --workspace
DEMETER_BINARY=$(services/e2e/binary.sh)
DEMETER_SKIPPED=$(mktemp -t demeter-skipped-XXXXXX)
export DEMETER_BINARY DEMETER_SKIPPED
trap 'rm -f "$DEMETER_SKIPPED"' EXIT

outcome=0
if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run --workspace --no-fail-fast || outcome=$?
else
  cargo test --workspace --no-fail-fast || outcome=$?
fi
services/e2e/skipped.sh "$DEMETER_SKIPPED" || [ -z "${DEMETER_SKIP_NOTHING:-}" ] || outcome=1
exit "$outcome"
