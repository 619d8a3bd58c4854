"""Surfaces that plants stand on: soil, gravel, mats, benches."""

from __future__ import annotations

import cv2
import numpy as np

from sprites import Colour, Rng, hsv


def noise(rng: Rng, height: int, width: int, cell: float) -> np.ndarray:
    """Smooth random field with features of about `cell` pixels, mean 0, spread about 1."""
    rows, cols = int(height / cell) + 2, int(width / cell) + 2
    coarse = rng.standard_normal((rows, cols)).astype(np.float32)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def octaves(rng: Rng, height: int, width: int, cells: tuple[float, ...]) -> np.ndarray:
    """Sum of noise fields, each half as strong as the one before."""
    fields = [noise(rng, height, width, cell) * 0.6**i for i, cell in enumerate(cells)]
    return np.sum(fields, axis=0)


def tint(field: np.ndarray, colour: Colour, strength: float) -> np.ndarray:
    """A colour made lighter and darker by a field."""
    return colour * (1 + strength * field[..., None])


def specks(
    rng: Rng, image: np.ndarray, cell: float, share: float, colour: Colour
) -> None:
    """Scatter grains of about `cell` pixels over a `share` of the picture."""
    height, width = image.shape[:2]
    field = noise(rng, height, width, cell)
    grain = np.clip((field - _quantile(share)) * 4, 0, 1)[..., None]
    shade = 1 + 0.2 * noise(rng, height, width, cell * 2)[..., None]
    image += grain * (colour * shade - image)


def _quantile(share: float) -> float:
    """Rough upper quantile of the noise fields for a share in 0.002..0.5."""
    return float(np.interp(share, (0.002, 0.01, 0.05, 0.15, 0.3, 0.5), (2.2, 1.7, 1.1, 0.7, 0.35, 0)))


def soil(rng: Rng, height: int, width: int, unit: float) -> np.ndarray:
    """Peat or earth, often with light grains of perlite or vermiculite."""
    base = hsv(rng.uniform(12, 40), rng.uniform(0.15, 0.55), rng.uniform(0.12, 0.45))
    image = tint(octaves(rng, height, width, (24 * unit, 6 * unit, 2 * unit)), base, 0.2)
    if rng.random() < 0.75:
        light = hsv(rng.uniform(20, 50), rng.uniform(0.0, 0.55), rng.uniform(0.55, 0.95))
        specks(rng, image, rng.uniform(1.2, 3.2) * unit, rng.uniform(0.01, 0.3), light)
    if rng.random() < 0.4:
        dark = base * rng.uniform(0.2, 0.6)
        specks(rng, image, rng.uniform(1.5, 5) * unit, rng.uniform(0.02, 0.2), dark)
    if rng.random() < 0.35:
        _algae(rng, image, unit)
    return image


def _algae(rng: Rng, image: np.ndarray, unit: float) -> None:
    """Green film on damp soil: it looks like plants from afar and is none."""
    height, width = image.shape[:2]
    green = hsv(rng.uniform(75, 130), rng.uniform(0.3, 0.7), rng.uniform(0.2, 0.5))
    patches = np.clip(noise(rng, height, width, rng.uniform(12, 50) * unit) - 0.6, 0, 1)
    rough = np.clip(noise(rng, height, width, 1.5 * unit) + 0.3, 0, 1)
    image += (patches * rough * rng.uniform(0.4, 0.9))[..., None] * (green - image)


