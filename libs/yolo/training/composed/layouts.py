"""How the ground is laid out: trays, pots, beds, and a few plants close by."""

from __future__ import annotations

import cv2
import numpy as np

import textures
from sprites import Colour, Rng

from .ground import Ground, Place, blank, panel, pot_colour, rounded_box, segment


def lay_trays(rng: Rng, ground: Ground) -> None:
    """Cell trays side by side; between them the floor or bare ridged trays."""
    pitch = ground.unit * 416 / rng.uniform(2.5, 11.5)
    columns, rows = int(rng.integers(3, 9)), int(rng.integers(2, 9))
    wall = pitch * rng.uniform(0.05, 0.2)
    gap = pitch * rng.choice((0.05, 0.15, 0.5))
    texture = textures.soil(rng, ground.height, ground.width, ground.unit)
    colour = pot_colour(rng)
    round_cells = rng.random() < 0.2
    step_x, step_y = columns * pitch + wall + gap, rows * pitch + wall + gap
    for top in np.arange(-rng.uniform(0, step_y), ground.height, step_y):
        for left in np.arange(-rng.uniform(0, step_x), ground.width, step_x):
            if rng.random() < 0.08:
                _ridged_tray(rng, ground, left, top, step_x - gap, step_y - gap, colour)
            elif rng.random() > 0.04:
                _cell_tray(ground, left, top, columns, rows, pitch, wall, colour, texture,
                           round_cells, rng.uniform(0.1, 0.35))


def _cell_tray(
    ground: Ground, left: float, top: float, columns: int, rows: int, pitch: float, wall: float,
    colour: Colour, texture: np.ndarray, round_cells: bool, corner: float,
) -> None:
    width, height = columns * pitch + wall, rows * pitch + wall
    panel(ground, left, top, width, height, colour, pitch * 0.12)
    cells = blank(ground)
    inner = pitch - wall
    for row in range(rows):
        for column in range(columns):
            x, y = left + wall + column * pitch, top + wall + row * pitch
            middle = (int(x + inner / 2), int(y + inner / 2))
            if round_cells:
                cv2.circle(cells, middle, int(inner / 2), 255, -1)
            else:
                rounded_box(cells, x, y, x + inner, y + inner, inner * corner)
            ground.places.append(Place(x + inner / 2, y + inner / 2, inner))
    rims = cv2.dilate(cells, np.ones((3, 3), np.uint8)) - cells
    ground.rgb += (rims[..., None] / 255.0) * (colour * 1.35 - ground.rgb)
    ground.fill(cells, texture)


def _ridged_tray(
    rng: Rng, ground: Ground, left: float, top: float, width: float, height: float, colour: Colour
) -> None:
    """An empty tray: dark plastic with ribs and slots."""
    panel(ground, left, top, width, height, colour * 0.8, 6 * ground.unit)
    pitch = rng.uniform(7, 22) * ground.unit
    for index, y in enumerate(np.arange(top + pitch, top + height - pitch / 2, pitch)):
        shade = colour * (0.5 if index % 2 else 1.15)
        segment(ground.rgb, (left + 4, y), (left + width - 4, y), shade, 1.5 * ground.unit)
    for x in np.arange(left + pitch, left + width - pitch, pitch * rng.uniform(1.5, 3)):
        segment(ground.rgb, (x, top + 4), (x, top + height - 4), colour * 0.6, 2 * ground.unit)


def lay_pots(rng: Rng, ground: Ground) -> None:
    """Round or square single pots in rows, staggered or jittered."""
    pitch = ground.unit * 416 / rng.uniform(2.0, 11.5)
    size = pitch * rng.uniform(0.72, 0.98)
    square = rng.random() < 0.35
    stagger = rng.choice((0.0, 0.5)) * pitch
    jitter = rng.choice((0.0, 0.02, 0.08)) * pitch
    colours = [pot_colour(rng) for _ in range(int(rng.choice((1, 1, 2, 4))))]
    texture = rng.choice(textures.BEDS)(rng, ground.height, ground.width, ground.unit)
    spots = []
    row_step = pitch * (0.87 if stagger and not square else 1.0)
    for row, y in enumerate(np.arange(-rng.uniform(0, pitch), ground.height + pitch, row_step)):
        shift = stagger * (row % 2) - rng.uniform(0, pitch) * 0.1
        for x in np.arange(shift, ground.width + pitch, pitch):
            if rng.random() > 0.05:
                spots.append(Place(*(np.array((x, y)) + rng.normal(0, 1, 2) * jitter), size))
    _draw_pots(rng, ground, spots, square, colours, texture)
    ground.places.extend(spots)


