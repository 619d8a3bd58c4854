#!/usr/bin/env bash
# Runs every test: with nextest when it is installed, else with cargo's runner.
set -euo pipefail
cargo build --workspace
DEMETER_BINARY=$(services/e2e/binary.sh)
export DEMETER_BINARY
if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run --workspace --no-fail-fast
else
  cargo test --workspace --no-fail-fast
fi
