"""Things that are no plants: labels, hoses, stones, tools, hands, boards, litter, moss, dead stubs."""

from __future__ import annotations

import math

import numpy as np

from .colour import GRIT, hsv, mix
from .materials import Plain, Skin
from .maths import TURN, unit
from .mesh import BALL2, Mesh, ball, box, grid_faces, loft, lumps, spikes, tube
from .scene import Scene

STONE = Skin(rough=0.85, bump=0.4, bump_scale=2.0, grain=0.25, grain_scale=2.0, hue=0.0, value=0.0)
LITTER = Skin(rough=0.8, bump=0.3, bump_scale=2.0, grain=0.3, grain_scale=2.0, hue=0.0, value=0.0,
              translucent=0.1)
BALL3 = ball(3)


def label(scene: Scene, at, size: float) -> None:
    """A plastic label stuck in the soil, with scribble."""
    draw, rng = scene.draw, scene.draw.rng
    w, h = size * rng.uniform(0.25, 0.5), size * rng.uniform(1.0, 2.4)
    plate, ink = Mesh(), Mesh()
    box(plate, (0, 0, h * 0.3), (w, 0.08, h))
    for k in range(draw.whole(0, 6)):
        box(ink, (rng.normal(0, w * 0.05), -0.05, h * (0.7 - 0.11 * k)),
            (w * rng.uniform(0.4, 0.8), 0.02, h * 0.025))
    colour = hsv(50, 0.03, 0.95) if draw.chance(0.6) else hsv(rng.choice((52, 200, 340, 110, 25)), 0.5, 0.9)
    turn = (rng.normal(-0.3, 0.3), rng.normal(0, 0.2), rng.uniform(0, TURN))
    scene.put(plate, Plain(colour, 0.35, 0.03, 0.1), at=at, turn=turn, smooth=False)
    if ink.count:
        scene.put(ink, Plain(np.array([0.01, 0.01, 0.03]), 0.6, 0, 0), at=at, turn=turn, smooth=False)


def hose(scene: Scene, reach: float, z: float) -> None:
    """A hose or cable lying about."""
    draw, rng = scene.draw, scene.draw.rng
    t = np.linspace(-1, 1, 60)
    y = rng.uniform(-0.7, 0.7) * reach + reach * 0.3 * np.sin(t * rng.uniform(1, 4) + rng.uniform(0, 6))
    r = draw.pick((0.25, 0.4, 0.9))
    mesh = Mesh()
    tube(mesh, np.stack([t * reach * 1.6, y, np.full(60, z + r)], -1), r, (1, 1, 1), 10)
    colours = [((100, 150), (0.5, 0.8), (0.2, 0.5)), ((0, 360), (0, 0.05), (0.05, 0.15)),
               ((40, 55), (0.7, 0.9), (0.7, 0.9)),
               ((200, 220), (0.6, 0.8), (0.3, 0.6))]
    scene.put(mesh, Plain(draw.colour(colours), 0.35), turn=(0, 0, rng.uniform(0, TURN)))


def stones(scene: Scene, at, z: float, spread: float = 5.0, largest: float = 2.0,
  count: int | None = None) -> None:
    """Pebbles to cobbles about a place."""
    draw, rng = scene.draw, scene.draw.rng
    n = count or draw.whole(1, 12)
    mesh = Mesh()
    tint = [draw.colour(GRIT) for _ in range(n)]
    size = rng.uniform(0.2 * largest, largest, n)
    lumps(mesh, np.c_[rng.normal(at[0], spread, n), rng.normal(at[1], spread, n), z + 0.3 * size], size, tint,
          rng, 0.1, (0.5, 0.9), shape=BALL2)
    scene.put(mesh, STONE)


def marble(scene: Scene, at, z: float) -> None:
    """A smooth ball: as round as a cactus."""
    rng = scene.draw.rng
    r = rng.uniform(0.8, 3.5)
    mesh = Mesh()
    mesh.add(BALL3[0] * r, BALL3[1], (1, 1, 1))
    colour = hsv(rng.uniform(0, 360), rng.uniform(0, 0.9), rng.uniform(0.2, 0.95))
    scene.put(mesh, Plain(colour, rng.uniform(0.1, 0.7), speckle=rng.choice((0, 0.5))), at=(*at, z + r))


