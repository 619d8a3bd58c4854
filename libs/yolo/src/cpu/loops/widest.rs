//! The largest of the neighbours of a pixel.

use crate::cpu::simd::{Simd, store_channels};

/// One pixel and the neighbours it has.
#[derive(Clone, Copy, Debug)]
pub(in crate::cpu) struct Neighbours {
    /// The upper left neighbour.
    pub(in crate::cpu) input: *const f32,
    pub(in crate::cpu) input_row: usize,
    pub(in crate::cpu) input_pixel: usize,
    pub(in crate::cpu) rows: usize,
    pub(in crate::cpu) columns: usize,
    pub(in crate::cpu) output: *mut f32,
    pub(in crate::cpu) channels: usize,
}

/// Computes one pixel.
///
/// # Safety
///
/// The processor must have the instruction set; the neighbours must be readable up to
/// whole vectors, and the output writable.
#[inline(always)]
pub(in crate::cpu) unsafe fn widest<S: Simd>(pixel: &Neighbours) {
    let mut channel = 0;
    while channel < pixel.channels {
        // SAFETY: the caller vouches for the neighbours and the output.
        unsafe {
            let corner = pixel.input.add(channel);
            let mut largest = S::load(corner);
            for y in 0..pixel.rows {
                for x in 0..pixel.columns {
                    let at = corner.add(y * pixel.input_row + x * pixel.input_pixel);
                    largest = S::max(largest, S::load(at));
                }
            }
            let output = pixel.output.add(channel);
            store_channels::<S>(output, largest, pixel.channels - channel);
        }
        channel += S::LANES;
    }
}
