"""Train exported weights further, on a mixture of sets.

What batch norm knew is folded into the weights and stays as it is; everything else
is trained. Every view is drawn from its number alone: which set (by the mixture's
shares), which picture, which crop, which light. So a run is the same however often
it was interrupted: started again with the same `--out` it goes on from its last
checkpoint. The averaged weights are what is evaluated and exported.

With `--minutes` the rate falls with the clock where that is faster than the steps, and
the run ends with it: for machines that others use, too. Then the clock decides how many
steps there are, and no run is like another.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from data import (
    Album, Boxes, Rng, as_tensors, cast, collate, flip, mosaic, random_view, read_album,
    shift_colours, spoil, view_at,
)
from losses import LossWeights, detection_loss
from model import folded_network
from pasting import PastedViews
from splits import TRAINING
from train import Average

# A view may show a scene enlarged by so much when it goes inside a plant: phone
# photos at full resolution are as soft as that.
LARGEST_SCALE = 6.0


@dataclass(frozen=True)
class Source:
    """One part of the mixture and its share of the views: an album, with the scales it
    is seen at, or views pasted on the fly.

    Composed scenes are made with a bad camera: seen through another one there is too
    little left to learn from, so they are not `spoiled`.
    """

    material: Album | PastedViews
    share: float
    scales: tuple[float, float] = (1.0, 1.0)
    spoiled: bool = True


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what comes out, apart from the pictures."""

    steps: int
    minutes: float = math.inf
    batch: int = 12
    size: int = 416
    rate: float = 4e-4
    final_share: float = 0.02
    warm_up: float = 0.03
    weight_decay: float = 0.01
    mosaic: float = 0.2
    focus: float = 0.35
    inside: float = 0.06
    wild: float = 0.15
    memory: int = 150
    clip: float = 10.0
    frozen: int = 0
    seed: int = 0

    def rate_at(self, progress: float) -> float:
        """Learning rate after a share of the steps."""
        if progress < self.warm_up:
            return self.rate * max(progress / self.warm_up, 0.01)
        fall = (min(progress, 1.0) - self.warm_up) / (1 - self.warm_up)
        return self.rate * (self.final_share + (1 - self.final_share) * (1 + math.cos(math.pi * fall)) / 2)


class Mixture(Dataset):
    """Views without end, each made from its number."""

    def __init__(self, sources: list[Source], recipe: Recipe) -> None:
        self.sources, self.recipe = sources, recipe
        self.albums = [source for source in sources if isinstance(source.material, Album)]

    def __getitem__(self, number: int) -> tuple[Tensor, Tensor]:
        rng = np.random.default_rng((self.recipe.seed, number))
        source = _pick(rng, self.sources)
        image, boxes = flip(rng, *self._view(rng, source))
        image = shift_colours(rng, image, self.recipe.wild)
        return as_tensors(spoil(rng, cast(rng, image)) if source.spoiled else image, boxes)

    def _view(self, rng: Rng, source: Source) -> tuple[np.ndarray, Boxes]:
        size, recipe = self.recipe.size, self.recipe
        if isinstance(source.material, PastedViews):
            return source.material.view(rng, size)
        if rng.random() < recipe.mosaic:
            parts = [source, *(_pick(rng, self.albums) for _ in range(3))]
            scales = [(0.5 * part.scales[0], 0.6 * part.scales[1]) for part in parts]
            return mosaic(rng, [_scene(rng, part) for part in parts], size, scales)
        image, boxes = _scene(rng, source)
        kind = rng.random()
        if len(boxes) and kind < recipe.focus + recipe.inside:
            sizes = (1.2 * size, 3 * size) if kind < recipe.inside else (12, 0.8 * size)
            return focused_view(rng, image, boxes, size, sizes)
        return random_view(rng, image, boxes, (size, size), *source.scales)


def _pick(rng: Rng, sources: list[Source]) -> Source:
    shares = np.array([source.share for source in sources])
    return sources[int(rng.choice(len(sources), p=shares / shares.sum()))]


def _scene(rng: Rng, source: Source) -> tuple[np.ndarray, Boxes]:
    return source.material.read(int(rng.integers(len(source.material))))


def focused_view(
    rng: Rng, image: np.ndarray, boxes: Boxes, size: int, sizes: tuple[float, float]
) -> tuple[np.ndarray, Boxes]:
    """A view at one of the plants, in which it is of a size between `sizes`."""
    box = boxes[rng.integers(len(boxes))]
    wanted = np.exp(rng.uniform(*np.log(sizes)))
    fills = size / max(image.shape[:2])
    scale = float(np.clip(wanted / (box[2:] - box[:2]).max(), min(fills, 1.0), LARGEST_SCALE))
    point = (box[:2] + rng.uniform(0, 1, 2) * (box[2:] - box[:2])) * scale
    corner = point - rng.uniform(0.2, 0.8, 2) * size
    most = np.array(image.shape[1::-1]) * scale - size
    corner = corner.clip(np.minimum(most, 0), np.maximum(most, 0))
    return view_at(rng, image, boxes, (size, size), scale, corner)


