"""Leafy rosettes: lettuce from young to touching, and flat wild rosettes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ..maths import GOLDEN, TURN
from ..mesh import Mesh, grid_faces
from ..profile import Draw
from .leaves import Place, leaf, leaf_style, rosette, thin
from .registry import kind
from .stems import bark, leafy, wander

GREENS = [((70, 100), (0.4, 0.75), (0.45, 0.75)), ((70, 100), (0.45, 0.7), (0.35, 0.6))]
REDS = [((340, 375), (0.35, 0.6), (0.25, 0.45))]
RIMS = [((340, 372), (0.4, 0.7), (0.25, 0.5)), ((80, 100), (0.4, 0.6), (0.6, 0.8))]


@kind("lettuce", "leafy", room=(0.8, 1.5), often=2.0)
def lettuce(draw: Draw) -> Mesh:
    """Thin frilled leaves, green to red, loose or with a crumpled heart."""
    mesh = Mesh()
    p = thin(leaf_style(draw, GREENS + (REDS if draw.chance(0.3) else []), RIMS, belly=draw.between(0.8, 1.5),
                        point=draw.between(0.2, 0.45), stalk=0.35, top=0.9,
                        cup=draw.between(0.0, 0.25), curl=draw.between(-0.5, 0.8),
                        ruffle=draw.between(0.1, 0.34), ruffles=draw.between(2, 6), sway=0.15,
                        veins=draw.between(0.2, 0.7), rows=26, around=20, base_pale=1.3, dried=0.0))
    count = draw.whole(8, 30)
    rosette(mesh, draw, p, count, draw.between(0.55, 0.9), 0.015, (1.2, draw.between(0.0, 0.6)), 0.05, 0.1,
            angle=GOLDEN + draw.rng.normal(0, 0.15))
    if draw.chance(0.5):
        crumpled = replace(p, ruffle=p.ruffle * 1.4, curl=-0.9, cup=0.35)
        rosette(mesh, draw, crumpled, draw.whole(6, 14), draw.between(0.7, 1.0), 0.015, (1.4, 0.8), 0.08, 0.1,
                size=draw.between(0.45, 0.7))
    return mesh


@kind("wild_rosette", "leafy", room=(0.7, 1.4), often=1.2)
def wild_rosette(draw: Draw) -> Mesh:
    """Arabidopsis, spinach, pansy, cabbage plantlets: flat rosettes of stalked leaves of several ages."""
    mesh, rng = Mesh(), draw.rng
    p = thin(leaf_style(draw, [((80, 125), (0.35, 0.65), (0.3, 0.6))], RIMS, belly=draw.between(0.9, 2.2),
                        point=draw.between(0.25, 0.5),
                        stalk=draw.between(0.08, 0.2), top=0.9, cup=draw.between(-0.05, 0.12),
                        curl=draw.between(-0.1, 0.8), ruffle=draw.pick((0, 0.03, 0.08)),
                        ruffles=draw.between(2, 6), sway=0.1, veins=draw.between(0.1, 0.6), tipping=0,
                        edging=0, rows=16, around=14, damage=0.3, dried=draw.pick((0, 0.1))))
    count, width = draw.whole(6, 22), draw.between(0.28, 0.5)
    for i in range(count):
        age = (i + 0.5) / count
        k = (0.25 + 0.75 * min(age * 1.3, 1)) * rng.uniform(0.7, 1.1)
        a = i * GOLDEN + rng.normal(0, 0.15)
        place = Place(1.0 - 0.95 * age**0.6 + rng.normal(0, 0.1), a % TURN,
                      np.array([0, 0, 0.08 * (1 - age)]), age)
        v, c = leaf(draw, p, k, width * k, 0.015, place)
        mesh.add(v, grid_faces(p.rows, p.around), c, p.material)
    return mesh


@kind("herb", "leafy", room=(0.6, 1.2))
def herb(draw: Draw) -> Mesh:
    """A small bush of a few leafy stems (basil, mint): one plant."""
    mesh, rng = Mesh(), draw.rng
    p = thin(leaf_style(draw, GREENS, RIMS, belly=draw.between(0.5, 1.0), point=draw.between(0.35, 0.6),
                        stalk=0.1, top=0.9, cup=draw.between(-0.1, 0.1), curl=0.5, ruffle=0.03,
                        veins=0.4, tipping=0, edging=0, rows=10, around=10, dried=0.0))
    for i in range(draw.whole(1, 7)):
        a, lean = i * 2.4, rng.uniform(0, 0.6)
        path = wander(draw, (0.15 * math.cos(a), 0.15 * math.sin(a), 0),
                      (lean * math.cos(a), lean * math.sin(a), 1), draw.between(0.5, 1.2))
        bark(mesh, draw, path, 0.03, p.colour)
        leafy(mesh, draw, path, p, np.linspace(0.15, 1, draw.whole(4, 8)), 0.42, 0.24, 0.012, True,
              (0.2, 0.9))
    return mesh
