"""Planters, sown trays, beds, rafts, and plantations."""

from __future__ import annotations

import math

from ..clutter import label, moss, stones, weeds
from ..colour import hsv
from ..containers import Form, Potting, ground, planter_form
from ..light import OPEN
from ..materials import Plain
from ..mesh import Mesh, box, tube
from ..plants import of_family
from ..scene import Scene
from .planting import crowd, models, often
from .registry import View, layout


def planter(scene: Scene, radius: float, aspect: float, soil: str | None) -> tuple[Potting, int]:
    """A planter in the middle of the scene, and its container."""
    pot = Potting(scene, radius, planter_form(scene.draw, radius, aspect), kind="planter", soil=soil,
                  variants=1)
    return pot, pot.stand((0, 0, 0))


def labels_in(scene: Scene, w: float, d: float, z: float, share: float = 0.5) -> None:
    """A few labels, in some scenes."""
    if scene.draw.chance(share):
        for _ in range(scene.draw.whole(1, 4)):
            label(scene, (scene.draw.rng.uniform(-w, w), scene.draw.rng.uniform(-d, d), z), 2.0)


@layout("planter", 0.1)
def planter_of_plants(scene: Scene) -> View:
    """A long or square box of grit with a crowd of globes or rosettes, touching or not."""
    draw = scene.draw
    radius, aspect = draw.between(6, 12), draw.pick((1.0, 1.6, 2.5))
    pot, container = planter(scene, radius, aspect, None)
    mood = draw.pick(("one", "one", "cacti", "cacti", "echeveria_blue", "echeveria_green", "sempervivum",
                      "mammillaria", "gymnocalycium", "lithops", "haworthia", "succulents"))
    pool = models(scene, draw.whole(4, 8), mood, detail=0.6)
    w, d = pot.width - 1.2, radius - 1.2
    crowd(scene, pool, w, d, pot.level, draw.between(0.9, 2.4), draw.whole(12, 110), container)
    labels_in(scene, w, d, pot.level)
    scene.reach = (w + 2, d + 2, pot.height + 2)
    return View(fill=(0.55, 1.05))


TINY = ("globular", "mammillaria", "hooked", "powderpuff", "astrophytum", "lophophora", "gymnocalycium",
        "rebutia", "sprout", "lithops", "barrel")


@layout("globes", 0.1)
def tiny_globes(scene: Scene) -> View:
    """A planter full of tiny globes in coarse grit, the grains nearly as large as they are."""
    draw = scene.draw
    radius, aspect = draw.between(6, 11), draw.pick((1.0, 1.4, 2.0))
    pot, container = planter(scene, radius, aspect, draw.pick(("grit", "coarse", "coarse", "mixed")))
    kinds = [k for k in of_family("cactus", "seedling", "succulent") if k.name in TINY]
    kinds = [draw.pick(kinds) for _ in range(draw.pick((1, 1, 2, 4)))]
    pool = models(scene, draw.whole(4, 8), detail=0.42, kinds=kinds)
    w, d = pot.width - 0.9, radius - 0.9
    many = draw.whole(40, 190)
    size = draw.between(0.35, 0.75) * math.sqrt(4 * w * d / many) * 0.62
    crowd(scene, pool, w, d, pot.level + 0.15, size, many, container, draw.pick((0.9, 1.0, 1.05, 1.2, 1.6)),
          draw.pick((0.15, 0.3)))
    labels_in(scene, w, d, pot.level)
    scene.reach = (w + 1.5, d + 1.5, pot.height)
    return View(top=0.5, fill=(0.5, 1.0))


@layout("throng", 0.09)
def throng(scene: Scene) -> View:
    """Plants of uneven sizes over one another, mostly seen so low that each stands before the next."""
    draw = scene.draw
    radius, aspect = draw.between(7, 14), draw.pick((1.0, 1.0, 1.6))
    pot, container = planter(scene, radius, aspect, None)
    mood = draw.pick(("cacti", "cacti", "succulents", "mixed", "one", "leafy", "seedling"))
    pool = models(scene, draw.whole(5, 11), mood, detail=0.55)
    w, d = pot.width - 1.0, radius - 1.0
    many = draw.whole(40, 170)
    gap = draw.pick((0.7, 0.8, 0.9, 1.0))
    size = draw.between(0.75, 1.15) * math.sqrt(4 * w * d / many) * 0.62
    crowd(scene, pool, w, d, pot.level, size, many, container, gap, draw.pick((0.15, 0.3, 0.45)))
    labels_in(scene, w, d, pot.level, 0.3)
    scene.reach = (w + 1.5, d + 1.5, pot.height + size)
    return View(top=0.12, low=(14, 52), fill=(0.45, 0.95), blur=0.3)


