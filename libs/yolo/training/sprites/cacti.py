"""Cacti: globes, tubercles, clumps, columns and pads."""

from __future__ import annotations

import numpy as np

from .colours import Colour, Rng, cactus_colour, hsv
from .leaves import LeafForm, draw_leaf, place
from .sprite import GOLDEN_ANGLE, Canvas, Sprite


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
        draw_leaf(canvas, form, at, index * GOLDEN_ANGLE, radius, colour * rng.uniform(0.85, 1.1))
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
        angle = index * GOLDEN_ANGLE
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
        angle = index * GOLDEN_ANGLE
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
