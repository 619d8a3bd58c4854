#!/bin/sh
# Puts buf 1.75.0, the protobuf linter, at TOOLS/buf-1.75.0/buf and prints that path.
# usage: fetch-buf.sh [TOOLS]        default: ~/.cache/demeter/tools
set -eu
tools=${1:-${HOME:?set HOME or name a folder}/.cache/demeter/tools}
# linux x86_64, linux aarch64, macOS 11 arm64
exec "$(dirname "$0")/../.ci/fetch-program.sh" \
    "$tools/buf-1.75.0/buf" buf-bin==1.75.0 /buf \
    6fd3ecb1694b6f5bcdfb9bef5297b330ffb9731b95445a42944c1b6158428101 \
    159e994efa072a7f3c84e5b90cf57f7b9a5e9f6387121bfc70e82ec7167d5694 \
    b5b1032fe41ec5f7823161697e82597c58081406b035ee6a419e8eb01f35bed6