@layout("sown", 0.05)
def sown(scene: Scene) -> View:
    """Weeks-old seedlings by the hundred in a tray of soil, some moss among them."""
    draw = scene.draw
    radius, aspect = draw.between(7, 12), draw.pick((1.0, 1.5, 2.0))
    pot, container = planter(scene, radius, aspect, draw.pick(("mixed", "peat", "grit")))
    pool = models(scene, draw.whole(4, 9), detail=0.35,
                  kinds=[often(draw, of_family("seedling"))] if draw.chance(0.7) else of_family("seedling"))
    w, d = pot.width - 0.9, radius - 0.9
    many = draw.whole(40, 230)
    crowd(scene, pool, w, d, pot.level, draw.between(0.3, 0.6) * math.sqrt(4 * w * d / many) * 0.6, many,
          container, draw.pick((0.9, 1.05, 1.3, 1.8)), 0.25)
    if draw.chance(0.4):
        moss(scene, draw.rng.normal(0, 0.4, 2) * (w, d), pot.level, 0.5 * d)
    labels_in(scene, w, d, pot.level, 0.3)
    scene.reach = (w + 1.5, d + 1.5, pot.height)
    return View(top=0.6, fill=(0.5, 1.0))


@layout("cells", 0.08)
def cells(scene: Scene, empty: float | None = None) -> View:
    """A plug tray with thin walls: one young plant a cell, some cells empty (a share `empty`), some double."""
    draw = scene.draw
    columns, rows, radius = draw.whole(4, 13), draw.whole(4, 10), draw.between(1.2, 2.6)
    round_cells = draw.chance(0.3)
    form = Form(2.0 if round_cells else draw.pick((8.0, 16.0)), height=draw.between(1.5, 2.4), foot=0.6,
                lip=0.0, drop=0.1, wall=0.06, level=draw.between(0.05, 0.4))
    pot = Potting(scene, radius, form, kind="tray cell", soil=draw.pick(("peat", "peat", "mixed", "grit")),
                  variants=4)
    pitch = 2 * radius * (1.12 if round_cells else draw.between(1.01, 1.1))
    family = draw.pick(("seedling", "seedling", "leafy", "one", "succulents"))
    pool = models(scene, draw.whole(6, 11), family, detail=0.55)
    empty = draw.pick((0.0, 0.05, 0.2, 0.4)) if empty is None else empty
    boost = draw.between(0.8, 1.5)
    w, d = columns * pitch / 2, rows * pitch / 2
    for i in range(columns):
        for j in range(rows):
            at = ((i + 0.5) * pitch - w, (j + 0.5) * pitch - d, 0.0)
            cell(scene, pot, at, pool, empty, boost)
    sheet = Mesh()
    thick, z = 0.12 * radius, pot.height - 0.06 * radius
    gap = pitch - 2 * radius
    for i in range(columns + 1):
        box(sheet, (i * pitch - w, 0, z - 0.02 * radius), (max(gap, 0.08), 2 * d + gap, thick))
    for j in range(rows + 1):
        box(sheet, (0, j * pitch - d, z), (2 * w + gap, max(gap, 0.08), thick))
    if round_cells:  # a floor between them, below their soil
        box(sheet, (0, 0, pot.level - 0.3 * radius), (2 * w + gap, 2 * d + gap, 0.2 * radius))
    scene.put(sheet, pot.surface, smooth=False)
    labels_in(scene, w, d, pot.level, 0.25)
    scene.reach = (w, d, pot.height)
    return View(top=0.6, fill=(0.65, 1.1))


def cell(scene: Scene, pot: Potting, at, pool, empty: float, boost: float) -> None:
    """One cell of a plug tray."""
    draw = scene.draw
    container = pot.stand(at)
    if draw.chance(empty):
        return
    for k in range(2 if draw.chance(0.03) else 1):
        model = draw.pick(pool)
        r = pot.inner * draw.between(0.5, 1.0) * boost * (0.5 if k
                                                          else 1) * (0.5 if model.kind.name == "sprout"
                                                                     else 1)
        x, y = draw.rng.normal(0, 0.12, 2) * pot.inner + k * 0.5 * pot.inner
        scene.plant(model, (at[0] + x, at[1] + y, pot.level - 0.05 * r), r, container)


@layout("bed", 0.06)
def bed(scene: Scene) -> View:
    """Plants in open ground or gravel, weeds among them."""
    draw, rng = scene.draw, scene.draw.rng
    reach = draw.between(14, 26)
    soil, materials = ground(scene, reach * 1.5, 8.0, 1.3, 1,
                             draw.pick(("mixed", "peat", "grit", "coarse", "bark")), 2.0)[0]
    scene.put(soil, *materials, at=(0, 0, 0.5))
    pool = models(scene, draw.whole(5, 10),
                  draw.pick(("mixed", "succulents", "sempervivum", "agave", "aloe", "leafy", "lettuce",
                             "seedling",
                                                      "cacti", "one", "wild_rosette")), detail=0.7)
    size = draw.between(1.3, 4.0)
    if draw.chance(0.35):
        in_rows(scene, pool, reach, size)
    else:
        crowd(scene, pool, reach * 1.15, reach, 0.5, size, draw.whole(15, 110))
    for _ in range(draw.pick((0, 0, 2, 6))):
        weeds(scene, rng.uniform(-reach, reach, 2), 0.5, 0.6)
    if draw.chance(0.3):
        stones(scene, rng.uniform(-reach, reach, 2) * 0.5, 0.5, reach * 0.5, 2.5)
    scene.reach = (reach, reach * 0.8, 4)
    return View(fill=(0.55, 1.0), moods=(*OPEN, "slats", "dapple"), floors=("soil", "gravel"), floor_at=-1.0)


