"""What lies about and is no plant: labels, hoses, tools, litter, boxes."""

from __future__ import annotations

import cv2
import numpy as np

from sprites import Rng, hsv

from .ground import Ground, panel, pot_colour, segment


def label_corners(rng: Rng, at: np.ndarray, unit: float) -> np.ndarray:
    """Corner points of a stick label, with a point at one end."""
    length, width = rng.uniform(16, 55) * unit, rng.uniform(4, 14) * unit
    shape = np.array(((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5), (-0.7, 0.0)))
    angle = rng.uniform(0, 2 * np.pi)
    turn = np.array(((np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))))
    return (shape * (length, width)) @ turn + at


def add_label(
    rng: Rng, image: np.ndarray, at: np.ndarray, unit: float, coloured: float = 0.35
) -> np.ndarray:
    """Draw a plant label with some writing, a share of them coloured; returns its mask."""
    corners = label_corners(rng, at, unit)
    colour = hsv(0, 0, rng.uniform(0.75, 1.0))
    if rng.random() < coloured:
        colour = hsv(rng.choice((50, 55, 0, 20, 110, 210, 330)), rng.uniform(0.3, 0.9), 0.9)
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(mask, [corners.astype(np.int32)], 255)
    image[mask > 0] = colour
    along = corners[1] - corners[0]
    across = corners[3] - corners[0]
    for row in (0.3, 0.55, 0.75):
        start = corners[0] + across * row + along * 0.1
        marks = start + along * np.sort(rng.uniform(0, 0.8, (9, 1)), 0) \
            + across * rng.normal(0, 0.07, (9, 1))
        cv2.polylines(image, [marks.astype(np.int32)], False, (50.0, 45.0, 60.0), 1, cv2.LINE_AA)
    return mask


def add_hose(rng: Rng, image: np.ndarray, unit: float) -> np.ndarray:
    """A hose or drip line curving through the picture; returns its mask."""
    height, width = image.shape[:2]
    control = rng.uniform(-0.2, 1.2, (4, 2)) * (width, height)
    t = np.linspace(0, 1, 40)[:, None]
    curve = (control[0] * (1 - t) ** 3 + 3 * control[1] * t * (1 - t) ** 2
             + 3 * control[2] * t**2 * (1 - t) + control[3] * t**3)
    thick = max(int(rng.uniform(3, 16) * unit), 2)
    colour = hsv(*((0, 0, 0.12), (120, 0.7, 0.4), (35, 0.6, 0.7), (215, 0.6, 0.6))[rng.integers(4)])
    mask = np.zeros((height, width), np.uint8)
    points = [curve.astype(np.int32)]
    cv2.polylines(mask, points, False, 255, thick)
    for share, shade in ((1.0, 0.6), (0.7, 1.0), (0.25, 1.5)):
        cv2.polylines(image, points, False, [float(c) for c in colour * shade],
                      max(int(thick * share), 1), cv2.LINE_AA)
    return mask


def add_tool(rng: Rng, image: np.ndarray, unit: float) -> np.ndarray:
    """A straight tool: handle and blade; returns its mask."""
    height, width = image.shape[:2]
    middle = rng.uniform(0, 1, 2) * (width, height)
    angle = rng.uniform(0, 2 * np.pi)
    reach = np.array((np.cos(angle), np.sin(angle))) * rng.uniform(40, 130) * unit
    mask = np.zeros((height, width), np.uint8)
    for share, thick, colour in (
        (1.0, rng.uniform(5, 14), hsv(rng.choice((25, 0, 110, 210)), rng.uniform(0.2, 0.9), 0.6)),
        (-0.6, rng.uniform(10, 30), hsv(210, 0.08, rng.uniform(0.4, 0.8))),
    ):
        segment(image, tuple(middle), tuple(middle + reach * share), colour, thick * unit)
        cv2.line(mask, tuple(middle.astype(int)), tuple((middle + reach * share).astype(int)), 255,
                 int(thick * unit))
    return mask


def add_litter(rng: Rng, image: np.ndarray, unit: float) -> None:
    """Fallen leaves, pebbles, chips and droplets on the ground."""
    height, width = image.shape[:2]
    for _ in range(int(rng.integers(2, 30))):
        at = rng.uniform(0, 1, 2) * (width, height)
        size = rng.uniform(1.5, 9) * unit
        colour = hsv(rng.uniform(10, 60), rng.uniform(0, 0.6), rng.uniform(0.2, 0.95))
        cv2.ellipse(image, tuple(at.astype(int)), (max(int(size), 1), max(int(size * rng.uniform(0.2, 0.9)), 1)),
                    rng.uniform(0, 180), 0, 360, [float(c) for c in colour], -1, cv2.LINE_AA)


def add_box(rng: Rng, ground: Ground) -> None:
    """A crate, sheet, sign or brick lying on the ground."""
    size = rng.uniform(15, 130, 2) * ground.unit
    at = rng.uniform(0, 1, 2) * (ground.width, ground.height)
    panel(ground, at[0], at[1], size[0], size[1], pot_colour(rng), 2)
    ground.places[:] = [
        p for p in ground.places
        if not (at[0] - p.room / 3 < p.x < at[0] + size[0] + p.room / 3
                and at[1] - p.room / 3 < p.y < at[1] + size[1] + p.room / 3)
    ]
