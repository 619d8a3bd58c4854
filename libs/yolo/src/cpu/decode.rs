//! The head's answers, cell by cell, to boxes and scores.

use super::instruction_sets::Kernels;
use super::kernel::Kernel;
use super::loops::decode::Cell;
use super::plane::{Memory, Plane};

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
