"""Columns and fingers: Cereus, Trichocereus, old-man cacti, Cleistocactus, Chamaecereus, crested forms."""

from __future__ import annotations

import math

import numpy as np

from ..colour import BODY, FRESH_SKIN, GOLD_SPINE, GREEN_SKIN, RED_FLOWER, SAGE_SKIN, WHITE_SPINE, hsv, mix
from ..maths import TURN, leaning, unit, waves
from ..mesh import Mesh, grid_faces
from ..profile import Draw
from .flowers import flower_colour, funnel
from .registry import kind
from .skin import Globe, Stem, rib_points, round_ends, skin, stem_points, stem_skin
from .spines import clad, hair, spine_style, tufts


@kind("columnar", "cactus", room=(0.3, 0.6), height=6.0)
def columnar(draw: Draw) -> Mesh:
    """Cereus, Pilosocereus, young Trichocereus; one or a few stems: one plant."""
    mesh, colour, style = Mesh(), draw.colour(BODY), spine_style(draw)
    ribs = draw.pick((3, 4, 5, 6, 7, 8, 10, 14))
    tall = draw.between(2.5, 5.5)
    for i in range(draw.pick((1, 1, 1, 2, 3))):
        r = 1.0 if i == 0 else draw.rng.uniform(0.5, 0.8)
        h = max(tall if i == 0 else tall * draw.rng.uniform(0.3, 0.8) / r, 2.45)
        globe = Globe(draw, r, h, ribs, 0.5 if ribs < 6 else draw.between(0.12, 0.28), draw.between(0.8, 1.4),
                      0, 0.01, neck=draw.between(0.75, 0.95))
        stem = Mesh()
        skin(stem, draw, globe, colour, cork=draw.pick((0, 0.15)))
        u, s = rib_points(draw, globe, max(int(h * draw.between(2.2, 4.5)), 4), 0.01, 0.98)
        clad(stem, draw, globe.at(u, s), globe.normal(u, s), 0.9 * r, style, np.clip((s - 0.85) / 0.15, 0, 1))
        a = draw.rng.uniform(0, TURN)
        lean, place = (0, (0, 0, 0)) if i == 0 else (draw.rng.uniform(0.05, 0.3),
                                                     (1.3 * math.cos(a), 1.3 * math.sin(a), 0))
        mesh.join(stem, leaning(a, lean), place)
    return mesh


@kind("oldman", "cactus", room=(0.35, 0.65), height=6.0)
def oldman(draw: Draw) -> Mesh:
    """Espostoa, Cephalocereus, Oreocereus: white hair all over, tall or still round."""
    mesh = Mesh()
    tall = draw.chance(0.6)
    globe = Globe(draw, 1.0, draw.between(2.5, 4.5) if tall else draw.between(1.4, 2.2), draw.whole(14, 24),
                  0.08, 1, 0, 0.02, neck=0.85)
    skin(mesh, draw, globe, draw.colour(BODY), cork=0)
    n = int(1800 * (globe.height if tall else 1.3) * max(draw.detail, 0.4))
    s, u = draw.rng.uniform(0.02, 1, n) ** 0.9 * 0.99, draw.rng.uniform(0, TURN, n)
    hair(mesh, draw, globe.at(u, s), globe.normal(u, s), draw.between(0.25, 0.65), draw.colour([WHITE_SPINE]),
         draw.between(-0.3, 0.5), draw.between(0.006, 0.011))
    style = spine_style(draw, 0.2)
    style.radial.count, style.wool, style.central.count, style.central.length = 0, 0.0, 1, draw.between(0.3, 0.6)
    s, u = draw.rng.uniform(0.05, 0.98, 150), draw.rng.uniform(0, TURN, 150)
    clad(mesh, draw, globe.at(u, s), globe.normal(u, s), 1.0, style)
    return mesh


