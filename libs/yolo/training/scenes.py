"""Composed photos of nursery beds with truth boxes.

A scene is built in three steps: a flat ground with trays, pots and clutter is
painted from straight above; it is seen through a camera (turn, tilt,
perspective); then plants are set on their places, with labels, hoses and
shadows over them, and the picture is spoilt the way a phone camera spoils it.
A map of plant numbers is kept beside the picture, so that truth boxes cover
what stays visible.

Run as a program it writes a data set: ``python scenes.py --help``.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

import textures
from plants import (
    CUT, RENDERED, Colour, Rng, Sprite, cut_rosettes, draw_library, hsv, load_sprites,
)

SHARED = Path(os.environ.get("DEMETER_SHARED", "../shared"))
SCENE_SIZE = 512
VISIBLE_SHARE = 0.25
SMALLEST_BOX = 5.0
SMALLEST_PLANT = 6.0
SOLID_ALPHA = 110
# Share of scenes with rendered plants only, where there are any.
RENDERED_SHARE = 0.6
WORKER_MEMORY = 3 << 30


@dataclass(frozen=True)
class Place:
    """Where a plant may stand on the ground, and the width of its cell or pot."""

    x: float
    y: float
    room: float


@dataclass
class Ground:
    """The flat surface, seen from straight above."""

    rgb: np.ndarray
    unit: float
    places: list[Place] = field(default_factory=list)

    @property
    def height(self) -> int:
        return self.rgb.shape[0]

    @property
    def width(self) -> int:
        return self.rgb.shape[1]

    def fill(self, mask: np.ndarray, texture: np.ndarray, depth: float = 0.5) -> None:
        """Lay a texture inside a mask, darker towards the edges (soil in a pot)."""
        soft = cv2.GaussianBlur(mask, (0, 0), 2.2 * self.unit)[..., None] / 255.0
        inside = mask[..., None] / 255.0
        shaded = texture * (1 - depth * np.clip(1.6 - 1.6 * soft, 0, 1))
        self.rgb += inside * (shaded - self.rgb)

    def shade(self, mask: np.ndarray, strength: float, softness: float) -> None:
        """Darken where a soft version of a mask lies."""
        soft = cv2.GaussianBlur(mask, (0, 0), max(softness, 0.5))[..., None] / 255.0
        self.rgb *= 1 - strength * soft


def blank(ground: Ground) -> np.ndarray:
    """An empty mask of the ground's size."""
    return np.zeros((ground.height, ground.width), np.uint8)


def rounded_box(
    mask: np.ndarray, x1: float, y1: float, x2: float, y2: float, radius: float, value: int = 255
) -> None:
    """Fill a rectangle with rounded corners."""
    left, top, right, bottom = (int(round(v)) for v in (x1, y1, x2, y2))
    r = int(max(min(radius, (right - left) / 2, (bottom - top) / 2), 0))
    cv2.rectangle(mask, (left + r, top), (right - r, bottom), value, -1)
    cv2.rectangle(mask, (left, top + r), (right, bottom - r), value, -1)
    for cx in (left + r, right - r):
        for cy in (top + r, bottom - r):
            cv2.circle(mask, (cx, cy), r, value, -1)


def pot_colour(rng: Rng) -> Colour:
    """Black, grey, blue-grey, terracotta, white or green plastic."""
    table = (
        (rng.uniform(200, 230), rng.uniform(0, 0.25), rng.uniform(0.08, 0.2)),
        (rng.uniform(195, 225), rng.uniform(0.05, 0.35), rng.uniform(0.2, 0.5)),
        (rng.uniform(8, 22), rng.uniform(0.45, 0.75), rng.uniform(0.4, 0.8)),
        (rng.uniform(0, 60), rng.uniform(0, 0.1), rng.uniform(0.75, 0.97)),
        (rng.uniform(100, 160), rng.uniform(0.25, 0.7), rng.uniform(0.2, 0.55)),
    )
    return hsv(*table[rng.choice(5, p=(0.35, 0.25, 0.2, 0.1, 0.1))])


# Layouts -----------------------------------------------------------------


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
    _panel(ground, left, top, width, height, colour, pitch * 0.12)
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


