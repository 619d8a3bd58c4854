"""Running a trained network on pictures of any size, as the product does.

`search` does what `services/inference` does with a photo: tiles of 640 pixels with a
quarter overlap at full, half, quarter, ... resolution and the photo as a whole;
within a level, of two boxes that share half of the smaller one the more certain
stays, and whole ones before those cut by a tile; a box of a coarser level replaces
the parts found in it, unless whole finer boxes explain it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors.torch import load_file

from data import PAD_GREY
from model import Yolo11, fold_batch_norm, folded_network, predict

Boxes = np.ndarray
CONFIDENCE = 0.25
TILE, STEP = 640, 480
# A photo whose longer side has at most this many tiles is looked at whole.
WHOLE = 1.3
# A box this close to a tile's border, in pixels of its level, may be cut.
BORDER = 3.0
# Boxes of one tile with a higher intersection over union are one.
REPEATED = 0.7
# Boxes that share this part of the smaller one are one plant.
MERGED = 0.5
# Finer boxes that cover this share of a coarser one are what it shows.
EXPLAINED = 0.5


def load_network(path: Path) -> Yolo11:
    """A network from an exported file, or the averaged weights of a checkpoint."""
    if path.suffix == ".safetensors":
        return folded_network(load_file(str(path))).eval()
    state = torch.load(path, weights_only=True)["average"]
    return folded_network(fold_batch_norm(state)).eval()


def read_rgb(path: Path) -> np.ndarray:
    """An 8-bit RGB picture."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise FileNotFoundError(path)
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


# One picture -------------------------------------------------------------


def detect(
    network: Yolo11, rgb: np.ndarray, size: int = TILE, confidence: float = CONFIDENCE,
    iou: float = REPEATED,
) -> Boxes:
    """Boxes `[N, 5]` (corners and score) of one picture whose longer side becomes `size`."""
    height, width = rgb.shape[:2]
    scale = size / max(height, width)
    new_w, new_h = max(round(width * scale), 1), max(round(height * scale), 1)
    if (new_w, new_h) != (width, height):
        rgb = cv2.resize(rgb, (new_w, new_h), interpolation=cv2.INTER_LINEAR)
    left, top = (-new_w % 32) // 2, (-new_h % 32) // 2
    canvas = np.full((new_h + -new_h % 32, new_w + -new_w % 32, 3), PAD_GREY, np.uint8)
    canvas[top:top + new_h, left:left + new_w] = rgb
    image = torch.from_numpy(canvas.transpose(2, 0, 1).copy())[None].float() / 255
    boxes, scores = predict(network, image)
    rows = torch.cat((boxes[0], scores[0, :, :1]), 1)
    found = rows[rows[:, 4] > confidence].numpy().astype(np.float64)
    found[:, :4] = (found[:, :4] - (left, top, left, top)) / scale
    found[:, 0:4:2] = found[:, 0:4:2].clip(0, width)
    found[:, 1:4:2] = found[:, 1:4:2].clip(0, height)
    return suppress(found, iou)


def suppress(found: Boxes, iou: float) -> Boxes:
    """Non-maximum suppression, best first."""
    rest = found[np.argsort(-found[:, 4], kind="stable")]
    kept = []
    while len(rest):
        best, rest = rest[0], rest[1:]
        kept.append(best)
        rest = rest[box_iou(best[None, :4], rest[:, :4])[0] <= iou]
    return np.array(kept).reshape(-1, 5)


def areas(boxes: Boxes) -> np.ndarray:
    """Width times height."""
    return (boxes[:, 2:4] - boxes[:, :2]).clip(0).prod(-1)


def shared_areas(first: Boxes, second: Boxes) -> np.ndarray:
    """Matrix of the areas that both of two boxes cover."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:4], second[None, :, 2:4])
    return (high - low).clip(0).prod(-1)


def box_iou(first: Boxes, second: Boxes) -> np.ndarray:
    """Matrix of intersections over union."""
    shared = shared_areas(first, second)
    return shared / (areas(first)[:, None] + areas(second)[None] - shared + 1e-9)


def box_overlap(first: Boxes, second: Boxes) -> np.ndarray:
    """Matrix of intersections over the smaller box."""
    smaller = np.minimum(areas(first)[:, None], areas(second)[None])
    return shared_areas(first, second) / (smaller + 1e-9)


# A whole photo -----------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """What one level shows: boxes `[N, 5]` in pixels of the photo, and which of them a
    tile's border may have cut."""

    boxes: Boxes
    cut: np.ndarray


def search(network: Yolo11, rgb: np.ndarray, confidence: float = CONFIDENCE) -> Boxes:
    """Boxes `[N, 5]` of the plants of a photo, each once, most certain first."""
    found: Seen | None = None
    for scale, picture, windows in levels(rgb):
        level = merge(look(network, picture, windows, scale, rgb.shape[1::-1], confidence))
        found = level if found is None else add_level(found, level)
    return found.boxes[np.argsort(-found.boxes[:, 4], kind="stable")]


