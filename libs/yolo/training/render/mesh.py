"""Meshes: vertices with colours and parts, grown piece by piece."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from .colour import hsv
from .maths import Rng, carried_frames, frames, unit, waves


class Material(IntEnum):
    """Which of a plant's materials a face has."""

    FLESH = 0
    FIBRE = 1
    THIN = 2


class Part(IntEnum):
    """What a vertex belongs to: the skin decides a plant's size, hair does not count as seen."""

    SKIN = 0
    HAIR = 1
    BLOOM = 2


FLESH, FIBRE, THIN = Material.FLESH, Material.FIBRE, Material.THIN
SKIN, HAIR, BLOOM = Part.SKIN, Part.HAIR, Part.BLOOM


@dataclass(frozen=True)
class Arrays:
    """A finished mesh as plain arrays."""

    vertices: np.ndarray
    colours: np.ndarray
    triangles: np.ndarray
    quads: np.ndarray
    triangle_materials: np.ndarray
    quad_materials: np.ndarray


class Mesh:
    """A growing mesh."""

    def __init__(self) -> None:
        self.v: list[np.ndarray] = []
        self.c: list[np.ndarray] = []
        self.part: list[np.ndarray] = []
        self.f3: list[np.ndarray] = []
        self.m3: list[np.ndarray] = []
        self.f4: list[np.ndarray] = []
        self.m4: list[np.ndarray] = []
        self.count = 0

    def add(self, v, faces, colour, material: int = FLESH, part: int | None = None) -> None:
        """Add vertices and their faces, all triangles or all quads."""
        v = np.asarray(v, float).reshape(-1, 3)
        self.v.append(v)
        self.c.append(np.broadcast_to(np.asarray(colour, float), (len(v), 3)))
        self.part.append(np.full(len(v), (HAIR if material == FIBRE else SKIN) if part is None else part))
        self.count += len(v)
        self.faces(np.asarray(faces, np.int64) + self.count - len(v), material)

    def faces(self, faces: np.ndarray, material: int) -> None:
        """Add faces between vertices that are there."""
        store, materials = (self.f3, self.m3) if faces.shape[1] == 3 else (self.f4, self.m4)
        store.append(faces)
        materials.append(np.full(len(faces), material))

    def join(self, other: Mesh, matrix=None, shift=(0, 0, 0), part: int | None = None) -> None:
        """Add a copy of another mesh, turned and moved."""
        v = other.vertices()
        v = v @ np.asarray(matrix).T + shift if matrix is not None else v + np.asarray(shift)
        base = self.count
        self.v.append(v)
        self.c += other.c
        self.part += other.part if part is None else [np.full(len(v), part)]
        self.f3 += [f + base for f in other.f3]
        self.f4 += [f + base for f in other.f4]
        self.m3 += other.m3
        self.m4 += other.m4
        self.count += len(v)

    def vertices(self) -> np.ndarray:
        """All vertices, n x 3."""
        return np.concatenate(self.v)

    def colours(self) -> np.ndarray:
        """A colour for each vertex."""
        return np.concatenate(self.c)

    def parts(self) -> np.ndarray:
        """What each vertex belongs to."""
        return np.concatenate(self.part)

    def solid(self) -> np.ndarray:
        """Vertices of skin and flowers, those of hair where there is nothing else."""
        mask = self.parts() != HAIR
        return self.vertices()[mask] if mask.any() else self.vertices()

    def skin(self) -> np.ndarray:
        """Vertices of skin."""
        return self.vertices()[self.parts() == SKIN]

    def reshape(self, v: np.ndarray, c: np.ndarray | None = None) -> Mesh:
        """The same faces on other vertices, and other colours where given."""
        out = Mesh()
        out.v, out.c, out.part = [v], [self.colours() if c is None else c], [self.parts()]
        out.f3, out.m3, out.f4, out.m4, out.count = self.f3, self.m3, self.f4, self.m4, self.count
        return out

    def normalise(self, radius: float = 1.0) -> Mesh:
        """Scale so that the skin's outer radius is as asked, its middle over the origin."""
        p = self.skin()
        middle = np.array([*(np.median(p[:, :2], axis=0) * 0.6), 0])
        reach = np.percentile(np.linalg.norm((p - middle)[:, :2], axis=1), 97)
        return self.reshape((self.vertices() - middle) * (radius / max(reach, 1e-6)))

    def arrays(self) -> Arrays:
        """The finished mesh."""
        return Arrays(
            self.vertices(), self.colours().clip(0.002, 1),
            np.concatenate(self.f3) if self.f3 else np.zeros((0, 3), np.int64),
            np.concatenate(self.f4) if self.f4 else np.zeros((0, 4), np.int64),
            np.concatenate(self.m3) if self.m3 else np.zeros(0, np.int64),
            np.concatenate(self.m4) if self.m4 else np.zeros(0, np.int64))


