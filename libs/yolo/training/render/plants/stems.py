"""Leafy stems: paths, bark, and leaves set along them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ..maths import GOLDEN, carried_frames, unit, waves
from ..mesh import Mesh, grid_faces, tube
from ..profile import Draw
from .leaves import Leaf, Place, leaf


def wander(draw: Draw, at, direction, length: float, steps: int = 8, lift: float = 0.1,
           loose: float = 0.12) -> np.ndarray:
    """A path that strays, and rises or hangs (lift below 0)."""
    points, d = [np.asarray(at, float)], unit(np.asarray(direction, float))
    for _ in range(steps):
        d = unit(d + draw.rng.normal(0, loose, 3) + [0, 0, lift])
        points.append(points[-1] + d * length / steps)
    return np.array(points)


def bark(mesh: Mesh, draw: Draw, path: np.ndarray, radius: float, colour) -> None:
    """A round stem that thins towards its tip."""
    shade = 1 + 0.2 * waves(path, 0.2, draw.seed())
    tube(mesh, path, radius * np.linspace(1, 0.6, len(path)), colour * shade[:, None])


def nodes(path: np.ndarray, shares) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
    """Share, point and frame (two square vectors and the direction) along a path."""
    along, a, b = carried_frames(path)
    for q in shares:
        f = q * (len(path) - 1)
        j = min(int(f), len(path) - 2)
        yield q, path[j] * (1 - f + j) + path[j + 1] * (f - j), np.stack([a[j], b[j], along[j]], 1)


def leafy(mesh: Mesh, draw: Draw, path: np.ndarray, p: Leaf, shares, length: float, width: float,
          thick: float, pairs: bool, rise: tuple[float, float] = (0.4, 1.1), taper: float = 0.35) -> None:
    """Leaves along a stem, in crossed pairs or a spiral, smaller and more upright at its tip."""
    for k, (q, at, frame) in enumerate(nodes(path, shares)):
        headings = (k % 2 * np.pi / 2, k % 2 * np.pi / 2 + np.pi) if pairs else (k * GOLDEN,)
        for heading in headings:
            m = draw.rng.uniform(0.8, 1.1) * (1 - taper * q**3)
            up = draw.rng.uniform(-0.2, 0.2) + rise[0] + (rise[1] - rise[0]) * q**4
            place = Place(up, heading + draw.rng.normal(0, 0.1), np.zeros(3), 1 - q)
            v, c = leaf(draw, replace(p, dried=0.0), m * length, m * width, thick, place)
            mesh.add(v @ frame.T + at, grid_faces(p.rows, p.around), c, p.material)
