"""Plants of leaves: seedlings, rosettes, bushes, tufts, living stones."""

from __future__ import annotations

import numpy as np

from .colours import Colour, Rng, hsv, leaf_green, succulent_colour
from .leaves import LeafForm, draw_leaf, leaf_outline, place
from .sprite import GOLDEN_ANGLE, Canvas, Sprite


def seedling_rosette(rng: Rng) -> Sprite:
    """A leafy rosette with stalked leaves, from two seed leaves to a dozen leaves."""
    canvas = Canvas()
    colour = leaf_green(rng)
    count = int(rng.choice((2, 3, 4, 5, 6, 8, 10, 13)))
    form = LeafForm(rng.uniform(0.45, 0.7), rng.uniform(0.5, 0.9),
                    rng.uniform(0.15, 0.5), rng.uniform(0.32, 0.6))
    start = rng.uniform(0, 2 * np.pi)
    step = np.pi if count == 2 else GOLDEN_ANGLE
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
        draw_leaf(canvas, form, canvas.centre, index * GOLDEN_ANGLE, length,
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
        angle = index * GOLDEN_ANGLE + rng.normal(0, 0.08)
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
