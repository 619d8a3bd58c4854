"""The kinds of plants: each a function from random choices to a mesh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..mesh import Mesh
from ..profile import Draw

Builder = Callable[[Draw], Mesh]


@dataclass(frozen=True)
class Kind:
    """One kind of plant.

    `room` is the range of its radius as a share of its pot's, `height` how many pot
    radii it may at most be high, `often` how often it is drawn among its family.
    `clumps` tells kinds that stand as several bodies in one pot as well as alone.
    """

    name: str
    family: str
    build: Builder
    room: tuple[float, float]
    height: float
    often: float
    clumps: bool


KINDS: dict[str, Kind] = {}
FAMILIES = ("cactus", "succulent", "seedling", "leafy", "palm")


def kind(name: str, family: str, room: tuple[float, float] = (0.45, 0.95), height: float = 4.0,
         often: float = 1.0, clumps: bool = False) -> Callable[[Builder], Builder]:
    """Register a builder as a kind of plant."""

    def register(build: Builder) -> Builder:
        if name in KINDS or family not in FAMILIES:
            raise ValueError(f"the kind {name} is registered twice, or its family {family} is unknown")
        KINDS[name] = Kind(name, family, build, room, height, often, clumps)
        return build

    return register


def of_family(*families: str) -> list[Kind]:
    """The kinds of some families, in the order they were registered."""
    return [k for k in KINDS.values() if k.family in families]
