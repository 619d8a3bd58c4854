"""Checks of the scene generator; run with ``python -m unittest -v``.

What Blender does is tested where ``bpy`` is installed, and skipped elsewhere.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

try:
    import numpy as np
    import scipy  # noqa: F401
    from PIL import Image
except ImportError as error:
    raise unittest.SkipTest(f"no {error.name}: see render/requirements.txt") from error

from render import __main__ as program
from render.camera import Camera, around
from render.layouts import LAYOUTS, plan
from render.mesh import HAIR, Mesh, ball, bent
from render.plants import KINDS, of_family, weathered
from render.profile import BLIND, PROFILES, SEEDS, TRAIN, VALIDATION, Draw
from render.scene import Container, Plant, Scene
from render.sheet import LABELLED, sheet
from render.truth import (SUFFIXES, SeenPlant, clipped, complete, record, seen_containers, seen_plants, shown_share,
                          tight_box, visible_share, write, yolo)

HAS_BLENDER = importlib.util.find_spec("bpy") is not None


def fingerprint(scene: Scene) -> str:
    """A number for all that is in a scene and where the camera stands."""
    told = hashlib.sha256()
    for thing in scene.things:
        told.update(thing.mesh.vertices().tobytes() + thing.mesh.colours().tobytes())
        told.update(repr((thing.at, thing.turn, thing.scale, thing.index)).encode())
    told.update(scene.camera.eye.tobytes() + repr((scene.light.mood, scene.wet, scene.camera.width)).encode())
    return told.hexdigest()


class KindsTest(unittest.TestCase):
    """Every registered kind grows into a sane mesh, in every profile."""

    def test_every_kind_grows_sane(self) -> None:
        for number, kind in enumerate(KINDS.values()):
            with self.subTest(kind=kind.name):
                draw = Draw(np.random.default_rng(number), list(PROFILES.values())[number % 3], 0.4)
                mesh = bent(weathered(kind.build(draw).normalise(), draw, kind.family), draw.rng, 1.0)
                self.check(mesh)

    def check(self, mesh: Mesh) -> None:
        a = mesh.arrays()
        self.assertTrue(np.isfinite(a.vertices).all() and np.isfinite(a.colours).all())
        self.assertTrue(((a.colours > 0) & (a.colours <= 1)).all())
        self.assertGreater(np.ptp(a.colours, axis=0).max(), 0.02, "a plant of one flat colour")
        self.assertEqual(len(a.vertices), len(mesh.parts()))
        faces = np.concatenate([a.triangles.ravel(), a.quads.ravel()])
        self.assertTrue(0 <= faces.min() and faces.max() < len(a.vertices))
        self.assertTrue(set(np.unique(np.r_[a.quad_materials, a.triangle_materials])) <= {0, 1, 2})
        reach = np.percentile(np.hypot(*mesh.skin()[:, :2].T), 97)
        self.assertTrue(0.6 < reach < 1.7, f"outer radius {reach:.2f}, not about 1")
        self.assertGreater(mesh.skin()[:, 2].max(), 0.05, "flat on the ground")

    def test_there_are_kinds_of_every_family(self) -> None:
        self.assertGreaterEqual(len(KINDS), 25)
        for family in ("cactus", "succulent", "seedling", "leafy", "palm"):
            self.assertTrue(of_family(family), family)

    def test_the_same_choices_grow_the_same_plant(self) -> None:
        one, two = (KINDS["mammillaria"].build(Draw(np.random.default_rng(4), TRAIN, 0.4)) for _ in range(2))
        self.assertTrue(np.array_equal(one.vertices(), two.vertices()))

    def test_hair_does_not_count_for_size(self) -> None:
        mesh = Mesh()
        mesh.add(ball(1)[0] * 2.0, ball(1)[1], (0.5, 0.5, 0.5))
        mesh.add([[9, 0, 0], [9, 1, 0], [9, 0, 1]], [[0, 1, 2]], (1, 1, 1), part=HAIR)
        self.assertAlmostEqual(np.abs(mesh.normalise().skin()).max(), 1.0, delta=0.1)


class ProfileTest(unittest.TestCase):
    """Profiles share no seed, and draw from other ranges."""

    def test_no_seed_is_shared(self) -> None:
        numbers = (0, 1, 17, SEEDS - 1)
        seeds = [p.seed(n) for p in PROFILES.values() for n in numbers]
        self.assertEqual(len(seeds), len(set(seeds)))
        for profile, low in ((TRAIN, 0), (VALIDATION, SEEDS), (BLIND, 2 * SEEDS)):
            self.assertTrue(all(low <= profile.seed(n) < low + SEEDS for n in numbers))

    def test_a_number_beyond_the_profile_is_refused(self) -> None:
        for number in (-1, SEEDS):
            with self.assertRaises(ValueError):
                TRAIN.seed(number)

    def test_blind_leaves_the_middle_out_and_train_does_not_leave_its_range(self) -> None:
        train = Draw(np.random.default_rng(1), TRAIN).between(1.0, 2.0, 4000)
        blind = Draw(np.random.default_rng(1), BLIND).between(1.0, 2.0, 4000)
        self.assertTrue((train >= 1).all() and (train <= 2).all())
        self.assertGreater((np.abs(train - 1.5) < 0.1).sum(), 500)
        self.assertEqual((np.abs(blind - 1.5) < 0.1).sum(), 0)
        self.assertTrue((blind < 1).any() and (blind > 2).any())

    def test_what_is_above_zero_stays_so(self) -> None:
        for profile in PROFILES.values():
            self.assertGreater(Draw(np.random.default_rng(1), profile).between(0.02, 1.0, 4000).min(), 0)

    def test_blind_has_pots_and_skies_of_its_own(self) -> None:
        self.assertTrue(set(BLIND.pots).isdisjoint(TRAIN.pots))
        self.assertTrue(set(BLIND.skies).isdisjoint(TRAIN.skies))


class PlanTest(unittest.TestCase):
    """A scene's plan follows from its profile and number alone."""

    def test_every_layout_is_planned_the_same_twice(self) -> None:
        for name in ("cells", "globes", "near", "bare", "field", "raft", "throng"):
            with self.subTest(layout=name):
                self.assertEqual(*(fingerprint(plan(TRAIN, 5, name)[0]) for _ in range(2)))

    def test_other_numbers_and_profiles_give_other_scenes(self) -> None:
        plans = [plan(TRAIN, 5, "cells"), plan(TRAIN, 6, "cells"), plan(BLIND, 5, "cells"),
                 plan(VALIDATION, 5, "cells")]
        self.assertEqual(len({fingerprint(scene) for scene, _ in plans}), 4)

    def test_bare_scenes_have_no_plant(self) -> None:
        for number in range(12):
            self.assertEqual(plan(TRAIN, number, "bare")[0].plants, [])

    def test_an_eighth_of_all_scenes_is_bare(self) -> None:
        total = sum(layout.share for layout in LAYOUTS.values())
        self.assertAlmostEqual(LAYOUTS["bare"].share / total, 0.125, delta=0.02)

    def test_a_field_has_plants_and_far_more_stones(self) -> None:
        scene, _ = plan(TRAIN, 3, "field")
        self.assertTrue(scene.plants)
        largest = max(len(thing.mesh.vertices()) for thing in scene.things if not thing.index)
        self.assertGreater(largest, 100 * len(scene.plants))

    def test_plants_of_a_throng_stand_before_one_another(self) -> None:
        """Most boxes of whole plants, hidden parts included, share a fifth of a neighbour's."""
        for number in range(3, 9):
            scene, _ = plan(TRAIN, number, "throng")
            boxes = np.array([outline(scene.camera, plant) for plant in scene.plants])
            self.assertGreater(len(boxes), 20)
            self.assertGreater(covered(boxes, 0.2).mean(), 0.5)

    def test_no_two_copies_of_a_plant_are_equal(self) -> None:
        scene, _ = plan(TRAIN, 3, "globes")
        looks = [(id(t.mesh), t.turn, t.scale) for t in scene.things if t.index
                 and t.index in {p.index for p in scene.plants}]
        self.assertEqual(len(looks), len(set(looks)))


