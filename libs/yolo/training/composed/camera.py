"""How the ground is seen: turn, tilt and perspective."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from sprites import Rng

from .ground import Ground, Place


@dataclass(frozen=True)
class Camera:
    """Maps the ground to the picture."""

    matrix: np.ndarray
    width: int
    height: int
    squash: float

    def see(self, rgb: np.ndarray) -> np.ndarray:
        return cv2.warpPerspective(rgb, self.matrix, (self.width, self.height),
                                   flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)

    def project(self, place: Place) -> tuple[np.ndarray, float]:
        """Position in the picture and the scale of widths there."""
        points = np.array([[(place.x, place.y), (place.x + 1, place.y), (place.x, place.y + 1)]])
        here, right, below = cv2.perspectiveTransform(points, self.matrix)[0]
        area = np.linalg.det(np.stack((right - here, below - here)))
        return here, float((max(area, 0.0) / self.squash) ** 0.5)


def aim(
    rng: Rng, ground: Ground, width: int, height: int, tilt: float, turn: float, zoom: float = 1.0
) -> Camera:
    """A camera over the middle of the ground; angles in radians."""
    squash = float(np.cos(tilt))
    half_w, half_h = width / 2 / zoom, height / 2 / squash / zoom
    spread = 0.55 * np.sin(tilt)
    quad = np.array((
        (-half_w * (1 + spread), -half_h), (half_w * (1 + spread), -half_h),
        (half_w * (1 - spread), half_h), (-half_w * (1 - spread), half_h),
    ))
    quad += rng.normal(0, 0.012, (4, 2)) * (width, height)
    rotate = np.array(((np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))))
    source = (quad @ rotate + (ground.width / 2, ground.height / 2)).astype(np.float32)
    target = np.array(((0, 0), (width, 0), (width, height), (0, height)), np.float32)
    return Camera(cv2.getPerspectiveTransform(source, target), width, height, squash)
