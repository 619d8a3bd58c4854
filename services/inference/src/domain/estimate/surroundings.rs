//! How crowded it is around a box.

use crate::domain::{Detection, Rect};

/// Neighbours stand within so many diameters.
const REACH: f32 = 1.5;
/// Enough neighbours: more make it no more crowded.
const PLENTY: f64 = 16.0;

/// The boxes of a photo, by place.
pub(super) struct Surroundings {
    /// Along the longer side of the crowd; sorted by `along`.
    spots: Vec<Spot>,
    lies_across: bool,
}

#[derive(Clone, Copy)]
struct Spot {
    along: f32,
    aside: f32,
    chance: f64,
    index: usize,
}

// === impl Surroundings ===

impl Surroundings {
    /// Of boxes and the chance that each is a plant.
    pub(super) fn of(boxes: &[Detection], chances: &[f64]) -> Self {
        let centres: Vec<_> = boxes.iter().map(|found| found.rect.centre()).collect();
        let spread = |side: fn(&(f32, f32)) -> f32| {
            let sides = centres.iter().map(side);
            let (low, high) = sides.fold((f32::MAX, f32::MIN), |(low, high), at| {
                (low.min(at), high.max(at))
            });
            high - low
        };
        let lies_across = spread(|centre| centre.0) >= spread(|centre| centre.1);
        let mut spots: Vec<Spot> = Vec::with_capacity(boxes.len());
        for (index, (centre, chance)) in centres.iter().zip(chances).enumerate() {
            let (along, aside) = turned(*centre, lies_across);
            spots.push(Spot {
                along,
                aside,
                chance: *chance,
                index,
            });
        }
        spots.sort_by(|a, b| a.along.total_cmp(&b.along));
        Self { spots, lies_across }
    }

    /// The expected number of plants around a box, without the box of this index.
    pub(super) fn crowding(&self, rect: &Rect, itself: Option<usize>) -> f64 {
        let reach = REACH * rect.side();
        let (along, aside) = turned(rect.centre(), self.lies_across);
        let first = self
            .spots
            .partition_point(|spot| spot.along < along - reach);
        let mut neighbours = 0.0;
        for spot in &self.spots[first..] {
            if spot.along > along + reach || neighbours >= PLENTY {
                break;
            }
            let (x, y) = (spot.along - along, spot.aside - aside);
            let near = x * x + y * y <= reach * reach;
            if near && itself != Some(spot.index) {
                neighbours += spot.chance;
            }
        }
        neighbours
    }
}

fn turned((x, y): (f32, f32), lies_across: bool) -> (f32, f32) {
    if lies_across { (x, y) } else { (y, x) }
}
