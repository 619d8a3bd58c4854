//! Draws what was found onto the picture.

use std::collections::BTreeMap;
use std::io::Cursor;

use font8x8::UnicodeFonts as _;
use image::{ImageFormat, Rgb, RgbImage};

use super::{DetectError, Found, Report};
use crate::domain::whole_part;
use crate::engine::decode;

/// Colours that differ on green and on soil.
const COLOURS: [[u8; 3]; 8] = [
    [230, 25, 75],
    [255, 225, 25],
    [0, 130, 200],
    [245, 130, 48],
    [240, 50, 230],
    [70, 240, 240],
    [255, 255, 255],
    [128, 0, 255],
];
/// Sides of a letter.
const LETTER: u32 = 8;
/// More boxes than this are drawn without their labels, which would hide them.
const MOST_LABELS: usize = 150;

/// The picture with a box, and a label if there are few, around everything found. PNG.
pub fn draw(image: &[u8], report: &Report) -> Result<Vec<u8>, DetectError> {
    let unreadable =
        |error: crate::engine::UnreadablePicture| DetectError::Unreadable(error.to_string());
    let mut picture = decode(image).map_err(unreadable)?;
    // The same pen for the eye, whatever the size of the picture.
    let pen = (picture.width().max(picture.height()) / 700).max(1);
    let mut colours = BTreeMap::new();
    for found in &report.detections {
        let next = COLOURS[colours.len() % COLOURS.len()];
        let colour = *colours.entry(found.label.as_str()).or_insert(Rgb(next));
        frame(&mut picture, found, pen, colour);
        if report.detections.len() <= MOST_LABELS {
            label(&mut picture, found, pen, colour);
        }
    }
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

fn frame(picture: &mut RgbImage, found: &Found, pen: u32, colour: Rgb<u8>) {
    let (left, top) = (whole_part(found.rect.x_min), whole_part(found.rect.y_min));
    let (right, bottom) = (whole_part(found.rect.x_max), whole_part(found.rect.y_max));
    let (width, height) = (right.saturating_sub(left), bottom.saturating_sub(top));
    fill(picture, (left, top), (width, pen), colour);
    fill(
        picture,
        (left, bottom.saturating_sub(pen)),
        (width, pen),
        colour,
    );
    fill(picture, (left, top), (pen, height), colour);
    fill(
        picture,
        (right.saturating_sub(pen), top),
        (pen, height),
        colour,
    );
}

/// The class and the confidence, dark on the box's colour, inside its top left corner.
fn label(picture: &mut RgbImage, found: &Found, pen: u32, colour: Rgb<u8>) {
    let text = format!("{} {:.2}", found.label, found.confidence);
    let (left, top) = (whole_part(found.rect.x_min), whole_part(found.rect.y_min));
    let width = u32::try_from(text.chars().count()).unwrap_or(0) * LETTER * pen;
    fill(picture, (left, top), (width, (LETTER + 2) * pen), colour);
    for (letter, x) in text.chars().zip((left..).step_by(step(LETTER * pen))) {
        let Some(rows) = font8x8::BASIC_FONTS.get(letter) else {
            continue;
        };
        for (row, y) in rows.into_iter().zip((top + pen..).step_by(step(pen))) {
            let lit = (0..LETTER).filter(|column| row >> column & 1 == 1);
            for column in lit {
                fill(picture, (x + column * pen, y), (pen, pen), Rgb([0; 3]));
            }
        }
    }
}

/// Paints a rectangle, as far as it lies in the picture.
fn fill(picture: &mut RgbImage, at: (u32, u32), size: (u32, u32), colour: Rgb<u8>) {
    let (width, height) = picture.dimensions();
    for y in at.1..at.1.saturating_add(size.1).min(height) {
        for x in at.0..at.0.saturating_add(size.0).min(width) {
            picture.put_pixel(x, y, colour);
        }
    }
}

fn step(length: u32) -> usize {
    usize::try_from(length).unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, RgbImage};

    use super::{Found, Report, draw};
    use crate::domain::{Estimate, Rect};

    #[test]
    fn boxes_that_leave_the_picture_are_drawn_as_far_as_they_go() {
        let mut bytes = Cursor::new(Vec::new());
        let picture = RgbImage::new(100, 50);
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        let found = Found {
            label: "plant".to_owned(),
            confidence: 0.5,
            rect: Rect {
                x_min: 60.0,
                y_min: 20.0,
                x_max: 400.0,
                y_max: 49.0,
            },
        };
        let report = Report {
            width_px: 100,
            height_px: 50,
            tile_count: 1,
            estimate: Estimate {
                plants: 1,
                range: None,
                boxes: 1,
            },
            detections: vec![found],
        };

        let drawn = draw(&bytes.into_inner(), &report).unwrap();

        let drawn = image::load_from_memory(&drawn).unwrap().into_rgb8();
        assert_eq!(drawn.dimensions(), (100, 50));
        assert_eq!(drawn.get_pixel(60, 45).0, [230, 25, 75]);
        assert_eq!(drawn.get_pixel(30, 45).0, [0, 0, 0]);
    }
}
