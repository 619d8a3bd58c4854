"""Render the demo photos: one bed with trays, pots and a raised cactus bed, twice.

The second photo shows the same bed a month later: about a tenth of the plants
is gone, the others have grown a little, the light is different. Both carry the
EXIF a phone would write, and a file with the truth beside each. The seed is
not used for training.
"""

from __future__ import annotations

import argparse
import io
import json
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

import textures
from composed.camera import aim
from composed.clutter import add_label, add_litter
from composed.ground import Ground, Place, blank, rounded_box
from composed.picture import Picture, Plant, recolour, set_plants
from scenes import SHARED
from sprites import Rng, Sprite, cut_rosettes, draw_library, hsv

SEED = 20261031
WIDTH, HEIGHT = 2048, 1536
UNIT = 2.2
MOST_BYTES = 690_000
LATITUDE, LONGITUDE = -33.200100, -68.900200
TERRACOTTA, BLACK, TRAY = hsv(15, 0.58, 0.66), hsv(215, 0.12, 0.17), hsv(212, 0.2, 0.28)


@dataclass(frozen=True)
class Block:
    """A part of the bed and the kinds of plants that grow in it."""

    places: list[Place]
    kinds: tuple[str, ...]
    share: float
    occupied: float


def lay_round_pots(rng: Rng, ground: Ground, left: float, top: float) -> list[Place]:
    """Staggered rows of round pots."""
    pitch = 146.0
    places = []
    for row in range(9):
        for column in range(4):
            x = left + (column + 0.5 * (row % 2) + 0.5) * pitch + rng.normal(0, 2)
            places.append(Place(x, top + (row + 0.5) * pitch * 0.93 + rng.normal(0, 2), pitch * 0.94))
    bodies, soil_mask = blank(ground), blank(ground)
    for place in places:
        _disc(bodies, place, 1.0)
    ground.shade(np.roll(bodies, (14, 14), (0, 1)), 0.6, 8)
    for place in places:
        colour = (TERRACOTTA if rng.random() < 0.7 else BLACK) * rng.uniform(0.9, 1.08)
        for share, shade in ((1.0, 0.8), (0.97, 1.0), (0.88, 1.18), (0.85, 0.7)):
            cv2.circle(ground.rgb, (int(place.x), int(place.y)), int(place.room / 2 * share),
                       [float(c) for c in colour * shade], -1, cv2.LINE_AA)
        _disc(soil_mask, place, 0.83)
    ground.fill(soil_mask, _potting_soil(rng, ground), 0.6)
    return places


def _disc(mask: np.ndarray, place: Place, share: float) -> None:
    cv2.circle(mask, (int(place.x), int(place.y)), int(place.room / 2 * share), 255, -1)


def _potting_soil(rng: Rng, ground: Ground) -> np.ndarray:
    """Dark peat with some perlite."""
    base = hsv(26, 0.4, 0.26)
    image = textures.tint(
        textures.octaves(rng, ground.height, ground.width, (40, 12, 4)), base, 0.22)
    textures.specks(rng, image, 5.0, 0.04, hsv(40, 0.08, 0.88))
    textures.specks(rng, image, 7.0, 0.06, base * 0.5)
    return image


def lay_tray(
    rng: Rng, ground: Ground, left: float, top: float, columns: int, rows: int, pitch: float
) -> list[Place]:
    """One tray of square cells."""
    wall = pitch * 0.09
    body, cells = blank(ground), blank(ground)
    rounded_box(body, left, top, left + columns * pitch + wall, top + rows * pitch + wall, 14)
    ground.shade(np.roll(body, (10, 10), (0, 1)), 0.6, 7)
    ground.rgb += (body[..., None] / 255.0) * (TRAY - ground.rgb)
    places = []
    for row in range(rows):
        for column in range(columns):
            x, y = left + wall + column * pitch, top + wall + row * pitch
            inner = pitch - wall
            rounded_box(cells, x, y, x + inner, y + inner, inner * 0.2)
            places.append(Place(x + inner / 2, y + inner / 2, inner))
    rims = cv2.dilate(cells, np.ones((7, 7), np.uint8)) - cells
    ground.rgb += (rims[..., None] / 255.0) * (TRAY * 1.4 - ground.rgb)
    ground.fill(cells, _potting_soil(rng, ground), 0.5)
    return places


