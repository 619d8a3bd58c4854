"""Materials as plain data; `studio` turns them into Blender's nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Skin:
    """Colours of the vertices with fine grain and bumps, and a little difference between copies."""

    rough: float = 0.5
    bump: float = 0.15
    bump_scale: float = 12.0
    grain: float = 0.15
    grain_scale: float = 6.0
    hue: float = 0.02
    value: float = 0.2
    translucent: float = 0.0
    subsurface: float = 0.0
    coat: float = 0.0
    dust: float = 0.0


@dataclass(frozen=True, eq=False)
class Photo:
    """A tiled texture whose name starts with one of `names`; `choice` (0 to 1) says which of them.

    `tile` is its size in centimetres. Without textures noise of a similar tone takes its place.
    """

    names: tuple[str, ...]
    tile: float
    choice: float
    offset: tuple[float, float, float]
    tint: np.ndarray | None = None
    rough: float = 0.8
    bump: float = 0.3
    turn: float = 0.0
    mottle: float = 0.25
    strong: float = 1.0


@dataclass(frozen=True, eq=False)
class Plain:
    """Plastic, clay or glaze: one colour with stains, dirt and lime; `speckle` adds dark grains."""

    colour: np.ndarray
    rough: float = 0.4
    mottle: float = 0.12
    dirt: float = 0.3
    metallic: float = 0.0
    scale: float = 0.5
    bump: float = 0.0
    speckle: float = 0.0


Material = Skin | Photo | Plain