def grid_faces(rings: int, around: int, closed: bool = True) -> np.ndarray:
    """Quads of a grid of rings x around vertices."""
    i, j = np.meshgrid(np.arange(rings - 1), np.arange(around if closed else around - 1), indexing="ij")
    k = (j + 1) % around
    quads = [i * around + j, i * around + k, (i + 1) * around + k, (i + 1) * around + j]
    return np.stack(quads, -1).reshape(-1, 4)


def spikes(mesh: Mesh, base, direction, length, radius, colour, tip=None, bend=0.0,
           rng: Rng | None = None, material: int = FIBRE, part: int | None = None, hook: float = 0.0,
           simple: bool = False) -> None:
    """Many tapering spines or hairs at once, each bent or hooked at the tip; simple ones are straight."""
    base, direction = np.asarray(base, float), unit(np.asarray(direction, float))
    n = len(base)
    if n == 0:
        return
    length = np.broadcast_to(np.asarray(length, float), (n,))[:, None]
    radius = np.broadcast_to(np.asarray(radius, float), (n,))[:, None]
    colour = np.broadcast_to(np.asarray(colour, float), (n, 3))
    tip = colour if tip is None else np.broadcast_to(np.asarray(tip, float), (n, 3))
    a, b = frames(direction)
    turn = (rng or np.random.default_rng(0)).normal(size=(n, 3)) * np.asarray(bend).reshape(-1, 1)
    steps = (0.0, 0.45, 0.8) if np.any(bend) else (0.0, 0.5)
    if hook:
        steps = (0.0, 0.5, 0.75, 0.9)
    if simple:
        steps = (0.0,)
    rings, colours = [], []
    for s in steps:
        curl = a * hook * max(s - 0.6, 0) * 1.5
        centre = base + (direction * s + turn * s * s + curl) * length
        w = radius * (1 - 0.75 * s)
        for k in range(3):
            t = 2 * math.pi * k / 3
            rings.append(centre + w * (math.cos(t) * a + math.sin(t) * b))
            colours.append(colour * (1 - s) + tip * s)
    rings.append(base + (direction * (1 - 0.15 * bool(hook)) + turn + a * hook) * length)
    colours.append(tip)
    v, c = np.stack(rings, 1), np.stack(colours, 1)
    per = v.shape[1]
    last = per - 4
    triangles = np.array([[last + k, last + (k + 1) % 3, per - 1] for k in range(3)])
    offset = (np.arange(n) * per)[:, None, None]
    start = mesh.count
    mesh.add(v.reshape(-1, 3), (grid_faces(len(steps), 3)[None] + offset).reshape(-1, 4), c.reshape(-1, 3),
             material, part)
    mesh.faces((triangles[None] + offset).reshape(-1, 3) + start, material)


