//! The three transformations of F(4×4, 3×3), with the interpolation points
//! 0, 1, -1, 2, -2 and infinity.

use crate::cpu::simd::{Simd, silu, store_channels};

/// Numbers of a transformed 6×6 square.
pub(in crate::cpu) const POSITIONS: usize = SIDE * SIDE;
const SIDE: usize = 6;

/// One square of 6×6 pixels to transform.
#[derive(Clone, Copy, Debug)]
pub(in crate::cpu) struct Gather {
    /// The upper left pixel.
    pub(in crate::cpu) input: *const f32,
    pub(in crate::cpu) input_row: usize,
    pub(in crate::cpu) input_pixel: usize,
    /// The first position's channels.
    pub(in crate::cpu) output: *mut f32,
    /// From one position to the next.
    pub(in crate::cpu) position: usize,
    pub(in crate::cpu) channels: usize,
}

/// One transformed square to turn into 4×4 pixels.
#[derive(Clone, Copy, Debug)]
pub(in crate::cpu) struct Scatter {
    /// The first position's channels.
    pub(in crate::cpu) input: *const f32,
    /// From one position to the next.
    pub(in crate::cpu) position: usize,
    pub(in crate::cpu) bias: *const f32,
    /// The upper left pixel.
    pub(in crate::cpu) output: *mut f32,
    pub(in crate::cpu) output_row: usize,
    pub(in crate::cpu) output_pixel: usize,
    /// Added after the activation, or null for nothing.
    pub(in crate::cpu) add: *const f32,
    pub(in crate::cpu) add_row: usize,
    pub(in crate::cpu) add_pixel: usize,
    /// Pixels of the square that exist, 1 to 4.
    pub(in crate::cpu) rows: usize,
    pub(in crate::cpu) columns: usize,
    /// Vectors of channels.
    pub(in crate::cpu) vectors: usize,
    /// Channels of the last vector.
    pub(in crate::cpu) last: usize,
    pub(in crate::cpu) activate: bool,
}

