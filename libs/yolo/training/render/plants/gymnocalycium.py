"""Chin cacti, and red and yellow ones grafted on a green stock."""

from __future__ import annotations

import math

import numpy as np

from ..colour import BODY, BROWN_SKIN, GREEN_SKIN, GREY_SKIN, OLIVE_SKIN, hsv
from ..maths import TURN, leaning
from ..mesh import Mesh
from ..profile import Draw
from .flowers import flower_colour, funnel
from .registry import kind
from .skin import Globe, rib_points, skin
from .spines import clad, spine_style

MOON = [((345, 372), (0.7, 0.9), (0.6, 0.9)), ((40, 55), (0.7, 0.9), (0.8, 0.95)),
        ((15, 28), (0.75, 0.9), (0.75, 0.95)),
        ((320, 345), (0.4, 0.7), (0.6, 0.85))]


def chin(draw: Draw, colour, cork: float) -> tuple[Mesh, Globe]:
    """Few broad ribs with chins, stout spines lying on the body."""
    mesh = Mesh()
    ribs, per = draw.whole(7, 12), draw.whole(4, 7)
    globe = Globe(draw, 1.0, draw.between(1.0, 1.4), ribs, draw.between(0.16, 0.28), 0.7, 0, 0.1,
                  draw.between(0.12, 0.22), per, 0.7)
    skin(mesh, draw, globe, colour, cork=cork)
    style = spine_style(draw, 0.0)
    style.radial.count, style.radial.tilt, style.central.count = draw.whole(5, 9), 1.25, 0
    style.thick = draw.between(0.012, 0.018)
    u, s = rib_points(draw, globe, per, 0.03, 0.95)
    clad(mesh, draw, globe.at(u, s), globe.normal(u, s), 1.0, style)
    return mesh, globe


@kind("gymnocalycium", "cactus", clumps=True)
def gymnocalycium(draw: Draw) -> Mesh:
    mesh, globe = chin(draw, draw.colour([*BODY, BROWN_SKIN, GREEN_SKIN, GREY_SKIN, OLIVE_SKIN]), 0.2)
    if draw.chance(0.35):
        tint = flower_colour(draw)
        for a in draw.rng.uniform(0, TURN, draw.pick((1, 1, 2, 3))):
            funnel(mesh, draw, globe.at(a, 0.93), globe.at(a, 0.93) * [0.4, 0.4, 0] + [0, 0, 1],
                   draw.between(0.5, 0.9), tint)
    return mesh


@kind("grafted", "cactus", room=(0.4, 0.7), often=0.7)
def grafted(draw: Draw) -> Mesh:
    """Moon cactus: a bright head, often with pups, on a three-edged stock. One plant."""
    head, _ = chin(draw, draw.colour(MOON), 0.0)
    mesh = Mesh()
    tall = draw.between(2.6, 4.2)
    stock = Globe(draw, 0.55, tall, 3, 0.5, 1.0, 0, 0, neck=0.99)
    skin(mesh, draw, stock, hsv(draw.between(95, 120), 0.6, draw.between(0.3, 0.5)), cork=0)
    top = 0.55 * (tall - 0.2)
    mesh.join(head, np.eye(3), (0, 0, top))
    for a in draw.rng.uniform(0, TURN, draw.whole(0, 8)):
        pup = leaning(a, draw.rng.uniform(0.5, 1.1)) * draw.rng.uniform(0.25, 0.45)
        mesh.join(head, pup, (0.85 * math.cos(a), 0.85 * math.sin(a), top + draw.rng.uniform(0.4, 1.0)))
    return mesh
