"""What weather, age and neglect do to a plant's skin and form."""

from __future__ import annotations

import math

import numpy as np

from ..colour import DRY, SCORCHED, STRESSED, hsv, mix
from ..maths import TURN, waves
from ..mesh import SKIN, Mesh
from ..profile import Draw


def weathered(mesh: Mesh, draw: Draw, family: str) -> Mesh:
    """A copy in one or two of the conditions that its family is found in; two in five stay as they are."""
    if draw.chance(0.4) or family == "palm":
        return mesh
    choices = {"cactus": (scars, sunburnt, stressed, pied, stretched, dusty, yellowed),
               "succulent": (scars, sunburnt, stressed, stressed, stretched, dusty,
                             yellowed)}.get(family, (scars, yellowed, dusty))
    for change in draw.rng.choice(len(choices), draw.pick((1, 1, 2)), replace=False):
        mesh = choices[change](mesh, draw)
    return mesh


def _painted(mesh: Mesh, colour, share) -> Mesh:
    """Skin blended towards a colour."""
    share = np.clip(share, 0, 1) * (mesh.parts() == SKIN)
    return mesh.reshape(mesh.vertices(), mix(mesh.colours(), colour, share))


def _sided(mesh: Mesh, draw: Draw) -> np.ndarray:
    """About 1 on one side of the plant, 0 on the other."""
    v, a = mesh.vertices(), draw.rng.uniform(0, TURN)
    reach = max(float(np.percentile(np.abs(v[:, :2]), 97)), 1e-3)
    return np.clip(0.5 + 0.7 * (v[:, 0] * math.cos(a) + v[:, 1] * math.sin(a)) / reach, 0, 1)


def scars(mesh: Mesh, draw: Draw) -> Mesh:
    """Corky spots and rubbed places."""
    spots = (waves(mesh.vertices(), draw.between(0.15, 0.5), draw.seed(), 9) - draw.between(0.75, 1.1)) * 5
    return _painted(mesh, draw.colour(DRY), 0.9 * np.clip(spots, 0, 1))


def sunburnt(mesh: Mesh, draw: Draw) -> Mesh:
    """Bleached or brown patches on the side that met the sun."""
    blotch = _sided(mesh, draw) ** 2 + 0.5 * waves(mesh.vertices(), 0.6, draw.seed())
    return _painted(mesh, draw.colour(SCORCHED), 0.85 * np.clip((blotch - 0.7) * 3, 0, 1))


def stressed(mesh: Mesh, draw: Draw) -> Mesh:
    """Red or purple from sun and cold, mostly on one side and outwards."""
    v = mesh.vertices()
    outward = np.clip(np.hypot(v[:, 0], v[:, 1]), 0, 1)
    share = draw.between(0.25, 0.75) * (0.35 + 0.65 * _sided(mesh, draw)) * (0.3 + 0.7 * outward**2)
    return _painted(mesh, draw.colour(STRESSED), share)


def pied(mesh: Mesh, draw: Draw) -> Mesh:
    """Variegated: yellow or pink sectors."""
    v = mesh.vertices()
    around = np.stack([np.cos(np.arctan2(v[:, 1], v[:, 0])), np.sin(np.arctan2(v[:, 1], v[:, 0])),
                       0.25 * v[:, 2]], -1)
    sector = np.clip((waves(around, draw.between(0.8, 1.8), draw.seed()) - draw.between(-0.1, 0.4)) * 8, 0, 1)
    return _painted(mesh, hsv(draw.pick((55, 55, 65, 12)), draw.between(0.4, 0.7), 0.85), 0.85 * sector)


def stretched(mesh: Mesh, draw: Draw) -> Mesh:
    """Etiolated: taller, narrower and paler towards the tip."""
    v = mesh.vertices()
    high = np.clip(v[:, 2] / max(float(v[:, 2].max()), 1e-3), 0, 1)
    k = draw.between(1.15, 1.6)
    thinner = (1 - 0.35 * high)[:, None]
    moved = v * np.concatenate([thinner, thinner, np.full_like(thinner, k)], 1)
    pale = mesh.reshape(moved)
    return _painted(pale, hsv(80, 0.4, 0.7), 0.5 * high)


def dusty(mesh: Mesh, draw: Draw) -> Mesh:
    """Splashed soil and dust, more near the ground."""
    v = mesh.vertices()
    low = np.clip(1.1 - v[:, 2] / max(0.7 * float(v[:, 2].max()), 0.2), 0, 1)
    cloud = np.clip(0.5 + 0.7 * waves(v, 0.5, draw.seed()), 0, 1)
    return _painted(mesh, hsv(draw.rng.uniform(25, 42), 0.3, draw.rng.uniform(0.4, 0.6)),
                    draw.between(0.25, 0.7) * cloud * (0.3 + 0.7 * low))


def yellowed(mesh: Mesh, draw: Draw) -> Mesh:
    """Ailing: yellow to brown all over or in part."""
    cloud = np.clip(0.5 + 0.8 * waves(mesh.vertices(), 0.9, draw.seed()), 0, 1)
    tint = hsv(draw.rng.uniform(30, 58), draw.rng.uniform(0.35, 0.6), draw.rng.uniform(0.45, 0.7))
    return _painted(mesh, tint, draw.between(0.2, 0.7) * cloud)
