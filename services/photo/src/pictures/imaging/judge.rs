//! Takes an uploaded file, or says why not.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use demeter_pictures::Declared;
use image::DynamicImage;
use jpeg_encoder::SamplingFactor;

use super::decode::{dimensions, pixels, unreadable};
use super::{encode_jpeg, exif, fit};
use crate::pictures::{FileRefusal, Format};
use crate::ports::Position;

/// Both sides of a thumbnail are at most this.
const THUMBNAIL_SIDE: u32 = 300;

/// A file that was taken, and what is in it.
#[derive(Debug)]
pub struct Judged {
    /// What it is.
    pub format: Format,
    /// Width after the orientation is applied.
    pub width_px: u32,
    /// Height after the orientation is applied.
    pub height_px: u32,
    /// Where it was taken, as the camera says.
    pub position: Option<Position>,
    /// When it was taken, as the camera says.
    pub captured_at: Option<DateTime<Utc>>,
    /// A small JPEG of it, upright.
    pub thumbnail: Vec<u8>,
}

/// Judges the bytes of one file. Memory is bounded by `max_pixels`, by the longest
/// side, and by what format and depth take: the header is read before anything is
/// decoded.
pub fn judge(bytes: &Bytes, max_pixels: u64) -> Result<Judged, FileRefusal> {
    if bytes.is_empty() {
        return Err(FileRefusal::EmptyBody);
    }
    let format = Format::sniff(bytes).ok_or(FileRefusal::UnsupportedFormat)?;
    let (width, height) = dimensions(bytes, format)?;
    let declared = Declared::read(bytes).ok_or_else(|| unreadable("it has no size"))?;
    if (declared.width, declared.height) != (width, height) {
        return Err(unreadable("its header says two sizes"));
    }
    if u64::from(width) * u64::from(height) > max_pixels {
        return Err(FileRefusal::TooManyPixels {
            width,
            height,
            limit: max_pixels,
        });
    }
    declared.check()?;
    let picture = pixels(bytes, format)?;
    let exif::Metadata {
        orientation,
        position,
        captured_at,
    } = exif::read(bytes.clone());
    let small = fit(picture, THUMBNAIL_SIDE).map_err(unreadable)?;
    let mut small = DynamicImage::ImageRgb8(small);
    small.apply_orientation(orientation);
    let (width_px, height_px) = if turns_sideways(orientation) {
        (height, width)
    } else {
        (width, height)
    };
    Ok(Judged {
        format,
        width_px,
        height_px,
        position,
        captured_at,
        thumbnail: encode_jpeg(&small.into_rgb8(), SamplingFactor::F_2_2).map_err(unreadable)?,
    })
}

fn turns_sideways(orientation: image::metadata::Orientation) -> bool {
    use image::metadata::Orientation as O;
    match orientation {
        O::Rotate90 | O::Rotate270 | O::Rotate90FlipH | O::Rotate270FlipH => true,
        O::NoTransforms | O::Rotate180 | O::FlipHorizontal | O::FlipVertical => false,
    }
}
