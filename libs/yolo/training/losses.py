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


def paired_iou(first: Tensor, second: Tensor) -> Tensor:
    """IoU of box pairs `[N, 4]`."""
    low = torch.maximum(first[:, :2], second[:, :2])
    high = torch.minimum(first[:, 2:], second[:, 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    both = (first[:, 2:] - first[:, :2]).prod(-1) + (second[:, 2:] - second[:, :2]).prod(-1)
    return shared / (both - shared + 1e-7)


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

    Picture by picture, and only cells in a truth box are compared with it: a batch
    padded to its fullest picture costs more than the network.
    """
    rows = []
    for seen, score, wanted, counts in zip(boxes, scores, truth, valid):
        wanted = wanted[counts]
        if len(wanted):
            rows.append(_match_picture(seen, score, centres, wanted, candidates, score_power,
                                       overlap_power))
        else:
            nothing = torch.zeros_like(score)
            rows.append((nothing.bool(), torch.zeros_like(seen), nothing))
    return Matching(*(torch.stack(part) for part in zip(*rows)))


def _match_picture(
    boxes: Tensor, scores: Tensor, centres: Tensor, truth: Tensor, candidates: int,
    score_power: float, overlap_power: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """The parts of a `Matching` for one picture that has plants."""
    inside = _centres_inside(centres, truth)
    row, cell = inside.nonzero(as_tuple=True)
    overlap = torch.zeros(inside.shape)
    overlap[row, cell] = paired_iou(truth[row], boxes[cell])
    alignment = torch.zeros(inside.shape)
    alignment[row, cell] = (scores[cell].pow(score_power)
                            * overlap[row, cell].pow(overlap_power))
    chosen = _best_cells(alignment, inside, candidates)
    owner = torch.where(chosen, overlap, -1.0).argmax(0)
    positive = chosen.any(0)
    chosen &= torch.zeros_like(chosen).scatter_(0, owner[None], True)
    return positive, truth[owner], _soft_scores(alignment, overlap, chosen)


def _centres_inside(centres: Tensor, truth: Tensor) -> Tensor:
    """Which cell centres lie in which boxes, `[M, A]`.

    Boxes smaller than the finest cells are widened, so that none is without a
    candidate.
    """
    middle = (truth[:, :2] + truth[:, 2:]) / 2
    half = ((truth[:, 2:] - truth[:, :2]) / 2).clamp(min=6.0)
    across = (centres[None, :, 0] - middle[:, :1]).abs() < half[:, :1]
    down = (centres[None, :, 1] - middle[:, 1:]).abs() < half[:, 1:]
    return across & down


def _best_cells(alignment: Tensor, inside: Tensor, candidates: int) -> Tensor:
    """The best-aligned cells of every truth box, `[M, A]`."""
    ranked = torch.where(inside, alignment + 1e-9, -1.0)
    values, places = ranked.topk(min(candidates, ranked.shape[-1]), -1)
    return torch.zeros_like(inside).scatter_(-1, places, values > 0)


def _soft_scores(alignment: Tensor, overlap: Tensor, chosen: Tensor) -> Tensor:
    """Scale alignments so that the best cell of a box is worth the box's best overlap."""
    aligned = alignment * chosen
    peak = aligned.amax(-1, keepdim=True)
    best_overlap = (overlap * chosen).amax(-1, keepdim=True)
    return (aligned / (peak + 1e-9) * best_overlap).amax(0)


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
    logits = logits.float().squeeze(-1)
    centres, strides = anchor_points(*size)
    boxes = decode_boxes(distances.detach(), centres, strides)
    matching = match(boxes, logits.detach().sigmoid(), centres, truth, valid)
    total = matching.scores.sum().clamp(min=1.0)
    class_part = F.binary_cross_entropy_with_logits(
        logits, matching.scores, reduction="sum") / total
    box_part = distribution_part = distances.sum() * 0
    if matching.positive.any():
        row, cell = matching.positive.nonzero(as_tuple=True)
        share = matching.scores[row, cell]
        target = matching.boxes[row, cell]
        at, step = centres[cell], strides[cell]
        # Few cells are positive: the gradient need not pass through the others.
        sides = distances[row, cell].float()
        found = decode_boxes(sides[None], at, step)[0]
        box_part = ((1 - complete_iou(found, target)) * share).sum() / total
        wanted = torch.cat((at - target[:, :2], target[:, 2:] - at), -1) / step
        per_cell = distribution_focal(sides, wanted.clamp(0, REG_MAX - 1.01))
        distribution_part = (per_cell * share).sum() / total
    loss = (weights.box * box_part + weights.classes * class_part
            + weights.distribution * distribution_part)
    parts = {"box": box_part.item(), "class": class_part.item(), "dfl": distribution_part.item()}
    return loss, parts