def _panel(
    ground: Ground, left: float, top: float, width: float, height: float, colour: Colour,
    corner: float,
) -> None:
    """A flat plastic body with its cast shadow."""
    body = blank(ground)
    rounded_box(body, left, top, left + width, top + height, corner)
    shift = int(2 * ground.unit)
    ground.shade(np.roll(body, (shift, shift), (0, 1)), 0.55, 3 * ground.unit)
    sheen = 1 + 0.08 * np.linspace(-1, 1, ground.width, dtype=np.float32)[None, :, None]
    ground.rgb += (body[..., None] / 255.0) * (colour * sheen - ground.rgb)


def _ridged_tray(
    rng: Rng, ground: Ground, left: float, top: float, width: float, height: float, colour: Colour
) -> None:
    """An empty tray: dark plastic with ribs and slots."""
    _panel(ground, left, top, width, height, colour * 0.8, 6 * ground.unit)
    pitch = rng.uniform(7, 22) * ground.unit
    for index, y in enumerate(np.arange(top + pitch, top + height - pitch / 2, pitch)):
        shade = colour * (0.5 if index % 2 else 1.15)
        _segment(ground.rgb, (left + 4, y), (left + width - 4, y), shade, 1.5 * ground.unit)
    for x in np.arange(left + pitch, left + width - pitch, pitch * rng.uniform(1.5, 3)):
        _segment(ground.rgb, (x, top + 4), (x, top + height - 4), colour * 0.6, 2 * ground.unit)


def _segment(
    image: np.ndarray, start: tuple[float, float], end: tuple[float, float], colour: Colour,
    width: float,
) -> None:
    points = [tuple(int(round(v)) for v in p) for p in (start, end)]
    cv2.line(image, *points, [float(c) for c in colour], max(int(width), 1), cv2.LINE_AA)


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
    _segment(ground.rgb, (x, 0), (x, ground.height), pot_colour(rng), width)
    ground.places[:] = [p for p in ground.places if abs(p.x - x) > width / 2 + p.room * 0.4]


def lay_close(rng: Rng, ground: Ground) -> None:
    """A few large plants, with or without pots."""
    places = _scatter(rng, ground, ground.unit * rng.uniform(150, 300))
    if rng.random() < 0.6 and places:
        texture = rng.choice(textures.BEDS)(rng, ground.height, ground.width, ground.unit)
        _draw_pots(rng, ground, places, rng.random() < 0.3, [pot_colour(rng)], texture)
    ground.places.extend(places)


# Clutter -----------------------------------------------------------------


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
        _segment(image, tuple(middle), tuple(middle + reach * share), colour, thick * unit)
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
    _panel(ground, at[0], at[1], size[0], size[1], pot_colour(rng), 2)
    ground.places[:] = [
        p for p in ground.places
        if not (at[0] - p.room / 3 < p.x < at[0] + size[0] + p.room / 3
                and at[1] - p.room / 3 < p.y < at[1] + size[1] + p.room / 3)
    ]


# Camera ------------------------------------------------------------------


@dataclass(frozen=True)
class Camera:
    """Maps the ground to the picture."""

    matrix: np.ndarray
    width: int
    height: int
    squash: float

    def see(self, rgb: np.ndarray) -> np.ndarray:
        return cv2.warpPerspective(rgb, self.matrix, (self.width, self.height),
                                   flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)

    def project(self, place: Place) -> tuple[np.ndarray, float]:
        """Position in the picture and the scale of widths there."""
        points = np.array([[(place.x, place.y), (place.x + 1, place.y), (place.x, place.y + 1)]])
        here, right, below = cv2.perspectiveTransform(points, self.matrix)[0]
        area = np.linalg.det(np.stack((right - here, below - here)))
        return here, float((max(area, 0.0) / self.squash) ** 0.5)


def aim(
    rng: Rng, ground: Ground, width: int, height: int, tilt: float, turn: float, zoom: float = 1.0
) -> Camera:
    """A camera over the middle of the ground; angles in radians."""
    squash = float(np.cos(tilt))
    half_w, half_h = width / 2 / zoom, height / 2 / squash / zoom
    spread = 0.55 * np.sin(tilt)
    quad = np.array((
        (-half_w * (1 + spread), -half_h), (half_w * (1 + spread), -half_h),
        (half_w * (1 - spread), half_h), (-half_w * (1 - spread), half_h),
    ))
    quad += rng.normal(0, 0.012, (4, 2)) * (width, height)
    rotate = np.array(((np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))))
    source = (quad @ rotate + (ground.width / 2, ground.height / 2)).astype(np.float32)
    target = np.array(((0, 0), (width, 0), (width, height), (0, height)), np.float32)
    return Camera(cv2.getPerspectiveTransform(source, target), width, height, squash)


