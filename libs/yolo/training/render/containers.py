"""Pots, bowls, planters and cell trays, and the soil and grit in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .colour import GRIT, PEAT, PERLITE, SOIL, hsv
from .materials import Material, Plain, Skin
from .maths import TURN, inside, spin, waves
from .mesh import BALL0, BALL1, Mesh, loft, lumps, outline
from .profile import Draw
from .scene import Scene


def pot_material(scene: Scene, look: str) -> Material:
    """What pots are made of, by name."""
    rng = scene.draw.rng
    plastic = dict(rough=rng.uniform(0.25, 0.55), mottle=0.08, dirt=rng.uniform(0.05, 0.35))
    match look:
        case "black" | "anthracite":
            return Plain(hsv(220, 0.1, rng.uniform(0.07, 0.16) if look == "black"
                             else rng.uniform(0.18, 0.26)), **plastic)
        case "clay":
            return Plain(hsv(rng.uniform(10, 20), rng.uniform(0.5, 0.68), rng.uniform(0.55, 0.8)), 0.85, 0.16,
                         rng.uniform(0.1, 0.7), bump=0.2)
        case "terracotta":
            return Plain(hsv(rng.uniform(15, 26), rng.uniform(0.35, 0.5), rng.uniform(0.6, 0.85)), 0.85, 0.2,
                         rng.uniform(0.1, 0.5), bump=0.2)
        case "brown":
            return Plain(hsv(rng.uniform(2, 16), rng.uniform(0.55, 0.75), rng.uniform(0.3, 0.55)), **plastic)
        case "grey" | "taupe":
            return Plain(hsv(210 if look == "grey" else 35, 0.08 if look == "grey" else 0.15,
                             rng.uniform(0.25, 0.65)), **plastic)
        case "white":
            return Plain(hsv(50, 0.05, rng.uniform(0.8, 0.95)), **plastic)
        case "green":
            return Plain(hsv(rng.uniform(120, 170), 0.5, rng.uniform(0.15, 0.4)), **plastic)
        case "gaudy":
            return Plain(hsv(rng.uniform(0, 360), rng.uniform(0.5, 0.85), rng.uniform(0.4, 0.9)), **plastic)
        case "glazed":
            return Plain(hsv(rng.uniform(0, 360), rng.uniform(0.05, 0.5), rng.uniform(0.15, 0.9)), 0.12, 0.25,
                         0.1, scale=0.25)
        case "coir":
            return Plain(hsv(rng.uniform(18, 32), rng.uniform(0.35, 0.55), rng.uniform(0.5, 0.75)), 0.95, 0.4,
                         0.2, scale=1.5, bump=0.8, speckle=0.5)
        case "stoneware":
            return Plain(hsv(rng.uniform(30, 50), 0.12, rng.uniform(0.5, 0.85)), 0.3, 0.1, 0.1, speckle=0.35)
        case "cement":
            return scene.photo(("concrete",), rng.uniform(8, 20), rough=0.9)
        case "terrazzo":
            return scene.photo(("terrazzo",), rng.uniform(8, 16), rough=0.4)
        case "tin":
            return Plain(hsv(210, 0.03, rng.uniform(0.55, 0.8)), rng.uniform(0.25, 0.45), 0.2, 0.2,
                         metallic=0.9)
    raise ValueError(f"no pot is made of {look}")


@dataclass(frozen=True)
class Form:
    """Proportions of a pot: heights and lips in pot radii; corners 2 is round, 12 nearly square."""

    corners: float = 2.0
    aspect: float = 1.0
    height: float = 1.5
    foot: float = 0.76
    lip: float = 0.1
    drop: float = 0.25
    wall: float = 0.05
    level: float = 0.2
    belly: float = 0.0


def pot_form(draw: Draw, corners: float | None = None) -> Form:
    """A random ordinary pot."""
    corners = corners or draw.pick((2.0, 2.0, 9.0, 14.0))
    return Form(corners, height=draw.between(1.1, 1.9), foot=draw.between(0.68, 0.85),
                lip=draw.pick((0.05, 0.09, 0.13)),
                drop=draw.between(0.1, 0.45), level=draw.between(0.08, 0.35),
                wall=0.05 if corners < 3 else 0.04)


def bowl_form(draw: Draw) -> Form:
    """A shallow dish, or a ball with an opening."""
    if draw.chance(0.6):
        return Form(draw.pick((2.0, 2.0, 8.0)), height=draw.between(0.45, 0.8), foot=draw.between(0.5, 0.75),
                    lip=0.03, drop=0.08, level=draw.between(0.06, 0.16), wall=0.06)
    return Form(2.0, height=draw.between(1.3, 1.7), foot=0.6, lip=0.0, drop=0.1, level=0.15, wall=0.08,
                belly=draw.between(0.2, 0.4))


def planter_form(draw: Draw, radius: float, aspect: float) -> Form:
    """A long or square box whose walls are as thick at any size."""
    return Form(draw.pick((10.0, 16.0)), aspect, height=draw.between(5, 9) / radius, foot=0.9,
                lip=draw.pick((0.0, 0.04)), drop=0.12,
                wall=0.5 / radius, level=draw.between(0.5, 2.0) / radius)


class Potting:
    """One style of pot with one kind of soil, in a few variants, of a given radius."""

    def __init__(self, scene: Scene, radius: float, form: Form, kind: str | None = None,
                 material: str | None = None,
                 soil: str | None = None, variants: int = 2) -> None:
        draw = scene.draw
        self.scene, self.radius, self.form = scene, radius, form
        self.kind = kind or ("planter" if form.aspect > 1 else "round pot" if form.corners < 3
                             else "square pot")
        self.material = material or draw.pick(draw.profile.pots)
        self.surface = pot_material(scene, self.material)
        self.height, self.level = form.height * radius, (form.height - form.level) * radius
        self.inner = radius * (1 - form.wall - 0.75 * form.lip)
        self.mesh = self._shell()
        self.fills = ground(scene, self.inner, form.corners, form.aspect, variants, soil)

    def _shell(self) -> Mesh:
        f, r, h = self.form, self.radius, self.height
        low, lip, drop, wall = f.foot * r, f.lip * r, min(f.drop * r, 0.4 * h), f.wall * r
        bulge = [((low + (r - lip - low) * k + f.belly * r * np.sin(np.pi * (0.15 + 0.85 * k))),
                  k * (h - drop)) for k in (0.25, 0.5, 0.75)]
        edge = 0.25 * wall
        profile = [(0.01, 0), (low - 2 * edge, 0), (low, 2 * edge), *bulge, (r - lip, h - drop),
                   (r - 0.15 * lip, h - drop + 0.15 * lip),
                   (r, h - drop + 0.5 * lip), (r, h - edge), (r - 0.3 * edge, h - 0.3 * edge), (r - edge, h),
                   (r - wall + edge, h),
                   (r - wall, h - edge), (r - wall - lip, self.level - 0.05 * r), (low - wall, 0.1 * h),
                   (0.01, 0.1 * h)]
        mesh = Mesh()
        loft(mesh, profile, f.corners, f.aspect, around=72)
        return mesh

    @property
    def width(self) -> float:
        """Half the pot's length along x."""
        return self.radius * self.form.aspect

    def stand(self, at, turn: float = 0.0, filled: bool = True) -> int:
        """Put a pot down; returns its container's index."""
        scene, rng, f = self.scene, self.scene.draw.rng, self.form
        line = outline(f.corners, f.aspect, 40)
        flat = line * self.radius + np.sign(line) * [(f.aspect - 1) * self.radius, 0]
        rim = np.c_[flat, np.full(len(flat), self.height)] @ spin(turn).T + at
        index = scene.contain(self.kind, self.material, rim)
        scene.put(self.mesh, self.surface, at=at, turn=(0, 0, turn), index=index)
        if filled:
            mesh, materials = self.fills[rng.integers(len(self.fills))]
            quarter = rng.integers(2) * TURN / 2 if f.aspect > 1 else rng.integers(4) * TURN / 4
            scene.put(mesh, *materials, at=(at[0], at[1], at[2] + self.level), turn=(0, 0, turn + quarter),
                      index=index)
        return index


