"""Exact truth from a render's index picture: boxes of plants, outlines of containers.

A plant's box spans its visible pixels, flowers, stems and spines among them. It is
labelled when enough of it is seen; the part outside the picture counts as hidden.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import find_objects

from . import GENERATOR
from .camera import Camera
from .scene import Container, Plant

LABELLED_SHARE = 0.15
"""Plants of which less is visible have no label."""

SMALLEST_BOX = 8
"""Pixels: plants with a shorter side have no label."""

SUFFIXES = (".json", ".txt", ".jpg")
"""A scene's files in the order they appear: when the picture is there, so is the rest."""

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class SeenPlant:
    """A plant of which something is seen: box as (left, top, right, bottom) in pixels."""

    box: Box
    kind: str
    visible: float
    container: int | None
    labelled: bool


@dataclass(frozen=True)
class SeenContainer:
    """A container of which something is seen: its rim's outline in pixels, cut off at the picture."""

    index: int
    kind: str
    material: str
    outline: list[tuple[float, float]]
    visible: float
    empty: bool


def seen_plants(index: np.ndarray, plants: list[Plant], camera: Camera) -> list[SeenPlant]:
    """The plants of a scene that its index picture shows."""
    slices = find_objects(index)
    found = []
    for plant in plants:
        where = slices[plant.index - 1] if plant.index <= len(slices) else None
        if where is None:
            continue
        box = tight_box(index[where] == plant.index, where[1].start, where[0].start)
        if box is None:
            continue
        share = visible_share(index, plant, camera)
        large = min(box[2] - box[0], box[3] - box[1]) >= SMALLEST_BOX
        found.append(SeenPlant(box, plant.kind, round(share, 3), plant.container,
                               large and share >= LABELLED_SHARE))
    return found


def tight_box(mask: np.ndarray, left: int = 0, top: int = 0) -> Box | None:
    """The box of a mask without rows and columns of a single pixel, such as a stray spine's."""
    xs, ys = np.nonzero(mask.sum(0) >= 2)[0], np.nonzero(mask.sum(1) >= 2)[0]
    if len(xs) == 0 or len(ys) == 0:
        return None
    return int(left + xs[0]), int(top + ys[0]), int(left + xs[-1] + 1), int(top + ys[-1] + 1)


def visible_share(index: np.ndarray, plant: Plant, camera: Camera) -> float:
    """The share of the plant's outline that is seen, counted in cells of about a twentieth of its size."""
    p = camera.project(plant.points)
    p = p[p[:, 2] > 0][:, :2]
    if len(p) == 0:
        return 0.0
    cell = max(float(np.ptp(p, axis=0).max()) / 22, 2.0)
    cells = np.unique(np.floor(p / cell).astype(int), axis=0)
    ys, xs = np.nonzero(index == plant.index)
    shown = {(int(x), int(y)) for x, y in np.unique(np.floor(np.c_[xs + 0.5, ys + 0.5] / cell).astype(int),
                                                    axis=0)}
    return sum((int(x), int(y)) in shown for x, y in cells) / len(cells)


def seen_containers(index: np.ndarray, containers: list[Container], plants: list[Plant],
                    camera: Camera) -> list[SeenContainer]:
    """The containers of a scene that its index picture shows."""
    tenants: dict[int, list[int]] = {c.index: [] for c in containers}
    for plant in plants:
        if plant.container is not None:
            tenants[plant.container].append(plant.index)
    found = []
    for container in containers:
        p = camera.project(container.rim)
        if (p[:, 2] <= 0).any():
            continue
        line = clipped(p[:, :2], camera.width, camera.height)
        share = shown_share(index, p[:, :2], [container.index, *tenants[container.index]])
        if len(line) < 3 or share < 0.02:
            continue
        found.append(SeenContainer(container.index, container.kind, container.material,
                                   [(round(float(x), 1), round(float(y), 1)) for x, y in line],
                                   round(share, 3),
                                   not tenants[container.index]))
    return found


def clipped(polygon: np.ndarray, width: float, height: float) -> np.ndarray:
    """A polygon cut off at a picture's borders."""
    for axis, bound, sign in ((0, 0.0, 1), (0, width, -1), (1, 0.0, 1), (1, height, -1)):
        kept = []
        for a, b in zip(polygon, np.roll(polygon, -1, axis=0)):
            da, db = sign * (a[axis] - bound), sign * (b[axis] - bound)
            if da >= 0:
                kept.append(a)
            if da * db < 0:
                kept.append(a + (b - a) * da / (da - db))
        if not kept:
            return np.zeros((0, 2))
        polygon = np.array(kept)
    return polygon


def shown_share(index: np.ndarray, polygon: np.ndarray, indices: list[int]) -> float:
    """The share of a polygon's area, inside the picture or not, that shows one of some indices."""
    x, y = polygon[:, 0], polygon[:, 1]
    area = 0.5 * abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))))
    h, w = index.shape
    mask = Image.new("1", (w, h))
    ImageDraw.Draw(mask).polygon([(float(a), float(b)) for a, b in polygon], fill=1)
    return float(np.isin(index[np.asarray(mask)], indices).sum()) / max(area, 1.0)


def yolo(plants: list[SeenPlant], width: int, height: int) -> str:
    """Labels in YOLO's form: class 0, centre and size as shares of the picture."""
    lines = []
    for plant in plants:
        if plant.labelled:
            x1, y1, x2, y2 = plant.box
            shares = (x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height
            lines.append("0 " + " ".join(f"{share:.6f}" for share in shares) + "\n")
    return "".join(lines)


def record(seed: int, profile: str, layout: str, mood: str, samples: int, camera: Camera,
           plants: list[SeenPlant],
           containers: list[SeenContainer]) -> dict:
    """A scene's truth as JSON; plants name their container by its place in the list."""
    place = {c.index: i for i, c in enumerate(containers)}
    return {
        "seed": seed, "profile": profile, "generator": GENERATOR, "layout": layout, "light": mood,
        "samples": samples,
        "width": camera.width, "height": camera.height,
        "plants": [{"box": list(p.box), "kind": p.kind, "visible": p.visible, "labelled": p.labelled,
                    "container": place.get(p.container) if p.container is not None else None}
                    for p in plants],
        "containers": [{"kind": c.kind, "material": c.material, "outline": [list(q) for q in c.outline],
                        "visible": c.visible,
                        "empty": c.empty} for c in containers],
    }


def write(folder: Path, name: str, picture: np.ndarray, quality: int, labels: str, facts: dict) -> None:
    """Write a scene's files; each appears whole, the picture last."""
    def as_text(path: Path, text: str) -> None:
        path.write_text(text)

    writers = {
        ".json": lambda path: as_text(path, json.dumps(facts, separators=(",", ":")) + "\n"),
        ".txt": lambda path: as_text(path, labels),
        ".jpg": lambda path: Image.fromarray(picture).save(path, format="JPEG", quality=quality,
                                                           subsampling=2),
    }
    for suffix in SUFFIXES:
        hidden = folder / f".{name}{suffix}.part"
        writers[suffix](hidden)
        os.replace(hidden, folder / f"{name}{suffix}")


def complete(folder: Path, name: str) -> bool:
    """Whether all of a scene's files are there."""
    return all((folder / f"{name}{suffix}").exists() for suffix in SUFFIXES)