def finger(draw: Draw, foot: np.ndarray, azimuth: float, length: float, radius: float, rise: float,
           droop: float, ribs: int) -> Stem:
    """A stem that starts at an angle above the ground and bends down (droop > 0) or up."""
    n = 26
    s = np.linspace(0, 1, n)
    angle = rise - droop * s**1.3 + 0.12 * np.sin(5 * s + draw.rng.uniform(0, TURN))
    heading = azimuth + draw.rng.normal(0, 0.5) * s
    step = length / (n - 1)
    move = np.stack([np.cos(angle) * np.cos(heading), np.cos(angle) * np.sin(heading), np.sin(angle)],
                    -1) * step
    path = foot + np.cumsum(move, 0) - move[0]
    return Stem(path, round_ends(radius, n, 0.75, min(1.2 * radius / length, 0.4), 0.04,
                                 draw.rng.uniform(0, TURN)), ribs, 0.12)


@kind("fingers", "cactus", room=(0.7, 1.3), height=5.0, often=1.3)
def fingers(draw: Draw) -> Mesh:
    """Cleistocactus, Hildewintera, Chamaecereus: bending fingers, lying or hanging. One plant."""
    mesh = Mesh()
    colour = draw.colour([GREEN_SKIN, SAGE_SKIN, FRESH_SKIN])
    style = spine_style(draw, draw.rng.uniform(0.5, 1.0))
    if draw.chance(0.5):
        style.radial.colour = style.radial.tip = draw.colour([GOLD_SPINE, WHITE_SPINE])
        style.central.colour = style.central.tip = style.radial.colour
    ribs, radius = draw.whole(8, 17), draw.between(0.1, 0.24)
    style.radial.length, style.central.length = 0.55, draw.between(0.5, 1.1)
    style.thick *= 2.2
    droop, count = draw.between(-0.6, 1.9), draw.pick((2, 3, 4, 6, 9, 14))
    tint = draw.colour([RED_FLOWER]) if draw.chance(0.5) else flower_colour(draw)
    bloom = draw.chance(0.25)
    for i in range(count):
        a = i * TURN / count + draw.rng.normal(0, 0.5)
        foot = np.array([0.22 * math.cos(a), 0.22 * math.sin(a), 0.0]) * draw.rng.uniform(0.2, 1.2)
        stem = finger(draw, foot, a, draw.rng.uniform(0.6, 2.0), radius * draw.rng.uniform(0.8, 1.2),
                      draw.rng.uniform(0.5, 1.5), droop * draw.rng.uniform(0.4, 1.2), ribs)
        stem_skin(mesh, draw, stem, colour * draw.rng.uniform(0.9, 1.1))
        u, s = stem_points(stem, radius * 0.75 * (1 + 0.06 * count) / max(draw.detail, 0.4) ** 0.5)
        clad(mesh, draw, stem.at(u, s), stem.normal(u, s), radius, style, np.clip((s - 0.9) * 10, 0, 1))
        if bloom and draw.chance(0.6):
            s = draw.rng.uniform(0.5, 0.98)
            u = draw.rng.uniform(0, TURN)
            funnel(mesh, draw, stem.at(u, s), stem.normal(u, s) + [0, 0, 0.6], draw.rng.uniform(0.25, 0.45),
                   tint)
    return mesh


