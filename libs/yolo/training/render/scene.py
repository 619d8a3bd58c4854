"""A planned scene: things in their places, which of them are plants, and in which containers.

Plans are plain data and need no Blender. The same draw gives the same plan.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .camera import Camera
from .light import Light
from .materials import Material, Photo, Skin
from .maths import TURN, euler
from .mesh import Mesh, bent
from .plants import Kind, weathered
from .profile import Draw


@dataclass(frozen=True, eq=False)
class Thing:
    """A mesh in its place. Things share meshes; `index` is 0 but for plants and containers."""

    mesh: Mesh
    materials: tuple[Material, ...]
    at: tuple[float, float, float]
    turn: tuple[float, float, float]
    scale: tuple[float, float, float]
    index: int
    smooth: bool
    hidden: bool = False

    def place(self, points: np.ndarray) -> np.ndarray:
        """Points of the mesh in the scene."""
        return (points * self.scale) @ euler(self.turn).T + self.at


@dataclass(frozen=True, eq=False)
class Plant:
    """A plant of the scene; `points` are of its solid surface, in the scene."""

    index: int
    kind: str
    points: np.ndarray
    container: int | None


@dataclass(frozen=True, eq=False)
class Container:
    """A pot or the like: its kind and material by name, and the line of its rim in the scene."""

    index: int
    kind: str
    material: str
    rim: np.ndarray


@dataclass(frozen=True, eq=False)
class Model:
    """A plant of outer radius 1 in several bent variants, to be put in many places."""

    kind: Kind
    variants: tuple[Mesh, ...]
    materials: tuple[Skin, ...]
    points: tuple[np.ndarray, ...]
    top: float
    low: float


SURFACE_POINTS = 3000


def grow(draw: Draw, kind: Kind, variants: int = 2) -> Model:
    """Build a kind of plant, in some condition, and variants of it."""
    first = weathered(kind.build(draw).normalise(), draw, kind.family)
    meshes = [bent(first, draw.rng, 1.0) for _ in range(variants)]
    points = []
    for mesh in meshes:
        solid = mesh.solid()
        points.append(solid[draw.rng.choice(len(solid), min(len(solid), SURFACE_POINTS), replace=False)])
    heights = points[0][:, 2]
    return Model(kind, tuple(meshes), surfaces(draw, kind.family), tuple(points),
                 float(np.percentile(heights, 99)),
                 float(heights.min()))


def surfaces(draw: Draw, family: str) -> tuple[Skin, Skin, Skin]:
    """The materials of flesh, fibre and thin leaves."""
    rng, fleshy = draw.rng, family == "succulent"
    flesh = Skin(rough=rng.uniform(0.28, 0.6) if fleshy else rng.uniform(0.4, 0.7),
                 bump=rng.uniform(0.05, 0.25),
                 bump_scale=rng.uniform(6, 25), grain=rng.uniform(0.08, 0.22), grain_scale=rng.uniform(4, 10),
                 hue=0.018,
                 value=rng.uniform(0.08, 0.25), subsurface=draw.pick((0.0, 0.12)) if fleshy else 0.0,
                 coat=draw.pick((0, 0, 0.25)) if fleshy else 0.0, dust=draw.pick((0, 0.1, 0.35)))
    fibre = Skin(rough=0.6, bump=0, grain=0.1, grain_scale=20, hue=0.01, value=0.1, translucent=0.25)
    thin = Skin(rough=rng.uniform(0.4, 0.65), bump=0.15, bump_scale=14, grain=0.15, grain_scale=8, hue=0.02,
                value=0.15,
                translucent=0.35)
    return flesh, fibre, thin


@dataclass
class Scene:
    """A scene that is being laid out; `reach` is half its width, half its depth, and its height."""

    draw: Draw
    things: list[Thing] = field(default_factory=list)
    plants: list[Plant] = field(default_factory=list)
    containers: list[Container] = field(default_factory=list)
    reach: tuple[float, float, float] = (20.0, 20.0, 5.0)
    wet: float = 0.0
    haze: float = 0.0
    camera: Camera | None = None
    light: Light | None = None
    _count: int = 0

    def put(self, mesh: Mesh, *materials: Material, at=(0.0, 0.0, 0.0), turn=(0.0, 0.0, 0.0), scale=1.0,
            index: int = 0,
            smooth: bool = True, hidden: bool = False) -> Thing:
        """Put a thing into the scene."""
        sizes = (scale,) * 3 if np.ndim(scale) == 0 else tuple(scale)
        thing = Thing(mesh, materials, tuple(map(float, at)), tuple(map(float, turn)),
                      tuple(map(float, sizes)), index, smooth,
                      hidden)
        self.things.append(thing)
        return thing

    def contain(self, kind: str, material: str, rim: np.ndarray) -> int:
        """Note a container; things of it carry the index that is returned."""
        self._count += 1
        self.containers.append(Container(self._count, kind, material, rim))
        return self._count

    def plant(self, model: Model, at, radius: float, container: int | None = None,
              lean: float = 0.08) -> Plant:
        """Stand a plant of a given outer radius: a variant, turned, stretched and leaning by chance."""
        rng = self.draw.rng
        self._count += 1
        v = self.draw.whole(0, len(model.variants))
        turn = (rng.normal(0, lean), rng.normal(0, lean), rng.uniform(0, TURN))
        sizes = radius * rng.uniform((0.93, 0.93, 0.86), (1.07, 1.07, 1.16))
        thing = self.put(model.variants[v], *model.materials, at=at, turn=turn, scale=sizes,
                         index=self._count)
        self.plants.append(Plant(self._count, model.kind.name, thing.place(model.points[v]), container))
        return self.plants[-1]

    def free(self, at, margin: float) -> bool:
        """Whether a place on the ground is away from all containers."""
        for container in self.containers:
            middle = container.rim[:, :2].mean(0)
            if np.linalg.norm(at - middle) < np.linalg.norm(container.rim[:, :2] - middle,
                                                            axis=1).max() + margin:
                return False
        return True

    def photo(self, names: tuple[str, ...], tile: float, **more) -> Photo:
        """A texture by the beginnings of its names."""
        rng = self.draw.rng
        return Photo(names, tile, float(rng.random()), tuple(rng.random(3)), **more)
