//! Bytes of a photo to upright pixels, within limits.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits, RgbImage};

use super::pixels::upright;

/// Pixels of a photo: the largest phone and drone cameras have 200 million, of
/// which the service takes photos of up to this many.
const MOST_PIXELS: u64 = 120_000_000;
const LONGEST_SIDE: u32 = 30_000;
/// What decoding may allocate.
const MOST_BYTES: u64 = 600 << 20;

/// Why bytes are not a photo.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnreadablePicture {
    /// The decoder gave up.
    #[error("it is not a JPEG, PNG or WebP picture that can be decoded")]
    Damaged(#[source] ImageError),
    /// More pixels than the limit.
    #[error("it has {0} × {1} pixels, more than 120 million")]
    TooLarge(u32, u32),
}

/// Decodes by content and turns the picture upright by its EXIF orientation.
pub(crate) fn decode(bytes: &[u8]) -> Result<RgbImage, UnreadablePicture> {
    let read = |error: std::io::Error| UnreadablePicture::Damaged(ImageError::IoError(error));
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(read)?;
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(UnreadablePicture::Damaged)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(UnreadablePicture::TooLarge(width, height));
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

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use demeter_testkit::shared_file;
    use image::{ImageFormat, Rgb, RgbImage};
    use jpeg_encoder::{ColorType, Encoder};

    use super::decode;

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
