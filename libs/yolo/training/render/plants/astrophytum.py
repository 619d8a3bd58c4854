"""Broad-ribbed flecked or woolly bodies: Astrophytum, Lophophora, Euphorbia obesa."""

from __future__ import annotations

import numpy as np

from ..colour import BLUE_SKIN, GREEN_SKIN, GREY_SKIN, OLIVE_SKIN, PINK_FLOWER, WHITE_FLOWER, YELLOW_FLOWER, hsv, mix
from ..maths import TURN, waves
from ..mesh import Mesh, spikes
from ..profile import Draw
from .flowers import funnel
from .registry import kind
from .skin import Globe, Patch, crown, skin
from .spines import tufts

SKINS = [GREEN_SKIN, BLUE_SKIN, OLIVE_SKIN, GREY_SKIN]


def flecked(draw: Draw) -> Patch:
    """White flecks all over, from none to a chalky coat."""
    density, seed, grain = draw.between(0.0, 0.75), draw.seed(), draw.between(0.035, 0.06)

    def patch(p, s, crest, c):
        spot = np.clip((waves(p, grain, seed, 9) - 0.9 + density) * 5, 0, 1)
        return mix(c, hsv(60, 0.04, 0.92), spot * 0.9)

    return patch


def banded(p: np.ndarray, s: np.ndarray, crest: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Fine cross bands, purple on the ribs."""
    return mix(c, hsv(350, 0.3, 0.35), (0.5 + 0.5 * np.sin(s * 60 + 4 * crest)) * crest * 0.5)


def broad(draw: Draw, height: float, depth: float, sharp: float, colour, patch: Patch | None, wool: float,
          hair: bool = False, ribs: int | None = None) -> Mesh:
    """A body of few broad ribs with woolly areoles along them."""
    mesh, rng = Mesh(), draw.rng
    ribs = ribs or draw.pick((5, 6, 7, 8, 8, 8))
    globe = Globe(draw, 1.0, height, ribs, depth, sharp, 0, draw.between(0.05, 0.14), neck=0.8)
    skin(mesh, draw, globe, colour, patch, cork=draw.pick((0, 0.2)), fine=2.0)
    per = draw.whole(6, 12)
    k, j = np.meshgrid(np.arange(ribs), np.arange(per))
    s = 0.25 + 0.72 * ((j + 0.3) / per).ravel()
    u = TURN * k.ravel() / ribs + rng.normal(0, 0.02, len(s))
    at, normal = globe.at(u, s), globe.normal(u, s)
    size = wool * draw.between(0.8, 1.3)
    cream = hsv(rng.uniform(35, 50), rng.uniform(0.05, 0.3), rng.uniform(0.75, 0.95))
    for _ in range(3):
        tufts(mesh, draw, at + normal * size * 0.2 + rng.normal(0, size * 0.35, at.shape), size * 0.6, cream)
    if hair:
        own = np.repeat(np.arange(len(at)), 14)
        spikes(mesh, at[own], normal[own] + rng.normal(0, 0.7, (len(own), 3)), 0.14, 0.006, cream, None, 0.3,
               rng)
    crown(mesh, draw, globe, 0.06, cream, 25)
    if draw.chance(0.25):
        funnel(mesh, draw, globe.at(0, 0.99), [0, 0, 1], draw.between(0.5, 0.95),
               draw.colour([YELLOW_FLOWER, WHITE_FLOWER, PINK_FLOWER]))
    return mesh


@kind("astrophytum", "cactus", clumps=True)
def astrophytum(draw: Draw) -> Mesh:
    """Sea urchins and bishop's caps."""
    if draw.chance(0.5):
        return broad(draw, draw.between(0.5, 0.95), draw.between(0.08, 0.13), 0.5, draw.colour(SKINS),
                     flecked(draw), 0.06)
    return broad(draw, draw.between(1.0, 1.8), draw.between(0.24, 0.4), draw.between(0.9, 1.5),
                 draw.colour(SKINS),
                 flecked(draw), 0.035)


@kind("lophophora", "cactus", often=0.7, clumps=True)
def lophophora(draw: Draw) -> Mesh:
    """Soft blue-green cushions with tufts and no spines."""
    colour = hsv(draw.between(120, 190), draw.between(0.12, 0.3), draw.between(0.42, 0.6))
    return broad(draw, draw.between(0.6, 0.95), draw.between(0.08, 0.13), 0.5, colour, None, 0.08, hair=True,
                 ribs=draw.whole(5, 13))


@kind("obesa", "succulent", often=0.5)
def obesa(draw: Draw) -> Mesh:
    """Euphorbia obesa: a banded ball."""
    return broad(draw, draw.between(1.1, 1.8), draw.between(0.05, 0.09), 0.5, draw.colour(SKINS), banded,
                 0.02, ribs=8)
