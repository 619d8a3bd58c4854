//! Plants by how large they are and how crowded they stand.

use crate::domain::Rect;

/// Boxes grown by this share of their sides, each way, that still share nothing
/// are apart.
const GAP: f32 = 0.05;
/// A box that shares more than this with its neighbour (of the smaller one) lies
/// over it or under it.
const OVERLAP: f32 = 0.2;

/// How close a plant is to its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Crowding {
    /// There is a gap around it.
    Apart,
    /// Its box touches another one.
    Touching,
    /// A fifth of its box, or of its neighbour's, belongs to both.
    Overlapping,
}

/// A range of the longer side of a box, in pixels of the photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SizeBand {
    pub(super) name: &'static str,
    from: f32,
    below: f32,
}

// === impl Crowding ===

impl Crowding {
    pub(super) const ALL: [Self; 3] = [Self::Apart, Self::Touching, Self::Overlapping];

    /// How close a box is to the nearest of the others.
    pub(super) fn of<'a>(rect: &Rect, others: impl Iterator<Item = &'a Rect>) -> Self {
        let grown = grown(rect);
        let nearest = others.map(|other| {
            if rect.overlap(other) > OVERLAP {
                Self::Overlapping
            } else if grown.shared(&self::grown(other)) > 0.0 {
                Self::Touching
            } else {
                Self::Apart
            }
        });
        nearest.max().unwrap_or(Self::Apart)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Apart => "apart",
            Self::Touching => "touching",
            Self::Overlapping => "overlapping",
        }
    }
}

fn grown(rect: &Rect) -> Rect {
    let (x, y) = (
        GAP * (rect.x_max - rect.x_min),
        GAP * (rect.y_max - rect.y_min),
    );
    Rect {
        x_min: rect.x_min - x,
        y_min: rect.y_min - y,
        x_max: rect.x_max + x,
        y_max: rect.y_max + y,
    }
}

// === impl SizeBand ===

impl SizeBand {
    /// The last one is the sum of those before it without the first.
    pub(super) const ALL: [Self; 6] = [
        Self::new("under 12 px", 0.0, 12.0),
        Self::new("12 to 31 px", 12.0, 32.0),
        Self::new("32 to 95 px", 32.0, 96.0),
        Self::new("96 to 255 px", 96.0, 256.0),
        Self::new("256 px and more", 256.0, f32::INFINITY),
        Self::new("12 px and more", 12.0, f32::INFINITY),
    ];

    const fn new(name: &'static str, from: f32, below: f32) -> Self {
        Self { name, from, below }
    }

    pub(super) fn contains(&self, longer_side: f32) -> bool {
        (self.from..self.below).contains(&longer_side)
    }
}

#[cfg(test)]
mod tests {
    use super::{Crowding, SizeBand};
    use crate::domain::Rect;

    fn at(x: f32) -> Rect {
        Rect {
            x_min: x,
            y_min: 0.0,
            x_max: x + 100.0,
            y_max: 100.0,
        }
    }

    #[test]
    fn crowding_is_that_of_the_nearest_neighbour() {
        for (x, crowding) in [
            (111.0, Crowding::Apart),
            (109.0, Crowding::Touching),
            (81.0, Crowding::Touching),
            (79.0, Crowding::Overlapping),
        ] {
            let others = [at(1000.0), at(x)];
            assert_eq!(Crowding::of(&at(0.0), others.iter()), crowding, "{x}");
        }
        assert_eq!(Crowding::of(&at(0.0), [].iter()), Crowding::Apart);
    }

    #[test]
    fn every_size_is_in_one_band_and_in_the_sum() {
        let (sum, bands) = SizeBand::ALL.split_last().unwrap();
        for side in [0.0, 11.9, 12.0, 31.9, 32.0, 100.0, 256.0, 9e9] {
            let holding = bands.iter().filter(|band| band.contains(side)).count();
            assert_eq!(holding, 1, "{side}");
            assert_eq!(sum.contains(side), side >= 12.0, "{side}");
        }
    }
}