def _draw_pots(
    rng: Rng, ground: Ground, spots: list[Place], square: bool, colours: list[Colour],
    texture: np.ndarray,
) -> None:
    bodies, inner = blank(ground), blank(ground)
    rim = rng.uniform(0.05, 0.12)

    def outline(mask: np.ndarray, spot: Place, shrink: float) -> None:
        half = spot.room / 2 * shrink
        if square:
            rounded_box(mask, spot.x - half, spot.y - half, spot.x + half, spot.y + half, half * 0.25)
        else:
            cv2.circle(mask, (int(spot.x), int(spot.y)), max(int(half), 1), 255, -1)

    for spot in spots:
        outline(bodies, spot, 1.0)
        outline(inner, spot, 1 - 2 * rim)
    shift = int(rng.uniform(0.02, 0.12) * spots[0].room)
    ground.shade(np.roll(bodies, (shift, shift), (0, 1)), rng.uniform(0.3, 0.75), 2.5 * ground.unit)
    for spot in spots:
        colour = colours[rng.integers(len(colours))] * rng.uniform(0.9, 1.1)
        mask_colour = [float(c) for c in colour]
        half = spot.room / 2
        if square:
            corners = np.array(((-half, -half), (half, -half), (half, half), (-half, half)))
            cv2.fillPoly(ground.rgb, [(corners + (spot.x, spot.y)).astype(np.int32)], mask_colour)
        else:
            cv2.circle(ground.rgb, (int(spot.x), int(spot.y)), int(half), mask_colour, -1, cv2.LINE_AA)
            cv2.circle(ground.rgb, (int(spot.x), int(spot.y)), int(half * (1 - rim)),
                       [c * 1.25 for c in mask_colour], max(int(ground.unit), 1), cv2.LINE_AA)
    ground.fill(inner, texture, 0.65)


def lay_bed(rng: Rng, ground: Ground) -> None:
    """Plants straight in soil or gravel, in rows or scattered, sparse to crowded."""
    pitch = ground.unit * 416 / rng.uniform(2.5, 12.5)
    if rng.random() < 0.55:
        jitter = rng.uniform(0.02, 0.2) * pitch
        row_step = pitch * rng.uniform(0.85, 1.3)
        for y in np.arange(rng.uniform(0, pitch), ground.height, row_step):
            for x in np.arange(rng.uniform(0, pitch), ground.width, pitch):
                at = np.array((x, y)) + rng.normal(0, 1, 2) * jitter
                ground.places.append(Place(*at, pitch))
    else:
        ground.places.extend(_scatter(rng, ground, pitch))
    if rng.random() < 0.3:
        _bed_border(rng, ground)


def _scatter(rng: Rng, ground: Ground, pitch: float) -> list[Place]:
    """Random places that keep a distance."""
    wanted = int(ground.width * ground.height / pitch**2)
    kept = np.empty((0, 2))
    for at in rng.uniform((0, 0), (ground.width, ground.height), (4 * wanted, 2)):
        if not len(kept) or ((kept - at) ** 2).sum(1).min() > (0.75 * pitch) ** 2:
            kept = np.vstack((kept, at))
    return [Place(x, y, pitch) for x, y in kept[:wanted]]


def _bed_border(rng: Rng, ground: Ground) -> None:
    """A board or kerb across the ground, free of plants."""
    width = rng.uniform(10, 40) * ground.unit
    x = rng.uniform(0.1, 0.9) * ground.width
    segment(ground.rgb, (x, 0), (x, ground.height), pot_colour(rng), width)
    ground.places[:] = [p for p in ground.places if abs(p.x - x) > width / 2 + p.room * 0.4]


def lay_close(rng: Rng, ground: Ground) -> None:
    """A few large plants, with or without pots."""
    places = _scatter(rng, ground, ground.unit * rng.uniform(150, 300))
    if rng.random() < 0.6 and places:
        texture = rng.choice(textures.BEDS)(rng, ground.height, ground.width, ground.unit)
        _draw_pots(rng, ground, places, rng.random() < 0.3, [pot_colour(rng)], texture)
    ground.places.extend(places)