def in_rows(scene: Scene, pool, reach: float, size: float) -> None:
    """Drilled rows, plants nearly touching along them."""
    draw, rng = scene.draw, scene.draw.rng
    step, between = size * draw.between(1.6, 2.6), size * draw.between(2.4, 4.5)
    for i in range(int(2 * reach / between)):
        for j in range(int(2.4 * reach / step)):
            if not draw.chance(0.08):
                at = (j * step - 1.2 * reach + rng.normal(0, 0.15 * size),
                      i * between - reach + rng.normal(0, 0.1 * size), 0.5)
                scene.plant(draw.pick(pool), at, size * rng.uniform(0.6, 1.15))


@layout("raft", 0.06)
def raft(scene: Scene) -> View:
    """Lettuce on floating boards or in gullies, from apart to touching."""
    draw, rng = scene.draw, scene.draw.rng
    pitch = draw.between(8, 14)
    columns, rows = draw.whole(4, 10), draw.whole(3, 8)
    white = Plain(hsv(50, 0.03, rng.uniform(0.75, 0.95)), 0.6, 0.06, 0.3)
    mesh, gullies = Mesh(), draw.chance(0.4)
    for i in range(columns):
        x = (i + 0.5 - columns / 2) * pitch
        if gullies:
            box(mesh, (x, 0, 0.5), (pitch * 0.45, rows * pitch * 1.3, 3.0), bevel=0.4)
        else:
            box(mesh, (x, 0, 0.5), (pitch * 0.985, rows * pitch * 1.05, 1.0), bevel=0.08)
    scene.put(mesh, white, smooth=False)
    z = 2.0 if gullies else 0.95
    pool = models(scene, draw.whole(5, 9),
                  draw.pick(("lettuce", "lettuce", "lettuce", "leafy", "seedling", "herb")), detail=0.75)
    size = pitch * draw.between(0.2, 0.66)
    holes = Mesh()
    for i in range(columns):
        model = draw.pick(pool)
        for j in range(rows):
            at = ((i + 0.5 - columns / 2) * pitch, (j + 0.5 - rows / 2 + 0.25 * (i % 2)) * pitch * 0.97, z)
            tube(holes, [(at[0], at[1], z - 0.4), (at[0], at[1], z + 0.06)], [2.0, 1.9], (1, 1, 1), 16)
            tube(holes, [(at[0], at[1], z + 0.06), (at[0], at[1], z + 0.07)], [1.9, 0.01], (1, 1, 1), 16)
            if draw.chance(0.06):
                continue
            scene.plant(draw.pick(pool) if draw.chance(0.4) else model, at, size * rng.uniform(0.7, 1.15))
    scene.put(holes, Plain(hsv(30, 0.3, rng.uniform(0.1, 0.4)), 0.8), smooth=False)
    scene.reach = (columns * pitch / 2, rows * pitch / 2, 4)
    return View(fill=(0.55, 1.0))


@layout("palms", 0.04)
def palms(scene: Scene) -> View:
    """A plantation from above: crowns in a triangle on grass and bare soil."""
    draw, rng = scene.draw, scene.draw.rng
    pitch, n = draw.between(14, 22), draw.whole(3, 7)
    pool = models(scene, 6, "palm", detail=0.8 if n < 4 else 0.5)
    size = pitch * draw.between(0.3, 0.6)
    tall = size * draw.between(0.3, 1.2)
    for i in range(-n, n + 1):
        for j in range(-n, n + 1):
            if not draw.chance(0.07):
                x = (i + 0.5 * (j % 2)) * pitch + rng.normal(0, pitch * 0.06)
                y = j * pitch * 0.87 + rng.normal(0, pitch * 0.06)
                scene.plant(draw.pick(pool), (x, y, tall - size * 0.9), size * rng.uniform(0.7, 1.15), None,
                            0.06)
    wild(scene, pitch * n, size)
    scene.reach = (pitch * n * 0.75, pitch * n * 0.7, size)
    return View(top=1.0, fill=(0.5, 1.1), floors=("grass",), moods=OPEN, scatter=False, blur=0.0)


def wild(scene: Scene, reach: float, size: float) -> None:
    """A track, bushes and tall grass between palms."""
    draw, rng = scene.draw, scene.draw.rng
    if draw.chance(0.5):
        track = Mesh()
        box(track, (0, 0, 0), (reach * 5, reach * rng.uniform(0.05, 0.12), 0.4))
        tint = hsv(35, 0.25, 0.9)
        scene.put(track, scene.photo(("ground", "coast_sand", "gravel"), 25, tint=tint, rough=0.95),
                  at=(*rng.uniform(-0.4, 0.4, 2) * reach, 0.0), turn=(0, 0, rng.uniform(0, 3)), smooth=False)
    for _ in range(draw.whole(0, 14)):
        weeds(scene, rng.uniform(-reach, reach, 2), 0.0, size * 0.3, 6)
