"""Checks of splits, views, assignment, search and figures; ``python -m unittest -v``."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path
from unittest import mock

import cv2
import numpy as np
import torch

import evaluate
import splits
from composed import compose
from data import PAD_GREY, Album, clip_boxes, read_album
from export import describe
from losses import match
from model import Yolo11, anchor_points, fold_batch_norm, folded_network, predict
from pasting import PastedViews
from predict import Seen, add_level, detect, levels, merge
from sprites import RENDERED
from tune import Mixture, Recipe, Source, Tuning, focused_view, run

NO_BOXES = np.zeros((0, 4))


def picture_file(seed: int, side: int = 200) -> np.ndarray:
    """A noisy JPEG."""
    pixels = np.random.default_rng(seed).integers(0, 255, (side, side, 3), np.uint8)
    return cv2.imencode(".jpg", pixels)[1].reshape(-1)


class SplitTest(unittest.TestCase):
    """No picture is on two sides, and an unknown set is refused."""

    def test_every_rule_puts_a_picture_on_one_side(self) -> None:
        rules = splits.read_rules()
        sides = [rules[name].part(stem) for name, stem in (
            ("rendered_scenes", "bed_02004"), ("rendered_scenes", "bed_02008"),
            ("proto", "grid_50008"), ("proto", "grid_50009"), ("real_check", "crate20"),
            ("palms_uav", "gub_03"), ("palms_uav", "asli_03"), ("palms_uav", "blok_03"))]
        self.assertEqual(sides, [
            splits.VALIDATION, splits.TRAINING, splits.VALIDATION, splits.TRAINING,
            splits.VALIDATION, splits.TRAINING, splits.VALIDATION, splits.LEFT_OUT])

    def test_an_unknown_set_is_refused(self) -> None:
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(KeyError):
            splits.pictures(Path(folder), splits.TRAINING, splits.read_rules())

    def test_training_reads_no_picture_that_measures(self) -> None:
        with tempfile.TemporaryDirectory() as above:
            folder = Path(above) / "proto"
            folder.mkdir()
            for number in range(50001, 50015):
                (folder / f"bed_{number}.jpg").write_bytes(picture_file(number).tobytes())
                (folder / f"bed_{number}.txt").write_text("0 0.5 0.5 0.2 0.4\n")
            training = read_album(folder, splits.TRAINING)
            self.assertEqual((len(training), len(read_album(folder, splits.VALIDATION))), (12, 2))
            np.testing.assert_allclose(training.boxes[0], [[80, 60, 120, 140]], atol=1e-3)


class ViewTest(unittest.TestCase):
    """What a view says about plants that it shows in part."""

    def test_a_cut_plant_keeps_what_is_seen_of_it(self) -> None:
        boxes = np.array([[-30, 0, 70, 100], [-80, 0, 20, 100]], np.float32)
        np.testing.assert_allclose(clip_boxes(boxes, 200, 200), [[0, 0, 70, 100]])

    def test_the_inside_of_a_plant_has_no_box(self) -> None:
        rng = np.random.default_rng(3)
        image, box = np.zeros((300, 300, 3), np.uint8), np.array([[20, 20, 280, 280]], np.float32)
        for _ in range(20):
            _, boxes = focused_view(rng, image, box, 100, (290, 300))
            self.assertEqual(len(boxes), 0)

    def test_a_focused_plant_has_the_wanted_size(self) -> None:
        rng = np.random.default_rng(4)
        image, box = np.zeros((300, 300, 3), np.uint8), np.array([[140, 140, 160, 160]], np.float32)
        views = [focused_view(rng, image, box, 416, (60, 60.001))[1] for _ in range(30)]
        widths = [boxes[0, 2] - boxes[0, 0] for boxes in views if len(boxes)]
        self.assertGreater(len(widths), 25)
        self.assertAlmostEqual(float(np.median(widths)), 60, delta=4)

    def test_a_set_made_with_a_bad_camera_is_not_spoiled_again(self) -> None:
        flat = cv2.imencode(".png", np.full((200, 200, 3), PAD_GREY, np.uint8))[1].reshape(-1)
        album = Album([flat], [np.zeros((0, 4), np.float32)])
        recipe = Recipe(steps=1, size=64, mosaic=0.0)
        kept = Mixture([Source(album, 1.0, (1.0, 1.0), spoiled=False)], recipe)
        spoilt = Mixture([Source(album, 1.0, (1.0, 1.0))], recipe)
        spread = [max(float(mixture[k][0].float().std(dim=(1, 2)).max()) for k in range(12))
                  for mixture in (kept, spoilt)]
        self.assertEqual(spread[0], 0)
        self.assertGreater(spread[1], 1)

    def test_a_view_is_made_from_its_number_alone(self) -> None:
        album = Album([picture_file(k) for k in range(3)],
                      [np.array([[50, 50, 120, 130]], np.float32)] * 3)
        mixture = Mixture([Source(album, 1.0, (0.5, 2.0))], Recipe(steps=1, size=96))
        for number in (0, 5, 11):
            (image, boxes), (again, boxes_again) = mixture[number], mixture[number]
            self.assertTrue(torch.equal(image, again) and torch.equal(boxes, boxes_again))
        self.assertFalse(torch.equal(mixture[1][0], mixture[2][0]))


class PlantsOfOthersTest(unittest.TestCase):
    """Rendered plants in composed scenes and on photographed ground."""

    def setUp(self) -> None:
        self.above = tempfile.TemporaryDirectory()
        self.addCleanup(self.above.cleanup)
        for name in ("rendered", "cutouts", "ground"):
            (Path(self.above.name) / name).mkdir()
        disc = np.zeros((120, 120, 4), np.uint8)
        cv2.circle(disc, (60, 60), 50, (40, 160, 60, 255), -1)
        cv2.imwrite(str(Path(self.above.name) / "rendered" / "globe_1_0.png"), disc)
        (Path(self.above.name) / "ground" / "grit.jpg").write_bytes(picture_file(1).tobytes())
        folders = [Path(self.above.name) / name for name in ("rendered", "cutouts", "ground")]
        self.views = PastedViews(folders[0], folders[1], folders[2:])

    def test_a_sprite_is_cropped_to_its_plant(self) -> None:
        sprite = self.views.sprites[0]
        self.assertEqual((sprite.kind, sprite.rgba.shape[:2]), (RENDERED, (101, 101)))

    def test_boxes_surround_the_plants_that_are_seen(self) -> None:
        several = 0
        for seed in range(40):
            image, boxes = self.views.view(np.random.default_rng(seed), 160)
            self.assertEqual(image.shape, (160, 160, 3))
            self.assertTrue(((boxes >= 0) & (boxes <= 160)).all())
            several += len(boxes) > 1
        self.assertGreater(several, 10)

    def test_plants_of_a_crowd_lie_over_one_another(self) -> None:
        """Of those that are seen in part the box is what is seen."""
        over, whole = 0, 0
        with mock.patch("pasting.CROWDED", 1.0), mock.patch("pasting.BARE", 0.0):
            for seed in range(12):
                _, boxes = self.views.view(np.random.default_rng(seed), 160)
                over += int(evaluate.touching(boxes).sum())
                whole += len(boxes)
        self.assertGreater(whole, 100)
        self.assertGreater(over, 0.7 * whole)

    def test_moss_greens_the_ground_and_is_no_plant(self) -> None:
        with mock.patch("pasting.BARE", 1.0), mock.patch("pasting.MOSSY", 1.0):
            mossy = [self.views.view(np.random.default_rng(seed), 160) for seed in range(6)]
        with mock.patch("pasting.BARE", 1.0), mock.patch("pasting.MOSSY", 0.0):
            plain = [self.views.view(np.random.default_rng(seed), 160) for seed in range(6)]
        self.assertEqual(sum(len(boxes) for _, boxes in mossy), 0)
        green = [np.mean([image[..., 1].mean() - image[..., 0].mean() for image, _ in views])
                 for views in (mossy, plain)]
        self.assertGreater(green[0], green[1] + 0.5)

    def test_a_scene_is_as_full_as_it_is_ordered(self) -> None:
        library = self.views.sprites
        full, bare = (sum(len(compose(np.random.default_rng(seed), library, 160, 160,
                                      occupied=share).boxes) for seed in range(8))
                      for share in (1.0, 0.0))
        self.assertGreater(full, 20)
        self.assertEqual(bare, 0)


class AssignmentTest(unittest.TestCase):
    """The sparse assignment is the one that its definition gives."""

    def test_equals_the_plain_definition(self) -> None:
        torch.manual_seed(0)
        centres, _ = anchor_points(96, 96)
        cells = len(centres)
        boxes = torch.cat((centres - torch.rand(3, cells, 2) * 30,
                           centres + torch.rand(3, cells, 2) * 30), -1)
        scores = torch.rand(3, cells)
        corner, side = torch.rand(3, 9, 2) * 70, torch.rand(3, 9, 2) * 40 + 3
        truth, valid = torch.cat((corner, corner + side), -1), torch.ones(3, 9, dtype=torch.bool)
        valid[1, 4:], valid[2] = False, False
        result = match(boxes, scores, centres, truth, valid)
        for number in range(3):
            positive, target = plain_match(boxes[number], scores[number], centres,
                                           truth[number][valid[number]])
            self.assertEqual(result.positive[number].tolist(), positive)
            for cell, box in target.items():
                self.assertTrue(torch.equal(result.boxes[number, cell], box))
                self.assertGreater(result.scores[number, cell].item(), 0)
        self.assertTrue(result.positive[0].any())


def plain_match(boxes, scores, centres, truth):
    """Ten best cells in each box by score^0.5 * IoU^6; a cell of two boxes goes to the
    one that it overlaps more."""
    claims: dict[int, tuple[float, int]] = {}
    for row, box in enumerate(truth):
        middle, half = (box[:2] + box[2:]) / 2, ((box[2:] - box[:2]) / 2).clamp(min=6)
        merits = []
        for cell, centre in enumerate(centres):
            if bool(((centre - middle).abs() < half).all()):
                iou = evaluate.box_iou(box[None].numpy(), boxes[cell][None].numpy())[0, 0]
                merits.append((scores[cell].item() ** 0.5 * iou**6, iou, cell))
        for _, iou, cell in sorted(merits, reverse=True)[:10]:
            claims[cell] = max(claims.get(cell, (-1.0, -1)), (iou, row))
    positive = [cell in claims for cell in range(len(centres))]
    return positive, {cell: truth[row] for cell, (_, row) in claims.items()}


class FoldedTest(unittest.TestCase):
    """A folded network is the same network, and can be trained and kept."""

    def setUp(self) -> None:
        torch.manual_seed(1)
        network = Yolo11().train()
        network(torch.rand(2, 3, 64, 64))
        self.network = network.eval()

    def test_gives_the_same_output(self) -> None:
        twin = folded_network(fold_batch_norm(self.network.state_dict())).eval()
        image = torch.rand(1, 3, 64, 96)
        for ours, theirs in zip(predict(self.network, image), predict(twin, image)):
            self.assertTrue(torch.allclose(ours, theirs, atol=1e-3))

    def test_training_changes_it_and_goes_on_after_an_interruption(self) -> None:
        from safetensors.torch import save_file
        with tempfile.TemporaryDirectory() as folder:
            start = Path(folder) / "start.safetensors"
            save_file(fold_batch_norm(self.network.state_dict()), str(start))
            recipe = Recipe(steps=4, batch=2, size=64)
            tuning = Tuning(start, recipe, Path(folder))
            batch = (torch.randint(0, 255, (2, 3, 64, 64), dtype=torch.uint8),
                     torch.tensor([[[8.0, 8.0, 40.0, 40.0]]] * 2), torch.ones(2, 1, dtype=torch.bool))
            before = tuning.network.model[0].conv.weight.clone()
            tuning.step(*batch)
            tuning.save()
            again = Tuning(start, recipe, Path(folder))
            self.assertEqual(again.steps, 1)
            self.assertFalse(torch.equal(before, again.network.model[0].conv.weight))
            self.assertTrue(torch.equal(tuning.network.model[0].conv.weight,
                                        again.network.model[0].conv.weight))

    def test_a_run_ends_with_its_time_and_goes_on_from_what_is_left(self) -> None:
        from safetensors.torch import save_file
        album = Album([picture_file(1)], [np.array([[50, 50, 120, 130]], np.float32)])
        with tempfile.TemporaryDirectory() as folder, mock.patch("builtins.print"):
            start = Path(folder) / "start.safetensors"
            save_file(fold_batch_norm(self.network.state_dict()), str(start))
            recipe = Recipe(steps=50, minutes=1.0, batch=1, size=64, mosaic=0.0)
            tuning = Tuning(start, recipe, Path(folder))
            self.assertEqual(tuning.progress, 0.0)
            tuning.seconds = 59.9
            run(tuning, Mixture([Source(album, 1.0)], recipe))
            self.assertLess(tuning.steps, 50)
            again = Tuning(start, recipe, Path(folder))
            self.assertGreaterEqual(again.progress, 1.0)
            self.assertEqual(again.seconds, tuning.seconds)

    def test_a_file_names_its_version(self) -> None:
        self.assertEqual(describe("1.2.3")["version"], "1.2.3")


class SearchTest(unittest.TestCase):
    """The search does what the product's does (its own tests have the same cases)."""

    def test_levels_are_those_of_the_product(self) -> None:
        def counts(width: int, height: int) -> list[tuple[int, int]]:
            found = levels(np.zeros((height, width, 3), np.uint8))
            return [(scale, len(windows)) for scale, _, windows in found]
        self.assertEqual(counts(500, 499), [(1, 1)])
        self.assertEqual(counts(640, 640), [(1, 1)])
        self.assertEqual(counts(800, 600), [(1, 2), (1, 1)])
        self.assertEqual(counts(4000, 3000), [(1, 48), (2, 12), (4, 4), (8, 1)])

    def test_a_whole_plant_stands_before_its_cut_part(self) -> None:
        seen = Seen(np.array([[0, 0, 40, 9, 0.9], [0, 0, 40, 40, 0.5]]), np.array([True, False]))
        self.assertEqual(merge(seen).boxes[:, 4].tolist(), [0.5])

    def test_a_coarse_box_replaces_parts_and_yields_to_whole_plants(self) -> None:
        whole = Seen(np.array([[0.0, 0, 100, 100, 0.8]]), np.array([False]))
        leaves = np.array([[10, 10, 40, 40, 0.4], [50, 50, 90, 90, 0.4]])
        parts = Seen(leaves, np.array([False, False]))
        self.assertEqual(add_level(parts, whole).boxes.tolist(), whole.boxes.tolist())
        plants = Seen(np.array([[0, 0, 50, 99, 0.4], [50, 0, 99, 99, 0.4]]), np.array([False] * 2))
        self.assertEqual(len(add_level(plants, whole).boxes), 2)

    def test_a_box_is_placed_in_the_picture_that_was_fitted(self) -> None:
        boxes = detect(_Corner(), np.zeros((300, 500, 3), np.uint8), 640, 0.25)
        np.testing.assert_allclose(boxes[0, :4], (0, 0, 60 / 1.28, 60 / 1.28), atol=14)


