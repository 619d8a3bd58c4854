"""Checks of the network definition; run with ``python -m unittest -v``.

The comparison with the reference needs files that are not part of the
repository; without them it is skipped.
"""

from __future__ import annotations

import os
import unittest
from pathlib import Path

import torch
from safetensors.torch import load_file

from export import blended
from model import Yolo11, fold_batch_norm, load_folded, predict

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("DEMETER_SHARED", ROOT.parent / "shared")) / "models"
WEIGHTS = SHARED / "yolo11n-coco.safetensors"
PARITY = SHARED / "parity-yolo11n-coco.safetensors"


class NetworkTest(unittest.TestCase):
    """The network has the published layout and folds without changing."""

    @unittest.skipUnless(WEIGHTS.exists() and PARITY.exists(), "no reference weights here")
    def test_matches_reference(self) -> None:
        network = Yolo11(classes=80).eval()
        load_folded(network, load_file(str(WEIGHTS)))
        parity = load_file(str(PARITY))
        image = parity["image"].permute(2, 0, 1)[None].float() / 255
        boxes, scores = predict(network, image)
        centres = (boxes[..., :2] + boxes[..., 2:]) / 2
        sizes = boxes[..., 2:] - boxes[..., :2]
        ours = torch.cat((centres, sizes, scores), -1)[0].T
        expected = parity["prediction"]
        self.assertLess((ours[4:] - expected[4:]).abs().max().item(), 1e-3)
        # Boxes are in pixels of a 640 px image: compare them in units of that size.
        self.assertLess((ours[:4] - expected[:4]).abs().max().item() / 640, 1e-3)

    def test_folding_keeps_the_output(self) -> None:
        torch.manual_seed(1)
        network = Yolo11().train()
        for _ in range(2):
            network(torch.rand(2, 3, 64, 64))
        network.eval()
        twin = Yolo11().eval()
        load_folded(twin, fold_batch_norm(network.state_dict()))
        image = torch.rand(1, 3, 96, 64)
        for ours, theirs in zip(predict(network, image), predict(twin, image)):
            self.assertTrue(torch.allclose(ours, theirs, atol=1e-3))

    def test_blending_takes_a_share_of_each_weight(self) -> None:
        later, earlier = ({"weight": torch.tensor(values)} for values in ([1.0, 5.0], [0.0, 10.0]))
        mixed = blended(later, earlier, 0.8)
        self.assertTrue(torch.allclose(mixed["weight"], torch.tensor([0.8, 6.0])))

    def test_scales_build(self) -> None:
        millions = {s: sum(p.numel() for p in Yolo11(80, s).parameters()) / 1e6 for s in "nsm"}
        self.assertAlmostEqual(millions["n"], 2.62, delta=0.02)
        self.assertAlmostEqual(millions["s"], 9.46, delta=0.05)
        self.assertAlmostEqual(millions["m"], 20.1, delta=0.1)


if __name__ == "__main__":
    unittest.main()
