//! Which boxes of a photo are plants that are known to stand there.

use crate::domain::grid::Grid;
use crate::domain::{Detection, Rect};

/// A box is a plant when both share this part of what they cover together. Low, since
/// the question is whether a plant was seen, not how well its outline was.
const SAME: f32 = 0.3;
/// A box is left out when this share of it lies on what counts neither way.
const IGNORED: f32 = 0.5;

/// The boxes of a photo whose plants are known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Example {
    /// Everything that may be a plant.
    pub(crate) candidates: Vec<Detection>,
    /// Which of them is one; as many as candidates.
    hits: Vec<bool>,
    /// The plants that no candidate is.
    pub(super) missed: Vec<Rect>,
}

// === impl Example ===

impl Example {
    /// Plants that stand in the photo.
    pub(crate) fn plants(&self) -> usize {
        self.missed.len() + self.hits.iter().filter(|hit| **hit).count()
    }

    /// Each candidate, and whether it is a plant.
    pub(super) fn boxes(&self) -> impl Iterator<Item = (&Detection, bool)> + Clone {
        self.candidates.iter().zip(self.hits.iter().copied())
    }
}

/// Gives each plant to the most confident candidate that lies on it and has none yet.
pub(crate) fn matched(mut candidates: Vec<Detection>, truth: &[Rect], ignored: &[Rect]) -> Example {
    candidates.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let mut grid = Grid::with_room_for(truth.iter());
    for (id, plant) in (0..).zip(truth) {
        grid.insert(id, plant);
    }
    let mut taken = vec![false; truth.len()];
    let mut example = Example {
        candidates: Vec::with_capacity(candidates.len()),
        hits: Vec::with_capacity(candidates.len()),
        missed: Vec::new(),
    };
    for found in candidates {
        let plant = nearest(&grid, &found.rect, truth, &taken);
        if let Some(plant) = plant {
            taken[plant] = true;
        } else if covered(&found.rect, ignored) {
            continue;
        }
        example.candidates.push(found);
        example.hits.push(plant.is_some());
    }
    let left = truth.iter().zip(taken).filter(|(_, taken)| !taken);
    example.missed.extend(left.map(|(plant, _)| *plant));
    example
}

/// The plant that a box fits best, of those that have no box yet.
fn nearest(grid: &Grid, rect: &Rect, truth: &[Rect], taken: &[bool]) -> Option<usize> {
    let mut best = (SAME, None);
    // What shares this part of both shares as much of the smaller.
    grid.any_overlapping(rect, SAME, |id| {
        let plant = usize::try_from(id).unwrap_or(usize::MAX);
        let fit = rect.likeness(&truth[plant]);
        if !taken[plant] && fit >= best.0 {
            best = (fit, Some(plant));
        }
        false
    });
    best.1
}

fn covered(rect: &Rect, ignored: &[Rect]) -> bool {
    let most = IGNORED * rect.area();
    ignored.iter().any(|ignored| ignored.shared(rect) >= most)
}
