#!/usr/bin/env bash
# Fetches buf, the protobuf linter, from PyPI into a folder.
set -euo pipefail
tools=${1:?usage: fetch-buf.sh FOLDER}
version=1.75.0
command -v python3 >/dev/null || { echo "fetch-buf: python3 is not installed" >&2; exit 1; }
mkdir -p "$tools"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$work" "buf-bin==$version"
python3 - "$work" "$tools/buf" <<'PY'
import glob, os, sys, zipfile
folder, target = sys.argv[1:]
(wheel,) = glob.glob(f"{folder}/*.whl")
with zipfile.ZipFile(wheel) as archive:
    (name,) = [n for n in archive.namelist() if n.endswith("/buf")]
    with open(target + ".new", "wb") as out:
        out.write(archive.read(name))
os.chmod(target + ".new", 0o755)
os.replace(target + ".new", target)
PY
