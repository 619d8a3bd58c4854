"""Views made on the fly: rendered plants and cut-outs lying on photographed ground.

Scenes show plants of a tenth of their width. Phones are held closer: here a plant may
be larger than the view. One of which less than a quarter is seen has no box, so that
leaves, flowers and heads are no plants of their own. A tenth of the views is bare
ground: gravel, boards, cloth, walls.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from plants import CUT, RENDERED, Rng, Sprite, load_sprites
from scenes import Picture, recolour, turn_sprite

# Longer side of a typical plant, in pixels of the view.
SMALLEST, LARGEST = 14, 900
BARE = 0.1
MOST_PLANTS = 70


class Ground:
    """Photographed textures that can be tiled."""

    def __init__(self, folders: list[Path]) -> None:
        paths = [path for folder in folders for path in sorted(folder.iterdir())]
        pictures = [cv2.imread(str(path), cv2.IMREAD_COLOR) for path in paths]
        self.tiles = [cv2.cvtColor(p, cv2.COLOR_BGR2RGB) for p in pictures if p is not None]

    def lay(self, rng: Rng, size: int) -> np.ndarray:
        """A square of ground, its texture turned and scaled at random."""
        tile = self.tiles[rng.integers(len(self.tiles))]
        side = int(np.exp(rng.uniform(np.log(70), np.log(700))))
        tile = cv2.resize(tile, (side, side), interpolation=cv2.INTER_AREA)
        times = -(-2 * size // side)
        ground = np.tile(np.rot90(tile, int(rng.integers(4))), (times, times, 1))
        x, y = rng.integers(0, ground.shape[0] - size + 1, 2)
        return ground[y:y + size, x:x + size].astype(np.float32)


class PastedViews:
    """Makes views of a size with their boxes."""

    def __init__(self, rendered: Path, cutouts: Path, textures: list[Path]) -> None:
        self.sprites = load_sprites(rendered, RENDERED) + load_sprites(cutouts, CUT)
        self.ground = Ground(textures)

    def view(self, rng: Rng, size: int) -> tuple[np.ndarray, np.ndarray]:
        """RGB picture and boxes `[N, 4]`."""
        picture = Picture(self.ground.lay(rng, size), np.zeros((size, size), np.int16))
        picture.rgb *= 1 + rng.uniform(0, 0.4) * _slope(rng, size)[..., None]
        if rng.random() >= BARE:
            self._plant(rng, picture, size)
        boxes = np.array(picture.boxes(), np.float32).reshape(-1, 4)
        return picture.rgb.clip(0, 255).astype(np.uint8), boxes

    def _plant(self, rng: Rng, picture: Picture, size: int) -> None:
        """Rows of a few kinds, sparse to overlapping."""
        typical = np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST)))
        pitch = typical * rng.uniform(0.75, 1.8)
        spread, jitter = rng.choice((0.05, 0.15, 0.35)), rng.choice((0.03, 0.1, 0.3))
        pool = [self.sprites[k] for k in rng.integers(len(self.sprites), size=rng.integers(1, 6))]
        light, reach, depth = rng.uniform(0, 2 * np.pi), rng.uniform(0.02, 0.15), rng.uniform(0.2, 0.7)
        steps = np.arange(-0.5 * typical, size + 0.5 * typical, pitch) + rng.uniform(0, 1) * pitch
        places = np.stack(np.meshgrid(steps, steps), -1).reshape(-1, 2)
        places = places + rng.normal(0, jitter * pitch, places.shape)
        # Of large plants there are so few that none may stay away.
        occupied = rng.choice((1.0, 0.9, 0.6, 0.3)) if len(places) > 16 else 1.0
        for at in rng.permutation(places)[:MOST_PLANTS]:
            if rng.random() > occupied:
                continue
            longer = typical * float(np.exp(rng.normal(0, spread)))
            rgba = _appearance(rng, pool[rng.integers(len(pool))], longer)
            corner = np.round(at - np.array(rgba.shape[1::-1]) / 2).astype(int)
            shift = reach * longer * np.array((np.cos(light), np.sin(light)))
            _cast_shadow(picture.rgb, rgba[..., 3], corner + shift.astype(int), depth)
            picture.paste(rgba, int(corner[0]), int(corner[1]))


def _appearance(rng: Rng, sprite: Sprite, longer: float) -> np.ndarray:
    """A plant in another colour and, seen from above, turned."""
    angle = rng.uniform(0, 2 * np.pi) if sprite.kind == CUT or rng.random() < 0.5 \
        else rng.normal(0, 0.15)
    return recolour(rng, turn_sprite(sprite, longer, angle, 1.0), rng.uniform(0.2, 1.0))


def _slope(rng: Rng, size: int) -> np.ndarray:
    """Light that falls off to one side, -1 to 0."""
    along = np.linspace(-1, 0, size, dtype=np.float32)
    across = np.broadcast_to(along, (size, size))
    return np.rot90(across, int(rng.integers(4)))


def _cast_shadow(rgb: np.ndarray, alpha: np.ndarray, corner: np.ndarray, depth: float) -> None:
    """Darken the ground under a moved copy of the plant."""
    x1, y1 = np.maximum(corner, 0)
    x2, y2 = np.minimum(corner + alpha.shape[1::-1], rgb.shape[1::-1])
    if x1 >= x2 or y1 >= y2:
        return
    part = alpha[y1 - corner[1]:y2 - corner[1], x1 - corner[0]:x2 - corner[0]]
    soft = cv2.blur(part, (2 * (part.shape[1] // 24) + 1, 2 * (part.shape[0] // 24) + 1))
    rgb[y1:y2, x1:x2] *= 1 - depth / 255 * soft[..., None].astype(np.float32)