def gravel(rng: Rng, height: int, width: int, unit: float) -> np.ndarray:
    """Pebbles of one colour family."""
    size = rng.uniform(3, 9) * unit
    base = hsv(rng.uniform(10, 60), rng.uniform(0.02, 0.35), rng.uniform(0.35, 0.85))
    image = np.empty((height, width, 3), np.uint8)
    image[:] = (base * 0.4).astype(np.uint8)
    count = int(min(height * width / size**2 * 1.6, 30000))
    xs, ys = rng.uniform(0, width, count), rng.uniform(0, height, count)
    shades, turns = rng.uniform(0.65, 1.2, count), rng.uniform(0, 180, count)
    sizes = size * rng.uniform(0.4, 0.8, (count, 2))
    for x, y, shade, turn, axes in zip(xs, ys, shades, turns, sizes):
        colour = tuple(int(v) for v in np.clip(base * shade, 0, 255))
        axes_px = (max(int(axes[0]), 1), max(int(axes[1]), 1))
        cv2.ellipse(image, (int(x), int(y)), axes_px, turn, 0, 360, colour, -1)
    return image.astype(np.float32)


def sand(rng: Rng, height: int, width: int, unit: float) -> np.ndarray:
    """Fine light grain."""
    base = hsv(rng.uniform(25, 45), rng.uniform(0.1, 0.4), rng.uniform(0.5, 0.85))
    return tint(octaves(rng, height, width, (40 * unit, 3 * unit, 1.2 * unit)), base, 0.1)


def weed_mat(rng: Rng, height: int, width: int, unit: float) -> np.ndarray:
    """Woven ground cover, dark, green or white, with marking lines."""
    base = hsv(*((0, 0, 0.16), (140, 0.4, 0.3), (210, 0.15, 0.3), (0, 0, 0.8))[rng.integers(4)])
    period = rng.uniform(2.5, 6) * unit
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    weave = np.sin(xs * 2 * np.pi / period) * np.sin(ys * 2 * np.pi / period)
    image = tint(0.7 * weave + 0.5 * noise(rng, height, width, 30 * unit), base, 0.25)
    if rng.random() < 0.5:
        line = hsv(rng.choice((55, 110, 210)), 0.5, 0.7)
        gap = max(int(rng.uniform(50, 120) * unit), 4)
        image[:, ::gap] = line
    return image


def slats(rng: Rng, height: int, width: int, unit: float) -> np.ndarray:
    """Boards of a wooden bench."""
    base = hsv(rng.uniform(20, 40), rng.uniform(0.15, 0.5), rng.uniform(0.35, 0.8))
    image = tint(cv2.resize(noise(rng, height, width, 3 * unit), (width, height)), base, 0.04)
    grain = cv2.resize(noise(rng, height, max(width // 20, 4), 2), (width, height))
    image *= 1 + 0.1 * grain[..., None]
    pitch = int(rng.uniform(30, 70) * unit)
    gap = max(int(rng.uniform(0.04, 0.2) * pitch), 1)
    for y in range(int(rng.integers(pitch)), height, pitch):
        image[y:y + gap] *= 0.25
    return image


def mesh(rng: Rng, height: int, width: int, unit: float) -> np.ndarray:
    """Expanded-metal bench top or the bottom of a stacking crate."""
    image = tint(noise(rng, height, width, 20 * unit), hsv(30, 0.1, rng.uniform(0.1, 0.3)), 0.2)
    bar = hsv(rng.uniform(180, 240), rng.uniform(0, 0.2), rng.uniform(0.2, 0.75))
    pitch = int(rng.uniform(8, 26) * unit)
    thick = max(int(rng.uniform(0.12, 0.4) * pitch), 1)
    for start in range(0, max(height, width), pitch):
        image[start:start + thick] = bar
        image[:, start:start + thick] = bar
    return image


def plain(rng: Rng, height: int, width: int, unit: float) -> np.ndarray:
    """Concrete, plastic sheet or a painted table."""
    base = hsv(rng.uniform(0, 360), rng.uniform(0, 0.15), rng.uniform(0.2, 0.97))
    if rng.random() < 0.15:
        base = hsv(rng.uniform(90, 220), rng.uniform(0.2, 0.6), rng.uniform(0.3, 0.8))
    return tint(octaves(rng, height, width, (80 * unit, 8 * unit, 2 * unit)), base,
                rng.uniform(0.01, 0.1))


FLOORS = (soil, gravel, sand, weed_mat, slats, mesh, plain)
BEDS = (soil, soil, soil, gravel, sand)
