"""Houseleeks: many narrow pointed leaves, dark tips, offsets, some spun over with cobweb."""

from __future__ import annotations

import math

import numpy as np

from ..colour import DEEP_LEAF, GREEN_LEAF, PINK_LEAF, PURPLE_LEAF, RED_LEAF, SEA_LEAF, hsv
from ..maths import TURN
from ..mesh import Mesh, spikes
from ..profile import Draw
from .leaves import leaf_style, rosette
from .registry import kind

TABLE = [GREEN_LEAF, DEEP_LEAF, SEA_LEAF, PINK_LEAF, RED_LEAF, PURPLE_LEAF]


def houseleek(draw: Draw, offsets: int = 0) -> Mesh:
    """One rosette with its offsets."""
    mesh = Mesh()
    p = leaf_style(draw, TABLE, belly=draw.between(0.6, 1.1), point=draw.between(0.3, 0.6), top=0.5, cup=0.1,
                   curl=-draw.between(0.3, 0.9), stalk=0.5, farina=0, tip_from=draw.between(0.5, 0.85),
                   rows=11, around=10)
    width = draw.between(0.24, 0.4)
    rosette(mesh, draw, p, draw.whole(45, 100), width, 0.09, (1.45, draw.between(0.1, 0.4)), 0.3, 0.3)
    for a in draw.rng.uniform(0, TURN, offsets):
        d = draw.rng.uniform(0.8, 1.1)
        rosette(mesh, draw, p, 26, width, 0.09, (1.45, 0.4), 0.3, 0.3,
                at=(d * math.cos(a), d * math.sin(a), 0), size=draw.rng.uniform(0.2, 0.4))
    if draw.chance(0.15):
        cobweb(mesh, draw)
    return mesh


def cobweb(mesh: Mesh, draw: Draw) -> None:
    """White threads over the heart."""
    n, rng = 160, draw.rng
    a, r = rng.uniform(0, TURN, n), 0.55 * np.sqrt(rng.random(n))
    at = np.stack([r * np.cos(a), r * np.sin(a), 0.75 - 0.5 * r], -1)
    across = np.stack([rng.normal(size=n), rng.normal(size=n), rng.normal(0, 0.2, n)], -1)
    spikes(mesh, at, across, 0.25, 0.006, hsv(50, 0.03, 0.95), None, 0.1, rng)


@kind("sempervivum", "succulent", room=(0.55, 1.1), often=1.3, clumps=True)
def sempervivum(draw: Draw) -> Mesh:
    return houseleek(draw, draw.pick((0, 0, 0, 3, 6)))
