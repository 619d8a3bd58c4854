"""The YOLO11 detection network, written for PyTorch.

Layers are numbered and named so that the state dict matches the names that
YOLO11 weights are published under (``model.0.conv.weight`` up to
``model.23.cv3.2.2.bias``): a checkpoint written here is read by any runtime
that knows those names. Only the detection head is provided.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

REG_MAX = 16
STRIDES = (8, 16, 32)


@dataclass(frozen=True)
class Scale:
    """Multipliers that turn the reference layout into one member of the family."""

    depth: float
    width: float
    max_channels: int
    deep_blocks: bool

    def channels(self, reference: int) -> int:
        """Channel count for a reference count, rounded up to a multiple of 8."""
        scaled = min(reference, self.max_channels) * self.width
        return int(-(-scaled // 8) * 8)

    def repeats(self, reference: int) -> int:
        """Number of inner blocks for a reference number."""
        return max(round(reference * self.depth), 1)


SCALES = {
    "n": Scale(0.50, 0.25, 1024, deep_blocks=False),
    "s": Scale(0.50, 0.50, 1024, deep_blocks=False),
    "m": Scale(0.50, 1.00, 512, deep_blocks=True),
    "l": Scale(1.00, 1.00, 512, deep_blocks=True),
    "x": Scale(1.00, 1.50, 512, deep_blocks=True),
}


class ConvUnit(nn.Module):
    """Convolution, batch norm and (by default) SiLU, with "same" padding."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 1,
        stride: int = 1,
        groups: int = 1,
        activate: bool = True,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False
        )
        self.bn: nn.Module = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)
        self.activate = activate

    def fold(self) -> None:
        """Let the convolution have the bias, and nothing normalise."""
        self.conv.bias = nn.Parameter(torch.zeros(self.conv.out_channels))
        self.bn = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn(self.conv(x))
        return F.silu(y, inplace=True) if self.activate else y


class Bottleneck(nn.Module):
    """Two 3x3 convolutions with a residual connection."""

    def __init__(self, channels: int, expansion: float) -> None:
        super().__init__()
        hidden = int(channels * expansion)
        self.cv1 = ConvUnit(channels, hidden, 3)
        self.cv2 = ConvUnit(hidden, channels, 3)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.cv2(self.cv1(x))


class C3k(nn.Module):
    """Cross-stage block: one deep and one shallow path, merged by a 1x1."""

    def __init__(self, channels: int, repeats: int = 2) -> None:
        super().__init__()
        hidden = channels // 2
        self.cv1 = ConvUnit(channels, hidden)
        self.cv2 = ConvUnit(channels, hidden)
        self.cv3 = ConvUnit(2 * hidden, channels)
        self.m = nn.Sequential(*(Bottleneck(hidden, 1.0) for _ in range(repeats)))

    def forward(self, x: Tensor) -> Tensor:
        return self.cv3(torch.cat((self.m(self.cv1(x)), self.cv2(x)), 1))


class C3k2(nn.Module):
    """Split-and-stack block whose inner blocks are bottlenecks or `C3k`."""

    def __init__(
        self, inputs: int, outputs: int, repeats: int, deep: bool, expansion: float = 0.5
    ) -> None:
        super().__init__()
        hidden = int(outputs * expansion)
        self.cv1 = ConvUnit(inputs, 2 * hidden)
        self.cv2 = ConvUnit((2 + repeats) * hidden, outputs)
        self.m = nn.ModuleList(
            C3k(hidden) if deep else Bottleneck(hidden, 0.5) for _ in range(repeats)
        )

    def forward(self, x: Tensor) -> Tensor:
        stack = list(self.cv1(x).chunk(2, 1))
        for block in self.m:
            stack.append(block(stack[-1]))
        return self.cv2(torch.cat(stack, 1))


class SPPF(nn.Module):
    """Spatial pyramid pooling by three chained 5x5 max-pools."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        hidden = inputs // 2
        self.cv1 = ConvUnit(inputs, hidden)
        self.cv2 = ConvUnit(4 * hidden, outputs)

    def forward(self, x: Tensor) -> Tensor:
        pools = [self.cv1(x)]
        for _ in range(3):
            pools.append(F.max_pool2d(pools[-1], 5, 1, 2))
        return self.cv2(torch.cat(pools, 1))


class Attention(nn.Module):
    """Multi-head self-attention over positions with a convolutional position term."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.value_dim = channels // heads
        self.key_dim = self.value_dim // 2
        self.qkv = ConvUnit(channels, channels + 2 * self.key_dim * heads, activate=False)
        self.proj = ConvUnit(channels, channels, activate=False)
        self.pe = ConvUnit(channels, channels, 3, groups=channels, activate=False)

    def forward(self, x: Tensor) -> Tensor:
        batch, channels, height, width = x.shape
        packed = self.qkv(x).reshape(batch, self.heads, -1, height * width)
        query, key, value = packed.split((self.key_dim, self.key_dim, self.value_dim), 2)
        weights = (query.transpose(-2, -1) @ key * self.key_dim**-0.5).softmax(-1)
        mixed = (value @ weights.transpose(-2, -1)).reshape(batch, channels, height, width)
        return self.proj(mixed + self.pe(value.reshape(batch, channels, height, width)))


