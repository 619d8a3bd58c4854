//! Rectangles and sizes, in pixels with the origin at the top left.

use serde::Serialize;

/// Width and height of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// A rectangle with upright sides, in pixels of the upright picture.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rect {
    /// Left edge.
    pub x_min: f32,
    /// Top edge.
    pub y_min: f32,
    /// Right edge.
    pub x_max: f32,
    /// Bottom edge.
    pub y_max: f32,
}

// === impl Size ===

impl Size {
    /// The longer side.
    pub(crate) fn longer(self) -> u32 {
        self.width.max(self.height)
    }

    /// The rectangle that covers all of it.
    pub(crate) fn rect(self) -> Rect {
        Rect {
            x_min: 0.0,
            y_min: 0.0,
            x_max: pixels(self.width),
            y_max: pixels(self.height),
        }
    }
}

// === impl Rect ===

impl Rect {
    /// Width times height; zero for what has no inside.
    pub(crate) fn area(&self) -> f32 {
        let (width, height) = (self.x_max - self.x_min, self.y_max - self.y_min);
        // False for what is not a number, too.
        if width > 0.0 && height > 0.0 {
            width * height
        } else {
            0.0
        }
    }

    /// Its middle.
    pub(crate) fn centre(&self) -> (f32, f32) {
        let middle = f32::midpoint;
        (
            middle(self.x_min, self.x_max),
            middle(self.y_min, self.y_max),
        )
    }

    /// Of the square that is as large as it.
    pub(crate) fn side(&self) -> f32 {
        self.area().sqrt()
    }

    /// The longer side.
    pub(crate) fn longer(&self) -> f32 {
        (self.x_max - self.x_min).max(self.y_max - self.y_min)
    }

    /// Whether all of the other one lies in it.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        self.x_min <= other.x_min
            && self.y_min <= other.y_min
            && self.x_max >= other.x_max
            && self.y_max >= other.y_max
    }

    /// The area that both cover.
    pub(crate) fn shared(&self, other: &Self) -> f32 {
        self.clipped(other).area()
    }

    /// The part that lies inside `frame`.
    #[must_use]
    pub(crate) fn clipped(&self, frame: &Self) -> Self {
        Self {
            x_min: self.x_min.max(frame.x_min),
            y_min: self.y_min.max(frame.y_min),
            x_max: self.x_max.min(frame.x_max),
            y_max: self.y_max.min(frame.y_max),
        }
    }

    /// Intersection over the smaller one, 0 to 1.
    ///
    /// A plant cut by a tile's border is a part of the whole plant seen in the
    /// next tile: this is near 1 for the two, while intersection over union is
    /// not.
    pub(crate) fn overlap(&self, other: &Self) -> f32 {
        let smaller = self.area().min(other.area());
        if smaller > 0.0 {
            self.shared(other) / smaller
        } else {
            0.0
        }
    }

    /// Intersection over union, 0 to 1.
    pub(crate) fn likeness(&self, other: &Self) -> f32 {
        let shared = self.shared(other);
        let union = self.area() + other.area() - shared;
        if union > 0.0 { shared / union } else { 0.0 }
    }

    /// Scaled from the origin, then moved.
    #[must_use]
    pub(crate) fn placed(&self, scale: f32, (x, y): (f32, f32)) -> Self {
        Self {
            x_min: self.x_min * scale + x,
            y_min: self.y_min * scale + y,
            x_max: self.x_max * scale + x,
            y_max: self.y_max * scale + y,
        }
    }
}

/// A length as a coordinate. Exact: photos are narrower than 2^24 pixels.
#[expect(clippy::cast_precision_loss, reason = "see above")]
pub(crate) fn pixels(length: u32) -> f32 {
    length as f32
}

/// A coordinate in whole pixels or cells; what is negative, or no number, is 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and callers stop at the border"
)]
pub(crate) fn whole_part(coordinate: f32) -> u32 {
    coordinate as u32
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::Rect;

    pub(in crate::domain) fn rect(x: f32, y: f32, width: f32, height: f32) -> Rect {
        Rect {
            x_min: x,
            y_min: y,
            x_max: x + width,
            y_max: y + height,
        }
    }

    #[test]
    fn a_part_overlaps_its_whole_fully() {
        let whole = rect(10.0, 10.0, 40.0, 40.0);
        let part = rect(10.0, 10.0, 40.0, 5.0);

        assert!((part.overlap(&whole) - 1.0).abs() < 1e-6);
        assert!((whole.overlap(&rect(30.0, 10.0, 40.0, 40.0)) - 0.5).abs() < 1e-6);
        assert!(whole.overlap(&rect(60.0, 10.0, 5.0, 5.0)).abs() < f32::EPSILON);
    }

    #[test]
    fn what_has_no_inside_overlaps_nothing() {
        let whole = rect(0.0, 0.0, 9.0, 9.0);

        for empty in [
            rect(2.0, 2.0, 0.0, 5.0),
            rect(2.0, 2.0, -1.0, -1.0),
            rect(f32::NAN, 0.0, 1.0, 1.0),
        ] {
            assert!(whole.overlap(&empty).abs() < f32::EPSILON);
        }
    }

    proptest! {
        #[test]
        fn overlap_is_symmetric_and_a_share(
            a in prop::array::uniform4(0f32..100.0), b in prop::array::uniform4(0f32..100.0),
        ) {
            let [a, b] = [a, b].map(|[x, y, width, height]| rect(x, y, width, height));
            prop_assert!((a.overlap(&b) - b.overlap(&a)).abs() < 1e-4);
            prop_assert!((0.0..=1.001).contains(&a.overlap(&b)));
        }
    }
}