def levels(rgb: np.ndarray) -> list[tuple[int, np.ndarray, list[tuple[int, int, int, int]]]]:
    """Resolutions, finest first: how many photo pixels a pixel is wide, the picture, and
    its windows (left, top, width, height)."""
    result = []
    scale = 1
    tiled = max(rgb.shape[:2]) > TILE
    while tiled:
        height, width = rgb.shape[:2]
        result.append((scale, rgb, [(x, y, min(TILE, width), min(TILE, height))
                                    for y in origins(height) for x in origins(width)]))
        tiled = max(height, width) > TILE * WHOLE
        if tiled:
            rgb, scale = halve(rgb), scale * 2
            tiled = max(rgb.shape[:2]) > TILE
    return [*result, (scale, rgb, [(0, 0, rgb.shape[1], rgb.shape[0])])]


def origins(length: int) -> list[int]:
    """Where tiles begin; the last one is moved back to the border."""
    if length < TILE:
        return [0]
    return [*range(0, length - TILE, STEP), length - TILE]


def halve(rgb: np.ndarray) -> np.ndarray:
    """Half the size: every pixel is the mean of four; of an odd side the last count twice."""
    height, width = rgb.shape[:2]
    even = np.pad(rgb, ((0, height % 2), (0, width % 2), (0, 0)), "edge").astype(np.uint16)
    sums = even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]
    return ((sums + 2) // 4).astype(np.uint8)


def look(
    network: Yolo11, picture: np.ndarray, windows: list[tuple[int, int, int, int]], scale: int,
    photo: tuple[int, int], confidence: float,
) -> Seen:
    """The boxes of all windows of a level, placed in a photo of a size (width, height)."""
    boxes, cut = [np.zeros((0, 5))], [np.zeros(0, bool)]
    for x, y, width, height in windows:
        rows = detect(network, picture[y:y + height, x:x + width], TILE, confidence)
        cut.append((rows[:, 0] < BORDER) & (x > 0) | (rows[:, 1] < BORDER) & (y > 0)
                   | (rows[:, 2] > width - BORDER) & (x + width < picture.shape[1])
                   | (rows[:, 3] > height - BORDER) & (y + height < picture.shape[0]))
        rows[:, :4] = (rows[:, :4] + (x, y, x, y)) * scale
        rows[:, 0:4:2] = rows[:, 0:4:2].clip(0, photo[0])
        rows[:, 1:4:2] = rows[:, 1:4:2].clip(0, photo[1])
        boxes.append(rows)
    return Seen(np.concatenate(boxes), np.concatenate(cut))


def merge(seen: Seen) -> Seen:
    """Each plant of one level once: whole before cut, then the most certain."""
    seen = _chosen(seen, areas(seen.boxes) > 0)
    order = np.lexsort((-seen.boxes[:, 4], seen.cut))
    seen = _chosen(seen, order)
    alike = box_overlap(seen.boxes, seen.boxes) >= MERGED
    kept: list[int] = []
    for row in range(len(seen.boxes)):
        if not alike[row, kept].any():
            kept.append(row)
    return _chosen(seen, np.array(kept, int))


def add_level(finer: Seen, coarser: Seen) -> Seen:
    """Adds what only a coarser level shows, in place of its parts."""
    inside = box_overlap(coarser.boxes, finer.boxes) >= MERGED
    shared = shared_areas(coarser.boxes, finer.boxes)
    explains = inside & (coarser.cut[:, None] | ~finer.cut[None])
    covered = (shared * explains).sum(1) >= EXPLAINED * areas(coarser.boxes)
    surer = (explains & (finer.boxes[None, :, 4] > coarser.boxes[:, None, 4])).any(1)
    new = ~(covered | surer)
    left = ~inside[new].any(0)
    return Seen(np.concatenate((finer.boxes[left], coarser.boxes[new])),
                np.concatenate((finer.cut[left], coarser.cut[new])))


def _chosen(seen: Seen, which: np.ndarray) -> Seen:
    return Seen(seen.boxes[which], seen.cut[which])


def draw_boxes(rgb: np.ndarray, boxes: Boxes) -> np.ndarray:
    """A copy with boxes, coloured by score from red (low) to blue (high)."""
    picture = rgb.copy()
    thick = max(1, max(rgb.shape[:2]) // 500)
    for x1, y1, x2, y2, *score in boxes:
        share = score[0] if score else 1.0
        colour = (int(255 * (1 - share)), 40, int(255 * share))
        cv2.rectangle(picture, (int(x1), int(y1)), (int(x2), int(y2)), colour, thick)
    return picture
