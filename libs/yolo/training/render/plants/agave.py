"""Agave and Aloe: long stout leaves with toothed rims and an end spine."""

from __future__ import annotations

from dataclasses import replace

from ..colour import BLUE_LEAF, DEEP_LEAF, GREEN_LEAF, ORANGE_FLOWER, SEA_LEAF, hsv
from ..mesh import Mesh
from ..profile import Draw
from .flowers import scape
from .haworthia import warts
from .leaves import Teeth, leaf_style, rosette
from .registry import kind


def thorns(draw: Draw, low: float, high: float, pale: bool) -> Teeth:
    """White or dark teeth, their size from a range."""
    dark = hsv(draw.rng.uniform(5, 40), 0.5, draw.rng.uniform(0.2, 0.6))
    colour = hsv(60, 0.1, 0.85) if pale else dark
    return Teeth(draw.between(low, high), colour, colour if pale else dark * 0.7)


@kind("agave", "succulent", room=(0.7, 1.3))
def agave(draw: Draw) -> Mesh:
    mesh = Mesh()
    p = leaf_style(draw, [BLUE_LEAF, SEA_LEAF, GREEN_LEAF], belly=draw.between(0.25, 0.9),
                   point=draw.between(0.4, 0.9), top=0.2,
                   cup=draw.between(0.08, 0.25), curl=draw.between(-0.6, 0.35), stalk=0.75, edging=0,
                   tipping=draw.pick((0, 0.7)), tip_from=0.85, young=0.5, keel=0.3)
    if draw.chance(0.3):
        p = replace(p, stripes=hsv(52, draw.between(0.2, 0.5), 0.88), stripe_from=draw.pick((0.0, 0.7)))
    rosette(mesh, draw, p, draw.whole(14, 40), draw.between(0.16, 0.42), draw.between(0.06, 0.1),
            (1.45, draw.between(0.1, 0.6)), 0.12, 0.25, teeth=thorns(draw, 0.02, 0.045, False))
    return mesh


@kind("aloe", "succulent", room=(0.7, 1.25), often=1.4)
def aloe(draw: Draw) -> Mesh:
    """From spotted dwarfs with white teeth to long plain leaves; seen from above a star."""
    mesh = Mesh()
    pale = draw.chance(0.6)
    p = leaf_style(draw, [GREEN_LEAF, DEEP_LEAF, SEA_LEAF], belly=draw.between(0.1, 0.4),
                   point=draw.between(0.6, 1.0), top=0.25,
                   cup=draw.between(0.1, 0.3), curl=draw.between(-0.7, 0.2), stalk=0.9, edging=0,
                   tipping=draw.pick((0, 0, 0.6)), tip_from=0.6, young=0.5, farina=0)
    if draw.chance(0.5):
        p = replace(p, bands=draw.between(5, 12), band_colour=hsv(80, 0.12, 0.8),
                    band_gap=draw.between(0.3, 0.7), band_top=1.0)
    rosette(mesh, draw, p, draw.whole(10, 34), draw.between(0.16, 0.34), draw.between(0.07, 0.13),
            (1.4, draw.between(0.1, 0.8)), 0.1, 0.2, teeth=thorns(draw, 0.02, 0.05, pale))
    if draw.chance(0.2):
        warts(mesh, draw, 0.15)
    if draw.chance(0.12):
        scape(mesh, draw, (0, 0, 0.2), draw.between(1.2, 2.2), draw.colour([ORANGE_FLOWER]), bells=False)
    return mesh
