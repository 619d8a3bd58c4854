"""The layouts of scenes, how often each is drawn, and how it asks to be looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..light import INDOOR
from ..scene import Scene

FLOORS = ("wood", "wood", "concrete", "fabric", "plain", "soil", "net", "gravel", "tiles")


@dataclass(frozen=True)
class View:
    """How a scene asks to be looked at.

    `top` is the share of views straight from above, `low` the range of elevations in
    degrees otherwise, `fill` how much wider than the scene the picture is, `aim`
    how far the camera strays from its middle as a share of its reach; `floor_at` is the
    height of what everything stands on.
    """

    top: float = 0.4
    low: tuple[float, float] = (30, 75)
    fill: tuple[float, float] = (0.7, 1.15)
    lens: tuple[float, float] = (26, 60)
    aim: float = 0.12
    floors: tuple[str, ...] = FLOORS
    moods: tuple[str, ...] = INDOOR
    scatter: bool = True
    blur: float = 0.35
    floor_at: float = 0.0


Build = Callable[[Scene], View]


@dataclass(frozen=True)
class Layout:
    """A way to lay out scenes, and its share of them."""

    name: str
    share: float
    build: Build


LAYOUTS: dict[str, Layout] = {}


def layout(name: str, share: float) -> Callable[[Build], Build]:
    """Register a layout with its share of scenes, which are made to add up to one."""

    def register(build: Build) -> Build:
        LAYOUTS[name] = Layout(name, share, build)
        return build

    return register
