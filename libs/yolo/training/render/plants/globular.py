"""Ribbed globes: Echinocactus, Notocactus, Ferocactus, Rebutia, Echinopsis, and cactus seedlings."""

from __future__ import annotations

import math

import numpy as np

from ..colour import BODY, BROWN_SKIN, FRESH_SKIN, GOLD_SPINE, GREEN_SKIN, GREY_SKIN, SAGE_SKIN
from ..maths import TURN, leaning, spin
from ..mesh import Mesh
from ..profile import Draw
from .flowers import flower_colour, funnel
from .registry import kind
from .skin import Globe, crown, rib_points, skin
from .spines import Spines, clad, spine_style


def globe_plant(draw: Draw, ribs: int, height: float, style: Spines, colour, bloom: float = 0.2,
                depth=(0.08, 0.22), wool: float = 0.5) -> Mesh:
    """One ribbed globe with its areoles, perhaps in flower."""
    mesh = Mesh()
    per = draw.whole(6, 12)
    globe = Globe(draw, 1.0, height, ribs, draw.between(*depth), draw.between(0.6, 1.3),
                  draw.pick((0, 0, draw.between(-0.5, 0.5))), draw.between(0.02, 0.12),
                  draw.pick((0, draw.between(0.05, 0.16))), per, draw.between(0.55, 0.85))
    skin(mesh, draw, globe, colour)
    u, s = rib_points(draw, globe, per, staggered=draw.chance(0.5))
    clad(mesh, draw, globe.at(u, s), globe.normal(u, s), 1.0, style, np.clip((s - 0.7) / 0.3, 0, 1))
    if draw.chance(wool):
        crown(mesh, draw, globe, draw.between(0.06, 0.18), amount=draw.whole(25, 80))
    if draw.chance(bloom):
        flowers_on(mesh, draw, globe)
    return mesh


def flowers_on(mesh: Mesh, draw: Draw, globe: Globe) -> None:
    """A few flowers of one colour around the top, or one large one."""
    tint, count = flower_colour(draw), draw.pick((1, 2, 3, 5, 8))
    size = draw.between(0.3, 0.75) if count > 1 else draw.between(0.6, 1.1)
    for a in draw.rng.uniform(0, TURN, count):
        h = draw.rng.uniform(0.78, 0.96)
        funnel(mesh, draw, globe.at(a, h), globe.normal(a, h) + [0, 0, 0.8],
               size * draw.rng.uniform(0.8, 1.1), tint)


@kind("globular", "cactus", often=2.0, clumps=True)
def globular(draw: Draw) -> Mesh:
    return globe_plant(draw, draw.whole(9, 24), draw.between(1.1, 1.9), spine_style(draw), draw.colour(BODY))


@kind("barrel", "cactus", room=(0.55, 1.0))
def barrel(draw: Draw) -> Mesh:
    """Golden barrel and Ferocactus: many sharp ribs, long stout yellow or red spines, a woolly top."""
    style = spine_style(draw, draw.rng.uniform(0.0, 0.35))
    if draw.chance(0.6):
        style.radial.colour = style.central.colour = draw.colour([GOLD_SPINE])
        style.radial.tip = style.central.tip = style.radial.colour * 0.9
    style.central.count, style.thick = draw.whole(2, 5), style.thick * 1.5
    return globe_plant(draw, draw.whole(16, 30), draw.between(1.2, 1.8), style,
                       draw.colour([GREEN_SKIN, SAGE_SKIN, FRESH_SKIN]), bloom=0.1, depth=(0.14, 0.24),
                       wool=0.9)


@kind("echinopsis", "cactus", room=(0.6, 1.0))
def echinopsis(draw: Draw) -> Mesh:
    """A globe with offsets around its foot, and sometimes very long white or pink flowers: one plant."""
    style = spine_style(draw, draw.rng.uniform(0.0, 0.4))
    style.radial.length *= 0.6
    colour, ribs = draw.colour([GREEN_SKIN, SAGE_SKIN, BROWN_SKIN]), draw.whole(9, 16)
    mesh = globe_plant(draw, ribs, draw.between(1.3, 2.2), style, colour, bloom=0.25)
    pup = globe_plant(Draw(draw.rng, draw.profile, 0.6 * draw.detail), ribs, 1.6, style, colour * 1.1, 0.0)
    for a in np.arange(draw.whole(2, 10)) * 2.1 + draw.rng.normal(0, 0.3):
        size, tilt = draw.rng.uniform(0.16, 0.42), draw.rng.uniform(0.4, 1.1)
        d = draw.rng.uniform(0.85, 1.1)
        turn = leaning(a, tilt) @ spin(draw.rng.uniform(0, TURN)) * size
        mesh.join(pup, turn, (d * math.cos(a), d * math.sin(a), draw.rng.uniform(0, 0.6)))
    return mesh


@kind("sprout", "seedling", room=(0.12, 0.35), often=1.5, clumps=True)
def sprout(draw: Draw) -> Mesh:
    """A cactus seedling: a green or reddish bead with its first spines."""
    style = spine_style(draw, 0.1)
    style.radial.count, style.central.count, style.thick = 6, 0, 0.014
    style.radial.length = draw.between(0.15, 0.45)
    colour = draw.colour([GREEN_SKIN, SAGE_SKIN, FRESH_SKIN, BROWN_SKIN, GREY_SKIN])
    return globe_plant(draw, draw.whole(6, 12), draw.between(1.0, 2.0), style, colour, bloom=0.0)
