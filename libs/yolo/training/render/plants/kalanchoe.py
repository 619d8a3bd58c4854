"""Kalanchoe and Cotyledon: felted panda plants, flowering pots, paddles, bear's paws."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ..colour import (BARK, BLUE_LEAF, DEEP_LEAF, GREEN_LEAF, LIME_LEAF, ORANGE_FLOWER, PINK_FLOWER,
                      RED_FLOWER, SEA_LEAF, WHITE_FLOWER, YELLOW_FLOWER, hsv)
from ..mesh import Mesh
from ..profile import Draw
from .flowers import head_of_stars
from .leaves import Leaf, leaf_style, rosette
from .registry import kind
from .stems import bark, leafy, wander


def bush(draw: Draw, p: Leaf, stems: int, length: tuple[float, float], size: float, wide: float,
         thick: float, leaves: int, wood: np.ndarray) -> tuple[Mesh, list[np.ndarray]]:
    """Stems from one foot with pairs of leaves; also the paths."""
    mesh, paths = Mesh(), []
    for i in range(stems):
        a, lean = i * 2.4 + draw.rng.normal(0, 0.3), draw.rng.uniform(0.05, 0.75)
        direction = (math.sin(lean) * math.cos(a), math.sin(lean) * math.sin(a), math.cos(lean))
        path = wander(draw, (0.15 * math.cos(a), 0.15 * math.sin(a), 0), direction, draw.between(*length))
        bark(mesh, draw, path, 0.05, wood)
        leafy(mesh, draw, path, p, np.linspace(0.15, 1, leaves), size, size * wide, size * thick, True,
              (0.3, 1.1))
        paths.append(path)
    return mesh, paths


@kind("panda", "succulent", room=(0.7, 1.2), height=4.0)
def panda(draw: Draw) -> Mesh:
    """Kalanchoe tomentosa and kin: felted grey leaves with brown-dotted rims. One plant."""
    p = leaf_style(draw, [((90, 140), (0.08, 0.2), (0.5, 0.72)), ((30, 60), (0.1, 0.3), (0.5, 0.7))],
                   belly=0.9, point=0.35, stalk=0.25,
                   top=0.8, cup=0.1, curl=-0.35, rows=11, around=10, farina=0)
    p = replace(p, edge=hsv(18, 0.6, 0.3), edging=0.9, tipping=0.9, tip_from=0.7)
    return bush(draw, p, draw.whole(1, 6), (0.5, 1.3), draw.between(0.4, 0.65), draw.between(0.35, 0.5), 0.12,
                draw.whole(4, 8), draw.colour(BARK))[0]


@kind("flaming_katy", "succulent", room=(0.8, 1.3), often=1.2)
def flaming_katy(draw: Draw) -> Mesh:
    """Kalanchoe blossfeldiana: dark scalloped leaves under heads of many small flowers. One plant."""
    p = leaf_style(draw, [DEEP_LEAF, GREEN_LEAF], belly=0.8, point=0.25, stalk=0.15, top=0.4, cup=0.08,
                   curl=0.1, rows=10, around=12, ruffle=0.04, ruffles=6, farina=0, edging=0, tipping=0)
    mesh, paths = bush(draw, p, draw.whole(3, 8), (0.4, 0.9), draw.between(0.45, 0.7), 0.65, 0.07,
                       draw.whole(3, 6), p.colour)
    tint = draw.colour([RED_FLOWER, ORANGE_FLOWER, YELLOW_FLOWER, PINK_FLOWER, WHITE_FLOWER])
    if draw.chance(0.8):
        for path in paths:
            for _ in range(draw.whole(1, 4)):
                top = wander(draw, path[-1], (*draw.rng.normal(0, 0.5, 2), 1), draw.between(0.2, 0.5), 4)
                bark(mesh, draw, top, 0.02, p.colour)
                head_of_stars(mesh, draw, top[-1], 0.17, draw.whole(10, 24), draw.between(0.06, 0.1), tint)
    return mesh


@kind("paddle", "succulent", room=(0.7, 1.2), often=0.7)
def paddle(draw: Draw) -> Mesh:
    """Kalanchoe thyrsiflora, Cotyledon orbiculata: large upright round paddles with red rims."""
    mesh = Mesh()
    p = leaf_style(draw, [SEA_LEAF, LIME_LEAF, BLUE_LEAF], belly=draw.between(0.6, 1.0), point=0.16,
                   stalk=0.3, top=0.4, cup=0.05, curl=-0.2, tip_from=0.4)
    p = replace(p, edge=hsv(draw.between(352, 368), 0.6, 0.75), edging=1.0)
    rosette(mesh, draw, p, draw.whole(6, 14), draw.between(0.6, 0.85), 0.08, (1.4, draw.between(0.4, 0.9)),
            0.12, 0.5, angle=math.pi / 2 + 0.05)
    return mesh


@kind("bearpaw", "succulent", room=(0.6, 1.1), height=4.0, often=0.7)
def bearpaw(draw: Draw) -> Mesh:
    """Cotyledon tomentosa: plump felted leaves with claws. One plant."""
    p = leaf_style(draw, [LIME_LEAF, GREEN_LEAF, SEA_LEAF], belly=0.7, point=0.22, stalk=0.25, top=1.0,
                   cup=0.0, curl=-0.2, rows=11, around=12, ruffle=0.06, ruffles=4)
    p = replace(p, edge=hsv(8, 0.6, 0.45), tipping=0.9, tip_from=0.85, edging=0)
    return bush(draw, p, draw.whole(2, 7), (0.4, 1.0), draw.between(0.35, 0.55), draw.between(0.45, 0.6), 0.3,
                draw.whole(3, 6), draw.colour(BARK))[0]
