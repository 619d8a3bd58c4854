"""Tubercles in spirals, each with a star of spines: Mammillaria, Coryphantha, Rebutia."""

from __future__ import annotations

import math

import numpy as np
from scipy.spatial import cKDTree

from ..colour import (BARK, BODY, FLOWERS, FRESH_SKIN, GREEN_SKIN, PINK_FLOWER, RUST_SPINE, SAGE_SKIN,
                      WHITE_SPINE, YELLOW_FLOWER, hsv, mix)
from ..maths import GOLDEN, TURN, unit, waves
from ..mesh import Mesh, grid_faces
from ..profile import Draw
from .flowers import berry, flower_colour, funnel
from .registry import kind
from .spines import Spines, clad, hair, spine_style

LOW = -0.55
"""Where the sphere is cut off at the foot."""


class Tubercles:
    """A body of `count` tubercles on a golden spiral; `squat` stretches it upwards."""

    def __init__(self, draw: Draw, count: int, squat: float, rise: float) -> None:
        count = max(int(count * min(1.0, draw.detail**0.5)), 36)
        i = np.arange(count) + 0.5
        z = LOW + (1 - LOW) * (1 - i / count)
        r = np.sqrt(np.clip(1 - z * z, 0, 1))
        self.sphere = np.stack([r * np.cos(i * GOLDEN), r * np.sin(i * GOLDEN), z], -1)
        self.spacing = math.sqrt(TURN * (1 - LOW) / count)
        self.out = rise * self.spacing
        self.stretch = np.array([1, 1, squat])
        self.tips = self.on(self.sphere)
        self.normals = unit(self.sphere / self.stretch)
        self.youth = np.clip((self.sphere[:, 2] - 0.85) / 0.15, 0, 1)

    def on(self, q: np.ndarray) -> np.ndarray:
        """Points of the unit sphere on top of the tubercles."""
        return (q * (1 + self.out) - [0, 0, LOW]) * self.stretch

    def skin(self, mesh: Mesh, draw: Draw, colour, wool: float) -> None:
        """The skin, dark between the tubercles or white with wool."""
        rings, around = int(max(110 * draw.detail, 34)), int(max(190 * draw.detail, 54))
        z = np.sin(np.linspace(math.asin(LOW), math.pi / 2 - 0.001, rings))
        u, r = np.linspace(0, TURN, around, endpoint=False), np.sqrt(1 - z * z)
        p = np.stack([r[:, None] * np.cos(u), r[:, None] * np.sin(u),
                      np.broadcast_to(z[:, None], (rings, around))], -1).reshape(-1, 3)
        hump = np.clip(1 - (cKDTree(self.sphere).query(p)[0] / self.spacing / 0.62) ** 2, 0, 1)
        p = p * (1 + self.out * hump[:, None] ** 0.8)
        c = mix(colour * 0.35, colour, 0.15 + 0.85 * hump) * (1 + 0.1 * waves(p, 0.2, draw.seed()))[:, None]
        if wool:
            c = mix(c, hsv(45, 0.06, 0.9),
                    np.clip(0.9 - hump * 1.6, 0, 1) * np.clip(wool + waves(p, 0.3, 5), 0, 1))
        c = mix(c, draw.colour(BARK), np.clip((LOW + 0.35 - p[:, 2]) * 2.2, 0, 0.8))
        mesh.add((p - [0, 0, LOW]) * self.stretch, grid_faces(rings, around), np.clip(c, 0.003, 1))

    def ring(self, mesh: Mesh, draw: Draw, colour, count: int, size: float, height: float,
             fruit: float) -> None:
        """Flowers, or here and there a fruit, in a ring about the top."""
        side = math.sqrt(1 - height * height)
        for a in np.linspace(0, TURN, count, endpoint=False) + draw.rng.normal(0, 0.12, count):
            q = np.array([side * math.cos(a), side * math.sin(a), height + draw.rng.normal(0, 0.02)])
            if draw.chance(fruit):
                berry(mesh, draw, self.on(q), unit(q + [0, 0, 0.3]), draw.rng.uniform(0.25, 0.4))
            else:
                funnel(mesh, draw, self.on(q), q + [0, 0, 0.3], size * draw.rng.uniform(0.8, 1.1), colour)


def star_style(draw: Draw, spacing: float, dense: float) -> Spines:
    """Spines in proportion to the distance of the tubercles."""
    style = spine_style(draw, dense)
    style.radial.length = spacing * draw.between(0.7, 1.5)
    style.central.length = spacing * draw.between(0.8, 2.2)
    style.thick *= draw.between(0.4, 0.8)
    style.wool = spacing * draw.between(0.12, 0.3)
    return style


