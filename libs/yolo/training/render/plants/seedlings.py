"""Young plants: broad-leaved seedlings, seed leaves by the hundred, small succulent rosettes."""

from __future__ import annotations

import math

from ..colour import BLUE_LEAF, GREEN_LEAF, LIME_LEAF, PINK_LEAF, SEA_LEAF
from ..maths import GOLDEN
from ..mesh import Mesh, tube
from ..profile import Draw
from .leaves import leaf_style, rosette, thin
from .registry import kind

LEAF_GREEN = [((80, 125), (0.4, 0.7), (0.3, 0.62)), ((72, 95), (0.4, 0.65), (0.4, 0.65))]


@kind("seedling", "seedling", room=(0.4, 1.1), often=1.2)
def seedling(draw: Draw) -> Mesh:
    """Seed leaves and a few true leaves on stalks."""
    mesh = Mesh()
    p = thin(leaf_style(draw, LEAF_GREEN, [((90, 110), (0.4, 0.6), (0.3, 0.5))], belly=draw.between(0.6, 1.4),
                        point=draw.between(0.4, 0.65),
                        stalk=draw.between(0.06, 0.16), top=0.9, cup=draw.between(-0.05, 0.12),
                        curl=draw.between(-0.2, 0.9), tipping=0,
                        ruffle=draw.pick((0, 0.04, 0.08)), ruffles=draw.between(2, 5), young=0.35,
                        veins=draw.between(0.2, 0.7), rows=18, around=16, sway=0.08, damage=0.4, dried=0.0))
    rosette(mesh, draw, p, draw.whole(2, 11), draw.between(0.3, 0.6), 0.018, (1.2, draw.between(0.0, 0.5)),
            0.03, 0.12, angle=draw.pick((GOLDEN, math.pi / 2 + 0.02)))
    tube(mesh, [(0, 0, -0.1), (0, 0, 0.14)], 0.03, p.colour * [1.3, 0.9, 0.8], 6)
    return mesh


@kind("cotyledons", "seedling", room=(0.12, 0.4))
def cotyledons(draw: Draw) -> Mesh:
    """Two seed leaves on a thin neck, days old."""
    mesh = Mesh()
    p = thin(leaf_style(draw, LEAF_GREEN, belly=draw.between(0.7, 1.2), point=draw.between(0.2, 0.4),
                        stalk=0.1, top=0.9, cup=0.03,
                        curl=draw.between(-0.2, 0.5), tipping=0, edging=0, young=0.8, rows=10, around=10,
                        dried=0.0))
    height = draw.between(0.3, 1.0)
    tube(mesh, [(0, 0, 0), (0.05, 0, height * 0.5), (0, 0.03, height)], 0.035, p.colour * [1.5, 0.9, 0.9], 6)
    rosette(mesh, draw, p, draw.pick((2, 2, 2, 3, 4)), draw.between(0.45, 0.75), 0.03, (0.5, 0.2), 0.02, 0.0,
            angle=math.pi + 0.1, at=(0, 0.03, height))
    return mesh


@kind("plantlet", "seedling", room=(0.2, 0.6), often=1.2)
def plantlet(draw: Draw) -> Mesh:
    """A small succulent rosette of few leaves, from a leaf or seed."""
    mesh = Mesh()
    p = leaf_style(draw, [BLUE_LEAF, SEA_LEAF, GREEN_LEAF, PINK_LEAF, LIME_LEAF],
                   belly=draw.between(0.7, 1.4), point=0.3, stalk=0.4, top=0.7, cup=0.05,
                   curl=-0.4, rows=10, around=10)
    rosette(mesh, draw, p, draw.whole(5, 14), draw.between(0.4, 0.6), 0.16, (1.3, draw.between(0.1, 0.5)),
            0.12, 0.15)
    return mesh
