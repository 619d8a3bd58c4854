"""Composed photos of nursery beds with truth boxes.

A scene is built in three steps: a flat ground with trays, pots and clutter is painted from
straight above (`ground`, `layouts`, `clutter`); it is seen through a camera (`camera`); then
plants are set on their places (`choice`, `picture`), with labels, hoses and shadows over
them, and the picture is spoilt the way a phone camera spoils it (`lens`). A map of plant
numbers is kept beside the picture, so that truth boxes cover what stays visible.
"""

from .scene import SCENE_SIZE, Scene, compose

__all__ = ["SCENE_SIZE", "Scene", "compose"]
