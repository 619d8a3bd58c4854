"""Colours of leaves, succulents and cacti."""

from __future__ import annotations

import cv2
import numpy as np

Rng = np.random.Generator
Colour = np.ndarray


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """RGB 0..255 from hue in degrees and saturation and value in 0..1."""
    pixel = np.array([[[hue % 360 / 2, saturation * 255, value * 255]]])
    rgb = cv2.cvtColor(np.clip(pixel, 0, 255).astype(np.uint8), cv2.COLOR_HSV2RGB)
    return rgb[0, 0].astype(np.float32)


def leaf_green(rng: Rng) -> Colour:
    """A colour of ordinary leaves, yellow-green to dark green."""
    return hsv(rng.uniform(72, 135), rng.uniform(0.35, 0.85), rng.uniform(0.32, 0.85))


def succulent_colour(rng: Rng) -> Colour:
    """A colour of succulents: mostly greens, also glaucous, pink, purple and brown."""
    kind = rng.choice(5, p=(0.4, 0.3, 0.12, 0.1, 0.08))
    if kind == 0:
        return hsv(rng.uniform(75, 140), rng.uniform(0.2, 0.65), rng.uniform(0.35, 0.85))
    if kind == 1:
        return hsv(rng.uniform(130, 200), rng.uniform(0.08, 0.35), rng.uniform(0.45, 0.9))
    if kind == 2:
        return hsv(rng.uniform(-25, 25), rng.uniform(0.2, 0.55), rng.uniform(0.45, 0.9))
    if kind == 3:
        return hsv(rng.uniform(260, 330), rng.uniform(0.1, 0.45), rng.uniform(0.3, 0.75))
    return hsv(rng.uniform(15, 60), rng.uniform(0.25, 0.6), rng.uniform(0.3, 0.75))


def cactus_colour(rng: Rng) -> Colour:
    """A colour of cactus skin."""
    if rng.random() < 0.15:
        return hsv(rng.uniform(20, 70), rng.uniform(0.2, 0.5), rng.uniform(0.25, 0.6))
    return hsv(rng.uniform(75, 175), rng.uniform(0.15, 0.65), rng.uniform(0.22, 0.68))
