"""Flowers, flower stalks and fruit. They belong to their plant, and to its box."""

from __future__ import annotations

import math

import numpy as np

from ..colour import FLOWERS, hsv, mix
from ..maths import GOLDEN, TURN, frames, unit
from ..mesh import BALL0, BLOOM, FIBRE, FLESH, THIN, Mesh, grid_faces, lumps, spikes, tube
from ..profile import Draw

HEART = hsv(50, 0.8, 0.9)


def petals(mesh: Mesh, draw: Draw, at, normal, size: float, colour, count: int, openness: float,
           wide: float = 0.3,
           layers: int = 2) -> None:
    """Curved pointed petals about an axis, in layers that open less towards the heart."""
    rng = draw.rng
    normal = unit(np.asarray(normal, float)[None])
    a, b = (f[0] for f in frames(normal))
    rows, across = 5, 3
    s = np.linspace(0, 1, rows)
    breadth = (s + 0.12) ** 0.7 * (1.02 - s) ** 0.45
    throat = mix(colour, rng.choice((hsv(55, 0.4, 1.0), colour * 0.6), 1)[0], 0.6)
    for i in range(count):
        layer = i % layers / max(layers - 1, 1)
        turn = TURN * i / count + rng.normal(0, 0.05)
        lean = openness * (1 - 0.45 * layer) + rng.normal(0, 0.05)
        bend = lean * (0.5 + 0.7 * s)
        length = size * (1 - 0.2 * layer) * rng.uniform(0.9, 1.1)
        out = math.cos(turn) * a + math.sin(turn) * b
        side = -math.sin(turn) * a + math.cos(turn) * b
        x = np.cumsum(np.sin(bend)) / rows * length + 0.06 * size
        z = np.cumsum(np.cos(bend)) / rows * length
        middle = np.asarray(at) + x[:, None] * out + z[:, None] * normal
        w = (breadth / breadth.max() * wide * length)[:, None, None] / 2
        y = np.array([-1, 0, 1])[None, :, None]
        v = middle[:, None] + w * y * side + (0.18 * w * y * y) * normal
        c = mix(throat, colour * rng.uniform(0.85, 1.08), np.clip(s * 1.8, 0, 1))
        c = np.repeat(c * (0.92 + 0.08 * s[:, None]), across, 0).reshape(rows, across,
                3) * np.array([1, 0.86, 1])[None, :, None]
        mesh.add(v, grid_faces(rows, across, closed=False), c.reshape(-1, 3), THIN, BLOOM)


def funnel(mesh: Mesh, draw: Draw, at, normal, size: float, colour) -> None:
    """The flower of a cactus: a funnel of many petals with a yellow heart, open or a bud."""
    rng = draw.rng
    at, normal = np.asarray(at, float), unit(np.asarray(normal, float))
    openness = draw.pick((rng.uniform(0.1, 0.4), rng.uniform(0.6, 1.3), rng.uniform(0.8, 1.4)))
    tube(mesh, [at - normal * 0.05 * size, at + normal * 0.2 * size], [0.09 * size, 0.14 * size],
         mix(colour, hsv(90, 0.4, 0.4), 0.6), 8, FLESH, BLOOM)
    petals(mesh, draw, at + normal * 0.12 * size, normal, size, colour, draw.whole(14, 30), openness,
           rng.uniform(0.16, 0.3), 3)
    if openness > 0.5:
        count = 24
        foot = np.repeat((at + normal * 0.15 * size)[None], count, 0)
        spikes(mesh, foot, normal + rng.normal(0, 0.25, (count, 3)), 0.42 * size, 0.012 * size, HEART * 0.8,
               HEART, 0, rng, FIBRE, BLOOM)
        lumps(mesh, foot + normal * 0.38 * size + rng.normal(0, size * 0.08, (count, 3)), size * 0.03, HEART,
              rng, 0.2, material=FIBRE, shape=BALL0, part=BLOOM)


