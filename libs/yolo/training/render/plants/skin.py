"""Bodies of cacti: ribbed surfaces of revolution, and ribbed stems along a path."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..colour import BARK, linear, mix
from ..maths import TURN, carried_frames, unit, waves
from ..mesh import Mesh, grid_faces
from ..profile import Draw
from .spines import tufts

Patch = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""Changes skin colours: (points, height share, crest share, colours) to colours."""


class Globe:
    """A globe or short column with ribs, as a function of angle u and height share s (0 to 1).

    Lengths in body radii: `depth` of furrows, `dip` of the top, `notch` between
    tubercles of a rib. `sharp` below 1 gives round ribs; `neck` is the foot's radius.
    """

    def __init__(self, draw: Draw, radius=1.0, height=1.6, ribs=12, depth=0.16, sharp=0.7, twist=0.0,
                 dip=0.08, notch=0.0, notches=9, neck=0.75) -> None:
        self.radius, self.height, self.ribs = radius, height, ribs
        self.depth, self.sharp, self.twist, self.dip = depth, sharp, twist, dip
        self.notch, self.notches, self.neck = notch, notches, min(neck, 0.99)
        self.round = height < 2.4
        self.wobble = draw.rng.uniform(0, TURN, 3)

    def profile(self, s):
        """Radius and height at each height share."""
        r, z = self._dome(s) if self.round else self._column(s)
        return r, z - self.dip * min(self.height, 2.4) * np.exp(-((r / 0.22) ** 2)) * (np.asarray(s) > 0.5)

    def _dome(self, s):
        low = -math.acos(self.neck)
        phi = low + s * (math.pi / 2 - low)
        return np.cos(phi), self.height * (np.sin(phi) - math.sin(low)) / (1 - math.sin(low))

    def _column(self, s):
        cap = 0.9
        length = self.height - cap
        q = s * (length + 1.35)
        dome = np.clip((q - length) / 1.35, 0, 1) * math.pi / 2
        foot = self.neck + (1 - self.neck) * np.clip(q / (0.5 * length), 0, 1) ** 0.7
        r = np.where(q < length, foot, np.cos(dome) ** 0.8)
        return r * (1 + 0.03 * np.sin(q * 3 + self.wobble[0])), np.where(q < length, q,
                length + cap * np.sin(dome))

    def crest(self, u, s):
        """1 on a rib, 0 in a furrow."""
        return 0.5 + 0.5 * np.cos(self.ribs * (u + self.twist * s))

    def at(self, u, s):
        """Points of the surface."""
        u, s = np.broadcast_arrays(np.asarray(u, float), np.asarray(s, float))
        r, z = self.profile(s)
        c = self.crest(u, s)
        fade = np.clip(r * 2.6, 0, 1)
        f = 1 - self.depth * fade * (1 - c**self.sharp)
        if self.notch:
            f = f - self.notch * fade * c**0.5 * (0.25 - 0.25 * np.cos(TURN * s * self.notches))
        f = f * (1 + 0.025 * np.sin(2 * u + self.wobble[1] + 3 * s))
        return self.radius * np.stack([r * f * np.cos(u), r * f * np.sin(u), z], -1)

    def normal(self, u, s):
        """Normals of the surface."""
        e = 1e-3
        du = self.at(u + e, s) - self.at(u - e, s)
        ds = self.at(u, np.clip(s + e, 0, 1)) - self.at(u, np.clip(s - e, 0, 1))
        n = unit(np.cross(du, ds))
        return np.where(np.isfinite(n), n, [0, 0, 1])


def skin(mesh: Mesh, draw: Draw, globe: Globe, colour, patch: Patch | None = None, cork=0.25,
         fine=1.0) -> None:
    """The skin of a body, dark in the furrows, corky at the foot, fresh at the top."""
    rng = draw.rng
    fine = fine * draw.detail
    around = int(np.clip(globe.ribs * 12 * fine, 40, 240))
    rings = max(int((56 if globe.round else 34 * globe.height) * fine), 20)
    uu, ss = np.meshgrid(np.linspace(0, TURN, around, endpoint=False), np.linspace(0, 0.999, rings))
    p = globe.at(uu, ss).reshape(-1, 3)
    crest, s = globe.crest(uu, ss).ravel(), ss.ravel()
    p = p * (1 + 0.012 * waves(p, 0.5, draw.seed()))[:, None]
    fresh = mix(colour, colour * 1.35 + linear([0.1, 0.12, 0.02]), rng.uniform(0.2, 0.8))
    c = mix(colour, fresh, np.clip((s - 0.72) / 0.28, 0, 1)) * (0.5 + 0.5 * crest**0.6)[:, None]
    c = c * (1 + 0.14 * waves(p, 0.35, draw.seed()))[:, None]
    if cork > 0:
        low = np.clip((cork - s) / cork + 0.35 * waves(p, 0.4, draw.seed()), 0, 1)
        c = mix(c, draw.colour(BARK), low * rng.uniform(0.4, 0.95))
    c = patch(p, s, crest, c) if patch is not None else c
    mesh.add(p, grid_faces(rings, around), np.clip(c, 0.003, 1))


