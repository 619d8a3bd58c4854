//! Moves pixels: upright, in half, in tiles. Row by row, since a call for every pixel
//! of a photo costs more than decoding it.

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};

use crate::domain::{Detail, Window};

/// Bytes of a pixel.
const PIXEL: usize = 3;
/// Sides of the blocks in which a picture is turned: what is read and what is written
/// then stay in the nearest cache.
const BLOCK: usize = 16;

/// The part of a picture that a window shows. The window lies inside the picture.
pub(super) fn cut(picture: &RgbImage, window: &Window) -> RgbImage {
    let Window { x, y, size } = *window;
    let mut tile = RgbImage::new(size.width, size.height);
    let (left, length) = (PIXEL * index(x), PIXEL * index(size.width));
    let stride = PIXEL * index(picture.width());
    let sources = picture.chunks_exact(stride.max(1)).skip(index(y));
    for (line, source) in tile.chunks_exact_mut(length.max(1)).zip(sources) {
        line.copy_from_slice(&source[left..left + length]);
    }
    tile
}

/// Half the size: every pixel is the mean of four. Of an odd side the last ones count
/// twice.
pub(super) fn halve(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let mut half = RgbImage::new(width.div_ceil(2), height.div_ceil(2));
    let stride = PIXEL * index(width);
    if stride == 0 {
        return half;
    }
    let mut sums = vec![0u16; stride.next_multiple_of(2 * PIXEL)];
    let pairs = picture.chunks(2 * stride);
    let lines = half.chunks_exact_mut(sums.len() / 2);
    for (pair, line) in pairs.zip(lines) {
        let (upper, lower) = pair.split_at(stride);
        let lower = if lower.is_empty() { upper } else { lower };
        for ((sum, upper), lower) in sums.iter_mut().zip(upper).zip(lower) {
            *sum = u16::from(*upper) + u16::from(*lower);
        }
        if sums.len() > stride {
            sums.copy_within(stride - PIXEL..stride, stride);
        }
        for (pixel, pair) in line
            .chunks_exact_mut(PIXEL)
            .zip(sums.chunks_exact(2 * PIXEL))
        {
            for channel in 0..PIXEL {
                let sum = pair[channel] + pair[channel + PIXEL];
                // The mean of four bytes is a byte.
                [pixel[channel], _] = ((sum + 2) / 4).to_le_bytes();
            }
        }
    }
    half
}

/// How much the rows of each pair differ, which is what [`halve`] loses.
pub(super) fn detail(picture: &RgbImage) -> Detail {
    let (width, height) = picture.dimensions();
    let (columns, rows) = (width.div_ceil(Detail::CELL), height.div_ceil(Detail::CELL));
    let stride = PIXEL * index(width);
    let mut cells = vec![0.0; index(columns) * index(rows)];
    if stride == 0 {
        return Detail::new(columns, cells);
    }
    let bands = picture.chunks(stride * index(Detail::CELL));
    for (band, cells) in bands.zip(cells.chunks_exact_mut(index(columns))) {
        let mut sums = vec![0u32; cells.len()];
        let pairs = band.chunks_exact(2 * stride);
        let count = pairs.len();
        for pair in pairs {
            let (upper, lower) = pair.split_at(stride);
            let upper = upper.chunks(PIXEL * index(Detail::CELL));
            let lower = lower.chunks(PIXEL * index(Detail::CELL));
            for ((sum, upper), lower) in sums.iter_mut().zip(upper).zip(lower) {
                *sum += difference(upper, lower);
            }
        }
        let lengths = band[..stride]
            .chunks(PIXEL * index(Detail::CELL))
            .map(<[u8]>::len);
        for ((cell, sum), length) in cells.iter_mut().zip(sums).zip(lengths) {
            *cell = mean(sum, length * count);
        }
    }
    Detail::new(columns, cells)
}

/// Sum of the differences of two rows of bytes.
fn difference(a: &[u8], b: &[u8]) -> u32 {
    a.iter()
        .zip(b)
        .map(|(a, b)| u32::from(a.abs_diff(*b)))
        .sum()
}

/// Exact: a cell has a few hundred bytes.
#[expect(clippy::cast_precision_loss, reason = "see above")]
fn mean(sum: u32, count: usize) -> f32 {
    sum as f32 / count.max(1) as f32
}

/// The picture as the camera was held.
pub(super) fn upright(picture: RgbImage, orientation: Orientation) -> RgbImage {
    let (width, height) = picture.dimensions();
    let (right, bottom) = (
        index(width.saturating_sub(1)),
        index(height.saturating_sub(1)),
    );
    match orientation {
        Orientation::Rotate90 => turned(&picture, |x, y| (y, bottom - x)),
        Orientation::Rotate270 => turned(&picture, |x, y| (right - y, x)),
        Orientation::Rotate90FlipH => turned(&picture, |x, y| (y, x)),
        Orientation::Rotate270FlipH => turned(&picture, |x, y| (right - y, bottom - x)),
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => {
            let mut picture = DynamicImage::ImageRgb8(picture);
            picture.apply_orientation(orientation);
            picture.into_rgb8()
        }
    }
}

