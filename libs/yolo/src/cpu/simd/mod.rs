//! Vectors of single-precision numbers, as wide as the processor has them.
//!
//! Kernels are written once against [`Simd`] and compiled for each instruction
//! set inside a function that enables it, into which everything is inlined.

#[cfg(target_arch = "x86_64")]
pub(super) mod avx2;
#[cfg(target_arch = "x86_64")]
pub(super) mod avx512;
pub(super) mod portable;

/// The vector operations of one instruction set.
///
/// # Safety
///
/// Every method requires that the processor has the instruction set. Pointers
/// need no alignment, but `LANES` values (or `count`, where it is given) behind them
/// must be readable, or writable for stores.
pub(super) trait Simd: Copy {
    /// A vector.
    type V: Copy;

    /// Values in a vector.
    const LANES: usize;

    unsafe fn zero() -> Self::V;
    unsafe fn splat(value: f32) -> Self::V;
    unsafe fn load(from: *const f32) -> Self::V;
    unsafe fn store(to: *mut f32, value: Self::V);
    /// Stores the first `count` lanes, 1 to `LANES`.
    unsafe fn store_first(to: *mut f32, value: Self::V, count: usize);
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V;
    /// `a * b + c`, rounded once where the processor can.
    unsafe fn mul_add(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn min(a: Self::V, b: Self::V) -> Self::V;
    /// `1 / a`, with a relative error below 3e-7.
    unsafe fn reciprocal(a: Self::V) -> Self::V;
    /// `2^a` for `a` up to 127, nothing below 2^-126.
    unsafe fn exp2(a: Self::V) -> Self::V;
    unsafe fn sum(a: Self::V) -> f32;
    unsafe fn largest(a: Self::V) -> f32;
}

/// Stores the lanes of a vector that belong to `left` channels.
///
/// Whole vectors take another way than parts: a masked store is many times slower.
///
/// # Safety
///
/// As for [`Simd`]'s methods.
#[inline(always)]
pub(super) unsafe fn store_channels<S: Simd>(to: *mut f32, value: S::V, left: usize) {
    // SAFETY: the caller vouches for the memory of the channels.
    unsafe {
        if left < S::LANES {
            S::store_first(to, value, left);
        } else {
            S::store(to, value);
        }
    }
}

/// `2^f` for f from 0 to 1, lowest power first: a minimax fit, off by 1.5e-7 at most.
const POWERS: [f32; 6] = [
    0.999_999_94,
    0.693_153_1,
    0.240_153_61,
    5.582_631_4e-2,
    8.989_345e-3,
    1.877_574_3e-3,
];

/// [`POWERS`] at `fraction`.
#[inline(always)]
unsafe fn polynomial<S: Simd>(fraction: S::V) -> S::V {
    // SAFETY: the caller vouches for the instruction set; no memory is touched.
    unsafe {
        let mut sum = S::splat(POWERS[5]);
        sum = S::mul_add(sum, fraction, S::splat(POWERS[4]));
        sum = S::mul_add(sum, fraction, S::splat(POWERS[3]));
        sum = S::mul_add(sum, fraction, S::splat(POWERS[2]));
        sum = S::mul_add(sum, fraction, S::splat(POWERS[1]));
        S::mul_add(sum, fraction, S::splat(POWERS[0]))
    }
}

/// `e^x` for x up to 87: within 2e-7 of exact near 0, and 1e-7 of |x| away from it.
#[inline(always)]
pub(super) unsafe fn exp<S: Simd>(x: S::V) -> S::V {
    // SAFETY: the caller vouches for the instruction set; no memory is touched.
    unsafe {
        let power = S::mul(x, S::splat(std::f32::consts::LOG2_E));
        S::exp2(S::max(power, S::splat(-126.0)))
    }
}

/// `1 / (1 + e^-x)`.
#[inline(always)]
pub(super) unsafe fn sigmoid<S: Simd>(x: S::V) -> S::V {
    // SAFETY: the caller vouches for the instruction set; no memory is touched.
    unsafe {
        // Beyond 2^126 the sum would be infinite and its estimated reciprocal not a number.
        let power = S::mul(x, S::splat(-std::f32::consts::LOG2_E));
        let power = S::min(power, S::splat(126.0));
        S::reciprocal(S::add(S::exp2(power), S::splat(1.0)))
    }
}

/// `x * sigmoid(x)`.
#[inline(always)]
pub(super) unsafe fn silu<S: Simd>(x: S::V) -> S::V {
    // SAFETY: the caller vouches for the instruction set; no memory is touched.
    unsafe { S::mul(x, sigmoid::<S>(x)) }
}
