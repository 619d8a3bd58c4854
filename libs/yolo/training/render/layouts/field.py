"""Open stony ground: young plants far apart among stones, clods, boots and tools, or none at all."""

from __future__ import annotations

import math

import numpy as np

from ..clutter import STONE, boot, hand, label, litter, rods, trowel, weeds
from ..colour import GRIT, SOIL, hsv
from ..light import OPEN
from ..materials import Photo
from ..maths import waves
from ..mesh import BALL1, Mesh, grid_faces, lumps
from ..plants import of_family
from ..scene import Scene
from .planting import models, often
from .registry import View, layout

PALE = [((25, 60), (0.02, 0.18), (0.6, 0.95)), ((200, 230), (0.02, 0.12), (0.4, 0.75))]
MOST_STONES = 7000


def stony_ground(scene: Scene, reach: float) -> float:
    """Uneven soil strewn with stones and clods from grains to the size of plants; returns its height."""
    draw = scene.draw
    wide, side = reach * 1.7, 70
    line = np.linspace(-wide, wide, side)
    points = np.stack(np.meshgrid(line, line, [0.0], indexing="ij"), -1).reshape(-1, 3)
    points[:, 2] = draw.between(0.1, 0.5) * waves(points, draw.between(2.5, 8.0), draw.seed())
    soil = Mesh()
    soil.add(points, grid_faces(side, side, closed=False), (1, 1, 1))
    scene.put(soil, _soil(scene))
    strew(scene, wide, draw.pick((0.2, 0.8, 2.0, 4.0)))
    return 0.0


def _soil(scene: Scene) -> Photo:
    rng = scene.draw.rng
    return scene.photo(("ground", "coast_sand", "gravel", "rocks"), rng.uniform(8, 30),
                       tint=scene.draw.colour(SOIL) * 2.5, rough=0.95, bump=0.9)


def strew(scene: Scene, wide: float, density: float) -> None:
    """Stones and clods: many small ones, few as large as a plant."""
    draw, rng = scene.draw, scene.draw.rng
    many = int(min(density * wide * wide * 4 * 0.5, MOST_STONES))
    largest = draw.between(0.8, 3.0)
    size = (0.12 * (1 - rng.random(many)) ** (-1 / draw.between(1.2, 2.2))).clip(0.1, largest)
    tones = draw.pick(([*PALE, GRIT[6]], [*GRIT], [*PALE, *SOIL], [*SOIL]))
    palette = np.array([draw.colour(tones) for _ in range(30)])
    tint = palette[rng.integers(30, size=many)] * rng.uniform(0.65, 1.2, (many, 1))
    at = np.c_[rng.uniform(-wide, wide, (many, 2)), 0.15 * size]
    mesh = Mesh()
    lumps(mesh, at, size, tint, rng, draw.between(0.1, 0.25), (0.45, 0.9), shape=BALL1)
    scene.put(mesh, STONE)


def strangers(scene: Scene, reach: float, z: float) -> None:
    """What people bring into a field."""
    draw, rng = scene.draw, scene.draw.rng

    def border() -> np.ndarray:
        a = rng.uniform(0, 2 * math.pi)
        return reach * rng.uniform(0.45, 1.0) * np.array([math.cos(a), 0.8 * math.sin(a)])

    if draw.chance(0.45):
        at, way = border(), rng.uniform(0, 2 * math.pi)
        for k in range(draw.whole(1, 3)):
            boot(scene, at + k * draw.between(11, 18) * np.array([-math.sin(way), math.cos(way)]), z,
                 way + rng.normal(0, 0.2))
    for chance, what in ((0.2, trowel), (0.3, litter), (0.3, weeds)):
        if draw.chance(chance):
            what(scene, border(), z)
    if draw.chance(0.12):
        hand(scene, border(), z + rng.uniform(2, 6))
    if draw.chance(0.25):
        rods(scene, reach, z)
    for _ in range(draw.pick((0, 0, 1, 3))):
        label(scene, (*border(), z), draw.between(1.0, 3.0))


def sow_rows(scene: Scene, reach: float, z: float) -> None:
    """One to four rows, plants far apart in them, of one kind."""
    draw, rng = scene.draw, scene.draw.rng
    family = draw.pick(("seedling", "seedling", "leafy", "succulent", "cactus"))
    pool = models(scene, draw.whole(3, 7), detail=0.7, kinds=[often(draw, of_family(family))])
    size, rows = draw.between(0.7, 2.2), draw.whole(1, 5)
    step = size * draw.between(2.2, 7.0)
    for i in range(rows):
        y = (i + 0.5 - rows / 2) * 1.5 * reach / rows + rng.normal(0, 0.5)
        for x in np.arange(-reach * 1.1, reach * 1.1, step):
            if not draw.chance(0.2):
                r = size * rng.uniform(0.6, 1.25)
                scene.plant(draw.pick(pool), (x + rng.normal(0, 0.2 * step), y + rng.normal(0, 0.2 * size),
                                              z - 0.05 * r), r, lean=0.25)


@layout("field", 0.12)
def field(scene: Scene) -> View:
    """Rows of young plants in stony ground, and what people leave there."""
    return _field(scene, planted=True)


def bare_field(scene: Scene) -> View:
    """The same before anything came up."""
    return _field(scene, planted=False)


def _field(scene: Scene, planted: bool) -> View:
    reach = scene.draw.between(9, 26)
    z = stony_ground(scene, reach)
    if planted:
        sow_rows(scene, reach, z)
    strangers(scene, reach, z)
    scene.reach = (reach, reach * 0.8, 2)
    return View(top=0.7, fill=(0.6, 1.1), moods=(*OPEN, "slats", "dapple"), floors=("soil", "gravel"),
                floor_at=-1.5, scatter=False)
