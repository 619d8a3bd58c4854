//! AVX2 with FMA: 16 registers of 8 numbers.

use std::arch::x86_64::{
    __m256, _mm256_add_epi32, _mm256_add_ps, _mm256_castsi256_ps, _mm256_cvttps_epi32,
    _mm256_div_ps, _mm256_floor_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_loadu_si256,
    _mm256_maskstore_ps, _mm256_max_ps, _mm256_min_ps, _mm256_mul_ps, _mm256_set1_epi32,
    _mm256_set1_ps, _mm256_setzero_ps, _mm256_slli_epi32, _mm256_storeu_ps, _mm256_sub_ps,
};

use super::{Simd, polynomial};

/// Proof of nothing by itself: use it only where AVX2 and FMA were detected.
#[derive(Clone, Copy)]
pub(crate) struct Avx2;

/// Lanes 8 - count and up are a mask for the first `count` lanes.
const MASKS: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];

// SAFETY of every block below: the trait's contract, which the caller keeps.
impl Simd for Avx2 {
    type V = __m256;

    const LANES: usize = 8;

    #[inline(always)]
    unsafe fn zero() -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_setzero_ps() }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, value: __m256) {
        // SAFETY: see above.
        unsafe { _mm256_storeu_ps(to, value) }
    }

    #[inline(always)]
    unsafe fn store_first(to: *mut f32, value: __m256, count: usize) {
        // SAFETY: see above; `count` is 1 to 8, so the mask lies inside `MASKS`.
        unsafe {
            let mask = _mm256_loadu_si256(MASKS.as_ptr().add(8 - count).cast());
            _mm256_maskstore_ps(to, mask, value);
        }
    }

    #[inline(always)]
    unsafe fn add(a: __m256, b: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_add_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn sub(a: __m256, b: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_sub_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn mul(a: __m256, b: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_mul_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn mul_add(a: __m256, b: __m256, c: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    unsafe fn max(a: __m256, b: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_max_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn min(a: __m256, b: __m256) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_min_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn reciprocal(a: __m256) -> __m256 {
        // SAFETY: see above. The 12-bit estimate would need two Newton steps: dividing
        // is as fast.
        unsafe { _mm256_div_ps(_mm256_set1_ps(1.0), a) }
    }

    #[inline(always)]
    unsafe fn exp2(a: __m256) -> __m256 {
        // SAFETY: see above. The floor becomes the exponent's bits.
        unsafe {
            let a = _mm256_max_ps(a, _mm256_set1_ps(-126.0));
            let floor = _mm256_floor_ps(a);
            let fraction = _mm256_sub_ps(a, floor);
            let power = _mm256_add_epi32(_mm256_cvttps_epi32(floor), _mm256_set1_epi32(127));
            let scale = _mm256_castsi256_ps(_mm256_slli_epi32::<23>(power));
            _mm256_mul_ps(polynomial::<Self>(fraction), scale)
        }
    }

    #[inline(always)]
    unsafe fn sum(a: __m256) -> f32 {
        let mut lanes = [0f32; 8];
        // SAFETY: see above; `lanes` has room for 8.
        unsafe { _mm256_storeu_ps(lanes.as_mut_ptr(), a) };
        lanes.iter().sum()
    }

    #[inline(always)]
    unsafe fn largest(a: __m256) -> f32 {
        let mut lanes = [0f32; 8];
        // SAFETY: see above; `lanes` has room for 8.
        unsafe { _mm256_storeu_ps(lanes.as_mut_ptr(), a) };
        lanes.into_iter().fold(f32::NEG_INFINITY, f32::max)
    }
}
