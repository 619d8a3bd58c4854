//! Outlines of the boxes that a segment network kept.

use crate::letterbox::{Placement, index};

/// Input pixels per prototype pixel.
const PROTOTYPE_STRIDE: f32 = 4.0;

/// Which pixels of a box belong to the thing, in pixels of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    /// Left edge.
    pub left: u32,
    /// Top edge.
    pub top: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Row by row; true where the thing is.
    pub inside: Vec<bool>,
}

/// The prototypes of one picture, on the host: row by row, 32 to a pixel.
#[derive(Clone, Copy)]
pub(crate) struct Prototypes<'a> {
    values: &'a [f32],
    width: usize,
    height: usize,
}

// === impl Mask ===

impl Mask {
    /// The pixels that a box touches, none of them looked at yet.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "boxes were clamped to the picture"
    )]
    pub(crate) fn frame([left, top, right, bottom]: [f32; 4]) -> Self {
        let (left, top) = (left.floor() as u32, top.floor() as u32);
        Self {
            left,
            top,
            width: (right.ceil() as u32).saturating_sub(left),
            height: (bottom.ceil() as u32).saturating_sub(top),
            inside: Vec::new(),
        }
    }

    /// Number of pixels, of the thing or not.
    pub(crate) fn pixels(&self) -> usize {
        index(self.width) * index(self.height)
    }

    /// Number of pixels that belong to the thing.
    pub fn area(&self) -> usize {
        self.inside.iter().filter(|inside| **inside).count()
    }
}

// === impl Prototypes ===

impl<'a> Prototypes<'a> {
    pub(crate) fn new(values: &'a [f32], (height, width): (usize, usize)) -> Self {
        Self {
            values,
            width,
            height,
        }
    }

    /// The mask of one box: the prototypes weighed by its coefficients, above zero.
    #[expect(
        clippy::cast_precision_loss,
        reason = "boxes were clamped to the picture"
    )]
    pub(crate) fn mask(
        &self,
        corners: [f32; 4],
        coefficients: &[f32],
        placement: Placement,
    ) -> Mask {
        let mut mask = Mask::frame(corners);
        let Mask {
            left,
            top,
            width,
            height,
            ..
        } = mask;
        let near = placement.to_input((left as f32, top as f32));
        let far = placement.to_input(((left + width) as f32, (top + height) as f32));
        let patch = self.weigh(coefficients, near, far);
        let centre = |start: u32, step: u32| (start + step) as f32 + 0.5;
        let at = |input: f32| input / PROTOTYPE_STRIDE - 0.5;
        let across: Vec<Between> = (0..width)
            .map(|column| at(placement.to_input((centre(left, column), 0.0)).0))
            .map(|x| Between::new(x, patch.left, patch.width))
            .collect();
        let down = (0..height)
            .map(|row| at(placement.to_input((0.0, centre(top, row))).1))
            .map(|y| Between::new(y, patch.top, patch.height));
        let wide = patch.widened(&across);
        mask.inside.reserve_exact(mask.pixels());
        for place in down {
            let line = |row: usize| &wide[row * across.len()..(row + 1) * across.len()];
            let pairs = line(place.first).iter().zip(line(place.second));
            let inside = pairs.map(|(upper, lower)| place.blend(*upper, *lower) > 0.0);
            mask.inside.extend(inside);
        }
        mask
    }

    /// The weighed sum over the part of the prototypes that a box covers.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the size of the prototypes"
    )]
    fn weigh(&self, coefficients: &[f32], near: (f32, f32), far: (f32, f32)) -> Patch {
        let start = |value: f32| (value / PROTOTYPE_STRIDE - 1.0).max(0.0) as usize;
        let end =
            |value: f32, most: usize| ((value / PROTOTYPE_STRIDE).max(0.0) as usize + 2).min(most);
        let (left, top) = (
            start(near.0).min(self.width - 1),
            start(near.1).min(self.height - 1),
        );
        let right = end(far.0, self.width).max(left + 1);
        let bottom = end(far.1, self.height).max(top + 1);
        let (width, height) = (right - left, bottom - top);
        let depth = coefficients.len().max(1);
        let mut values = Vec::with_capacity(width * height);
        for row in top..bottom {
            let line = &self.values[(row * self.width + left) * depth..][..width * depth];
            values.extend(
                line.chunks_exact(depth)
                    .map(|pixel| dot(pixel, coefficients)),
            );
        }
        Patch {
            values,
            left,
            top,
            width,
            height,
        }
    }
}

