"""A whole scene from its seed: layout, ground, clutter, light and camera."""

from __future__ import annotations

import math

import numpy as np

from ..camera import Camera, around
from ..clutter import scatter
from ..colour import hsv
from ..light import lit
from ..materials import Material, Plain
from ..mesh import Mesh, box
from ..profile import Draw, Profile
from ..scene import Scene
from .registry import LAYOUTS, View

SIZES = ((640, 640), (640, 640), (704, 704), (768, 576), (768, 640), (640, 768), (576, 768), (832, 640))


def plan(profile: Profile, number: int, layout: str | None = None) -> tuple[Scene, str]:
    """Scene `number` of a profile and the name of its layout; the same each time."""
    seed = profile.seed(number)
    draw = Draw(np.random.default_rng([seed, 71]), profile)
    shares = np.array([one.share for one in LAYOUTS.values()])
    drawn = draw.pick(LAYOUTS, shares / shares.sum())
    name = layout or drawn
    scene = Scene(draw)
    view = LAYOUTS[name].build(scene)
    surround(scene, view)
    return scene, name


def surround(scene: Scene, view: View) -> None:
    """Ground, clutter, weather, light and camera about what a layout has built."""
    draw = scene.draw
    reach = max(scene.reach[:2])
    mesh = Mesh()
    box(mesh, (0, 0, view.floor_at - 0.5), (reach * 30, reach * 30, 1.0))
    scene.put(mesh, floor(scene, draw.pick(view.floors)), smooth=False)
    if view.scatter:
        scatter(scene, reach * 1.4, 0.0)
    scene.wet = draw.pick((0.0, 0.0, 0.0, 0.0, 0.0, draw.rng.uniform(0.4, 1.0)))
    scene.light = lit(draw, reach * 1.5, view.moods)
    scene.camera = aim(scene, view)
    if view.scatter and draw.chance(0.6):
        backdrop(scene, reach)


def backdrop(scene: Scene, reach: float) -> None:
    """A wall, fence or hedge behind what a low camera sees."""
    draw, rng, camera = scene.draw, scene.draw.rng, scene.camera
    back = camera.eye - camera.target
    flat = float(np.hypot(back[0], back[1]))
    if back[2] > flat:  # looking down: nothing behind the scene is in the picture
        return
    heading = math.atan2(back[1], back[0])
    at = camera.target[:2] - back[:2] / flat * max(reach, scene.reach[1] * 2) * rng.uniform(1.6, 3.0)
    mesh = Mesh()
    box(mesh, (0, 0, 0), (2.0, reach * 16, reach * rng.uniform(1, 8)))
    hedge = scene.photo(("grass", "moss", "sparse_grass", "scatteredleaves"), rng.uniform(10, 40), rough=0.95,
                        bump=0.8, mottle=0.5)
    wall = floor(scene, draw.pick(("wood", "wood", "concrete", "plain", "fabric", "tiles")))
    scene.put(mesh, hedge if draw.chance(0.25) else wall, at=(*at, 0),
              turn=(0, 0, heading + rng.normal(0, 0.1)), smooth=False)


def floor(scene: Scene, look: str) -> Material:
    """What the pots stand on."""
    draw, rng = scene.draw, scene.draw.rng
    match look:
        case "wood":
            return scene.photo(("planks", "wood_table", "dark_wood"), rng.uniform(20, 50), rough=0.6,
                               turn=draw.pick((0, math.pi / 2)))
        case "concrete":
            return scene.photo(("concrete", "interior_concrete", "exterior_concrete", "corrugatedsteel"),
                               rng.uniform(25, 60), rough=0.85)
        case "fabric":
            return scene.photo(("fabric", "rubber"), rng.uniform(8, 20), rough=0.9,
                               strong=rng.uniform(0.2, 0.9))
        case "plain":
            colour = hsv(rng.uniform(0, 360), rng.uniform(0, 0.3), draw.pick((0.06, 0.3, 0.6, 0.85, 0.95)))
            return Plain(colour, rng.uniform(0.3, 0.8), 0.03, 0.05, scale=0.03)
        case "soil":
            return scene.photo(("ground", "coast_sand", "woodchips", "scatteredleaves"), rng.uniform(12, 30),
                               rough=0.95, bump=0.8)
        case "net":
            return scene.photo(("net", "plastic"), rng.uniform(6, 15), rough=0.7,
                               strong=rng.uniform(0.1, 0.7))
        case "gravel":
            return scene.photo(("gravel", "rocks", "cobblestone"), rng.uniform(12, 30), rough=0.9, bump=0.8)
        case "tiles":
            return scene.photo(("terrazzo", "clay"), rng.uniform(15, 50), rough=0.4)
        case "grass":
            return scene.photo(("grass", "sparse_grass", "moss", "ground3", "ground_3"), rng.uniform(10, 30),
                               rough=0.95, bump=0.5, mottle=0.5)
    raise ValueError(f"there is no floor of {look}")


def aim(scene: Scene, view: View) -> Camera:
    """A camera that sees the scene as the view asks."""
    draw, rng = scene.draw, scene.draw.rng
    w, d, h = scene.reach
    top = draw.chance(view.top)
    elevation = math.radians(rng.uniform(78, 90) if top else rng.uniform(*view.low))
    lens = rng.uniform(*view.lens)
    width, height = draw.pick(SIZES)
    need = max(w, d * 1.3 * math.sin(elevation)) * rng.uniform(*view.fill)
    distance = need / math.tan(math.atan(18 / lens)) + h
    target = (rng.normal(0, view.aim) * w, rng.normal(0, view.aim) * d, h * 0.6)
    straight = -math.pi / 2
    azimuth = draw.pick((straight, straight + rng.normal(0, 0.3),
                         rng.uniform(0, 2 * math.pi))) if view.low[1] > 40 else straight + rng.normal(0, 0.15)
    blurred = not top and draw.chance(view.blur)
    angle, way = rng.uniform(0, 2 * math.pi), draw.pick((0.0,) * 7 + (rng.uniform(2, 8),))
    return around(target, distance, elevation, azimuth, roll=rng.normal(0, 0.03), lens=lens, width=width,
                  height=height,
                  fstop=rng.uniform(2.5, 9) if blurred else None,
                  shake=(way * math.cos(angle), way * math.sin(angle)))
