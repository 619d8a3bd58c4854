"""Which pictures are trained on, which choose, and which only measure.

The split was made once, by source, before anything was trained on these sets:
`splits.json` says what is validation, and this module reads it. Frames of one
sequence, and versions of one photo, are on one side. A folder that the manifest
does not name cannot be used by mistake.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

MANIFEST = Path(__file__).with_name("splits.json")
TRAINING, VALIDATION, LEFT_OUT = "training", "validation", "left out"


@dataclass(frozen=True)
class Rule:
    """How the pictures of one set are divided, by name (without extension).

    `validation` and `left_out` are patterns of whole names. With `every`, pictures
    whose number (the digits at the end of the name) is a multiple of it are
    validation too.
    """

    validation: str = ""
    left_out: str = ""
    every: int = 0

    def part(self, stem: str) -> str:
        """The side that a picture is on."""
        if re.fullmatch(self.left_out, stem):
            return LEFT_OUT
        number = re.search(r"\d+$", stem)
        chosen = self.every and number and int(number.group()) % self.every == 0
        return VALIDATION if chosen or re.fullmatch(self.validation, stem) else TRAINING


def read_rules(manifest: Path = MANIFEST) -> dict[str, Rule]:
    """The rules of all sets, by the name of the set's folder."""
    listed = json.loads(manifest.read_text())["sets"]
    known = ("validation", "left_out", "every")
    return {name: Rule(**{key: row[key] for key in known if key in row})
            for name, row in listed.items()}


def pictures(folder: Path, part: str, rules: dict[str, Rule]) -> list[Path]:
    """The pictures of a set's folder that are on one side, by name."""
    rule = rules[folder.name]
    found = sorted(path for path in folder.iterdir() if path.suffix in (".jpg", ".png"))
    return [path for path in found if rule.part(path.stem) == part]
