//! Fits a picture into the network's input without distorting it.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;

use crate::{Error, Result};

/// The network halves its input five times.
pub(crate) const MULTIPLE: u32 = 32;
/// The grey around the picture, as in training.
const GREY: u8 = 114;

/// How a picture lies in the network's input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Placement {
    /// Side lengths of the input, multiples of 32.
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Input pixels per picture pixel.
    pub(crate) scale: (f32, f32),
    /// Input pixels left of and above the picture.
    pub(crate) left: u32,
    pub(crate) top: u32,
    /// Size of the picture inside the input.
    pub(crate) inner: (u32, u32),
}

/// A picture and how it lies in the network's input.
#[derive(Clone, Copy)]
pub(crate) struct Fitted<'a> {
    /// Its number among all pictures.
    pub(crate) index: usize,
    pub(crate) picture: &'a RgbImage,
    pub(crate) placement: Placement,
}

// === impl Placement ===

impl Placement {
    /// Places a picture so that its longer side has `side` pixels.
    #[expect(
        clippy::cast_precision_loss,
        reason = "pictures are narrower than 2^24"
    )]
    pub(crate) fn new(picture: (u32, u32), side: u32) -> Self {
        let (width, height) = (picture.0.max(1), picture.1.max(1));
        let longer = width.max(height);
        let inner = (shrink(width, side, longer), shrink(height, side, longer));
        let outer = (
            inner.0.next_multiple_of(MULTIPLE),
            inner.1.next_multiple_of(MULTIPLE),
        );
        Self {
            width: outer.0,
            height: outer.1,
            scale: (
                inner.0 as f32 / width as f32,
                inner.1 as f32 / height as f32,
            ),
            left: (outer.0 - inner.0) / 2,
            top: (outer.1 - inner.1) / 2,
            inner,
        }
    }

    /// Writes the input: row by row, three bytes to a pixel.
    pub(crate) fn pixels(&self, picture: &RgbImage, input: &mut [u8]) -> Result<()> {
        let fitted;
        let fits = picture.dimensions() == self.inner;
        let pixels = if fits {
            picture
        } else {
            fitted = resize(picture, self.inner)?;
            &fitted
        };
        let (left, top) = (3 * index(self.left), index(self.top));
        let (width, inner) = (3 * index(self.width), 3 * index(self.inner.0));
        let (above, below) = input.split_at_mut(top * width);
        let (across, below) = below.split_at_mut(index(self.inner.1) * width);
        above.fill(GREY);
        below.fill(GREY);
        let lines = across.chunks_exact_mut(width);
        for (line, values) in lines.zip(pixels.chunks_exact(inner)) {
            line[..left].fill(GREY);
            line[left + inner..].fill(GREY);
            line[left..left + inner].copy_from_slice(values);
        }
        Ok(())
    }

    /// Bytes of the input.
    pub(crate) fn length(&self) -> usize {
        3 * index(self.width) * index(self.height)
    }

    /// A point of the input, in pixels of the picture.
    #[expect(clippy::cast_precision_loss, reason = "padding is below 32 pixels")]
    pub(crate) fn to_picture(self, (x, y): (f32, f32)) -> (f32, f32) {
        let (left, top) = (self.left as f32, self.top as f32);
        ((x - left) / self.scale.0, (y - top) / self.scale.1)
    }

    /// A point of the picture, in pixels of the input.
    #[expect(clippy::cast_precision_loss, reason = "padding is below 32 pixels")]
    pub(crate) fn to_input(self, (x, y): (f32, f32)) -> (f32, f32) {
        let (left, top) = (self.left as f32, self.top as f32);
        (x * self.scale.0 + left, y * self.scale.1 + top)
    }
}

/// The picture in another size, between its pixels as Ultralytics reads them: weighed
/// by the distance to the four nearest.
///
/// The kind of pixel is said to the compiler, which otherwise builds this for all thirteen.
fn resize(picture: &RgbImage, (width, height): (u32, u32)) -> Result<RgbImage> {
    let refused = |problem: String| Error::Input(format!("a picture: {problem}"));
    let (from_width, from_height) = picture.dimensions();
    let source = TypedImageRef::<U8x3>::from_buffer(from_width, from_height, picture);
    let source = source.map_err(|error| refused(error.to_string()))?;
    let mut resized = RgbImage::new(width, height);
    let target = TypedImage::<U8x3>::from_buffer(width, height, &mut resized);
    let mut target = target.map_err(|error| refused(error.to_string()))?;
    let bilinear = ResizeAlg::Interpolation(FilterType::Bilinear);
    let options = ResizeOptions::new().resize_alg(bilinear);
    let done = Resizer::new().resize_typed(&source, &mut target, &options);
    done.map_err(|error| refused(error.to_string()))?;
    Ok(resized)
}

