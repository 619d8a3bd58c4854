"""Choosing plants for a scene and putting them into pots and beds."""

from __future__ import annotations

import math

import numpy as np

from ..clutter import label, stub
from ..containers import Potting
from ..plants import KINDS, Kind, of_family
from ..profile import Draw
from ..scene import Model, Scene, grow

Disc = tuple[float, float, float]
"""A place taken on the ground: x, y and radius."""

MOODS = ("cacti", "cacti", "succulents", "succulents", "mixed", "mixed", "one", "one")


def choose(draw: Draw, mood: str | None = None) -> list[Kind]:
    """Kinds for one scene: a collection, a few, or one; `mood` may also name a kind or family."""
    mood = mood or draw.pick(MOODS)
    if mood in KINDS:
        return [KINDS[mood]]
    families = {"cacti": ("cactus",), "succulents": ("succulent",), "mixed": ("cactus", "succulent"),
                "one": ("cactus", "succulent", "seedling")}.get(mood, (mood,))
    kinds = of_family(*families)
    if mood == "one":
        return [often(draw, kinds)]
    if draw.chance(0.5):
        return [often(draw, kinds) for _ in range(draw.whole(2, 6))]
    return kinds


def often(draw: Draw, kinds: list[Kind]) -> Kind:
    """One kind, drawn as often as it says."""
    weights = np.array([k.often for k in kinds])
    return draw.pick(kinds, weights / weights.sum())


def models(scene: Scene, count: int, mood: str | None = None, detail: float = 0.8, variants: int = 2,
           kinds: list[Kind] | None = None) -> list[Model]:
    """Plants for one scene, each in some variants."""
    kinds = kinds or choose(scene.draw, mood)
    fine = Draw(scene.draw.rng, scene.draw.profile, detail)
    return [grow(fine, often(scene.draw, kinds), variants) for _ in range(count)]


def fit(scene: Scene, model: Model, room: float, boost: float = 1.0) -> float:
    """A plant's radius in a pot of inner radius `room`."""
    share = scene.draw.between(*model.kind.room) * boost
    return min(room * share, room * model.kind.height / max(model.top, 0.5))


def plant_pot(scene: Scene, pot: Potting, at, turn: float, pool: list[Model], empty: float = 0.07,
              several: float = 0.1,
              boost: float = 1.0) -> int:
    """A pot with one plant, several bodies, or none."""
    draw = scene.draw
    filled = not draw.chance(0.02)
    container = pot.stand(at, turn, filled)
    if not filled or draw.chance(empty):
        if filled and draw.chance(0.1):
            stub(scene, at[:2], at[2] + pot.level, pot.inner * draw.between(0.2, 0.6))
        return container
    if draw.chance(several):
        bodies(scene, pot, at, container, pool, draw.whole(2, 10))
    else:
        alone(scene, pot, at, container, draw.pick(pool), boost)
    if draw.chance(0.07):
        side = draw.pick((-1, 1)) * pot.inner * 0.75
        label(scene, (at[0] + side, at[1] + draw.rng.normal(0, 0.3) * pot.inner, at[2] + pot.level),
              pot.inner * draw.between(0.5, 0.9))
    return container


def alone(scene: Scene, pot: Potting, at, container: int, model: Model, boost: float = 1.0) -> None:
    """One plant in the middle of a pot."""
    r = fit(scene, model, pot.inner, boost)
    x, y = scene.draw.rng.normal(0, 0.06 * pot.inner, 2)
    sunk = 0.06 * r if model.kind.family in ("cactus", "seedling") else 0.02 * r
    scene.plant(model, (at[0] + x, at[1] + y, at[2] + pot.level - sunk), r, container)


def clear(placed: list[Disc], x: float, y: float, radius: float, gap: float) -> bool:
    """Whether a disc keeps its distance from all others, `gap` times the sum of both radii."""
    return all(math.hypot(x - a, y - b) > (radius + other) * gap for a, b, other in placed)


def bodies(scene: Scene, pot: Potting, at, container: int, pool: list[Model], count: int) -> None:
    """Separate plants in one pot, apart or touching."""
    draw = scene.draw
    gap = draw.pick((1.0, 1.04, 1.12, 1.3))
    size = min(0.5, 0.95 / math.sqrt(count)) * draw.between(0.6, 1.0)
    model, alike = draw.pick(pool), draw.chance(0.7)
    placed: list[Disc] = []
    for _ in range(count * 10):
        r = pot.inner * size * draw.rng.uniform(0.65, 1.2)
        x, y = draw.rng.uniform(-1, 1, 2) * max(pot.inner - 0.8 * r, 0)
        if math.hypot(x, y) > pot.inner - 0.7 * r or not clear(placed, x, y, r, gap):
            continue
        placed.append((x, y, r))
        one = model if alike else draw.pick(pool)
        scene.plant(one, (at[0] + x, at[1] + y, at[2] + pot.level - 0.1 * r),
                    min(r, pot.inner * 2.5 / max(one.top, 0.5)), container)
        if len(placed) == count:
            return


def crowd(scene: Scene, pool: list[Model], width: float, depth: float, z: float, size: float, limit: int,
          container: int | None = None, gap: float | None = None, uneven: float | None = None) -> int:
    """Plants by dart throwing; their distance in radii decides whether they touch. Returns how many."""
    draw, rng = scene.draw, scene.draw.rng
    gap = gap or draw.pick((0.8, 0.9, 1.0, 1.1, 1.4, 2.0))
    uneven = uneven or draw.pick((0.1, 0.3))
    placed = np.zeros((0, 3))
    for _ in range(limit * 12):
        if len(placed) >= limit:
            break
        r = size * float(np.exp(rng.normal(0, uneven)).clip(0.5, 1.8))
        x, y = rng.uniform(-width, width), rng.uniform(-depth, depth)
        if len(placed) and np.any(np.hypot(placed[:, 0] - x, placed[:, 1] - y) < (placed[:, 2] + r) * gap):
            continue
        placed = np.vstack([placed, (x, y, r)])
        model = draw.pick(pool)
        scene.plant(model, (x, y, z - 0.1 * r), min(r, size * 5 / max(model.top, 0.5)), container)
    return len(placed)
