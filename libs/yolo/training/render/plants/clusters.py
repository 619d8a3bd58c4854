"""Clumps that have grown together: many heads, one plant."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..maths import GOLDEN, TURN, leaning, spin
from ..mesh import Mesh
from ..profile import Draw
from .globular import globular
from .mammillaria import hooked, mammillaria, powderpuff, rebutia
from .registry import kind
from .sempervivum import houseleek


def pack(draw: Draw, count: int, touch: float,
         sizes: tuple[float, float]) -> list[tuple[float, float, float]]:
    """Places (x, y, radius) of heads grown around a first one; touch below 1 presses them together."""
    places: list[tuple[float, float, float]] = []
    for i in range(count):
        k = draw.rng.uniform(*sizes)
        start = draw.rng.uniform(0, TURN)
        for step in range(200):
            d = 0 if i == 0 else 0.5 + 0.03 * step
            a = start + step * GOLDEN
            x, y = d * math.cos(a), d * math.sin(a)
            if all(math.hypot(x - q[0], y - q[1]) > touch * (k + q[2]) for q in places):
                places.append((x, y, k))
                break
    return places


def clump(draw: Draw, build: Callable[[Draw], Mesh], count: int, touch: float, sizes: tuple[float, float],
          dome: float, tilt: float) -> Mesh:
    """Heads of one or two models, the outer ones lower and leaning outwards."""
    small = Draw(draw.rng, draw.profile, draw.detail * (0.8 if count < 8 else 0.45 if count < 20 else 0.25))
    heads = [build(small).normalise(1.0)]
    if count >= 6 and draw.chance(0.3):
        heads.append(build(_again(small, draw.seed())).normalise(1.0))
    mesh = Mesh()
    places = pack(draw, count, touch, sizes)
    reach = max(math.hypot(x, y) for x, y, _ in places) + 0.6
    for x, y, k in places:
        d = math.hypot(x, y) / reach
        a = math.atan2(y, x)
        turn = leaning(a, tilt * d) @ spin(draw.rng.uniform(0, TURN)) * k
        mesh.join(heads[draw.whole(0, len(heads))], turn, (x, y, dome * reach * (1 - d * d) - 0.1 * k))
    return mesh


def _again(draw: Draw, seed: int) -> Draw:
    return Draw(np.random.default_rng(seed), draw.profile, draw.detail)


@kind("cluster", "cactus", room=(0.6, 1.05), often=1.5)
def cluster(draw: Draw) -> Mesh:
    """Some few heads pressed together."""
    build = draw.pick((mammillaria, globular, hooked))
    return clump(draw, build, draw.whole(3, 11), draw.between(0.78, 0.9), (0.55, 1.0), 0.05, 0.3)


@kind("cushion", "cactus", room=(0.7, 1.15), often=1.3)
def cushion(draw: Draw) -> Mesh:
    """A dome of many small heads: Rebutia, Mammillaria gracilis, prolifera, Mediolobivia."""
    build = draw.pick((rebutia, mammillaria, hooked, powderpuff))
    return clump(draw, build, draw.whole(14, 44), draw.between(0.8, 0.92), (0.75, 1.0),
                 draw.between(0.1, 0.3), 0.6)


@kind("semp_mat", "succulent", room=(0.8, 1.25), often=0.8)
def semp_mat(draw: Draw) -> Mesh:
    """A mat of houseleeks grown together."""
    return clump(draw, houseleek, draw.whole(5, 16), draw.between(0.72, 0.88), (0.35, 1.0), 0.05, 0.25)
