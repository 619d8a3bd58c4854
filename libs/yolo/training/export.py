"""Write the averaged weights of a checkpoint as fp16 safetensors, batch norm folded.

With `--earlier` they are blended with those of the run they began from: a network
that was trained further is better on composed scenes, the blend keeps more of
what carries over to real photos (Wortsman et al. 2022, "Robust fine-tuning of
zero-shot models").
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from model import fold_batch_norm


def averaged(weights: Path) -> dict[str, Tensor]:
    """The averaged weights of a checkpoint, or those of an exported file; folded."""
    if weights.suffix == ".safetensors":
        return {name: value.float() for name, value in load_file(str(weights)).items()}
    return fold_batch_norm(torch.load(weights, weights_only=True)["average"])


def blended(later: dict[str, Tensor], earlier: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """`share` of the later weights, the rest of the earlier ones."""
    return {name: torch.lerp(earlier[name], value, share) for name, value in later.items()}


def export(state: dict[str, Tensor], out: Path, version: str) -> None:
    """Convert folded weights and write them with the metadata that the services read."""
    weights = {name: value.half().contiguous() for name, value in state.items()}
    broken = [name for name, value in weights.items() if not torch.isfinite(value).all()]
    if broken:
        raise ValueError(f"not finite in half precision: {broken}")
    out.parent.mkdir(parents=True, exist_ok=True)
    save_file(weights, str(out), describe(version))


def describe(version: str) -> dict[str, str]:
    """What the services and people read beside the weights."""
    return {
        "names": json.dumps({"0": "plant"}, separators=(",", ":")),
        "task": "detect",
        "scale": "n",
        "imgsz": "640",
        "license": "Apache-2.0",
        "version": version,
        "description": "YOLO11n layout, trained from random weights on composed scenes, "
                       "then on rendered ones",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path, help="checkpoint.pt or exported safetensors")
    parser.add_argument("out", type=Path)
    parser.add_argument("--version", required=True)
    parser.add_argument("--earlier", type=Path, help="weights that this run began from, to blend with")
    parser.add_argument("--share", type=float, default=0.8, help="of the later weights, 0 to 1")
    args = parser.parse_args()
    state = averaged(args.weights)
    if args.earlier:
        state = blended(state, averaged(args.earlier), args.share)
    export(state, args.out, args.version)


if __name__ == "__main__":
    main()
