//! From the network's answer to boxes: threshold, then non-maximum suppression.

use crate::letterbox::Placement;
use crate::mask::Mask;
use crate::suppression::{Candidate, Kept};
use crate::{Error, Result};

/// Candidates that enter the suppression, as in Ultralytics.
pub(crate) const MOST_CANDIDATES: usize = 30_000;

/// How to read boxes out of a prediction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Longer side of the network's input in pixels, rounded up to a multiple of 32.
    pub input_size: u32,
    /// Boxes below this confidence are dropped, 0 to 1.
    pub min_confidence: f32,
    /// Of two boxes of one class whose intersection over union is above this, the less
    /// confident one is dropped, 0 to 1.
    pub iou: f32,
    /// Boxes kept for each picture, most confident first; at least 1.
    pub max_detections: usize,
}

/// One thing found in a picture, in pixels of that picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// Left edge.
    pub x_min: f32,
    /// Top edge.
    pub y_min: f32,
    /// Right edge.
    pub x_max: f32,
    /// Bottom edge.
    pub y_max: f32,
    /// 0 to 1.
    pub confidence: f32,
    /// Index into the classes of the model.
    pub class: usize,
    /// Its outline, of segment networks.
    pub mask: Option<Mask>,
}

/// What the network answers for one picture, on the host: for every anchor four numbers
/// of the box, the class scores, and mask coefficients.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    values: &'a [f32],
    /// Numbers of an anchor.
    width: usize,
    classes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            input_size: 640,
            min_confidence: 0.25,
            iou: 0.7,
            max_detections: 300,
        }
    }
}

// === impl Rows ===

impl<'a> Rows<'a> {
    /// `values` are those of all anchors, each of `width` numbers.
    pub(crate) fn new(values: &'a [f32], width: usize, classes: usize) -> Self {
        Self {
            values,
            width,
            classes,
        }
    }

    /// The surviving boxes, most confident first.
    pub(crate) fn survivors(&self, options: &Options) -> Vec<Candidate> {
        let mut candidates = self.candidates(options.min_confidence);
        candidates.sort_unstable_by(|a, b| {
            let by_confidence = b.confidence.total_cmp(&a.confidence);
            by_confidence.then(a.anchor.cmp(&b.anchor))
        });
        candidates.truncate(MOST_CANDIDATES);
        let mut kept = Kept::new(options.iou);
        for candidate in candidates {
            if kept.candidates.len() == options.max_detections {
                break;
            }
            if !kept.has_like(&candidate) {
                kept.add(candidate);
            }
        }
        kept.candidates
    }

    /// The best class of every anchor that is confident enough.
    fn candidates(&self, min_confidence: f32) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        for (anchor, row) in self.values.chunks_exact(self.width).enumerate() {
            let scores = &row[4..4 + self.classes];
            // Nearly all anchors see nothing: whether any class is likely is quick to say.
            let confidence = scores.iter().fold(0f32, |most, score| most.max(*score));
            if confidence >= min_confidence {
                let class = scores.iter().position(|score| *score >= confidence);
                candidates.push(Candidate {
                    corners: corners(row),
                    confidence,
                    class: class.unwrap_or(0),
                    anchor,
                });
            }
        }
        candidates
    }

    /// The mask coefficients of a candidate, empty for detect networks.
    pub(crate) fn coefficients(&self, candidate: &Candidate) -> &'a [f32] {
        let row = &self.values[candidate.anchor * self.width..][..self.width];
        &row[4 + self.classes..]
    }
}

/// Left, top, right and bottom of a box given by its centre, width and height.
fn corners(row: &[f32]) -> [f32; 4] {
    let (x, y, right, down) = (row[0], row[1], row[2] / 2.0, row[3] / 2.0);
    [x - right, y - down, x + right, y + down]
}

// === impl Detection ===

impl Detection {
    /// A candidate in pixels of a picture of this size, without its mask.
    #[expect(
        clippy::cast_precision_loss,
        reason = "pictures are narrower than 2^24"
    )]
    pub(crate) fn of(candidate: &Candidate, placement: Placement, picture: (u32, u32)) -> Self {
        let [left, top, right, bottom] = candidate.corners;
        let (width, height) = (picture.0 as f32, picture.1 as f32);
        let (x_min, y_min) = placement.to_picture((left, top));
        let (x_max, y_max) = placement.to_picture((right, bottom));
        Self {
            x_min: x_min.clamp(0.0, width),
            y_min: y_min.clamp(0.0, height),
            x_max: x_max.clamp(0.0, width),
            y_max: y_max.clamp(0.0, height),
            confidence: candidate.confidence,
            class: candidate.class,
            mask: None,
        }
    }

    /// Left, top, right and bottom.
    pub(crate) fn corners(&self) -> [f32; 4] {
        [self.x_min, self.y_min, self.x_max, self.y_max]
    }
}

/// Refuses options that no prediction can satisfy.
pub(crate) fn check(options: &Options) -> Result<()> {
    let Options {
        input_size,
        min_confidence,
        iou,
        max_detections,
    } = *options;
    let share = 0.0..=1.0;
    let problem = if !(32..=4096).contains(&input_size) {
        format!("input_size is {input_size} and must be 32 to 4096 pixels")
    } else if !share.contains(&min_confidence) {
        format!("min_confidence is {min_confidence} and must be 0 to 1")
    } else if !share.contains(&iou) {
        format!("iou is {iou} and must be 0 to 1")
    } else if max_detections == 0 {
        "max_detections is 0 and must be at least 1".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::Input(problem))
}

#[cfg(test)]
mod tests {
    use super::{Options, Rows};

    fn rows(anchors: &[[f32; 6]]) -> Rows<'_> {
        Rows::new(anchors.as_flattened(), 6, 2)
    }

    #[test]
    fn the_most_confident_of_two_like_boxes_stays() {
        let rows = rows(&[
            [50.0, 50.0, 20.0, 20.0, 0.6, 0.1],
            [51.0, 50.0, 20.0, 20.0, 0.9, 0.1],
            [51.0, 50.0, 20.0, 20.0, 0.1, 0.8],
            [90.0, 50.0, 20.0, 20.0, 0.3, 0.1],
            [10.0, 10.0, 5.0, 5.0, 0.2, 0.1],
        ]);

        let kept = rows.survivors(&Options {
            iou: 0.5,
            ..Options::default()
        });

        let found: Vec<_> = kept.iter().map(|kept| (kept.anchor, kept.class)).collect();
        assert_eq!(found, [(1, 0), (2, 1), (3, 0)]);
    }

    #[test]
    fn no_more_boxes_are_kept_than_asked_for() {
        let apart: Vec<[f32; 6]> = (0..20_u8)
            .map(|index| [f32::from(index) * 30.0, 9.0, 9.0, 9.0, 0.5, 0.0])
            .collect();

        let options = Options {
            max_detections: 7,
            ..Options::default()
        };

        assert_eq!(rows(&apart).survivors(&options).len(), 7);
    }
}
