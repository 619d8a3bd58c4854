"""Contact sheets, to look at what was made: ``python -m render.sheet FOLDER SHEET.png``.

Labelled plants are magenta, seen but unlabelled ones yellow, containers blue, empty ones orange.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from PIL import Image, ImageDraw

LABELLED, UNLABELLED, FULL, EMPTY = (255, 0, 255), (255, 255, 0), (0, 200, 255), (255, 110, 0)


def thumbnail(picture: Path, cell: int, truth: bool) -> Image.Image:
    """A scene fitted into a cell, with its truth drawn over it where asked for."""
    facts = json.loads(picture.with_suffix(".json").read_text())
    with Image.open(picture) as full:
        scale = (cell - 4) / max(full.size)
        size = round(full.width * scale), round(full.height * scale)
        small = full.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(small)
    for container in facts["containers"] if truth else ():
        line = [(x * scale, y * scale) for x, y in container["outline"]]
        draw.line([*line, line[0]], fill=EMPTY if container["empty"] else FULL)
    for plant in facts["plants"] if truth else ():
        draw.rectangle([v * scale for v in plant["box"]], outline=LABELLED if plant["labelled"] else UNLABELLED)
    draw.text((3, 3), f"{picture.stem} {facts['layout']} {facts['generator']}", fill=(255, 255, 255))
    return small


def sheet(pictures: list[Path], cell: int, columns: int, truth: bool) -> Image.Image:
    """Scenes in rows on one page."""
    page = Image.new("RGB", (columns * cell, -(-len(pictures) // columns) * cell), (110, 110, 110))
    for i, picture in enumerate(pictures):
        page.paste(thumbnail(picture, cell, truth), (i % columns * cell, i // columns * cell))
    return page


def main() -> None:
    """Draw the newest scenes of a folder, or those from a place on."""
    parser = argparse.ArgumentParser(prog="render.sheet", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--first", type=int, default=-12, help="place of the first by name; below 0 from the end")
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--cell", type=int, default=480, help="pixels a scene")
    parser.add_argument("--columns", type=int, default=4)
    parser.add_argument("--plain", action="store_true", help="without the truth")
    options = parser.parse_args()
    pictures = sorted(options.folder.glob("*.jpg"))[options.first:][:options.count]
    if not pictures:
        parser.error(f"there are no scenes in {options.folder}")
    sheet(pictures, options.cell, options.columns, not options.plain).save(options.out)


if __name__ == "__main__":
    main()
