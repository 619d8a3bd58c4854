"""Plants: importing this package registers every kind in `registry.KINDS`."""

from . import (aeonium, agave, astrophytum, clusters, columnar, crassula, echeveria, euphorbia, globular,
               gymnocalycium, haworthia, kalanchoe, lettuce, lithops, mammillaria, opuntia, palm, sedum,
               seedlings, sempervivum)
from .condition import weathered
from .registry import KINDS, Kind, of_family

__all__ = [
    "KINDS", "Kind", "of_family", "weathered",
    "aeonium", "agave", "astrophytum", "clusters", "columnar", "crassula", "echeveria", "euphorbia",
    "globular",
    "gymnocalycium", "haworthia", "kalanchoe", "lettuce", "lithops", "mammillaria", "opuntia", "palm",
    "sedum",
    "seedlings", "sempervivum",
]
