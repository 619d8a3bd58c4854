//! Images made for tests, good and hostile, and what reading them gives.

use bytes::Bytes;
use demeter_photo::pictures::imaging::{annotated, judge};
use demeter_photo::pictures::{FileRefusal, Format};
use demeter_photo::ports::{Count, Detection, Rect};
use demeter_testkit::shared_file;
use image::{ImageFormat, Rgb, RgbImage};

pub(crate) const MAX_PIXELS: u64 = 64_000_000;

/// A JPEG that differs by `seed`.
pub(crate) fn jpeg(width: u16, height: u16, seed: u8) -> Vec<u8> {
    let picture = picture(width, height, seed);
    let mut bytes = Vec::new();
    jpeg_encoder::Encoder::new(&mut bytes, 90)
        .encode(&picture, width, height, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    bytes
}

pub(crate) fn encoded(format: ImageFormat, seed: u8) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture(40, 30, seed).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn picture(width: u16, height: u16, seed: u8) -> RgbImage {
    RgbImage::from_fn(width.into(), height.into(), |x, y| {
        let shade = u8::try_from((x * 7 + y * 13) % 251).unwrap();
        image::Rgb([shade ^ seed, shade, seed])
    })
}

/// EXIF with an orientation and, from degrees and references, a GPS position.
pub(crate) fn with_exif(
    jpeg: &[u8],
    orientation: u16,
    gps: Option<(u32, &[u8; 1], u32, &[u8; 1])>,
) -> Vec<u8> {
    let mut tiff = Vec::from(*b"MM\0\x2A\0\0\0\x08");
    let entries: u16 = if gps.is_some() { 2 } else { 1 };
    tiff.extend(entries.to_be_bytes());
    tiff.extend(entry(0x0112, 3, 1, u32::from(orientation) << 16));
    if gps.is_some() {
        tiff.extend(entry(0x8825, 4, 1, 8 + 2 + 24 + 4));
    }
    tiff.extend([0; 4]);
    if let Some((latitude, south, longitude, west)) = gps {
        let values = u32::try_from(tiff.len()).unwrap() + 2 + 48 + 4;
        tiff.extend(4_u16.to_be_bytes());
        tiff.extend(entry(1, 2, 2, u32::from(south[0]) << 24));
        tiff.extend(entry(2, 5, 3, values));
        tiff.extend(entry(3, 2, 2, u32::from(west[0]) << 24));
        tiff.extend(entry(4, 5, 3, values + 24));
        tiff.extend([0; 4]);
        for degrees in [latitude, longitude] {
            for (numerator, denominator) in [(degrees, 1_u32), (30, 1), (0, 1)] {
                tiff.extend(numerator.to_be_bytes());
                tiff.extend(denominator.to_be_bytes());
            }
        }
    }
    let length = u16::try_from(2 + 6 + tiff.len()).unwrap();
    let mut bytes = Vec::from(&jpeg[..2]);
    bytes.extend([0xFF, 0xE1]);
    bytes.extend(length.to_be_bytes());
    bytes.extend(b"Exif\0\0");
    bytes.extend(tiff);
    bytes.extend(&jpeg[2..]);
    bytes
}

fn entry(tag: u16, kind: u16, count: u32, value: u32) -> Vec<u8> {
    let mut entry = Vec::from(tag.to_be_bytes());
    entry.extend(kind.to_be_bytes());
    entry.extend(count.to_be_bytes());
    entry.extend(value.to_be_bytes());
    entry
}

/// A header that claims 30,000 x 30,000 pixels, in each format.
pub(crate) fn huge(format: Format) -> Vec<u8> {
    match format {
        Format::Png => {
            let mut png = encoded(ImageFormat::Png, 1);
            for at in [16, 20] {
                png[at..at + 4].copy_from_slice(&30_000_u32.to_be_bytes());
            }
            let crc = crc32(&png[12..29]);
            png[29..33].copy_from_slice(&crc.to_be_bytes());
            png
        }
        Format::Jpeg => {
            let mut jpeg = jpeg(40, 30, 1);
            let frame = jpeg
                .windows(2)
                .position(|marker| marker == [0xFF, 0xC0])
                .unwrap();
            for at in [frame + 5, frame + 7] {
                jpeg[at..at + 2].copy_from_slice(&30_000_u16.to_be_bytes());
            }
            jpeg
        }
        Format::WebP => {
            // VP8X: flags, 3 reserved, width - 1 and height - 1 in 24 bits each.
            let mut body = Vec::from(*b"WEBPVP8X\x0A\0\0\0\0\0\0\0");
            for _ in 0..2 {
                body.extend(&29_999_u32.to_le_bytes()[..3]);
            }
            let inner = encoded(ImageFormat::WebP, 1);
            body.extend(&inner[12..]);
            let mut webp = Vec::from(*b"RIFF");
            webp.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
            webp.extend(body);
            webp
        }
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

#[test]
fn every_format_is_taken_with_its_size() {
    for (bytes, format) in [
        (jpeg(40, 30, 1), Format::Jpeg),
        (encoded(ImageFormat::Png, 1), Format::Png),
        (encoded(ImageFormat::WebP, 1), Format::WebP),
    ] {
        let judged = judge(&Bytes::from(bytes), MAX_PIXELS).unwrap();

        assert_eq!(judged.format, format);
        assert_eq!((judged.width_px, judged.height_px), (40, 30));
        assert!(judged.thumbnail.starts_with(&[0xFF, 0xD8]));
    }
}

#[test]
fn a_huge_header_is_refused_before_anything_is_decoded() {
    for format in [Format::Jpeg, Format::Png, Format::WebP] {
        let refused = judge(&huge(format).into(), MAX_PIXELS).err().unwrap();

        assert!(
            matches!(
                refused,
                FileRefusal::TooManyPixels {
                    width: 30_000,
                    height: 30_000,
                    ..
                }
            ),
            "{format:?}: {refused}"
        );
    }
}

/// A PNG of a few bytes whose header says this size, depth and kind of colours.
fn declaring(width: u32, height: u32, depth: u8, colours: u8) -> Bytes {
    let mut png = encoded(ImageFormat::Png, 1);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    png[24..26].copy_from_slice(&[depth, colours]);
    let crc = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    png.into()
}

#[test]
fn a_row_of_64_million_pixels_is_refused_before_anything_is_allocated() {
    for png in [
        declaring(64_000_000, 1, 8, 2),
        declaring(1, 64_000_000, 8, 2),
    ] {
        let refused = judge(&png, MAX_PIXELS).unwrap_err();

        assert_eq!(refused.reason(), "TOO_MANY_PIXELS", "{refused}");
        assert!(
            matches!(refused, FileRefusal::TooLargeToDecode(_)),
            "{refused}"
        );
    }
}

#[test]
fn what_decoding_holds_is_bounded_by_depth_and_not_by_pixels_alone() {
    let refused = judge(&declaring(8000, 8000, 16, 6), MAX_PIXELS).unwrap_err();
    assert!(
        matches!(refused, FileRefusal::TooLargeToDecode(_)),
        "{refused}"
    );

    // As many pixels of 8 bits may be decoded; there are none in this file.
    let refused = judge(&declaring(8000, 8000, 8, 2), MAX_PIXELS).unwrap_err();
    assert!(
        matches!(refused, FileRefusal::UnreadableImage(_)),
        "{refused}"
    );
}

#[test]
fn an_image_that_is_cut_off_is_refused_wherever_it_is_cut() {
    for bytes in [
        jpeg(64, 64, 3),
        encoded(ImageFormat::Png, 3),
        encoded(ImageFormat::WebP, 3),
    ] {
        // The last chunk of a PNG says only that it ends.
        let end = if bytes.starts_with(b"\x89PNG") { 13 } else { 1 };
        for length in (1..bytes.len() - end).step_by(7) {
            let cut = Bytes::copy_from_slice(&bytes[..length]);
            assert!(
                judge(&cut, MAX_PIXELS).is_err(),
                "{length} of {}",
                bytes.len()
            );
        }
    }
}

#[test]
fn the_position_keeps_its_hemispheres() {
    for (south, west, latitude, longitude) in [
        (b"N", b"E", 33.5, 71.5),
        (b"S", b"E", -33.5, 71.5),
        (b"N", b"W", 33.5, -71.5),
        (b"S", b"W", -33.5, -71.5),
    ] {
        let bytes = with_exif(&jpeg(20, 10, 1), 1, Some((33, south, 71, west)));

        let position = judge(&bytes.into(), MAX_PIXELS).unwrap().position.unwrap();

        assert!((position.latitude() - latitude).abs() < 1e-9);
        assert!((position.longitude() - longitude).abs() < 1e-9);
    }
}

#[test]
fn a_position_that_cannot_be_is_none() {
    let bytes = with_exif(&jpeg(20, 10, 1), 1, Some((95, b"N", 71, b"E")));

    assert_eq!(judge(&bytes.into(), MAX_PIXELS).unwrap().position, None);
}

#[test]
fn the_orientation_turns_size_and_thumbnail() {
    for (orientation, size) in [(1, (20, 10)), (3, (20, 10)), (6, (10, 20)), (8, (10, 20))] {
        let bytes = with_exif(&jpeg(20, 10, 1), orientation, None);

        let judged = judge(&bytes.into(), MAX_PIXELS).unwrap();

        let thumbnail = image::load_from_memory(&judged.thumbnail).unwrap();
        assert_eq!((judged.width_px, judged.height_px), size);
        assert_eq!((thumbnail.width(), thumbnail.height()), size);
    }
}

#[test]
fn a_thumbnail_fits_and_keeps_its_shape() {
    let judged = judge(&jpeg(800, 400, 1).into(), MAX_PIXELS).unwrap();

    let thumbnail = image::load_from_memory(&judged.thumbnail).unwrap();

    assert_eq!((thumbnail.width(), thumbnail.height()), (300, 150));
}

#[test]
fn hostile_files_are_judged_without_a_crash() {
    let Some(folder) = shared_file("photos/hostile") else {
        return;
    };
    let mut judged = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        // Taken or refused: either is an answer.
        judge(&bytes.into(), MAX_PIXELS).ok();
        judged += 1;
    }
    assert!(judged > 0);
}

#[test]
fn positions_of_real_cameras_are_read() {
    let Some(path) = shared_file("photos/gps/DSCN0010.jpg") else {
        return;
    };

    let judged = judge(&std::fs::read(path).unwrap().into(), MAX_PIXELS).unwrap();

    let position = judged.position.unwrap();
    assert!((position.latitude() - 43.467).abs() < 0.001, "{position:?}");
    assert!(
        (position.longitude() - 11.885).abs() < 0.001,
        "{position:?}"
    );
    assert!(judged.captured_at.is_some());
}

#[test]
fn real_photos_are_taken() {
    for name in ["photos/bike.jpg", "photos/tray_arabidopsis_19_plants.jpg"] {
        let Some(path) = shared_file(name) else {
            return;
        };
        judge(&std::fs::read(path).unwrap().into(), MAX_PIXELS).unwrap();
    }
}

#[test]
fn the_annotated_picture_is_bounded_and_upright() {
    let original = Bytes::from(with_exif(&jpeg(3000, 600, 1), 6, None));
    let count = Count {
        detections: (0_u8..9).map(|at| plant(f32::from(at))).collect(),
        ..Count::default()
    };

    let drawn = annotated(&original, Format::Jpeg, &count).unwrap();

    let drawn = image::load_from_memory(&drawn).unwrap();
    // Below the picture is the legend.
    assert_eq!((drawn.width(), drawn.height()), (409, 2048 + 16));
}

#[test]
fn the_number_of_plants_hides_none() {
    let count = Count {
        detections: vec![plant(0.0)],
        ..Count::default()
    };

    let drawn = annotated(&jpeg(60, 300, 1).into(), Format::Jpeg, &count).unwrap();

    let drawn = image::load_from_memory(&drawn).unwrap().into_rgb8();
    let Rgb([red, green, blue]) = *drawn.get_pixel(0, 0);
    assert!(red > 200 && green < 80 && blue < 100, "the box's corner");
    assert!(
        drawn.width() > 60 && drawn.height() > 300,
        "the legend has room"
    );
}

#[test]
fn boxes_outside_the_picture_do_no_harm() {
    let within = rect(0.0);
    let far = Rect {
        x_min: -50.0,
        x_max: 1e9,
        ..within
    };
    let senseless = Rect {
        x_min: f32::NAN,
        y_max: f32::NEG_INFINITY,
        ..within
    };
    let at = |rect| Detection { rect, ..plant(0.0) };
    let count = Count {
        detections: vec![at(far), at(senseless)],
        ..Count::default()
    };

    annotated(&jpeg(16, 16, 1).into(), Format::Jpeg, &count).unwrap();
}

fn rect(at: f32) -> Rect {
    Rect {
        x_min: at * 30.0,
        y_min: at * 200.0,
        x_max: at * 30.0 + 60.0,
        y_max: at * 200.0 + 80.0,
    }
}

fn plant(at: f32) -> Detection {
    Detection {
        rect: rect(at),
        confidence: 0.2 + at * 0.08,
        label: "plant".to_owned(),
    }
}