def outline(camera: Camera, plant: Plant) -> tuple[float, float, float, float]:
    """The box of a whole plant in the picture, as if nothing stood before it."""
    xy = camera.project(plant.points)[:, :2]
    return (*xy.min(0), *xy.max(0))


def covered(boxes: np.ndarray, share: float) -> np.ndarray:
    """Which boxes have at least a share of their area in a single other one."""
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = (high - low).clip(0).prod(-1)
    np.fill_diagonal(shared, 0)
    return shared.max(1) >= share * (boxes[:, 2:] - boxes[:, :2]).prod(1)


def disc(middle: tuple[float, float], radius: float) -> np.ndarray:
    """Points over a flat disc on the ground."""
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, 60)] * 2), -1).reshape(-1, 2)
    grid = grid[np.hypot(*grid.T) < 1] * radius + middle
    return np.c_[grid, np.zeros(len(grid))]


class TruthTest(unittest.TestCase):
    """Boxes, shares and outlines from a made-up index picture, seen straight from above at 10 px a centimetre."""

    def setUp(self) -> None:
        self.camera = around((0, 0, 0), 50.0, np.pi / 2, -np.pi / 2, roll=0.0, lens=36.0 * 50 * 10 / 200,
                             width=200, height=100)
        self.index = np.zeros((100, 200), int)

    def paint(self, index: int, middle: tuple[float, float], radius: float) -> Plant:
        y, x = np.mgrid[:100, :200]
        at = self.camera.project(np.array([[*middle, 0.0]]))[0]
        self.index[np.hypot(x + 0.5 - at[0], y + 0.5 - at[1]) < 10 * radius] = index
        return Plant(index, "globular", disc(middle, radius), None)

    def test_the_camera_projects(self) -> None:
        middle, right, up = self.camera.project(np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0.0]]))
        self.assertTrue(np.allclose(middle, [100, 50, 50]))
        self.assertTrue(np.allclose(right, [110, 50, 50]))
        self.assertTrue(np.allclose(up, [100, 40, 50]))

    def test_a_box_spans_what_is_visible(self) -> None:
        plant = self.paint(1, (0, 0), 2.0)
        [seen] = seen_plants(self.index, [plant], self.camera)
        self.assertEqual(seen.box, (80, 30, 120, 70))
        self.assertGreater(seen.visible, 0.95)
        self.assertTrue(seen.labelled)

    def test_a_covered_plant_keeps_its_visible_box_and_share(self) -> None:
        under, over = self.paint(1, (0, 0), 2.0), self.paint(2, (2.0, 0), 2.0)
        first, second = seen_plants(self.index, [under, over], self.camera)
        self.assertLess(first.box[2], 112)
        self.assertTrue(0.4 < first.visible < 0.8)
        self.assertGreater(second.visible, 0.95)

    def test_what_is_nearly_hidden_or_tiny_has_no_label(self) -> None:
        hidden, _, tiny = self.paint(1, (0, 0), 2.0), self.paint(2, (0.45, 0), 2.1), self.paint(3, (-7, 0),
                0.3)
        seen = {p.box: p.labelled for p in seen_plants(self.index, [hidden, tiny], self.camera)}
        self.assertEqual(list(seen.values()), [False, False])

    def test_what_lies_outside_the_picture_counts_as_hidden(self) -> None:
        plant = self.paint(1, (10.0, 0), 3.0)
        self.assertAlmostEqual(visible_share(self.index, plant, self.camera), 0.5, delta=0.08)

    def test_a_plant_out_of_sight_is_not_told(self) -> None:
        self.assertEqual(seen_plants(self.index, [Plant(1, "globular", disc((0, 0), 1), None)], self.camera),
                         [])

    def test_stray_pixels_do_not_widen_a_box(self) -> None:
        mask = np.zeros((20, 20), bool)
        mask[5:10, 6:12] = True
        mask[7, 15] = True
        self.assertEqual(tight_box(mask), (6, 5, 12, 10))
        self.assertIsNone(tight_box(np.eye(20, dtype=bool)))

    def test_outlines_are_cut_off_at_the_border(self) -> None:
        square = np.array([[-10.0, -10], [50, -10], [50, 40], [-10, 40]])
        cut = clipped(square, 200, 100)
        self.assertEqual({tuple(p) for p in cut.tolist()}, {(0, 0), (50, 0), (50, 40), (0, 40)})
        self.assertEqual(len(clipped(square - 500, 200, 100)), 0)

    def test_a_shown_share_is_of_the_whole_area(self) -> None:
        self.index[0:40, 0:50] = 7
        square = np.array([[-50.0, 0], [50, 0], [50, 40], [-50, 40]])
        self.assertAlmostEqual(shown_share(self.index, square, [7]), 0.5, delta=0.03)

    def test_containers_are_empty_without_a_plant(self) -> None:
        self.index[:] = 9
        rim = disc((0, 0), 3.0)[[0, 40, -1, -40]]
        pots = [Container(9, "round pot", "clay", rim), Container(8, "round pot", "clay", rim)]
        plant = Plant(1, "globular", disc((0, 0), 1), 9)
        [full] = seen_containers(self.index, pots, [plant], self.camera)
        self.assertFalse(full.empty)
        [bare] = seen_containers(self.index, pots, [], self.camera)
        self.assertTrue(bare.empty)

    def test_labels_are_shares_of_the_picture(self) -> None:
        seen = seen_plants(self.index, [self.paint(1, (0, 0), 2.0)], self.camera)
        self.assertEqual(yolo(seen, 200, 100), "0 0.500000 0.500000 0.200000 0.400000\n")


