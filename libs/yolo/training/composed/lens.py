"""Light, and what a phone camera spoils."""

from __future__ import annotations

import cv2
import numpy as np

import textures
from sprites import Rng

from .picture import Picture


def light_and_lens(rng: Rng, picture: Picture, unit: float) -> np.ndarray:
    """Sun stripes, colour cast, vignette, haze, blur and noise; returns 8-bit RGB."""
    image = picture.rgb
    height, width = image.shape[:2]
    if rng.random() < 0.25:
        image *= 1 - _bar_shadow(rng, height, width, unit)[..., None]
    if rng.random() < 0.5:
        field_ = textures.noise(rng, height, width, max(height, width) / 1.5)
        image *= 1 + rng.uniform(0.03, 0.15) * field_[..., None]
    image = np.clip(image, 0, 255) / np.float32(255)
    image = image ** np.float32(np.exp(rng.normal(0, 0.22)))
    image *= np.float32(np.exp(rng.normal(0, 0.2))) * np.exp(rng.normal(0, 0.07, 3)).astype(np.float32)
    haze = np.float32(max(rng.normal(0, 0.07), 0))
    image = image * (1 - haze) + haze * rng.uniform(0.4, 0.9)
    image = np.clip(image, 0, 1)
    if rng.random() < 0.25:
        factor = rng.uniform(0.45, 0.9)
        small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        image = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.25, 1.2))
    image = image + rng.normal(0, rng.uniform(0.002, 0.03), image.shape).astype(np.float32)
    return (np.clip(image, 0, 1) * 255).astype(np.uint8)


def _bar_shadow(rng: Rng, height: int, width: int, unit: float) -> np.ndarray:
    """Shadows of glazing bars: parallel soft stripes."""
    angle = rng.uniform(0, np.pi)
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    along = xs * np.cos(angle) + ys * np.sin(angle)
    period = rng.uniform(60, 300) * unit
    wave = np.sin(along * 2 * np.pi / period + rng.uniform(0, 6))
    return np.clip((wave - rng.uniform(0.3, 0.9)) * 6, 0, 1) * np.float32(rng.uniform(0.2, 0.5))