# Picture -----------------------------------------------------------------


@dataclass
class Picture:
    """What the camera sees, and which plant every pixel belongs to."""

    rgb: np.ndarray
    owner: np.ndarray
    areas: list[int] = field(default_factory=list)

    def near(self, at: np.ndarray, margin: float) -> bool:
        """Whether a point lies in the picture, or at most `margin` outside."""
        height, width = self.owner.shape
        return bool(-margin < at[0] < width + margin and -margin < at[1] < height + margin)

    def hide(self, mask: np.ndarray) -> None:
        """Something lies over these pixels."""
        self.owner[mask > 0] = 0

    def paste(self, rgba: np.ndarray, left: int, top: int) -> None:
        """Set one plant over what is there and remember its pixels."""
        height, width = self.rgb.shape[:2]
        self.areas.append(int((rgba[..., 3] > SOLID_ALPHA).sum()))
        x1, y1 = max(left, 0), max(top, 0)
        x2, y2 = min(left + rgba.shape[1], width), min(top + rgba.shape[0], height)
        if x1 >= x2 or y1 >= y2:
            return
        piece = rgba[y1 - top:y2 - top, x1 - left:x2 - left]
        region = self.rgb[y1:y2, x1:x2]
        region *= 1 - piece[..., 3:] / np.float32(255)
        region += piece[..., :3]
        self.owner[y1:y2, x1:x2][piece[..., 3] > SOLID_ALPHA] = len(self.areas)

    def boxes(self) -> list[list[float]]:
        """Truth boxes of the plants of which enough is visible."""
        found = []
        for number, total in enumerate(self.areas, 1):
            ys, xs = np.nonzero(self.owner == number) if total else ((), ())
            if len(ys) == 0 or len(ys) < VISIBLE_SHARE * total:
                continue
            box = [float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1)]
            if min(box[2] - box[0], box[3] - box[1]) >= SMALLEST_BOX:
                found.append(box)
        return found


