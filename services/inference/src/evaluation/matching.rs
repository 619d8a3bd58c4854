//! Which box is which plant.

use crate::domain::Rect;

/// Intersection over union from which a box and a plant are one.
const SAME: f32 = 0.5;
/// A box that lies in an ignored one with at least this share is ignored, too.
const IN_IGNORED: f32 = 0.5;

/// When a box and a plant are the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Criterion {
    /// Their intersection is at least half of their union.
    Iou,
    /// The box's centre lies in the plant's box.
    Centre,
}

// === impl Criterion ===

impl Criterion {
    /// Intersection over union of a box and a plant that are the same thing.
    fn agreement(self, found: &Rect, plant: &Rect) -> Option<f32> {
        let iou = iou(found, plant);
        let same = match self {
            Self::Iou => iou >= SAME,
            Self::Centre => contains_centre(plant, found),
        };
        same.then_some(iou)
    }
}

/// The plant that each box hits. Boxes come most confident first and choose in this
/// order; each chooses the plant that it agrees with best of those not yet hit.
pub(super) fn hits(found: &[Rect], plants: &[Rect], criterion: Criterion) -> Vec<Option<usize>> {
    let mut free: Vec<bool> = vec![true; plants.len()];
    let choose = |found: &Rect| {
        let open = plants.iter().enumerate().filter(|(index, _)| free[*index]);
        let same = open.filter_map(|(index, plant)| {
            let agreement = criterion.agreement(found, plant)?;
            Some((index, agreement))
        });
        let (best, _) = same.max_by(|(_, a), (_, b)| a.total_cmp(b))?;
        free[best] = false;
        Some(best)
    };
    found.iter().map(choose).collect()
}

/// Whether a box shows what counts neither way: it lies for the most part in an
/// ignored box, and its centre in no plant.
pub(super) fn is_ignored(found: &Rect, plants: &[Rect], ignored: &[Rect]) -> bool {
    let lies_in = |ignored: &Rect| ignored.shared(found) >= IN_IGNORED * found.area();
    ignored.iter().any(lies_in) && !plants.iter().any(|plant| contains_centre(plant, found))
}

fn iou(a: &Rect, b: &Rect) -> f32 {
    let shared = a.shared(b);
    let union = a.area() + b.area() - shared;
    if union > 0.0 { shared / union } else { 0.0 }
}

fn contains_centre(outer: &Rect, inner: &Rect) -> bool {
    let x = f32::midpoint(inner.x_min, inner.x_max);
    let y = f32::midpoint(inner.y_min, inner.y_max);
    (outer.x_min..=outer.x_max).contains(&x) && (outer.y_min..=outer.y_max).contains(&y)
}

#[cfg(test)]
mod tests {
    use super::{Criterion, hits, is_ignored};
    use crate::domain::Rect;

    fn rect(x_min: f32, y_min: f32, x_max: f32, y_max: f32) -> Rect {
        Rect {
            x_min,
            y_min,
            x_max,
            y_max,
        }
    }

    #[test]
    fn boxes_that_share_half_of_their_union_are_one_thing() {
        let plant = rect(0.0, 0.0, 10.0, 10.0);
        // 100 of 150, and 100 of 210.
        let close = rect(0.0, 0.0, 10.0, 15.0);
        let loose = rect(0.0, 0.0, 10.0, 21.0);

        assert_eq!(hits(&[close], &[plant], Criterion::Iou), [Some(0)]);
        assert_eq!(hits(&[loose], &[plant], Criterion::Iou), [None]);
        // Its centre is at 10.5.
        assert_eq!(hits(&[loose], &[plant], Criterion::Centre), [None]);
        let inside = rect(4.0, 4.0, 5.0, 5.0);
        assert_eq!(hits(&[inside], &[plant], Criterion::Centre), [Some(0)]);
    }

    #[test]
    fn a_plant_is_hit_once_and_the_surer_box_chooses_first() {
        let plants = [rect(0.0, 0.0, 10.0, 10.0), rect(6.0, 0.0, 16.0, 10.0)];
        let sure = rect(5.5, 0.0, 15.5, 10.0);
        let less_sure = rect(6.0, 0.0, 16.0, 10.0);

        let hits = hits(&[sure, less_sure, sure], &plants, Criterion::Centre);

        assert_eq!(hits, [Some(1), None, None], "11 is in the second one only");
    }

    #[test]
    fn what_lies_in_an_ignored_box_is_ignored_unless_it_is_on_a_plant() {
        let ignored = [rect(0.0, 0.0, 10.0, 10.0)];
        let plants = [rect(8.0, 0.0, 20.0, 10.0)];

        assert!(is_ignored(&rect(1.0, 1.0, 5.0, 5.0), &plants, &ignored));
        assert!(!is_ignored(&rect(8.0, 1.0, 10.0, 5.0), &plants, &ignored));
        assert!(!is_ignored(&rect(-9.0, 1.0, 5.0, 5.0), &plants, &ignored));
    }
}