class FilesTest(unittest.TestCase):
    """Scenes are written whole, and skipped when they are there."""

    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_a_scene_is_complete_only_with_all_its_files(self) -> None:
        camera = around((0, 0, 0), 50.0, 1.0, 0.0, roll=0.0, lens=30.0, width=32, height=32)
        facts = record(7, "train", "near", "sun", 8, camera, [], [])
        write(self.folder, "one", np.zeros((32, 32, 3), np.uint8), 80, "", facts)
        self.assertTrue(complete(self.folder, "one"))
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["one.jpg", "one.json", "one.txt"])
        self.assertEqual(Image.open(self.folder / "one.jpg").size, (32, 32))
        self.assertEqual(json.loads((self.folder / "one.json").read_text())["seed"], 7)
        for suffix in SUFFIXES:
            self.assertFalse(complete(self.folder, "two"))
            (self.folder / f"two{suffix}").touch()
        self.assertTrue(complete(self.folder, "two"))

    def test_a_sheet_shows_scenes_with_their_truth(self) -> None:
        camera = around((0, 0, 0), 50.0, 1.0, 0.0, roll=0.0, lens=30.0, width=96, height=48)
        plant = SeenPlant((10, 20, 40, 40), "globular", 1.0, None, True)
        for name in ("one", "two", "three"):
            facts = record(7, "train", "near", "sun", 8, camera, [plant], [])
            write(self.folder, name, np.zeros((48, 96, 3), np.uint8), 80, "", facts)
        page = np.asarray(sheet(sorted(self.folder.glob("*.jpg")), 100, 2, True))
        self.assertEqual(page.shape, (200, 200, 3))
        self.assertEqual((page == LABELLED).all(-1).sum(), 3 * 2 * (30 + 20))

    def test_the_picture_appears_last(self) -> None:
        self.assertEqual(SUFFIXES[-1], ".jpg")

    def test_a_second_run_makes_only_what_is_missing(self) -> None:
        made = []

        def pretend(options, profile, number, name, textures) -> str:
            made.append(number)
            for suffix in SUFFIXES:
                (options.out / f"{name}{suffix}").touch()
            return ""

        for count in (2, 4):
            arguments = ["render", "--out", str(self.folder), "--count", str(count), "--seed", "5",
                         "--textures", str(self.folder)]
            with mock.patch.object(program, "make", pretend), mock.patch("sys.argv",
                    arguments), mock.patch("sys.stderr"):
                program.main()
        self.assertEqual(made, [5, 6, 7, 8])

    def test_textures_without_a_licence_are_left_alone(self) -> None:
        for name in ("textures_a/one.jpg", "textures_b_inferred/two.jpg", "photos/three.jpg"):
            (self.folder / name).parent.mkdir()
            (self.folder / name).touch()
        self.assertEqual([f.name for f in program.texture_files(self.folder)], ["one.jpg"])


@unittest.skipUnless(HAS_BLENDER, "bpy is not installed: see render/requirements.txt")
class StudioTest(unittest.TestCase):
    """Blender sees what the plan's camera projects."""

    def test_the_index_picture_agrees_with_the_projection(self) -> None:
        from dataclasses import replace

        from render.studio import Quality, render
        scene, _ = plan(TRAIN, 4, "cells")
        scene.camera = replace(scene.camera, width=400, height=320, fstop=None)
        shot = render(scene, 1, [], Quality(samples=1))
        self.assertEqual((shot.light.shape, shot.index.shape), ((320, 400, 3), (320, 400)))
        self.assertTrue(np.isfinite(shot.light).all() and shot.light.max() > 0)
        checked = 0
        for plant in scene.plants:
            ys, xs = np.nonzero(shot.index == plant.index)
            if len(xs) < 20 or visible_share(shot.index, plant, scene.camera) < 0.8:
                continue
            p = scene.camera.project(plant.points)
            self.assertAlmostEqual(xs.mean(), p[:, 0].mean(), delta=5)
            self.assertAlmostEqual(ys.mean(), p[:, 1].mean(), delta=5)
            checked += 1
        self.assertGreater(checked, 0)


if __name__ == "__main__":
    unittest.main()