def turn_sprite(sprite: Sprite, size: float, angle: float, squash: float) -> np.ndarray:
    """Resize to `size` pixels (longer side), turn, then squash vertically."""
    longer = max(sprite.rgba.shape[:2])
    factor = size / longer
    shrunk = cv2.resize(sprite.rgba, None, fx=factor, fy=factor,
                        interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
    height, width = shrunk.shape[:2]
    cos, sin = np.cos(angle), np.sin(angle)
    out_w = int(np.ceil(abs(width * cos) + abs(height * sin))) + 2
    out_h = int(np.ceil((abs(width * sin) + abs(height * cos)) * squash)) + 2
    linear = np.array(((cos, sin), (-sin * squash, cos * squash)))
    shift = np.array((out_w, out_h)) / 2 - linear @ (np.array((width, height)) / 2)
    matrix = np.hstack((linear, shift[:, None]))
    return cv2.warpAffine(shrunk, matrix, (out_w, out_h), flags=cv2.INTER_LINEAR)


def recolour(rng: Rng, rgba: np.ndarray, strength: float) -> np.ndarray:
    """Shift hue, saturation and brightness of one plant."""
    shifted = cv2.cvtColor(np.ascontiguousarray(rgba[..., :3]), cv2.COLOR_RGB2HSV).astype(np.int16)
    shifted[..., 0] = (shifted[..., 0] + int(rng.normal(0, 9 * strength))) % 180
    gains = 1 + rng.normal(0, 0.18, 2) * strength
    shifted[..., 1:] = np.clip(shifted[..., 1:] * gains, 0, 255)
    out = rgba.copy()
    out[..., :3] = cv2.cvtColor(shifted.astype(np.uint8), cv2.COLOR_HSV2RGB)
    return np.minimum(out, np.maximum(out[..., 3:], 0)) if strength else out


@dataclass(frozen=True)
class Plant:
    """A plant to set: appearance, place and size relative to its room."""

    sprite: Sprite
    place: Place
    share: float
    angle: float
    nudge: tuple[float, float]


def set_plants(
    rng: Rng, picture: Picture, camera: Camera, plants: list[Plant],
    colour_change: tuple[float, float] = (0.3, 1.0),
) -> None:
    """Cast shadows, then set the plants from far to near."""
    seen = [(plant, *camera.project(plant.place)) for plant in plants]
    if camera.squash < 0.95:
        seen.sort(key=lambda item: item[1][1])
    light = rng.uniform(0, 2 * np.pi)
    ready = []
    shadow = np.zeros(picture.owner.shape, np.uint8)
    reach = rng.uniform(0.02, 0.2)
    for plant, at, scale in seen:
        size = plant.place.room * plant.share * scale
        if not SMALLEST_PLANT <= size <= 1.2 * max(picture.owner.shape):
            continue
        if not picture.near(at, size):
            continue
        at = at + np.array(plant.nudge) * plant.place.room * scale
        flat = plant.sprite.shape == "flat"
        squash = camera.squash if flat else 1.0
        rgba = turn_sprite(plant.sprite, size, plant.angle, squash)
        rgba = recolour(rng, rgba, rng.uniform(*colour_change))
        left, top = at - np.array(rgba.shape[1::-1]) / 2
        if plant.sprite.shape == "tall":
            top = at[1] - rgba.shape[0]
        elif not flat:
            top -= 0.4 * size * (1 - camera.squash)
        ready.append((rgba, int(round(left)), int(round(top))))
        radius = size * 0.42
        foot = at + radius * reach * 2 * np.array((np.cos(light), np.sin(light)))
        axes = (max(int(radius), 1), max(int(radius * camera.squash), 1))
        cv2.ellipse(shadow, tuple(int(v) for v in foot), axes, 0, 0, 360, 255, -1)
    soft = cv2.GaussianBlur(shadow, (0, 0), max(picture.owner.shape[0] / 170, 1.0))
    picture.rgb *= 1 - rng.uniform(0.2, 0.65) * soft[..., None] / np.float32(255)
    for rgba, left, top in ready:
        picture.paste(rgba, left, top)


def choose_plants(
    rng: Rng, library: list[Sprite], places: list[Place], tilted: bool,
    wanted: float | None = None,
) -> list[Plant]:
    """Fill part of the places, `wanted` or a random one, with a few kinds of plants."""
    usable = [s for s in library if tilted or s.shape != "tall"]
    rendered = [s for s in usable if s.kind == RENDERED]
    if rendered and rng.random() < RENDERED_SHARE:
        usable = rendered
    theme = rng.random()
    if theme < 0.3:
        usable = [s for s in usable if s.kind in (CUT, "seedling_rosette")] or usable
    elif theme < 0.55:
        kind = usable[rng.integers(len(usable))].kind
        usable = [s for s in usable if s.kind == kind]
    kinds = int(rng.choice((1, 3, 8, 40)))
    pool = [usable[i] for i in rng.integers(len(usable), size=kinds)]
    occupied = rng.choice((1.0, 0.95, 0.8, 0.5, 0.2), p=(0.25, 0.25, 0.25, 0.15, 0.1))
    occupied = occupied if wanted is None else wanted
    typical = rng.uniform(0.25, 1.15) if rng.random() < 0.8 else rng.uniform(0.12, 0.4)
    spread = rng.choice((0.06, 0.15, 0.35))
    off_centre = rng.choice((0.02, 0.06, 0.15))
    plants = []
    for place in places:
        if rng.random() > occupied:
            continue
        sprite = pool[rng.integers(len(pool))]
        share = float(np.clip(typical * np.exp(rng.normal(0, spread)), 0.08, 1.5))
        free = sprite.shape == "flat" or not tilted
        angle = rng.uniform(0, 2 * np.pi) if free else rng.normal(0, 0.06)
        nudge = rng.normal(0, off_centre, 2) * max(1.2 - share, 0.15)
        plants.append(Plant(sprite, place, share, angle, (float(nudge[0]), float(nudge[1]))))
    return plants


def light_and_lens(rng: Rng, picture: Picture, unit: float) -> np.ndarray:
    """Sun stripes, colour cast, vignette, haze, blur and noise; returns 8-bit RGB."""
    image = picture.rgb
    height, width = image.shape[:2]
    if rng.random() < 0.25:
        image *= 1 - _bar_shadow(rng, height, width, unit)[..., None]
    if rng.random() < 0.5:
        field_ = textures.noise(rng, height, width, max(height, width) / 1.5)
        image *= 1 + rng.uniform(0.03, 0.15) * field_[..., None]
    image = np.clip(image, 0, 255) / np.float32(255)
    image = image ** np.float32(np.exp(rng.normal(0, 0.22)))
    image *= np.float32(np.exp(rng.normal(0, 0.2))) * np.exp(rng.normal(0, 0.07, 3)).astype(np.float32)
    haze = np.float32(max(rng.normal(0, 0.07), 0))
    image = image * (1 - haze) + haze * rng.uniform(0.4, 0.9)
    image = np.clip(image, 0, 1)
    if rng.random() < 0.25:
        factor = rng.uniform(0.45, 0.9)
        small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        image = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.25, 1.2))
    image = image + rng.normal(0, rng.uniform(0.002, 0.03), image.shape).astype(np.float32)
    return (np.clip(image, 0, 1) * 255).astype(np.uint8)