class AttentionBlock(nn.Module):
    """Attention followed by a two-layer feed-forward part, both residual."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.attn = Attention(channels, max(channels // 64, 1))
        self.ffn = nn.Sequential(
            ConvUnit(channels, 2 * channels), ConvUnit(2 * channels, channels, activate=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(x)
        return x + self.ffn(x)


class C2PSA(nn.Module):
    """Half of the channels pass through attention blocks, half go around."""

    def __init__(self, channels: int, repeats: int) -> None:
        super().__init__()
        hidden = channels // 2
        self.cv1 = ConvUnit(channels, 2 * hidden)
        self.cv2 = ConvUnit(2 * hidden, channels)
        self.m = nn.Sequential(*(AttentionBlock(hidden) for _ in range(repeats)))

    def forward(self, x: Tensor) -> Tensor:
        kept, attended = self.cv1(x).chunk(2, 1)
        return self.cv2(torch.cat((kept, self.m(attended)), 1))


class Upsample(nn.Module):
    """Doubles height and width by repetition."""

    def forward(self, x: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=2, mode="nearest")


class Concat(nn.Module):
    """Joins feature maps along channels."""

    def forward(self, *maps: Tensor) -> Tensor:
        return torch.cat(maps, 1)


class Detect(nn.Module):
    """Anchor-free head: distance distributions (`cv2`) and class logits (`cv3`)."""

    def __init__(self, classes: int, channels: tuple[int, int, int]) -> None:
        super().__init__()
        self.classes = classes
        box_width = max(16, channels[0] // 4, 4 * REG_MAX)
        class_width = max(channels[0], min(classes, 100))
        self.cv2 = nn.ModuleList(_box_branch(c, box_width) for c in channels)
        self.cv3 = nn.ModuleList(_class_branch(c, class_width, classes) for c in channels)

    def forward(self, *maps: Tensor) -> tuple[Tensor, Tensor]:
        """Distance logits `[B, A, 4 * REG_MAX]` and class logits `[B, A, classes]`."""
        boxes = [branch(x).flatten(2) for branch, x in zip(self.cv2, maps)]
        scores = [branch(x).flatten(2) for branch, x in zip(self.cv3, maps)]
        return torch.cat(boxes, 2).transpose(1, 2), torch.cat(scores, 2).transpose(1, 2)


def _box_branch(inputs: int, width: int) -> nn.Sequential:
    return nn.Sequential(
        ConvUnit(inputs, width, 3), ConvUnit(width, width, 3), nn.Conv2d(width, 4 * REG_MAX, 1)
    )


def _class_branch(inputs: int, width: int, classes: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Sequential(ConvUnit(inputs, inputs, 3, groups=inputs), ConvUnit(inputs, width)),
        nn.Sequential(ConvUnit(width, width, 3, groups=width), ConvUnit(width, width)),
        nn.Conv2d(width, classes, 1),
    )


class Yolo11(nn.Module):
    """YOLO11 detector; `scale` picks the member of the family."""

    def __init__(self, classes: int = 1, scale: str = "n") -> None:
        super().__init__()
        size = SCALES[scale]
        c64, c128, c256, c512, c1024 = (size.channels(c) for c in (64, 128, 256, 512, 1024))
        inner, deep = size.repeats(2), size.deep_blocks
        self.model = nn.ModuleList([
            ConvUnit(3, c64, 3, 2),                            # 0
            ConvUnit(c64, c128, 3, 2),                         # 1
            C3k2(c128, c256, inner, deep, 0.25),               # 2
            ConvUnit(c256, c256, 3, 2),                        # 3
            C3k2(c256, c512, inner, deep, 0.25),               # 4
            ConvUnit(c512, c512, 3, 2),                        # 5
            C3k2(c512, c512, inner, True),                     # 6
            ConvUnit(c512, c1024, 3, 2),                       # 7
            C3k2(c1024, c1024, inner, True),                   # 8
            SPPF(c1024, c1024),                                # 9
            C2PSA(c1024, inner),                               # 10
            Upsample(),                                        # 11
            Concat(),                                          # 12
            C3k2(c1024 + c512, c512, inner, deep),             # 13
            Upsample(),                                        # 14
            Concat(),                                          # 15
            C3k2(c512 + c512, c256, inner, deep),              # 16
            ConvUnit(c256, c256, 3, 2),                        # 17
            Concat(),                                          # 18
            C3k2(c256 + c512, c512, inner, deep),              # 19
            ConvUnit(c512, c512, 3, 2),                        # 20
            Concat(),                                          # 21
            C3k2(c512 + c1024, c1024, inner, True),            # 22
            Detect(classes, (c256, c512, c1024)),              # 23
        ])
        self._initialise_head()

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Raw distance and class logits for a batch of images in 0..1."""
        layer = self.model
        x = image
        for index in range(5):
            x = layer[index](x)
        fine = x
        middle = layer[6](layer[5](fine))
        coarse = layer[10](layer[9](layer[8](layer[7](middle))))
        top = layer[13](layer[12](layer[11](coarse), middle))
        small = layer[16](layer[15](layer[14](top), fine))
        medium = layer[19](layer[18](layer[17](small), top))
        large = layer[22](layer[21](layer[20](medium), coarse))
        return layer[23](small, medium, large)

    def _initialise_head(self) -> None:
        """Start with rare positives, so that early training is not all background."""
        head = self.model[23]
        for stride, boxes, scores in zip(STRIDES, head.cv2, head.cv3):
            nn.init.constant_(boxes[-1].bias, 1.0)
            rare = 5 / head.classes / (640 / stride) ** 2
            nn.init.constant_(scores[-1].bias, float(torch.logit(torch.tensor(rare))))


