"""Appearances of single plants: drawn ones, and rosettes cut out of photos.

A sprite is a tightly cropped RGBA picture of one plant, its colours multiplied by its
coverage (so that shrinking and turning leave no fringe). Drawing is done at twice the
final size and shrunk, which gives soft edges. Everything is deterministic for a given
generator.
"""

from .colours import Colour, Rng, hsv
from .collection import cut_rosettes, draw_library, load_sprites
from .sprite import CUT, RENDERED, Sprite

__all__ = [
    "CUT", "RENDERED", "Colour", "Rng", "Sprite", "cut_rosettes", "draw_library", "hsv",
    "load_sprites",
]
