"""YOLO11 as it is served: batch norm folded, answers decoded.

The layers are those of `libs/yolo/training/model.py`, with a head that also
segments. Tensors have the names that YOLO11 weights are published under, so a
weight file loads as it is.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "libs/yolo/training"))

from model import REG_MAX, STRIDES, ConvUnit, Detect, Yolo11  # noqa: E402

COEFFICIENTS = 32
# Channels of the first layer tell the members of the family apart; of those
# with 64, the larger one repeats its inner blocks.
FIRST_CHANNELS = {16: "n", 32: "s", 64: "m", 96: "x"}


class Prototypes(nn.Module):
    """The pictures that masks are sums of, at a quarter of the input's size."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.cv1 = ConvUnit(inputs, hidden, 3)
        self.upsample = nn.ConvTranspose2d(hidden, hidden, 2, 2)
        self.cv2 = ConvUnit(hidden, hidden, 3)
        self.cv3 = ConvUnit(hidden, COEFFICIENTS)

    def forward(self, x: Tensor) -> Tensor:
        return self.cv3(self.cv2(self.upsample(self.cv1(x))))


class DecodingHead(Detect):
    """Feature maps to centres, sizes and probabilities, for one size of input."""

    def __init__(
        self, classes: int, channels: tuple[int, int, int], segment: bool, side: int
    ) -> None:
        super().__init__(classes, channels)
        if segment:
            width = max(channels[0] // 4, COEFFICIENTS)
            self.cv4 = nn.ModuleList(
                nn.Sequential(
                    ConvUnit(c, width, 3), ConvUnit(width, width, 3),
                    nn.Conv2d(width, COEFFICIENTS, 1),
                )
                for c in channels
            )
            self.proto = Prototypes(channels[0], channels[0])
        centres, strides = _cells(side)
        self.register_buffer("centres", centres, persistent=False)
        self.register_buffer("strides", strides, persistent=False)
        bins = torch.arange(REG_MAX, dtype=torch.float32).reshape(1, REG_MAX, 1, 1)
        self.register_buffer("bins", bins, persistent=False)

    def forward(self, *maps: Tensor) -> tuple[Tensor, ...]:
        """`[B, 4 + classes (+ 32), anchors]`, and the prototypes of a segment network."""
        rows = [self._boxes(_join(self.cv2, maps)), _join(self.cv3, maps).sigmoid()]
        if not hasattr(self, "cv4"):
            return (torch.cat(rows, 1),)
        rows.append(_join(self.cv4, maps))
        return torch.cat(rows, 1), self.proto(maps[0])

    def _boxes(self, distances: Tensor) -> Tensor:
        """Distributions over the distance to each side, to boxes in pixels."""
        batch, _, cells = distances.shape
        spread = distances.reshape(batch, 4, REG_MAX, cells).transpose(1, 2).softmax(1)
        # The mean of each distribution, as a pointwise convolution.
        sides = F.conv2d(spread, self.bins).reshape(batch, 4, cells)
        before, after = self.centres - sides[:, :2], self.centres + sides[:, 2:]
        return torch.cat(((before + after) / 2, after - before), 1) * self.strides


def load(weights: Path, side: int) -> nn.Module:
    """The network of a safetensors file without batch norm, for inputs of one size."""
    tensors = {name: value.float() for name, value in load_file(str(weights)).items()}
    scale = FIRST_CHANNELS[tensors["model.0.conv.weight"].shape[0]]
    if scale == "m" and "model.2.m.1.cv1.conv.weight" in tensors:
        scale = "l"
    classes = tensors["model.23.cv3.0.2.weight"].shape[0]
    network = build(scale, classes, "model.23.proto.cv1.conv.weight" in tensors, side)
    network.load_state_dict(tensors)
    return network


def build(scale: str, classes: int, segment: bool, side: int) -> nn.Module:
    """A network without batch norm that answers with decoded boxes."""
    network = Yolo11(classes, scale)
    maps = (16, 19, 22)
    channels = tuple(network.model[index].cv2.conv.out_channels for index in maps)
    network.model[23] = DecodingHead(classes, channels, segment, side)
    for unit in [unit for unit in network.modules() if isinstance(unit, ConvUnit)]:
        unit.conv.bias = nn.Parameter(torch.zeros(unit.conv.out_channels))
        unit.bn = nn.Identity()
    return network.eval().requires_grad_(False)


def write_random(scale: str, segment: bool, out: Path) -> None:
    """Weights of the right shapes, the same each time, that keep signals alive."""
    chance = torch.Generator().manual_seed(11)
    tensors = {}
    for name, value in build(scale, 80, segment, 32).state_dict().items():
        noise = torch.randn(value.shape, generator=chance)
        if name.endswith("weight"):
            # 1.6 makes up for what SiLU takes away.
            noise *= 1.6 / value[0].numel() ** 0.5
        tensors[name] = noise if name.endswith("weight") else 0.1 * noise
    names = json.dumps({str(index): f"class {index}" for index in range(80)})
    save_file(tensors, str(out), {"names": names})


def _join(branches: nn.ModuleList, maps: tuple[Tensor, ...]) -> Tensor:
    return torch.cat([branch(x).flatten(2) for branch, x in zip(branches, maps)], 2)


def _cells(side: int) -> tuple[Tensor, Tensor]:
    """Centres (in cells) `[1, 2, A]` and strides `[1, 1, A]` of all cells."""
    centres, strides = [], []
    for stride in STRIDES:
        steps = torch.arange(side // stride, dtype=torch.float32) + 0.5
        down, across = torch.meshgrid(steps, steps, indexing="ij")
        centres.append(torch.stack((across, down)).flatten(1))
        strides.append(torch.full((1, steps.numel() ** 2), float(stride)))
    return torch.cat(centres, 1)[None], torch.cat(strides, 1)[None]