def crown(mesh: Mesh, draw: Draw, globe: Globe, share=0.25, colour=None, amount=60) -> None:
    """Wool on the top of a body."""
    s = 1 - draw.rng.random(amount) * share
    u = draw.rng.uniform(0, TURN, amount)
    tufts(mesh, draw, globe.at(u, s) + [0, 0, 0.01], globe.radius * 0.025, colour)


def rib_points(draw: Draw, globe: Globe, per: int, low=0.02, high=0.985, staggered=False):
    """Angles and height shares of areoles along the ribs."""
    k, j = np.meshgrid(np.arange(globe.ribs), np.arange(per))
    s = ((j + 0.5 * (k % 2) * staggered + 0.3) / per).ravel()
    s = low + (high - low) * s
    u = TURN * k.ravel() / globe.ribs - globe.twist * s
    keep = (s < 0.9) | (draw.rng.random(len(s)) < 0.6)
    return u[keep], s[keep]


class Stem:
    """A ribbed stem along a path: points `at` along (0..1) and around; thickness varies along it."""

    def __init__(self, path: np.ndarray, radius: np.ndarray, ribs: int, depth: float,
                 sharp: float = 0.8) -> None:
        self.path, self.radius, self.ribs, self.depth, self.sharp = path, radius, ribs, depth, sharp
        self.along, self.a, self.b = carried_frames(path)
        self.length = float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())

    def _between(self, values: np.ndarray, s: np.ndarray) -> np.ndarray:
        grid = np.linspace(0, 1, len(self.path))
        if values.ndim == 1:
            return np.interp(s, grid, values)
        return np.stack([np.interp(s, grid, values[:, k]) for k in range(3)], -1)

    def crest(self, u):
        """1 on a rib, 0 in a furrow."""
        return 0.5 + 0.5 * np.cos(self.ribs * np.asarray(u))

    def at(self, u, s):
        u, s = np.broadcast_arrays(np.asarray(u, float), np.asarray(s, float))
        f = self._between(self.radius, s) * (1 - self.depth * (1 - self.crest(u) ** self.sharp))
        return self._between(self.path, s) + f[..., None] * self.normal(u, s)

    def normal(self, u, s):
        u, s = np.broadcast_arrays(np.asarray(u, float), np.asarray(s, float))
        return unit(np.cos(u)[..., None] * self._between(self.a, s) + np.sin(u)[..., None]
                    * self._between(self.b, s))


def stem_skin(mesh: Mesh, draw: Draw, stem: Stem, colour, fresh: float = 0.3, cork: float = 0.1) -> None:
    """The skin of a stem with its round tip."""
    around = int(np.clip(stem.ribs * 8 * draw.detail, 16, 120))
    rings = int(np.clip(len(stem.path) * 2 * draw.detail, 12, 90))
    # rings crowd towards the tip, which is round
    along = 1 - (1 - np.linspace(0, 1, rings)) ** 1.7
    uu, ss = np.meshgrid(np.linspace(0, TURN, around, endpoint=False), along)
    p = stem.at(uu, ss).reshape(-1, 3)
    s, crest = ss.ravel(), stem.crest(uu).ravel()
    young = mix(colour, colour * 1.3 + linear([0.08, 0.1, 0.02]), np.clip((s - 0.75) * 4, 0, 1) * fresh)
    c = young * (0.55 + 0.45 * crest**0.6)[:, None] * (1 + 0.12 * waves(p, 0.4, draw.seed()))[:, None]
    c = mix(c, draw.colour(BARK), np.clip((cork - s) / max(cork, 1e-3), 0, 1) * 0.8)
    mesh.add(p, grid_faces(rings, around), np.clip(c, 0.003, 1))


def stem_points(stem: Stem, spacing: float, low=0.03, high=0.99):
    """Areoles along the ribs of a stem, `spacing` apart."""
    per = max(int(stem.length / spacing), 3)
    k, j = np.meshgrid(np.arange(stem.ribs), np.arange(per))
    s = low + (high - low) * ((j + 0.5 * (k % 2)) / per).ravel()
    return TURN * k.ravel() / stem.ribs, s


def round_ends(radius: float, points: int, foot: float = 0.8, tip: float = 0.18, wobble: float = 0.05,
               phase: float = 0.0):
    """Radii along a stem: a narrower foot and a round tip that takes the share `tip`."""
    s = np.linspace(0, 1, points)
    r = foot + (1 - foot) * np.clip(s / 0.3, 0, 1)
    r = r * np.sqrt(np.clip(1 - np.clip((s - 1 + tip) / tip, 0, 1) ** 2, 0.0004, 1))
    return radius * r * (1 + wobble * np.sin(9 * s + phase))
