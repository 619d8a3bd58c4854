"""Appearances of single plants: drawn ones, and rosettes cut out of photos.

A sprite is a tightly cropped RGBA picture of one plant, its colours multiplied
by its coverage (so that shrinking and turning leave no fringe). Drawing is done at
twice the final size and shrunk, which gives soft edges. Everything is
deterministic for a given generator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

Rng = np.random.Generator
Colour = np.ndarray

SPRITE_SIZE = 224
_DRAW_SIZE = 2 * SPRITE_SIZE
# Kinds of plants that are not drawn.
CUT, RENDERED = "cut_rosette", "rendered"
_GOLDEN_ANGLE = np.pi * (3 - 5**0.5)


@dataclass(frozen=True)
class Sprite:
    """One plant appearance. `shape` says how it behaves under a tilted view.

    "flat" plants are squashed by the tilt, "round" ones look alike from all
    sides, "tall" ones are drawn from the side and only fit a tilted view.
    """

    rgba: np.ndarray
    shape: str
    kind: str = ""


class Canvas:
    """A picture with a coverage mask, drawn on with filled polygons."""

    def __init__(self, size: int = _DRAW_SIZE) -> None:
        self.size = size
        self.rgb = np.zeros((size, size, 3), np.uint8)
        self.mask = np.zeros((size, size), np.uint8)

    @property
    def centre(self) -> np.ndarray:
        return np.array((self.size / 2, self.size / 2))

    def polygon(self, points: np.ndarray, colour: Colour) -> None:
        pixels = np.round(points).astype(np.int32)
        cv2.fillPoly(self.rgb, [pixels], _tuple(colour))
        cv2.fillPoly(self.mask, [pixels], 255)

    def line(self, points: np.ndarray, colour: Colour, width: int) -> None:
        pixels = [np.round(points).astype(np.int32)]
        cv2.polylines(self.rgb, pixels, False, _tuple(colour), max(width, 1))
        cv2.polylines(self.mask, pixels, False, 255, max(width, 1))

    def disc(self, at: np.ndarray, radius: float, colour: Colour) -> None:
        centre = (int(round(at[0])), int(round(at[1])))
        cv2.circle(self.rgb, centre, max(int(round(radius)), 1), _tuple(colour), -1)
        cv2.circle(self.mask, centre, max(int(round(radius)), 1), 255, -1)

    def finish(self, rng: Rng, shape: str, grain: float = 0.06) -> Sprite:
        """Shade, add grain, shrink and crop."""
        noise = rng.normal(0, grain, (self.size // 8, self.size // 8, 1)).astype(np.float32)
        noise = cv2.resize(noise, (self.size, self.size))[..., None]
        fine = rng.normal(0, grain * 0.6, (self.size, self.size, 1)).astype(np.float32)
        lit = np.clip(self.rgb * (1 + noise + fine), 0, 255).astype(np.uint8)
        rgba = np.dstack((lit, self.mask))
        return Sprite(crop_to_mask(cv2.resize(rgba, None, fx=0.5, fy=0.5,
                                              interpolation=cv2.INTER_AREA)), shape)


def _tuple(colour: Colour) -> tuple[int, int, int]:
    r, g, b = np.clip(colour, 0, 255)
    return int(r), int(g), int(b)


def crop_to_mask(rgba: np.ndarray) -> np.ndarray:
    """Cut away empty borders."""
    ys, xs = np.nonzero(rgba[..., 3] > 40)
    return np.ascontiguousarray(rgba[ys.min():ys.max() + 1, xs.min():xs.max() + 1])


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """RGB 0..255 from hue in degrees and saturation and value in 0..1."""
    pixel = np.array([[[hue % 360 / 2, saturation * 255, value * 255]]])
    rgb = cv2.cvtColor(np.clip(pixel, 0, 255).astype(np.uint8), cv2.COLOR_HSV2RGB)
    return rgb[0, 0].astype(np.float32)


def leaf_green(rng: Rng) -> Colour:
    """A colour of ordinary leaves, yellow-green to dark green."""
    return hsv(rng.uniform(72, 135), rng.uniform(0.35, 0.85), rng.uniform(0.32, 0.85))


def succulent_colour(rng: Rng) -> Colour:
    """A colour of succulents: mostly greens, also glaucous, pink, purple and brown."""
    kind = rng.choice(5, p=(0.4, 0.3, 0.12, 0.1, 0.08))
    if kind == 0:
        return hsv(rng.uniform(75, 140), rng.uniform(0.2, 0.65), rng.uniform(0.35, 0.85))
    if kind == 1:
        return hsv(rng.uniform(130, 200), rng.uniform(0.08, 0.35), rng.uniform(0.45, 0.9))
    if kind == 2:
        return hsv(rng.uniform(-25, 25), rng.uniform(0.2, 0.55), rng.uniform(0.45, 0.9))
    if kind == 3:
        return hsv(rng.uniform(260, 330), rng.uniform(0.1, 0.45), rng.uniform(0.3, 0.75))
    return hsv(rng.uniform(15, 60), rng.uniform(0.25, 0.6), rng.uniform(0.3, 0.75))


def cactus_colour(rng: Rng) -> Colour:
    """A colour of cactus skin."""
    if rng.random() < 0.15:
        return hsv(rng.uniform(20, 70), rng.uniform(0.2, 0.5), rng.uniform(0.25, 0.6))
    return hsv(rng.uniform(75, 175), rng.uniform(0.15, 0.65), rng.uniform(0.22, 0.68))


@dataclass(frozen=True)
class LeafForm:
    """Outline of a leaf: where it is widest (0..1), how pointed, how long its stalk."""

    widest: float
    sharpness: float
    stalk: float = 0.0
    slimness: float = 0.3


def leaf_outline(form: LeafForm, length: float, squeeze: float = 1.0) -> np.ndarray:
    """Outline along +x from the origin."""
    t = np.linspace(0, 1, 16)
    bend = np.log(0.5) / np.log(np.clip(form.widest, 0.15, 0.9))
    half = np.sin(np.pi * t**bend) ** form.sharpness * form.slimness * length / 2 * squeeze
    along = length * (form.stalk + (1 - form.stalk) * t)
    if form.stalk > 0:
        stem = 0.035 * length * squeeze
        along = np.concatenate(((0.0,), along))
        half = np.concatenate(((stem,), np.maximum(half, stem)))
    upper = np.stack((along, half), 1)
    return np.concatenate((upper, upper[::-1] * (1, -1)))


def place(points: np.ndarray, at: np.ndarray, angle: float, curl: float = 0.0) -> np.ndarray:
    """Bend, rotate and move an outline."""
    reach = max(points[:, 0].max(), 1e-3)
    bent = points + np.stack((0 * points[:, 0], curl * points[:, 0] ** 2 / reach), 1)
    turn = np.array(((np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))))
    return bent @ turn + at


def draw_leaf(
    canvas: Canvas,
    form: LeafForm,
    at: np.ndarray,
    angle: float,
    length: float,
    colour: Colour,
    tip: Colour | None = None,
    curl: float = 0.0,
    rib: float = 0.0,
) -> None:
    """One leaf: dark rim, body, lighter heart, optional coloured tip and midrib."""
    for squeeze, shade, reach in ((1.0, 0.6, 1.0), (0.86, 0.9, 0.97), (0.55, 1.08, 0.92)):
        outline = place(leaf_outline(form, length * reach, squeeze), at, angle, curl)
        canvas.polygon(outline, colour * shade)
    if tip is not None:
        end = place(np.array(((0.9 * length, 0.0),)), at, angle, curl)[0]
        canvas.disc(end, 0.11 * form.slimness * length, tip)
    if rib:
        axis = np.stack((np.linspace(0, 0.9 * length, 6), np.zeros(6)), 1)
        canvas.line(place(axis, at, angle, curl), colour * rib, int(0.02 * length))


def seedling_rosette(rng: Rng) -> Sprite:
    """A leafy rosette with stalked leaves, from two seed leaves to a dozen leaves."""
    canvas = Canvas()
    colour = leaf_green(rng)
    count = int(rng.choice((2, 3, 4, 5, 6, 8, 10, 13)))
    form = LeafForm(rng.uniform(0.45, 0.7), rng.uniform(0.5, 0.9),
                    rng.uniform(0.15, 0.5), rng.uniform(0.32, 0.6))
    start = rng.uniform(0, 2 * np.pi)
    step = np.pi if count == 2 else _GOLDEN_ANGLE
    for index in range(count):
        age = 1 - index / (count + 2)
        length = canvas.size * 0.48 * age ** rng.uniform(0.4, 0.9) * rng.uniform(0.75, 1.0)
        draw_leaf(canvas, form, canvas.centre, start + index * step + rng.normal(0, 0.15), length,
                  colour * rng.uniform(0.85, 1.12), curl=rng.normal(0, 0.12),
                  rib=rng.choice((0, 0.8, 1.2)))
    canvas.disc(canvas.centre, canvas.size * 0.025, colour * 0.9)
    return canvas.finish(rng, "flat")


def fleshy_rosette(rng: Rng) -> Sprite:
    """Echeveria-like: many overlapping fleshy leaves from the outside in."""
    canvas = Canvas()
    colour = succulent_colour(rng)
    heart = colour * rng.uniform(0.9, 1.3)
    tip = rng.choice((hsv(350, 0.6, 0.75), colour * 0.6, colour * 1.3)) if rng.random() < 0.5 else None
    count = int(rng.integers(14, 60))
    form = LeafForm(rng.uniform(0.5, 0.78), rng.uniform(0.45, 1.0), 0.0, rng.uniform(0.35, 0.75))
    curl = rng.normal(0, 0.06)
    for index in range(count):
        inner = index / count
        length = canvas.size * 0.49 * (1 - inner) ** rng.uniform(0.6, 0.75) + 4
        shade = colour * (1 - inner) + heart * inner
        draw_leaf(canvas, form, canvas.centre, index * _GOLDEN_ANGLE, length,
                  shade * rng.uniform(0.88, 1.1) * (0.75 + 0.35 * inner), tip, curl)
    return canvas.finish(rng, "flat", 0.04)


def spiky_rosette(rng: Rng) -> Sprite:
    """Agave-, aloe- or haworthia-like: stiff narrow leaves, often with marks."""
    canvas = Canvas()
    colour = succulent_colour(rng)
    marks = hsv(rng.uniform(40, 90), 0.12, 0.95)
    count = int(rng.integers(9, 40))
    form = LeafForm(rng.uniform(0.2, 0.45), rng.uniform(0.7, 1.3), 0.0, rng.uniform(0.1, 0.32))
    style = rng.choice(4)
    for index in range(count):
        inner = index / count
        angle = index * _GOLDEN_ANGLE + rng.normal(0, 0.08)
        length = canvas.size * 0.49 * (1 - 0.75 * inner) * rng.uniform(0.85, 1.0)
        draw_leaf(canvas, form, canvas.centre, angle, length,
                  colour * rng.uniform(0.8, 1.15) * (0.75 + 0.35 * inner),
                  curl=rng.normal(0, 0.08), rib=1.3 if style == 1 else 0)
        if style == 2:
            _leaf_spots(canvas, rng, angle, length, form, marks)
        if style == 3:
            edge = place(leaf_outline(form, length)[:16], canvas.centre, angle)
            canvas.line(edge, marks, 2)
    return canvas.finish(rng, "flat", 0.05)


def _leaf_spots(
    canvas: Canvas, rng: Rng, angle: float, length: float, form: LeafForm, colour: Colour
) -> None:
    count = 8
    along = rng.uniform(0.2, 0.8, count) * length
    across = rng.normal(0, 0.12, count) * length * form.slimness
    for spot in place(np.stack((along, across), 1), canvas.centre, angle):
        canvas.disc(spot, 2, colour)


def globe_cactus(rng: Rng) -> Sprite:
    """A ribbed globe from above, with spines along the ribs and a woolly crown."""
    canvas = Canvas()
    draw_globe(canvas, rng, canvas.centre, canvas.size * 0.43, cactus_colour(rng))
    return canvas.finish(rng, "round")


def draw_globe(canvas: Canvas, rng: Rng, at: np.ndarray, radius: float, colour: Colour) -> None:
    """Ribbed ball: lit disc, rib valleys, areoles with spines, crown, maybe a flower."""
    _lit_disc(canvas, at, radius, colour, rng.uniform(0.45, 0.65))
    ribs = int(rng.integers(7, 26))
    spines = hsv(rng.uniform(20, 60), rng.uniform(0.02, 0.5), rng.uniform(0.45, 1.0))
    turn = rng.uniform(0, 2 * np.pi)
    twist = rng.normal(0, 0.25)
    spine_length = radius * rng.uniform(0.05, 0.28)
    steps = np.linspace(0.12, 0.97, 10)
    for rib in range(ribs):
        angle = turn + 2 * np.pi * rib / ribs
        ray = _ray(at, radius * steps, angle + twist * steps)
        canvas.line(ray, colour * 0.5, int(radius * 0.04))
        crest = _ray(at, radius * steps, angle + np.pi / ribs + twist * steps)
        canvas.line(crest, colour * 1.25, int(radius * 0.05))
        for areole in crest[::2]:
            _spines(canvas, rng, areole, spine_length, spines)
    wool = hsv(rng.uniform(30, 60), rng.uniform(0, 0.35), rng.uniform(0.6, 1.0))
    canvas.disc(at, radius * rng.uniform(0.04, 0.2), wool)
    if rng.random() < 0.15:
        _flower(canvas, rng, at + rng.normal(0, 0.15, 2) * radius, radius * rng.uniform(0.2, 0.45))


def _ray(at: np.ndarray, radii: np.ndarray, angles: np.ndarray) -> np.ndarray:
    return at + np.stack((radii * np.cos(angles), radii * np.sin(angles)), 1)


def _lit_disc(canvas: Canvas, at: np.ndarray, radius: float, colour: Colour, rim: float) -> None:
    for step in np.linspace(0, 1, 7):
        offset = np.array((-0.12, -0.12)) * radius * step
        canvas.disc(at + offset, radius * (1 - 0.75 * step), colour * (rim + (1.1 - rim) * step))


def _spines(canvas: Canvas, rng: Rng, at: np.ndarray, length: float, colour: Colour) -> None:
    for angle in rng.uniform(0, 2 * np.pi, int(rng.integers(2, 6))):
        end = at + length * np.array((np.cos(angle), np.sin(angle)))
        canvas.line(np.stack((at, end)), colour * rng.uniform(0.8, 1.1), 1)
    canvas.disc(at, 2, colour)


def _flower(canvas: Canvas, rng: Rng, at: np.ndarray, radius: float) -> None:
    colour = hsv(rng.choice((0, 20, 50, 310, 330, 345)), rng.uniform(0.3, 0.9), 0.95)
    form = LeafForm(0.6, 0.8, 0.0, 0.35)
    for index in range(int(rng.integers(7, 16))):
        draw_leaf(canvas, form, at, index * _GOLDEN_ANGLE, radius, colour * rng.uniform(0.85, 1.1))
    canvas.disc(at, radius * 0.2, hsv(50, 0.8, 0.95))


def dotted_cactus(rng: Rng) -> Sprite:
    """Mammillaria-like: tubercles in spirals, each with a tuft of short spines."""
    canvas = Canvas()
    colour = cactus_colour(rng)
    radius = canvas.size * 0.43
    _lit_disc(canvas, canvas.centre, radius, colour * 0.8, 0.5)
    count = int(rng.integers(60, 220))
    spines = hsv(rng.uniform(10, 60), rng.uniform(0, 0.4), rng.uniform(0.6, 1.0))
    tuft = rng.uniform(0.3, 1.1)
    for index in range(count, 0, -1):
        out = (index / count) ** 0.6
        angle = index * _GOLDEN_ANGLE
        at = canvas.centre + radius * 0.96 * out * np.array((np.cos(angle), np.sin(angle)))
        size = radius * 0.9 / count**0.5
        shade = 1.15 - 0.5 * out**3
        canvas.disc(at, size, colour * shade * 0.75)
        canvas.disc(at - size * 0.2, size * 0.7, colour * shade)
        _spines(canvas, rng, at, size * tuft * 1.5, spines * shade)
    if rng.random() < 0.3:
        for angle in rng.uniform(0, 2 * np.pi, int(rng.integers(3, 12))):
            at = canvas.centre + radius * 0.45 * np.array((np.cos(angle), np.sin(angle)))
            canvas.disc(at, radius * 0.09, hsv(rng.uniform(310, 350), 0.7, 0.85))
    return canvas.finish(rng, "round")


def cactus_clump(rng: Rng) -> Sprite:
    """Several touching heads of one plant."""
    canvas = Canvas()
    colour = cactus_colour(rng)
    heads = int(rng.integers(3, 10))
    radius = canvas.size * 0.42 / heads**0.5
    for index in range(heads - 1, -1, -1):
        angle = index * _GOLDEN_ANGLE
        out = canvas.size * 0.29 * (index / heads) ** 0.5
        at = canvas.centre + out * np.array((np.cos(angle), np.sin(angle)))
        draw_globe(canvas, rng, at, radius * rng.uniform(0.75, 1.1), colour * rng.uniform(0.85, 1.1))
    return canvas.finish(rng, "round")


def column_cactus(rng: Rng) -> Sprite:
    """One or a few upright columns from the side."""
    canvas = Canvas()
    colour = cactus_colour(rng)
    spines = hsv(rng.uniform(20, 60), rng.uniform(0.02, 0.4), rng.uniform(0.5, 1.0))
    columns = int(rng.choice((1, 1, 1, 2, 3, 4)))
    width = canvas.size * rng.uniform(0.12, 0.3) / columns**0.4
    base = canvas.size * 0.96
    for index in range(columns):
        x = canvas.size / 2 + (index - (columns - 1) / 2) * width * 1.1
        height = canvas.size * rng.uniform(0.45, 0.9)
        _column(canvas, rng, x, base, width, height, colour, spines)
    return canvas.finish(rng, "tall")


def _column(
    canvas: Canvas, rng: Rng, x: float, base: float, width: float, height: float,
    colour: Colour, spines: Colour,
) -> None:
    half = width / 2
    ribs = int(rng.integers(3, 8))
    for rib, across in enumerate(np.linspace(1, 0, ribs)):
        inset = half * across
        top = base - height
        arc = np.linspace(np.pi, 2 * np.pi, 12)
        crown = np.stack((x + inset * np.cos(arc), top + half + half * np.sin(arc)), 1)
        outline = np.concatenate((((x - inset, base),), crown, ((x + inset, base),)))
        canvas.polygon(outline, colour * (0.55 + 0.55 * rib / ribs))
    for across in np.linspace(-0.9, 0.9, ribs):
        for y in np.linspace(base - height + half * 0.4, base - 4, max(int(height / 16), 2)):
            _spines(canvas, rng, np.array((x + across * half, y)), width * 0.14, spines)


def pad_cactus(rng: Rng) -> Sprite:
    """Opuntia-like: flat oval pads growing from each other."""
    canvas = Canvas()
    colour = cactus_colour(rng)
    dots = hsv(rng.uniform(30, 60), rng.uniform(0.05, 0.5), rng.uniform(0.6, 1.0))
    tall = rng.random() < 0.5
    root = np.array((canvas.size / 2, canvas.size * (0.95 if tall else 0.5)))
    heads = [(root, -np.pi / 2 if tall else rng.uniform(0, 2 * np.pi), canvas.size * 0.3)]
    form = LeafForm(0.58, 0.5, 0.0, rng.uniform(0.55, 0.8))
    for _ in range(int(rng.integers(2, 7))):
        at, angle, length = heads[int(rng.integers(len(heads)))]
        shade = colour * rng.uniform(0.8, 1.1)
        draw_leaf(canvas, form, at, angle, length, shade)
        rows = np.stack(np.meshgrid(np.linspace(0.2, 0.85, 5), (-0.2, 0, 0.2)), -1).reshape(-1, 2)
        for spot in place(rows * length * (1, form.slimness), at, angle):
            canvas.disc(spot, 3, dots)
        end = place(np.array(((0.93 * length, 0.0),)), at, angle)[0]
        spread = rng.uniform(-0.9, 0.9)
        heads.append((end, angle + spread, length * rng.uniform(0.6, 0.9)))
    return canvas.finish(rng, "tall" if tall else "flat")


def leafy_bush(rng: Rng) -> Sprite:
    """A dense tuft of many small leaves: sedum, crassula, herbs."""
    canvas = Canvas()
    colour = leaf_green(rng) if rng.random() < 0.6 else succulent_colour(rng)
    form = LeafForm(rng.uniform(0.4, 0.7), rng.uniform(0.4, 1.0), 0.0, rng.uniform(0.3, 0.8))
    count = int(rng.integers(25, 130))
    leaf = canvas.size * rng.uniform(0.18, 0.3)
    for index in range(count):
        inner = index / count
        out = canvas.size * 0.28 * (1 - inner) ** 0.6 * rng.uniform(0.5, 1.0)
        angle = rng.uniform(0, 2 * np.pi)
        at = canvas.centre + out * 0.9 * np.array((np.cos(angle), np.sin(angle)))
        draw_leaf(canvas, form, at, angle + rng.normal(0, 0.7), leaf * rng.uniform(0.6, 1.1),
                  colour * rng.uniform(0.7, 1.2) * (0.65 + 0.5 * inner))
    return canvas.finish(rng, "round")


def grassy_tuft(rng: Rng) -> Sprite:
    """Thin arching leaves from one point."""
    canvas = Canvas()
    colour = leaf_green(rng)
    form = LeafForm(0.3, 0.8, 0.0, rng.uniform(0.04, 0.09))
    for index in range(int(rng.integers(18, 50))):
        draw_leaf(canvas, form, canvas.centre, rng.uniform(0, 2 * np.pi),
                  canvas.size * rng.uniform(0.25, 0.48), colour * rng.uniform(0.7, 1.2),
                  curl=rng.normal(0, 0.35))
    return canvas.finish(rng, "flat")


def living_stone(rng: Rng) -> Sprite:
    """Lithops-like pairs of swollen leaves with a slit."""
    canvas = Canvas()
    colour = succulent_colour(rng) * 0.9
    angle = rng.uniform(0, np.pi)
    axes = np.array((0.42, rng.uniform(0.28, 0.4))) * canvas.size
    arc = np.linspace(0, 2 * np.pi, 40)
    for shrink, shade in ((1.0, 0.6), (0.92, 0.85), (0.75, 1.05)):
        ring = np.stack((np.cos(arc) * axes[0], np.sin(arc) * axes[1]), 1) * shrink
        canvas.polygon(place(ring, canvas.centre, angle), colour * shade)
    for _ in range(40):
        spot = place(rng.normal(0, 0.3, (1, 2)) * axes, canvas.centre, angle)[0]
        if canvas.mask[tuple(np.clip(spot[::-1], 0, canvas.size - 1).astype(int))]:
            canvas.disc(spot, rng.uniform(2, 8), colour * rng.uniform(0.6, 0.9))
    slit = np.stack((np.zeros(9), np.linspace(-0.95, 0.95, 9) * axes[1]), 1)
    canvas.line(place(slit, canvas.centre, angle), colour * 0.35, int(canvas.size * 0.02))
    return canvas.finish(rng, "round", 0.05)


DRAWERS: tuple[tuple[Callable[[Rng], Sprite], float], ...] = (
    (seedling_rosette, 0.20),
    (fleshy_rosette, 0.20),
    (spiky_rosette, 0.13),
    (globe_cactus, 0.13),
    (dotted_cactus, 0.08),
    (cactus_clump, 0.05),
    (column_cactus, 0.05),
    (pad_cactus, 0.04),
    (leafy_bush, 0.05),
    (grassy_tuft, 0.03),
    (living_stone, 0.04),
)


def draw_library(seed: int, count: int) -> list[Sprite]:
    """`count` drawn appearances, kinds mixed by their weights."""
    rng = np.random.default_rng((seed, 7))
    weights = np.array([weight for _, weight in DRAWERS])
    kinds = rng.choice(len(DRAWERS), size=count, p=weights / weights.sum())
    drawers = [DRAWERS[kind][0] for kind in kinds]
    return [replace(drawer(rng), kind=drawer.__name__) for drawer in drawers]


def cut_rosettes(folder: Path) -> list[Sprite]:
    """Rosettes cut out of photos of single green plants on dark ground."""
    sprites = []
    for path in sorted(folder.glob("*.jpg")):
        rgb = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        mask = _green_mask(rgb)
        if mask is None:
            continue
        covered = (rgb * (mask[..., None] / 255.0)).astype(np.uint8)
        sprites.append(Sprite(crop_to_mask(np.dstack((covered, mask))), "flat", CUT))
    return sprites


def load_sprites(folder: Path, kind: str) -> list[Sprite]:
    """Plants rendered or cut out elsewhere: RGBA pictures, one plant each.

    Rendered ones were seen from one side, so they keep their form under any tilt;
    cut-outs were seen from straight above.
    """
    sprites = []
    for path in sorted(folder.glob("*.png")):
        bgra = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        rgb, alpha = cv2.cvtColor(bgra[..., :3], cv2.COLOR_BGR2RGB), bgra[..., 3]
        covered = (rgb * (alpha[..., None] / 255.0)).astype(np.uint8)
        shape = "round" if kind == RENDERED else "flat"
        sprites.append(Sprite(crop_to_mask(np.dstack((covered, alpha))), shape, kind))
    return sprites


def _green_mask(rgb: np.ndarray) -> np.ndarray | None:
    """Soft mask of green tissue, or nothing where there is too little of it."""
    red, green, blue = (rgb[..., i].astype(np.int16) for i in range(3))
    raw = ((2 * green - red - blue > 28) & (green > 50)).astype(np.uint8) * 255
    closed = cv2.morphologyEx(raw, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(closed)
    if count < 2 or stats[1:, cv2.CC_STAT_AREA].max() < 300:
        return None
    largest = stats[1:, cv2.CC_STAT_AREA].max()
    kept = np.isin(labels, 1 + np.nonzero(stats[1:, cv2.CC_STAT_AREA] > largest * 0.04)[0])
    solid = np.where(kept, closed, 0).astype(np.uint8)
    return cv2.GaussianBlur(cv2.erode(solid, np.ones((3, 3), np.uint8)), (3, 3), 0)