@kind("mammillaria", "cactus", often=2.0, clumps=True)
def mammillaria(draw: Draw) -> Mesh:
    mesh = Mesh()
    body = Tubercles(draw, draw.whole(110, 340), draw.between(0.75, 1.5), draw.between(0.25, 0.75))
    body.skin(mesh, draw, draw.colour(BODY), 0.6 if draw.chance(0.35) else 0.0)
    clad(mesh, draw, body.tips, body.normals, 1.0, star_style(draw, body.spacing, draw.rng.uniform(0.2, 1)),
         body.youth)
    if draw.chance(0.3):
        body.ring(mesh, draw, draw.colour(FLOWERS[:3]), draw.whole(4, 18), draw.between(0.2, 0.36),
                  draw.rng.uniform(0.6, 0.85), draw.pick((0.0, 0.25, 1.0)))
    return mesh


@kind("hooked", "cactus", clumps=True)
def hooked(draw: Draw) -> Mesh:
    """Mammillaria bombycina, zeilmanniana: white stars with long hooked brown centrals."""
    mesh = Mesh()
    body = Tubercles(draw, draw.whole(90, 220), draw.between(0.9, 1.6), draw.between(0.3, 0.7))
    body.skin(mesh, draw, draw.colour([GREEN_SKIN, FRESH_SKIN, SAGE_SKIN]), 0.4)
    style = star_style(draw, body.spacing, 0.8)
    style.radial.colour = style.radial.tip = draw.colour([WHITE_SPINE])
    style.central.count, style.central.tilt, style.central.hook = draw.whole(1, 4), 0.45, draw.between(0.15, 0.3)
    style.central.colour = style.central.tip = draw.colour([RUST_SPINE])
    style.central.length = body.spacing * draw.between(1.4, 2.4)
    clad(mesh, draw, body.tips, body.normals, 1.0, style, body.youth)
    if draw.chance(0.4):
        body.ring(mesh, draw, draw.colour([PINK_FLOWER]), draw.whole(8, 26), draw.between(0.18, 0.28), 0.7,
                  0.05)
    return mesh


@kind("powderpuff", "cactus", clumps=True)
def powderpuff(draw: Draw) -> Mesh:
    """Mammillaria hahniana, plumosa, bocasana: hidden under white wool and hair."""
    mesh = Mesh()
    body = Tubercles(draw, draw.whole(110, 240), draw.between(0.8, 1.5), draw.between(0.2, 0.5))
    body.skin(mesh, draw, draw.colour(BODY), 0.9)
    style = star_style(draw, body.spacing, 1.0)
    style.radial.colour = style.radial.tip = style.central.colour = draw.colour([WHITE_SPINE])
    style.wool = body.spacing * draw.between(0.25, 0.45)
    clad(mesh, draw, body.tips, body.normals, 1.0, style, body.youth)
    own = np.repeat(np.arange(len(body.tips)), int(6 * draw.detail) + 2)
    hair(mesh, draw, body.tips[own], body.normals[own], body.spacing * draw.between(0.8, 2.0),
         draw.colour([WHITE_SPINE]), 0.1, draw.between(0.004, 0.008))
    if draw.chance(0.35):
        body.ring(mesh, draw, draw.colour([PINK_FLOWER, YELLOW_FLOWER]), draw.whole(6, 16), 0.26, 0.65, 0.3)
    return mesh


@kind("rebutia", "cactus", room=(0.5, 0.95), clumps=True)
def rebutia(draw: Draw) -> Mesh:
    """Rebutia and Sulcorebutia: low globes, flowers all around the foot that may hide the body."""
    mesh = Mesh()
    body = Tubercles(draw, draw.whole(80, 180), draw.between(0.6, 1.1), draw.between(0.25, 0.5))
    body.skin(mesh, draw, draw.colour([GREEN_SKIN, FRESH_SKIN, SAGE_SKIN]), 0.0)
    style = star_style(draw, body.spacing, draw.rng.uniform(0.4, 0.9))
    clad(mesh, draw, body.tips, body.normals, 1.0, style, body.youth)
    if draw.chance(0.5):
        tint = flower_colour(draw)
        for a in draw.rng.uniform(0, TURN, draw.whole(3, 16)):
            h = draw.rng.uniform(-0.3, 0.35)
            q = np.array([math.sqrt(1 - h * h) * math.cos(a), math.sqrt(1 - h * h) * math.sin(a), h])
            funnel(mesh, draw, body.on(q), q + [0, 0, 0.7], draw.rng.uniform(0.45, 0.75), tint)
    return mesh
