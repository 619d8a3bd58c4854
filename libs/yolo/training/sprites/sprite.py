"""A plant's appearance, and the canvas it is drawn on."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .colours import Colour, Rng

SPRITE_SIZE = 224
DRAW_SIZE = 2 * SPRITE_SIZE
# Kinds of plants that are not drawn.
CUT, RENDERED = "cut_rosette", "rendered"
GOLDEN_ANGLE = np.pi * (3 - 5**0.5)


@dataclass(frozen=True)
class Sprite:
    """One plant appearance. `shape` says how it behaves under a tilted view.

    "flat" plants are squashed by the tilt, "round" ones look alike from all
    sides, "tall" ones are drawn from the side and only fit a tilted view.
    """

    rgba: np.ndarray
    shape: str
    kind: str = ""


class Canvas:
    """A picture with a coverage mask, drawn on with filled polygons."""

    def __init__(self, size: int = DRAW_SIZE) -> None:
        self.size = size
        self.rgb = np.zeros((size, size, 3), np.uint8)
        self.mask = np.zeros((size, size), np.uint8)

    @property
    def centre(self) -> np.ndarray:
        return np.array((self.size / 2, self.size / 2))

    def polygon(self, points: np.ndarray, colour: Colour) -> None:
        pixels = np.round(points).astype(np.int32)
        cv2.fillPoly(self.rgb, [pixels], _tuple(colour))
        cv2.fillPoly(self.mask, [pixels], 255)

    def line(self, points: np.ndarray, colour: Colour, width: int) -> None:
        pixels = [np.round(points).astype(np.int32)]
        cv2.polylines(self.rgb, pixels, False, _tuple(colour), max(width, 1))
        cv2.polylines(self.mask, pixels, False, 255, max(width, 1))

    def disc(self, at: np.ndarray, radius: float, colour: Colour) -> None:
        centre = (int(round(at[0])), int(round(at[1])))
        cv2.circle(self.rgb, centre, max(int(round(radius)), 1), _tuple(colour), -1)
        cv2.circle(self.mask, centre, max(int(round(radius)), 1), 255, -1)

    def finish(self, rng: Rng, shape: str, grain: float = 0.06) -> Sprite:
        """Shade, add grain, shrink and crop."""
        noise = rng.normal(0, grain, (self.size // 8, self.size // 8, 1)).astype(np.float32)
        noise = cv2.resize(noise, (self.size, self.size))[..., None]
        fine = rng.normal(0, grain * 0.6, (self.size, self.size, 1)).astype(np.float32)
        lit = np.clip(self.rgb * (1 + noise + fine), 0, 255).astype(np.uint8)
        rgba = np.dstack((lit, self.mask))
        return Sprite(crop_to_mask(cv2.resize(rgba, None, fx=0.5, fy=0.5,
                                              interpolation=cv2.INTER_AREA)), shape)


def _tuple(colour: Colour) -> tuple[int, int, int]:
    r, g, b = np.clip(colour, 0, 255)
    return int(r), int(g), int(b)


def crop_to_mask(rgba: np.ndarray) -> np.ndarray:
    """Cut away empty borders."""
    ys, xs = np.nonzero(rgba[..., 3] > 40)
    return np.ascontiguousarray(rgba[ys.min():ys.max() + 1, xs.min():xs.max() + 1])
