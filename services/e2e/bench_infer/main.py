"""Time `demeter bench infer` and its peers in turn, on the same input.

Every contestant is a process of its own that loads a model once. Before a time is
taken, all of them must have given the same boxes. Then they run in rounds, one
after the other, so that whatever else the machine does meets all of them; a ratio
is the median of the ratios of single rounds.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import save_file

from check import REDUCED, SINGLE
from contestant import Contestant, Unable

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PICTURE = ROOT / "services/demeter/demo/bed.jpg"
SIDE = 640
OURS = "demeter"
# What every other answer is compared with.
REFERENCE = "onnxruntime"
ALL_PEERS = (REFERENCE, "openvino", "openvino-bf16", "torch")
# Seconds between two turns.
PAUSE = 0.1
# Cores that a contestant may use between its turns.
BUSY = 0.01


@dataclass(frozen=True)
class Subject:
    """A model, and who runs it."""

    model: str
    scale: str
    batch: int
    peers: tuple[str, ...]

    @property
    def segments(self) -> bool:
        return self.model.endswith("-seg")


@dataclass(frozen=True)
class Result:
    """What came of one subject."""

    subject: Subject
    # Of weights: `published` or `random`.
    kind: str
    contestants: list[Contestant]


SUBJECTS = (
    Subject("yolo11n", "n", 1, ALL_PEERS),
    Subject("yolo11n-seg", "n", 1, ALL_PEERS),
    Subject("yolo11n-seg", "n", 8, (REFERENCE,)),
    Subject("yolo11s-seg", "s", 1, ALL_PEERS),
)


def weights_of(subject: Subject, folder: Path) -> tuple[Path, str]:
    """A weight file and what kind it is: published where they are at hand, else random."""
    shared = Path(os.environ.get("DEMETER_SHARED", ROOT.parent / "shared"))
    published = shared / "models" / f"{subject.model}-coco.safetensors"
    if published.exists():
        return published, "published"
    import network

    made = folder / f"{subject.model}-random.safetensors"
    if not made.exists():
        network.write_random(subject.scale, subject.segments, made)
    return made, "random"


def write_input(batch: int, out: Path) -> None:
    """The bundled photo, once for each picture of the batch, moved a little each time."""
    with Image.open(PICTURE) as photo:
        pixels = np.asarray(photo.convert("RGB").resize((SIDE, SIDE)), np.float32) / 255
    planes = [np.roll(pixels, 80 * index, 1).transpose(2, 0, 1) for index in range(batch)]
    save_file({"input": np.ascontiguousarray(planes)}, str(out))


def commands(
    subject: Subject, weights: Path, folder: Path, args: argparse.Namespace
) -> dict[str, list[str | Path]]:
    """How to start each contestant on the same model and input: ours first."""
    graph, image = folder / "model.onnx", folder / "input.safetensors"
    write_input(subject.batch, image)
    # In a process of its own, so that this one stays small.
    export = [sys.executable, HERE / "export.py", weights, graph]
    shape = ["--batch", str(subject.batch), "--size", str(SIDE)]
    subprocess.run([*export, *shape], check=True, stdout=subprocess.DEVNULL)

    common = ["--input", image, "--threads", str(args.threads)]
    ours = [args.binary, "bench", "infer", "--on-request", "--weights", weights, *common]
    every = {OURS: ours}
    for peer in subject.peers:
        model = weights if peer == "torch" else graph
        every[peer] = [sys.executable, HERE / "peer.py", peer, model, *common]
    return every


def check(contestants: list[Contestant]) -> None:
    """Refuse to time anything unless all of them found the same boxes."""
    (reference,) = (one for one in contestants if one.name == REFERENCE)
    wrong = []
    for one in contestants:
        if one is reference:
            continue
        measure = REDUCED if one.name.endswith("bf16") else SINGLE
        parts = measure.differences(one.output, reference.output)
        shown = ", ".join(f"{name} {value:.1e}" for name, value in parts.items())
        print(f"  {one.name} against {REFERENCE}: {measure.name} {shown}; at most {measure.limit}")
        if max(parts.values()) > measure.limit:
            wrong.append(one.name)
    if wrong:
        raise SystemExit(
            f"bench-infer: not the same boxes as {REFERENCE}: {', '.join(wrong)}; nothing was timed"
        )


def measure(subject: Subject, folder: Path, args: argparse.Namespace) -> Result:
    """Check, then rounds of everyone in turn."""
    weights, kind = weights_of(subject, folder)
    print(f"{subject.model}, {kind} weights, batch {subject.batch}, {args.threads} threads:")
    runs = max(1, args.runs // subject.batch)
    contestants: list[Contestant] = []
    try:
        for name, command in commands(subject, weights, folder, args).items():
            try:
                contestants.append(Contestant.start(name, command, folder / f"{name}.safetensors"))
            except Unable as reason:
                print(f"  skipped: {reason}")
        check(contestants)
        print(f"  {args.rounds} rounds of {runs} forward passes each")
        for _ in range(args.rounds):
            for contestant in contestants:
                contestant.play(runs, PAUSE)
        for contestant in contestants:
            contestant.finish()
    finally:
        for contestant in contestants:
            contestant.stop()
    for contestant in contestants:
        cores = contestant.busy_while_idle
        if cores > BUSY:
            print(f"  {contestant.name} kept {cores:.2f} cores busy while others ran: run it again")
    return Result(subject, kind, contestants)


HEADER = (
    f"{'model':<23} {'runtime':<22} {'batch':>5} {'threads':>7} {'median ms':>9} {'p95 ms':>9}"
    f" {'images/s':>8} {'peak MiB':>8} {'of which':>8}  ours/peer (quartiles)"
)
FOOTER = """\
peak MiB: the most memory the process held; of which: interpreter and library, before a model.
ours/peer: median of the ratios of single rounds; below 1 ours is faster."""


def show(result: Result, threads: int) -> None:
    """One row for each contestant."""
    ours = result.contestants[0]
    batch = result.subject.batch
    for one in result.contestants:
        low, ratio, high = np.percentile(ours.medians / one.medians, (25, 50, 75))
        against = "" if one is ours else f"{ratio:.2f} ({low:.2f} to {high:.2f})"
        median, p95 = np.percentile(one.times, (50, 95))
        model = f"{result.subject.model} ({result.kind})"
        name = f"{one.name} {one.ready['version']}"
        print(
            f"{model:<23} {name:<22} {batch:>5} {threads:>7} {median:>9.1f} {p95:>9.1f}"
            f" {1e3 * batch / median:>8.1f} {mebibytes(one.peak_memory):>8}"
            f" {mebibytes(one.ready['baseline_memory_bytes']):>8}  {against}".rstrip()
        )


def mebibytes(size: int | None) -> str:
    return "-" if size is None else str(size >> 20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=Path, required=True, help="the demeter binary")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--runs", type=int, default=3,
                        help="forward passes in a round; fewer of a batch")
    parser.add_argument("--model", choices=sorted({one.model for one in SUBJECTS}),
                        help="only this one")
    args = parser.parse_args()

    # A line at a time, also into a file: a run takes minutes.
    sys.stdout.reconfigure(line_buffering=True)
    chosen = [one for one in SUBJECTS if args.model in (None, one.model)]
    results = []
    for subject in chosen:
        with tempfile.TemporaryDirectory(prefix="bench-infer-") as folder:
            results.append(measure(subject, Path(folder), args))
    print(f"\n{HEADER}")
    for result in results:
        show(result, args.threads)
    print(f"\n{FOOTER}")


if __name__ == "__main__":
    main()
