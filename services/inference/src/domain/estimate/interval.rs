//! How far an expected number may be off.
//!
//! Residuals are divided by a spread that grows with what is in doubt, so that those of
//! clear and of unclear photos can be told in one measure. Their quantiles over photos that
//! the fit had not seen are the interval: split-conformal prediction, which assumes
//! nothing of how the residuals are distributed, only that the next photo is drawn as
//! those were.

use super::point::Number;
use super::refusal::BadCalibration;

/// The interval misses this share of photos.
const MISSED: f64 = 0.05;
/// Shares of photos that may lie below it; the rest of the missed ones lies above. Plants
/// that are not seen at all are many at once, false ones few: then the shortest interval
/// misses more photos above than below.
const BELOW: [f64; 9] = [0.025, 0.02, 0.015, 0.01, 0.005, 0.03, 0.035, 0.04, 0.045];
/// Shares of the plants by which photos may be off beyond what is seen to be in doubt.
const SHARES: [f64; 7] = [0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5];
/// What may be off where nothing is seen at all, plants.
const LEAST: f64 = 1.0;

/// The measure of a photo's residual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(super) share: f64,
}

/// How many of the photos that are missed lie below their interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tails {
    below: f64,
}

/// Quantiles of residuals, in spreads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Quantiles {
    pub(super) low: f64,
    pub(super) high: f64,
}

/// A photo whose plants are known: what was told, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(super) told: Number,
    pub(super) plants: f64,
}

// === impl Spread ===

impl Spread {
    /// For a model of which nothing is known.
    pub(super) const UNKNOWN: Self = Self { share: 0.1 };

    pub(super) fn checked(self) -> Result<Self, BadCalibration> {
        if (0.0..=2.0).contains(&self.share) {
            return Ok(self);
        }
        Err(BadCalibration::new("share", "0 to 2"))
    }

    /// The one, and the tails, with which the intervals of these photos are least wide
    /// together, all of them holding as often.
    pub(super) fn fit(outcomes: &[Outcome]) -> (Self, Tails) {
        let spreads = SHARES.iter().map(|share| Self { share: *share });
        let choices = spreads.flat_map(|spread| {
            let residuals = outcomes.iter().map(|outcome| spread.residual(outcome));
            let residuals: Vec<f64> = residuals.collect();
            let all: f64 = outcomes
                .iter()
                .map(|outcome| spread.of(&outcome.told))
                .sum();
            BELOW.iter().filter_map(move |below| {
                let tails = Tails { below: *below };
                let Quantiles { low, high } = Quantiles::of(residuals.clone(), tails)?;
                Some(((high - low) * all, (spread, tails)))
            })
        });
        let least = choices.min_by(|a, b| a.0.total_cmp(&b.0));
        least.map_or((Self::UNKNOWN, Tails::EVEN), |(_, choice)| choice)
    }

    pub(super) fn of(self, told: &Number) -> f64 {
        LEAST + told.doubtful + self.share * told.plants
    }

    pub(super) fn residual(self, outcome: &Outcome) -> f64 {
        (outcome.plants - outcome.told.plants) / self.of(&outcome.told)
    }
}

// === impl Tails ===

impl Tails {
    pub(super) const EVEN: Self = Self {
        below: MISSED / 2.0,
    };
}

// === impl Quantiles ===

impl Quantiles {
    pub(super) fn new(low: f64, high: f64) -> Result<Self, BadCalibration> {
        let sound = |value: f64| (-1e3..=1e3).contains(&value);
        if !sound(low) {
            return Err(BadCalibration::new("low", "-1000 to 1000"));
        }
        if sound(high) && low <= high {
            return Ok(Self { low, high });
        }
        Err(BadCalibration::new("high", "-1000 to 1000, not below low"))
    }

    /// Corrected for a finite number of residuals: the interval holds for the next
    /// photo, not for these. Two-sided; one of distances where they are too few for
    /// that; none where they are too few for any (19).
    pub(super) fn of(mut residuals: Vec<f64>, tails: Tails) -> Option<Self> {
        residuals.sort_by(f64::total_cmp);
        let high = upper(&residuals, MISSED - tails.below);
        let mirrored: Vec<f64> = residuals.iter().rev().map(|residual| -residual).collect();
        let low = upper(&mirrored, tails.below);
        if let (Some(high), Some(low)) = (high, low) {
            return Some(Self { low: -low, high });
        }
        let mut distances: Vec<f64> = residuals.iter().map(|residual| residual.abs()).collect();
        distances.sort_by(f64::total_cmp);
        let distance = upper(&distances, MISSED)?;
        Some(Self {
            low: -distance,
            high: distance,
        })
    }

    /// Wide enough for these residuals too.
    pub(super) fn widened(self, residuals: &[f64]) -> Self {
        let (low, high) = (self.low, self.high);
        Self {
            low: residuals.iter().copied().fold(low, f64::min),
            high: residuals.iter().copied().fold(high, f64::max),
        }
    }
}

/// The value that the next one is above with at most this chance; `None` when there
/// are too few to say. Sorted, smallest first.
fn upper(sorted: &[f64], missed: f64) -> Option<f64> {
    let count = whole(sorted.len());
    let rank = ((count + 1.0) * (1.0 - missed)).ceil();
    sorted.get(index(rank).checked_sub(1)?).copied()
}

#[expect(clippy::cast_precision_loss, reason = "a number of photos")]
pub(super) fn whole(count: usize) -> f64 {
    count as f64
}

/// The nearest whole number that can be counted to.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates"
)]
pub(super) fn index(value: f64) -> usize {
    value.max(0.0) as usize
}