def _bar_shadow(rng: Rng, height: int, width: int, unit: float) -> np.ndarray:
    """Shadows of glazing bars: parallel soft stripes."""
    angle = rng.uniform(0, np.pi)
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    along = xs * np.cos(angle) + ys * np.sin(angle)
    period = rng.uniform(60, 300) * unit
    wave = np.sin(along * 2 * np.pi / period + rng.uniform(0, 6))
    return np.clip((wave - rng.uniform(0.3, 0.9)) * 6, 0, 1) * np.float32(rng.uniform(0.2, 0.5))


# Scenes ------------------------------------------------------------------


@dataclass(frozen=True)
class Scene:
    """A finished picture and its truth boxes `[x1, y1, x2, y2]` in pixels."""

    rgb: np.ndarray
    boxes: list[list[float]]


def compose(
    rng: Rng, library: list[Sprite], width: int = SCENE_SIZE, height: int = SCENE_SIZE,
    zoom: float = 1.0, occupied: float | None = None,
) -> Scene:
    """One random scene; `zoom` above 1 shows fewer and larger plants, `occupied` is the
    share of pots and cells that have one (a random share without it)."""
    unit = min(width, height) / 416
    side = 1.5
    tilt = rng.uniform(0.35, 1.0) if rng.random() < 0.3 else rng.uniform(0, 0.12)
    turn = rng.choice((rng.normal(0, 0.05), rng.uniform(0, 2 * np.pi)), p=(0.65, 0.35))
    layout = rng.choice(4, p=(0.33, 0.3, 0.29, 0.08))
    floors = textures.BEDS if layout == 2 else textures.FLOORS
    floor = floors[rng.integers(len(floors))]
    ground_h, ground_w = int(height * side), int(width * side)
    ground = Ground(np.clip(floor(rng, ground_h, ground_w, unit), 0, 255).astype(np.float32), unit)
    (lay_trays, lay_pots, lay_bed, lay_close)[layout](rng, ground)
    for _ in range(int(rng.choice((0, 0, 0, 1, 2)))):
        add_box(rng, ground)
    if rng.random() < 0.5:
        add_litter(rng, ground.rgb, unit)
    camera = aim(rng, ground, width, height, tilt, turn, zoom)
    picture = Picture(camera.see(ground.rgb), np.zeros((height, width), np.int16))
    _low_clutter(rng, picture, unit)
    if rng.random() > 0.07:
        set_plants(rng, picture, camera,
                   choose_plants(rng, library, ground.places, camera.squash < 0.9, occupied))
    _high_clutter(rng, picture, unit)
    boxes = picture.boxes()
    return Scene(light_and_lens(rng, picture, unit), boxes)


def _low_clutter(rng: Rng, picture: Picture, unit: float) -> None:
    height, width = picture.owner.shape
    if rng.random() < 0.15:
        add_hose(rng, picture.rgb, unit)
    for _ in range(int(rng.choice((0, 0, 1, 3, 8)))):
        add_label(rng, picture.rgb, rng.uniform(0, 1, 2) * (width, height), unit)


