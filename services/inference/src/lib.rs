//! Finds and counts the plants in a photo: tiles, model, merge.
