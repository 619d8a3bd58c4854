"""Layouts: importing this package registers every layout, and `plan` composes a scene."""

from . import bare, beds, field, pots
from .compose import plan
from .registry import LAYOUTS, View

__all__ = ["LAYOUTS", "View", "bare", "beds", "field", "plan", "pots"]
