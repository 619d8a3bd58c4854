//! How likely a box of a given score is a plant.

use super::refusal::BadCalibration;

/// Groups of samples of similar score; a group is one point at most.
const GROUPS: usize = 32;
/// More points than any fit makes.
const MOST_POINTS: usize = 64;

/// A chance that never falls while the score rises.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Curve {
    /// Score and chance, 0 to 1 both: scores rise, chances do not fall. At least one.
    points: Vec<[f64; 2]>,
}

/// Neighbouring samples, of which all get the same chance.
#[derive(Clone, Copy)]
struct Block {
    samples: f64,
    hits: f64,
    scores: f64,
}

// === impl Curve ===

impl Curve {
    /// Through these points; the first and last chance go on beyond them.
    pub(super) fn new(points: Vec<[f64; 2]>) -> Result<Self, BadCalibration> {
        let share = |value: &f64| (0.0..=1.0).contains(value);
        let sound = (1..=MOST_POINTS).contains(&points.len())
            && points.iter().flatten().all(share)
            && points.is_sorted_by(|a, b| a[0] < b[0] && a[1] <= b[1]);
        if sound {
            return Ok(Self { points });
        }
        let must = "1 to 64 pairs from 0 to 1, scores rising, chances not falling";
        Err(BadCalibration::new("score", must))
    }

    /// The same chance for every score.
    pub(super) fn flat(chance: f64) -> Self {
        let chance = chance.clamp(0.0, 1.0);
        Self {
            points: vec![[0.0, chance]],
        }
    }

    /// Fitted to scores and whether each was a plant, by pooling neighbours that
    /// violate the order; half a chance where there are no samples.
    pub(super) fn fit(mut samples: Vec<(f32, bool)>) -> Self {
        samples.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut blocks: Vec<Block> = Vec::new();
        for group in samples.chunks(samples.len().div_ceil(GROUPS).max(1)) {
            let mut block = Block::of(group);
            while let Some(lower) = blocks.pop_if(|lower| lower.chance() >= block.chance()) {
                block = block.with(lower);
            }
            blocks.push(block);
        }
        let points: Vec<_> = blocks.iter().map(Block::point).collect();
        // Groups of one and the same score pool unless the order of chance put them
        // apart; the curve would then be steeper than it can be.
        let points = points.into_iter().fold(Vec::new(), rising);
        Self::new(points).unwrap_or_else(|_no_samples| Self::flat(0.5))
    }

    /// The chance at a score.
    pub(super) fn at(&self, score: f32) -> f64 {
        let score = f64::from(score);
        let (below, above) = self
            .points
            .split_at(self.points.partition_point(|point| point[0] <= score));
        match (below.last(), above.first()) {
            (Some([from, low]), Some([to, high])) => {
                low + (high - low) * (score - from) / (to - from)
            }
            (Some([_, chance]), None) | (None, Some([_, chance])) => *chance,
            (None, None) => 0.0,
        }
    }

    pub(super) fn points(&self) -> &[[f64; 2]] {
        &self.points
    }
}

/// Adds a point whose score is above the last one's, or raises the last one's chance.
fn rising(mut points: Vec<[f64; 2]>, point: [f64; 2]) -> Vec<[f64; 2]> {
    match points.last_mut() {
        Some(last) if point[0] <= last[0] => last[1] = last[1].max(point[1]),
        _ => points.push(point),
    }
    points
}

// === impl Block ===

impl Block {
    fn of(group: &[(f32, bool)]) -> Self {
        let mut block = Self {
            samples: 0.0,
            hits: 0.0,
            scores: 0.0,
        };
        for (score, hit) in group {
            block.samples += 1.0;
            block.hits += f64::from(u8::from(*hit));
            block.scores += f64::from(*score);
        }
        block
    }

    fn with(self, other: Self) -> Self {
        Self {
            samples: self.samples + other.samples,
            hits: self.hits + other.hits,
            scores: self.scores + other.scores,
        }
    }

    fn chance(&self) -> f64 {
        self.hits / self.samples
    }

    fn point(&self) -> [f64; 2] {
        [self.scores / self.samples, self.chance()]
    }
}
