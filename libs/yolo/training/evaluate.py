"""Measure a trained network on composed scenes it has not seen, and on one real photo.

Prints precision, recall, mAP and counting error as JSON. The real photo (a tray
with 19 plants) is not part of the repository; without it only the composed
scenes are measured.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import cv2
import numpy as np
import torch

from predict import (
    Boxes, box_iou, detect, detect_tiled, draw_boxes, load_network, read_rgb,
)
from model import Yolo11

SHARED = Path(os.environ.get("DEMETER_SHARED", "../shared"))
IOU_STEPS = np.arange(0.5, 0.96, 0.05)


def hits(found: Boxes, truth: np.ndarray, iou: float) -> np.ndarray:
    """Which found boxes (best first) are the first to hit a truth box."""
    result = np.zeros(len(found), bool)
    if not len(truth) or not len(found):
        return result
    overlaps = box_iou(found[:, :4], truth)
    for row in range(len(found)):
        best = int(overlaps[row].argmax())
        if overlaps[row, best] >= iou:
            result[row] = True
            overlaps[:, best] = -1
    return result


def average_precision(scores: np.ndarray, correct: np.ndarray, truths: int) -> float:
    """Area under the precision-recall curve, precision made monotone."""
    order = np.argsort(-scores, kind="stable")
    good = np.cumsum(correct[order])
    recall = np.concatenate(((0.0,), good / max(truths, 1)))
    precision = np.concatenate(((1.0,), good / np.arange(1, len(good) + 1)))
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(recall) * envelope[1:]).sum())


def without_small(found: Boxes, truth: np.ndarray, smallest: float) -> tuple[Boxes, np.ndarray]:
    """Leave out truth boxes whose longer side is below `smallest`, and what found them."""
    small = (truth[:, 2:] - truth[:, :2]).max(-1, initial=0) < smallest
    if not small.any() or not len(found):
        return found, truth[~small]
    near = box_iou(found[:, :4], truth)
    on_small = (near.max(1) >= 0.3) & small[near.argmax(1)]
    return found[~on_small], truth[~small]


def measure_scenes(
    network: Yolo11, folder: Path, size: int, confidence: float, limit: int, smallest: float
) -> dict[str, float]:
    """Figures over the composed scenes of a folder; `smallest` is in pixels at `size`."""
    listing = json.loads((folder / "truth.json").read_text())
    rows = listing["images"][:limit]
    least = smallest * listing["size"] / size
    found, truths = [], []
    for row in rows:
        truth = np.array(row["boxes"], float).reshape(-1, 4)
        boxes = detect(network, read_rgb(folder / row["file"]), size, 0.01)
        kept, wanted = without_small(boxes, truth, least)
        found.append(kept)
        truths.append(wanted)
    scores = np.concatenate([f[:, 4] for f in found])
    total = sum(map(len, truths))
    correct = [np.concatenate([hits(f, t, iou) for f, t in zip(found, truths)])
               for iou in IOU_STEPS]
    precisions = [average_precision(scores, c, total) for c in correct]
    good, said = int(correct[0][scores >= confidence].sum()), int((scores >= confidence).sum())
    counts = np.array([(f[:, 4] >= confidence).sum() for f in found])
    wanted = np.array([len(t) for t in truths])
    return {
        "scenes": len(rows), "plants": total, "size": size, "smallest": smallest,
        "confidence": confidence,
        "precision": round(good / max(said, 1), 4), "recall": round(good / max(total, 1), 4),
        "mAP50": round(precisions[0], 4), "mAP50-95": round(float(np.mean(precisions)), 4),
        "count_error_mean_abs": round(float(np.abs(counts - wanted).mean()), 3),
        "count_error_total_share": round(float((counts.sum() - wanted.sum()) / max(total, 1)), 4),
    }


def measure_photo(
    network: Yolo11, path: Path, confidence: float, tile: int, overlap: float, drawing: Path | None
) -> dict[str, object]:
    """Counts on one photo: letterboxed to 640, at native size, and tiled if it is large."""
    rgb = read_rgb(path)
    native = -(-max(rgb.shape[:2]) // 32) * 32
    boxed = detect(network, rgb, 640, confidence)
    figures: dict[str, object] = {"letterbox_640": len(boxed)}
    if native <= 1280:
        figures[f"native_{native}"] = len(detect(network, rgb, native, confidence))
    best = boxed
    if max(rgb.shape[:2]) > tile:
        best = detect_tiled(network, rgb, tile, overlap, confidence)
        figures["tiled"] = len(best)
    figures["scores"] = [round(float(s), 2) for s in best[:, 4]] if len(best) < 40 else "many"
    if drawing is not None:
        enlarge = max(1, 1200 // max(rgb.shape[:2]))
        big = cv2.resize(rgb, None, fx=enlarge, fy=enlarge, interpolation=cv2.INTER_CUBIC)
        marked = draw_boxes(big, np.hstack((best[:, :4] * enlarge, best[:, 4:])))
        cv2.imwrite(str(drawing), cv2.cvtColor(marked, cv2.COLOR_RGB2BGR))
    return figures


def measure_against_truth(found: Boxes, truth_file: Path) -> dict[str, float]:
    """Count, precision and recall of boxes on a photo with known truth."""
    truth = np.array(json.loads(truth_file.read_text())["boxes"], float).reshape(-1, 4)
    good = int(hits(found, truth, 0.5).sum())
    return {"truth": len(truth), "found": len(found),
            "precision": round(good / max(len(found), 1), 3),
            "recall": round(good / max(len(truth), 1), 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path, help="checkpoint.pt or exported safetensors")
    parser.add_argument("--scenes", type=Path, help="folder of held-out composed scenes")
    parser.add_argument("--sizes", type=int, nargs="+", default=[416, 640])
    parser.add_argument("--limit", type=int, default=10**6, help="at most so many scenes")
    parser.add_argument("--smallest", type=float, default=0.0,
                        help="leave out plants smaller than so many pixels at the given size")
    parser.add_argument("--confidence", type=float, default=0.25)
    parser.add_argument("--photo", type=Path,
                        default=SHARED / "photos" / "tray_arabidopsis_19_plants.jpg")
    parser.add_argument("--truth", type=Path, help="truth of the photo, if known")
    parser.add_argument("--tile", type=int, default=640)
    parser.add_argument("--overlap", type=float, default=0.25)
    parser.add_argument("--drawing", type=Path, help="write the photo with boxes here (PNG)")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    network = load_network(args.weights)
    report: dict[str, object] = {}
    if args.scenes:
        for size in args.sizes:
            report[f"scenes_{size}"] = measure_scenes(
                network, args.scenes, size, args.confidence, args.limit, args.smallest)
    if args.photo.exists():
        report[args.photo.name] = measure_photo(
            network, args.photo, args.confidence, args.tile, args.overlap, args.drawing)
        if args.truth:
            found = detect_tiled(network, read_rgb(args.photo), args.tile, args.overlap,
                                 args.confidence)
            report[args.truth.name] = measure_against_truth(found, args.truth)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
