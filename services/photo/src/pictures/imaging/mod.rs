//! Reads uploaded images under limits and draws what the model found. Every
//! function blocks: call them off the async threads.

use fast_image_resize::Resizer;
use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;

mod annotate;
mod decode;
mod exif;
mod glyphs;
mod jpeg;
mod judge;

pub use annotate::annotated;
pub use judge::{Judged, judge};

/// Quality of every JPEG that is made here.
const JPEG_QUALITY: u8 = 85;

/// Encodes RGB pixels as JPEG. Lines that are one pixel thin keep their colour
/// only with full `sampling`.
fn encode_jpeg(
    picture: &image::RgbImage,
    sampling: jpeg_encoder::SamplingFactor,
) -> Result<Vec<u8>, String> {
    let side = |pixels: u32| u16::try_from(pixels).map_err(|error| error.to_string());
    let mut jpeg = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut jpeg, JPEG_QUALITY);
    encoder.set_sampling_factor(sampling);
    encoder
        .encode(
            picture,
            side(picture.width())?,
            side(picture.height())?,
            jpeg_encoder::ColorType::Rgb,
        )
        .map_err(|error| error.to_string())?;
    Ok(jpeg)
}

/// Fits a picture into a square, keeping its shape. Smaller ones stay.
fn fit(picture: image::RgbImage, side: u32) -> Result<image::RgbImage, String> {
    let (width, height) = picture.dimensions();
    let longest = width.max(height);
    if longest <= side {
        return Ok(picture);
    }
    let scaled = |length: u32| {
        let exact = u64::from(length) * u64::from(side) / u64::from(longest);
        u32::try_from(exact).unwrap_or(side).max(1)
    };
    let mut fitted = image::RgbImage::new(scaled(width), scaled(height));
    resize(&picture, &mut fitted).map_err(|error| error.to_string())?;
    Ok(fitted)
}

/// The kind of pixel is said to the compiler, which otherwise builds this for all thirteen.
fn resize(
    from: &image::RgbImage,
    to: &mut image::RgbImage,
) -> Result<(), Box<dyn std::error::Error>> {
    let (width, height) = to.dimensions();
    let from = TypedImageRef::<U8x3>::from_buffer(from.width(), from.height(), from)?;
    let mut to = TypedImage::<U8x3>::from_buffer(width, height, to)?;
    Ok(Resizer::new().resize_typed(&from, &mut to, None)?)
}