def folded_network(weights: dict[str, Tensor]) -> Yolo11:
    """A one-class network without batch norm, with the weights of an exported file.

    Its state has the names and shapes of the file: it can be trained further (what
    batch norm knew is in the weights, and frozen) and written again as it is.
    """
    network = Yolo11()
    for module in list(network.modules()):
        if isinstance(module, ConvUnit):
            module.fold()
    network.load_state_dict({name: value.float() for name, value in weights.items()})
    return network


def anchor_points(height: int, width: int) -> tuple[Tensor, Tensor]:
    """Centres (in pixels) `[A, 2]` and strides `[A, 1]` of all cells of an image."""
    centres, strides = [], []
    for stride in STRIDES:
        ys = torch.arange(height // stride, dtype=torch.float32) + 0.5
        xs = torch.arange(width // stride, dtype=torch.float32) + 0.5
        grid_y, grid_x = torch.meshgrid(ys, xs, indexing="ij")
        centres.append(torch.stack((grid_x, grid_y), -1).reshape(-1, 2) * stride)
        strides.append(torch.full((len(ys) * len(xs), 1), float(stride)))
    return torch.cat(centres), torch.cat(strides)


def decode_boxes(distances: Tensor, centres: Tensor, strides: Tensor) -> Tensor:
    """Turn distance logits `[B, A, 4 * REG_MAX]` into corner boxes in pixels."""
    batch, cells, _ = distances.shape
    bins = torch.arange(REG_MAX, dtype=torch.float32, device=distances.device)
    spread = distances.float().reshape(batch, cells, 4, REG_MAX).softmax(-1)
    sides = (spread * bins).sum(-1) * strides
    return torch.cat((centres - sides[..., :2], centres + sides[..., 2:]), -1)


@torch.no_grad()
def predict(network: nn.Module, image: Tensor) -> tuple[Tensor, Tensor]:
    """Corner boxes `[B, A, 4]` in pixels and class probabilities `[B, A, classes]`."""
    distances, scores = network(image)
    centres, strides = anchor_points(*image.shape[-2:])
    return decode_boxes(distances, centres, strides), scores.float().sigmoid()


@torch.no_grad()
def fold_batch_norm(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Merge every `bn` into its `conv`: only weights and biases remain."""
    folded: dict[str, Tensor] = {}
    for name, value in state.items():
        if ".bn." in name:
            continue
        stem = name.removesuffix(".conv.weight")
        if f"{stem}.bn.weight" not in state:
            folded[name] = value.float()
            continue
        norm = {k: state[f"{stem}.bn.{k}"].float()
                for k in ("weight", "bias", "running_mean", "running_var")}
        gain = norm["weight"] / torch.sqrt(norm["running_var"] + 1e-3)
        folded[name] = value.float() * gain[:, None, None, None]
        folded[f"{stem}.conv.bias"] = norm["bias"] - norm["running_mean"] * gain
    return folded


def load_folded(network: Yolo11, weights: dict[str, Tensor]) -> None:
    """Load weights without batch norm into a network that has it.

    Each batch norm becomes the identity plus the folded bias.
    """
    state = network.state_dict()
    for name in state:
        stem, _, field = name.rpartition(".bn.")
        if not stem:
            state[name] = weights[name].float()
        elif field == "bias":
            state[name] = weights[f"{stem}.conv.bias"].float()
        elif field == "weight":
            state[name] = torch.full_like(state[name], (1 + 1e-3) ** 0.5)
        elif field == "running_mean":
            state[name] = torch.zeros_like(state[name])
        elif field == "running_var":
            state[name] = torch.ones_like(state[name])
    network.load_state_dict(state)