SOILS = ("grit", "grit", "grit", "coarse", "mixed", "mixed", "peat", "peat", "bark")


def ground(scene: Scene, radius: float, corners: float, aspect: float, variants: int, look: str | None = None,
           heave: float = 1.0) -> list[tuple[Mesh, tuple[Material, ...]]]:
    """Discs of soil or grit: a rough floor with a photo texture, and loose grains on it."""
    draw, rng = scene.draw, scene.draw.rng
    look = look or draw.pick(SOILS)
    tones = {"peat": [PEAT, PEAT, SOIL[0], PERLITE], "bark": [((15, 30), (0.4, 0.6), (0.2, 0.45)), PEAT]}.get(
        look, [GRIT[i] for i in rng.choice(len(GRIT), draw.whole(1, 4))])
    grain = {"grit": draw.between(0.16, 0.36), "coarse": draw.between(0.35, 0.8),
             "mixed": draw.between(0.12, 0.3),
             "peat": draw.between(0.07, 0.16),
             "bark": draw.between(0.3, 0.7)}[look] * (1 if radius < 5.5 else 1.3)
    cover = {"grit": 1.4, "coarse": 1.5, "mixed": 0.6, "peat": 0.45, "bark": 1.3}[look]
    count = int(min(cover * 4 * radius * radius * aspect / grain**2, 9000 if radius < 15 else 16000))
    base = draw.colour(SOIL[:2] if look != "peat" else SOIL[:1])
    stone = Skin(rough=0.9, bump=0.3, bump_scale=3.0, grain=0.3, grain_scale=2.5, hue=0.0, value=0.0)
    photo = scene.photo(("ground", "rocks", "gravel"), rng.uniform(4, 9), tint=base * 2.0, rough=0.95,
                        bump=0.8)
    return [(_fill(draw, radius, corners, aspect, count, grain, tones, look, heave), (stone, photo))
            for _ in range(variants)]


