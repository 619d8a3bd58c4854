#!/usr/bin/env bash
# Runs a command in an environment that builds and links CUDA, on a machine with
# neither a GPU nor NVIDIA's toolkit.
#
# usage: toolkit.sh COMMAND…
#   libs/yolo/cuda/toolkit.sh cargo build -p demeter-yolo --features cuda
#   libs/yolo/cuda/toolkit.sh --no-gpu cargo test -p demeter-yolo --features cuda
#
# The first run installs nvcc 13.0 (300 MB) from PyPI into $CUDA_TOOLS, by default
# ~/.cache/demeter/tools/cuda. What NVIDIA's driver and libraries would bring to the
# link is made here: libraries of the right names whose every function answers "no
# device". The program asks for the real ones by the same names, so it runs where a
# driver and CUDA 13 are installed (LD_LIBRARY_PATH has to name the latter, for example
# site-packages/nvidia/cu13/lib next to PyTorch). With --no-gpu the command finds our
# libraries instead and sees a machine without a GPU.
#
# CUDA_COMPUTE_CAP says which GPU: 90 (H100, H200), 80 (A100), 86 and 89 (consumer
# cards), 75 (T4). Where the toolkit is installed, none of this is needed: cargo alone
# finds it.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=${CUDA_TOOLS:-${HOME:?set HOME or CUDA_TOOLS}/.cache/demeter/tools/cuda}
venv=$tools/venv
say() { echo "toolkit: $*" >&2; }

no_gpu=
if [ "${1-}" = --no-gpu ]; then
    no_gpu=yes
    shift
fi
[ $# -gt 0 ] || { say "usage: toolkit.sh [--no-gpu] COMMAND…"; exit 2; }
for program in python3 gcc g++ cargo; do
    command -v $program >/dev/null || { say "$program is missing"; exit 1; }
done

if [ ! -e "$tools/installed-13.0" ]; then
    say "installing nvcc 13.0 into $tools"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-cache-dir \
        --no-deps --require-hashes --requirement "$here/requirements.txt"
    touch "$tools/installed-13.0"
fi
CUDA_HOME=$(echo "$venv"/lib/python3*/site-packages/nvidia/cu13)
[ -x "$CUDA_HOME/bin/nvcc" ] || { say "no nvcc in $CUDA_HOME: remove $tools and try again"; exit 1; }

# The names of all functions that cudarc, candle's binding, may call in a library.
names() { grep -oP '^pub unsafe fn \K(cu|nvrtc)\w+' "$bindings/src/$1/sys/mod.rs"; }

# stub PART FILE: the library that a part of cudarc binds, by the name it is loaded by.
stub() {
    local link=$stubs/${2%.so.*}.so
    names "$1" | sort -u | sed 's/.*/int &(void) { return 100; }/' |
        gcc -shared -fPIC -w -fno-builtin -Wl,-soname,"$2" -x c -o "$stubs/$2" -
    ln -sf "$2" "$link"
}

# cudarc looks for libraries in lib/stubs of the toolkit, as NVIDIA ships them.
stubs=$CUDA_HOME/lib/stubs
bindings=$(cargo metadata --format-version 1 --manifest-path "$here/../Cargo.toml" --features cuda |
    python3 -c 'import json, os, sys
packages = json.load(sys.stdin)["packages"]
print(*(os.path.dirname(p["manifest_path"]) for p in packages if p["name"] == "cudarc"))')
if [ "$(cat "$stubs/made-for" 2>/dev/null)" != "$bindings" ]; then
    rm -rf "$stubs"
    mkdir -p "$stubs"
    stub driver libcuda.so.1
    stub nvrtc libnvrtc.so.13
    stub curand libcurand.so.10
    stub cublas libcublas.so.13
    stub cublaslt libcublasLt.so.13
    stub cudnn libcudnn.so.9
    # The runtime is small and needs no driver to load: the real one.
    ln -s ../libcudart.so.13 "$stubs/libcudart.so"
    ln -s ../libcudart.so.13 "$stubs/libcudart.so.13"
    echo "$bindings" >"$stubs/made-for"
fi

export PATH="$CUDA_HOME/bin:$PATH"
export CUDA_HOME CUDA_PATH="$CUDA_HOME" CUDA_ROOT="$CUDA_HOME" CUDA_TOOLKIT_ROOT_DIR="$CUDA_HOME"
export CUDA_COMPUTE_CAP="${CUDA_COMPUTE_CAP:-90}"
# As many compilers as cores, unless told otherwise.
export CUDAFORGE_THREADS="${CUDAFORGE_THREADS:-$(nproc)}"
# Not every crate passes on where its libraries are.
export LIBRARY_PATH="$stubs${LIBRARY_PATH:+:$LIBRARY_PATH}"
if [ -n "$no_gpu" ]; then
    export LD_LIBRARY_PATH="$stubs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
fi
exec "$@"
