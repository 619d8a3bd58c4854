"""Palm crowns from feather fronds, as seen from a drone."""

from __future__ import annotations

import math

import numpy as np

from ..colour import hsv, mix
from ..maths import GOLDEN, unit
from ..mesh import THIN, Mesh, grid_faces, tube
from ..profile import Draw
from .registry import kind

GREENS = [((80, 115), (0.25, 0.5), (0.28, 0.5)), ((90, 125), (0.25, 0.45), (0.3, 0.55)),
          ((65, 85), (0.25, 0.45), (0.35, 0.5))]


@kind("palm", "palm", height=99.0)
def palm(draw: Draw) -> Mesh:
    mesh = Mesh()
    colour, fronds = draw.colour(GREENS), draw.whole(16, 36)
    droop = draw.between(0.5, 1.3)
    for i in range(fronds):
        age = (i + 0.5) / fronds
        frond(mesh, draw, colour, i * GOLDEN + draw.rng.normal(0, 0.1), age, droop)
    return mesh


def frond(mesh: Mesh, draw: Draw, colour, azimuth: float, age: float, droop: float) -> None:
    """One arching rib with two rows of leaflets; the oldest hang and are brown."""
    rng, pairs = draw.rng, max(int(46 * draw.detail), 18)
    s = np.linspace(0, 1, 16)
    angle = 1.35 - 1.45 * age**0.8 + rng.normal(0, 0.06) - droop * rng.uniform(0.8, 1.2) * s**1.5
    step = rng.uniform(0.8, 1.1) / 15
    out = np.concatenate([[0], np.cumsum(np.cos(angle[1:]) * step)])
    up = np.concatenate([[0], np.cumsum(np.sin(angle[1:]) * step)])
    path = np.stack([out * math.cos(azimuth), out * math.sin(azimuth), 0.9 + up], -1)
    tint = mix(colour, hsv(40, 0.4, 0.5), 0.5 * age**4) * rng.uniform(0.8, 1.2)
    tube(mesh, path, 0.014 * np.linspace(1, 0.6, 16), tint * 1.3, 6)
    f = np.linspace(0.12, 0.99, pairs)
    base = np.stack([np.interp(f, s, path[:, k]) for k in range(3)], -1)
    along = unit(np.stack([np.interp(f, s, np.gradient(path[:, k])) for k in range(3)], -1))
    side = np.array([-math.sin(azimuth), math.cos(azimuth), 0.0])
    size = (0.2 * np.sin(math.pi * (0.15 + 0.8 * f)) ** 0.7 * rng.uniform(0.8, 1.1, pairs))[:, None]
    for sign in (-1, 1):
        d = unit(along * 0.95 + sign * side * 0.7 + [0, 0, 0.2] + rng.normal(0, 0.15, (pairs, 3)))
        w = unit(np.cross(d, [0, 0, 1.0])) * 0.016 / max(draw.detail, 0.4) ** 0.7
        middle, end = base + d * size * 0.55 + [0, 0, 0.01], base + d * size - [0, 0, 0.3] * size
        v = np.stack([base - w * 0.5, base + w * 0.5, middle - w, middle + w, end - w * 0.1, end + w * 0.1],
                     1)
        faces = grid_faces(3, 2, closed=False)[None] + (np.arange(pairs) * 6)[:, None, None]
        mesh.add(v.reshape(-1, 3), faces.reshape(-1, 4),
                 np.repeat(tint * rng.uniform(0.8, 1.15, (pairs, 1)), 6, 0), THIN)
