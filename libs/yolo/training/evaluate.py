"""Measure weights on what is kept for measuring, source by source.

Photos are searched as the product searches them. Of each source: plants and what was
counted, with its sign; F1 where a box counts as right at an intersection over union
of 0.5, and where it does by its centre; recall by size and by crowding; boxes on
pictures without plants. Nothing of two sources is thrown together. With `--worst`
the pictures with most mistakes are drawn.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch

from data import read_yolo
from predict import Boxes, areas, box_iou, load_network, read_rgb, search, shared_areas
from splits import VALIDATION, pictures, read_rules

# Longer sides in pixels of the picture.
SIZES = (0, 16, 32, 64, 128, 256, 10**6)


@dataclass(frozen=True)
class Case:
    """A picture, its truth `[N, 4]`, and boxes that count neither way."""

    path: Path
    truth: Boxes
    ignored: Boxes


@dataclass(frozen=True)
class Result:
    """What was found in a case: for each box (best first) and each truth box, whether
    it has a partner by overlap and by centre."""

    case: Case
    found: Boxes
    by_overlap: np.ndarray
    by_centre: np.ndarray
    truth_found: np.ndarray


def read_cases(folder: Path, limit: int, smallest: float) -> list[Case]:
    """The validation side of a set. Truth boxes whose longer side is below `smallest`
    count neither way."""
    if (folder / "truth.json").exists():
        rows = json.loads((folder / "truth.json").read_text())["images"]
        read = [(folder / row["file"], np.array(row["boxes"], float).reshape(-1, 4)) for row in rows]
    else:
        read = [(path, read_yolo(path).astype(float))
                for path in pictures(folder, VALIDATION, read_rules())
                if path.with_suffix(".txt").exists()]
    return [_case(path, boxes, smallest) for path, boxes in read[:limit]]


def _case(path: Path, boxes: Boxes, smallest: float) -> Case:
    small = (boxes[:, 2:] - boxes[:, :2]).max(-1, initial=0) < smallest
    ignored = read_ignored(path) if path.with_suffix(".ignore.txt").exists() else np.zeros((0, 4))
    return Case(path, boxes[~small], np.concatenate((boxes[small], ignored)))


def read_ignored(path: Path) -> Boxes:
    """Boxes of `<name>.ignore.txt`, in pixels."""
    lines = path.with_suffix(".ignore.txt").read_text().split("\n")
    rows = np.array([line.split()[1:5] for line in lines if line.strip()], float).reshape(-1, 4)
    height, width = read_rgb(path).shape[:2]
    corners = np.hstack((rows[:, :2] - rows[:, 2:] / 2, rows[:, :2] + rows[:, 2:] / 2))
    return corners * np.tile((width, height), 2)


def partners(fits: np.ndarray, merit: np.ndarray) -> np.ndarray:
    """For each found box (best first) the truth box it is counted for, or -1: the free
    one of highest merit among those that it fits."""
    chosen = np.full(len(fits), -1)
    value = np.where(fits, merit, -np.inf)
    for row in range(len(fits)):
        if value.shape[1] and np.isfinite(value[row].max()):
            chosen[row] = value[row].argmax()
            value[:, chosen[row]] = -np.inf
    return chosen


def centres_inside(found: Boxes, truth: Boxes) -> np.ndarray:
    """Which found boxes have their centre in which truth boxes."""
    middle = (found[:, None, :2] + found[:, None, 2:4]) / 2
    return ((middle > truth[None, :, :2]) & (middle < truth[None, :, 2:4])).all(-1)


def compare(case: Case, found: Boxes) -> Result:
    """Pair boxes with truth; boxes without a partner that lie on ignored ones are dropped."""
    iou = box_iou(found, case.truth)
    middle = lambda boxes: (boxes[:, :2] + boxes[:, 2:4]) / 2
    distance = np.linalg.norm(middle(found)[:, None] - middle(case.truth)[None], axis=-1)
    overlap = partners(iou >= 0.5, iou)
    centre = partners(centres_inside(found, case.truth), -distance)
    covered = shared_areas(found, case.ignored).max(1, initial=0) > 0.5 * areas(found)
    kept = ~(covered & (overlap < 0) & (centre < 0))
    hit = np.zeros(len(case.truth), bool)
    hit[overlap[overlap >= 0]] = True
    return Result(case, found[kept], overlap[kept] >= 0, centre[kept] >= 0, hit)


def touching(truth: Boxes) -> np.ndarray:
    """Which truth boxes touch another one."""
    shared = shared_areas(truth, truth)
    np.fill_diagonal(shared, 0)
    return shared.max(1, initial=0) > 0.02 * areas(truth)


def f1(right: int, found: int, truth: int) -> float:
    """Harmonic mean of precision and recall."""
    return 2 * right / max(found + truth, 1)


def summary(results: list[Result]) -> dict[str, object]:
    """Figures of one source."""
    with_plants = [r for r in results if len(r.case.truth)]
    truth = sum(len(r.case.truth) for r in results)
    found = sum(len(r.found) for r in with_plants)
    errors = [abs(len(r.found) - len(r.case.truth)) / len(r.case.truth) for r in with_plants]
    figures: dict[str, object] = {"pictures": len(results), "plants": truth}
    if truth:
        figures |= {
            "counted": found, "error": round((found - truth) / truth, 4),
            "mean_error": round(float(np.mean(errors)), 4),
            "f1_iou": round(f1(sum(int(r.by_overlap.sum()) for r in with_plants), found, truth), 4),
            "f1_centre": round(f1(sum(int(r.by_centre.sum()) for r in with_plants), found, truth), 4),
            "false": sum(int((~r.by_centre).sum()) for r in with_plants),
            "recall_by_size": _shares(results, _size_classes),
            "recall_by_crowding": _shares(results, _crowding_classes),
        }
    without = [r for r in results if not len(r.case.truth)]
    if without:
        figures |= {"empty_pictures": len(without),
                    "false_on_empty": sum(len(r.found) for r in without)}
    return figures


def _size_classes(truth: Boxes) -> list[str]:
    sides = (truth[:, 2:] - truth[:, :2]).max(-1, initial=0)
    return [f"{SIZES[k - 1]}+" for k in np.searchsorted(SIZES, sides, side="right")]


def _crowding_classes(truth: Boxes) -> list[str]:
    return ["touching" if close else "apart" for close in touching(truth)]


def _shares(results: list[Result], classes) -> dict[str, str]:
    """Found plants of each class, at an overlap of 0.5: `found/all`."""
    counts: dict[str, list[int]] = {}
    for result in results:
        for name, hit in zip(classes(result.case.truth), result.truth_found):
            count = counts.setdefault(name, [0, 0])
            count[0] += int(hit)
            count[1] += 1
    order = sorted(counts, key=lambda name: (len(name), name))
    return {name: f"{counts[name][0]}/{counts[name][1]}" for name in order}


def draw(result: Result) -> np.ndarray:
    """Truth green, right boxes blue, wrong ones red; BGR."""
    picture = cv2.imread(str(result.case.path), cv2.IMREAD_COLOR)
    thick = max(1, max(picture.shape[:2]) // 450)
    lists = [(box, (90, 220, 90)) for box in result.case.truth]
    lists += [(box, (255, 120, 20) if right else (30, 30, 255))
              for box, right in zip(result.found, result.by_centre)]
    for box, colour in lists:
        x1, y1, x2, y2 = (int(v) for v in box[:4])
        cv2.rectangle(picture, (x1, y1), (x2, y2), colour, thick)
    return picture


def mistakes(result: Result) -> int:
    """Wrong boxes and plants that were not found, by centre."""
    right = int(result.by_centre.sum())
    return len(result.found) + len(result.case.truth) - 2 * right


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path, help="checkpoint.pt or exported safetensors")
    parser.add_argument("sets", type=Path, nargs="+", help="folders of sets")
    parser.add_argument("--limit", type=int, default=10**6, help="pictures of a set at most")
    parser.add_argument("--smallest", type=float, default=8.0,
                        help="plants with a shorter longer side count neither way")
    parser.add_argument("--confidence", type=float, default=0.25)
    parser.add_argument("--photo", type=Path, nargs="*", default=[],
                        help="photos without boxes, of which only the count is told")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    parser.add_argument("--worst", type=Path, help="draw the worst pictures into this folder")
    parser.add_argument("--drawn", type=int, default=5, help="so many of each set")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--bf16", action="store_true",
                        help="faster and a little coarser, to choose between runs")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    network = load_network(args.weights).to(memory_format=torch.channels_last)
    report: dict[str, dict[str, object]] = {}
    for path in args.photo:
        with torch.autocast("cpu", torch.bfloat16, enabled=args.bf16):
            report[path.name] = {"counted": len(search(network, read_rgb(path), args.confidence))}
        print(path.name, json.dumps(report[path.name]), flush=True)
    for folder in args.sets:
        results = []
        for case in read_cases(folder, args.limit, args.smallest):
            with torch.autocast("cpu", torch.bfloat16, enabled=args.bf16):
                found = search(network, read_rgb(case.path), args.confidence)
            results.append(compare(case, found))
        report[folder.name] = summary(results)
        print(folder.name, json.dumps(report[folder.name]), flush=True)
        if args.worst:
            args.worst.mkdir(parents=True, exist_ok=True)
            for result in sorted(results, key=mistakes, reverse=True)[:args.drawn]:
                name = f"{folder.name}-{result.case.path.stem}.png"
                cv2.imwrite(str(args.worst / name), draw(result))
    if args.json:
        args.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