def _fill(draw: Draw, radius, corners, aspect, count, grain, tones, look, heave) -> Mesh:
    rng, mesh = draw.rng, Mesh()
    # many small plants stand on wide grounds, and must neither sink in nor float: those are nearly flat
    wide = radius > 6
    seed, dome = draw.seed(), 0.0 if wide or aspect > 1 else 0.03 * radius * rng.normal()
    swell = (0.1 if wide else 0.2 * min(1, radius / 3)) * heave

    def relief(flat: np.ndarray) -> np.ndarray:
        """How high the ground is: small waves, and a mound or hollow in the middle."""
        middle = 1 - np.minimum(np.hypot(flat[:, 0] / aspect, flat[:, 1]) / radius, 1)
        return swell * waves(flat, max(1.6, radius / 5), seed) + dome * middle

    q = inside(rng, count, radius - 0.5 * grain, corners, aspect)
    palette = np.array([draw.colour(tones) for _ in range(40)])
    size = grain * 0.6 * np.exp(rng.normal(-0.1, 0.4 if look != "peat" else 0.6, count)).clip(0.35, 2.2)
    flat = np.c_[q, np.zeros(count)]
    z = relief(flat) + rng.uniform(-0.15, 0.4, count) * grain
    squash = (0.15, 0.5) if look == "bark" else (0.55, 0.95)
    lumps(mesh, np.c_[q, z], size, palette[rng.integers(40, size=count)] * rng.uniform(0.65, 1.2, (count, 1)),
          rng, 0.16, squash, shape=BALL1 if count < 1800 and grain > 0.2 else BALL0)
    rings = int(np.clip(radius * 4, 14, 60))
    floor = Mesh()
    loft(floor, [(radius * (1 - k / rings) + 0.01, 0) for k in range(rings + 1)], corners, aspect, around=96,
         material=1)
    v = floor.vertices()
    v[:, 2] += relief(v)
    mesh.join(floor.reshape(v))
    return mesh
