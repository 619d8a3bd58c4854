//! A row of a 3×3 convolution of each channel alone.

use crate::cpu::simd::{Simd, silu, store_channels};

/// Positions of the window.
pub(in crate::cpu) const TAPS: usize = 9;

/// One row of output.
#[derive(Clone, Copy, Debug)]
pub(in crate::cpu) struct DepthwiseRow {
    /// What the first pixel's upper left tap sees; `input_row` and `input_pixel` lead
    /// to its neighbours.
    pub(in crate::cpu) input: *const f32,
    pub(in crate::cpu) input_row: usize,
    pub(in crate::cpu) input_pixel: usize,
    /// Ten vectors for each vector of channels.
    pub(in crate::cpu) weights: *const f32,
    pub(in crate::cpu) output: *mut f32,
    pub(in crate::cpu) output_pixel: usize,
    /// Added after the activation, or null for nothing.
    pub(in crate::cpu) add: *const f32,
    pub(in crate::cpu) add_pixel: usize,
    pub(in crate::cpu) width: usize,
    pub(in crate::cpu) channels: usize,
    pub(in crate::cpu) activate: bool,
}

/// Computes one row.
///
/// # Safety
///
/// The processor must have the instruction set; the row and its neighbours must be
/// readable up to whole vectors, and the output writable.
#[inline(always)]
pub(in crate::cpu) unsafe fn compute<S: Simd>(row: &DepthwiseRow) {
    // SAFETY: every pointer stays within what the caller vouches for.
    unsafe {
        let mut channel = 0;
        while channel < row.channels {
            let values = row.weights.add(channel * (TAPS + 1));
            let mut weights = [S::zero(); TAPS];
            for (tap, weight) in weights.iter_mut().enumerate() {
                *weight = S::load(values.add(tap * S::LANES));
            }
            let bias = S::load(values.add(TAPS * S::LANES));
            for x in 0..row.width {
                let corner = row.input.add(x * row.input_pixel + channel);
                let mut sums = [bias, S::zero(), S::zero()];
                for (down, sum) in sums.iter_mut().enumerate() {
                    for across in 0..3 {
                        let at = corner.add(down * row.input_row + across * row.input_pixel);
                        *sum = S::mul_add(S::load(at), weights[down * 3 + across], *sum);
                    }
                }
                let mut value = S::add(S::add(sums[0], sums[1]), sums[2]);
                if row.activate {
                    value = silu::<S>(value);
                }
                if !row.add.is_null() {
                    value = S::add(value, S::load(row.add.add(x * row.add_pixel + channel)));
                }
                let output = row.output.add(x * row.output_pixel + channel);
                store_channels::<S>(output, value, row.channels - channel);
            }
            channel += S::LANES;
        }
    }
}
