//! What a model's boxes are worth.

use super::candidates::candidates;
use super::interval::{Quantiles, Spread, index};
use super::point::{Number, Point};
use super::refusal::BadCalibration;
use super::shape::Shape;
use super::{Estimate, Range};
use crate::domain::{Detection, Parameters, Sighting};

/// How photos were searched while a calibration was fitted. It holds for no other
/// search: other tiles show the network other things.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Search {
    pub(super) tile_size: u32,
    pub(super) tile_overlap: f32,
    pub(super) merge_threshold: f32,
    /// From this confidence on, boxes are formed without regard to fainter ones.
    pub(super) sure: f32,
    /// Fainter boxes take no part.
    pub(super) floor: f32,
}

/// What a model's boxes are worth, and how far their sum may be off.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Calibration {
    pub(super) search: Search,
    pub(super) shape: Shape,
    /// Which number is told.
    pub(super) point: Point,
    /// On top of it; moved by photos of which only the number is known.
    pub(super) scale: f64,
    pub(super) spread: Spread,
    /// Absent where too few photos were known.
    pub(super) quantiles: Option<Quantiles>,
    /// Photos that it was fitted to.
    pub(super) photos: usize,
    /// Plants in them.
    pub(super) plants: usize,
}

// === impl Search ===

impl Search {
    /// Of boxes of this score, two in a hundred were plants in composed scenes; what is
    /// fainter still is left to the factors.
    const FLOOR: f32 = 0.05;

    /// As these parameters say, and down to faint boxes.
    pub(crate) fn of(parameters: &Parameters) -> Self {
        let sure = parameters.min_confidence();
        Self {
            tile_size: parameters.tile_size(),
            tile_overlap: parameters.tile_overlap(),
            merge_threshold: parameters.merge_threshold(),
            sure,
            floor: sure.min(Self::FLOOR),
        }
    }

    /// These parameters, and down to faint boxes.
    pub(crate) fn looking(&self, parameters: Parameters) -> Parameters {
        parameters.down_to(self.floor)
    }

    /// Everything in these levels that may be a plant, each thing once.
    pub(crate) fn candidates(&self, levels: &[Vec<Sighting>]) -> Vec<Detection> {
        candidates(levels, self.floor, self.sure, self.merge_threshold)
    }

    /// How many of these candidates are boxes that are shown.
    pub(crate) fn boxes(&self, candidates: &[Detection]) -> usize {
        let shown = candidates
            .iter()
            .filter(|found| found.confidence >= self.sure);
        shown.count()
    }

    pub(super) fn checked(self) -> Result<Self, BadCalibration> {
        let Self {
            tile_size,
            tile_overlap,
            merge_threshold,
            sure,
            floor,
        } = self;
        let usual = Parameters::default();
        let sound = usual
            .with_tile_size(tile_size)
            .and_then(|usual| usual.with_tile_overlap(tile_overlap))
            .and_then(|usual| usual.with_merge_threshold(merge_threshold));
        if let Err(refused) = sound {
            return Err(BadCalibration::new(refused.parameter, refused.allowed));
        }
        if !(0.01..=1.0).contains(&floor) {
            return Err(BadCalibration::new("floor", "0.01 to 1"));
        }
        if !(floor..=1.0).contains(&sure) {
            return Err(BadCalibration::new("sure", "floor to 1"));
        }
        Ok(self)
    }
}

// === impl Calibration ===

impl Calibration {
    /// Of a model that has none: every box is a plant.
    pub(crate) fn neutral(parameters: &Parameters) -> Self {
        let search = Search::of(parameters);
        Self {
            search: Search {
                floor: search.sure,
                ..search
            },
            shape: Shape::neutral(),
            point: Point::Boxes,
            scale: 1.0,
            spread: Spread::UNKNOWN,
            quantiles: None,
            photos: 0,
            plants: 0,
        }
    }

    /// Whether photos that are searched so can be counted with it. The least
    /// confidence that a caller asks for does not matter: it says which boxes are
    /// shown, not how many plants there are.
    pub(crate) fn holds_for(&self, parameters: &Parameters) -> bool {
        let Search {
            tile_size,
            tile_overlap,
            merge_threshold,
            sure: _,
            floor: _,
        } = self.search;
        tile_size == parameters.tile_size()
            && same(tile_overlap, parameters.tile_overlap())
            && same(merge_threshold, parameters.merge_threshold())
    }

    /// How many plants these candidates speak for.
    pub(crate) fn estimate(&self, candidates: &[Detection], boxes: usize) -> Estimate {
        let told = self.unscaled(candidates).scaled(self.scale);
        let plants = index(told.plants.round());
        Estimate {
            plants,
            range: self.range(&told, plants),
            boxes,
        }
    }

    /// The number that is told, without the scale.
    pub(super) fn unscaled(&self, candidates: &[Detection]) -> Number {
        self.point
            .of(&self.shape.expect(candidates, self.search.sure))
    }

    /// The whole numbers within the interval, and the one that is told. The true number
    /// is a whole one, so nothing is lost by what lies between them.
    fn range(&self, told: &Number, plants: usize) -> Option<Range> {
        let Quantiles { low, high } = self.quantiles?;
        let spread = self.spread.of(told);
        let at = |quantile: f64| told.plants + quantile * spread;
        Some(Range {
            low: index(at(low).ceil()).min(plants),
            high: index(at(high).floor()).max(plants),
        })
    }

    /// How photos are searched for it.
    pub(crate) fn search(&self) -> Search {
        self.search
    }

    /// Whether it says how sure it is.
    pub(crate) fn has_interval(&self) -> bool {
        self.quantiles.is_some()
    }
}

/// Both went through the same text.
fn same(a: f32, b: f32) -> bool {
    (a - b).abs() < 1e-6
}
