#!/usr/bin/env bash
# Times a forward pass of the network and of its peers, in turn: ONNX Runtime,
# OpenVINO and PyTorch, which it installs into TOOLS/bench-venv the first time.
# usage: bench-infer.sh [--threads N] [--rounds N] [--runs N] [--model NAME]
#
# PyTorch's default Linux build brings CUDA libraries (3 GB to download, 6 GB on
# disk); where pip is set up with an index of CPU-only builds it takes those.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=${TOOLS:-${HOME:?set HOME or TOOLS}/.cache/demeter/tools}
sources=services/e2e/bench_infer
python=$tools/bench-venv/bin/python
installed=$tools/bench-venv/installed.txt

if ! cmp --silent "$sources/requirements.txt" "$installed"; then
  echo "installing the peers into $tools/bench-venv (some minutes the first time) …" >&2
  python3 -m venv "$tools/bench-venv"
  "$python" -m pip install --quiet --disable-pip-version-check --requirement "$sources/requirements.txt"
  cp "$sources/requirements.txt" "$installed"
fi
cargo build --profile release-fast --workspace --bin demeter
exec "$python" "$sources/main.py" --binary "$(services/e2e/binary.sh release-fast)" "$@"
