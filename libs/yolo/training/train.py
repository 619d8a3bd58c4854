"""Train the one-class plant detector from random weights on composed scenes.

The learning rate follows the clock: warm-up, then a cosine that reaches its
end when the `--minutes` budget is used up, however fast the machine is. A
checkpoint is written every few minutes; starting again with the same `--out`
goes on from there, with the time already used taken off the budget.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import torch
from torch import Tensor, nn
from torch.utils.data import ConcatDataset, DataLoader, Dataset

from data import SceneSet, collate
from losses import detection_loss
from model import Yolo11


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what comes out, apart from the scenes."""

    minutes: float
    batch: int = 16
    size: int = 416
    rate: float = 2e-3
    final_share: float = 0.02
    warm_up: float = 0.03
    weight_decay: float = 0.01
    mosaic: float = 0.25
    mosaic_until: float = 0.7
    clip: float = 10.0
    seed: int = 0

    def rate_at(self, progress: float) -> float:
        """Learning rate after a share of the budget."""
        if progress < self.warm_up:
            return self.rate * max(progress / self.warm_up, 0.01)
        fall = (min(progress, 1.0) - self.warm_up) / (1 - self.warm_up)
        return self.rate * (self.final_share + (1 - self.final_share) * (1 + math.cos(math.pi * fall)) / 2)


class Average:
    """Moving average of the weights: what is evaluated and exported."""

    def __init__(self, network: nn.Module, memory: int = 400) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.memory = memory
        self.steps = 0

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        self.steps += 1
        keep = 1 - 1 / min(self.steps + 1, self.memory)
        source = network.state_dict()
        for name, value in self.network.state_dict().items():
            if value.dtype.is_floating_point:
                value.mul_(keep).add_(source[name], alpha=1 - keep)
            else:
                value.copy_(source[name])


class Draws(Dataset):
    """Pairs every index with the number of the pass, so that no view repeats."""

    def __init__(self, sets: list[SceneSet]) -> None:
        self.scenes: ConcatDataset = ConcatDataset(sets)
        self.sets = sets
        self.draw = 0

    def __len__(self) -> int:
        return len(self.scenes)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        for part in self.sets:
            if index < len(part):
                return part.view(index, self.draw)
            index -= len(part)
        raise IndexError(index)

    def set_mosaic(self, share: float) -> None:
        for part in self.sets:
            part.mosaic = share


def batches(draws: Draws, recipe: Recipe, first: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """One shuffled pass; a background process prepares the next batches."""
    draws.draw = first
    order = torch.Generator().manual_seed(recipe.seed * 1000 + first)
    yield from DataLoader(draws, recipe.batch, shuffle=True, generator=order, drop_last=True,
                          collate_fn=collate, num_workers=1, prefetch_factor=3,
                          worker_init_fn=_quiet_worker)


def _quiet_worker(_: int) -> None:
    cv2.setNumThreads(1)
    torch.set_num_threads(1)


def optimiser_for(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW; weight decay on convolution weights only."""
    decayed = [p for p in network.parameters() if p.dim() > 1]
    plain = [p for p in network.parameters() if p.dim() <= 1]
    groups = [{"params": decayed, "weight_decay": recipe.weight_decay},
              {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.99))


class Training:
    """The state of a run: network, average, optimiser, time used."""

    def __init__(self, recipe: Recipe, out: Path, low_precision: bool) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.out, self.low_precision = recipe, out, low_precision
        self.network = Yolo11().to(memory_format=torch.channels_last).train()
        self.average = Average(self.network)
        self.optimiser = optimiser_for(self.network, recipe)
        self.used = 0.0
        self.steps = self.passes = 0
        self._resume()

    @property
    def progress(self) -> float:
        return self.used / (self.recipe.minutes * 60)

    def step(self, images: Tensor, truth: Tensor, valid: Tensor) -> dict[str, float]:
        """One update; returns the parts of the loss."""
        rate = self.recipe.rate_at(self.progress)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        pictures = (images.float() / 255).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.low_precision):
            distances, logits = self.network(pictures)
        loss, parts = detection_loss(distances, logits, truth, valid, tuple(images.shape[-2:]))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip)
        if torch.isfinite(norm):
            self.optimiser.step()
            self.average.update(self.network)
        self.steps += 1
        return parts | {"norm": float(norm), "rate": rate}

    def save(self) -> None:
        """Write the checkpoint, replacing the last one only when complete."""
        part = self.out / "checkpoint.part"
        torch.save({
            "network": self.network.state_dict(), "average": self.average.network.state_dict(),
            "average_steps": self.average.steps, "optimiser": self.optimiser.state_dict(),
            "used": self.used, "steps": self.steps, "passes": self.passes,
            "recipe": vars(self.recipe),
        }, part)
        part.replace(self.out / "checkpoint.pt")

    def _resume(self) -> None:
        path = self.out / "checkpoint.pt"
        if not path.exists():
            return
        saved = torch.load(path, weights_only=True)
        self.network.load_state_dict(saved["network"])
        self.average.network.load_state_dict(saved["average"])
        self.average.steps = saved["average_steps"]
        self.optimiser.load_state_dict(saved["optimiser"])
        self.used, self.steps, self.passes = saved["used"], saved["steps"], saved["passes"]


def run(training: Training, folders: list[Path], log_every: int, save_every: float) -> None:
    """Train until the budget is used up. New scene folders are seen at each pass."""
    saved_at = last = time.monotonic()
    recipe = training.recipe
    while training.progress < 1:
        found = [f for f in folders if (f / "truth.json").exists()]
        draws = Draws([SceneSet(f, recipe.size, recipe.seed, recipe.mosaic) for f in found])
        if training.progress > recipe.mosaic_until:
            draws.set_mosaic(0)
        print(f"pass {training.passes}: {len(draws)} scenes", flush=True)
        for batch in batches(draws, recipe, training.passes):
            parts = training.step(*batch)
            now = time.monotonic()
            training.used += now - last
            last = now
            if training.steps % log_every == 0:
                text = " ".join(f"{k} {v:.4g}" for k, v in parts.items())
                print(f"{training.used / 60:6.1f} min step {training.steps} {text}", flush=True)
            if now - saved_at > save_every:
                training.save()
                saved_at = now
            if training.progress >= 1:
                break
        training.passes += 1
    training.save()
    print("done", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenes", type=Path, nargs="+", required=True, help="folders of scenes")
    parser.add_argument("--out", type=Path, required=True, help="where checkpoints go")
    parser.add_argument("--minutes", type=float, required=True, help="time budget")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--size", type=int, default=416)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--bf16", action="store_true", help="bfloat16 autocast")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(args.minutes, args.batch, args.size, args.rate, seed=args.seed)
    run(Training(recipe, args.out, args.bf16), args.scenes, log_every=20, save_every=180)


if __name__ == "__main__":
    main()
