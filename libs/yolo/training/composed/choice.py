"""Which plants stand in which places."""

from __future__ import annotations

import numpy as np

from sprites import CUT, RENDERED, Rng, Sprite

from .ground import Place
from .picture import Plant

# Share of scenes with rendered plants only, where there are any.
RENDERED_SHARE = 0.6


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
