"""Scenes without any plant: what must not be counted."""

from __future__ import annotations

import math

from ..clutter import boot, hand, label, moss, rods, scatter, seeds, stones, stub, trowel, weeds
from ..colour import hsv
from ..containers import Potting, ground, pot_form
from ..materials import Plain
from ..mesh import Mesh, box
from ..scene import Scene
from .beds import cells, planter
from .field import bare_field
from .pots import frame
from .registry import View, layout


def empty_pots(scene: Scene) -> View:
    """Rows of pots with soil or nothing in them, labels, a dead stub here and there."""
    draw, rng = scene.draw, scene.draw.rng
    radius, columns, rows = draw.between(2.5, 5.5), draw.whole(2, 9), draw.whole(2, 7)
    pots = [Potting(scene, radius, pot_form(draw)) for _ in range(draw.pick((1, 1, 2)))]
    pitch = 2 * radius * draw.pick((1.0, 1.03, 1.2))
    w, d = columns * pitch / 2, rows * pitch / 2
    labels = draw.pick((0.0, 0.05, 0.4))
    for i in range(columns):
        for j in range(rows):
            pot, at = draw.pick(pots), ((i + 0.5) * pitch - w, (j + 0.5) * pitch - d, 0.0)
            pot.stand(at, rng.normal(0, 0.05), not draw.chance(0.15))
            if draw.chance(labels):
                label(scene, (at[0], at[1], pot.level), radius * 0.8)
            if draw.chance(0.05):
                stub(scene, at[:2], pot.level, radius * 0.5)
    frame(scene, w, d, pots[0].height, pitch)
    scene.reach = (w, d, pots[0].height)
    return View()


def empty_planter(scene: Scene) -> View:
    """A planter of grit, perhaps with moss, stones and labels."""
    draw = scene.draw
    radius = draw.between(6, 12)
    pot, _ = planter(scene, radius, draw.pick((1.0, 1.6, 2.5)),
                     draw.pick(("grit", "coarse", "mixed", "peat")))
    if draw.chance(0.5):
        stones(scene, (0, 0), pot.level, radius * 0.5, 1.2, draw.whole(5, 30))
    if draw.chance(0.3):
        moss(scene, (0, 0), pot.level, radius * 0.4)
    scene.reach = (pot.width, radius, pot.height)
    return View(fill=(0.5, 1.1))


def wall(scene: Scene) -> View:
    """Planks, shelves or a wall, with bright spots and knots but no plants."""
    draw, rng = scene.draw, scene.draw.rng
    for k in range(draw.whole(2, 9)):
        mesh = Mesh()
        box(mesh, (0, 0, 0), (60, rng.uniform(3, 9), rng.uniform(0.8, 2.5)), bevel=0.2)
        scene.put(mesh, scene.photo(("planks", "dark_wood", "wood_table", "plastic"), rng.uniform(14, 40),
                                    rough=0.6),
                  at=(rng.normal(0, 8), (k - 4) * 8 + rng.normal(0, 1), rng.uniform(0.5, 2)),
                  turn=(0, 0, rng.normal(0, 0.03)), smooth=False)
    scene.reach = (16, 14, 2)
    return View(fill=(0.6, 1.3))


def ground_only(scene: Scene) -> View:
    """Soil, gravel, weeds, moss."""
    draw, rng = scene.draw, scene.draw.rng
    reach = draw.between(8, 20)
    soil, materials = ground(scene, reach * 1.6, 8.0, 1.3, 1, None, 2.0)[0]
    scene.put(soil, *materials, at=(0, 0, 0.5))
    for _ in range(draw.whole(0, 9)):
        draw.pick((weeds, stones))(scene, rng.uniform(-reach, reach, 2), 0.5)
    if draw.chance(0.4):
        moss(scene, rng.uniform(-0.5, 0.5, 2) * reach, 0.5, reach * 0.3)
    scene.reach = (reach, reach * 0.8, 2)
    return View(fill=(0.6, 1.1), floors=("soil", "gravel"), floor_at=-1.0)


def workbench(scene: Scene) -> View:
    """Tools, hands, balls, saucers, coloured boxes on a table."""
    draw, rng = scene.draw, scene.draw.rng
    for _ in range(draw.whole(2, 5)):
        scatter(scene, 14, 0.0, 6)
    if draw.chance(0.4):
        hand(scene, rng.uniform(-8, 8, 2), rng.uniform(2, 6))
    if draw.chance(0.2):
        boot(scene, rng.uniform(-12, 12, 2), 0.0, rng.uniform(0, 2 * math.pi))
    if draw.chance(0.3):
        rods(scene, 15, 2)
    for _ in range(draw.whole(0, 4)):
        mesh = Mesh()
        box(mesh, (0, 0, 2), rng.uniform(3, 12, 3) * [1, 1, 0.4], bevel=0.2)
        scene.put(mesh, Plain(hsv(rng.uniform(0, 360), rng.uniform(0, 0.8), rng.uniform(0.1, 0.95)), 0.4),
                  at=(*rng.uniform(-14, 14, 2), 0), turn=(0, 0, rng.uniform(0, math.pi)), smooth=False)
    scene.reach = (15, 12, 4)
    return View(fill=(0.7, 1.2))


def empty_cells(scene: Scene) -> View:
    """A plug tray that was filled and not sown, or sown and nothing has come up."""
    return cells(scene, empty=1.0)


def sowing(scene: Scene) -> View:
    """Seeds on a table, tiles or soil, with tools, labels and a hand."""
    draw, rng = scene.draw, scene.draw.rng
    reach = draw.between(5, 14)
    for _ in range(draw.whole(1, 5)):
        seeds(scene, rng.uniform(-reach, reach, 2) * 0.6, 0.0, reach * rng.uniform(0.2, 0.7))
    if draw.chance(0.35):
        hand(scene, rng.uniform(-0.7, 0.7, 2) * reach, rng.uniform(1, 4))
    if draw.chance(0.3):
        trowel(scene, rng.uniform(-reach, reach, 2), 0.0)
    for _ in range(draw.pick((0, 0, 2, 5))):
        label(scene, (*rng.uniform(-reach, reach, 2), 0.0), draw.between(1.0, 2.5))
    scene.reach = (reach, reach * 0.8, 2)
    return View(top=0.6, fill=(0.6, 1.1), floors=("tiles", "plain", "wood", "concrete", "soil", "fabric"))


@layout("bare", 0.2)
def bare(scene: Scene) -> View:
    """One of the scenes above."""
    return scene.draw.pick((empty_pots, empty_pots, empty_planter, wall, ground_only, workbench, empty_cells,
                            empty_cells, sowing, bare_field))(scene)
