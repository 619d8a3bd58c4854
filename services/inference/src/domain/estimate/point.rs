//! Which number is told: the boxes, or what they are expected to stand for.

use super::shape::Expectation;

/// The expected number is told where it is nearer to the truth by a twentieth at least:
/// less may be chance.
const BETTER: f64 = 0.95;

/// The number of plants that is told of a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Point {
    /// One for each box that is shown.
    Boxes,
    /// The sum of chances, corrected for size and crowding.
    Expected,
}

/// A number of plants, and how many of them are in doubt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number {
    pub(super) plants: f64,
    pub(super) doubtful: f64,
}

// === impl Point ===

impl Point {
    /// The number of boxes, unless the expected numbers of these photos, which no fit
    /// had seen, were nearer to their plants: a correction that does not carry over
    /// does harm. Each photo counts with what it is off by.
    pub(super) fn fit<'a>(judged: impl Iterator<Item = (&'a Expectation, f64)>) -> Self {
        let (mut boxes, mut expected) = (0.0, 0.0);
        for (expectation, plants) in judged {
            boxes += (expectation.boxes - plants).abs();
            expected += (expectation.plants.round() - plants).abs();
        }
        if expected < BETTER * boxes {
            Self::Expected
        } else {
            Self::Boxes
        }
    }

    /// The number that is told.
    pub(super) fn of(self, expectation: &Expectation) -> Number {
        let plants = match self {
            Self::Boxes => expectation.boxes,
            Self::Expected => expectation.plants,
        };
        Number {
            plants,
            doubtful: expectation.doubtful,
        }
    }

    /// As it is written down.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Boxes => "boxes",
            Self::Expected => "expected",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Boxes, Self::Expected]
            .into_iter()
            .find(|point| point.name() == name)
    }
}

// === impl Number ===

impl Number {
    /// As many times the plants.
    #[must_use]
    pub(super) fn scaled(self, scale: f64) -> Self {
        Self {
            plants: self.plants * scale,
            doubtful: self.doubtful * scale,
        }
    }
}