def ball(level: int) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and triangles of an icosphere."""
    t = (1 + 5**0.5) / 2
    v = [(-1, t, 0), (1, t, 0), (-1, -t, 0), (1, -t, 0), (0, -1, t), (0, 1, t),
         (0, -1, -t), (0, 1, -t), (t, 0, -1), (t, 0, 1), (-t, 0, -1), (-t, 0, 1)]
    f = [(0, 11, 5), (0, 5, 1), (0, 1, 7), (0, 7, 10), (0, 10, 11), (1, 5, 9), (5, 11, 4),
         (11, 10, 2), (10, 7, 6), (7, 1, 8), (3, 9, 4), (3, 4, 2), (3, 2, 6), (3, 6, 8),
         (3, 8, 9), (4, 9, 5), (2, 4, 11), (6, 2, 10), (8, 6, 7), (9, 8, 1)]
    points = [np.array(p, float) / math.hypot(1, t) for p in v]
    for _ in range(level):
        f = _split(points, f)
    return np.array(points), np.array(f)


def _split(points: list[np.ndarray], faces: list) -> list:
    """Each triangle into four, new points on the sphere."""
    middles: dict = {}

    def middle(i: int, j: int) -> int:
        key = (min(i, j), max(i, j))
        if key not in middles:
            p = points[i] + points[j]
            points.append(p / np.linalg.norm(p))
            middles[key] = len(points) - 1
        return middles[key]

    out = []
    for a, b, c in faces:
        ab, bc, ca = middle(a, b), middle(b, c), middle(c, a)
        out += [(a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca)]
    return out


BALL0, BALL1, BALL2 = ball(0), ball(1), ball(2)


def lumps(mesh: Mesh, centre, size, colour, rng: Rng, rough=0.25, squash=None, material: int = FLESH,
          shape=BALL1, part: int | None = None) -> None:
    """Many irregular balls: pebbles, wool tufts, berries."""
    points, faces = shape
    centre = np.asarray(centre, float)
    n = len(centre)
    if n == 0:
        return
    size = np.broadcast_to(np.asarray(size, float), (n,))
    form = points[None] * (1 + rng.normal(0, rough, (n, len(points), 1)).clip(-0.5, 0.5))
    if squash is not None:
        q, _ = np.linalg.qr(rng.normal(size=(n, 3, 3)))
        form = form * np.stack([np.ones(n), rng.uniform(*squash, n), rng.uniform(*squash, n)], -1)[:, None]
        form = np.einsum("nij,nkj->nki", q, form)
    v = form * size[:, None, None] + centre[:, None]
    c = np.repeat(np.broadcast_to(np.asarray(colour, float), (n, 3))[:, None], len(points), 1)
    f = faces[None] + (np.arange(n) * len(points))[:, None, None]
    mesh.add(v.reshape(-1, 3), f.reshape(-1, 3), c.reshape(-1, 3), material, part)


def tube(mesh: Mesh, path, radius, colour, around: int = 8, material: int = FLESH,
         part: int | None = None) -> None:
    """A round tube along a path; radius may vary along it."""
    path = np.asarray(path, float)
    _, a, b = carried_frames(path)
    t = np.linspace(0, 2 * math.pi, around, endpoint=False)
    r = np.broadcast_to(np.asarray(radius, float), (len(path),))[:, None, None]
    v = path[:, None] + r * (np.cos(t)[None, :, None] * a[:, None] + np.sin(t)[None, :, None] * b[:, None])
    c = np.asarray(colour, float)
    c = np.repeat(c, around, 0) if c.ndim == 2 else c
    mesh.add(v, grid_faces(len(path), around), c, material, part)


def box(mesh: Mesh, centre, size, colour=(1, 1, 1), bevel: float = 0.0) -> None:
    """A box about its centre, its edges cut off where a bevel is asked for."""
    size = np.asarray(size, float)
    if bevel <= 0:
        s = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
        faces = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
        mesh.add(s * size + centre, faces, colour)
        return
    half = size / 2
    b = min(bevel, 0.45 * float(size.min()))
    rings = [(half[0] - b, half[1] - b, -half[2]), (half[0], half[1], -half[2] + b),
             (half[0], half[1], half[2] - b), (half[0] - b, half[1] - b, half[2])]
    v = np.array([[sx * x, sy * y, z] for x, y, z in rings for sx,
                  sy in ((1, 1), (-1, 1), (-1, -1), (1, -1))])
    faces = np.concatenate([grid_faces(4, 4), [[3, 2, 1, 0], [12, 13, 14, 15]]])
    mesh.add(v + centre, faces, colour)


def loft(mesh: Mesh, profile, corners: float, aspect: float = 1.0, around: int = 64, colour=(1, 1, 1),
         material: int = FLESH) -> None:
    """Rings of radius r at height z; corners 2 is round, 12 nearly square."""
    ring = outline(corners, aspect, around)
    profile = np.asarray(profile, float)
    r, z = profile[:, 0], profile[:, 1]
    widest = r.max()
    plan = ring[None] * r[:, None, None] + np.sign(ring)[None] * [(aspect - 1) * widest, 0]
    v = np.concatenate([plan, np.broadcast_to(z[:, None, None], (len(r), around, 1))], -1)
    mesh.add(v, grid_faces(len(r), around), colour, material)


def outline(corners: float, aspect: float = 1.0, around: int = 64) -> np.ndarray:
    """A closed line of radius 1 in plan, before `loft` widens it by its aspect."""
    t = np.linspace(0, 2 * math.pi, around, endpoint=False) + 1e-3
    if corners > 2.5:  # more points at the corners, which are round
        t = t + 0.16 * np.sin(4 * t + math.pi)
    x = np.sign(np.cos(t)) * np.abs(np.cos(t)) ** (2 / corners)
    y = np.sign(np.sin(t)) * np.abs(np.sin(t)) ** (2 / corners)
    return np.stack([x, y], -1)


def bent(mesh: Mesh, rng: Rng, amount: float) -> Mesh:
    """A copy that leans, twists and swells a little differently, and has another tint."""
    v = mesh.vertices()
    z = v[:, 2:]
    tall = max(float(z.max()), 0.3)
    sway = rng.normal(0, 0.14 * amount, 2) * (np.maximum(z, 0) / tall) ** 1.7 * tall
    twist = rng.normal(0, 0.25 * amount) * z[:, 0] / tall
    c, s = np.cos(twist), np.sin(twist)
    x, y = v[:, 0] * c - v[:, 1] * s, v[:, 0] * s + v[:, 1] * c
    turned = np.stack([x, y, z[:, 0]], -1)
    seeds = rng.integers(1 << 30, size=4)
    swell = np.stack([waves(turned, 1.1, int(seed), 4) for seed in seeds[:3]], -1) * 0.05 * amount
    moved = turned + swell * np.minimum(1, np.maximum(z, 0) / 0.25 + 0.2)
    moved[:, :2] += sway
    tint = np.exp(rng.normal(0, 0.05 * amount, 3) + rng.normal(0, 0.08 * amount))
    shade = 1 + 0.1 * amount * waves(v, 1.3, int(seeds[3]), 4)
    skin = (mesh.parts() == SKIN)[:, None]
    return mesh.reshape(moved, mesh.colours() * np.where(skin, tint * shade[:, None], 1))


CREAM = hsv(45, 0.12, 0.85)
