"""Aeonium: flat rosettes at the ends of branching stems; Graptopetalum and Sedeveria on bare necks."""

from __future__ import annotations

import math

import numpy as np

from ..colour import BARK, BLACK_LEAF, BLUE_LEAF, GREEN_LEAF, LIME_LEAF, PEACH_LEAF, PINK_LEAF, PURPLE_LEAF, hsv
from ..maths import leaning, unit
from ..mesh import Mesh
from ..profile import Draw
from .leaves import Leaf, leaf_style, rosette
from .registry import kind
from .stems import bark, wander


def heads_on_stems(draw: Draw, p: Leaf, stems: int, length: tuple[float, float], size: tuple[float, float],
                   width: float, thick: float, leaves: tuple[int, int], rise: tuple[float, float]) -> Mesh:
    """Rosettes on leaning stems, all one plant."""
    mesh, rng = Mesh(), draw.rng
    for i in range(stems):
        a, lean = i * 2.4 + rng.normal(0, 0.4), rng.uniform(0.1, 0.9) * (stems > 1)
        direction = (math.sin(lean) * math.cos(a), math.sin(lean) * math.sin(a), math.cos(lean))
        path = wander(draw, (0, 0, 0), direction, draw.between(*length))
        bark(mesh, draw, path, draw.between(0.03, 0.07), draw.colour(BARK))
        head = Mesh()
        rosette(head, draw, p, draw.whole(*leaves), width, thick, rise, 0.12, 0.2)
        axis = unit(path[-1] - path[-3])
        mesh.join(head, _upright(axis) * draw.between(*size), path[-1])
    return mesh


def _upright(axis: np.ndarray) -> np.ndarray:
    """A turn that brings the upright axis half way to the stem's direction."""
    return leaning(math.atan2(axis[1], axis[0]), 0.6 * math.acos(min(max(float(axis[2]), -1), 1)))


@kind("aeonium", "succulent", room=(0.8, 1.4), height=4.0)
def aeonium(draw: Draw) -> Mesh:
    p = leaf_style(draw, [GREEN_LEAF, LIME_LEAF, BLACK_LEAF, PURPLE_LEAF], belly=draw.between(1.0, 1.7),
                   point=draw.between(0.2, 0.35),
                   stalk=0.25, top=0.3, cup=0.05, curl=draw.between(-0.3, 0.2), farina=0, rows=12, around=10)
    if draw.chance(0.2):
        p = leaf_style(draw, [LIME_LEAF], belly=1.3, point=0.25, stalk=0.25, top=0.3, cup=0.05, curl=0,
                       farina=0, rows=12, around=10,
                       stripes=hsv(56, 0.35, 0.9), stripe_from=0.6)
    return heads_on_stems(draw, p, draw.whole(1, 8), (0.4, 1.3), (0.5, 0.9), draw.between(0.3, 0.45), 0.05,
                          (24, 55), (1.4, 0.0))


@kind("necks", "succulent", room=(0.7, 1.3), height=4.0)
def necks(draw: Draw) -> Mesh:
    """Leggy Graptopetalum, Sedeveria, Graptosedum: loose rosettes on bare necks, some lying. One plant."""
    p = leaf_style(draw, [BLUE_LEAF, PINK_LEAF, PEACH_LEAF, LIME_LEAF, PURPLE_LEAF],
                   belly=draw.between(0.8, 1.3), point=0.3, stalk=0.3, top=0.7, cup=0.04,
                   curl=-0.3, rows=11, around=10)
    return heads_on_stems(draw, p, draw.whole(3, 10), (0.3, 1.1), (0.35, 0.65), draw.between(0.36, 0.5), 0.18,
                          (12, 28), (1.3, 0.1))
