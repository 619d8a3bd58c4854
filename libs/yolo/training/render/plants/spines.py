"""Areoles: spines, wool and hair on the skin of cacti."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..colour import SPINES, hsv, mix
from ..maths import TURN, frames
from ..mesh import BALL0, CREAM, FIBRE, Mesh, lumps, spikes
from ..profile import Draw


@dataclass
class Spines:
    """How the areoles of a plant look; lengths in body radii, tilts from the skin's normal."""

    radial: int
    radial_tilt: float
    radial_length: float
    radial_colour: np.ndarray
    radial_tip: np.ndarray
    central: int
    central_tilt: float
    central_length: float
    central_colour: np.ndarray
    central_tip: np.ndarray
    thick: float
    bend: float
    wool: float
    wool_colour: np.ndarray
    hook: float = 0.0


def spine_style(draw: Draw, dense: float | None = None) -> Spines:
    """Random spines, from few and stout (0) to many and hair-like (1)."""
    rng = draw.rng
    dense = rng.random() if dense is None else dense
    radial, central = draw.colour(SPINES), draw.colour(SPINES)
    if draw.chance(0.4):
        central = radial
    dark = hsv(rng.uniform(5, 35), 0.6, rng.uniform(0.12, 0.3))
    return Spines(
        radial=int(draw.whole(5, 10) + 12 * dense), radial_tilt=draw.between(1.05, 1.5),
        radial_length=draw.between(0.18, 0.36) * (1.1 - 0.3 * dense),
        radial_colour=radial, radial_tip=mix(radial, dark, draw.pick((0, 0, 0.4))),
        central=draw.whole(0, 5), central_tilt=draw.between(0.25, 0.8), central_length=draw.between(0.2, 0.6),
        central_colour=central, central_tip=mix(central, dark, draw.pick((0, 0.5, 0.8))),
        thick=draw.between(0.008, 0.015) * (1.25 - 0.75 * dense), bend=draw.between(0.02, 0.12),
        wool=draw.between(0.025, 0.06), wool_colour=hsv(45, rng.uniform(0, 0.25), rng.uniform(0.7, 0.95)))


def clad(mesh: Mesh, draw: Draw, points: np.ndarray, normals: np.ndarray, scale: float, style: Spines,
         youth: np.ndarray | None = None) -> None:
    """Set areoles on points; youth (0 to 1) makes spines shorter and more upright."""
    n = len(points)
    if n == 0:
        return
    rng = draw.rng
    youth = np.zeros(n) if youth is None else youth
    grow = (1 - 0.45 * youth) * rng.uniform(0.8, 1.15, n)
    _star(mesh, draw, points, normals, youth, scale * grow, scale * style.thick * 0.7, style.radial, style.radial_tilt,
          style.radial_length, style.radial_colour, style.radial_tip, style.bend, 0.0)
    _star(mesh, draw, points, normals, youth, scale * grow, scale * style.thick, style.central, style.central_tilt,
          style.central_length, style.central_colour, style.central_tip, style.bend, style.hook)
    if style.wool > 0:
        tuft = scale * style.wool
        lumps(mesh, points + normals * tuft * 0.2, tuft * (0.6 + 0.7 * youth) * rng.uniform(0.7, 1.3, n),
              style.wool_colour * rng.uniform(0.75, 1.05, (n, 1)), rng, 0.18, material=FIBRE, shape=BALL0)


def _star(mesh, draw, points, normals, youth, size, thick, count, tilt, length, colour, tip, bend, hook) -> None:
    """One ring of spines on every areole."""
    if count == 0 or length == 0:
        return
    rng, n = draw.rng, len(points)
    simple = draw.detail < 0.7
    if simple:  # fewer and thicker: they are not seen one by one
        fewer = max(int(round(count * draw.detail)), min(count, 3))
        count, thick = fewer, thick * (count / fewer) ** 0.6
    a, b = frames(normals)
    own, total = np.repeat(np.arange(n), count), n * count
    azimuth = TURN * np.tile(np.arange(count), n) / count + rng.uniform(0, TURN, n)[own] + rng.normal(0, 0.16, total)
    lean = np.clip(tilt - 0.35 * youth[own] + rng.normal(0, 0.13, total), 0.02, 1.75)[:, None]
    across = np.cos(azimuth)[:, None] * a[own] + np.sin(azimuth)[:, None] * b[own]
    direction = np.cos(lean) * normals[own] + np.sin(lean) * across
    shade = rng.uniform(0.75, 1.12, (total, 1))
    spikes(mesh, points[own], direction, size[own] * length * rng.uniform(0.7, 1.2, total),
           thick * rng.uniform(0.8, 1.2, total), colour * shade, tip * shade, bend, rng, hook=hook, simple=simple)


def hair(mesh: Mesh, draw: Draw, points: np.ndarray, normals: np.ndarray, length: float, colour: np.ndarray,
         droop: float = 0.0, thick: float = 0.008) -> None:
    """One long wavy hair on each point."""
    rng, n = draw.rng, len(points)
    direction = normals * rng.uniform(0.2, 0.9) + rng.normal(0, 0.55, (n, 3)) + [0, 0, -droop]
    spikes(mesh, points, direction, length * rng.uniform(0.5, 1.3, n), thick,
           colour * rng.uniform(0.75, 1.05, (n, 1)), None, rng.uniform(0.15, 0.4), rng)


def tufts(mesh: Mesh, draw: Draw, points: np.ndarray, size: float, colour: np.ndarray | None = None) -> None:
    """Balls of wool."""
    n = len(points)
    lumps(mesh, points, size * draw.rng.uniform(0.6, 1.4, n),
          (CREAM if colour is None else colour) * draw.rng.uniform(0.7, 1.05, (n, 1)), draw.rng, 0.25,
          material=FIBRE, shape=BALL0)
