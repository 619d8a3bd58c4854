//! Bytes of a photo to upright pixels, within limits.

use std::io::Cursor;

use demeter_pictures::{Declared, MOST_BYTES, TooLarge};
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits, RgbImage};

use super::pixels::upright;

/// Pixels of a photo: the largest phone and drone cameras have 200 million, of
/// which the service takes photos of up to this many.
const MOST_PIXELS: u64 = 120_000_000;

/// Why bytes are not a photo.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnreadablePicture {
    /// The decoder gave up.
    #[error("it is not a JPEG, PNG or WebP picture that can be decoded")]
    Damaged(#[source] ImageError),
    /// It has no header of a picture.
    #[error("it is not a JPEG, PNG or WebP picture")]
    Unknown,
    /// More pixels than the limit.
    #[error("it has {0} × {1} pixels, more than 120 million")]
    TooManyPixels(u32, u32),
    /// A side or the memory that decoding takes is above the limit.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// The decoder sees another size than the header that was judged.
    #[error("its header says two sizes")]
    Ambiguous,
}

/// A picture whose header is within the limits; nothing of it is decoded yet.
#[derive(Debug)]
pub(crate) struct Judged<'a> {
    bytes: &'a [u8],
    declared: Declared,
}

/// Reads the header, and refuses what is too large before anything is allocated.
pub(crate) fn judge(bytes: &[u8]) -> Result<Judged<'_>, UnreadablePicture> {
    let declared = Declared::read(bytes).ok_or(UnreadablePicture::Unknown)?;
    let Declared { width, height, .. } = declared;
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(UnreadablePicture::TooManyPixels(width, height));
    }
    declared.check()?;
    Ok(Judged { bytes, declared })
}

/// Judges and decodes.
pub(crate) fn decode(bytes: &[u8]) -> Result<RgbImage, UnreadablePicture> {
    judge(bytes)?.decode()
}

// === impl Judged ===

impl Judged<'_> {
    /// Bytes that [`decode`](Self::decode) holds at most.
    pub(crate) fn bytes_to_decode(&self) -> u64 {
        self.declared.bytes()
    }

    /// Decodes by content and turns the picture upright by its EXIF orientation.
    pub(crate) fn decode(self) -> Result<RgbImage, UnreadablePicture> {
        let Self { bytes, declared } = self;
        let read = |error: std::io::Error| UnreadablePicture::Damaged(ImageError::IoError(error));
        let mut reader = ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .map_err(read)?;
        let mut limits = Limits::no_limits();
        limits.max_alloc = Some(MOST_BYTES);
        reader.limits(limits);
        let mut decoder = reader.into_decoder().map_err(UnreadablePicture::Damaged)?;
        if decoder.dimensions() != (declared.width, declared.height) {
            return Err(UnreadablePicture::Ambiguous);
        }
        // A damaged orientation is no reason to refuse a picture.
        let orientation = decoder.orientation().ok();
        let pixels = DynamicImage::from_decoder(decoder);
        let picture = pixels.map_err(UnreadablePicture::Damaged)?.into_rgb8();
        Ok(match orientation {
            Some(orientation) => upright(picture, orientation),
            None => picture,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use demeter_testkit::shared_file;
    use image::{ImageFormat, Rgb, RgbImage};
    use jpeg_encoder::{ColorType, Encoder};

    use super::{UnreadablePicture, decode, judge};

    fn encoded(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// A JPEG whose EXIF says that the camera lay on its side.
    fn turned(jpeg: &[u8]) -> Vec<u8> {
        let exif = b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        [&jpeg[..2], exif, &jpeg[2..]].concat()
    }

    #[test]
    fn jpeg_png_and_webp_are_told_apart_by_content() {
        let picture = RgbImage::from_pixel(33, 17, Rgb([10, 200, 30]));

        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let decoded = decode(&encoded(&picture, format)).unwrap();
            assert_eq!(decoded.dimensions(), (33, 17), "{format:?}");
        }
    }

    #[test]
    fn the_colours_of_scanners_and_of_print_are_made_those_of_screens() {
        for (colours, pixel) in [
            (ColorType::Luma, &[120][..]),
            (ColorType::Cmyk, &[120, 120, 120, 0]),
            (ColorType::CmykAsYcck, &[120, 120, 120, 0]),
        ] {
            let mut jpeg = Vec::new();
            let encoder = Encoder::new(&mut jpeg, 95);
            encoder
                .encode(&pixel.repeat(24 * 16), 24, 16, colours)
                .unwrap();

            let decoded = decode(&jpeg).unwrap();

            assert_eq!(decoded.dimensions(), (24, 16), "{colours:?}");
            let Rgb([red, green, blue]) = *decoded.get_pixel(12, 8);
            assert!(red.abs_diff(green) < 4 && green.abs_diff(blue) < 4);
        }
    }

    #[test]
    fn a_photo_is_turned_upright() {
        let mut picture = RgbImage::from_pixel(64, 32, Rgb([0; 3]));
        for x in 0..16 {
            for y in 0..32 {
                picture.put_pixel(x, y, Rgb([255; 3]));
            }
        }

        let decoded = decode(&turned(&encoded(&picture, ImageFormat::Jpeg))).unwrap();

        assert_eq!(decoded.dimensions(), (32, 64));
        assert!(
            decoded.get_pixel(16, 4).0[0] > 200,
            "its left is now its top"
        );
        assert!(decoded.get_pixel(16, 60).0[0] < 50);
    }

    #[test]
    fn a_picture_that_declares_too_much_is_refused_before_it_is_allocated() {
        let mut png = encoded(&RgbImage::new(8, 8), ImageFormat::Png);
        png[16..24].copy_from_slice(&[0, 0, 0x70, 0, 0, 0, 0x70, 0]);

        assert!(decode(&png).is_err());
    }

    #[test]
    fn a_row_of_64_million_pixels_is_refused_by_its_header() {
        let mut png = encoded(&RgbImage::new(8, 8), ImageFormat::Png);
        png[16..20].copy_from_slice(&64_000_000_u32.to_be_bytes());
        png[20..24].copy_from_slice(&1_u32.to_be_bytes());

        let refused = decode(&png).unwrap_err();

        assert!(
            matches!(refused, UnreadablePicture::TooLarge(_)),
            "{refused}"
        );
    }

    #[test]
    fn sixteen_bits_with_transparency_are_refused_at_a_size_that_eight_bits_may_have() {
        let mut deep = encoded(&RgbImage::new(8, 8), ImageFormat::Png);
        deep[16..20].copy_from_slice(&8000_u32.to_be_bytes());
        deep[20..24].copy_from_slice(&8000_u32.to_be_bytes());
        assert!(judge(&deep).is_ok());
        deep[24..26].copy_from_slice(&[16, 6]);

        let refused = judge(&deep).unwrap_err();

        assert!(
            matches!(refused, UnreadablePicture::TooLarge(_)),
            "{refused}"
        );
    }

    #[test]
    fn hostile_bytes_are_errors() {
        for bytes in [&b""[..], b"\xff\xd8\xff", b"GIF89a", &[0; 4096]] {
            assert!(decode(bytes).is_err());
        }
        let whole = encoded(&RgbImage::new(40, 40), ImageFormat::Jpeg);
        for end in 0..whole.len() {
            // A picture cut short may decode in part; it may not panic.
            drop(decode(&whole[..end]));
        }
        let Some(folder) = shared_file("photos/hostile") else {
            return;
        };
        for entry in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            for eighths in 1..=8 {
                drop(decode(&bytes[..bytes.len() * eighths / 8]));
            }
        }
    }
}
