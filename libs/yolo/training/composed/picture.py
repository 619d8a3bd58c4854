"""What the camera sees: plants are set into it one over the other, and what stays visible
of each is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from sprites import Rng, Sprite

from .camera import Camera
from .ground import Place

VISIBLE_SHARE = 0.25
SMALLEST_BOX = 5.0
SMALLEST_PLANT = 6.0
SOLID_ALPHA = 110


@dataclass
class Picture:
    """What the camera sees, and which plant every pixel belongs to."""

    rgb: np.ndarray
    owner: np.ndarray
    areas: list[int] = field(default_factory=list)

    def near(self, at: np.ndarray, margin: float) -> bool:
        """Whether a point lies in the picture, or at most `margin` outside."""
        height, width = self.owner.shape
        return bool(-margin < at[0] < width + margin and -margin < at[1] < height + margin)

    def hide(self, mask: np.ndarray) -> None:
        """Something lies over these pixels."""
        self.owner[mask > 0] = 0

    def paste(self, rgba: np.ndarray, left: int, top: int) -> None:
        """Set one plant over what is there and remember its pixels."""
        height, width = self.rgb.shape[:2]
        self.areas.append(int((rgba[..., 3] > SOLID_ALPHA).sum()))
        x1, y1 = max(left, 0), max(top, 0)
        x2, y2 = min(left + rgba.shape[1], width), min(top + rgba.shape[0], height)
        if x1 >= x2 or y1 >= y2:
            return
        piece = rgba[y1 - top:y2 - top, x1 - left:x2 - left]
        region = self.rgb[y1:y2, x1:x2]
        region *= 1 - piece[..., 3:] / np.float32(255)
        region += piece[..., :3]
        self.owner[y1:y2, x1:x2][piece[..., 3] > SOLID_ALPHA] = len(self.areas)

    def boxes(self) -> list[list[float]]:
        """Truth boxes of the plants of which enough is visible."""
        found = []
        for number, total in enumerate(self.areas, 1):
            ys, xs = np.nonzero(self.owner == number) if total else ((), ())
            if len(ys) == 0 or len(ys) < VISIBLE_SHARE * total:
                continue
            box = [float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1)]
            if min(box[2] - box[0], box[3] - box[1]) >= SMALLEST_BOX:
                found.append(box)
        return found


def turn_sprite(sprite: Sprite, size: float, angle: float, squash: float) -> np.ndarray:
    """Resize to `size` pixels (longer side), turn, then squash vertically."""
    longer = max(sprite.rgba.shape[:2])
    factor = size / longer
    shrunk = cv2.resize(sprite.rgba, None, fx=factor, fy=factor,
                        interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
    height, width = shrunk.shape[:2]
    cos, sin = np.cos(angle), np.sin(angle)
    out_w = int(np.ceil(abs(width * cos) + abs(height * sin))) + 2
    out_h = int(np.ceil((abs(width * sin) + abs(height * cos)) * squash)) + 2
    linear = np.array(((cos, sin), (-sin * squash, cos * squash)))
    shift = np.array((out_w, out_h)) / 2 - linear @ (np.array((width, height)) / 2)
    matrix = np.hstack((linear, shift[:, None]))
    return cv2.warpAffine(shrunk, matrix, (out_w, out_h), flags=cv2.INTER_LINEAR)


def recolour(rng: Rng, rgba: np.ndarray, strength: float) -> np.ndarray:
    """Shift hue, saturation and brightness of one plant."""
    shifted = cv2.cvtColor(np.ascontiguousarray(rgba[..., :3]), cv2.COLOR_RGB2HSV).astype(np.int16)
    shifted[..., 0] = (shifted[..., 0] + int(rng.normal(0, 9 * strength))) % 180
    gains = 1 + rng.normal(0, 0.18, 2) * strength
    shifted[..., 1:] = np.clip(shifted[..., 1:] * gains, 0, 255)
    out = rgba.copy()
    out[..., :3] = cv2.cvtColor(shifted.astype(np.uint8), cv2.COLOR_HSV2RGB)
    return np.minimum(out, np.maximum(out[..., 3:], 0)) if strength else out


@dataclass(frozen=True)
class Plant:
    """A plant to set: appearance, place and size relative to its room."""

    sprite: Sprite
    place: Place
    share: float
    angle: float
    nudge: tuple[float, float]


def set_plants(
    rng: Rng, picture: Picture, camera: Camera, plants: list[Plant],
    colour_change: tuple[float, float] = (0.3, 1.0),
) -> None:
    """Cast shadows, then set the plants from far to near."""
    seen = [(plant, *camera.project(plant.place)) for plant in plants]
    if camera.squash < 0.95:
        seen.sort(key=lambda item: item[1][1])
    light = rng.uniform(0, 2 * np.pi)
    ready = []
    shadow = np.zeros(picture.owner.shape, np.uint8)
    reach = rng.uniform(0.02, 0.2)
    for plant, at, scale in seen:
        size = plant.place.room * plant.share * scale
        if not SMALLEST_PLANT <= size <= 1.2 * max(picture.owner.shape):
            continue
        if not picture.near(at, size):
            continue
        at = at + np.array(plant.nudge) * plant.place.room * scale
        flat = plant.sprite.shape == "flat"
        squash = camera.squash if flat else 1.0
        rgba = turn_sprite(plant.sprite, size, plant.angle, squash)
        rgba = recolour(rng, rgba, rng.uniform(*colour_change))
        left, top = at - np.array(rgba.shape[1::-1]) / 2
        if plant.sprite.shape == "tall":
            top = at[1] - rgba.shape[0]
        elif not flat:
            top -= 0.4 * size * (1 - camera.squash)
        ready.append((rgba, int(round(left)), int(round(top))))
        radius = size * 0.42
        foot = at + radius * reach * 2 * np.array((np.cos(light), np.sin(light)))
        axes = (max(int(radius), 1), max(int(radius * camera.squash), 1))
        cv2.ellipse(shadow, tuple(int(v) for v in foot), axes, 0, 0, 360, 255, -1)
    soft = cv2.GaussianBlur(shadow, (0, 0), max(picture.owner.shape[0] / 170, 1.0))
    picture.rgb *= 1 - rng.uniform(0.2, 0.65) * soft[..., None] / np.float32(255)
    for rgba, left, top in ready:
        picture.paste(rgba, left, top)
