//! Headers and pixels, under limits: nothing is allocated for a picture that
//! its header says is too large.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder as _, ImageReader, Limits, RgbImage};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::jpeg;
use crate::pictures::{FileRefusal, Format};

/// Largest side that a JPEG's header can state.
const JPEG_MAX_SIDE: usize = 65_535;
/// Room for a decoder's own buffers, beside the pixels.
const BYTES_PER_PIXEL: u64 = 16;

/// The size in the header, before any orientation.
pub(super) fn dimensions(bytes: &[u8], format: Format) -> Result<(u32, u32), FileRefusal> {
    let size = match format {
        Format::Jpeg => jpeg_dimensions(bytes)?,
        Format::Png | Format::WebP => reader(bytes, format, Limits::no_limits())?.dimensions(),
    };
    if size.0 == 0 || size.1 == 0 {
        return Err(unreadable("it has no pixels"));
    }
    Ok(size)
}

fn jpeg_dimensions(bytes: &[u8]) -> Result<(u32, u32), FileRefusal> {
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), jpeg_options());
    decoder.decode_headers().map_err(unreadable)?;
    let (width, height) = decoder
        .dimensions()
        .ok_or_else(|| unreadable("it has no size"))?;
    let side = |length: usize| u32::try_from(length).map_err(unreadable);
    Ok((side(width)?, side(height)?))
}

/// The pixels, of a picture whose [`dimensions`] were found to be in bounds. A
/// picture that is cut off or damaged is refused.
pub(super) fn pixels(bytes: &[u8], format: Format) -> Result<RgbImage, FileRefusal> {
    let (width, height) = dimensions(bytes, format)?;
    if format == Format::Jpeg {
        return jpeg_pixels(bytes, width, height);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(u64::from(width) * u64::from(height) * BYTES_PER_PIXEL + (1 << 20));
    let decoder = reader(bytes, format, limits)?;
    let picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    Ok(picture.into_rgb8())
}

fn jpeg_pixels(bytes: &[u8], width: u32, height: u32) -> Result<RgbImage, FileRefusal> {
    if !jpeg::is_complete(bytes) {
        return Err(unreadable("it ends before its end"));
    }
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), jpeg_options());
    let pixels = decoder.decode().map_err(unreadable)?;
    RgbImage::from_raw(width, height, pixels).ok_or_else(|| unreadable("its colours are strange"))
}

/// Strict: what is missing is an error instead of grey.
fn jpeg_options() -> DecoderOptions {
    DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(JPEG_MAX_SIDE)
        .set_max_height(JPEG_MAX_SIDE)
        .jpeg_set_out_colorspace(ColorSpace::RGB)
}

fn reader(
    bytes: &[u8],
    format: Format,
    limits: Limits,
) -> Result<impl image::ImageDecoder, FileRefusal> {
    let format = match format {
        Format::Jpeg => image::ImageFormat::Jpeg,
        Format::Png => image::ImageFormat::Png,
        Format::WebP => image::ImageFormat::WebP,
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    reader.into_decoder().map_err(unreadable)
}

pub(super) fn unreadable(why: impl std::fmt::Display) -> FileRefusal {
    FileRefusal::UnreadableImage(why.to_string())
}
