//! Moves pixels: upright, in half, in tiles. Row by row, since a call for every pixel
//! of a photo costs more than decoding it.

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};

use crate::domain::Window;

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

    use super::{cut, halve, upright};
    use crate::domain::{Size, Window};

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
