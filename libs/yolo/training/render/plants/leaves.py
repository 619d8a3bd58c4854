"""Leaves, and rosettes of leaves in a golden spiral."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from ..colour import DRY, EDGES, LEAVES, Table, hsv, mix
from ..maths import GOLDEN, TURN, rotation, waves
from ..mesh import FLESH, THIN, Mesh, grid_faces, spikes
from ..profile import Draw


@dataclass(frozen=True)
class Leaf:
    """The form and colours of a plant's leaves; widths in leaf widths, shares from 0 to 1.

    `belly` and `point` shape the outline (larger: widest further out; more pointed),
    `curl` bends the leaf along its length (negative: tip upwards), `ageing`
    and `hearting` blend the oldest leaves to `old`, the youngest to `heart`;
    `dried` is the share of oldest leaves that have withered.
    """

    colour: np.ndarray
    edge: np.ndarray
    old: np.ndarray
    heart: np.ndarray
    dry: np.ndarray
    belly: float = 0.9
    point: float = 0.35
    stalk: float = 0.3
    top: float = 0.5
    cup: float = 0.12
    keel: float = 0.0
    ruffle: float = 0.0
    ruffles: float = 3.0
    curl: float = -0.5
    curl_from: float = 1.0
    sway: float = 0.02
    base_pale: float = 0.9
    ageing: float = 0.2
    hearting: float = 0.3
    edging: float = 0.5
    tipping: float = 0.5
    tip_from: float = 0.75
    tip_thin: float = 3.0
    stripes: np.ndarray | None = None
    stripe_from: float = 0.7
    bands: float = 0.0
    band_colour: np.ndarray = field(default_factory=lambda: hsv(60, 0.05, 0.9))
    band_gap: float = 0.3
    band_top: float = 0.0
    farina: float = 0.0
    damage: float = 0.15
    veins: float = 0.0
    dried: float = 0.0
    young: float = 0.3
    opening: float = 0.75
    rows: int = 15
    around: int = 14
    material: int = FLESH


def leaf_style(draw: Draw, table: Table = LEAVES, edges: Table = EDGES, **more) -> Leaf:
    """Random colours from the tables, and the form that is asked for."""
    rng = draw.rng
    colour = draw.colour(table)
    style = Leaf(
        colour=colour, edge=draw.colour(edges), old=mix(colour, draw.colour(edges), 0.6),
        heart=colour * 1.25 + 0.02, dry=draw.colour(DRY), edging=draw.pick((0, 0, rng.uniform(0.3, 1))),
        tipping=draw.pick((0, rng.uniform(0.3, 1), rng.uniform(0.5, 1))), ageing=rng.uniform(0, 0.5),
        farina=draw.pick((0, 0, rng.uniform(0.1, 0.55))),
        dried=draw.pick((0, 0, 0, rng.uniform(0.05, 0.25))))
    style = replace(style, **more)
    rows, around = max(int(style.rows * draw.detail), 7), max(2 * int(style.around * draw.detail / 2), 8)
    return replace(style, rows=rows, around=around)


@dataclass(frozen=True)
class Place:
    """Where one leaf grows: its angle above the ground, heading, foot, and age (0 heart to 1 oldest)."""

    rise: float
    azimuth: float
    foot: np.ndarray
    age: float


def leaf(draw: Draw, style: Leaf, length: float, width: float, thick: float,
         place: Place) -> tuple[np.ndarray, np.ndarray]:
    """One leaf as vertices (rows x around) and colours."""
    dried = place.age > 1 - style.dried
    if dried:
        thick, width, place = thick * 0.4, width * 0.7, replace(place, rise=min(place.rise, 0.15) - 0.25)
    s = np.sin(np.linspace(0, math.pi / 2, style.rows))  # rows crowd towards the tip, which is round
    t = np.linspace(0, TURN, style.around, endpoint=False)
    local = _form(draw, style, s, t, length, width, thick, place.age)
    turn = rotation((0, 0, 1), place.azimuth) @ rotation((0, 1, 0), -place.rise) @ rotation((1, 0, 0),
            draw.rng.normal(0, 0.07))
    v = local @ turn.T + place.foot
    c = _colours(draw, style, np.repeat(s, style.around), np.tile(t, style.rows), v, length, place.age)
    if dried:
        c = mix(c, style.dry * draw.rng.uniform(0.7, 1.2), 0.9)
    return v, np.clip(c, 0.003, 1)


def _form(draw: Draw, p: Leaf, s, t, length: float, width: float, thick: float, age: float) -> np.ndarray:
    ct, st = np.cos(t), np.sin(t)
    w = (s + 0.02) ** p.belly * (1.0001 - s) ** p.point
    w = np.maximum(w / w.max(), p.stalk * np.clip(1 - s * 1.1, 0, 1))
    w[-1] = 0.01
    body = np.clip((s + 0.1) ** 0.3 * (1.0 - s**p.tip_thin), 0.04, 1)
    y = np.outer(w, ct) * width / 2
    z = np.outer(body * (0.25 + 0.75 * w),
                 np.where(st > 0, st * p.top, st)) * thick + p.cup * width * np.outer(w, ct**2)
    if p.keel:
        z = z - p.keel * thick * np.outer(s * body, np.where(st < 0, (1 - np.abs(ct)) ** 1.5, 0))
    if p.ruffle:
        z = z + p.ruffle * width * _frill(draw, p, s, ct)
    theta = p.curl * (0.5 + 0.6 * age) * s**p.curl_from + draw.rng.normal(0, 0.04)
    step = length * np.diff(s)
    cx = np.concatenate([[0], np.cumsum(np.cos(theta[1:]) * step)])[:, None]
    cz = np.concatenate([[0], np.cumsum(-np.sin(theta[1:]) * step)])[:, None]
    sway = p.sway * draw.rng.normal() * length * (s**2)[:, None]
    return np.stack([cx + np.sin(theta)[:, None] * z, y + sway, cz + np.cos(theta)[:, None] * z],
                    -1).reshape(-1, 3)


def _frill(draw: Draw, p: Leaf, s, ct) -> np.ndarray:
    """Waves along the rim, two lengths of them so that no two look alike."""
    a, b = draw.rng.uniform(0, TURN, 2)
    rim = np.outer(s**0.8, np.abs(ct) ** 2)
    side = np.sign(ct) * 1.3 + 2 * ct
    coarse = np.sin(p.ruffles * s[:, None] * TURN + a + side)
    fine = np.sin(2.7 * p.ruffles * s[:, None] * TURN + b - side)
    return rim * (0.75 * coarse + 0.4 * fine * np.abs(ct) ** 3)


def _colours(draw: Draw, p: Leaf, s, t, v, length: float, age: float) -> np.ndarray:
    rng = draw.rng
    on = np.abs(np.cos(t))
    c = mix(p.colour * p.base_pale, p.colour, np.clip(s * 1.6, 0, 1))
    c = mix(c, p.old, p.ageing * age**2)
    c = mix(c, p.heart, p.hearting * (1 - age) ** 3)
    c = mix(c, p.edge, np.clip(p.edging * on**6 * np.clip(s * 2, 0, 1), 0, 1))
    c = mix(c, p.edge, np.clip(p.tipping * np.clip((s - p.tip_from) / (1 - p.tip_from + 1e-3), 0, 1) ** 2, 0,
                               1))
    if p.stripes is not None:
        c = mix(c, p.stripes, np.clip((on - p.stripe_from) * 6, 0, 1) if p.stripe_from > 0
                else np.clip((0.55 - on) * 6, 0, 1))
    if p.veins:
        rib = np.exp(-((on / 0.12) ** 2)) + 0.5 * np.clip(np.sin((s - 0.35 * on) * 44) * 2 - 1, 0,
                                                          1) * (on > 0.1)
        c = mix(c, p.colour * 1.5 + 0.03, np.clip(p.veins * rib * (1 - 0.5 * s), 0, 1))
    if p.bands > 0:
        wave = np.sin(s * p.bands * TURN + rng.uniform(0, TURN) + 2.2 * np.sin(t * 3))
        c = mix(c, p.band_colour, np.clip((wave - p.band_gap) * 4, 0, 1) * np.where(np.sin(t) < 0, 1,
                p.band_top))
    c = c * (1 + 0.09 * waves(v, max(length * 0.35, 1e-3), draw.seed(), 5))[:, None] * rng.uniform(0.9, 1.1)
    if p.farina:
        spot = np.clip(0.65 + 0.5 * waves(v, length * 0.5, draw.seed(), 5), 0, 1)
        c = mix(c, hsv(195, 0.06, 0.86), p.farina * spot)
    if rng.random() < p.damage * age:
        c = mix(c, hsv(30, 0.5, 0.4), np.clip((s - rng.uniform(0.55, 0.9)) * 8, 0, 0.9))
    return c


@dataclass(frozen=True)
class Teeth:
    """Teeth along the rim of leaves, and an end spine."""

    size: float
    colour: np.ndarray
    tip: np.ndarray


def rosette(mesh: Mesh, draw: Draw, p: Leaf, count: int, width: float, thick: float,
            rise: tuple[float, float],
            spread: float = 0.22, stem: float = 0.25, angle: float = GOLDEN, teeth: Teeth | None = None,
            at=(0, 0, 0), size: float = 1.0) -> None:
    """Leaves of length 1 about an axis; rise is (heart, outermost) in radians above the ground."""
    rng = draw.rng
    start = rng.uniform(0, TURN)
    for i in range(count):
        age = (i + 0.5) / count
        k = (p.young + (1 - p.young) * min(age * 1.25, 1) ** 0.7) * rng.uniform(0.92, 1.06) * size
        az = start + i * angle + rng.normal(0, 0.07)
        r = spread * age**0.7 * size
        foot = np.array([r * math.cos(az), r * math.sin(az), stem * (1 - age) * size]) + at
        up = rise[0] + (rise[1] - rise[0]) * age**p.opening + rng.normal(0, 0.06)
        v, c = leaf(draw, p, k, width * k**0.8, thick * k**0.6, Place(up, az, foot, age))
        mesh.add(v, grid_faces(p.rows, p.around), c, p.material)
        if teeth is not None and k > 0.3 * size:
            armed_rim(mesh, draw, v.reshape(p.rows, p.around, 3), teeth, size)


def armed_rim(mesh: Mesh, draw: Draw, grid: np.ndarray, teeth: Teeth, size: float) -> None:
    """Teeth along both rims of a leaf's rows x around vertices, and its end spine."""
    middle = grid.mean(1)
    rows = np.arange(1, len(grid) - 1)
    for side in (0, grid.shape[1] // 2):
        base = grid[rows, side]
        spikes(mesh, base, base - middle[rows] + (middle[rows + 1] - middle[rows]) * 0.6, teeth.size * size,
               teeth.size * 0.22 * size, teeth.colour, teeth.tip, 0, draw.rng)
    tip = middle[-1] - middle[-3]
    spikes(mesh, middle[-1:], tip[None], teeth.size * 2.2 * size, teeth.size * 0.25 * size, teeth.tip,
           teeth.tip, 0, draw.rng)


def thin(style: Leaf) -> Leaf:
    """The same leaf as a thin blade that light shines through."""
    return replace(style, material=THIN, farina=0.0)
