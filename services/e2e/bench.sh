#!/usr/bin/env bash
# Times the merging of a crowd, then a count from the command line, whole process,
# model load included: prints the median and the range of five runs after one warm-up.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --profile release-fast --workspace --bin demeter
cargo bench --profile release-fast --workspace --bench merging
binary=$(services/e2e/binary.sh release-fast)
photo=services/demeter/demo/bed.jpg
python3 - "$binary" "$photo" <<'PY'
import statistics, subprocess, sys, time

binary, photo = sys.argv[1:]

def run():
    start = time.perf_counter()
    output = subprocess.run([binary, "detect", photo], check=True, capture_output=True, text=True).stdout
    return time.perf_counter() - start, output.strip().splitlines()[-1]

run()
times, found = zip(*(run() for _ in range(5)))
print(f"detect {photo}: {found[0]}; median {statistics.median(times):.2f} s, {min(times):.2f} to {max(times):.2f} s")
PY