def daisy(mesh: Mesh, draw: Draw, at, normal, size: float, colour) -> None:
    """The flower of a living stone: very many narrow rays."""
    petals(mesh, draw, at, normal, size, colour, draw.whole(36, 60), draw.rng.uniform(0.9, 1.45), 0.1, 3)
    lumps(mesh, np.asarray(at) + np.asarray(normal) * size * 0.25 + draw.rng.normal(0, size * 0.08, (30, 3)),
          size * 0.05, HEART, draw.rng, 0.2, material=FIBRE, shape=BALL0, part=BLOOM)


def berry(mesh: Mesh, draw: Draw, at, normal, size: float) -> None:
    """A red club-shaped fruit."""
    path = np.asarray(at) + np.linspace(-0.1, 1, 5)[:, None] * np.asarray(normal) * size
    tube(mesh, path, size * np.array([0.12, 0.18, 0.22, 0.2, 0.05]),
         draw.colour([((345, 365), (0.8, 0.95), (0.55, 0.85))]), 8, FLESH, BLOOM)


def head_of_stars(mesh: Mesh, draw: Draw, at, radius: float, count: int, size: float, colour) -> None:
    """A dome of small four- or five-petalled flowers, as of Kalanchoe and Crassula."""
    rng = draw.rng
    number = draw.pick((4, 5))
    i = np.arange(count) + 0.5
    lean, turn = np.sqrt(i / count) * 1.2, i * GOLDEN
    normal = np.stack([np.sin(lean) * np.cos(turn), np.sin(lean) * np.sin(turn), np.cos(lean)], -1)
    for n in normal:
        place = np.asarray(at) + n * radius * [1, 1, 0.5] + rng.normal(0, 0.05 * radius, 3)
        petals(mesh, draw, place, n + rng.normal(0, 0.2, 3), size, colour * rng.uniform(0.85, 1.1), number,
               1.35, 0.55, 1)
    lumps(mesh, np.asarray(at) + normal * radius * [1, 1, 0.5], size * 0.12, mix(colour, HEART, 0.6), rng,
          0.2, material=FIBRE, shape=BALL0, part=BLOOM)


def scape(mesh: Mesh, draw: Draw, at, height: float, colour, bells: bool = True) -> None:
    """A flower stalk with bells along its bowed end, as of Echeveria, Gasteria and Aloe."""
    rng = draw.rng
    azimuth, bow = rng.uniform(0, TURN), draw.between(0.2, 0.9)
    s = np.linspace(0, 1, 12)
    lean = 0.15 + bow * s**2 * 1.6
    step = height / 11
    out, up = np.cumsum(np.sin(lean)) * step, np.cumsum(np.cos(lean)) * step
    path = np.asarray(at) + np.stack([out * math.cos(azimuth), out * math.sin(azimuth), up], -1)
    stalk = mix(colour, hsv(90, 0.35, 0.5), 0.5)
    tube(mesh, path, 0.03 * (1.1 - 0.6 * s), stalk, 6, FLESH, BLOOM)
    count = draw.whole(6, 18) if bells else draw.whole(12, 30)
    for f in np.linspace(0.55, 1.0, count):
        k = f * 11
        j = min(int(k), 10)
        foot = path[j] + (path[j + 1] - path[j]) * (k - j)
        side = rng.normal(0, 1, 3) + [0, 0, 0.2 if f < 0.9 else 1.0]
        side = unit(side)
        size = 0.16 * (1.3 - 0.6 * f) * rng.uniform(0.8, 1.1)
        tip = mix(colour, hsv(48, 0.7, 0.95), 0.5)
        bell = foot + np.linspace(0, 1, 5)[:, None] * side * size + np.array([0, 0, -0.25
                * size]) * np.linspace(0, 1, 5)[:, None] ** 2
        tube(mesh, bell, size * np.array([0.05, 0.2, 0.26, 0.24, 0.08]),
             mix(np.repeat(colour[None], 5, 0), tip, np.linspace(0, 1, 5)), 6, FLESH, BLOOM)


def flower_colour(draw: Draw) -> np.ndarray:
    """Any colour that flowers of cacti have."""
    return draw.colour(FLOWERS)