/// `length * side / longer`, rounded, at least one pixel.
fn shrink(length: u32, side: u32, longer: u32) -> u32 {
    let wide = u64::from(length) * u64::from(side) + u64::from(longer / 2);
    u32::try_from(wide / u64::from(longer))
        .unwrap_or(side)
        .max(1)
}

pub(crate) fn index(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::{Placement, resize};

    fn pixels(picture: &RgbImage, side: u32) -> (Placement, Vec<u8>) {
        let placement = Placement::new(picture.dimensions(), side);
        let mut pixels = vec![0; placement.length()];
        placement.pixels(picture, &mut pixels).unwrap();
        (placement, pixels)
    }

    #[test]
    fn a_square_tile_fills_the_input_unchanged() {
        let mut tile = RgbImage::new(640, 640);
        tile.put_pixel(5, 7, Rgb([255, 0, 51]));

        let (placement, pixels) = pixels(&tile, 640);

        assert_eq!((placement.width, placement.height), (640, 640));
        assert_eq!(pixels, tile.into_raw());
    }

    #[test]
    fn a_wide_picture_is_padded_to_a_multiple_of_32() {
        let placement = Placement::new((1000, 500), 640);
        assert_eq!((placement.width, placement.height), (640, 320));

        let (placement, pixels) = pixels(&RgbImage::new(1000, 301), 640);
        assert_eq!((placement.width, placement.height), (640, 224));
        assert_eq!(pixels[..3], [114; 3]);
        assert_eq!(pixels[3 * 112 * 640..][..3], [0; 3]);
        assert_eq!(pixels[pixels.len() - 3..], [114; 3]);
    }

    #[test]
    fn a_resized_picture_is_weighed_by_distance() {
        let picture = RgbImage::from_fn(90, 60, |x, y| {
            let wave = (x * x + 3 * y * y) % 200;
            Rgb([u8::try_from(wave).unwrap(), 9, 200])
        });
        for (width, height) in [(64, 43), (130, 87), (31, 20)] {
            let resized = resize(&picture, (width, height)).unwrap();
            for (x, y, pixel) in resized.enumerate_pixels() {
                let expected = between(&picture, (width, height), (x, y));
                let off = (f32::from(pixel.0[0]) - expected).abs();
                assert!(off <= 2.0, "{pixel:?} instead of {expected} at {x}, {y}");
            }
        }
    }

    /// The red of the four nearest pixels, as OpenCV's linear interpolation weighs it.
    fn between(picture: &RgbImage, size: (u32, u32), at: (u32, u32)) -> f32 {
        let along = |at: u32, length: u32, from: u32| {
            let exact = (f64::from(at) + 0.5) * f64::from(from) / f64::from(length) - 0.5;
            let exact = exact.clamp(0.0, f64::from(from - 1));
            let first = (0..from).rfind(|first| f64::from(*first) <= exact).unwrap();
            (first, (first + 1).min(from - 1), exact - f64::from(first))
        };
        let (left, right, across) = along(at.0, size.0, picture.width());
        let (upper, lower, down) = along(at.1, size.1, picture.height());
        let red = |x, y| f64::from(picture.get_pixel(x, y).0[0]);
        let blend = |a: f64, b: f64, share: f64| a * (1.0 - share) + b * share;
        let above = blend(red(left, upper), red(right, upper), across);
        let below = blend(red(left, lower), red(right, lower), across);
        #[expect(clippy::cast_possible_truncation, reason = "a byte")]
        let value = blend(above, below, down) as f32;
        value
    }

    #[test]
    fn points_survive_the_way_there_and_back() {
        let placement = Placement::new((1234, 777), 640);

        let (x, y) = placement.to_picture(placement.to_input((321.5, 99.25)));

        assert!((x - 321.5).abs() < 1e-2 && (y - 99.25).abs() < 1e-2);
    }
}
