"""Succulent spurges: crown of thorns and candelabra."""

from __future__ import annotations

import math

import numpy as np

from ..colour import (DEEP_LEAF, GREEN_LEAF, GREEN_SKIN, OLIVE_SKIN, PINK_FLOWER, RED_FLOWER, SAGE_SKIN,
                      WHITE_FLOWER, YELLOW_FLOWER, hsv, mix)
from ..maths import TURN
from ..mesh import Mesh, grid_faces, spikes
from ..profile import Draw
from .columnar import finger
from .flowers import petals
from .leaves import Leaf, Place, leaf, leaf_style, thin
from .registry import kind
from .skin import Stem, stem_points, stem_skin
from .stems import bark, leafy, nodes, wander


@kind("crown_of_thorns", "succulent", room=(0.7, 1.2), height=4.0, often=0.7)
def crown_of_thorns(draw: Draw) -> Mesh:
    """Euphorbia milii: thorny grey stems, thin leaves at their tips, flat red bracts in pairs. One plant."""
    mesh, rng = Mesh(), draw.rng
    p = thin(leaf_style(draw, [GREEN_LEAF, DEEP_LEAF], belly=1.1, point=0.3, stalk=0.12, top=0.9, cup=0.05,
                        curl=0.2, rows=9, around=8, veins=0.3, edging=0, tipping=0))
    wood = hsv(draw.between(20, 40), 0.2, draw.between(0.3, 0.5))
    tint = draw.colour([RED_FLOWER, PINK_FLOWER, YELLOW_FLOWER, WHITE_FLOWER])
    for i in range(draw.whole(2, 9)):
        a, lean = i * 2.4, rng.uniform(0.1, 0.9)
        path = wander(draw, (0, 0, 0), (math.sin(lean) * math.cos(a), math.sin(lean) * math.sin(a),
                                        math.cos(lean)), draw.between(0.6, 1.4))
        bark(mesh, draw, path, 0.05, wood)
        places = [(at, frame) for _, at, frame in nodes(path, np.linspace(0.05, 0.95, 26))]
        for at, frame in places:
            turn = rng.uniform(0, TURN, 3)
            out = np.stack([np.cos(turn), np.sin(turn), np.full(3, 0.3)], -1) @ frame.T
            spikes(mesh, np.repeat(at[None], 3, 0), out, rng.uniform(0.08, 0.16, 3), 0.012, wood * 0.6,
                   wood * 0.4, 0, rng)
        leafy(mesh, draw, path, p, np.linspace(0.6, 1, draw.whole(5, 11)), 0.38, 0.17, 0.012, False,
              (0.3, 0.8))
        if draw.chance(0.6):
            for _ in range(draw.whole(2, 9)):
                at = path[-1] + rng.normal(0, 0.13, 3) + [0, 0, 0.15]
                petals(mesh, draw, at, [*rng.normal(0, 0.3, 2), 1], 0.11, tint, 2, 1.45, 1.3, 1)
                petals(mesh, draw, at, [*rng.normal(0, 0.3, 2), 1], 0.11, tint * 0.9, 3, 1.45, 1.0, 1)
    return mesh


@kind("candelabra", "succulent", room=(0.4, 0.8), height=6.0, often=0.7)
def candelabra(draw: Draw) -> Mesh:
    """Euphorbia trigona, ingens: winged stems, paired thorns, small leaves on the wings. One plant."""
    mesh, rng = Mesh(), draw.rng
    colour, ribs, radius = draw.colour([GREEN_SKIN, SAGE_SKIN,
                                        OLIVE_SKIN]), draw.pick((3, 3, 4, 5)), draw.between(0.22, 0.35)
    tall = draw.between(2.0, 3.6)
    stems = [finger(draw, np.zeros(3), 0.0, tall, radius, 1.52, 0.05, ribs)]
    for i in range(draw.whole(0, 7)):
        at = stems[0].path[draw.whole(3, 20)]
        stems.append(finger(draw, at, i * TURN / 3 + rng.normal(0, 0.2), tall * rng.uniform(0.25, 0.6),
                            radius * 0.8, rng.uniform(0.4, 1.0), -rng.uniform(0.5, 1.1), ribs))
    p = leaf_style(draw, [GREEN_LEAF], belly=1.1, point=0.35, stalk=0.2, top=0.5, cup=0.1, curl=0, rows=7,
                   around=8)
    leaves = draw.chance(0.5)
    for stem in stems:
        stem.depth, stem.sharp = 0.55, 1.1
        stem_skin(mesh, draw, stem, mix(colour, hsv(95, 0.2, 0.7), 0.1), cork=0.06)
        u, s = stem_points(stem, 0.12)
        side = np.where(rng.random(len(u)) < 0.5, 0.12, -0.12)
        spikes(mesh, stem.at(u, s), stem.normal(u + side * 4, s), 0.09, 0.012, hsv(20, 0.5, 0.25), None, 0,
               rng)
        if leaves:
            _wing_leaves(mesh, draw, stem, p, u, s)
    return mesh


def _wing_leaves(mesh: Mesh, draw: Draw, stem: Stem, p: Leaf, u: np.ndarray, s: np.ndarray) -> None:
    for uu, ss in zip(u[s > 0.35], s[s > 0.35]):
        n = stem.normal(uu, ss)
        place = Place(math.asin(float(np.clip(n[2], -1, 1))) + 0.5, math.atan2(n[1], n[0]), stem.at(uu, ss),
                      0.3)
        v, c = leaf(draw, p, 0.22, 0.1, 0.02, place)
        mesh.add(v, grid_faces(p.rows, p.around), c)
