"""Many appearances: drawn by their weights, cut out of photos, or read from files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from .cacti import cactus_clump, column_cactus, dotted_cactus, globe_cactus, pad_cactus
from .colours import Rng
from .rosettes import (
    fleshy_rosette, grassy_tuft, leafy_bush, living_stone, seedling_rosette, spiky_rosette,
)
from .sprite import CUT, RENDERED, Sprite, crop_to_mask


DRAWERS: tuple[tuple[Callable[[Rng], Sprite], float], ...] = (
    (seedling_rosette, 0.20),
    (fleshy_rosette, 0.20),
    (spiky_rosette, 0.13),
    (globe_cactus, 0.13),
    (dotted_cactus, 0.08),
    (cactus_clump, 0.05),
    (column_cactus, 0.05),
    (pad_cactus, 0.04),
    (leafy_bush, 0.05),
    (grassy_tuft, 0.03),
    (living_stone, 0.04),
)


def draw_library(seed: int, count: int) -> list[Sprite]:
    """`count` drawn appearances, kinds mixed by their weights."""
    rng = np.random.default_rng((seed, 7))
    weights = np.array([weight for _, weight in DRAWERS])
    kinds = rng.choice(len(DRAWERS), size=count, p=weights / weights.sum())
    drawers = [DRAWERS[kind][0] for kind in kinds]
    return [replace(drawer(rng), kind=drawer.__name__) for drawer in drawers]


def cut_rosettes(folder: Path) -> list[Sprite]:
    """Rosettes cut out of photos of single green plants on dark ground."""
    sprites = []
    for path in sorted(folder.glob("*.jpg")):
        rgb = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        mask = _green_mask(rgb)
        if mask is None:
            continue
        covered = (rgb * (mask[..., None] / 255.0)).astype(np.uint8)
        sprites.append(Sprite(crop_to_mask(np.dstack((covered, mask))), "flat", CUT))
    return sprites


def load_sprites(folder: Path, kind: str) -> list[Sprite]:
    """Plants rendered or cut out elsewhere: RGBA pictures, one plant each.

    Rendered ones were seen from one side, so they keep their form under any tilt;
    cut-outs were seen from straight above.
    """
    sprites = []
    for path in sorted(folder.glob("*.png")):
        bgra = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        rgb, alpha = cv2.cvtColor(bgra[..., :3], cv2.COLOR_BGR2RGB), bgra[..., 3]
        covered = (rgb * (alpha[..., None] / 255.0)).astype(np.uint8)
        shape = "round" if kind == RENDERED else "flat"
        sprites.append(Sprite(crop_to_mask(np.dstack((covered, alpha))), shape, kind))
    return sprites


def _green_mask(rgb: np.ndarray) -> np.ndarray | None:
    """Soft mask of green tissue, or nothing where there is too little of it."""
    red, green, blue = (rgb[..., i].astype(np.int16) for i in range(3))
    raw = ((2 * green - red - blue > 28) & (green > 50)).astype(np.uint8) * 255
    closed = cv2.morphologyEx(raw, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(closed)
    if count < 2 or stats[1:, cv2.CC_STAT_AREA].max() < 300:
        return None
    largest = stats[1:, cv2.CC_STAT_AREA].max()
    kept = np.isin(labels, 1 + np.nonzero(stats[1:, cv2.CC_STAT_AREA] > largest * 0.04)[0])
    solid = np.where(kept, closed, 0).astype(np.uint8)
    return cv2.GaussianBlur(cv2.erode(solid, np.ones((3, 3), np.uint8)), (3, 3), 0)
