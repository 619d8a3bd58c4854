//! Arrays of four, which compilers turn into the vectors of any processor (NEON
//! among them). Also what runs under Miri.

use super::{Simd, polynomial};

/// Works everywhere.
#[derive(Clone, Copy)]
pub(crate) struct Portable;

const LANES: usize = 4;

type Four = [f32; LANES];

#[inline(always)]
fn map(a: Four, b: Four, with: impl Fn(f32, f32) -> f32) -> Four {
    let mut result = a;
    for lane in 0..LANES {
        result[lane] = with(a[lane], b[lane]);
    }
    result
}

impl Simd for Portable {
    type V = Four;

    const LANES: usize = LANES;

    #[inline(always)]
    unsafe fn zero() -> Four {
        [0.0; LANES]
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Four {
        [value; LANES]
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Four {
        // SAFETY: the caller vouches for four readable values.
        unsafe { from.cast::<Four>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, value: Four) {
        // SAFETY: the caller vouches for four writable values.
        unsafe { to.cast::<Four>().write_unaligned(value) }
    }

    #[inline(always)]
    unsafe fn store_first(to: *mut f32, value: Four, count: usize) {
        for (lane, value) in value.into_iter().enumerate().take(count) {
            // SAFETY: the caller vouches for `count` writable values.
            unsafe { to.add(lane).write(value) }
        }
    }

    #[inline(always)]
    unsafe fn add(a: Four, b: Four) -> Four {
        map(a, b, |a, b| a + b)
    }

    #[inline(always)]
    unsafe fn sub(a: Four, b: Four) -> Four {
        map(a, b, |a, b| a - b)
    }

    #[inline(always)]
    unsafe fn mul(a: Four, b: Four) -> Four {
        map(a, b, |a, b| a * b)
    }

    #[inline(always)]
    unsafe fn mul_add(a: Four, b: Four, c: Four) -> Four {
        let mut result = c;
        for lane in 0..LANES {
            // Without the instruction, `mul_add` would be a slow library call.
            result[lane] = if cfg!(target_arch = "aarch64") {
                a[lane].mul_add(b[lane], c[lane])
            } else {
                a[lane] * b[lane] + c[lane]
            };
        }
        result
    }

    #[inline(always)]
    unsafe fn max(a: Four, b: Four) -> Four {
        map(a, b, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    unsafe fn min(a: Four, b: Four) -> Four {
        map(a, b, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    unsafe fn reciprocal(a: Four) -> Four {
        map(a, a, |a, _| 1.0 / a)
    }

    #[inline(always)]
    unsafe fn exp2(a: Four) -> Four {
        // Added to a number, rounds it to an integer in the lowest bits.
        const SHIFT: f32 = 12_582_912.0;
        let a = map(a, a, |a, _| a.max(-126.0));
        let shifted = map(a, a, |a, _| a - 0.5 + SHIFT);
        let fraction = map(a, shifted, |a, shifted| a - (shifted - SHIFT));
        // SAFETY: this instruction set is always there.
        let powers = unsafe { polynomial::<Self>(fraction) };
        map(powers, shifted, |power, shifted| {
            power * f32::from_bits(shifted.to_bits().wrapping_add(127) << 23)
        })
    }

    #[inline(always)]
    unsafe fn sum(a: Four) -> f32 {
        a.iter().sum()
    }

    #[inline(always)]
    unsafe fn largest(a: Four) -> f32 {
        a.into_iter().fold(f32::NEG_INFINITY, f32::max)
    }
}