def saucer(scene: Scene, at, z: float) -> None:
    """A saucer without a pot."""
    rng = scene.draw.rng
    r = rng.uniform(3, 8)
    mesh = Mesh()
    loft(mesh, [(0.01, 0.1), (r * 0.9, 0.1), (r, 1.2), (r * 0.96, 1.2), (r * 0.86, 0.35), (0.01, 0.35)], 2)
    scene.put(mesh, Plain(hsv(rng.choice((14, 14, 210, 50)), rng.uniform(0.05, 0.6), rng.uniform(0.1, 0.9)),
                          0.6), at=(*at, z))


def board(scene: Scene, at, z: float) -> None:
    """A piece of wood, plastic or cloth."""
    rng = scene.draw.rng
    mesh = Mesh()
    box(mesh, (0, 0, z + 0.5), (rng.uniform(5, 25), rng.uniform(2, 9), 1.0), bevel=0.15)
    scene.put(mesh, scene.photo(("planks", "plastic", "fabric"), 14, rough=0.6), at=(*at, 0),
              turn=(0, 0, rng.uniform(0, math.pi)), smooth=False)


def litter(scene: Scene, at, z: float) -> None:
    """Fallen leaves, chips and crumbs."""
    draw, rng = scene.draw, scene.draw.rng
    n = draw.whole(4, 40)
    mesh = Mesh()
    tint = hsv(rng.uniform(15, 50), 0.5, rng.uniform(0.25, 0.6)) * rng.uniform(0.6, 1.2, (n, 1))
    lumps(mesh, np.c_[rng.normal(at[0], 8, n), rng.normal(at[1], 8, n), np.full(n, z + 0.1)],
          rng.uniform(0.3, 1.4, n), tint, rng, 0.3, (0.1, 0.4))
    scene.put(mesh, LITTER)


def weeds(scene: Scene, at, z: float, reach: float = 2.0, tufts: int | None = None) -> None:
    """Tufts of grass blades: green, but nothing that is counted."""
    draw, rng = scene.draw, scene.draw.rng
    mesh = Mesh()
    for _ in range(tufts or draw.whole(1, 6)):
        n = draw.whole(5, 26)
        foot = np.r_[rng.normal(0, reach, 2), 0.0]
        direction = np.stack([rng.normal(0, 0.6, n), rng.normal(0, 0.6, n), np.ones(n)], -1)
        green = hsv(rng.uniform(65, 110), rng.uniform(0.3, 0.6),
                    rng.uniform(0.25, 0.6)) * rng.uniform(0.7, 1.2, (n, 1))
        spikes(mesh, foot + rng.normal(0, 0.12, (n, 3)) * [1, 1, 0], direction, rng.uniform(0.6, 2.4, n),
               0.05, green, green * 1.2, 0.5, rng)
    scene.put(mesh, LITTER, at=(*at, z))


def moss(scene: Scene, at, z: float, reach: float) -> None:
    """A low green film with cushions."""
    draw, rng = scene.draw, scene.draw.rng
    n = draw.whole(40, 260)
    p = np.c_[rng.normal(0, reach, (n, 2)), np.full(n, -0.02)]
    mesh = Mesh()
    tint = hsv(rng.uniform(70, 100), rng.uniform(0.4, 0.7), rng.uniform(0.2, 0.45)) * rng.uniform(0.6, 1.3,
            (n, 1))
    lumps(mesh, p, reach * rng.uniform(0.02, 0.09, n), tint, rng, 0.3, (0.3, 0.6))
    scene.put(mesh, LITTER, at=(*at, z))


def stub(scene: Scene, at, z: float, size: float) -> None:
    """A dead brown plant: a shrivelled heap that is not counted."""
    draw, rng = scene.draw, scene.draw.rng
    n = draw.whole(8, 40)
    mesh = Mesh()
    direction = np.stack([rng.normal(0, 1, n), rng.normal(0, 1, n), np.abs(rng.normal(0.3, 0.4, n))], -1)
    tint = hsv(rng.uniform(20, 40), rng.uniform(0.25, 0.5), rng.uniform(0.25, 0.55)) * rng.uniform(0.6, 1.2,
            (n, 1))
    spikes(mesh, np.zeros((n, 3)), direction, size * rng.uniform(0.3, 1, n), size * 0.07, tint, tint * 0.7,
           0.6, rng)
    scene.put(mesh, LITTER, at=(*at, z))


