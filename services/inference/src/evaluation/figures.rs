//! What is said of a set of pictures.

use serde::Serialize;

/// Everything measured over a set of pictures. Shares are of 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Pictures counted.
    pub pictures: usize,
    /// Plants in them.
    pub plants: usize,
    /// Boxes found, without those on what counts neither way.
    pub boxes: usize,
    /// Windows that the network looked at.
    pub windows: usize,
    /// Boxes against plants.
    pub count_error: CountError,
    /// Expected numbers against plants; absent of a model that was not calibrated.
    pub expected_error: Option<CountError>,
    /// What the intervals held; absent of a model that was not calibrated.
    pub intervals: Option<Intervals>,
    /// Boxes and plants that share half of their union; absent where nobody marked
    /// where the plants are.
    pub by_iou: Option<Agreement>,
    /// Boxes whose centre lies in a plant's box; absent likewise.
    pub by_centre: Option<Agreement>,
    /// By the longer side of a plant. Empty where nothing is marked.
    pub by_size: Vec<Band>,
    /// By how close a plant is to the next one. Empty where nothing is marked.
    pub by_crowding: Vec<Band>,
    /// Pictures by how close most of their plants stand. Empty where nothing is
    /// marked.
    pub pictures_by_crowding: Vec<PictureBand>,
    /// Pictures that show no plant.
    pub without_plants: WithoutPlants,
}

/// How far counts are off.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CountError {
    /// Of all pictures together, signed: above 0 too many were found. Absent without
    /// a plant.
    pub total: Option<f64>,
    /// Mean over the pictures with plants of how far each is off, unsigned.
    pub per_picture: Option<f64>,
}

/// How often and how closely intervals hold the true number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Intervals {
    /// Pictures with an interval.
    pub pictures: usize,
    /// Those whose true number lies in it.
    pub held: usize,
    /// Widths of all intervals together, as a share of the plants; absent without any.
    pub width: Option<f64>,
}

/// How boxes and plants agree.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// Plants that a box hits.
    pub hit: usize,
    /// Plants that no box hits.
    pub missed: usize,
    /// Boxes that hit no plant.
    pub false_boxes: usize,
    /// Share of the boxes that hit a plant; absent without a box.
    pub precision: Option<f64>,
    /// Share of the plants that are hit; absent without a plant.
    pub recall: Option<f64>,
    /// Harmonic mean of both; absent without a box and a plant.
    pub f1: Option<f64>,
}

/// The part of a set with plants of one size or crowding.
///
/// A plant, and the box that hits it, belong to the plant's band; a box that hits
/// none belongs to its own.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Band {
    /// What is in it.
    pub name: &'static str,
    /// By intersection over union.
    pub by_iou: Agreement,
    /// By the centre.
    pub by_centre: Agreement,
}

/// The pictures of one crowding.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PictureBand {
    /// What is in it.
    pub name: &'static str,
    /// Pictures with plants.
    pub pictures: usize,
    /// Plants in them.
    pub plants: usize,
    /// Boxes against plants.
    pub count_error: CountError,
}

/// What is found where there is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct WithoutPlants {
    /// Pictures without a plant.
    pub pictures: usize,
    /// Boxes in them.
    pub false_boxes: usize,
}

// === impl CountError ===

impl CountError {
    /// Over pictures, each given by its plants and what was counted.
    pub(super) fn of(pictures: impl Iterator<Item = (usize, usize)> + Clone) -> Self {
        let (plants, counted) = pictures.clone().fold((0, 0), |sum, picture| {
            (sum.0 + picture.0, sum.1 + picture.1)
        });
        let with_plants = pictures.filter(|(plants, _)| *plants > 0);
        let errors = with_plants.map(|(plants, counted)| share(counted.abs_diff(plants), plants));
        let errors: Vec<f64> = errors.flatten().collect();
        Self {
            total: share(counted, plants).map(|counted| counted - 1.0),
            per_picture: mean(&errors),
        }
    }
}

// === impl Intervals ===

impl Intervals {
    /// Over pictures, each given by its plants and the ends of its interval.
    pub(super) fn of(pictures: &[(usize, usize, usize)]) -> Option<Self> {
        let held = pictures
            .iter()
            .filter(|(plants, low, high)| (low..=high).contains(&plants));
        let plants = pictures.iter().map(|(plants, ..)| plants).sum();
        let widths = pictures.iter().map(|(_, low, high)| high - low).sum();
        (!pictures.is_empty()).then(|| Self {
            pictures: pictures.len(),
            held: held.count(),
            width: share(widths, plants),
        })
    }
}

// === impl Agreement ===

impl Agreement {
    pub(super) fn new(hit: usize, missed: usize, false_boxes: usize) -> Self {
        Self {
            hit,
            missed,
            false_boxes,
            precision: share(hit, hit + false_boxes),
            recall: share(hit, hit + missed),
            f1: share(2 * hit, 2 * hit + missed + false_boxes),
        }
    }
}

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| number(part) / number(whole))
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / number(values.len()))
}

/// Exact: nobody counts 2^52 plants.
#[expect(clippy::cast_precision_loss, reason = "see above")]
fn number(count: usize) -> f64 {
    count as f64
}
