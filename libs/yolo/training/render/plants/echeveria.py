"""Spoon rosettes: Echeveria, Graptopetalum, Pachyphytum, Dudleya."""

from __future__ import annotations

import math
from dataclasses import replace

from ..colour import (BLACK_LEAF, BLUE_LEAF, DEEP_LEAF, GREEN_LEAF, LIME_LEAF, ORANGE_FLOWER, PEACH_LEAF,
                      PINK_FLOWER, PINK_LEAF, PURPLE_LEAF, RED_LEAF, SEA_LEAF, Table, hsv)
from ..maths import TURN
from ..mesh import Mesh
from ..profile import Draw
from .flowers import scape
from .leaves import Leaf, leaf_style, rosette
from .registry import kind


def spoons(draw: Draw, table: Table, fat: float, ruffled: bool = False) -> Mesh:
    """One spoon rosette, sometimes with offsets about it or flower stalks: one plant."""
    mesh = Mesh()
    p = leaf_style(draw, table, belly=draw.between(0.7, 1.6), point=draw.between(0.18, 0.5),
                   top=draw.between(0.15, 0.6),
                   cup=draw.between(0.02, 0.22), curl=-draw.between(0.1, 0.9), keel=draw.pick((0, 0.3)),
                   stalk=draw.between(0.25, 0.5), tip_from=draw.between(0.55, 0.9))
    if draw.chance(0.08):
        p = replace(p, stripes=hsv(55, 0.2, 0.9), stripe_from=draw.pick((0.0, 0.65)))
    if ruffled:
        p = replace(p, ruffle=draw.between(0.06, 0.14), ruffles=draw.between(2, 5), edging=0.8)
    count = int(draw.whole(18, 62) * (0.7 if fat > 0.3 else 1))
    width = draw.between(0.36, 0.62)
    rise = (draw.between(1.1, 1.45), draw.between(-0.05, 0.5))
    rosette(mesh, draw, p, count, width, fat * width * 0.9, rise, draw.between(0.1, 0.25),
            draw.between(0.15, 0.5))
    if draw.chance(0.18):
        offsets(mesh, draw, p, width, fat * width)
    if draw.chance(0.12):
        for _ in range(draw.whole(1, 4)):
            scape(mesh, draw, (0.25 * draw.rng.normal(), 0.25 * draw.rng.normal(), 0.1),
                  draw.between(0.8, 1.8), draw.colour([PINK_FLOWER, ORANGE_FLOWER]))
    return mesh


def offsets(mesh: Mesh, draw: Draw, p: Leaf, width: float, thick: float) -> None:
    """Small rosettes about the foot."""
    for a in draw.rng.uniform(0, TURN, draw.whole(1, 6)):
        d = draw.rng.uniform(0.75, 1.05)
        rosette(mesh, draw, p, 16, width, thick, (1.3, 0.4), 0.15, 0.2,
                at=(d * math.cos(a), d * math.sin(a), 0.02), size=draw.rng.uniform(0.22, 0.45))


@kind("echeveria_blue", "succulent", room=(0.6, 1.25), often=1.2)
def echeveria_blue(draw: Draw) -> Mesh:
    return spoons(draw, [BLUE_LEAF, SEA_LEAF], draw.pick((0.13, 0.18, 0.25)))


@kind("echeveria_pink", "succulent", room=(0.6, 1.25))
def echeveria_pink(draw: Draw) -> Mesh:
    return spoons(draw, [PINK_LEAF, PEACH_LEAF, RED_LEAF], draw.pick((0.13, 0.18, 0.25)))


@kind("echeveria_purple", "succulent", room=(0.6, 1.25))
def echeveria_purple(draw: Draw) -> Mesh:
    return spoons(draw, [PURPLE_LEAF, BLACK_LEAF], draw.pick((0.13, 0.18, 0.25)))


@kind("echeveria_green", "succulent", room=(0.6, 1.25), often=1.2)
def echeveria_green(draw: Draw) -> Mesh:
    return spoons(draw, [GREEN_LEAF, DEEP_LEAF, LIME_LEAF, SEA_LEAF], draw.pick((0.13, 0.18, 0.25)))


@kind("echeveria_ruffled", "succulent", room=(0.7, 1.3), often=0.6)
def echeveria_ruffled(draw: Draw) -> Mesh:
    return spoons(draw, [PINK_LEAF, PURPLE_LEAF, SEA_LEAF, BLUE_LEAF], 0.13, ruffled=True)


@kind("pachyphytum", "succulent", room=(0.5, 1.1))
def pachyphytum(draw: Draw) -> Mesh:
    """Moonstones and ghost plants: few very fat leaves."""
    return spoons(draw, [BLUE_LEAF, PINK_LEAF, PURPLE_LEAF, GREEN_LEAF, PEACH_LEAF], draw.between(0.34, 0.6))
