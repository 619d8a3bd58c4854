"""Train the one-class plant detector from random weights on composed scenes.

The learning rate follows the clock: warm-up, then a cosine that reaches its
end when the `--minutes` budget is used up, however fast the machine is. A
checkpoint is written every few minutes; starting again with the same `--out`
goes on from there, with the time already used taken off the budget. `--start`
begins a new run with the averaged weights of an earlier one.

Each of `--workers` processes computes a part of every batch on one core and the
gradients are averaged. On a machine shared with other programs that is much
faster than one process with many threads, which waits for the slowest thread
in every layer.
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
import torch.distributed as dist
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

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
    """Moving average of the weights: what is evaluated and exported.

    It remembers about the last tenth of the run, at most `memory` steps, so that
    the wild first steps are soon forgotten.
    """

    def __init__(self, network: nn.Module, memory: int = 400) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.memory = memory
        self.steps = 0

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        self.steps += 1
        keep = 1 - 1 / min(max(self.steps / 10, 1), self.memory)
        source = network.state_dict()
        for name, value in self.network.state_dict().items():
            if value.dtype.is_floating_point:
                value.mul_(keep).add_(source[name], alpha=1 - keep)
            else:
                value.copy_(source[name])


class Draws(Dataset):
    """Pairs every index with the number of the pass, so that no view repeats."""

    def __init__(self, sets: list[SceneSet], draw: int) -> None:
        self.sets, self.draw = sets, draw

    def __len__(self) -> int:
        return sum(map(len, self.sets))

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        for part in self.sets:
            if index < len(part):
                return part.view(index, self.draw)
            index -= len(part)
        raise IndexError(index)


@dataclass(frozen=True)
class Team:
    """This process among those that train together."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def average(self, values: Tensor) -> Tensor:
        """Mean over all processes."""
        if self.size > 1:
            dist.all_reduce(values)
            values /= self.size
        return values

    def agree(self, number: float) -> float:
        """The leader's value of a number."""
        value = torch.tensor([float(number)], dtype=torch.float64)
        if self.size > 1:
            dist.broadcast(value, 0)
        return value.item()


def batches(draws: Draws, recipe: Recipe, team: Team) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """One shuffled pass over this process's share, prepared in the background."""
    shuffle = torch.Generator().manual_seed(recipe.seed * 1000 + draws.draw)
    order = torch.randperm(len(draws), generator=shuffle)
    whole = len(order) // recipe.batch * recipe.batch
    share = order[:whole][team.rank::team.size].tolist()
    yield from DataLoader(draws, recipe.batch // team.size, sampler=share, collate_fn=collate,
                          num_workers=1, prefetch_factor=3, worker_init_fn=_quiet_worker)


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

    def __init__(self, recipe: Recipe, out: Path, low_precision: bool, team: Team) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.out, self.low_precision, self.team = recipe, out, low_precision, team
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
        self._share_gradients()
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip)
        if torch.isfinite(norm):
            self.optimiser.step()
            self.average.update(self.network)
        self.steps += 1
        return parts | {"norm": float(norm), "rate": rate}

    def _share_gradients(self) -> None:
        gradients = [p.grad for p in self.network.parameters()]
        mean = self.team.average(torch.cat([g.reshape(-1) for g in gradients]))
        for gradient, part in zip(gradients, mean.split([g.numel() for g in gradients])):
            gradient.copy_(part.reshape(gradient.shape))

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

    def start_from(self, checkpoint: Path) -> None:
        """Take the averaged weights of another run, unless this one has begun."""
        if self.steps:
            return
        weights = torch.load(checkpoint, weights_only=True)["average"]
        self.network.load_state_dict(weights)
        self.average.network.load_state_dict(weights)

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


def load_scenes(folders: list[Path], training: Training) -> Draws:
    """The scene folders that are complete by now, for the next pass."""
    recipe = training.recipe
    mosaic = recipe.mosaic if training.progress < recipe.mosaic_until else 0.0
    ready = sum((f / "truth.json").exists() for f in folders)
    ready = int(training.team.agree(ready))
    sets = [SceneSet(f, recipe.size, recipe.seed, mosaic) for f in folders[:ready]]
    return Draws(sets, training.passes)


def run(training: Training, folders: list[Path], log_every: int, save_every: float) -> None:
    """Train until the budget is used up. New scene folders are seen at each pass."""
    team = training.team
    before = training.used
    start = saved_at = time.monotonic()
    while training.progress < 1:
        draws = load_scenes(folders, training)
        if team.leads:
            print(f"pass {training.passes}: {len(draws)} scenes", flush=True)
        for batch in batches(draws, training.recipe, team):
            parts = training.step(*batch)
            now = time.monotonic()
            training.used = team.agree(before + now - start)
            if team.leads and training.steps % log_every == 0:
                text = " ".join(f"{k} {v:.4g}" for k, v in parts.items())
                print(f"{training.used / 60:6.1f} min step {training.steps} {text}", flush=True)
            if team.leads and now - saved_at > save_every:
                training.save()
                saved_at = now
            if training.progress >= 1:
                break
        training.passes += 1
    if team.leads:
        training.save()
        print("done", flush=True)


def work(rank: int, args: argparse.Namespace) -> None:
    """One of the processes."""
    torch.set_num_threads(args.threads)
    if args.workers > 1:
        dist.init_process_group("gloo", init_method=f"file://{args.out.resolve()}/meeting",
                                rank=rank, world_size=args.workers)
    recipe = Recipe(args.minutes, args.batch, args.size, args.rate, seed=args.seed)
    training = Training(recipe, args.out, args.bf16, Team(rank, args.workers))
    if args.start:
        training.start_from(args.start)
    run(training, args.scenes, log_every=20, save_every=180)
    if args.workers > 1:
        dist.destroy_process_group()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenes", type=Path, nargs="+", required=True, help="folders of scenes")
    parser.add_argument("--out", type=Path, required=True, help="where checkpoints go")
    parser.add_argument("--start", type=Path, help="checkpoint of an earlier run to begin from")
    parser.add_argument("--minutes", type=float, required=True, help="time budget")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--size", type=int, default=416)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2, help="processes; must divide the batch")
    parser.add_argument("--threads", type=int, default=1, help="threads of each process")
    parser.add_argument("--bf16", action="store_true", help="bfloat16 autocast")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "meeting").unlink(missing_ok=True)
    if args.workers > 1:
        torch.multiprocessing.spawn(work, (args,), args.workers)
    else:
        work(0, args)


if __name__ == "__main__":
    main()
