//! The boxes that were kept so far, and which of them a box repeats.

/// Pixels of a cell's side: a large seedling.
const CELL: f32 = 32.0;
/// Cells along each side; what lies beyond the last counts as in it.
const CELLS: usize = 64;
/// No further box in a cell.
const END: u32 = u32::MAX;

/// Boxes by the cell that their centre lies in, each cell a chain.
///
/// Two boxes whose intersection over union is above a threshold have centres close to
/// each other, whatever their sizes: only few cells can hold a box like another.
pub(crate) struct Kept {
    pub(crate) candidates: Vec<Candidate>,
    threshold: f32,
    /// How far, in widths or heights of a box, the centre of one like it can be.
    reach: f32,
    /// The latest box of each cell.
    latest: Vec<u32>,
    /// The box of the same cell before this one.
    before: Vec<u32>,
}

/// A box of the network's answer that was kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate {
    /// Left, top, right and bottom in pixels of the network's input.
    pub(crate) corners: [f32; 4],
    pub(crate) confidence: f32,
    pub(crate) class: usize,
    /// Its column in the prediction.
    pub(crate) anchor: usize,
}

// === impl Candidate ===

impl Candidate {
    /// Intersection over union.
    pub(crate) fn overlap(&self, other: &Self) -> f32 {
        let [left, top, right, bottom] = self.corners;
        let [other_left, other_top, other_right, other_bottom] = other.corners;
        let width = right.min(other_right) - left.max(other_left);
        let height = bottom.min(other_bottom) - top.max(other_top);
        if width <= 0.0 || height <= 0.0 {
            return 0.0;
        }
        let shared = width * height;
        shared / (self.area() + other.area() - shared)
    }

    fn area(&self) -> f32 {
        let [left, top, right, bottom] = self.corners;
        (right - left) * (bottom - top)
    }
}

// === impl Kept ===

impl Kept {
    /// None yet. Boxes are alike above this intersection over union.
    pub(crate) fn new(threshold: f32) -> Self {
        // Both share at least this part of the wider one, so the centres are apart by
        // at most what is left of the wider, which is at most 1/threshold times as wide.
        let reach = (1.0 - threshold).max((1.0 - threshold) / (2.0 * threshold));
        Self {
            candidates: Vec::new(),
            threshold,
            reach,
            latest: vec![END; CELLS * CELLS],
            before: Vec::new(),
        }
    }

    /// Whether a box of its class is like it.
    pub(crate) fn has_like(&self, candidate: &Candidate) -> bool {
        let [left, top, right, bottom] = candidate.corners;
        let near = |from: f32, to: f32| {
            let centre = f32::midpoint(from, to);
            // A little further, for what rounding loses.
            let reach = (to - from) * self.reach * 1.01 + 1.0;
            cell(centre - reach)..=cell(centre + reach)
        };
        let across = near(left, right);
        near(top, bottom).any(|row| {
            let cells = across.clone().map(|column| row * CELLS + column);
            cells
                .into_iter()
                .any(|cell| self.has_like_in(cell, candidate))
        })
    }

    fn has_like_in(&self, cell: usize, candidate: &Candidate) -> bool {
        let mut next = self.latest[cell];
        while let Some(known) = self.candidates.get(position(next)) {
            if known.class == candidate.class && known.overlap(candidate) > self.threshold {
                return true;
            }
            next = self.before[position(next)];
        }
        false
    }

    pub(crate) fn add(&mut self, candidate: Candidate) {
        let [left, top, right, bottom] = candidate.corners;
        let row = cell(f32::midpoint(top, bottom));
        let latest = &mut self.latest[row * CELLS + cell(f32::midpoint(left, right))];
        self.before.push(*latest);
        *latest = u32::try_from(self.candidates.len()).unwrap_or(END);
        self.candidates.push(candidate);
    }
}

/// The cell of a coordinate; the first for negative and senseless ones.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates"
)]
fn cell(coordinate: f32) -> usize {
    ((coordinate / CELL) as usize).min(CELLS - 1)
}

fn position(id: u32) -> usize {
    usize::try_from(id).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Candidate, Kept};

    fn naive(candidates: &[Candidate], threshold: f32) -> Vec<usize> {
        let mut kept: Vec<&Candidate> = Vec::new();
        for candidate in candidates {
            let like = |known: &&Candidate| {
                known.class == candidate.class && known.overlap(candidate) > threshold
            };
            if !kept.iter().any(like) {
                kept.push(candidate);
            }
        }
        kept.iter().map(|candidate| candidate.anchor).collect()
    }

    fn kept(candidates: &[Candidate], threshold: f32) -> Vec<usize> {
        let mut kept = Kept::new(threshold);
        for candidate in candidates {
            if !kept.has_like(candidate) {
                kept.add(*candidate);
            }
        }
        let anchors = kept.candidates.iter().map(|candidate| candidate.anchor);
        anchors.collect()
    }

    fn candidates(boxes: &[[f32; 4]]) -> Vec<Candidate> {
        let boxes = boxes.iter().enumerate();
        let made = boxes.map(|(anchor, [x, y, width, height])| Candidate {
            corners: [*x, *y, x + width, y + height],
            confidence: 0.5,
            class: anchor % 2,
            anchor,
        });
        made.collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn no_repetition_is_missed(
            small in prop::collection::vec([0f32..90.0, 0f32..90.0, 1f32..40.0, 1f32..40.0], 0..80),
            large in prop::collection::vec([-50f32..600.0, -50f32..600.0, 0f32..700.0, 0f32..700.0], 0..80),
            threshold in prop_oneof![Just(0.0), Just(0.7), Just(1.0), 0f32..1.0],
        ) {
            let candidates = candidates(&[small, large].concat());
            prop_assert_eq!(kept(&candidates, threshold), naive(&candidates, threshold));
        }
    }

    #[test]
    fn boxes_that_are_no_boxes_repeat_nothing() {
        let senseless = [
            [f32::NAN, 0.0, 9.0, 9.0],
            [0.0, f32::INFINITY, 9.0, 9.0],
            [5.0, 5.0, f32::INFINITY, 9.0],
            [5.0, 5.0, -9.0, 0.0],
            [-1e30, 5.0, 2e30, 9.0],
            [-1e30, 5.0, 2e30, 9.0],
        ];
        for threshold in [0.0, 0.3, 0.7, 1.0] {
            let candidates = candidates(&senseless);
            assert_eq!(kept(&candidates, threshold), naive(&candidates, threshold));
        }
    }
}
