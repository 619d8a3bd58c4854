//! Fits a picture into the network's input without distorting it.

use image::RgbImage;
use image::imageops::{FilterType, resize};

/// The network halves its input five times.
pub(crate) const MULTIPLE: u32 = 32;
/// The grey around the picture, as in training.
const GREY: f32 = 114.0 / 255.0;

/// How a picture lies in the network's input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Placement {
    /// Side lengths of the input, multiples of 32.
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Input pixels per picture pixel.
    scale: (f32, f32),
    /// Input pixels left of and above the picture.
    left: u32,
    top: u32,
    /// Size of the picture inside the input.
    inner: (u32, u32),
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

    /// The input's values, channel by channel, 0 to 1.
    pub(crate) fn planes(&self, picture: &RgbImage) -> Vec<f32> {
        let (inner_width, inner_height) = self.inner;
        let fitted;
        let fits = picture.dimensions() == self.inner;
        let pixels = if fits {
            picture
        } else {
            fitted = resize(picture, inner_width, inner_height, FilterType::Triangle);
            &fitted
        };
        let (width, plane) = (index(self.width), index(self.width) * index(self.height));
        let mut planes = vec![GREY; 3 * plane];
        for (row, line) in pixels.rows().enumerate() {
            let start = (row + index(self.top)) * width + index(self.left);
            for (column, pixel) in line.enumerate() {
                for (channel, value) in pixel.0.into_iter().enumerate() {
                    planes[channel * plane + start + column] = f32::from(value) / 255.0;
                }
            }
        }
        planes
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

    use super::Placement;

    #[test]
    fn a_square_tile_fills_the_input_unchanged() {
        let mut tile = RgbImage::new(640, 640);
        tile.put_pixel(5, 7, Rgb([255, 0, 51]));

        let placement = Placement::new((640, 640), 640);
        let planes = placement.planes(&tile);

        assert_eq!((placement.width, placement.height), (640, 640));
        assert!((planes[7 * 640 + 5] - 1.0).abs() < 1e-6);
        assert!((planes[2 * 640 * 640 + 7 * 640 + 5] - 0.2).abs() < 1e-6);
        assert!(planes[0].abs() < 1e-6);
    }

    #[test]
    fn a_wide_picture_is_padded_to_a_multiple_of_32() {
        let placement = Placement::new((1000, 500), 640);
        assert_eq!((placement.width, placement.height), (640, 320));

        let placement = Placement::new((1000, 301), 640);
        assert_eq!((placement.width, placement.height), (640, 224));
        let planes = placement.planes(&RgbImage::new(1000, 301));
        assert!((planes[0] - 114.0 / 255.0).abs() < 1e-6);
        assert!(planes[112 * 640].abs() < 1e-6);
    }

    #[test]
    fn points_survive_the_way_there_and_back() {
        let placement = Placement::new((1234, 777), 640);

        let (x, y) = placement.to_picture(placement.to_input((321.5, 99.25)));

        assert!((x - 321.5).abs() < 1e-2 && (y - 99.25).abs() < 1e-2);
    }
}