/// A picture with its sides exchanged, whose every pixel comes from a `source`.
fn turned(picture: &RgbImage, source: impl Fn(usize, usize) -> (usize, usize)) -> RgbImage {
    let mut turned = RgbImage::new(picture.height(), picture.width());
    let (width, height) = (index(turned.width()), index(turned.height()));
    let (from, _) = picture.as_chunks::<PIXEL>();
    let (to, _) = turned.as_chunks_mut::<PIXEL>();
    for top in (0..height).step_by(BLOCK) {
        for left in (0..width).step_by(BLOCK) {
            for y in top..height.min(top + BLOCK) {
                let right = width.min(left + BLOCK);
                let line = &mut to[y * width + left..y * width + right];
                for (pixel, x) in line.iter_mut().zip(left..right) {
                    let (column, row) = source(x, y);
                    *pixel = from[row * height + column];
                }
            }
        }
    }
    turned
}

fn index(length: u32) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use image::metadata::Orientation;
    use image::{DynamicImage, GenericImageView as _, Rgb, RgbImage};
    use proptest::prelude::*;

    use super::{cut, detail, halve, upright};
    use crate::domain::{Detail, Size, Window};

    /// A picture of this size that looks like chance.
    fn noise(width: u32, height: u32) -> RgbImage {
        let mut state = 7_u32;
        let mut byte = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        RgbImage::from_fn(width, height, |_, _| Rgb([byte(), byte(), byte()]))
    }

    fn halved_pixel_by_pixel(picture: &RgbImage) -> RgbImage {
        let (width, height) = picture.dimensions();
        RgbImage::from_fn(width.div_ceil(2), height.div_ceil(2), |x, y| {
            let (x, y) = (2 * x, 2 * y);
            let (next_x, next_y) = ((x + 1).min(width - 1), (y + 1).min(height - 1));
            let four = [(x, y), (next_x, y), (x, next_y), (next_x, next_y)];
            let four = four.map(|(x, y)| picture.get_pixel(x, y).0.map(u16::from));
            let mean = |channel: usize| {
                let sum: u16 = four.iter().map(|pixel| pixel[channel]).sum();
                u8::try_from((sum + 2) / 4).unwrap()
            };
            Rgb([mean(0), mean(1), mean(2)])
        })
    }

    #[test]
    fn detail_is_what_differs_within_pairs_of_rows() {
        // Two cells and a bit wide, one and a bit high; the last row has no pair.
        let mut picture = RgbImage::new(40, 21);
        for x in 16..32 {
            picture.put_pixel(x, 3, Rgb([80; 3]));
            picture.put_pixel(x, 20, Rgb([80; 3]));
        }
        picture.put_pixel(39, 17, Rgb([0, 96, 0]));

        let found = detail(&picture);

        // One row of eight pairs; one of 2 × 8 × 3 bytes.
        let expected = vec![0.0, 10.0, 0.0, 0.0, 0.0, 2.0];
        assert_eq!(found, Detail::new(3, expected));
        assert_eq!(detail(&RgbImage::new(0, 0)), Detail::new(0, Vec::new()));
    }

    #[test]
    fn halving_takes_the_mean_and_keeps_odd_borders() {
        let mut picture = RgbImage::new(3, 3);
        picture.put_pixel(0, 0, Rgb([255, 4, 1]));
        picture.put_pixel(2, 2, Rgb([9, 9, 9]));

        let half = halve(&picture);

        assert_eq!(half.dimensions(), (2, 2));
        assert_eq!(half.get_pixel(0, 0), &Rgb([64, 1, 0]));
        assert_eq!(half.get_pixel(1, 1), &Rgb([9, 9, 9]));
    }

    #[test]
    fn nothing_stays_nothing() {
        assert_eq!(halve(&RgbImage::new(0, 5)).dimensions(), (0, 3));
        let upright = upright(RgbImage::new(0, 5), Orientation::Rotate90);
        assert_eq!(upright.dimensions(), (5, 0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn halving_is_what_it_is_pixel_by_pixel(width in 1u32..70, height in 1u32..70) {
            let picture = noise(width, height);
            prop_assert_eq!(halve(&picture), halved_pixel_by_pixel(&picture));
        }

        #[test]
        fn a_tile_is_a_view_of_the_picture(
            (x, y) in (0u32..30, 0u32..30), (width, height) in (1u32..40, 1u32..40),
        ) {
            let picture = noise(70, 70);
            let window = Window { x, y, size: Size { width, height } };
            let viewed = picture.view(x, y, width, height).to_image();
            prop_assert_eq!(cut(&picture, &window), viewed);
        }

        #[test]
        fn upright_is_what_exif_means_by_it(
            width in 1u32..80, height in 1u32..80, exif in 1u8..=8,
        ) {
            let orientation = Orientation::from_exif(exif).unwrap();
            let picture = noise(width, height);
            let mut expected = DynamicImage::ImageRgb8(picture.clone());
            expected.apply_orientation(orientation);
            prop_assert_eq!(upright(picture, orientation), expected.into_rgb8());
        }
    }
}
