"""Flat pads upon pads: Opuntia, and the leafless flat stems of Epiphyllum and Christmas cactus."""

from __future__ import annotations

import math

import numpy as np

from ..colour import (BLUE_SKIN, FRESH_SKIN, GOLD_SPINE, GREEN_SKIN, GREY_SKIN, OLIVE_SKIN, PINK_FLOWER,
                      RED_FLOWER, RUST_SPINE, SAGE_SKIN, WHITE_SPINE, YELLOW_FLOWER, hsv, linear, mix)
from ..maths import TURN, rotation, unit, waves
from ..mesh import BALL0, FIBRE, Mesh, grid_faces, lumps, spikes
from ..profile import Draw
from .flowers import funnel
from .registry import kind


class PadStyle:
    """What the pads of one plant have in common."""

    def __init__(self, draw: Draw) -> None:
        self.colour = draw.colour([GREEN_SKIN, SAGE_SKIN, BLUE_SKIN, FRESH_SKIN, GREY_SKIN])
        self.tuft = draw.colour([WHITE_SPINE, GOLD_SPINE, RUST_SPINE])
        self.spiny = draw.chance(0.4)
        self.tall, self.wide = draw.between(0.8, 1.5), draw.between(0.5, 0.9)
        self.thick = draw.between(0.14, 0.25)
        self.bloom = draw.colour([YELLOW_FLOWER, RED_FLOWER, PINK_FLOWER]) if draw.chance(0.2) else None
        self.rows = draw.whole(6, 11)


def pad(mesh: Mesh, draw: Draw, style: PadStyle, at: np.ndarray, up: np.ndarray, face: np.ndarray, size: float,
        level: int) -> None:
    """One pad from its foot, and the pads upon it."""
    rng = draw.rng
    rings, around = int(34 * max(draw.detail, 0.5)), int(44 * max(draw.detail, 0.5))
    s = np.linspace(0.02, 0.999, rings)
    w = _width(s)
    u = np.linspace(0, TURN, around, endpoint=False)
    side = unit(np.cross(up, face))
    flat = np.sign(np.sin(u)) * np.abs(np.sin(u)) ** 0.8
    p = (at + np.outer(s * 2 * style.tall * size,
                       up)[:, None] + (w[:, None] * np.cos(u))[..., None] * side * style.wide * size
         + (np.sqrt(w)[:, None] * flat)[..., None] * face * style.thick * size).reshape(-1, 3)
    seed = draw.seed()
    p = p + face * (0.06 * size * waves(p, 1.3, seed))[:, None]
    c = style.colour * (1 + 0.12 * waves(p, 0.4, seed))[:, None] * rng.uniform(0.85, 1.15)
    if level > 0 and draw.chance(0.5):
        c = mix(c, style.colour * 1.4 + linear([0.08, 0.12, 0.02]), 0.6)
    mesh.add(p, grid_faces(rings, around), np.clip(c, 0.003, 1))
    _glochids(mesh, draw, style, at, up, face, side, size)
    if level >= 2 or size < 0.3:
        return
    for _ in range(draw.whole(1, 4) if level == 0 else draw.whole(0, 3)):
        a = rng.uniform(-0.9, 0.9)
        edge = at + up * 2 * style.tall * size * (0.97 - 0.22 * a
                                                  * a) + side * math.sin(a) * style.wide * size * 0.75
        grow = unit(up * math.cos(a) + side * math.sin(a) + face * rng.normal(0, 0.25))
        if style.bloom is not None and draw.chance(0.4):
            funnel(mesh, draw, edge, grow, 0.5 * size, style.bloom)
            continue
        turn = rotation(grow, rng.normal(0, 0.6)) @ face
        pad(mesh, draw, style, edge, grow, unit(turn - grow * (turn @ grow)), size * rng.uniform(0.5, 0.85),
            level + 1)


def _width(s: np.ndarray) -> np.ndarray:
    return np.sin(math.pi * s**0.75) ** 0.55 * (0.45 + 0.55 * s**0.7)


