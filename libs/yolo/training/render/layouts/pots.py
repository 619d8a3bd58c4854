"""Pots: in rows and trays, wall to wall, loose on a table, and close by."""

from __future__ import annotations

import math

import numpy as np

from ..clutter import hand, label, stones
from ..colour import hsv
from ..containers import Form, Potting, bowl_form, pot_form
from ..materials import Plain
from ..mesh import Mesh, box
from ..plants import KINDS
from ..scene import Scene
from .planting import Disc, alone, bodies, choose, clear, models, often, plant_pot
from .registry import View, layout


def rows_of_pots(scene: Scene, spread: float = 1.0, boost: float = 1.0) -> View:
    """Pots in rows: in a tray or crate, or just close together."""
    draw, rng = scene.draw, scene.draw.rng
    radius = draw.between(2.5, 5.5)
    columns, rows = draw.whole(3, 10), draw.whole(3, 8)
    styles = draw.pick((1, 1, 1, 2, 3))
    form = pot_form(draw, draw.pick((2.0, 12.0, 14.0)))
    pots = [Potting(scene, radius, form) for _ in range(styles)]
    pitch = 2 * radius * draw.pick((1.0, 1.01, 1.04, 1.15)) * spread
    pool = models(scene, draw.whole(5, 12), detail=0.9 if columns < 6 else 0.65)
    empty = draw.pick((0, 0.04, 0.15, 0.4), (0.4, 0.3, 0.2, 0.1))
    several = draw.pick((0, 0.05, 0.9), (0.6, 0.25, 0.15))
    w, d = columns * pitch / 2, rows * pitch / 2
    loose = draw.pick((0.0, 0.02, 0.15)) * radius
    for i in range(columns):
        for j in range(rows):
            x, y = (i + 0.5) * pitch - w + rng.normal(0, loose
                                                      * 0.3), (j + 0.5) * pitch - d + rng.normal(0, loose
                                                              * 0.3)
            if not draw.chance(0.02):
                plant_pot(scene, pots[draw.whole(0, styles)], (x, y, 0.6), rng.normal(0, 0.04), pool, empty,
                          several, boost)
    frame(scene, w, d, pots[0].height, pitch)
    scene.reach = (w, d, pots[0].height)
    return View()


def frame(scene: Scene, w: float, d: float, height: float, pitch: float) -> None:
    """A tray or crate about pots, some with dividers, or nothing."""
    draw = scene.draw
    look = draw.pick(("none", "none", "tray", "crate", "crate"))
    if look == "none":
        return
    t, h = (1.2, height * draw.between(0.6, 1.15)) if look == "crate" else (0.4, height
            * draw.between(0.3, 0.9))
    w2, d2 = w + t / 2 + 0.3, d + t / 2 + 0.3
    mesh = Mesh()
    box(mesh, (0, 0, 0.25), (2 * w2, 2 * d2, 0.5))
    for s in (-1, 1):
        box(mesh, (s * w2, 0, h / 2), (t, 2 * d2 + t, h), bevel=0.12 * t)
        box(mesh, (0, s * d2, h / 2), (2 * w2 - t, t, h), bevel=0.12 * t)
    if draw.chance(0.25):
        for k in range(1, max(int(2 * w / pitch), 1), draw.whole(1, 4)):
            box(mesh, (k * pitch - w, 0, 0.45 * h), (0.3, 2 * d2, 0.9 * h))
    wood = scene.photo(("planks", "dark_wood", "wood_table"), 22, rough=0.75)
    material = wood if look == "crate" else Plain(hsv(220, 0.1, draw.rng.uniform(0.06, 0.5)), 0.4)
    scene.put(mesh, material, smooth=False)


@layout("grid", 0.17)
def grid(scene: Scene) -> View:
    """Pots in rows."""
    return rows_of_pots(scene)


@layout("carpet", 0.07)
def carpet(scene: Scene) -> View:
    """Small pots wall to wall, plants wider than their pots."""
    return rows_of_pots(scene, scene.draw.between(0.98, 1.0), scene.draw.between(1.15, 1.5))


@layout("loose", 0.13)
def loose(scene: Scene) -> View:
    """Pots of several sizes standing about on a table."""
    draw, rng = scene.draw, scene.draw.rng
    reach = draw.between(14, 32)
    styles = [Potting(scene, draw.between(2.5, 6.5), bowl_form(draw) if draw.chance(0.2) else pot_form(draw))
              for _ in range(draw.whole(3, 6))]
    pool = models(scene, draw.whole(6, 13), detail=0.85)
    placed: list[Disc] = []
    gap = draw.pick((1.02, 1.1, 1.25, 1.6))
    for _ in range(draw.whole(60, 260)):
        pot = draw.pick(styles)
        x, y = rng.uniform(-reach, reach), rng.uniform(-reach * 0.75, reach * 0.75)
        need = pot.radius * (1.2 if pot.form.corners > 3 else 1)
        if clear(placed, x, y, need, gap):
            placed.append((x, y, need))
            plant_pot(scene, pot, (x, y, 0), rng.uniform(0, 6.28), pool, draw.pick((0, 0.1)), 0.12)
    scene.reach = (reach, reach * 0.75, 6)
    return View(fill=(0.6, 1.1))


