"""Reading pictures with boxes, and the views of them that are trained on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from splits import pictures, read_rules

Rng = np.random.Generator
Boxes = np.ndarray
PAD_GREY = 114
# How much larger or smaller than composed a view may show its scene.
SMALLEST_SCALE, LARGEST_SCALE = 0.62, 2.0
# A plant of which less than this share is in the view has no box: what is left of
# it is ground. So the leaves of a plant larger than the view are nothing either.
LEAST_SHARE = 0.25
LEAST_SIDE = 3.0


@dataclass(frozen=True)
class Album:
    """Pictures of one set, kept in memory as files and decoded on use."""

    files: list[np.ndarray]
    boxes: list[Boxes]

    def __len__(self) -> int:
        return len(self.files)

    def read(self, index: int) -> tuple[np.ndarray, Boxes]:
        """RGB picture and its boxes `[N, 4]` (corners, in pixels)."""
        picture = cv2.imdecode(self.files[index], cv2.IMREAD_COLOR)
        return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), self.boxes[index]


def read_album(folder: Path, part: str) -> Album:
    """One side of a set: composed scenes (`truth.json`) or pictures with YOLO text."""
    if (folder / "truth.json").exists():
        rows = json.loads((folder / "truth.json").read_text())["images"]
        return Album([np.fromfile(folder / row["file"], np.uint8) for row in rows],
                     [np.array(row["boxes"], np.float32).reshape(-1, 4) for row in rows])
    paths = [path for path in pictures(folder, part, read_rules())
             if path.with_suffix(".txt").exists()]
    return Album([np.fromfile(path, np.uint8) for path in paths],
                 [read_yolo(path) for path in paths])


def read_yolo(picture: Path) -> Boxes:
    """Corner boxes in pixels from the text beside a picture: `class x y width height`,
    centre and size as shares of the picture."""
    lines = picture.with_suffix(".txt").read_text().split("\n")
    rows = np.array([line.split()[1:5] for line in lines if line.strip()], np.float32)
    if not len(rows):
        return np.zeros((0, 4), np.float32)
    height, width = cv2.imread(str(picture), cv2.IMREAD_COLOR).shape[:2]
    corners = np.hstack((rows[:, :2] - rows[:, 2:] / 2, rows[:, :2] + rows[:, 2:] / 2))
    return (corners * np.tile((width, height), 2)).astype(np.float32)


class SceneSet(Dataset):
    """Scenes of a folder as random views of a fixed size.

    `mosaic` is the share of views put together from four scenes.
    """

    def __init__(self, folder: Path, size: int, seed: int, mosaic: float) -> None:
        self.album = read_album(folder, "training")
        self.size, self.seed, self.mosaic = size, seed, mosaic

    def __len__(self) -> int:
        return len(self.album)

    def view(self, index: int, draw: int) -> tuple[Tensor, Tensor]:
        """An augmented view of scene `index`; `draw` makes repeated views differ."""
        rng = np.random.default_rng((self.seed, draw, index))
        if rng.random() < self.mosaic:
            others = [index, *rng.integers(len(self), size=3)]
            scenes = [self.album.read(int(number)) for number in others]
            image, boxes = mosaic(rng, scenes, self.size, [(0.5, 1.0)] * 4)
        else:
            image, boxes = random_view(rng, *self.album.read(index), (self.size, self.size),
                                       SMALLEST_SCALE, LARGEST_SCALE)
        image, boxes = flip(rng, image, boxes)
        return as_tensors(shift_colours(rng, image), boxes)

    def __getitem__(self, key: tuple[int, int]) -> tuple[Tensor, Tensor]:
        return self.view(*key)


def as_tensors(image: np.ndarray, boxes: Boxes) -> tuple[Tensor, Tensor]:
    """Channels first."""
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))), torch.from_numpy(boxes)


# Views -------------------------------------------------------------------


def mosaic(
    rng: Rng, scenes: list[tuple[np.ndarray, Boxes]], size: int, scales: list[tuple[float, float]]
) -> tuple[np.ndarray, Boxes]:
    """Four scenes meeting at a random point."""
    image = np.full((size, size, 3), PAD_GREY, np.uint8)
    boxes = []
    cut_x, cut_y = (int(v) for v in rng.uniform(0.3, 0.7, 2) * size)
    corners = ((0, 0, cut_x, cut_y), (cut_x, 0, size, cut_y),
               (0, cut_y, cut_x, size), (cut_x, cut_y, size, size))
    for scene, (low, high), (x1, y1, x2, y2) in zip(scenes, scales, corners):
        part, found = random_view(rng, *scene, (x2 - x1, y2 - y1), low, high)
        image[y1:y2, x1:x2] = part
        boxes.append(found + np.array((x1, y1, x1, y1), np.float32))
    return image, np.concatenate(boxes)


def random_view(
    rng: Rng, image: np.ndarray, boxes: Boxes, size: tuple[int, int], low: float, high: float
) -> tuple[np.ndarray, Boxes]:
    """A random crop of `size` (width, height) at a random scale."""
    scale = np.exp(rng.uniform(np.log(low), np.log(high)))
    slack = np.array(image.shape[1::-1]) * scale - size
    return view_at(rng, image, boxes, size, scale, rng.uniform(0, 1, 2) * slack)


def view_at(
    rng: Rng, image: np.ndarray, boxes: Boxes, size: tuple[int, int], scale: float,
    corner: np.ndarray,
) -> tuple[np.ndarray, Boxes]:
    """The crop whose upper left corner is at `corner` of the scaled picture, slightly
    stretched; grey where the picture has ended."""
    stretch = np.exp(rng.normal(0, 0.05))
    factors = np.array((scale * stretch, scale / stretch))
    if scale < 0.8:
        # Shrink first: warping alone would alias.
        image = cv2.resize(image, None, fx=factors[0], fy=factors[1],
                           interpolation=cv2.INTER_AREA)
        matrix = np.array(((1, 0, -corner[0]), (0, 1, -corner[1])))
    else:
        matrix = np.array(((factors[0], 0, -corner[0]), (0, factors[1], -corner[1])))
    view = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR,
                          borderValue=(PAD_GREY,) * 3)
    moved = boxes * np.tile(factors, 2) - np.tile(corner, 2)
    return view, clip_boxes(moved.astype(np.float32), *size)


def clip_boxes(boxes: Boxes, width: int, height: int) -> Boxes:
    """Cut boxes at the border; drop those of which little or nothing is left."""
    clipped = boxes.copy()
    clipped[:, 0::2] = clipped[:, 0::2].clip(0, width)
    clipped[:, 1::2] = clipped[:, 1::2].clip(0, height)
    before = (boxes[:, 2:] - boxes[:, :2]).prod(-1)
    sides = clipped[:, 2:] - clipped[:, :2]
    kept = (sides.min(-1, initial=1e9) >= LEAST_SIDE) & (sides.prod(-1) > LEAST_SHARE * before)
    return clipped[kept]


def flip(rng: Rng, image: np.ndarray, boxes: Boxes) -> tuple[np.ndarray, Boxes]:
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


# Colours and lens --------------------------------------------------------


def shift_colours(rng: Rng, image: np.ndarray, wild: float = 0.25) -> np.ndarray:
    """Hue, saturation and brightness of the whole picture, by lookup tables.

    A share `wild` of the pictures get a wholly different hue, so that plants are
    known by their shape: succulents are not only green.
    """
    hue, saturation, value = cv2.split(cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2HSV))
    levels = np.arange(256)
    turn = rng.uniform(-90, 90) if rng.random() < wild else rng.normal(0, 3)
    gains = 1 + rng.uniform(-1, 1, 2) * (0.4, 0.35)
    hue = cv2.LUT(hue, ((levels + turn) % 180).astype(np.uint8))
    saturation = cv2.LUT(saturation, (levels * gains[0]).clip(0, 255).astype(np.uint8))
    value = cv2.LUT(value, (levels * gains[1]).clip(0, 255).astype(np.uint8))
    return cv2.cvtColor(cv2.merge((hue, saturation, value)), cv2.COLOR_HSV2RGB)


def cast(rng: Rng, image: np.ndarray) -> np.ndarray:
    """Contrast and a colour cast: a curve for each channel."""
    levels = np.linspace(0, 1, 256)
    bend = np.exp(rng.normal(0, 0.22))
    gains = np.exp(rng.normal(0, 0.08, 3))
    curves = (levels[:, None] ** bend * gains).clip(0, 1) * 255
    return cv2.LUT(image, curves.astype(np.uint8)[None])


def spoil(rng: Rng, image: np.ndarray) -> np.ndarray:
    """What cheap lenses, shaking hands, dusk and messengers do to a picture."""
    if rng.random() < 0.2:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.8))
    if rng.random() < 0.06:
        image = shake(image, rng.uniform(3, 9), rng.uniform(0, np.pi))
    if rng.random() < 0.2:
        noise = rng.normal(0, rng.uniform(2, 13), image.shape)
        image = (image + noise).clip(0, 255).astype(np.uint8)
    if rng.random() < 0.25:
        quality = int(rng.integers(30, 90))
        data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        image = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return image


def shake(image: np.ndarray, length: float, angle: float) -> np.ndarray:
    """Blur along a line."""
    side = int(length) | 1
    kernel = np.zeros((side, side), np.float32)
    reach = side / 2 * np.array((np.cos(angle), np.sin(angle)))
    middle = np.array((side // 2, side // 2))
    ends = [tuple(int(round(v)) for v in middle + sign * reach) for sign in (-1, 1)]
    cv2.line(kernel, *ends, 1.0)
    return cv2.filter2D(image, -1, kernel / kernel.sum())


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
