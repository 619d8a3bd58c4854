//! Steps that only move numbers: pooling, doubling, and taking the input in.

use super::instruction_sets::Kernels;
use super::kernel::Kernel;
use super::loops::widest::Neighbours;
use super::plane::{Memory, Pixels, Plane};

/// Pixels to each side that pooling looks at.
const REACH: usize = 2;

/// The largest of the 5×5 neighbours.
#[derive(Debug)]
pub(super) struct Widest {
    pub(super) kernels: &'static Kernels,
    pub(super) from: Plane,
    pub(super) to: Plane,
}

impl Kernel for Widest {
    fn units(&self) -> usize {
        self.to.height
    }

    unsafe fn run(&self, unit: usize, memory: &Memory, _scratch: *mut f32) {
        let reach = |at: usize, length: usize| {
            let first = at.saturating_sub(REACH);
            (first, (at + REACH + 1).min(length) - first)
        };
        let (top, rows) = reach(unit, self.from.height);
        for x in 0..self.to.width {
            let (left, columns) = reach(x, self.from.width);
            // SAFETY: only neighbours inside the map are looked at.
            unsafe {
                (self.kernels.widest)(&Neighbours {
                    input: memory.at(&self.from, top, left),
                    input_row: self.from.row,
                    input_pixel: self.from.pixel,
                    rows,
                    columns,
                    output: memory.at(&self.to, unit, x),
                    channels: self.to.channels,
                });
            }
        }
    }
}

/// Repeats every pixel across and down.
#[derive(Debug)]
pub(super) struct Double {
    pub(super) from: Plane,
    pub(super) to: Plane,
}

impl Kernel for Double {
    fn units(&self) -> usize {
        self.from.height
    }

    unsafe fn run(&self, unit: usize, memory: &Memory, _scratch: *mut f32) {
        for x in 0..self.from.width {
            for (down, across) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                // SAFETY: the target has twice the height and width, and is another map.
                unsafe {
                    let from = memory.at(&self.from, unit, x);
                    let to = memory.at(&self.to, 2 * unit + down, 2 * x + across);
                    from.copy_to_nonoverlapping(to, self.from.channels);
                }
            }
        }
    }
}

/// Copies the input's pixels, whatever the order of its channels, rows and columns.
#[derive(Debug)]
pub(super) struct Take {
    pub(super) to: Plane,
}

impl Kernel for Take {
    fn units(&self) -> usize {
        self.to.height
    }

    unsafe fn run(&self, unit: usize, memory: &Memory, _scratch: *mut f32) {
        // SAFETY: the input has the plane's shape.
        unsafe {
            let to = memory.at(&self.to, unit, 0);
            let steps = memory.input_steps;
            match memory.input {
                Pixels::Single(from) => {
                    self.row((from.add(unit * steps[1]), steps), to, |value| value);
                }
                Pixels::Bytes(from) => {
                    let from = from.add(unit * steps[1]);
                    self.row((from, steps), to, |value| f32::from(value) * (1.0 / 255.0));
                }
            }
        }
    }
}

// === impl Take ===

impl Take {
    /// One row of pixels, which begin at `from`, each number turned by `turn`.
    ///
    /// # Safety
    ///
    /// As for [`Kernel::run`].
    unsafe fn row<T: Copy>(
        &self,
        (from, [channel, _, column]): (*const T, [usize; 3]),
        to: *mut f32,
        turn: impl Fn(T) -> f32,
    ) {
        let channels = self.to.channels;
        // SAFETY: the caller vouches for the input.
        unsafe {
            if (channel, column) == (1, channels) && self.to.is_dense() {
                for index in 0..channels * self.to.width {
                    to.add(index).write(turn(from.add(index).read()));
                }
                return;
            }
            // One channel after the other: a loop of fixed step for each.
            for index in 0..channels {
                let (from, to) = (from.add(index * channel), to.add(index));
                for x in 0..self.to.width {
                    to.add(x * self.to.pixel)
                        .write(turn(from.add(x * column).read()));
                }
            }
        }
    }
}
