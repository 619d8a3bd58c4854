"""Haworthia, Gasteria: dark pointed leaves with bands or warts, glassy windows, tongues in two rows."""

from __future__ import annotations

import math
from dataclasses import replace

from ..colour import BROWN_SKIN, DEEP_LEAF, PINK_FLOWER, SEA_LEAF, WHITE_FLOWER, hsv
from ..maths import GOLDEN, TURN
from ..mesh import BALL0, FIBRE, Mesh, lumps
from ..profile import Draw
from .flowers import scape
from .leaves import leaf_style, rosette
from .registry import kind

TABLE = [((90, 130), (0.35, 0.6), (0.16, 0.42)), ((80, 110), (0.4, 0.6), (0.3, 0.55)),
         ((20, 60), (0.3, 0.5), (0.25, 0.4))]


def warts(mesh: Mesh, draw: Draw, share: float = 0.33, size: float = 0.014) -> None:
    """White pearls on the skin."""
    v = mesh.skin()
    take = draw.rng.choice(len(v), min(900, int(len(v) * share)), replace=False)
    lumps(mesh, v[take], size, hsv(60, 0.04, 0.9), draw.rng, 0.2, material=FIBRE, shape=BALL0)


@kind("haworthia", "succulent", room=(0.6, 1.1), often=1.5, clumps=True)
def haworthia(draw: Draw) -> Mesh:
    """Zebra plants: stiff pointed leaves with white bands, warts, or plain."""
    mesh = Mesh()
    p = leaf_style(draw, TABLE, belly=draw.between(0.15, 0.45), point=draw.between(0.6, 1.1),
                   top=draw.between(0.1, 0.5),
                   cup=draw.between(0.05, 0.25), keel=0.5, curl=-draw.between(0.0, 0.7), stalk=0.85, farina=0,
                   edging=0, tipping=draw.pick((0, 0.6)), young=0.45, tip_thin=2)
    look = draw.pick(("bands", "warts", "plain", "pied"))
    if look == "bands":
        p = replace(p, bands=draw.between(8, 16), band_gap=draw.between(0.2, 0.6), band_top=draw.pick((0, 1)))
    if look == "pied":
        p = replace(p, bands=draw.between(3, 6), band_colour=hsv(70, 0.15, 0.85), band_gap=0.1, band_top=1.0)
    rosette(mesh, draw, p, draw.whole(14, 46), draw.between(0.22, 0.36), draw.between(0.1, 0.16),
            (1.4, draw.between(0.1, 0.7)), 0.15, 0.2, angle=draw.pick((GOLDEN, GOLDEN, TURN / 3 + 0.05)))
    if look == "warts":
        warts(mesh, draw)
    if draw.chance(0.12):
        scape(mesh, draw, (0, 0, 0.2), draw.between(1.0, 2.4), draw.colour([WHITE_FLOWER, PINK_FLOWER]))
    return mesh


@kind("window", "succulent", room=(0.5, 1.0), clumps=True)
def window(draw: Draw) -> Mesh:
    """Haworthia cooperi, retusa: short swollen leaves with glassy tips."""
    mesh = Mesh()
    colour = hsv(draw.between(80, 115), draw.between(0.3, 0.5), draw.between(0.4, 0.62))
    p = leaf_style(draw, TABLE, belly=0.5, point=draw.between(0.3, 0.6), top=0.8, cup=0.02,
                   curl=-draw.between(0.1, 0.5), stalk=0.85, farina=0, edging=0, young=0.45, tip_thin=5)
    p = replace(p, colour=colour, heart=hsv(95, 0.3, 0.7), edge=hsv(draw.between(70, 120), 0.2, 0.8),
                tipping=0.8, tip_from=0.55, bands=draw.pick((0, 3.0)), band_gap=0.7, band_top=1.0)
    rosette(mesh, draw, p, draw.whole(14, 40), draw.between(0.3, 0.42), draw.between(0.2, 0.3),
            (1.4, draw.between(0.3, 0.8)), 0.2, 0.15)
    return mesh


@kind("gasteria", "succulent", room=(0.7, 1.2), often=0.7)
def gasteria(draw: Draw) -> Mesh:
    """Ox tongues: thick blunt leaves in two rows, spotted or warty."""
    mesh = Mesh()
    p = leaf_style(draw, [DEEP_LEAF, SEA_LEAF, BROWN_SKIN], belly=draw.between(0.05, 0.2),
                   point=draw.between(0.15, 0.35), top=0.6, cup=0.03,
                   curl=draw.between(-0.4, 0.3), stalk=0.9, farina=0, edging=0, young=0.6,
                   bands=draw.pick((0, draw.between(6, 14))), band_gap=0.4, band_top=1.0,
                   band_colour=hsv(80, 0.12, 0.75))
    rosette(mesh, draw, p, draw.whole(6, 16), draw.between(0.2, 0.32), draw.between(0.12, 0.2),
            (1.3, draw.between(0.1, 0.5)), 0.08, 0.1, angle=math.pi + draw.between(-0.1, 0.35))
    if draw.chance(0.4):
        warts(mesh, draw, 0.4, 0.012)
    return mesh