fn dot(pixel: &[f32], coefficients: &[f32]) -> f32 {
    // Eight sums side by side, which a vector holds; one after another they would wait
    // for each other.
    let mut sums = [0f32; 8];
    for (index, (value, coefficient)) in pixel.iter().zip(coefficients).enumerate() {
        sums[index % 8] += value * coefficient;
    }
    sums.iter().sum()
}

/// A part of the weighed prototypes.
struct Patch {
    values: Vec<f32>,
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

/// A place between two neighbouring pixels.
#[derive(Clone, Copy)]
struct Between {
    first: usize,
    second: usize,
    /// Of the second, 0 to 1.
    share: f32,
}

// === impl Patch ===

impl Patch {
    /// Its rows at the picture's columns: what lies between two pixels is between them,
    /// as the eye would expect it.
    fn widened(&self, across: &[Between]) -> Vec<f32> {
        let rows = self.values.chunks_exact(self.width);
        let wide = rows.flat_map(|row| {
            let blend = |place: &Between| place.blend(row[place.first], row[place.second]);
            across.iter().map(blend)
        });
        wide.collect()
    }
}

// === impl Between ===

impl Between {
    /// A place in a row of pixels that begins at `start`, or the nearest in it.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "clamped to the size of the patch"
    )]
    fn new(place: f32, start: usize, length: usize) -> Self {
        let place = (place - start as f32).clamp(0.0, (length - 1) as f32);
        let first = place as usize;
        Self {
            first,
            second: (first + 1).min(length - 1),
            share: place - first as f32,
        }
    }

    fn blend(self, first: f32, second: f32) -> f32 {
        first * (1.0 - self.share) + second * self.share
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Mask, PROTOTYPE_STRIDE, Patch, Placement, Prototypes};

    /// The weighed prototypes at one place, with all its arithmetic.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "as in the code it checks"
    )]
    fn at(patch: &Patch, x: f32, y: f32) -> f32 {
        let x = (x - patch.left as f32).clamp(0.0, (patch.width - 1) as f32);
        let y = (y - patch.top as f32).clamp(0.0, (patch.height - 1) as f32);
        let (column, row) = (x as usize, y as usize);
        let right = (column + 1).min(patch.width - 1);
        let below = (row + 1).min(patch.height - 1);
        let (across, down) = (x - column as f32, y - row as f32);
        let value = |row: usize, column: usize| patch.values[row * patch.width + column];
        let upper = value(row, column) * (1.0 - across) + value(row, right) * across;
        let lower = value(below, column) * (1.0 - across) + value(below, right) * across;
        upper * (1.0 - down) + lower * down
    }

    #[expect(clippy::cast_precision_loss, reason = "pixels of a picture")]
    fn pixel_by_pixel(patch: &Patch, mask: &Mask, placement: Placement) -> Vec<bool> {
        let rows = mask.top..mask.top + mask.height;
        let columns = mask.left..mask.left + mask.width;
        let places = rows.flat_map(|row| columns.clone().map(move |column| (row, column)));
        let inside = places.map(|(row, column)| {
            let centre = (column as f32 + 0.5, row as f32 + 0.5);
            let (x, y) = placement.to_input(centre);
            at(
                patch,
                x / PROTOTYPE_STRIDE - 0.5,
                y / PROTOTYPE_STRIDE - 0.5,
            ) > 0.0
        });
        inside.collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn a_mask_is_what_it_is_pixel_by_pixel(
            (width, height) in (20u32..400, 20u32..400),
            (x, y) in (0f32..1.0, 0f32..1.0),
            (across, down) in (0f32..1.0, 0f32..1.0),
            values in prop::collection::vec(-1f32..1.0, 2 * 16 * 16),
        ) {
            let placement = Placement::new((width, height), 64);
            #[expect(clippy::cast_precision_loss, reason = "pixels of a picture")]
            let (right, bottom) = (width as f32, height as f32);
            let ends = ((x + across).min(1.0), (y + down).min(1.0));
            let corners = [x * right, y * bottom, ends.0 * right, ends.1 * bottom];
            let prototypes = Prototypes::new(&values, (16, 16));
            let coefficients = [0.7, -0.4];

            let mask = prototypes.mask(corners, &coefficients, placement);

            #[expect(clippy::cast_precision_loss, reason = "pixels of a picture")]
            let corner = |x: u32, y: u32| placement.to_input((x as f32, y as f32));
            let near = corner(mask.left, mask.top);
            let far = corner(mask.left + mask.width, mask.top + mask.height);
            let patch = prototypes.weigh(&coefficients, near, far);
            prop_assert_eq!(&mask.inside, &pixel_by_pixel(&patch, &mask, placement));
        }
    }
}