def trowel(scene: Scene, at, z: float) -> None:
    """A small shovel or fork with a handle."""
    draw, rng = scene.draw, scene.draw.rng
    steel, grip = Mesh(), Mesh()
    s = np.linspace(0, 1, 12)
    half = 1.9 * np.sqrt(np.clip(1 - ((s - 0.25) / 0.8) ** 4, 0.02, 1)) * np.clip((1 - s) * 3, 0.1, 1)
    for sign in (1, -1):
        y = np.linspace(-1, 1, 7)
        v = np.stack([np.broadcast_to(s[:, None] * 8, (12, 7)), half[:, None] * y,
                      0.5 * y**2 * half[:, None] + 0.05 * sign * np.ones((12, 7))], -1)
        steel.add(v, grid_faces(12, 7, closed=False), (1, 1, 1))
    tube(steel, [(0, 0, 0.1), (-2, 0, 0.6), (-4, 0, 1.0)], 0.25, (1, 1, 1))
    tube(grip, [(-4, 0, 1.0), (-6, 0, 1.1), (-9, 0, 1.0), (-11, 0, 0.9)], [0.55, 0.75, 0.7, 0.6], (1, 1, 1),
         12)
    turn = (0, 0, rng.uniform(0, TURN))
    scene.put(steel, Plain(hsv(210, 0.03, rng.uniform(0.4, 0.75)), 0.35, 0.2, 0.4, metallic=0.8),
              at=(*at, z + 0.2), turn=turn)
    colours = [((20, 35), (0.4, 0.6), (0.4, 0.65)), ((100, 150), (0.5, 0.8), (0.25, 0.5)),
               ((0, 15), (0.7, 0.9), (0.5, 0.8))]
    scene.put(grip, Plain(draw.colour(colours), 0.5), at=(*at, z + 0.2), turn=turn)


def hand(scene: Scene, at, z: float, size: float = 9.0) -> None:
    """A hand with five fingers, bare or gloved, from outside to a place."""
    draw, rng = scene.draw, scene.draw.rng
    skin = draw.colour([((14, 26), (0.3, 0.6),
                         (0.35, 0.9))]) if draw.chance(0.7) else hsv(rng.uniform(0, 360), rng.uniform(0, 0.7),
                                                                     rng.uniform(0.2, 0.8))
    mesh = Mesh()
    palm = BALL2[0] * [0.5, 0.42, 0.16] * size
    mesh.add(palm, BALL2[1], skin)
    curl = rng.uniform(0.1, 0.9)
    for k, (spread, length) in enumerate(((-0.45, 0.5), (-0.18, 0.62), (0.02, 0.66), (0.2, 0.62),
                                          (0.42, 0.48))):
        s = 1 - (1 - np.linspace(0, 1, 12)) ** 1.6  # close together at the tip, which is round
        bend = curl * s * 1.4
        heading = 1.1 * spread * (1.6 if k == 0 else 1)
        forward = np.cumsum(np.cos(bend) * np.gradient(s)) * length * size
        down = -np.cumsum(np.sin(bend) * np.gradient(s)) * length * size
        root = np.array([0.22 - 0.15 * (k == 0), spread * 0.72, 0.02]) * size
        path = root + np.stack([forward * math.cos(heading), forward * math.sin(heading), down], -1)
        tube(mesh, path, 0.085 * size * np.sqrt(np.clip(1 - s**6, 0, 1)),
             mix(skin, skin * [1.1, 0.85, 0.8], 0.4), 10)
    s = np.linspace(0, 1, 8)[:, None]
    tube(mesh, np.array([-0.3, 0, 0]) * size + s * np.array([-3.0, 0, 0.9]) * size,
         0.27 * size * (1 + 0.25 * s[:, 0]), skin, 14)
    inwards = math.atan2(-at[1], -at[0]) + rng.normal(0, 0.4)
    heading = inwards if abs(at[0]) + abs(at[1]) > 1 else rng.uniform(0, TURN)
    scene.put(mesh, Skin(rough=0.5, bump=0.1, grain=0.06, value=0.0, hue=0.0, subsurface=0.1), at=(*at, z),
              turn=(rng.normal(0, 0.2), rng.normal(0.1, 0.15), heading))


