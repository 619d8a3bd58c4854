//! The head's answers, cell by cell, to boxes and scores.

use super::kernels::Kernels;
use super::plane::{Memory, Plane};
use super::program::Kernel;
use super::simd::{Simd, exp, sigmoid, store_channels};
use crate::network::{BINS, SIDES};

/// Decodes one level into rows of the answer.
#[derive(Debug)]
pub(super) struct Decode {
    pub(super) kernels: &'static Kernels,
    pub(super) from: Plane,
    /// Where this level's first row is in the answer.
    pub(super) first: usize,
    /// Numbers of a row.
    pub(super) rows: usize,
    pub(super) classes: usize,
    /// Pixels of input per cell.
    pub(super) stride: f32,
}

/// One cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    /// Distances to left, top, right and bottom as logits of 16 bins each, then class
    /// logits, then mask coefficients.
    pub(super) input: *const f32,
    /// Centre x and y, width, height, class scores, mask coefficients.
    pub(super) output: *mut f32,
    /// The cell's centre, in cells.
    pub(super) centre: (f32, f32),
    pub(super) stride: f32,
    pub(super) classes: usize,
    pub(super) coefficients: usize,
}

static STEPS: [f32; BINS] = [
    0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0,
];

/// The mean of one distance's distribution, in cells.
#[inline(always)]
unsafe fn mean<S: Simd>(logits: *const f32) -> f32 {
    // SAFETY: the caller vouches for 16 readable logits; a vector has 4, 8 or 16 lanes.
    unsafe {
        let mut largest = S::load(logits);
        for bin in (S::LANES..BINS).step_by(S::LANES) {
            largest = S::max(largest, S::load(logits.add(bin)));
        }
        let largest = S::splat(S::largest(largest));
        let (mut sum, mut moment) = (S::zero(), S::zero());
        for bin in (0..BINS).step_by(S::LANES) {
            let power = exp::<S>(S::sub(S::load(logits.add(bin)), largest));
            sum = S::add(sum, power);
            moment = S::mul_add(power, S::load(STEPS.as_ptr().add(bin)), moment);
        }
        S::sum(moment) / S::sum(sum)
    }
}

/// Decodes one cell.
///
/// # Safety
///
/// The processor must have the instruction set; the input must be readable up to whole
/// vectors, and the output writable.
#[inline(always)]
pub(super) unsafe fn decode<S: Simd>(cell: &Cell) {
    // SAFETY: the caller vouches for the cell.
    unsafe {
        // Written out: a closure would not be compiled for the instruction set.
        let left = mean::<S>(cell.input);
        let top = mean::<S>(cell.input.add(BINS));
        let right = mean::<S>(cell.input.add(2 * BINS));
        let bottom = mean::<S>(cell.input.add(3 * BINS));
        let (x, y) = cell.centre;
        let shape = [
            x + (right - left) / 2.0,
            y + (bottom - top) / 2.0,
            left + right,
            top + bottom,
        ];
        for (row, value) in shape.into_iter().enumerate() {
            cell.output.add(row).write(value * cell.stride);
        }
        let (logits, scores) = (cell.input.add(SIDES), cell.output.add(4));
        for class in (0..cell.classes).step_by(S::LANES) {
            let score = sigmoid::<S>(S::load(logits.add(class)));
            store_channels::<S>(scores.add(class), score, cell.classes - class);
        }
        let from = logits.add(cell.classes);
        from.copy_to_nonoverlapping(scores.add(cell.classes), cell.coefficients);
    }
}

impl Kernel for Decode {
    fn units(&self) -> usize {
        self.from.height
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a map has fewer than 2^24 cells"
    )]
    unsafe fn run(&self, unit: usize, memory: &Memory, _scratch: *mut f32) {
        for x in 0..self.from.width {
            let cell = self.first + unit * self.from.width + x;
            // SAFETY: the plane covers all cells, and the answer has a row for each.
            unsafe {
                (self.kernels.decode)(&Cell {
                    input: memory.at(&self.from, unit, x),
                    output: memory.boxes.add(cell * self.rows),
                    centre: (x as f32 + 0.5, unit as f32 + 0.5),
                    stride: self.stride,
                    classes: self.classes,
                    coefficients: self.rows - 4 - self.classes,
                });
            }
        }
    }
}
