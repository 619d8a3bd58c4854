"""Areoles: spines, wool and hair on the skin of cacti."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..colour import SPINES, hsv, mix
from ..maths import TURN, frames
from ..mesh import BALL0, CREAM, FIBRE, Mesh, lumps, spikes
from ..profile import Draw


@dataclass
class Ring:
    """One ring of an areole's spines; lengths in body radii, tilt from the skin's normal."""

    count: int
    tilt: float
    length: float
    colour: np.ndarray
    tip: np.ndarray
    hook: float = 0.0


@dataclass
class Spines:
    """How the areoles of a plant look: radial spines, central ones, and wool; sizes in body radii."""

    radial: Ring
    central: Ring
    thick: float
    bend: float
    wool: float
    wool_colour: np.ndarray


def spine_style(draw: Draw, dense: float | None = None) -> Spines:
    """Random spines, from few and stout (0) to many and hair-like (1)."""
    rng = draw.rng
    dense = rng.random() if dense is None else dense
    radial, central = draw.colour(SPINES), draw.colour(SPINES)
    if draw.chance(0.4):
        central = radial
    dark = hsv(rng.uniform(5, 35), 0.6, rng.uniform(0.12, 0.3))
    return Spines(
        Ring(
            int(draw.whole(5, 10) + 12 * dense), draw.between(1.05, 1.5),
            draw.between(0.18, 0.36) * (1.1 - 0.3 * dense), radial,
            mix(radial, dark, draw.pick((0, 0, 0.4)))),
        Ring(
            draw.whole(0, 5), draw.between(0.25, 0.8), draw.between(0.2, 0.6), central,
            mix(central, dark, draw.pick((0, 0.5, 0.8)))),
        thick=draw.between(0.008, 0.015) * (1.25 - 0.75 * dense), bend=draw.between(0.02, 0.12),
        wool=draw.between(0.025, 0.06), wool_colour=hsv(45, rng.uniform(0, 0.25), rng.uniform(0.7, 0.95)))


@dataclass(frozen=True)
class Areoles:
    """Where areoles sit; youth (0 to 1) makes their spines shorter and more upright."""

    points: np.ndarray
    normals: np.ndarray
    youth: np.ndarray


def clad(mesh: Mesh, draw: Draw, points: np.ndarray, normals: np.ndarray, scale: float, style: Spines,
         youth: np.ndarray | None = None) -> None:
    """Set areoles on points of a body whose radius is `scale`."""
    n = len(points)
    if n == 0:
        return
    rng = draw.rng
    spots = Areoles(points, normals, np.zeros(n) if youth is None else youth)
    size = scale * (1 - 0.45 * spots.youth) * rng.uniform(0.8, 1.15, n)
    _ring(mesh, draw, spots, style.radial, size, 0.7 * scale * style.thick, style.bend)
    _ring(mesh, draw, spots, style.central, size, scale * style.thick, style.bend)
    if style.wool > 0:
        tuft = scale * style.wool
        lumps(mesh, points + normals * tuft * 0.2,
              tuft * (0.6 + 0.7 * spots.youth) * rng.uniform(0.7, 1.3, n),
              style.wool_colour * rng.uniform(0.75, 1.05, (n, 1)), rng, 0.18, material=FIBRE, shape=BALL0)


def _ring(mesh: Mesh, draw: Draw, spots: Areoles, ring: Ring, size: np.ndarray, thick: float,
          bend: float) -> None:
    """One ring of spines on every areole."""
    count = ring.count
    if count == 0 or ring.length == 0:
        return
    simple = draw.detail < 0.7
    if simple:  # fewer and thicker: they are not seen one by one
        count = max(int(round(count * draw.detail)), min(count, 3))
        thick *= (ring.count / count) ** 0.6
    rng, n = draw.rng, len(spots.points)
    a, b = frames(spots.normals)
    own, total = np.repeat(np.arange(n), count), n * count
    azimuth = (TURN * np.tile(np.arange(count), n) / count + rng.uniform(0, TURN, n)[own]
               + rng.normal(0, 0.16, total))[:, None]
    lean = ring.tilt - 0.35 * spots.youth[own] + rng.normal(0, 0.13, total)
    lean = np.clip(lean, 0.02, 1.75)[:, None]
    across = np.cos(azimuth) * a[own] + np.sin(azimuth) * b[own]
    direction = np.cos(lean) * spots.normals[own] + np.sin(lean) * across
    shade = rng.uniform(0.75, 1.12, (total, 1))
    spikes(mesh, spots.points[own], direction, size[own] * ring.length * rng.uniform(0.7, 1.2, total),
           thick * rng.uniform(0.8, 1.2, total), ring.colour * shade, ring.tip * shade, bend, rng,
           hook=ring.hook, simple=simple)


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