def lay_raised_bed(rng: Rng, ground: Ground, left: float, top: float) -> list[Place]:
    """A framed bed of gravel with cacti set loosely in rows."""
    width, height, board = 560.0, 1330.0, 30.0
    frame, inside = blank(ground), blank(ground)
    rounded_box(frame, left, top, left + width, top + height, 4)
    rounded_box(inside, left + board, top + board, left + width - board, top + height - board, 2)
    ground.shade(np.roll(frame, (16, 16), (0, 1)), 0.6, 9)
    wood = textures.tint(textures.octaves(rng, ground.height, ground.width, (60, 8, 3)),
                         hsv(28, 0.45, 0.55), 0.1)
    ground.rgb += (frame[..., None] / 255.0) * (wood - ground.rgb)
    ground.fill(inside, textures.gravel(rng, ground.height, ground.width, 1.7), 0.5)
    places = []
    pitch = 138.0
    for row in range(9):
        for column in range(3):
            x = left + board + (column + 0.68 + 0.3 * (row % 2)) * pitch + rng.normal(0, 6)
            places.append(Place(x, top + board + (row + 0.6) * pitch + rng.normal(0, 6), pitch))
    return places


def lay_drip_line(rgb: np.ndarray) -> None:
    """A black hose in the aisle between pots and trays."""
    ys = np.linspace(-20, HEIGHT + 20, 60)
    xs = 722 + 14 * np.sin(ys / 260) + 0.006 * ys
    for shift, width, shade in ((7, 14, None), (0, 13, 38.0), (-2, 8, 58.0), (-3, 2, 120.0)):
        points = [np.stack((xs + shift, ys + shift), 1).astype(np.int32)]
        if shade is None:
            mask = np.zeros(rgb.shape[:2], np.uint8)
            cv2.polylines(mask, points, False, 255, width)
            rgb *= 1 - 0.5 * cv2.GaussianBlur(mask, (0, 0), 4)[..., None] / np.float32(255)
        else:
            cv2.polylines(rgb, points, False, (shade, shade, shade * 1.05), width, cv2.LINE_AA)


def lay_out(rng: Rng) -> tuple[Ground, list[Block]]:
    """The ground of the whole photo and its blocks."""
    height, width = int(HEIGHT * 1.06), int(WIDTH * 1.06)
    floor = textures.tint(textures.octaves(rng, height, width, (200, 20, 5, 2)),
                          hsv(36, 0.07, 0.62), 0.045)
    ground = Ground(floor.astype(np.float32), UNIT)
    add_litter(rng, ground.rgb, 0.9)
    round_pots = lay_round_pots(rng, ground, 90, 130)
    tray_one = lay_tray(rng, ground, 830, 140, 5, 5, 122)
    tray_two = lay_tray(rng, ground, 826, 850, 4, 4, 152)
    cacti = lay_raised_bed(rng, ground, 1525, 130)
    blocks = [
        Block(round_pots, ("fleshy_rosette", "spiky_rosette"), 0.8, 0.9),
        Block(tray_one, ("cut_rosette",), 0.78, 0.92),
        Block(tray_two, ("fleshy_rosette", "dotted_cactus", "globe_cactus"), 0.66, 0.88),
        Block(cacti, ("globe_cactus", "dotted_cactus", "cactus_clump", "spiky_rosette"), 0.8, 0.93),
    ]
    return ground, blocks


def plant_blocks(rng: Rng, library: list[Sprite], blocks: list[Block]) -> list[Plant]:
    """Plants for all blocks; some places stay empty."""
    plants = []
    for block in blocks:
        pool = [s for s in library if s.kind in block.kinds and s.shape != "tall"]
        for place in block.places:
            if rng.random() > block.occupied:
                continue
            sprite = pool[rng.integers(len(pool))]
            sprite = replace(sprite, rgba=recolour(rng, sprite.rgba, 0.6))
            share = float(block.share * np.exp(rng.normal(0, 0.13)))
            nudge = rng.normal(0, 0.02, 2)
            plants.append(Plant(sprite, place, share, rng.uniform(0, 2 * np.pi),
                                (float(nudge[0]), float(nudge[1]))))
    return plants


