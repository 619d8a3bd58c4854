"""Write a weight file as ONNX, for inputs of one shape."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import torch

import network


def export(weights: Path, out: Path, batch: int, side: int) -> None:
    """A graph from `input` to `prediction` and, of a segment network, `prototypes`."""
    module = network.load(weights, side)
    image = torch.zeros(batch, 3, side, side)
    # It warns of every package it could also export and does not find.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    outputs = ["prediction", "prototypes"][: len(module(image))]
    torch.onnx.export(
        module, (image,), str(out), input_names=["input"], output_names=outputs,
        opset_version=18, dynamo=True, external_data=False, verbose=False,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--size", type=int, default=640)
    args = parser.parse_args()
    export(args.weights, args.out, args.batch, args.size)


if __name__ == "__main__":
    main()