class Tuning:
    """The state of a run: network, average, optimiser, steps done."""

    def __init__(self, start: Path, recipe: Recipe, out: Path) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.out = recipe, out
        self.network = folded_network(load_file(str(start))).to(memory_format=torch.channels_last)
        self.average = Average(self.network, recipe.memory)
        self.network.model[:recipe.frozen].requires_grad_(False)
        trained = [p for p in self.network.parameters() if p.requires_grad]
        decayed = [p for p in trained if p.dim() > 1]
        plain = [p for p in trained if p.dim() <= 1]
        self.optimiser = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": recipe.weight_decay},
             {"params": plain, "weight_decay": 0.0}], lr=recipe.rate, betas=(0.9, 0.99))
        self.steps, self.seconds = 0, 0.0
        self._resume()

    @property
    def progress(self) -> float:
        """The share of the run that is done, by its steps or by its time; 1 at the end."""
        return max(self.steps / self.recipe.steps, self.seconds / 60 / self.recipe.minutes)

    def step(self, images: Tensor, truth: Tensor, valid: Tensor) -> dict[str, float]:
        """One update; returns the parts of the loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate_at(self.progress)
        pictures = (images.float() / 255).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            distances, logits = self.network(pictures)
        loss, parts = detection_loss(distances, logits, truth, valid, tuple(images.shape[-2:]),
                                     LossWeights())
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip)
        if torch.isfinite(norm):
            self.optimiser.step()
            self.average.update(self.network)
        self.steps += 1
        return parts | {"norm": float(norm)}

    def save(self) -> None:
        """Write the checkpoint, replacing the last one only when complete."""
        part = self.out / "checkpoint.part"
        torch.save({
            "network": self.network.state_dict(), "average": self.average.network.state_dict(),
            "average_steps": self.average.steps, "optimiser": self.optimiser.state_dict(),
            "steps": self.steps, "seconds": self.seconds, "recipe": asdict(self.recipe),
        }, part)
        part.replace(self.out / "checkpoint.pt")

    def _resume(self) -> None:
        path = self.out / "checkpoint.pt"
        if not path.exists():
            return
        saved = torch.load(path, weights_only=True)
        self.network.load_state_dict(saved["network"])
        self.average.network.load_state_dict(saved["average"])
        self.average.steps, self.steps = saved["average_steps"], saved["steps"]
        self.seconds = saved.get("seconds", 0.0)
        self.optimiser.load_state_dict(saved["optimiser"])


def read_mixture(text: Path, root: Path) -> list[Source]:
    """The parts of a mixture file, from folders below `root`."""
    rows = json.loads(text.read_text())
    pasted = [Source(_pasted(row["pasted"], root), row["share"]) for row in rows if "pasted" in row]
    albums = [Source(read_album(root / row["folder"], TRAINING), row["share"], tuple(row["scales"]),
                     row.get("spoiled", True))
              for row in rows if "folder" in row]
    for source in albums:
        print(f"{len(source.material)} pictures, share {source.share}", flush=True)
    return pasted + [source for source in albums if len(source.material)]


def _pasted(row: dict[str, object], root: Path) -> PastedViews:
    return PastedViews(root / row["rendered"], root / row["cutouts"],
                       [root / name for name in row["textures"]])


def run(tuning: Tuning, mixture: Mixture, log_every: int = 20, save_every: float = 120) -> None:
    """Train to the last step or minute."""
    recipe = tuning.recipe
    numbers = range(tuning.steps * recipe.batch, recipe.steps * recipe.batch)
    batches = DataLoader(mixture, recipe.batch, sampler=numbers, collate_fn=collate,
                         num_workers=1, prefetch_factor=3, worker_init_fn=_quiet_worker)
    began = saved_at = now = time.monotonic()
    sums: dict[str, float] = {}
    for batch in batches:
        for name, value in tuning.step(*batch).items():
            sums[name] = sums.get(name, 0.0) + value / log_every
        before, now = now, time.monotonic()
        tuning.seconds += now - before
        if tuning.steps % log_every == 0:
            text = " ".join(f"{name} {value:.4g}" for name, value in sums.items())
            print(f"{(now - began) / 60:6.1f} min step {tuning.steps} {text}", flush=True)
            sums = {}
        if now - saved_at > save_every:
            tuning.save()
            saved_at = now
        if tuning.progress >= 1:
            break
    tuning.save()
    print("done", flush=True)


def _quiet_worker(_: int) -> None:
    torch.set_num_threads(1)


def main() -> None:
    usual = Recipe(steps=1)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--start", type=Path, required=True, help="safetensors to begin from")
    parser.add_argument("--mixture", type=Path, required=True, help="JSON list of sets")
    parser.add_argument("--root", type=Path, required=True, help="folder that the sets are below")
    parser.add_argument("--out", type=Path, required=True, help="where checkpoints go")
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--minutes", type=float, default=usual.minutes,
                        help="end after so long, however few steps that was")
    parser.add_argument("--batch", type=int, default=usual.batch)
    parser.add_argument("--size", type=int, default=usual.size)
    parser.add_argument("--rate", type=float, default=usual.rate)
    parser.add_argument("--inside", type=float, default=usual.inside,
                        help="share of views that lie within one plant")
    parser.add_argument("--wild", type=float, default=usual.wild,
                        help="share of views with a wholly different hue")
    parser.add_argument("--frozen", type=int, default=usual.frozen,
                        help="first layers that keep their weights: less work for each step")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    # The process that makes views is forked: a pool of threads would not follow it.
    cv2.setNumThreads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(args.steps, args.minutes, args.batch, args.size, args.rate, inside=args.inside,
                    wild=args.wild, frozen=args.frozen, seed=args.seed)
    sources = read_mixture(args.mixture, args.root)
    run(Tuning(args.start, recipe, args.out), Mixture(sources, recipe))


if __name__ == "__main__":
    main()
