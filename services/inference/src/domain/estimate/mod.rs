//! How many plants a photo shows, and how sure that is.
//!
//! Boxes above a threshold are no number of plants: some of them are none, and some
//! plants have no box. A [`Calibration`] was fitted to photos whose plants are known
//! and says, for every box down to a faint one, how many plants stand behind it. Their
//! sum is told where it was nearer to the truth on photos that the fit had not seen,
//! else the number of boxes; how far it was off on such photos, beside how much is in
//! doubt, gives the interval around it. `docs/counting.md` tells the method.
//!
//! Without a calibration the number of boxes is the number of plants, and there is no
//! interval: none is better than one that nothing stands behind.

mod calibration;
mod candidates;
mod curve;
mod fit;
mod interval;
mod matching;
mod point;
mod refusal;
mod shape;
mod surroundings;
mod table;
mod text;

pub(crate) use calibration::{Calibration, Search};
pub(crate) use fit::{Counted, Photo, check, fit, refit};
pub(crate) use matching::matched;
pub use refusal::BadCalibration;

use serde::Serialize;

use super::{Detection, Parameters, Sighting, combine};

/// How many plants a photo shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// The expected number, as a whole one.
    pub plants: usize,
    /// Where the true number lies in 95 of 100 photos like those of the calibration;
    /// absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
    /// Boxes at the least confidence that was asked for.
    pub boxes: usize,
}

/// From and to, both included; the expected number lies within.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Range {
    /// Seldom fewer.
    pub low: usize,
    /// Seldom more.
    pub high: usize,
}

impl std::fmt::Display for Estimate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            plants,
            range,
            boxes,
        } = self;
        match range {
            Some(Range { low, high }) => {
                write!(f, "{plants} plants (95 %: {low} to {high}), {boxes} boxes")
            }
            None => write!(f, "{boxes} found"),
        }
    }
}

/// How a photo is to be searched so that it can be counted: with a calibration, also
/// for what is fainter than what is asked for.
pub(crate) fn looking(parameters: Parameters, calibration: Option<&Calibration>) -> Parameters {
    let calibration = calibration.filter(|calibration| calibration.holds_for(&parameters));
    match calibration {
        Some(calibration) => calibration.search().looking(parameters),
        None => parameters,
    }
}

/// Each thing that is at least as sure as asked for, most confident first, and the
/// number of plants that all sightings, faint ones too, speak for. Levels come finest
/// first.
pub(crate) fn count(
    levels: Vec<Vec<Sighting>>,
    parameters: &Parameters,
    calibration: Option<&Calibration>,
) -> (Vec<Detection>, Estimate) {
    let merge = parameters.merge_threshold();
    let calibration = calibration.filter(|calibration| calibration.holds_for(parameters));
    let candidates = calibration.map(|calibration| calibration.search().candidates(&levels));
    let sure = candidates::from(levels, parameters.min_confidence());
    let detections = combine(sure, merge);
    let boxes = detections.len();
    let estimate = match (calibration, candidates) {
        (Some(calibration), Some(candidates)) => calibration.estimate(&candidates, boxes),
        _ => Estimate {
            plants: boxes,
            range: None,
            boxes,
        },
    };
    (detections, estimate)
}

#[cfg(test)]
mod tests;
