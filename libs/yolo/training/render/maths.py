"""Small geometry: unit vectors, frames, turns and smooth noise."""

from __future__ import annotations

import math

import numpy as np

Rng = np.random.Generator

GOLDEN = math.pi * (3 - math.sqrt(5))
"""The angle between one leaf of a spiral and the next."""

TURN = 2 * math.pi


def unit(v: np.ndarray) -> np.ndarray:
    """Vectors scaled to length one."""
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)


def frames(n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two vectors square to each normal."""
    ref = np.where(np.abs(n[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0]])
    a = unit(np.cross(ref, n))
    return a, np.cross(n, a)


def rotation(axis, angle: float) -> np.ndarray:
    """Turn about an axis, as a matrix."""
    x, y, z = np.asarray(axis, float) / np.linalg.norm(axis)
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + math.sin(angle) * k + (1 - math.cos(angle)) * k @ k


def spin(angle: float) -> np.ndarray:
    """Turn about the upright axis."""
    return rotation((0, 0, 1), angle)


def leaning(azimuth: float, angle: float) -> np.ndarray:
    """Turn that tips the upright axis towards an azimuth."""
    return rotation((-math.sin(azimuth), math.cos(azimuth), 0), angle)


def euler(turn) -> np.ndarray:
    """Turns about x, then y, then z, as one matrix."""
    x, y, z = turn
    return rotation((0, 0, 1), z) @ rotation((0, 1, 0), y) @ rotation((1, 0, 0), x)


def carried_frames(path: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Direction and two square vectors at each point of a path, without twisting along it."""
    along = unit(np.gradient(path, axis=0))
    a = np.empty_like(path)
    a[0] = frames(along[:1])[0][0]
    for i in range(1, len(path)):
        kept = a[i - 1] - along[i] * (a[i - 1] @ along[i])
        a[i] = kept / max(np.linalg.norm(kept), 1e-9)
    return along, a, np.cross(along, a)


def waves(p: np.ndarray, size: float, seed: int, count: int = 7) -> np.ndarray:
    """Cheap smooth noise in about [-1, 1]: a few sine waves in random directions."""
    r = np.random.default_rng(seed)
    k = unit(r.normal(size=(count, 3))) * r.uniform(0.6, 1.8, (count, 1)) * TURN / size
    k, q = k.astype(np.float32), np.asarray(p, np.float32)  # single precision is several times faster
    phase = r.uniform(0, TURN, count).astype(np.float32)
    out = np.zeros(len(q), np.float32)
    for direction, start in zip(k, phase):
        fold = np.sin(q @ (0.6 * direction[[2, 0, 1]]))
        out += np.sin(q @ direction + start + np.float32(1.3) * fold)
    return out.astype(float) / (0.75 * count**0.5) / 1.6


def inside(rng: Rng, count: int, radius: float, corners: float, aspect: float) -> np.ndarray:
    """Random points within a box of rounded ends: corners 2 is a disc, or with an aspect a stadium."""
    found = np.zeros((0, 2))
    while len(found) < count:
        q = rng.uniform(-1, 1, (count * 2, 2)) * [aspect, 1]
        ends = np.stack([np.maximum(np.abs(q[:, 0]) - (aspect - 1), 0), np.abs(q[:, 1])])
        found = np.concatenate([found, q[(ends**corners).sum(0) < 1]])
    return found[:count] * radius
