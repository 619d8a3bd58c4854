"""Writes data sets of composed scenes: ``python scenes.py --help``."""

from __future__ import annotations

import argparse
import json
import os
import resource
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from composed import SCENE_SIZE, compose
from sprites import CUT, RENDERED, Sprite, cut_rosettes, draw_library, load_sprites

SHARED = Path(os.environ.get("DEMETER_SHARED", "../shared"))
WORKER_MEMORY = 3 << 30
SPLITS = {"train": 11, "val": 22}
LIBRARY_SIZES = {"train": 900, "val": 200}


@dataclass(frozen=True)
class Material:
    """Folders of plants that are not drawn; they may be absent or empty."""

    rosettes: Path
    """Photos of single rosettes on dark ground."""
    cutouts: Path | None = None
    """RGBA pictures of real plants from above."""
    rendered: Path | None = None
    """RGBA pictures of rendered plants."""


def make_library(split: str, material: Material) -> list[Sprite]:
    """Appearances of one split; no drawing and no photo is in both.

    Cut-outs and rendered plants are for training only.
    """
    drawn = draw_library(SPLITS[split], LIBRARY_SIZES[split])
    photos = cut_rosettes(material.rosettes)
    if split == "val":
        return drawn + photos[::6] * 2
    kept = [s for i, s in enumerate(photos) if i % 6]
    if material.cutouts:
        kept += load_sprites(material.cutouts, CUT)
    rendered = load_sprites(material.rendered, RENDERED) if material.rendered else []
    return drawn + kept * 2 + rendered


_worker: dict[str, object] = {}


def _start_worker(split: str, material: Material) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (WORKER_MEMORY, WORKER_MEMORY))
    cv2.setNumThreads(1)
    _worker["library"] = make_library(split, material)


@dataclass(frozen=True)
class Order:
    """What the scenes of a set have in common."""

    folder: Path
    split: str
    seed: int
    size: int = SCENE_SIZE
    zoom: float = 1.0
    occupied: float | None = None


def _write_scene(job: tuple[Order, int]) -> dict[str, object]:
    order, index = job
    rng = np.random.default_rng((order.seed * 100 + SPLITS[order.split], index))
    scene = compose(rng, _worker["library"], order.size, order.size, order.zoom, order.occupied)
    name = f"{index:05d}.jpg"
    quality = int(rng.integers(40, 96))
    bgr = cv2.cvtColor(scene.rgb, cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(order.folder / name), bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return {"file": name, "boxes": scene.boxes}


def write_dataset(order: Order, count: int, material: Material, workers: int) -> None:
    """Compose `count` scenes, with `truth.json` beside them."""
    order.folder.mkdir(parents=True, exist_ok=True)
    jobs = [(order, index) for index in range(count)]
    with ProcessPoolExecutor(workers, initializer=_start_worker,
                             initargs=(order.split, material)) as pool:
        truth = list(pool.map(_write_scene, jobs, chunksize=16))
    listing = json.dumps({"size": order.size, "images": truth})
    (order.folder / "truth.json").write_text(listing)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compose a data set of nursery scenes.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--split", choices=sorted(SPLITS), default="train")
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=SCENE_SIZE)
    parser.add_argument("--zoom", type=float, default=1.0, help="above 1: larger plants")
    parser.add_argument("--occupied", type=float,
                        help="share of pots and cells with a plant; random without it")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rosettes", type=Path, default=SHARED / "photos" / "rosettes",
                        help="photos of single rosettes on dark ground (may be absent)")
    parser.add_argument("--cutouts", type=Path, help="RGBA pictures of real plants from above")
    parser.add_argument("--rendered", type=Path, help="RGBA pictures of rendered plants")
    args = parser.parse_args()
    material = Material(args.rosettes, args.cutouts, args.rendered)
    order = Order(args.out, args.split, args.seed, args.size, args.zoom, args.occupied)
    write_dataset(order, args.count, material, args.workers)


if __name__ == "__main__":
    main()