def render(library: list[Sprite], later: bool) -> tuple[np.ndarray, list[list[float]]]:
    """RGB picture and truth boxes of the bed now or a month later."""
    rng = np.random.default_rng(SEED)
    ground, blocks = lay_out(rng)
    plants = plant_blocks(rng, library, blocks)
    camera = aim(np.random.default_rng(SEED + later), ground, WIDTH, HEIGHT, 0.05, 0.008)
    if later:
        order = np.random.default_rng(SEED + 7).permutation(len(plants))
        stayed = sorted(order[round(0.1 * len(plants)):])
        plants = [replace(plants[i], share=plants[i].share * 1.04) for i in stayed]
    picture = Picture(camera.see(ground.rgb), np.zeros((HEIGHT, WIDTH), np.int16))
    rng = np.random.default_rng(SEED + 3)
    lay_drip_line(picture.rgb)
    set_plants(rng, picture, camera, plants, colour_change=(0.0, 0.0))
    for at in ((165, 190), (1010, 92), (1010, 800), (1600, 250), (1590, 900), (700, 1400)):
        picture.hide(add_label(rng, picture.rgb, np.array(at, float), UNIT * 0.85))
    return _develop(rng, picture.rgb, later), picture.boxes()


def _develop(rng: Rng, rgb: np.ndarray, later: bool) -> np.ndarray:
    """Soft daylight, a little vignette and sensor noise."""
    image = np.clip(rgb, 0, 255) / np.float32(255)
    ys, xs = np.mgrid[-1:1:HEIGHT * 1j, -1:1:WIDTH * 1j].astype(np.float32)
    image *= (1.06 - 0.13 * (xs**2 + ys**2) / 2)[..., None]
    image *= np.array((1.04, 1.0, 0.95) if not later else (1.0, 1.0, 1.0), np.float32)
    image = np.clip(image, 0, 1) ** np.float32(0.88 if not later else 0.93)
    image = cv2.GaussianBlur(image, (0, 0), 0.8) + rng.normal(0, 0.006, image.shape)
    return (np.clip(image, 0, 1) * 255).astype(np.uint8)


def exif(when: str) -> Image.Exif:
    """Camera, time and position, as a phone would write them."""
    tags = Image.Exif()
    tags[0x010F] = "Demeter"
    tags[0x0112] = 1
    tags.get_ifd(0x8769)[0x9003] = when
    gps = tags.get_ifd(0x8825)
    gps[0] = b"\x02\x03\x00\x00"
    gps[1], gps[2] = "S" if LATITUDE < 0 else "N", _sexagesimal(LATITUDE)
    gps[3], gps[4] = "W" if LONGITUDE < 0 else "E", _sexagesimal(LONGITUDE)
    return tags


def _sexagesimal(angle: float) -> tuple[float, float, float]:
    """Degrees, minutes and seconds; seconds to a ten-thousandth (3e-8 degrees)."""
    ten_thousandths = round(abs(angle) * 3600 * 10000)
    minutes, seconds = divmod(ten_thousandths, 60 * 10000)
    return float(minutes // 60), float(minutes % 60), seconds / 10000


def write_photo(path: Path, rgb: np.ndarray, boxes: list[list[float]], when: str) -> None:
    """JPEG of limited size with EXIF, and `<name>.truth.json` beside it."""
    for quality in range(90, 50, -3):
        data = io.BytesIO()
        Image.fromarray(rgb).save(data, "JPEG", quality=quality, exif=exif(when), optimize=True)
        if data.tell() <= MOST_BYTES:
            break
    path.write_bytes(data.getvalue())
    truth = {"plants": len(boxes), "boxes": boxes}
    path.with_suffix(".truth.json").write_text(json.dumps(truth) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--rosettes", type=Path, default=SHARED / "photos" / "rosettes")
    args = parser.parse_args()
    library = draw_library(SEED, 170) + cut_rosettes(args.rosettes)[8:]
    args.out.mkdir(parents=True, exist_ok=True)
    write_photo(args.out / "bed.jpg", *render(library, later=False), "2026:10:31 09:15:00")
    write_photo(args.out / "bed_next_month.jpg", *render(library, later=True), "2026:11:30 09:15:00")


if __name__ == "__main__":
    main()