MANY_STEMMED = ("jade", "flaming_katy", "fingers", "cushion", "cluster", "opuntia", "echinopsis", "aeonium",
                "necks", "beans",
                "crown_of_thorns", "epiphyllum", "armed", "stacked", "semp_mat", "panda", "crested",
                "rebutia", "crassula_bloom")
"""Large plants whose parts a network takes for plants."""


@layout("near", 0.3)
def near(scene: Scene) -> View:
    """One to a few large plants close by, some cut off at the border, others out of focus behind."""
    draw = scene.draw
    radius = draw.between(3.5, 7)
    kinds = choose(draw, draw.pick(("cacti", "succulents", "mixed")))
    if draw.chance(0.45):
        kinds = [KINDS[name] for name in MANY_STEMMED]
    count = draw.pick((1, 1, 2, 3, 4, 6, 8))
    placed: list[Disc] = []
    step = draw.pick((1.03, 1.15, 1.5))
    for i in range(count):
        r = radius * draw.rng.uniform(0.7, 1.25)
        for k in range(400):
            a, far = k * 2.4 + i, 0.12 * radius * k * (i > 0)
            x, y = far * math.cos(a), far * math.sin(a)
            if clear(placed, x, y, r, step):
                placed.append((x, y, r))
                near_pot(scene, (x, y, 0), r, kinds)
                break
    shown = radius * draw.pick((0.55, 0.7, 0.85, 1.1, 1.7)) * (1 if count < 3 else 1.2)
    scene.reach = (shown, shown, radius * 1.5)
    return View(top=0.4, low=(25, 78), fill=(0.9, 1.25), lens=(30, 75), aim=0.15 if count > 1 else 0.08,
                blur=0.45)


def near_pot(scene: Scene, at, radius: float, kinds: list) -> None:
    """A pot with one large plant or with several bodies, all fine enough to be seen close by."""
    draw = scene.draw
    shallow = draw.chance(0.25)
    pot = Potting(scene, radius, bowl_form(draw) if shallow else pot_form(draw), variants=1)
    container = pot.stand(at, draw.rng.uniform(0, 6.28))
    here = (at[0], at[1], at[2])
    if draw.chance(0.3):
        clumping = [k for k in kinds if k.clumps] or kinds
        pool = models(scene, draw.whole(1, 4), detail=0.9, variants=3,
                      kinds=[often(draw, clumping)] if draw.chance(0.6) else clumping)
        bodies(scene, pot, here, container, pool, draw.pick((2, 3, 4, 5, 7, 12)))
    else:
        model = models(scene, 1, detail=1.25, variants=1, kinds=kinds)[0]
        alone(scene, pot, here, container, model, draw.between(1.0, 1.25))
    if draw.chance(0.05):
        hand(scene, (at[0] + 1.2 * radius, at[1]), pot.height * 0.6, radius * 1.6)
    if draw.chance(0.12):
        label(scene, (at[0] + 0.7 * pot.inner, at[1], pot.level), pot.inner * draw.between(0.4, 0.8))
    if draw.chance(0.15):
        stones(scene, at, pot.level, pot.inner * 0.4, pot.inner * 0.15, draw.whole(2, 9))


@layout("dish", 0.06)
def dish(scene: Scene) -> View:
    """A bowl planted with several different plants and a few stones: each body is one."""
    draw, rng = scene.draw, scene.draw.rng
    radius = draw.between(7, 13)
    for i in range(draw.pick((1, 1, 1, 2, 3))):
        at = (i * radius * 2.3 * math.cos(i), i * radius * 2.3 * math.sin(i), 0)
        form = Form(draw.pick((2.0, 2.0, 10.0)), draw.pick((1.0, 1.0, 1.5)), height=draw.between(0.4, 0.8),
                    foot=0.7, lip=0.03, drop=0.08,
                    level=draw.between(0.05, 0.15), wall=0.05)
        pot = Potting(scene, radius, form, kind="bowl", variants=1)
        container = pot.stand(at, rng.uniform(0, 6.28))
        pool = models(scene, draw.whole(3, 8), "mixed", detail=0.9, variants=2)
        bodies(scene, pot, at, container, pool, draw.whole(3, 14))
        if draw.chance(0.5):
            stones(scene, at, pot.level, radius * 0.35, radius * 0.12, draw.whole(2, 12))
    scene.reach = (radius * 1.25, radius * 1.1, radius * 0.8)
    return View(top=0.45, fill=(0.75, 1.15))


