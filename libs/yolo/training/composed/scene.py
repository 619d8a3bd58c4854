"""A whole scene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import textures
from sprites import Rng, Sprite

from .camera import aim
from .choice import choose_plants
from .clutter import add_box, add_hose, add_label, add_litter, add_tool
from .ground import Ground
from .layouts import lay_bed, lay_close, lay_pots, lay_trays
from .lens import light_and_lens
from .picture import Picture, set_plants

SCENE_SIZE = 512


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
