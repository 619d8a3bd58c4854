#!/usr/bin/env bash
# Prints where cargo put the `demeter` binary, wherever its target folder is.
# usage: binary.sh [PROFILE FOLDER]        default: debug
set -euo pipefail
read_target='import json, sys; print(json.load(sys.stdin)["target_directory"])'
target=$(cargo metadata --format-version 1 --no-deps | python3 -c "$read_target")
echo "$target/${1:-debug}/demeter"
