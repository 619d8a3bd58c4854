"""Crassula: jade trees, stacked towers, and their flowers."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ..colour import BARK, BLUE_LEAF, DEEP_LEAF, GREEN_LEAF, LIME_LEAF, RED_FLOWER, SEA_LEAF, WHITE_FLOWER, hsv
from ..maths import unit
from ..mesh import Mesh
from ..profile import Draw
from .flowers import head_of_stars
from .leaves import Leaf, leaf_style
from .registry import kind
from .stems import bark, leafy, wander


def branch(mesh: Mesh, draw: Draw, at, direction, length: float, radius: float, level: int, wood, p: Leaf,
           size: float, wide: float) -> None:
    """A branch that forks, with leaves at its end."""
    path = wander(draw, at, direction, length, 6, 0.12, 0.16)
    bark(mesh, draw, path, radius, wood)
    if level == 0:
        leafy(mesh, draw, path, p, np.linspace(0.3, 1.0, draw.whole(3, 6)), size, wide * size, 0.16 * size,
              True, (draw.rng.uniform(-0.1, 0.6), 1.2))
        return
    leafy(mesh, draw, path, p, np.linspace(0.6, 0.9, 2), size, wide * size, 0.16 * size, True)
    for _ in range(draw.whole(2, 4)):
        turn = unit(path[-1] - path[-2]) + draw.rng.normal(0, 0.55, 3)
        branch(mesh, draw, path[-1], turn, length * draw.rng.uniform(0.5, 0.8), radius * 0.7, level - 1, wood,
               p, size, wide)


@kind("jade", "succulent", room=(0.8, 1.4), height=4.0, often=1.5)
def jade(draw: Draw) -> Mesh:
    """Jade trees and Portulacaria: many branches, fleshy leaves in pairs, red rims in the sun. One plant."""
    mesh, rng = Mesh(), draw.rng
    p = leaf_style(draw, [GREEN_LEAF, DEEP_LEAF, LIME_LEAF], belly=draw.between(0.7, 1.2),
                   point=draw.between(0.2, 0.4), stalk=0.25, top=0.8,
                   cup=draw.between(-0.02, 0.12), curl=-draw.between(0.1, 0.6), rows=11, around=10, young=0.6,
                   farina=0, tip_from=draw.between(0.35, 0.8))
    p = replace(p, edge=hsv(draw.between(355, 372), draw.between(0.5, 0.75), draw.between(0.55, 0.85)))
    if draw.chance(0.12):
        p = replace(p, stripes=hsv(58, 0.3, 0.88), stripe_from=draw.pick((0.0, 0.6)))
    wood, level = draw.colour(BARK), draw.pick((0, 1, 1, 2, 2))
    size, wide = draw.between(0.28, 0.6) * (1.25 if level == 0 else 0.8 if level == 2
                                            else 1), draw.between(0.45, 0.8)
    for i in range(draw.whole(2, 6) if level < 2 else draw.whole(1, 4)):
        a, lean = i * 2.1 + rng.normal(0, 0.5), rng.uniform(0.1, 0.8)
        direction = (math.sin(lean) * math.cos(a), math.sin(lean) * math.sin(a), math.cos(lean))
        branch(mesh, draw, (0.15 * math.cos(a), 0.15 * math.sin(a), 0), direction, draw.between(0.5, 1.0),
               0.06 + 0.03 * level, level, wood, p, size, wide)
    return mesh


@kind("stacked", "succulent", room=(0.7, 1.2), height=4.0, often=0.8)
def stacked(draw: Draw) -> Mesh:
    """Crassula perforata, 'Buddha's Temple': close pairs of leaves on several stems. One plant."""
    mesh, rng = Mesh(), draw.rng
    p = leaf_style(draw, [BLUE_LEAF, SEA_LEAF, GREEN_LEAF], belly=0.2, point=0.6, stalk=0.9, top=0.8,
                   cup=0.05, curl=-0.35, rows=9, around=10, young=0.6)
    size = draw.between(0.25, 0.4)
    for i in range(draw.whole(3, 12)):
        a, lean = i * 2.4, rng.uniform(0, 0.8)
        direction = (math.sin(lean) * math.cos(a), math.sin(lean) * math.sin(a), math.cos(lean))
        path = wander(draw, (0.3 * math.cos(a), 0.3 * math.sin(a), 0), direction, draw.between(0.6, 1.5))
        bark(mesh, draw, path, 0.05, p.colour * 0.8)
        leafy(mesh, draw, path, p, np.linspace(0.05, 1, draw.whole(8, 16)), size, size * 0.9, 0.07, True,
              (0.1, 0.9))
    return mesh


@kind("crassula_bloom", "succulent", room=(0.6, 1.1), often=0.6)
def crassula_bloom(draw: Draw) -> Mesh:
    """Crassula schmidtii, falcata: a leafy mound under heads of small red or white stars."""
    mesh, rng = Mesh(), draw.rng
    p = leaf_style(draw, [GREEN_LEAF, BLUE_LEAF, DEEP_LEAF], belly=0.4, point=0.7, stalk=0.7, top=0.5,
                   cup=0.1, curl=0.2, rows=9, around=8)
    tint = draw.colour([RED_FLOWER, WHITE_FLOWER, ((330, 350), (0.4, 0.8), (0.8, 1))])
    for i in range(draw.whole(5, 14)):
        a, r = i * 2.4, 0.55 * math.sqrt(rng.random())
        lean = 0.9 * r
        path = wander(draw, (r * math.cos(a), r * math.sin(a), 0),
                      (lean * math.cos(a), lean * math.sin(a), 1), draw.between(0.4, 0.9))
        bark(mesh, draw, path, 0.03, p.colour)
        leafy(mesh, draw, path, p, np.linspace(0.1, 0.85, 8), 0.35, 0.12, 0.04, True)
        if draw.chance(0.7):
            head_of_stars(mesh, draw, path[-1], 0.16, draw.whole(10, 22), 0.06, tint)
    return mesh