@layout("bench", 0.08)
def bench(scene: Scene) -> View:
    """A greenhouse bench that runs away from the camera: near plants large, far ones small and hazy."""
    draw, rng = scene.draw, scene.draw.rng
    radius = draw.between(3, 5)
    columns, rows = draw.whole(4, 8), draw.whole(9, 20)
    styles = [Potting(scene, radius, pot_form(draw)) for _ in range(draw.pick((1, 1, 2)))]
    pitch = 2 * radius * draw.pick((1.02, 1.1, 1.3))
    kinds = choose(draw)
    fine, coarse = models(scene, 5, detail=0.8, kinds=kinds), models(scene, 6, detail=0.4, kinds=kinds)
    empty, w = draw.pick((0.0, 0.05, 0.2)), columns * pitch / 2 + 1
    near = -draw.between(0.5, 0.8) * w  # the camera looks at the origin from before the bench
    for j in range(rows):
        for i in range(columns):
            at = ((i + 0.5 - columns / 2) * pitch + rng.normal(0, 0.1),
                  near + (j + 0.5) * pitch + rng.normal(0, 0.1), 0.0)
            pool = fine if j < 4 else coarse
            plant_pot(scene, draw.pick(styles), at, rng.uniform(-0.1, 0.1), pool, empty, 0.06)
    mesh = Mesh()
    for side in (-1, 1):
        box(mesh, (side * w, near + rows * pitch / 2, 1.0), (0.8, rows * pitch + 2, 2.5), bevel=0.1)
    scene.put(mesh, Plain(hsv(210, 0.03, rng.uniform(0.4, 0.8)), 0.4, metallic=draw.pick((0.0, 0.8))),
              smooth=False)
    scene.haze = draw.pick((0.0, 0.0, rng.uniform(0.05, 0.35)))
    scene.reach = (w, w, radius)
    return View(top=0.0, low=(16, 36), fill=(0.6, 0.95), lens=(24, 40), aim=0.1, blur=0.3)


@layout("shelf", 0.06)
def shelf(scene: Scene) -> View:
    """A rack in a shop, seen from the front: rows of pots on boards, price tags on their edges."""
    draw, rng = scene.draw, scene.draw.rng
    radius = draw.between(2.5, 5)
    styles = [Potting(scene, radius * rng.uniform(0.85, 1.1), pot_form(draw))
              for _ in range(draw.whole(1, 4))]
    pool = models(scene, draw.whole(6, 12), detail=0.7)
    boards, rows = draw.whole(1, 4), draw.whole(2, 4)
    pitch = 2.2 * radius * draw.pick((1.0, 1.08, 1.3))
    columns = draw.whole(4, 9)
    w, gap = columns * pitch / 2, radius * draw.between(3.6, 5.6)
    wood, planks = scene.photo(("planks", "dark_wood", "wood_table", "plastic"), 24, rough=0.6), Mesh()
    for k in range(boards):
        z = k * gap
        box(planks, (0, 0, z - 0.5), (2 * w + 4, rows * pitch + 3, 1.0), bevel=0.1)
        for i in range(columns):
            for j in range(rows):
                at = ((i + 0.5) * pitch - w, (j + 0.5 - rows / 2) * pitch, z)
                if not draw.chance(0.06):
                    plant_pot(scene, draw.pick(styles), at, rng.uniform(0, 6.28), pool, 0.04, 0.06)
        price_tags(scene, w, -(rows * pitch + 3) / 2, z, radius)
    for side in (-1, 1):
        box(planks, (side * (w + 2.4), 0, boards * gap / 2), (0.8, rows * pitch + 3, boards * gap + 2),
            bevel=0.1)
    scene.put(planks, wood, smooth=False)
    wall = Mesh()
    box(wall, (0, rows * pitch / 2 + 3 + rng.uniform(0, 8), boards * gap / 2), (8 * w, 1.0, boards * gap * 6))
    scene.put(wall, Plain(hsv(rng.uniform(0, 360), rng.uniform(0, 0.25), rng.uniform(0.2, 0.95)), 0.7, 0.05,
                          0.1, scale=0.05), smooth=False)
    scene.reach = (w, rows * pitch / 2, (boards - 0.4) * gap)
    return View(top=0.0, low=(4, 26), fill=(0.45, 0.8), lens=(30, 60), scatter=False,
                floor_at=-draw.pick((1.0, 30.0)))


def price_tags(scene: Scene, w: float, y: float, z: float, radius: float) -> None:
    """Paper tags along the front edge of a board."""
    draw, rng, tags = scene.draw, scene.draw.rng, Mesh()
    for x in np.arange(-w, w, 2.2 * radius * rng.uniform(1, 3)):
        if draw.chance(0.5):
            box(tags, (x, y - 0.1, z - 0.4), (radius * 0.9, 0.08, 1.6))
    if tags.count:
        scene.put(tags, Plain(hsv(draw.pick((50, 55, 0)), draw.pick((0.03, 0.7)), 0.95), 0.5, 0.03, 0.05),
                  smooth=False)