/// `G w Gᵀ` of a 3×3 window, in double precision.
pub(in crate::cpu) fn weights(window: &[f32]) -> [f32; POSITIONS] {
    const G: [[f64; 3]; SIDE] = [
        [1.0 / 4.0, 0.0, 0.0],
        [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
        [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
        [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
        [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
        [0.0, 0.0, 1.0],
    ];
    std::array::from_fn(|position| {
        let (down, across) = (G[position / SIDE], G[position % SIDE]);
        let terms = window.iter().enumerate();
        let terms = terms.map(|(tap, value)| down[tap / 3] * across[tap % 3] * f64::from(*value));
        #[expect(
            clippy::cast_possible_truncation,
            reason = "kernels are single precision"
        )]
        let sum = terms.sum::<f64>() as f32;
        sum
    })
}

/// `Bᵀ d` of one column.
#[inline(always)]
unsafe fn spread<S: Simd>(d: [S::V; SIDE]) -> [S::V; SIDE] {
    // SAFETY: the caller vouches for the instruction set; no memory is touched.
    unsafe {
        let (two, four, five) = (S::splat(2.0), S::splat(4.0), S::splat(5.0));
        let minus_four = S::splat(-4.0);
        let even = S::mul_add(minus_four, d[2], d[4]);
        let odd = S::mul_add(minus_four, d[1], d[3]);
        let (even_2, odd_2) = (S::sub(d[4], d[2]), S::sub(d[3], d[1]));
        let minus_five = S::sub(S::zero(), five);
        [
            S::mul_add(minus_five, d[2], S::mul_add(four, d[0], d[4])),
            S::add(even, odd),
            S::sub(even, odd),
            S::mul_add(two, odd_2, even_2),
            S::mul_add(S::splat(-2.0), odd_2, even_2),
            S::mul_add(minus_five, d[3], S::mul_add(four, d[1], d[5])),
        ]
    }
}

/// `Aᵀ m` of one column.
#[inline(always)]
unsafe fn collect<S: Simd>(m: [S::V; SIDE]) -> [S::V; 4] {
    // SAFETY: the caller vouches for the instruction set; no memory is touched.
    unsafe {
        let (sum, difference) = (S::add(m[1], m[2]), S::sub(m[1], m[2]));
        let (sum_2, difference_2) = (S::add(m[3], m[4]), S::sub(m[3], m[4]));
        [
            S::add(S::add(m[0], sum), sum_2),
            S::mul_add(S::splat(2.0), difference_2, difference),
            S::mul_add(S::splat(4.0), sum_2, sum),
            S::mul_add(S::splat(8.0), difference_2, S::add(difference, m[5])),
        ]
    }
}

/// Transforms one square, `Bᵀ d B`.
///
/// # Safety
///
/// The processor must have the instruction set; the square must be readable and the
/// positions writable, both up to whole vectors.
#[inline(always)]
pub(in crate::cpu) unsafe fn gather<S: Simd>(square: &Gather) {
    // SAFETY: every pointer stays within what the caller vouches for.
    unsafe {
        let mut channel = 0;
        while channel < square.channels {
            let input = square.input.add(channel);
            let mut columns = [[S::zero(); SIDE]; SIDE];
            for (x, column) in columns.iter_mut().enumerate() {
                let top = input.add(x * square.input_pixel);
                let mut pixels = [S::zero(); SIDE];
                for (y, pixel) in pixels.iter_mut().enumerate() {
                    *pixel = S::load(top.add(y * square.input_row));
                }
                *column = spread::<S>(pixels);
            }
            for y in 0..SIDE {
                let mut row = [S::zero(); SIDE];
                for (value, column) in row.iter_mut().zip(&columns) {
                    *value = column[y];
                }
                for (x, value) in spread::<S>(row).into_iter().enumerate() {
                    let at = (y * SIDE + x) * square.position + channel;
                    S::store(square.output.add(at), value);
                }
            }
            channel += S::LANES;
        }
    }
}

/// Turns one transformed square into pixels, `Aᵀ m A`, and finishes them.
///
/// # Safety
///
/// The processor must have the instruction set; the positions must be readable, bias and
/// `add` too, and the pixels that exist writable. `add` may equal `output`, nothing
/// else that is read may overlap it.
#[inline(always)]
pub(in crate::cpu) unsafe fn scatter<S: Simd>(square: &Scatter) {
    // SAFETY: every pointer stays within what the caller vouches for.
    unsafe {
        for vector in 0..square.vectors {
            let channel = vector * S::LANES;
            let bias = S::load(square.bias.add(channel));
            let count = if vector + 1 == square.vectors {
                square.last
            } else {
                S::LANES
            };
            let mut columns = [[S::zero(); 4]; SIDE];
            for (x, column) in columns.iter_mut().enumerate() {
                let mut values = [S::zero(); SIDE];
                for (y, value) in values.iter_mut().enumerate() {
                    let at = (y * SIDE + x) * square.position + channel;
                    *value = S::load(square.input.add(at));
                }
                *column = collect::<S>(values);
            }
            for y in 0..square.rows {
                let mut row = [S::zero(); SIDE];
                for (value, column) in row.iter_mut().zip(&columns) {
                    *value = column[y];
                }
                let pixels = collect::<S>(row);
                for (x, pixel) in pixels.iter().enumerate().take(square.columns) {
                    let mut value = S::add(*pixel, bias);
                    if square.activate {
                        value = silu::<S>(value);
                    }
                    if !square.add.is_null() {
                        let add = y * square.add_row + x * square.add_pixel + channel;
                        value = S::add(value, S::load(square.add.add(add)));
                    }
                    let at = y * square.output_row + x * square.output_pixel + channel;
                    store_channels::<S>(square.output.add(at), value, count);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::weights;

    #[test]
    fn a_window_of_one_tap_is_transformed_as_published() {
        let mut window = [0.0; 9];
        window[0] = 144.0;

        let found = weights(&window);

        // The outer product of (1/4, -1/6, -1/6, 1/24, 1/24, 0) with itself.
        assert_eq!(&found[..6], &[9.0, -6.0, -6.0, 1.5, 1.5, 0.0]);
        assert_eq!(&found[6..8], &[-6.0, 4.0]);
        assert!(found[35].abs() < 1e-9);
    }
}
