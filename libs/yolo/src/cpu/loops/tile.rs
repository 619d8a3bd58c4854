//! The register tile: a few pixels by a few vectors of output channels.
//!
//! Everything that multiplies is made of it: convolutions (a tap is one position of
//! the window), the products inside a Winograd convolution, and attention.

use crate::cpu::simd::{Simd, silu, store_channels};

/// Repeats a block for `$index` from 0 to `$count`, at most 12, without a loop.
///
/// The optimiser keeps an array in registers only when every index is a constant;
/// it does not reliably unroll nested loops of this size. Each condition is a constant
/// too, of which only the true branch is compiled: of the 144 blocks of a nested loop
/// most tiles have a few, and there are 75 tiles.
macro_rules! unroll {
    ($index:ident < $count:expr, $body:block) => {
        unroll!(@ $index, $count, $body, 0 1 2 3 4 5 6 7 8 9 10 11)
    };
    (@ $index:ident, $count:expr, $body:block, $($at:literal)*) => {
        $(if const { $at < $count } {
            let $index: usize = $at;
            $body
        })*
    };
}

/// What one register tile computes, for `M` pixels and `N` vectors of channels:
///
/// `output[m][n] = act(bias[n] + Σ_tap Σ_k input[m][tap][k] * weights[tap][k][n]) + add[m][n]`
///
/// All steps and strides are in numbers, not bytes.
#[derive(Clone, Copy, Debug)]
pub(in crate::cpu) struct Tile {
    /// What the first pixel sees at offset 0.
    pub(in crate::cpu) input: *const f32,
    /// From one pixel to the next.
    pub(in crate::cpu) input_step: usize,
    /// Offset of each tap.
    pub(in crate::cpu) taps: *const isize,
    pub(in crate::cpu) tap_count: usize,
    /// Numbers summed up in each tap.
    pub(in crate::cpu) depth: usize,
    /// `N` vectors of weights for each tap and depth.
    pub(in crate::cpu) weights: *const f32,
    /// From one depth to the next.
    pub(in crate::cpu) weight_step: usize,
    /// From one tap to the next.
    pub(in crate::cpu) weight_tap_step: usize,
    /// `N` vectors, or null for none.
    pub(in crate::cpu) bias: *const f32,
    pub(in crate::cpu) output: *mut f32,
    pub(in crate::cpu) output_step: usize,
    /// Added after the activation, or null for nothing.
    pub(in crate::cpu) add: *const f32,
    pub(in crate::cpu) add_step: usize,
    /// Channels of the last vector, 1 to `LANES`; the others are not written.
    pub(in crate::cpu) last: usize,
    /// Whether SiLU is applied.
    pub(in crate::cpu) activate: bool,
}

/// Computes one tile.
///
/// # Safety
///
/// The processor must have the instruction set. For all of `M` pixels, taps and
/// depths the input must be readable, likewise `N * LANES` weights and bias
/// values; output and `add` likewise up to `last` of the last vector. `add` may equal
/// `output`, nothing else that is read may overlap it.
#[inline(always)]
pub(in crate::cpu) unsafe fn compute<S: Simd, const M: usize, const N: usize>(tile: &Tile) {
    // SAFETY: every pointer stays within what the caller vouches for.
    unsafe {
        let mut sums = [[S::zero(); N]; M];
        if !tile.bias.is_null() {
            unroll!(n < N, {
                let bias = S::load(tile.bias.add(n * S::LANES));
                unroll!(m < M, { sums[m][n] = bias });
            });
        }
        let mut tap_weights = tile.weights;
        for tap in 0..tile.tap_count {
            let first = tile.input.offset(*tile.taps.add(tap));
            let mut rows = [first; M];
            unroll!(m < M, { rows[m] = first.add(m * tile.input_step) });
            let mut weights = tap_weights;
            for k in 0..tile.depth {
                let mut vectors = [S::zero(); N];
                unroll!(n < N, { vectors[n] = S::load(weights.add(n * S::LANES)) });
                unroll!(m < M, {
                    let pixel = S::splat(*rows[m].add(k));
                    unroll!(n < N, {
                        sums[m][n] = S::mul_add(pixel, vectors[n], sums[m][n]);
                    });
                });
                weights = weights.add(tile.weight_step);
            }
            tap_weights = tap_weights.add(tile.weight_tap_step);
        }
        finish::<S, M, N>(tile, &sums);
    }
}

/// Activates, adds and stores.
///
/// # Safety
///
/// As for [`compute`].
#[inline(always)]
unsafe fn finish<S: Simd, const M: usize, const N: usize>(tile: &Tile, sums: &[[S::V; N]; M]) {
    // SAFETY: every pointer stays within what the caller vouches for.
    unsafe {
        unroll!(m < M, {
            let output = tile.output.add(m * tile.output_step);
            let add = tile.add.wrapping_add(m * tile.add_step);
            unroll!(n < N, {
                let sum = sums[m][n];
                let mut value = if tile.activate { silu::<S>(sum) } else { sum };
                if !tile.add.is_null() {
                    value = S::add(value, S::load(add.add(n * S::LANES)));
                }
                let output = output.add(n * S::LANES);
                if n + 1 == N {
                    store_channels::<S>(output, value, tile.last);
                } else {
                    S::store(output, value);
                }
            });
        });
    }
}

/// Cuts `length` into as few pieces of at most `most` as possible, as equal as can be.
pub(in crate::cpu) fn pieces(length: usize, most: usize) -> impl Iterator<Item = usize> {
    let count = length.div_ceil(most).max(1);
    let (size, longer) = (length / count, length % count);
    (0..count).map(move |index| size + usize::from(index < longer))
}
