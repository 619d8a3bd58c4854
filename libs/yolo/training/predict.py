"""Running a trained network on pictures of any size: letterbox, tiles, NMS."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors.torch import load_file

from data import PAD_GREY
from model import Yolo11, load_folded, predict

Boxes = np.ndarray
NMS_IOU = 0.5


def load_network(path: Path) -> Yolo11:
    """A network from an exported file, or the averaged weights of a checkpoint."""
    network = Yolo11()
    if path.suffix == ".safetensors":
        load_folded(network, load_file(str(path)))
    else:
        network.load_state_dict(torch.load(path, weights_only=True)["average"])
    return network.eval()


def read_rgb(path: Path) -> np.ndarray:
    """An 8-bit RGB picture."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise FileNotFoundError(path)
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def detect(
    network: Yolo11, rgb: np.ndarray, size: int = 640, confidence: float = 0.25, iou: float = NMS_IOU
) -> Boxes:
    """Boxes `[N, 5]` (corners and score) of one picture letterboxed to `size`."""
    height, width = rgb.shape[:2]
    scale = size / max(height, width)
    new_w, new_h = round(width * scale), round(height * scale)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    resized = cv2.resize(rgb, (new_w, new_h), interpolation=way)
    left, top = (size - new_w) // 2, (size - new_h) // 2
    canvas = np.full((size, size, 3), PAD_GREY, np.uint8)
    canvas[top:top + new_h, left:left + new_w] = resized
    found = _forward(network, canvas, confidence)
    found[:, :4] = (found[:, :4] - (left, top, left, top)) / scale
    found[:, 0:4:2] = found[:, 0:4:2].clip(0, width)
    found[:, 1:4:2] = found[:, 1:4:2].clip(0, height)
    return suppress(found, iou)


def _forward(network: Yolo11, canvas: np.ndarray, confidence: float) -> Boxes:
    image = torch.from_numpy(canvas.transpose(2, 0, 1).copy())[None].float() / 255
    boxes, scores = predict(network, image)
    rows = torch.cat((boxes[0], scores[0, :, :1]), 1)
    return rows[rows[:, 4] > confidence].numpy().astype(np.float64)


def suppress(found: Boxes, iou: float) -> Boxes:
    """Non-maximum suppression, best first."""
    rest = found[np.argsort(-found[:, 4], kind="stable")]
    kept = []
    while len(rest):
        best, rest = rest[0], rest[1:]
        kept.append(best)
        rest = rest[box_iou(best[None, :4], rest[:, :4])[0] <= iou]
    return np.array(kept).reshape(-1, 5)


def box_iou(first: Boxes, second: Boxes) -> np.ndarray:
    """IoU matrix of two lists of corner boxes."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = (high - low).clip(0).prod(-1)
    areas = [(b[:, 2:] - b[:, :2]).prod(-1) for b in (first, second)]
    return shared / (areas[0][:, None] + areas[1][None] - shared + 1e-9)


def tile_starts(length: int, tile: int, overlap: float) -> list[int]:
    """Evenly spread tile origins that cover `length` with at least `overlap`."""
    if length <= tile:
        return [0]
    count = int(np.ceil((length - tile) / (tile * (1 - overlap)))) + 1
    return [round(x) for x in np.linspace(0, length - tile, count)]


def detect_tiled(
    network: Yolo11, rgb: np.ndarray, tile: int = 640, overlap: float = 0.25,
    confidence: float = 0.25, iou: float = NMS_IOU, contained: float = 0.7,
) -> Boxes:
    """Boxes of a large picture, found tile by tile at native resolution.

    A plant cut by a tile border gives a part box in one tile and a whole box in
    the next: boxes that touch an inner border are dropped when another box
    contains most of them.
    """
    height, width = rgb.shape[:2]
    found, cut = [], []
    for top in tile_starts(height, tile, overlap):
        for left in tile_starts(width, tile, overlap):
            part = rgb[top:top + tile, left:left + tile]
            canvas = np.full((tile, tile, 3), PAD_GREY, np.uint8)
            canvas[:part.shape[0], :part.shape[1]] = part
            rows = suppress(_forward(network, canvas, confidence), iou)
            inner = ((rows[:, 0] < 2) & (left > 0) | (rows[:, 1] < 2) & (top > 0)
                     | (rows[:, 2] > tile - 2) & (left + tile < width)
                     | (rows[:, 3] > tile - 2) & (top + tile < height))
            found.append(rows + (left, top, left, top, 0))
            cut.append(inner)
    rows, parts = np.concatenate(found), np.concatenate(cut)
    return suppress(rows[~_swallowed(rows, parts, contained)], iou)


def _swallowed(rows: Boxes, parts: np.ndarray, contained: float) -> np.ndarray:
    """Which cut boxes lie mostly in another, larger box."""
    low = np.maximum(rows[:, None, :2], rows[None, :, :2])
    high = np.minimum(rows[:, None, 2:4], rows[None, :, 2:4])
    shared = (high - low).clip(0).prod(-1)
    area = (rows[:, 2:4] - rows[:, :2]).prod(-1)
    inside = shared / (area[:, None] + 1e-9) > contained
    inside &= area[None, :] > area[:, None]
    return parts & inside.any(1)


def draw_boxes(rgb: np.ndarray, boxes: Boxes) -> np.ndarray:
    """A copy with boxes, coloured by score from red (low) to blue (high)."""
    picture = rgb.copy()
    for x1, y1, x2, y2, *score in boxes:
        share = score[0] if score else 1.0
        colour = (int(255 * (1 - share)), 40, int(255 * share))
        cv2.rectangle(picture, (int(x1), int(y1)), (int(x2), int(y2)), colour, 1)
    return picture
