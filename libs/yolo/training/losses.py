"""Training targets and losses for the anchor-free detector.

Cells are matched to truth boxes by task alignment: a cell is a good match when
it scores the class well *and* its box overlaps the truth well (Feng et al.,
"TOOD", 2021). Boxes are trained with complete IoU (Zheng et al., 2020) and
distribution focal loss (Li et al., 2020), classes with binary cross-entropy.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from model import REG_MAX, anchor_points, decode_boxes


@dataclass(frozen=True)
class LossWeights:
    """How much each part counts."""

    box: float = 7.5
    classes: float = 0.5
    distribution: float = 1.5


@dataclass(frozen=True)
class Matching:
    """Result of the assignment, one row per image and cell."""

    positive: Tensor
    """Which cells are responsible for a box, `[B, A]`."""
    boxes: Tensor
    """Their boxes in pixels, `[B, A, 4]`."""
    scores: Tensor
    """Soft class target, `[B, A]`: 0 for background."""


def pairwise_iou(first: Tensor, second: Tensor) -> Tensor:
    """IoU of every box of `first` `[..., N, 4]` with every one of `second` `[..., M, 4]`."""
    a, b = first[..., :, None, :], second[..., None, :, :]
    overlap = (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2]))
    shared = overlap.clamp(min=0).prod(-1)
    areas = (a[..., 2:] - a[..., :2]).prod(-1) + (b[..., 2:] - b[..., :2]).prod(-1)
    return shared / (areas - shared + 1e-7)


def complete_iou(predicted: Tensor, truth: Tensor) -> Tensor:
    """CIoU of box pairs `[N, 4]`: IoU less centre distance and shape difference."""
    low = torch.maximum(predicted[:, :2], truth[:, :2])
    high = torch.minimum(predicted[:, 2:], truth[:, 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    size_p = (predicted[:, 2:] - predicted[:, :2]).clamp(min=1e-4)
    size_t = (truth[:, 2:] - truth[:, :2]).clamp(min=1e-4)
    iou = shared / (size_p.prod(-1) + size_t.prod(-1) - shared + 1e-7)
    hull = torch.maximum(predicted[:, 2:], truth[:, 2:]) - torch.minimum(predicted[:, :2], truth[:, :2])
    gap = (predicted[:, :2] + predicted[:, 2:] - truth[:, :2] - truth[:, 2:]) / 2
    distance = gap.square().sum(-1) / (hull.square().sum(-1) + 1e-7)
    shape = torch.atan(size_t[:, 0] / size_t[:, 1]) - torch.atan(size_p[:, 0] / size_p[:, 1])
    mismatch = 4 / torch.pi**2 * shape.square()
    with torch.no_grad():
        trade_off = mismatch / (1 - iou + mismatch + 1e-7)
    return iou - distance - trade_off * mismatch


@torch.no_grad()
def match(
    boxes: Tensor, scores: Tensor, centres: Tensor, truth: Tensor, valid: Tensor,
    candidates: int = 10, score_power: float = 0.5, overlap_power: float = 6.0,
) -> Matching:
    """Assign cells to the truth boxes of a batch (a single class).

    `boxes` `[B, A, 4]` and `scores` `[B, A]` are what the network says now,
    `truth` `[B, M, 4]` is padded and `valid` `[B, M]` tells which rows count.
    """
    batch, cells = scores.shape
    if truth.shape[1] == 0:
        nothing = torch.zeros_like(scores)
        return Matching(nothing.bool(), torch.zeros_like(boxes), nothing)
    overlap = pairwise_iou(truth, boxes)
    inside = _centres_inside(centres, truth) & valid[..., None]
    alignment = scores[:, None].pow(score_power) * overlap.pow(overlap_power) * inside
    chosen = _best_cells(alignment, inside, candidates)
    owner = torch.where(chosen, overlap, -1.0).argmax(1)
    positive = chosen.any(1)
    chosen &= torch.zeros_like(chosen).scatter_(1, owner[:, None], True)
    target = truth.gather(1, owner[..., None].expand(-1, -1, 4))
    return Matching(positive, target, _soft_scores(alignment, overlap, chosen))


def _centres_inside(centres: Tensor, truth: Tensor) -> Tensor:
    """Which cell centres lie in which boxes, `[B, M, A]`.

    Boxes smaller than the finest cells are widened, so that none is without a
    candidate.
    """
    middle = (truth[..., :2] + truth[..., 2:]) / 2
    half = ((truth[..., 2:] - truth[..., :2]) / 2).clamp(min=6.0)
    offset = (centres[None, None] - middle[:, :, None]).abs()
    return (offset < half[:, :, None]).all(-1)


def _best_cells(alignment: Tensor, inside: Tensor, candidates: int) -> Tensor:
    """The best-aligned cells of every truth box, `[B, M, A]`."""
    ranked = torch.where(inside, alignment + 1e-9, -1.0)
    values, places = ranked.topk(min(candidates, ranked.shape[-1]), -1)
    return torch.zeros_like(inside).scatter_(-1, places, values > 0)


def _soft_scores(alignment: Tensor, overlap: Tensor, chosen: Tensor) -> Tensor:
    """Scale alignments so that the best cell of a box is worth the box's best overlap."""
    aligned = alignment * chosen
    peak = aligned.amax(-1, keepdim=True)
    best_overlap = (overlap * chosen).amax(-1, keepdim=True)
    return (aligned / (peak + 1e-9) * best_overlap).amax(1)


def distribution_focal(logits: Tensor, distance: Tensor) -> Tensor:
    """Cross-entropy to the two bins around each distance; mean over the four sides."""
    lower = distance.floor().clamp(0, REG_MAX - 2)
    upper_share = distance - lower
    flat = logits.reshape(-1, REG_MAX)
    lower_bin = lower.long().reshape(-1)
    to_lower = F.cross_entropy(flat, lower_bin, reduction="none")
    to_upper = F.cross_entropy(flat, lower_bin + 1, reduction="none")
    share = upper_share.reshape(-1)
    return (to_lower * (1 - share) + to_upper * share).reshape(-1, 4).mean(-1)


def detection_loss(
    distances: Tensor, logits: Tensor, truth: Tensor, valid: Tensor, size: tuple[int, int],
    weights: LossWeights = LossWeights(),
) -> tuple[Tensor, dict[str, float]]:
    """Loss of a batch of one-class images of `size` (height, width), and its parts."""
    distances, logits = distances.float(), logits.float().squeeze(-1)
    centres, strides = anchor_points(*size)
    boxes = decode_boxes(distances, centres, strides)
    matching = match(boxes.detach(), logits.detach().sigmoid(), centres, truth, valid)
    total = matching.scores.sum().clamp(min=1.0)
    class_part = F.binary_cross_entropy_with_logits(
        logits, matching.scores, reduction="sum") / total
    box_part = distribution_part = distances.sum() * 0
    if matching.positive.any():
        row, cell = matching.positive.nonzero(as_tuple=True)
        share = matching.scores[row, cell]
        target = matching.boxes[row, cell]
        box_part = ((1 - complete_iou(boxes[row, cell], target)) * share).sum() / total
        at, step = centres[cell], strides[cell]
        sides = torch.cat((at - target[:, :2], target[:, 2:] - at), -1) / step
        sides = sides.clamp(0, REG_MAX - 1.01)
        per_cell = distribution_focal(distances[row, cell], sides)
        distribution_part = (per_cell * share).sum() / total
    loss = (weights.box * box_part + weights.classes * class_part
            + weights.distribution * distribution_part)
    parts = {"box": box_part.item(), "class": class_part.item(), "dfl": distribution_part.item()}
    return loss, parts
