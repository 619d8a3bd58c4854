"""Leaves, and where they are put."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .colours import Colour
from .sprite import Canvas


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
