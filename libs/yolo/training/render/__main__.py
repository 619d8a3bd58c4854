"""Render numbered scenes into a folder: ``python -m render --help``."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np

from .develop import develop
from .layouts import LAYOUTS, plan
from .profile import PROFILES, Profile
from .truth import complete, record, seen_containers, seen_plants, write, yolo

ROOT = Path(__file__).resolve().parents[4]


def main() -> None:
    """Render the scenes that are not there yet."""
    options = parsed()
    profile = PROFILES[options.profile]
    textures = texture_files(options.textures)
    options.out.mkdir(parents=True, exist_ok=True)
    print(f"{len(textures)} textures in {options.textures}", file=sys.stderr)
    ends = time.monotonic() + 60 * options.minutes
    for i, number in enumerate(range(options.seed, options.seed + options.count), 1):
        if time.monotonic() > ends:
            print("out of time", file=sys.stderr)
            return
        name = f"{profile.name}_{number:07d}" + (f"_{options.layout}" if options.layout else "")
        if complete(options.out, name):
            print(f"{i}/{options.count} {name}: there already", file=sys.stderr, flush=True)
            continue
        started = time.monotonic()
        told = make(options, profile, number, name, textures)
        print(f"{i}/{options.count} {name}: {told}, {time.monotonic() - started:.1f} s", file=sys.stderr,
              flush=True)


def parsed() -> argparse.Namespace:
    shared = Path(os.environ.get("DEMETER_SHARED", ROOT.parent / "shared"))
    parser = argparse.ArgumentParser(prog="render", description="Render nursery scenes with exact truth.")
    parser.add_argument("--out", type=Path, required=True, help="folder for NAME.jpg, NAME.txt and NAME.json")
    parser.add_argument("--count", type=int, default=10, help="how many scenes")
    parser.add_argument("--seed", type=int, default=1, help="number of the first scene; the others follow")
    parser.add_argument("--profile", choices=PROFILES, default="train",
                        help="whose seeds, parameters and light")
    parser.add_argument("--layout", choices=LAYOUTS,
                        help="one layout instead of a mix; then part of the name, as it is another scene")
    parser.add_argument("--samples", type=int, default=4, help="samples a pixel before denoising")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--textures", type=Path, default=shared / "photos" / "train",
                        help="folder with textures* folders of CC0 pictures; noise takes their place without it")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop before the next scene after so long")
    return parser.parse_args()


def texture_files(folder: Path) -> list[Path]:
    """Textures whose licence is known: those of folders `textures*`, but not of `*inferred*`."""
    folders = [f for f in sorted(folder.glob("textures*")) if f.is_dir() and "inferred" not in f.name]
    return [file for f in folders for file in sorted(f.rglob("*.jpg"))]


def make(options: argparse.Namespace, profile: Profile, number: int, name: str, textures: list[Path]) -> str:
    """Plan, render, develop and write one scene; returns a line about it."""
    from .studio import Quality, render
    seed, begun = profile.seed(number), time.process_time()
    scene, layout = plan(profile, number, options.layout)
    planned = time.process_time()
    shot = render(scene, seed, textures, Quality(options.samples, threads=options.threads))
    plants = seen_plants(shot.index, scene.plants, scene.camera)
    containers = seen_containers(shot.index, scene.containers, scene.plants, scene.camera)
    rng = np.random.default_rng([seed, 72])
    light = hazy(rng, shot.light, shot.depth, scene.haze, scene.camera.distance)
    picture = develop(rng, light, scene.camera.shake, scene.light.mood == "dusk")
    h, w = shot.index.shape
    facts = record(seed, profile.name, layout, scene.light.mood, options.samples, scene.camera, plants,
                   containers)
    write(options.out, name, picture, int(rng.integers(76, 94)), yolo(plants, w, h), facts)
    spent = f"{planned - begun:.1f} + {time.process_time() - planned:.1f} s of processor"
    labelled = sum(p.labelled for p in plants)
    return f"{layout}, {scene.light.mood}, {labelled} of {len(scene.plants)} plants, {spent}"


def hazy(rng: np.random.Generator, light: np.ndarray, depth: np.ndarray, haze: float,
         distance: float) -> np.ndarray:
    """Light dulled with distance, as through the damp air of a long greenhouse."""
    if not haze:
        return light
    share = 1 - np.exp(-haze * np.clip(depth / distance - 0.5, 0, 20))[..., None]
    veil = np.percentile(light.mean(-1), 85) * np.array([0.95, 1.0, 1.05])
    return light * (1 - share) + veil * share * rng.uniform(0.7, 1.1)


if __name__ == "__main__":
    main()