def boot(scene: Scene, at, z: float, heading: float) -> None:
    """A boot or shoe with the leg in it, which leans out of the picture."""
    draw, rng = scene.draw, scene.draw.rng
    long = rng.uniform(26, 31)
    s = np.linspace(0, 1, 14)
    foot, leg = Mesh(), Mesh()
    half = 4.9 * np.sqrt(np.clip(1 - np.abs(2 * s - 1) ** 5, 0.01, 1)) * (0.82 + 0.25 * s)
    tube(foot, np.c_[s * long, np.zeros(14), 3.6 + 2.2 * (1 - s) ** 2 - 0.6 * s], half * [0.95], (1, 1, 1), 20)
    top = rng.uniform(9, 24)
    tube(foot, [(5.5, 0, 4), (5, 0, 9), (4, 0, top)], [5.2, 5.0, 5.6], (1, 1, 1), 20)
    away = rng.uniform(-16, -2)
    tube(leg, [(4.2, 0, 0.75 * top), (3, 0, top + 3), (away, rng.normal(0, 4), top + rng.uniform(14, 24))],
         [6.2, 6.9, 8.5], (1, 1, 1), 20)
    leather = [((60, 110), (0.15, 0.4), (0.12, 0.3)), ((15, 35), (0.2, 0.6), (0.1, 0.45)),
               ((0, 360), (0, 0.08), (0.05, 0.25)), ((0, 360), (0.3, 0.8), (0.2, 0.7))]
    cloth = [((205, 225), (0.3, 0.6), (0.2, 0.55)), ((20, 100), (0.1, 0.4), (0.15, 0.5)),
             ((0, 360), (0, 0.1), (0.05, 0.4))]
    turn = (0, 0, heading)
    scene.put(foot, Plain(draw.colour(leather), rng.uniform(0.3, 0.7), 0.15, rng.uniform(0.1, 0.8)),
              at=(*at, z), turn=turn)
    scene.put(leg, Plain(draw.colour(cloth), 0.9, 0.2, 0.3, scale=0.3, bump=0.3), at=(*at, z), turn=turn)


def seeds(scene: Scene, at, z: float, spread: float = 6.0) -> None:
    """Seeds of one kind, strewn or in a heap: small, alike, and no plants yet."""
    draw, rng = scene.draw, scene.draw.rng
    n = draw.whole(6, 90)
    size = draw.between(0.12, 0.6)
    tint = draw.colour([((25, 48), (0.15, 0.5), (0.5, 0.9)), ((10, 30), (0.4, 0.7), (0.15, 0.5)),
                        ((60, 120), (0.1, 0.35), (0.35, 0.7)), ((0, 360), (0, 0.1), (0.04, 0.2))])
    mesh = Mesh()
    place = rng.uniform(-spread, spread, (n, 2)) if draw.chance(0.6) else rng.normal(0, spread * 0.4, (n, 2))
    lumps(mesh, np.c_[place, np.full(n, 0.3 * size)], size * rng.uniform(0.85, 1.15, n),
          tint * rng.uniform(0.75, 1.2, (n, 1)), rng, 0.04, (0.35, 0.8), shape=BALL2)
    scene.put(mesh, STONE, at=(*at, z))


def rods(scene: Scene, reach: float, z: float) -> None:
    """Canes, cables and strings across the picture."""
    rng = scene.draw.rng
    mesh = Mesh()
    for _ in range(scene.draw.whole(1, 4)):
        a, off = rng.uniform(0, TURN), rng.uniform(-0.8, 0.8, 2) * reach
        along = unit(np.array([math.cos(a), math.sin(a), rng.normal(0, 0.04)])) * reach * 2
        tube(mesh, np.linspace(-1, 1, 8)[:, None] * along + [off[0], off[1], z + rng.uniform(0.3, 1.5)],
             rng.uniform(0.1, 0.4), (1, 1, 1), 8)
    scene.put(mesh, Plain(hsv(rng.uniform(20, 60), rng.uniform(0, 0.5), rng.uniform(0.1, 0.7)), 0.6))


LOOSE = (stones, marble, saucer, board, litter, weeds, trowel)


def scatter(scene: Scene, reach: float, z: float, at_most: int = 5) -> None:
    """Some things that lie about, over the whole ground."""
    draw = scene.draw
    for _ in range(draw.whole(0, at_most + 1)):
        what, at = draw.pick(LOOSE), draw.rng.uniform(-reach, reach, 2)
        if scene.free(at, 4.0):
            what(scene, at, z)
    if draw.chance(0.2):
        hose(scene, reach, z)
    if draw.chance(0.08):
        rods(scene, reach, z + 2)
    if draw.chance(0.12):
        a = draw.rng.uniform(0, TURN)
        hand(scene, reach * 0.7 * np.array([math.cos(a), math.sin(a)]), z + draw.rng.uniform(4, 12))
