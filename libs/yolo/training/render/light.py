"""Light as plain data: sky, sun, lamps and what throws shadows from outside the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .maths import TURN
from .profile import Draw


@dataclass(frozen=True, eq=False)
class Sky:
    """`kind` is plain (two colours), clouds (noise) or nishita (an atmosphere with its sun's height)."""

    kind: str
    top: np.ndarray
    bottom: np.ndarray
    strength: float
    seed: float = 0.0
    sun_height: float = 0.8


@dataclass(frozen=True, eq=False)
class Sun:
    """A far lamp: energy, tilt from upright, heading, the angle it fills (small: hard shadows)."""

    energy: float
    tilt: float
    heading: float
    angle: float
    colour: np.ndarray


@dataclass(frozen=True, eq=False)
class Panel:
    """A window or ceiling lamp: a square of light at a place, looking at the origin."""

    at: np.ndarray
    size: float
    energy: float
    colour: np.ndarray


@dataclass(frozen=True, eq=False)
class Light:
    """All light of a scene.

    `slats` are (pitch, share, heading) of a lath roof, `dapple` is above 0 under leaves,
    `flash` the strength of a lamp at the camera.
    """

    mood: str
    sky: Sky
    sun: Sun | None = None
    panels: tuple[Panel, ...] = ()
    slats: tuple[float, float, float] | None = None
    dapple: float = 0.0
    flash: float = 0.0


INDOOR = ("sun", "sun", "soft", "overcast", "overcast", "window", "ceiling", "slats", "dapple", "flash",
          "dusk")
OPEN = ("sun", "sun", "soft", "overcast", "dusk")
GREY = np.array([0.85, 0.9, 1.0])


def lit(draw: Draw, reach: float, moods: tuple[str, ...] = INDOOR) -> Light:
    """Light of a random mood for a scene of a given reach."""
    mood, rng = draw.pick(moods), draw.rng
    warm = np.array([1, rng.uniform(0.85, 0.97), rng.uniform(0.7, 0.92)])
    blue = np.array([rng.uniform(0.45, 0.8), rng.uniform(0.65, 0.9), 1.0])
    tilt, heading = rng.uniform(0.1, 1.0), rng.uniform(0, TURN)

    def sky(top, bottom, low: float, high: float) -> Sky:
        kind = draw.pick(draw.profile.skies)
        return Sky(kind, top, bottom, rng.uniform(low, high), rng.uniform(0, 50), math.pi / 2 - tilt)

    if mood in ("sun", "slats", "dapple"):
        sun = Sun(rng.uniform(2.5, 5), tilt, heading, rng.choice((0.009, 0.02)), warm)
        slats = (rng.uniform(0.05, 0.16) * reach, rng.uniform(0.25, 0.5),
                 rng.uniform(0, math.pi)) if mood == "slats" else None
        return Light(mood, sky(blue, blue * 0.6, 0.35, 0.8), sun, slats=slats, dapple=float(mood == "dapple"))
    if mood == "soft":
        return Light(mood, sky(GREY, GREY * 0.6, 0.5, 0.9),
                     Sun(rng.uniform(1.2, 3), tilt, heading, rng.uniform(0.1, 0.5), warm))
    if mood == "overcast":
        return Light(mood, sky(GREY, GREY * 0.35, 0.8, 1.2),
                     Sun(rng.uniform(0.2, 0.8), tilt, heading, 1.2, GREY))
    if mood == "dusk":
        glow = np.array([1, rng.uniform(0.5, 0.75), rng.uniform(0.25, 0.5)])
        return Light(mood, sky(blue * 0.5, glow * 0.4, 0.15, 0.4),
                     Sun(rng.uniform(0.6, 1.8), rng.uniform(1.0, 1.35), heading, 0.05, glow))
    if mood == "window":
        d = reach * 2.0
        at = np.array([d * math.cos(heading), d * math.sin(heading), d * rng.uniform(0.5, 1.3)])
        return Light(mood, sky(warm, warm * 0.8, 0.12, 0.3),
                     panels=(Panel(at, d * 0.7, d * d * rng.uniform(6, 12), GREY),))
    if mood == "ceiling":
        tint = rng.uniform((0.85, 0.85, 0.7), (1, 1, 1))
        spots = rng.uniform(-1.5, 1.5, (draw.whole(1, 4), 2)) * reach
        lamps = tuple(Panel(np.array([x, y, 2.5 * reach]), reach * 0.5, reach**2 * rng.uniform(5, 10), tint)
                      for x, y in spots)
        return Light(mood, sky(tint, tint * 0.7, 0.15, 0.35), panels=lamps)
    return Light(mood, sky(warm, warm * 0.7, 0.3, 0.6), flash=rng.uniform(0.6, 1.6))
