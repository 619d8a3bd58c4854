"""Views made on the fly: rendered plants and cut-outs lying on photographed ground.

Scenes show plants of a tenth of their width. Phones are held closer: here a plant may
be larger than the view. One of which less than a quarter is seen has no box, so that
leaves, flowers and heads are no plants of their own. Empty pots, labels, moss and bare
ground (gravel, boards, cloth, walls) are what is no plant.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from composed.clutter import add_label
from composed.ground import pot_colour, rounded_box
from composed.picture import Picture, recolour, turn_sprite
from sprites import CUT, RENDERED, Rng, Sprite, load_sprites

# Longer side of a typical plant, in pixels of the view.
SMALLEST, LARGEST = 14, 900
BARE = 0.1
POTTED = 0.4
MOSSY = 0.3
MOST_PLANTS = 70
# Share of views with plants over plants, and what those look like.
CROWDED = 0.3
SMALLEST_CROWDED, LARGEST_CROWDED = 18, 130
MOST_CROWDED = 130


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
        return ground[y:y + size, x:x + size].astype(np.float32, order="C")


class PastedViews:
    """Makes views of a size with their boxes."""

    def __init__(self, rendered: Path, cutouts: Path, textures: list[Path]) -> None:
        self.sprites = load_sprites(rendered, RENDERED) + load_sprites(cutouts, CUT)
        self.ground = Ground(textures)

    def view(self, rng: Rng, size: int) -> tuple[np.ndarray, np.ndarray]:
        """RGB picture and boxes `[N, 4]`."""
        picture = Picture(self.ground.lay(rng, size), np.zeros((size, size), np.int16))
        picture.rgb *= 1 + rng.uniform(0, 0.4) * _slope(rng, size)[..., None]
        if rng.random() < MOSSY:
            _grow_moss(rng, picture.rgb)
        if rng.random() >= BARE:
            plant = self._crowd if rng.random() < CROWDED else self._plant
            plant(rng, picture, size)
        boxes = np.array(picture.boxes(), np.float32).reshape(-1, 4)
        return picture.rgb.clip(0, 255).astype(np.uint8), boxes

    def _plant(self, rng: Rng, picture: Picture, size: int) -> None:
        """Rows of a few kinds, in pots or not, sparse to overlapping."""
        typical = np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST)))
        potted = rng.random() < POTTED
        room = typical * rng.uniform(0.9, 2.0)
        pitch = room * rng.uniform(1.0, 1.3) if potted else typical * rng.uniform(0.75, 1.8)
        places = _places(rng, size, typical, pitch, float(rng.choice((0.03, 0.1, 0.3))))[:MOST_PLANTS]
        if potted:
            self._set_pots(rng, picture, places, room)
        _stick_labels(rng, picture, typical)
        # Of large plants there are so few that none may stay away.
        occupied = rng.choice((1.0, 0.9, 0.6, 0.3, 0.0)) if len(places) > 16 else 1.0
        kept = [at for at in places if rng.random() < occupied]
        self._set(rng, picture, kept, np.full(len(kept), typical))

    def _crowd(self, rng: Rng, picture: Picture, size: int) -> None:
        """Plants that stand before one another, the far ones smaller, all in one heap."""
        typical = np.exp(rng.uniform(np.log(SMALLEST_CROWDED), np.log(LARGEST_CROWDED)))
        pitch = typical * rng.uniform(0.45, 0.9)
        places = _places(rng, size, typical, pitch, 0.25)
        places[:, 1] = places[:, 1] * (low := rng.uniform(0.5, 1.0)) + rng.uniform(0, 1 - low) * size
        away = np.hypot(*(places - rng.uniform(0, size, 2)).T)
        places = places[np.argsort(away)[:int(rng.integers(12, MOST_CROWDED))]]
        places = places[np.argsort(places[:, 1])]
        growth = rng.uniform(0, 0.9) * (places[:, 1] / size - 0.5)
        self._set(rng, picture, list(places), typical * (1 + growth).clip(0.4, 1.6))

    def _set(self, rng: Rng, picture: Picture, places: list[np.ndarray], sizes: np.ndarray) -> None:
        """Plants of a few kinds at their places, one over the other, with their shadows."""
        light, reach, depth = rng.uniform(0, 2 * np.pi), rng.uniform(0.02, 0.15), rng.uniform(0.2, 0.7)
        spread = rng.choice((0.05, 0.15, 0.35))
        pool = [self.sprites[k] for k in rng.integers(len(self.sprites), size=rng.integers(1, 6))]
        for at, usual in zip(places, sizes):
            longer = float(usual * np.exp(rng.normal(0, spread)))
            rgba = _appearance(rng, pool[rng.integers(len(pool))], longer)
            corner = np.round(at - np.array(rgba.shape[1::-1]) / 2).astype(int)
            shift = reach * longer * np.array((np.cos(light), np.sin(light)))
            _cast_shadow(picture.rgb, rgba[..., 3], corner + shift.astype(int), depth)
            picture.paste(rgba, int(corner[0]), int(corner[1]))

    def _set_pots(self, rng: Rng, picture: Picture, places: np.ndarray, room: float) -> None:
        """Round or square pots of one kind, filled with another ground."""
        colour, square = pot_colour(rng), rng.random() < 0.4
        bodies, inside = (np.zeros(picture.owner.shape, np.uint8) for _ in range(2))
        rim = rng.uniform(0.04, 0.12)
        for x, y in places:
            for mask, half in ((bodies, room / 2), (inside, room * (0.5 - rim))):
                if square:
                    rounded_box(mask, x - half, y - half, x + half, y + half, half * 0.25)
                else:
                    cv2.circle(mask, (int(x), int(y)), max(int(half), 1), 255, -1)
        picture.rgb[bodies > 0] = colour
        soil = self.ground.lay(rng, len(picture.owner)) * rng.uniform(0.5, 1.1)
        picture.rgb[inside > 0] = soil[inside > 0]


def _places(rng: Rng, size: int, typical: float, pitch: float, jitter: float) -> np.ndarray:
    """Points on a crooked grid, some of them outside the view."""
    steps = np.arange(-0.5 * typical, size + 0.5 * typical, pitch) + rng.uniform(0, 1) * pitch
    places = np.stack(np.meshgrid(steps, steps), -1).reshape(-1, 2)
    places = places + rng.normal(0, jitter * pitch, places.shape)
    return rng.permutation(places)


def _stick_labels(rng: Rng, picture: Picture, typical: float) -> None:
    """Labels of the size that they have beside such plants."""
    unit = np.clip(typical / 60, 0.4, 5) * rng.uniform(0.6, 1.5)
    for _ in range(int(rng.choice((0, 1, 3, 6)))):
        at = rng.uniform(0, 1, 2) * len(picture.owner)
        add_label(rng, picture.rgb, at, unit, coloured=0.7)


def _grow_moss(rng: Rng, rgb: np.ndarray) -> None:
    """Patches of green grains, faint to full, without the shape of any plant."""
    for _ in range(int(rng.integers(1, 7))):
        half = int(np.exp(rng.uniform(np.log(10), np.log(60))))
        x, y = (int(v) for v in rng.integers(0, len(rgb), 2))
        region = rgb[max(y - half, 0):y + half, max(x - half, 0):x + half]
        height, width = region.shape[:2]
        grain = rng.uniform(1.5, 5)
        coarse = rng.random((max(int(height / grain), 2), max(int(width / grain), 2)), np.float32)
        grains = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        ys, xs = np.ogrid[-1:1:height * 1j, -1:1:width * 1j]
        cover = (1.2 - np.hypot(xs, ys) + rng.uniform(-0.4, 0.6) - grains).clip(0, 0.5) * 2
        green = np.array((rng.uniform(30, 120), rng.uniform(80, 170), rng.uniform(10, 60)), np.float32)
        blend = (cover * rng.uniform(0.2, 0.7)).astype(np.float32)[..., None]
        region += blend * (green * (0.5 + grains[..., None]) - region)


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
