"""Whether contestants that saw the same picture gave the same answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

# Mask coefficients of each box of a segment network.
COEFFICIENTS = 32


@dataclass(frozen=True)
class Measure:
    """How far an answer is from another, and how far it may be."""

    name: str
    distance: Callable[[np.ndarray, np.ndarray], float]
    limit: float

    def differences(self, output: Path, reference: Path) -> dict[str, float]:
        """The distance of each part of an answer."""
        found, expected = _parts(output), _parts(reference)
        if found.keys() != expected.keys():
            return {f"{sorted(found)} instead of {sorted(expected)}": float("inf")}
        return {name: self._of(found[name], expected[name]) for name in expected}

    def _of(self, found: np.ndarray, expected: np.ndarray) -> float:
        if found.shape != expected.shape or not np.isfinite(found).all():
            return float("inf")
        return self.distance(found, expected)


def _largest(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def _usual(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


# In parts of the largest value.
SINGLE = Measure("largest difference", _largest, 1e-3)
# Arithmetic with eight bits of precision gives another answer: OpenVINO's scores are
# 0.24 off with the published weights. Answers that have nothing in common are 1 or
# more apart, so this only finds a broken one.
REDUCED = Measure("rms difference", _usual, 0.5)


def _parts(path: Path) -> dict[str, np.ndarray]:
    """Each kind of value by itself: boxes are in pixels, scores at most one."""
    outputs = load_file(str(path))
    rows = outputs["prediction"]
    if "prototypes" not in outputs:
        return {"boxes": rows[:, :4], "scores": rows[:, 4:]}
    return {
        "boxes": rows[:, :4],
        "scores": rows[:, 4:-COEFFICIENTS],
        "coefficients": rows[:, -COEFFICIENTS:],
        "prototypes": outputs["prototypes"],
    }
