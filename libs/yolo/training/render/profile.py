"""Profiles: one generator, disjoint seeds, other parameters and light for scenes that measure.

`TRAIN` draws from the ranges as written. `VALIDATION` and `BLIND` widen or hollow
them out, turn the hues, and have pots and skies that no training scene has, so
that they test whether what was learnt carries over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .colour import Table, hsv
from .maths import Rng

SEEDS = 1_000_000_000
"""Seeds of one profile: scene n of profile k has the seed k * SEEDS + n."""


@dataclass(frozen=True)
class Profile:
    """What a set of scenes is drawn from.

    `reach` widens every range of proportions at both ends, as a share of its
    width; `hollow` is the share of the middle that is left out. `hue`
    is added in degrees, `saturation` and `value` multiply.
    """

    name: str
    first: int
    reach: float
    hollow: float
    hue: float
    saturation: float
    value: float
    pots: tuple[str, ...]
    skies: tuple[str, ...]

    def seed(self, number: int) -> int:
        """The seed of scene `number`; no other profile has it."""
        if not 0 <= number < SEEDS:
            raise ValueError(f"a scene's number must be from 0 to {SEEDS - 1}")
        return self.first + number


TRAIN = Profile(
    "train", 0, 0.0, 0.0, 0.0, 1.0, 1.0,
    ("black", "black", "clay", "clay", "brown", "grey", "white", "green", "gaudy", "coir", "glazed"),
    ("plain",))
VALIDATION = Profile(
    "validation", SEEDS, 0.08, 0.0, 5.0, 0.9, 1.04,
    ("black", "terracotta", "stoneware", "taupe", "cement"),
    ("plain", "clouds"))
BLIND = Profile(
    "blind", 2 * SEEDS, 0.1, 0.35, -6.0, 1.08, 0.94,
    ("anthracite", "terracotta", "tin", "terrazzo", "taupe"),
    ("nishita", "clouds"))
PROFILES = {profile.name: profile for profile in (TRAIN, VALIDATION, BLIND)}


class Draw:
    """Random choices under a profile.

    `between`, `whole` and `colour` follow the profile and are for what makes a plant
    or pot look its way; what `rng` gives is the same for all profiles.
    `detail` scales the number of vertices: below 1 for plants that will be small.
    """

    def __init__(self, rng: Rng, profile: Profile = TRAIN, detail: float = 1.0) -> None:
        self.rng = rng
        self.profile = profile
        self.detail = detail

    def between(self, low: float, high: float, size: Any = None) -> Any:
        """A number of a range of proportions, bent by the profile, never of another sign."""
        share = self.rng.random(size)
        hollow, reach = self.profile.hollow, self.profile.reach
        if hollow:
            share = np.where(share < 0.5, share * (1 - hollow), 1 - (1 - share) * (1 - hollow))
        value = low + (share * (1 + 2 * reach) - reach) * (high - low)
        bent = np.maximum(value, 0.7 * low) if low >= 0 else value
        return float(bent) if size is None else bent

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high - 1."""
        return int(self.rng.integers(low, high))

    def chance(self, share: float) -> bool:
        """True in a share of cases."""
        return bool(self.rng.random() < share)

    def pick(self, options: Any, shares: Any = None) -> Any:
        """One of some options, of any type."""
        options = list(options)
        return options[int(self.rng.choice(len(options), p=shares))]

    def seed(self) -> int:
        """A seed for noise of its own."""
        return int(self.rng.integers(1 << 30))

    def colour(self, table: Table) -> np.ndarray:
        """A colour from one of a table's ranges."""
        (h0, h1), (s0, s1), (v0, v1) = table[self.rng.integers(len(table))]
        p, rng = self.profile, self.rng
        return hsv(rng.uniform(h0, h1) + p.hue, rng.uniform(s0, s1) * p.saturation,
                   rng.uniform(v0, v1) * p.value)
