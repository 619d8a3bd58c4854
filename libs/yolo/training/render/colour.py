"""Colours as linear light, and the tables they are drawn from.

A table lists ranges of hue in degrees, saturation and value as seen on a screen.
Skins of cacti have hues of 75 to 120 degrees and are dull: brighter greens look
like emerald. Grey-blues need a saturation below 0.3.
"""

from __future__ import annotations

import numpy as np

Table = list[tuple[tuple[float, float], tuple[float, float], tuple[float, float]]]


def linear(rgb) -> np.ndarray:
    """sRGB to linear light."""
    rgb = np.asarray(rgb, float)
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def hsv(h: float, s: float, v: float) -> np.ndarray:
    """Hue in degrees, saturation and value as seen, to linear RGB."""
    h, s, v = (h % 360) / 60, min(max(s, 0.0), 1.0), min(max(v, 0.0), 1.0)
    f = np.array([abs(h - 3) - 1, 2 - abs(h - 2), 2 - abs(h - 4)]).clip(0, 1)
    return linear(v * (1 - s + s * f))


def mix(a, b, share) -> np.ndarray:
    """Blend colours a and b (either may be one colour or one per vertex)."""
    share = np.asarray(share, float)
    if share.ndim:
        share = share[:, None]
    return np.asarray(a) * (1 - share) + np.asarray(b) * share


GREEN_SKIN = ((85, 118), (0.3, 0.58), (0.22, 0.48))
SAGE_SKIN = ((85, 125), (0.25, 0.45), (0.3, 0.55))
BLUE_SKIN = ((145, 195), (0.1, 0.3), (0.36, 0.62))
OLIVE_SKIN = ((65, 90), (0.32, 0.6), (0.33, 0.58))
FRESH_SKIN = ((75, 105), (0.4, 0.62), (0.45, 0.7))
BROWN_SKIN = ((340, 385), (0.2, 0.45), (0.24, 0.4))
GREY_SKIN = ((80, 140), (0.1, 0.3), (0.3, 0.5))
BODY: Table = [GREEN_SKIN, SAGE_SKIN, BLUE_SKIN, OLIVE_SKIN, FRESH_SKIN, BROWN_SKIN, GREY_SKIN]

WHITE_SPINE = ((30, 60), (0.0, 0.12), (0.8, 0.98))
GOLD_SPINE = ((38, 52), (0.35, 0.75), (0.7, 0.95))
RUST_SPINE = ((8, 28), (0.45, 0.8), (0.3, 0.62))
SPINES: Table = [
    WHITE_SPINE, ((30, 50), (0.05, 0.25), (0.7, 0.95)), GOLD_SPINE, RUST_SPINE,
    ((15, 40), (0.2, 0.4), (0.12, 0.3)), ((0, 15), (0.5, 0.75), (0.35, 0.6)),
    ((25, 45), (0.15, 0.35), (0.5, 0.8)),
]

PINK_FLOWER = ((310, 345), (0.5, 0.9), (0.75, 1))
RED_FLOWER = ((0, 15), (0.7, 0.95), (0.7, 0.95))
YELLOW_FLOWER = ((45, 58), (0.6, 0.9), (0.85, 1))
ORANGE_FLOWER = ((20, 35), (0.7, 0.95), (0.85, 1))
WHITE_FLOWER = ((30, 60), (0.0, 0.15), (0.9, 1))
FLOWERS: Table = [PINK_FLOWER, RED_FLOWER, YELLOW_FLOWER, ORANGE_FLOWER, WHITE_FLOWER]

BARK: Table = [((22, 40), (0.25, 0.5), (0.3, 0.5))]
DRY: Table = [((25, 42), (0.3, 0.55), (0.35, 0.65)), ((15, 35), (0.2, 0.4), (0.25, 0.45))]
SCORCHED: Table = [((35, 55), (0.15, 0.4), (0.65, 0.85)), ((20, 35), (0.35, 0.6), (0.3, 0.5))]
STRESSED: Table = [((340, 372), (0.45, 0.8), (0.4, 0.7)), ((10, 28), (0.5, 0.75), (0.5, 0.75)),
                   ((290, 330), (0.25, 0.5), (0.3, 0.5))]

BLUE_LEAF = ((170, 215), (0.1, 0.3), (0.5, 0.8))
SEA_LEAF = ((110, 160), (0.1, 0.3), (0.5, 0.8))
GREEN_LEAF = ((78, 112), (0.3, 0.6), (0.4, 0.7))
DEEP_LEAF = ((78, 112), (0.3, 0.5), (0.35, 0.6))
PURPLE_LEAF = ((270, 325), (0.12, 0.38), (0.35, 0.65))
PINK_LEAF = ((340, 372), (0.18, 0.45), (0.5, 0.8))
BLACK_LEAF = ((300, 350), (0.2, 0.5), (0.13, 0.26))
PEACH_LEAF = ((12, 35), (0.3, 0.6), (0.6, 0.82))
RED_LEAF = ((350, 368), (0.55, 0.8), (0.4, 0.7))
LIME_LEAF = ((62, 82), (0.35, 0.6), (0.6, 0.82))
LEAVES: Table = [BLUE_LEAF, SEA_LEAF, GREEN_LEAF, DEEP_LEAF, PURPLE_LEAF, PINK_LEAF, BLACK_LEAF,
                 PEACH_LEAF, RED_LEAF]
EDGES: Table = [((340, 375), (0.4, 0.8), (0.5, 0.8)), ((340, 375), (0.3, 0.6), (0.6, 0.85)),
                ((10, 30), (0.4, 0.7), (0.5, 0.8)), ((40, 65), (0.15, 0.4), (0.75, 0.95)),
                ((300, 350), (0.3, 0.6), (0.2, 0.4))]

PUMICE = ((30, 45), (0.1, 0.28), (0.55, 0.85))
LAVA = ((8, 22), (0.3, 0.55), (0.28, 0.5))
GRAVEL = ((20, 60), (0.02, 0.1), (0.3, 0.7))
PERLITE = ((30, 60), (0.0, 0.06), (0.75, 0.95))
AKADAMA = ((20, 32), (0.4, 0.6), (0.45, 0.68))
PEAT = ((20, 35), (0.2, 0.4), (0.08, 0.2))
SLATE = ((200, 230), (0.05, 0.15), (0.3, 0.5))
GRIT: Table = [PUMICE, LAVA, GRAVEL, PERLITE, AKADAMA, PEAT, SLATE]
SOIL: Table = [((18, 34), (0.25, 0.5), (0.1, 0.24)), ((22, 36), (0.3, 0.5), (0.2, 0.4)),
               ((30, 42), (0.2, 0.4), (0.4, 0.6))]