def _high_clutter(rng: Rng, picture: Picture, unit: float) -> None:
    height, width = picture.owner.shape
    if rng.random() < 0.1:
        picture.hide(add_hose(rng, picture.rgb, unit))
    if rng.random() < 0.1:
        picture.hide(add_tool(rng, picture.rgb, unit))
    for _ in range(int(rng.choice((0, 0, 1, 2, 5)))):
        at = rng.uniform(0, 1, 2) * (width, height)
        picture.hide(add_label(rng, picture.rgb, at, unit * rng.uniform(0.5, 1.0)))


# Data sets ---------------------------------------------------------------

SPLITS = {"train": 11, "val": 22}
LIBRARY_SIZES = {"train": 900, "val": 200}


@dataclass(frozen=True)
class Material:
    """Folders of plants that are not drawn; they may be absent or empty."""

    rosettes: Path
    """Photos of single rosettes on dark ground."""
    cutouts: Path | None = None
    """RGBA pictures of real plants from above."""
    rendered: Path | None = None
    """RGBA pictures of rendered plants."""


def make_library(split: str, material: Material) -> list[Sprite]:
    """Appearances of one split; no drawing and no photo is in both.

    Cut-outs and rendered plants are for training only.
    """
    drawn = draw_library(SPLITS[split], LIBRARY_SIZES[split])
    photos = cut_rosettes(material.rosettes)
    if split == "val":
        return drawn + photos[::6] * 2
    kept = [s for i, s in enumerate(photos) if i % 6]
    if material.cutouts:
        kept += load_sprites(material.cutouts, CUT)
    rendered = load_sprites(material.rendered, RENDERED) if material.rendered else []
    return drawn + kept * 2 + rendered


_worker: dict[str, object] = {}


def _start_worker(split: str, material: Material) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (WORKER_MEMORY, WORKER_MEMORY))
    cv2.setNumThreads(1)
    _worker["library"] = make_library(split, material)


@dataclass(frozen=True)
class Order:
    """What the scenes of a set have in common."""

    folder: Path
    split: str
    seed: int
    size: int = SCENE_SIZE
    zoom: float = 1.0
    occupied: float | None = None


def _write_scene(job: tuple[Order, int]) -> dict[str, object]:
    order, index = job
    rng = np.random.default_rng((order.seed * 100 + SPLITS[order.split], index))
    scene = compose(rng, _worker["library"], order.size, order.size, order.zoom, order.occupied)
    name = f"{index:05d}.jpg"
    quality = int(rng.integers(40, 96))
    bgr = cv2.cvtColor(scene.rgb, cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(order.folder / name), bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return {"file": name, "boxes": scene.boxes}


def write_dataset(order: Order, count: int, material: Material, workers: int) -> None:
    """Compose `count` scenes, with `truth.json` beside them."""
    order.folder.mkdir(parents=True, exist_ok=True)
    jobs = [(order, index) for index in range(count)]
    with ProcessPoolExecutor(workers, initializer=_start_worker,
                             initargs=(order.split, material)) as pool:
        truth = list(pool.map(_write_scene, jobs, chunksize=16))
    listing = json.dumps({"size": order.size, "images": truth})
    (order.folder / "truth.json").write_text(listing)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compose a data set of nursery scenes.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--split", choices=sorted(SPLITS), default="train")
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=SCENE_SIZE)
    parser.add_argument("--zoom", type=float, default=1.0, help="above 1: larger plants")
    parser.add_argument("--occupied", type=float,
                        help="share of pots and cells with a plant; random without it")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rosettes", type=Path, default=SHARED / "photos" / "rosettes",
                        help="photos of single rosettes on dark ground (may be absent)")
    parser.add_argument("--cutouts", type=Path, help="RGBA pictures of real plants from above")
    parser.add_argument("--rendered", type=Path, help="RGBA pictures of rendered plants")
    args = parser.parse_args()
    material = Material(args.rosettes, args.cutouts, args.rendered)
    order = Order(args.out, args.split, args.seed, args.size, args.zoom, args.occupied)
    write_dataset(order, args.count, material, args.workers)


if __name__ == "__main__":
    main()
