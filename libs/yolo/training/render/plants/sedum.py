"""Sedum and other bead plants: upright beans, mats, and trailers that hang over the rim."""

from __future__ import annotations

import math

import numpy as np

from ..colour import (BLUE_LEAF, GREEN_LEAF, LIME_LEAF, PEACH_LEAF, PINK_LEAF, PURPLE_LEAF, RED_LEAF, SEA_LEAF,
                      Table)
from ..mesh import Mesh
from ..profile import Draw
from .leaves import Leaf, leaf_style
from .registry import kind
from .stems import bark, leafy, wander

TABLE = [GREEN_LEAF, LIME_LEAF, PINK_LEAF, RED_LEAF, SEA_LEAF, BLUE_LEAF]


def beans(draw: Draw, table: Table) -> Leaf:
    """Fat round leaves."""
    return leaf_style(draw, table, belly=draw.between(0.3, 0.9), point=draw.between(0.2, 0.35), stalk=0.3,
                      top=0.9, cup=0.0,
                      curl=-draw.between(0, 0.4), rows=8, around=8, tip_from=draw.between(0.4, 0.8),
                      dried=0.0)


@kind("beans", "succulent", room=(0.7, 1.15), often=1.2)
def jelly_beans(draw: Draw) -> Mesh:
    """Sedum rubrotinctum, pachyphyllum: stems of beans with red tips. One plant."""
    mesh, rng = Mesh(), draw.rng
    p = beans(draw, [*TABLE, PEACH_LEAF])
    size, fat = draw.between(0.2, 0.42), draw.between(0.28, 0.5)
    for i in range(draw.whole(3, 13)):
        a, r = i * 2.4, 0.4 * math.sqrt(rng.random())
        lean = rng.uniform(0, 0.9)
        path = wander(draw, (r * math.cos(a), r * math.sin(a), 0),
                      (lean * math.cos(a), lean * math.sin(a), 1), draw.between(0.4, 1.1))
        bark(mesh, draw, path, 0.035, p.colour * 0.6)
        leafy(mesh, draw, path, p, np.linspace(0.1, 1.0, draw.whole(12, 26)), size, size * fat,
              size * fat * 0.8, False, (0.3, 1.2))
    return mesh


@kind("mat", "succulent", room=(0.85, 1.2), often=0.8)
def stonecrop(draw: Draw) -> Mesh:
    """A mat of low stonecrop that fills its pot: very many tiny rosettes. One plant."""
    mesh, rng = Mesh(), draw.rng
    p = beans(Draw(rng, draw.profile, 0.7 * draw.detail),
              [LIME_LEAF, GREEN_LEAF, SEA_LEAF, BLUE_LEAF, RED_LEAF])
    for i in range(draw.whole(60, 110)):
        r, a = math.sqrt((i + 0.5) / 90), i * 2.4
        path = wander(draw, (r * math.cos(a), r * math.sin(a), rng.uniform(-0.05, 0.15)),
                      (0.5 * r * math.cos(a), 0.5 * r * math.sin(a), 1), rng.uniform(0.1, 0.25), 3)
        leafy(mesh, draw, path, p, np.linspace(0.0, 1.0, draw.whole(7, 12)), 0.17, 0.075, 0.06, False,
              (0.1, 1.0))
    return mesh


def hanging(path: np.ndarray, rim: float = 0.95) -> np.ndarray:
    """A strand that lies on the soil until it is over its pot's rim."""
    r = np.hypot(path[:, 0], path[:, 1])
    lifted = path.copy()
    lifted[:, 2] = np.where(r < rim, np.maximum(path[:, 2], 0.05 + 0.12 * r), path[:, 2])
    return lifted


@kind("trailer", "succulent", room=(1.3, 1.9), often=1.0)
def trailer(draw: Draw) -> Mesh:
    """Burro's tail, string of pearls, trailing Sedum: strands over the rim. One plant."""
    mesh, rng = Mesh(), draw.rng
    p = beans(draw, [SEA_LEAF, BLUE_LEAF, GREEN_LEAF, PURPLE_LEAF])
    pearls = draw.chance(0.35)
    size = draw.between(0.12, 0.24)
    for i in range(draw.whole(14, 34)):
        a, r = i * 2.4 + rng.normal(0, 0.2), rng.uniform(0.2, 0.75)
        path = wander(draw, (r * math.cos(a), r * math.sin(a), 0.05), (math.cos(a), math.sin(a), 0.55),
                      rng.uniform(0.7, 2.2), 12, -rng.uniform(0.12, 0.35), 0.08)
        path = hanging(path)
        bark(mesh, draw, path, 0.02, p.colour * 0.7)
        count = int(len(path) * rng.uniform(1.6, 3.2))
        leafy(mesh, draw, path, p, np.linspace(0, 1, count), size, size * (0.8 if pearls else 0.4),
              size * (0.7 if pearls else 0.3), False, (0.3, 0.7))
    return mesh


@kind("hearts", "succulent", room=(1.2, 1.8), often=0.5)
def hearts(draw: Draw) -> Mesh:
    """Ceropegia: thin threads with far-apart heart leaves in pairs. One plant."""
    mesh, rng = Mesh(), draw.rng
    p = leaf_style(draw, [SEA_LEAF, PURPLE_LEAF], belly=0.25, point=0.5, stalk=0.4, top=0.3, cup=0.05,
                   curl=0.2, rows=8, around=8, bands=2.0, band_gap=0.2, band_top=1.0)
    for i in range(draw.whole(5, 14)):
        a = i * 2.4 + rng.normal(0, 0.3)
        path = wander(draw, (0.4 * math.cos(a), 0.4 * math.sin(a), 0.0),
                      (math.cos(a), math.sin(a), rng.uniform(0.1, 0.8)),
                      rng.uniform(0.8, 2.5), 14, -rng.uniform(0.05, 0.35), 0.16)
        path = hanging(path)
        bark(mesh, draw, path, 0.012, p.colour * 0.6)
        leafy(mesh, draw, path, p, np.linspace(0.1, 1, draw.whole(5, 10)), 0.2, 0.18, 0.03, True, (0.0, 0.4))
    return mesh


