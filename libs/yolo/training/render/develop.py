"""What a phone makes of light: exposure, white balance, tone curve, blur, noise, sharpening."""

from __future__ import annotations

import math

import numpy as np
from scipy.ndimage import convolve1d, gaussian_filter, map_coordinates

from .maths import Rng

GRADES = ("plain", "plain", "plain", "vivid", "faded", "matte", "warm", "cold", "bright")


def develop(rng: Rng, light: np.ndarray, shake: tuple[float, float] = (0.0, 0.0),
            dusk: bool = False) -> np.ndarray:
    """Linear light to 8-bit sRGB as a phone would show it."""
    x = _exposed(rng, np.maximum(light, 0), dusk)
    x = _moved(x, shake)
    x = x * (1 + rng.normal(0, 0.045, 3)) * _vignette(rng, *x.shape[:2])
    y = _toned(rng, x)
    y = _graded(rng, y)
    y = _sensed(rng, y, noisier=2.0 if dusk else 1.0)
    return (y.clip(0, 1) * 255 + 0.5).astype(np.uint8)


def _exposed(rng: Rng, x: np.ndarray, dusk: bool) -> np.ndarray:
    """Scaled to a middle grey without burning the brightest part."""
    grey = x.mean(-1)
    key = np.exp(np.log(np.maximum(grey, 1e-4)).mean())
    gain = rng.uniform(0.12, 0.27) / key * (0.6 if dusk else 1.0)
    return x * min(gain, rng.uniform(0.85, 2.0) / max(float(np.percentile(grey, 98)), 1e-4))


def _moved(x: np.ndarray, shake: tuple[float, float]) -> np.ndarray:
    """Blurred along the way the camera moved, in pixels."""
    steps = int(math.hypot(*shake)) + 1
    if steps < 2:
        return x
    h, w = x.shape[:2]
    yy, xx = np.mgrid[:h, :w].astype(np.float32)
    total = np.zeros_like(x)
    for t in np.linspace(-0.5, 0.5, steps + 1):
        at = [yy + t * shake[1], xx + t * shake[0]]
        total += np.stack([map_coordinates(x[..., c], at, order=1, mode="nearest") for c in range(3)], -1)
    return total / (steps + 1)


def _vignette(rng: Rng, h: int, w: int) -> np.ndarray:
    yy, xx = np.mgrid[-1:1:h * 1j, -1:1:w * 1j]
    return (1 - rng.uniform(0, 0.3) * (xx**2 + yy**2) / 2)[..., None]


def _toned(rng: Rng, x: np.ndarray) -> np.ndarray:
    """A filmic curve, sRGB, some contrast and saturation."""
    a = rng.uniform(1.6, 2.6)
    x = x * (1 + x / a**2) / (1 + x * 0.35 + x * x / a**2 * 0.6)
    y = np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.maximum(x, 1e-6) ** (1 / 2.4) - 0.055).clip(0, 1)
    contrast = rng.uniform(0, 0.45)
    y = y * (1 - contrast) + contrast * (y * y * (3 - 2 * y))
    mean = y.mean(-1, keepdims=True)
    return mean + (y - mean) * rng.uniform(0.8, 1.22)


def _graded(rng: Rng, y: np.ndarray) -> np.ndarray:
    """The filters people put on photos."""
    mean = y.mean(-1, keepdims=True)
    match rng.choice(GRADES):
        case "vivid":
            return mean + (y - mean) * 1.3
        case "faded":
            return 0.1 + 0.85 * (mean + (y - mean) * 0.8)
        case "matte":
            return 0.05 + 0.95 * (mean + (y - mean) * 0.75).clip(0, 1) ** 1.25
        case "warm":
            return y * [1.06, 1.0, 0.88]
        case "cold":
            return y * [0.92, 0.99, 1.07]
        case "bright":
            return 1 - (1 - y.clip(0, 1)) ** 1.35
    return y


def _sensed(rng: Rng, y: np.ndarray, noisier: float) -> np.ndarray:
    """Softness, coloured noise, sharpening."""
    blur = rng.choice((0, 0, 0, rng.uniform(0.3, 0.9), rng.uniform(0.6, 1.4)))
    if blur:
        y = gaussian_filter(y, (blur, blur, 0))
    noise = rng.choice((0.003, 0.006, 0.01, 0.018)) * noisier
    grain = rng.normal(0, 1, y.shape) * 0.6 + rng.normal(0, 1, y.shape[:2])[..., None]
    soft = convolve1d(convolve1d(grain, [0.25, 0.5, 0.25], 0), [0.25, 0.5, 0.25], 1) * 1.8
    y = y + soft * noise * (0.5 + np.sqrt(y.clip(0, 1)))
    if rng.random() < 0.4:
        y = y + rng.uniform(0.3, 0.7) * (y - gaussian_filter(y, (1, 1, 0)))
    return y
