"""A pinhole camera, the same for planning, for truth, and for Blender."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .maths import rotation, unit

SENSOR = 36.0
"""Width of the sensor in millimetres along the picture's longer side; lenses are in millimetres too."""


@dataclass(frozen=True, eq=False)
class Camera:
    """Where the camera stands and looks; `roll` about its axis. Without `fstop` all is sharp.

    `shake` is the way in pixels (x, y) that the picture moves while it is taken.
    """

    eye: np.ndarray
    target: np.ndarray
    roll: float
    lens: float
    width: int
    height: int
    fstop: float | None = None
    shake: tuple[float, float] = (0.0, 0.0)

    @property
    def distance(self) -> float:
        return float(np.linalg.norm(self.target - self.eye))

    def axes(self) -> np.ndarray:
        """Columns: right, up and backwards, as Blender's cameras have them."""
        back = unit(self.eye - self.target)
        up = np.array([0.0, 1.0, 0.0]) if abs(back[2]) > 0.9999 else np.array([0.0, 0.0, 1.0])
        right = unit(np.cross(up, back))
        return np.stack([right, np.cross(back, right), back], 1) @ rotation((0, 0, 1), self.roll)

    def project(self, points: np.ndarray) -> np.ndarray:
        """Points of the scene to pixels (x right, y down) and depth, negative behind the camera."""
        local = (np.asarray(points, float) - self.eye) @ self.axes()
        depth = -local[:, 2]
        k = self.lens / SENSOR * max(self.width, self.height) / np.where(np.abs(depth) < 1e-6, 1e-6, depth)
        return np.stack([self.width / 2 + local[:, 0] * k, self.height / 2 - local[:, 1] * k, depth], -1)


def around(target, distance: float, elevation: float, azimuth: float, **more) -> Camera:
    """A camera at a distance from its target, at an elevation above the ground."""
    target = np.asarray(target, float)
    way = [np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)]
    return Camera(target + distance * np.array(way), target, **more)