@kind("armed", "cactus", room=(0.4, 0.8), height=6.0, often=0.6)
def armed(draw: Draw) -> Mesh:
    """A branching column (Trichocereus, Myrtillocactus, Euphorbia): trunk with upturned arms. One plant."""
    mesh, colour = Mesh(), draw.colour(BODY)
    style = spine_style(draw, draw.rng.uniform(0, 0.5))
    ribs, radius = draw.pick((4, 5, 6, 8, 10)), draw.between(0.25, 0.4)
    tall = draw.between(2.2, 4.0)
    stems = [finger(draw, np.zeros(3), draw.rng.uniform(0, TURN), tall, radius, 1.5, 0.1, ribs)]
    for i in range(draw.whole(1, 6)):
        a = i * 2.4 + draw.rng.normal(0, 0.4)
        at = stems[0].path[int(draw.rng.uniform(5, 18))]
        stems.append(finger(draw, at, a, tall * draw.rng.uniform(0.25, 0.6),
                            radius * draw.rng.uniform(0.6, 0.9),
                            draw.rng.uniform(0.0, 0.8), -draw.rng.uniform(0.8, 1.5), ribs))
    for stem in stems:
        stem.depth = 0.4 if ribs < 6 else 0.2
        stem_skin(mesh, draw, stem, colour, cork=0.12)
        u, s = stem_points(stem, radius * draw.rng.uniform(0.6, 0.9))
        clad(mesh, draw, stem.at(u, s), stem.normal(u, s), radius, style, np.clip((s - 0.9) * 10, 0, 1))
    return mesh


@kind("crested", "cactus", room=(0.5, 1.0), often=0.8)
def crested(draw: Draw) -> Mesh:
    """A cristate form: a wavy fan or brain-like crest in place of a body."""
    mesh, rng = Mesh(), draw.rng
    along, around = int(150 * max(draw.detail, 0.4)), int(40 * max(draw.detail, 0.5))
    t = np.linspace(-1, 1, along)
    fold, phase = draw.between(0.1, 0.5), rng.uniform(0, TURN)
    x = t * draw.between(0.7, 1.1)
    y = fold * np.sin(draw.between(2.0, 6.0) * t + phase) * (1 - 0.3 * t * t) + 0.2 * t * t * rng.normal()
    crest = draw.between(0.9, 2.0) * np.sqrt(np.clip(1 - (0.95 * t) ** 2, 0.03,
                                                     1)) * (1 + 0.12 * np.sin(7 * t + phase))
    path = np.stack([x, y, 0 * x], -1)
    side = unit(np.cross(np.gradient(path, axis=0), [0, 0, 1.0]))
    phi = np.linspace(-0.5, math.pi + 0.5, around)
    thick = draw.between(0.22, 0.42) * np.sqrt(np.clip(1 - t**8, 0.02, 1))
    wave = 1 + draw.between(0.02, 0.06) * np.cos(draw.whole(30, 60) * t)
    out = np.cos(phi)[None] * (thick * wave)[:, None] * (0.6 + 0.4 * np.abs(np.sin(phi)))[None]
    up = 0.15 + np.sin(phi)[None] * crest[:, None] * 0.85
    p = path[:, None] + out[..., None] * side[:, None] + up[..., None] * [0, 0, 1.0]
    flat = p.reshape(-1, 3)
    colour = draw.colour(BODY)
    young = np.exp(-(((phi - math.pi / 2) / 0.35) ** 2))
    c = mix(colour, colour * 1.5 + 0.03, np.tile(young, along)) * (1 + 0.12 * waves(flat, 0.25,
            draw.seed()))[:, None]
    mesh.add(flat, grid_faces(along, around, closed=False), c.clip(0.003, 1))
    normals = unit(np.cross(np.gradient(p, axis=0), np.gradient(p, axis=1)))
    normals *= np.sign((normals * (p - path[:, None] - [0, 0, 0.3])).sum(-1, keepdims=True))
    rows = np.arange(1, along - 1, max(along // 40, 1))
    i, j = (g.ravel() for g in np.meshgrid(rows, np.arange(2, around - 2, max(around // 10, 1))))
    style = spine_style(draw, rng.uniform(0.4, 1.0))
    style.radial.length, style.central.length, style.thick = 0.13, 0.16, style.thick * 0.6
    clad(mesh, draw, p[i, j], normals[i, j], 1.0, style,
         np.clip(1 - np.abs(phi[j] - math.pi / 2) / 0.5, 0, 1))
    if draw.chance(0.4):
        ridge = p[:, around // 2]
        tufts(mesh, draw, ridge[:: max(along // 50, 1)], 0.05, hsv(45, 0.15, 0.9))
    return mesh
