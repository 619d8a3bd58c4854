"""Photorealistic nursery scenes with exact truth: procedural plants, rendered by Blender's Cycles.

    python -m render --count 20 --seed 1 --out DIR [--profile validation]

A scene is planned first (`layouts`, plain numpy, no Blender needed) and rendered
afterwards (`studio`, the only module that imports ``bpy``). Lengths are
centimetres, angles radians, colours linear light, plants have an outer radius
of 1 until they are put somewhere.

Blender (``bpy``) is GPL-3.0. It is a tool here, like a compiler: the pictures made
with it are ours, and nothing of it is linked to or shipped with Demeter. Keep
this package out of shipped parts.
"""

GENERATOR = "3.4"
"""Version of the generator: the same version, profile and seed give the same scene."""
