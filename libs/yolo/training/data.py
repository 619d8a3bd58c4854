"""Reading composed scenes, and the augmentations made while training."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

Rng = np.random.Generator
PAD_GREY = 114
# How much larger or smaller than composed a view may show its scene.
SMALLEST_SCALE, LARGEST_SCALE = 0.62, 2.0


class SceneSet(Dataset):
    """Scenes of a folder as random views of a fixed size.

    Pictures are kept in memory as JPEG and decoded on use. `mosaic` is the
    share of views put together from four scenes.
    """

    def __init__(self, folder: Path, size: int, seed: int, mosaic: float) -> None:
        listing = json.loads((folder / "truth.json").read_text())
        self.jpegs = [np.fromfile(folder / row["file"], np.uint8) for row in listing["images"]]
        self.boxes = [np.array(row["boxes"], np.float32).reshape(-1, 4) for row in listing["images"]]
        self.size, self.seed, self.mosaic = size, seed, mosaic

    def __len__(self) -> int:
        return len(self.jpegs)

    def read(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """RGB picture and boxes of one scene, as composed."""
        picture = cv2.imdecode(self.jpegs[index], cv2.IMREAD_COLOR)
        return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), self.boxes[index]

    def view(self, index: int, draw: int) -> tuple[Tensor, Tensor]:
        """An augmented view of scene `index`; `draw` makes repeated views differ."""
        rng = np.random.default_rng((self.seed, draw, index))
        if rng.random() < self.mosaic:
            image, boxes = self._mosaic(rng, index)
        else:
            image, boxes = random_view(rng, *self.read(index), self.size, SMALLEST_SCALE, LARGEST_SCALE)
        image, boxes = flip(rng, image, boxes)
        image = shift_colours(rng, image)
        return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))), torch.from_numpy(boxes)

    def __getitem__(self, key: tuple[int, int]) -> tuple[Tensor, Tensor]:
        return self.view(*key)

    def _mosaic(self, rng: Rng, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Four scenes meeting at a random point."""
        size = self.size
        image = np.full((size, size, 3), PAD_GREY, np.uint8)
        boxes = []
        cut_x, cut_y = (int(v) for v in rng.uniform(0.3, 0.7, 2) * size)
        corners = ((0, 0, cut_x, cut_y), (cut_x, 0, size, cut_y),
                   (0, cut_y, cut_x, size), (cut_x, cut_y, size, size))
        for number, (x1, y1, x2, y2) in enumerate(corners):
            source = index if number == 0 else int(rng.integers(len(self)))
            side = max(x2 - x1, y2 - y1)
            part, found = random_view(rng, *self.read(source), side, 0.5, 1.0)
            image[y1:y2, x1:x2] = part[:y2 - y1, :x2 - x1]
            found = clip_boxes(found, x2 - x1, y2 - y1)
            boxes.append(found + np.array((x1, y1, x1, y1), np.float32))
        return image, np.concatenate(boxes)


def random_view(
    rng: Rng, image: np.ndarray, boxes: np.ndarray, size: int, low: float, high: float
) -> tuple[np.ndarray, np.ndarray]:
    """A random crop at a random scale, `size` pixels square."""
    height, width = image.shape[:2]
    scale = np.exp(rng.uniform(np.log(low), np.log(high)))
    stretch = np.exp(rng.normal(0, 0.05))
    factors = np.array((scale * stretch, scale / stretch))
    slack = np.array((width, height)) * factors - size
    shift = -rng.uniform(0, 1, 2) * slack
    matrix = np.array(((factors[0], 0, shift[0]), (0, factors[1], shift[1])))
    shrinking = cv2.INTER_AREA if scale < 0.8 else cv2.INTER_LINEAR
    if shrinking == cv2.INTER_AREA:
        # Shrink first: warping alone would alias.
        image = cv2.resize(image, None, fx=factors[0], fy=factors[1], interpolation=shrinking)
        matrix = np.array(((1, 0, shift[0]), (0, 1, shift[1])))
    view = cv2.warpAffine(image, matrix, (size, size), flags=cv2.INTER_LINEAR,
                          borderValue=(PAD_GREY,) * 3)
    moved = boxes * np.tile(factors, 2) + np.tile(shift, 2)
    return view, clip_boxes(moved.astype(np.float32), size, size)


def clip_boxes(boxes: np.ndarray, width: int, height: int) -> np.ndarray:
    """Cut boxes at the border; drop those of which little or nothing is left."""
    clipped = boxes.copy()
    clipped[:, 0::2] = clipped[:, 0::2].clip(0, width)
    clipped[:, 1::2] = clipped[:, 1::2].clip(0, height)
    before = (boxes[:, 2:] - boxes[:, :2]).prod(-1)
    sides = clipped[:, 2:] - clipped[:, :2]
    kept = (sides.min(-1, initial=1e9) >= 3) & (sides.prod(-1) > 0.25 * before)
    return clipped[kept]


def flip(rng: Rng, image: np.ndarray, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mirror and turn by quarters."""
    size = image.shape[1]
    if rng.random() < 0.5:
        image = image[:, ::-1]
        boxes = np.stack((size - boxes[:, 2], boxes[:, 1], size - boxes[:, 0], boxes[:, 3]), 1)
    if rng.random() < 0.3:
        image = image[::-1]
        boxes = np.stack((boxes[:, 0], size - boxes[:, 3], boxes[:, 2], size - boxes[:, 1]), 1)
    if rng.random() < 0.3:
        image = image.transpose(1, 0, 2)
        boxes = boxes[:, (1, 0, 3, 2)]
    return image, boxes.astype(np.float32)


def shift_colours(rng: Rng, image: np.ndarray) -> np.ndarray:
    """Hue, saturation and brightness of the whole picture, by lookup tables.

    A quarter of the pictures get a wholly different hue, so that plants are known
    by their shape: succulents are not only green.
    """
    hue, saturation, value = cv2.split(cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2HSV))
    levels = np.arange(256)
    turn = rng.uniform(-90, 90) if rng.random() < 0.25 else rng.normal(0, 3)
    gains = 1 + rng.uniform(-1, 1, 2) * (0.4, 0.35)
    hue = cv2.LUT(hue, ((levels + turn) % 180).astype(np.uint8))
    saturation = cv2.LUT(saturation, (levels * gains[0]).clip(0, 255).astype(np.uint8))
    value = cv2.LUT(value, (levels * gains[1]).clip(0, 255).astype(np.uint8))
    return cv2.cvtColor(cv2.merge((hue, saturation, value)), cv2.COLOR_HSV2RGB)


def collate(rows: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor, Tensor]:
    """Images as bytes, truth boxes padded to the longest list, and which are real."""
    images = torch.stack([image for image, _ in rows])
    longest = max(len(boxes) for _, boxes in rows)
    truth = torch.zeros(len(rows), longest, 4)
    valid = torch.zeros(len(rows), longest, dtype=torch.bool)
    for number, (_, boxes) in enumerate(rows):
        truth[number, :len(boxes)] = boxes
        valid[number, :len(boxes)] = True
    return images, truth, valid