def _glochids(mesh: Mesh, draw: Draw, style: PadStyle, at: np.ndarray, up: np.ndarray, face: np.ndarray,
              side: np.ndarray, size: float) -> None:
    """Tufts in a diamond net on both faces."""
    r, q = np.meshgrid(np.arange(style.rows), np.arange(5), indexing="ij")
    s = 0.12 + 0.82 * r.ravel() / (style.rows - 1)
    x = (q - 2 + 0.5 * (r % 2)).ravel() / 2.4
    s, x = s[np.abs(x) < 0.93], x[np.abs(x) < 0.93]
    w = _width(s)
    z = np.sqrt(np.maximum(1 - x * x, 0)) ** 0.8 * np.sqrt(w) * style.thick
    base = at + np.outer(s * 2 * style.tall * size, up) + np.outer(x * w * style.wide * size, side)
    lean = np.outer(x * 0.5, side) + np.outer((s - 0.5) * 0.4, up)
    points = np.concatenate([base + np.outer(z * size * f, face) for f in (1, -1)])
    normals = unit(np.concatenate([lean + f * face for f in (1, -1)]))
    many = max(int(12 * draw.detail), 4)
    own = np.repeat(np.arange(len(points)), many)
    spikes(mesh, points[own], normals[own] + draw.rng.normal(0, 0.5, (len(own), 3)), 0.09 * size, 0.008,
           style.tuft * draw.rng.uniform(0.7, 1.1, (len(own), 1)), None, 0, draw.rng)
    lumps(mesh, points, 0.025 * size, style.tuft * 0.8, draw.rng, 0.3, material=FIBRE, shape=BALL0)
    if style.spiny:
        own = np.repeat(np.arange(len(points)), 3)
        spikes(mesh, points[own], normals[own] + draw.rng.normal(0, 0.45, (len(own), 3)), 0.35 * size, 0.012,
               hsv(40, 0.15, 0.85), None, 0.03, draw.rng)


@kind("opuntia", "cactus", room=(0.6, 1.2), height=5.0, often=1.3)
def opuntia(draw: Draw) -> Mesh:
    """Prickly pears: one to some pads from the ground, more upon them. One plant."""
    mesh, rng = Mesh(), draw.rng
    style = PadStyle(draw)
    for _ in range(draw.pick((1, 1, 2, 3))):
        a = rng.uniform(0, TURN)
        up = unit(np.array([rng.normal(0, 0.18), rng.normal(0, 0.18), 1.0]))
        face = np.array([math.cos(a), math.sin(a), 0.0])
        pad(mesh, draw, style, np.array([rng.normal(0, 0.25), rng.normal(0, 0.25), -0.05]), up,
            unit(face - up * (face @ up)), 1.0, 0)
    return mesh


def flat_stem(mesh: Mesh, draw: Draw, foot, azimuth: float, rise: float, length: float, wide: float, colour,
              droop: float, notch: float, sections: int) -> np.ndarray:
    """A flat notched stem along an arc; returns its tip."""
    rows, across = 40, 7
    s = np.linspace(0, 1, rows)
    angle = rise - droop * s**1.2
    step = length / (rows - 1)
    out, up = np.cumsum(np.cos(angle)) * step, np.cumsum(np.sin(angle)) * step
    path = np.asarray(foot) + np.stack([out * math.cos(azimuth), out * math.sin(azimuth), up], -1)
    side = np.array([-math.sin(azimuth), math.cos(azimuth), 0.0])
    roll = draw.rng.normal(0, 0.5)
    normal = unit(np.cross(np.gradient(path, axis=0), side))
    side = math.cos(roll) * side + math.sin(roll) * normal
    normal = unit(np.cross(np.gradient(path, axis=0), side))
    phase = np.mod(s * sections, 1)
    w = wide * (1 - notch * np.abs(2 * phase - 1) ** 2) * np.sqrt(np.clip(1 - (2 * s - 1) ** 10, 0.02, 1))
    y = np.linspace(-1, 1, across)
    for face in (1, -1):
        thick = 0.15 * wide * (1 - np.abs(y)) + 0.05 * wide
        across_way = (w[:, None] * y)[..., None] * side[:, None]
        v = path[:, None] + across_way + face * thick[None, :, None] * normal[:, None]
        c = colour * (0.8 + 0.3 * np.abs(y))[None, :, None] * (1 + 0.08 * np.sin(9 * s))[:, None, None]
        mesh.add(v, grid_faces(rows, across, closed=False), c.reshape(-1, 3).clip(0.003, 1))
    return path[-1]


@kind("epiphyllum", "cactus", room=(0.8, 1.4), height=4.0, often=0.8)
def epiphyllum(draw: Draw) -> Mesh:
    """Leaf and Christmas cacti: flat notched stems that arch out of the pot, flowers at their tips. One plant."""
    mesh, rng = Mesh(), draw.rng
    colour = draw.colour([GREEN_SKIN, FRESH_SKIN, OLIVE_SKIN])
    notch, sections, wide = draw.between(0.1, 0.6), draw.whole(3, 9), draw.between(0.11, 0.22)
    bloom = draw.colour([RED_FLOWER, PINK_FLOWER]) if draw.chance(0.35) else None
    for i in range(draw.whole(5, 20)):
        tip = flat_stem(mesh, draw, rng.normal(0, 0.1, 3) * [1, 1, 0], i * 2.4 + rng.normal(0, 0.3),
                        rng.uniform(0.4, 1.4),
                        rng.uniform(0.5, 1.3), wide * rng.uniform(0.8, 1.2), colour * rng.uniform(0.8, 1.15),
                        rng.uniform(0.2, 2.2), notch, sections)
        if bloom is not None and draw.chance(0.5):
            funnel(mesh, draw, tip, [rng.normal(0, 0.5), rng.normal(0, 0.5), 0.3], 0.35, bloom)
    return mesh
