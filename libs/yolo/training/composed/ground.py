"""The flat ground of a composed scene, seen from straight above, and what stands on it."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from sprites import Colour, Rng, hsv


@dataclass(frozen=True)
class Place:
    """Where a plant may stand on the ground, and the width of its cell or pot."""

    x: float
    y: float
    room: float


@dataclass
class Ground:
    """The flat surface, seen from straight above."""

    rgb: np.ndarray
    unit: float
    places: list[Place] = field(default_factory=list)

    @property
    def height(self) -> int:
        return self.rgb.shape[0]

    @property
    def width(self) -> int:
        return self.rgb.shape[1]

    def fill(self, mask: np.ndarray, texture: np.ndarray, depth: float = 0.5) -> None:
        """Lay a texture inside a mask, darker towards the edges (soil in a pot)."""
        soft = cv2.GaussianBlur(mask, (0, 0), 2.2 * self.unit)[..., None] / 255.0
        inside = mask[..., None] / 255.0
        shaded = texture * (1 - depth * np.clip(1.6 - 1.6 * soft, 0, 1))
        self.rgb += inside * (shaded - self.rgb)

    def shade(self, mask: np.ndarray, strength: float, softness: float) -> None:
        """Darken where a soft version of a mask lies."""
        soft = cv2.GaussianBlur(mask, (0, 0), max(softness, 0.5))[..., None] / 255.0
        self.rgb *= 1 - strength * soft


def blank(ground: Ground) -> np.ndarray:
    """An empty mask of the ground's size."""
    return np.zeros((ground.height, ground.width), np.uint8)


def rounded_box(
    mask: np.ndarray, x1: float, y1: float, x2: float, y2: float, radius: float, value: int = 255
) -> None:
    """Fill a rectangle with rounded corners."""
    left, top, right, bottom = (int(round(v)) for v in (x1, y1, x2, y2))
    r = int(max(min(radius, (right - left) / 2, (bottom - top) / 2), 0))
    cv2.rectangle(mask, (left + r, top), (right - r, bottom), value, -1)
    cv2.rectangle(mask, (left, top + r), (right, bottom - r), value, -1)
    for cx in (left + r, right - r):
        for cy in (top + r, bottom - r):
            cv2.circle(mask, (cx, cy), r, value, -1)


def pot_colour(rng: Rng) -> Colour:
    """Black, grey, blue-grey, terracotta, white or green plastic."""
    table = (
        (rng.uniform(200, 230), rng.uniform(0, 0.25), rng.uniform(0.08, 0.2)),
        (rng.uniform(195, 225), rng.uniform(0.05, 0.35), rng.uniform(0.2, 0.5)),
        (rng.uniform(8, 22), rng.uniform(0.45, 0.75), rng.uniform(0.4, 0.8)),
        (rng.uniform(0, 60), rng.uniform(0, 0.1), rng.uniform(0.75, 0.97)),
        (rng.uniform(100, 160), rng.uniform(0.25, 0.7), rng.uniform(0.2, 0.55)),
    )
    return hsv(*table[rng.choice(5, p=(0.35, 0.25, 0.2, 0.1, 0.1))])


def panel(
    ground: Ground, left: float, top: float, width: float, height: float, colour: Colour,
    corner: float,
) -> None:
    """A flat plastic body with its cast shadow."""
    body = blank(ground)
    rounded_box(body, left, top, left + width, top + height, corner)
    shift = int(2 * ground.unit)
    ground.shade(np.roll(body, (shift, shift), (0, 1)), 0.55, 3 * ground.unit)
    sheen = 1 + 0.08 * np.linspace(-1, 1, ground.width, dtype=np.float32)[None, :, None]
    ground.rgb += (body[..., None] / 255.0) * (colour * sheen - ground.rgb)


def segment(
    image: np.ndarray, start: tuple[float, float], end: tuple[float, float], colour: Colour,
    width: float,
) -> None:
    """A straight strip of one colour."""
    points = [tuple(int(round(v)) for v in p) for p in (start, end)]
    cv2.line(image, *points, [float(c) for c in colour], max(int(width), 1), cv2.LINE_AA)
