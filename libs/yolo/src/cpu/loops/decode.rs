//! One cell of the head's answer, to a box and scores.

use crate::cpu::simd::{Simd, exp, sigmoid, store_channels};
use crate::network::{BINS, SIDES};

/// One cell.
#[derive(Clone, Copy, Debug)]
pub(in crate::cpu) struct Cell {
    /// Distances to left, top, right and bottom as logits of 16 bins each, then class
    /// logits, then mask coefficients.
    pub(in crate::cpu) input: *const f32,
    /// Centre x and y, width, height, class scores, mask coefficients.
    pub(in crate::cpu) output: *mut f32,
    /// The cell's centre, in cells.
    pub(in crate::cpu) centre: (f32, f32),
    pub(in crate::cpu) stride: f32,
    pub(in crate::cpu) classes: usize,
    pub(in crate::cpu) coefficients: usize,
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
pub(in crate::cpu) unsafe fn decode<S: Simd>(cell: &Cell) {
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
