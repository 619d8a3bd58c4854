"""Living stones: pairs of fat leaves with a slit and a marbled top; Conophytum, Fenestraria, Senecio, Sansevieria."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ..colour import BLUE_LEAF, GREEN_LEAF, GREEN_SKIN, SEA_LEAF, WHITE_FLOWER, YELLOW_FLOWER, hsv, mix
from ..maths import TURN, spin, waves
from ..mesh import Mesh, grid_faces
from ..profile import Draw
from .flowers import daisy
from .leaves import Leaf, Place, leaf, leaf_style
from .registry import kind

STONE = [((20, 45), (0.15, 0.4), (0.45, 0.7)), ((70, 100), (0.12, 0.35), (0.4, 0.6)),
         ((0, 20), (0.15, 0.4), (0.4, 0.6)),
         ((200, 260), (0.04, 0.12), (0.5, 0.65))]
CONE = [((85, 120), (0.2, 0.45), (0.4, 0.65)), ((160, 200), (0.1, 0.25), (0.45, 0.65))]


class Stone:
    """The looks that the heads of one plant share."""

    def __init__(self, draw: Draw, table, split: float, marks: float) -> None:
        self.base = draw.colour(table)
        self.mark = self.base * draw.between(0.3, 0.6)
        self.seed, self.grain, self.level = draw.seed(), draw.between(0.12, 0.4), draw.between(-0.2, 0.3)
        self.split, self.marks, self.oval = split, marks, draw.between(0.7, 0.95)

    def head(self, draw: Draw) -> Mesh:
        """One pair of leaves."""
        rings, around = int(44 * max(draw.detail, 0.5)), int(84 * max(draw.detail, 0.5))
        s, u = np.linspace(0, 1, rings), np.linspace(0, TURN, around, endpoint=False)
        r = np.where(s < 0.5, 0.78 + 0.22 * (s / 0.5) ** 0.8,
                     np.clip(1 - np.clip((s - 0.5) / 0.5, 0, 1) ** 2.2, 0, 1) ** 0.55)
        z = np.where(s < 0.5, s * 1.3, 0.65 + 0.3 * np.sin(np.clip((s - 0.5) * 2, 0, 1) * math.pi / 2))
        x, y = np.outer(r, np.cos(u)), np.outer(r, np.sin(u)) * self.oval
        zz = np.broadcast_to(z[:, None], x.shape).copy()
        slit = np.exp(-((x / self.split) ** 2))
        zz -= 0.35 * slit * (zz > 0.5) * (0.6 + 0.4 * np.abs(y))
        x = x + np.sign(x) * 0.05
        p = np.stack([x, y * (1 - 0.1 * slit), zz], -1).reshape(-1, 3)
        p = p + 0.015 * waves(p, 0.5, self.seed)[:, None]
        c = self.base * (1 + 0.12 * waves(p, 0.3, self.seed + 1))[:, None]
        spots = np.clip((waves(p + draw.rng.normal(0, 3, 3), self.grain, self.seed + 2, 10) - self.level) * 6,
                        0, 1)
        c = mix(c, self.mark, np.clip((p[:, 2] - 0.75) * 6, 0, 1) * spots * self.marks)
        c = mix(c, self.base * 0.15, slit.ravel() * (p[:, 2] > 0.3) * 0.9)
        mesh = Mesh()
        mesh.add(p, grid_faces(rings, around), np.clip(c, 0.003, 1))
        return mesh


def heads(draw: Draw, stone: Stone, count: int, bloom: float, tint) -> Mesh:
    """Heads pressed together: one plant."""
    mesh = Mesh()
    for i in range(count):
        r, a = 0.84 * math.sqrt(i), i * 2.4  # pressed together
        one = stone.head(draw)
        if draw.chance(bloom):
            daisy(one, draw, [0, 0, 0.75], [0, 0, 1], draw.between(0.9, 1.3), tint)
        k = draw.rng.uniform(0.8, 1.0)
        mesh.join(one, spin(draw.rng.uniform(0, TURN)) * k, (r * math.cos(a), r * math.sin(a), 0))
    return mesh


@kind("lithops", "succulent", room=(0.25, 0.6), often=1.2, clumps=True)
def lithops(draw: Draw) -> Mesh:
    return heads(draw, Stone(draw, STONE, 0.07, 0.9), draw.pick((1, 1, 1, 2, 3, 4)),
                 draw.pick((0, 0, 0, 0.6)), draw.colour([YELLOW_FLOWER, WHITE_FLOWER]))


@kind("conophytum", "succulent", room=(0.3, 0.8), often=0.7, clumps=True)
def conophytum(draw: Draw) -> Mesh:
    """Many small buttons pressed into a cushion."""
    return heads(draw, Stone(draw, CONE, 0.04, 0.4), draw.whole(3, 24), draw.pick((0, 0, 0.3)),
                 draw.colour([YELLOW_FLOWER, WHITE_FLOWER, ((310, 340), (0.5, 0.8), (0.8, 1))]))


@kind("sticks", "succulent", room=(0.5, 0.95))
def sticks(draw: Draw) -> Mesh:
    """Senecio and Fenestraria: upright fingers from the ground. One plant."""
    p = leaf_style(draw, [BLUE_LEAF, GREEN_LEAF, SEA_LEAF, GREEN_SKIN], belly=0.15,
                   point=draw.pick((0.25, 0.7)), stalk=0.8, top=1.0, cup=0, curl=draw.between(-0.3, 0.5))
    return fan(draw, p, draw.whole(14, 45), 0.16, 0.14)


@kind("sansevieria", "succulent", room=(0.5, 0.9), height=5.0)
def sansevieria(draw: Draw) -> Mesh:
    """Snake plants: banded blades with yellow rims. One plant."""
    p = leaf_style(draw, [GREEN_LEAF, SEA_LEAF], belly=0.15, point=draw.pick((0.3, 0.7)), stalk=0.8, top=0.3,
                   cup=0.15, curl=draw.between(-0.3, 0.3), farina=0, edging=0)
    p = replace(p, bands=draw.between(6, 12), band_colour=p.colour * 0.4, band_gap=0.2, band_top=1.0,
                stripes=hsv(55, 0.4, 0.85) if draw.chance(0.5) else None)
    return fan(draw, p, draw.whole(5, 16), draw.between(0.22, 0.36), 0.05, 0.3)


def fan(draw: Draw, p: Leaf, count: int, width: float, thick: float, lean: float = 0.7) -> Mesh:
    """Upright leaves scattered over the ground."""
    mesh, rng = Mesh(), draw.rng
    for _ in range(count):
        a, d = rng.uniform(0, TURN), 0.55 * math.sqrt(rng.random())
        place = Place(1.5 - lean * d + rng.normal(0, 0.1), a, np.array([d * math.cos(a), d * math.sin(a), 0]),
                      rng.random())
        v, c = leaf(draw, p, rng.uniform(0.6, 1.5), width, thick, place)
        mesh.add(v, grid_faces(p.rows, p.around), c)
    return mesh