class _Corner(torch.nn.Module):
    """Sees one plant: around the cell of the finest level at (2, 2)."""

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        height, width = image.shape[-2:]
        cells = len(anchor_points(height, width)[0])
        logits = torch.full((1, cells, 1), -9.0)
        logits[0, 3 * (width // 8) + 3] = 9.0
        distances = torch.zeros(1, cells, 4, 16)
        distances[..., 4] = 20.0
        return distances.reshape(1, cells, 64), logits


class FigureTest(unittest.TestCase):
    """Counting right and wrong boxes."""

    TRUTH = np.array([[0.0, 0, 100, 100], [200, 0, 220, 20]])

    def result(self, found: list[list[float]], ignored: np.ndarray = NO_BOXES):
        case = evaluate.Case(Path("none"), self.TRUTH, ignored)
        return evaluate.compare(case, np.array(found, float).reshape(-1, 5))

    def test_a_part_is_right_by_centre_only_and_only_once(self) -> None:
        result = self.result([[40, 40, 60, 60, 0.9], [42, 42, 62, 62, 0.8], [200, 0, 220, 19, 0.7]])
        self.assertEqual(result.by_overlap.tolist(), [False, False, True])
        self.assertEqual(result.by_centre.tolist(), [True, False, True])
        self.assertEqual(evaluate.mistakes(result), 1)

    def test_ignored_ground_counts_neither_way(self) -> None:
        result = self.result([[300, 300, 340, 340, 0.9]], np.array([[290.0, 290, 350, 350]]))
        self.assertEqual(len(result.found), 0)

    def test_the_summary_has_the_sign_of_the_error(self) -> None:
        figures = evaluate.summary([self.result([[0, 0, 99, 99, 0.9]])])
        self.assertEqual((figures["plants"], figures["counted"], figures["error"]), (2, 1, -0.5))
        self.assertAlmostEqual(figures["f1_iou"], 2 / 3, places=3)
        self.assertEqual(figures["recall_by_size"], {"16+": "0/1", "64+": "1/1"})

    def test_pictures_without_plants_count_what_is_false(self) -> None:
        case = evaluate.Case(Path("none"), NO_BOXES, NO_BOXES)
        figures = evaluate.summary([evaluate.compare(case, np.array([[0.0, 0, 9, 9, 0.5]]))])
        self.assertEqual(figures["false_on_empty"], 1)


if __name__ == "__main__":
    unittest.main()
