//! Outlines of the boxes that a segment network kept.

use candle_core::Tensor;

use crate::Result;
use crate::detection::Detection;
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

/// The prototypes of one picture, on the host.
pub(crate) struct Prototypes {
    values: Vec<f32>,
    width: usize,
    height: usize,
}

// === impl Mask ===

impl Mask {
    /// Number of pixels that belong to the thing.
    pub fn area(&self) -> usize {
        self.inside.iter().filter(|inside| **inside).count()
    }
}

// === impl Prototypes ===

impl Prototypes {
    /// Takes `[32, height, width]` off the device.
    pub(crate) fn of(prototypes: &Tensor) -> Result<Self> {
        let (_, height, width) = prototypes.dims3()?;
        let values = prototypes.flatten_all()?.to_vec1::<f32>()?;
        Ok(Self {
            values,
            width,
            height,
        })
    }

    /// The mask of one box: the prototypes weighed by its coefficients, above zero.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "boxes were clamped to the picture"
    )]
    pub(crate) fn mask(
        &self,
        found: &Detection,
        coefficients: &[f32],
        placement: Placement,
    ) -> Mask {
        let (left, top) = (found.x_min.floor() as u32, found.y_min.floor() as u32);
        let width = (found.x_max.ceil() as u32).saturating_sub(left);
        let height = (found.y_max.ceil() as u32).saturating_sub(top);
        let near = placement.to_input((left as f32, top as f32));
        let far = placement.to_input(((left + width) as f32, (top + height) as f32));
        let patch = self.weigh(coefficients, near, far);
        let mut inside = Vec::with_capacity(index(width) * index(height));
        for row in 0..height {
            for column in 0..width {
                let centre = ((left + column) as f32 + 0.5, (top + row) as f32 + 0.5);
                let (x, y) = placement.to_input(centre);
                let (x, y) = (x / PROTOTYPE_STRIDE - 0.5, y / PROTOTYPE_STRIDE - 0.5);
                inside.push(patch.at(x, y) > 0.0);
            }
        }
        Mask {
            left,
            top,
            width,
            height,
            inside,
        }
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
        let mut values = vec![0f32; width * height];
        let plane = self.width * self.height;
        for (coefficient, prototype) in coefficients.iter().zip(self.values.chunks_exact(plane)) {
            for (row, sums) in values.chunks_exact_mut(width).enumerate() {
                let line = &prototype[(top + row) * self.width + left..];
                for (sum, value) in sums.iter_mut().zip(line) {
                    *sum += coefficient * value;
                }
            }
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

/// A part of the weighed prototypes.
struct Patch {
    values: Vec<f32>,
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

// === impl Patch ===

impl Patch {
    /// The value between pixels, as the eye would expect it.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "clamped to the size of the patch"
    )]
    fn at(&self, x: f32, y: f32) -> f32 {
        let x = (x - self.left as f32).clamp(0.0, (self.width - 1) as f32);
        let y = (y - self.top as f32).clamp(0.0, (self.height - 1) as f32);
        let (column, row) = (x as usize, y as usize);
        let (right, below) = (
            (column + 1).min(self.width - 1),
            (row + 1).min(self.height - 1),
        );
        let (across, down) = (x - column as f32, y - row as f32);
        let value = |row: usize, column: usize| self.values[row * self.width + column];
        let upper = value(row, column) * (1.0 - across) + value(row, right) * across;
        let lower = value(below, column) * (1.0 - across) + value(below, right) * across;
        upper * (1.0 - down) + lower * down
    }
}
