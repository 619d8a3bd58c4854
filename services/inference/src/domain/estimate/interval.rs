//! How far an expected number may be off.
//!
//! Residuals are divided by a spread that grows with the photo, so that those of small
//! and of large photos can be told in one measure. Their quantiles over photos that
//! the fit had not seen are the interval: split-conformal prediction, which assumes
//! nothing of how the residuals are distributed, only that the next photo is drawn as
//! those were.

use super::refusal::BadCalibration;
use super::shape::Expectation;

/// The interval misses this share of photos.
const MISSED: f64 = 0.05;
/// Shares of the expected number by which whole photos may be off together.
const SHARES: [f64; 10] = [0.0, 0.01, 0.015, 0.02, 0.03, 0.045, 0.07, 0.1, 0.2, 0.4];
/// The same of the doubtful plants: a dark photo makes all of them less, or more.
const DOUBTS: [f64; 10] = [0.0, 0.1, 0.2, 0.35, 0.5, 0.8, 1.2, 2.0, 3.0, 5.0];
/// Variances that remain where nothing is expected.
const RESTS: [f64; 9] = [0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 6.0, 15.0];
/// Each of the three is chosen so often, the others standing.
const ROUNDS: usize = 3;

/// The measure of a photo's residual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(super) share: f64,
    pub(super) doubt: f64,
    pub(super) rest: f64,
}

/// Quantiles of residuals, in spreads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Quantiles {
    pub(super) low: f64,
    pub(super) high: f64,
}

/// A photo whose plants are known: what was expected, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(super) expected: Expectation,
    pub(super) plants: f64,
}

// === impl Spread ===

impl Spread {
    /// For a model of which nothing is known.
    pub(super) const UNKNOWN: Self = Self {
        share: 0.1,
        doubt: 1.0,
        rest: 1.0,
    };

    pub(super) fn checked(self) -> Result<Self, BadCalibration> {
        let Self { share, doubt, rest } = self;
        if !(0.0..=2.0).contains(&share) {
            return Err(BadCalibration::new("share", "0 to 2"));
        }
        if !(0.0..=20.0).contains(&doubt) {
            return Err(BadCalibration::new("doubt", "0 to 20"));
        }
        if !(1e-3..=1e4).contains(&rest) {
            return Err(BadCalibration::new("rest", "0.001 to 10000"));
        }
        Ok(self)
    }

    /// The one under which residuals are most alike, by likelihood of a normal
    /// distribution whose scale is free: the quantiles make good what it is not.
    pub(super) fn fit<'a>(outcomes: &(impl Iterator<Item = &'a Outcome> + Clone)) -> Self {
        let mut best = Self::UNKNOWN;
        for _round in 0..ROUNDS {
            let shares = SHARES.map(|share| Self { share, ..best });
            best = best.or_likelier(&shares, outcomes);
            let doubts = DOUBTS.map(|doubt| Self { doubt, ..best });
            best = best.or_likelier(&doubts, outcomes);
            let rests = RESTS.map(|rest| Self { rest, ..best });
            best = best.or_likelier(&rests, outcomes);
        }
        best
    }

    fn or_likelier<'a>(
        self,
        others: &[Self],
        outcomes: &(impl Iterator<Item = &'a Outcome> + Clone),
    ) -> Self {
        let cost = |spread: &Self| spread.unlikelihood(outcomes.clone());
        let others = others.iter().copied().chain([self]);
        let costs = others.map(|spread| (cost(&spread), spread));
        let best = costs.min_by(|a, b| a.0.total_cmp(&b.0));
        best.map_or(self, |(_, spread)| spread)
    }

    fn unlikelihood<'a>(&self, outcomes: impl Iterator<Item = &'a Outcome>) -> f64 {
        let (mut count, mut squares, mut logs) = (0.0, 0.0, 0.0);
        for outcome in outcomes {
            let residual = self.residual(outcome);
            count += 1.0;
            squares += residual * residual;
            logs += self.of(&outcome.expected).ln();
        }
        // No residuals at all would make any spread perfect.
        let mean = squares.max(1e-9) / f64::max(count, 1.0);
        count * mean.ln() / 2.0 + logs
    }

    pub(super) fn of(&self, expected: &Expectation) -> f64 {
        let together = self.share * expected.plants;
        let doubtful = self.doubt * expected.doubtful;
        let variance = expected.variance + together * together + doubtful * doubtful;
        (variance + self.rest).sqrt()
    }

    pub(super) fn residual(&self, outcome: &Outcome) -> f64 {
        (outcome.plants - outcome.expected.plants) / self.of(&outcome.expected)
    }
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
    pub(super) fn of(mut residuals: Vec<f64>) -> Option<Self> {
        residuals.sort_by(f64::total_cmp);
        if let Some(high) = upper(&residuals, MISSED / 2.0) {
            residuals.reverse();
            let mirrored: Vec<f64> = residuals.iter().map(|residual| -residual).collect();
            let low = -upper(&mirrored, MISSED / 2.0)?;
            return Some(Self { low, high });
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
