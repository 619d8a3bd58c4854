//! From scores to weights that sum to one.

use crate::cpu::simd::{Simd, exp};

/// One row of scores to turn into weights.
#[derive(Clone, Copy, Debug)]
pub(in crate::cpu) struct Row {
    pub(in crate::cpu) scores: *mut f32,
    pub(in crate::cpu) count: usize,
    /// Scores are multiplied by it first.
    pub(in crate::cpu) scale: f32,
}

/// So low that its exponential is zero.
const NOTHING: f32 = -1e9;

/// `softmax(scale * scores)`, in place.
///
/// # Safety
///
/// The processor must have the instruction set; the scores must be readable and writable
/// up to whole vectors.
#[inline(always)]
pub(in crate::cpu) unsafe fn normalise<S: Simd>(row: &Row) {
    // SAFETY: the caller vouches for the scores.
    unsafe {
        let padded = row.count.next_multiple_of(S::LANES);
        for index in row.count..padded {
            row.scores.add(index).write(NOTHING);
        }
        let mut largest = S::splat(NOTHING);
        for index in (0..padded).step_by(S::LANES) {
            largest = S::max(largest, S::load(row.scores.add(index)));
        }
        let largest = S::splat(S::largest(largest));
        let scale = S::splat(row.scale);
        let mut sum = S::zero();
        for index in (0..padded).step_by(S::LANES) {
            let at = row.scores.add(index);
            let power = exp::<S>(S::mul(S::sub(S::load(at), largest), scale));
            S::store(at, power);
            sum = S::add(sum, power);
        }
        let share = S::splat(1.0 / S::sum(sum));
        for index in (0..padded).step_by(S::LANES) {
            let at = row.scores.add(index);
            S::store(at, S::mul(S::load(at), share));
        }
    }
}
