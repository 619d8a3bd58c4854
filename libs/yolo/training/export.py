"""Write the averaged weights of a checkpoint as fp16 safetensors, batch norm folded."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from model import fold_batch_norm


def export(checkpoint: Path, out: Path, version: str) -> None:
    """Fold, convert and write with the metadata that the services read."""
    state = torch.load(checkpoint, weights_only=True)["average"]
    weights = {name: value.half().contiguous() for name, value in fold_batch_norm(state).items()}
    broken = [name for name, value in weights.items() if not torch.isfinite(value).all()]
    if broken:
        raise ValueError(f"not finite in half precision: {broken}")
    metadata = {
        "names": json.dumps({"0": "plant"}, separators=(",", ":")),
        "task": "detect",
        "scale": "n",
        "imgsz": "640",
        "license": "Apache-2.0",
        "version": version,
        "description": "YOLO11n layout, trained from random weights on composed scenes",
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    save_file(weights, str(out), metadata)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--version", required=True)
    args = parser.parse_args()
    export(args.checkpoint, args.out, args.version)


if __name__ == "__main__":
    main()
