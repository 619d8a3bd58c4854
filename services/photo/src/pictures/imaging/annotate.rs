//! Draws what the model found, so that a person can check the count.

use bytes::Bytes;
use image::{DynamicImage, Rgb, RgbImage, imageops};
use imageproc::drawing::draw_hollow_rect_mut;
use imageproc::rect::Rect;
use jpeg_encoder::SamplingFactor;

use super::decode::{pixels, unreadable};
use super::{encode_jpeg, exif, fit, glyphs};
use crate::pictures::{FileRefusal, Format};
use crate::ports::{Count, Detection};

/// Largest side of the drawn picture, without its legend.
const MAX_SIDE: u32 = 2048;
const PANEL: Rgb<u8> = Rgb([20, 24, 20]);
const TEXT: Rgb<u8> = Rgb([255, 255, 255]);

/// A JPEG of the upright photo with a box per plant, coloured from red (the
/// model is unsure) to green (sure), and the number below.
pub fn annotated(original: &Bytes, format: Format, count: &Count) -> Result<Vec<u8>, FileRefusal> {
    let picture = pixels(original, format)?;
    let full = picture.width().max(picture.height());
    let fitted = fit(picture, MAX_SIDE).map_err(unreadable)?;
    let scale = pixels_of(fitted.width().max(fitted.height())) / pixels_of(full);
    // Turned when it is small: turning a whole photo takes longer than decoding it.
    let mut fitted = DynamicImage::ImageRgb8(fitted);
    fitted.apply_orientation(exif::read(original.clone()).orientation);
    let mut picture = fitted.into_rgb8();
    // The surest last, so that they lie on top.
    for detection in count.detections.iter().rev() {
        draw_box(&mut picture, detection, scale);
    }
    encode_jpeg(&with_legend(&picture, count), SamplingFactor::F_1_1).map_err(unreadable)
}

fn draw_box(picture: &mut RgbImage, detection: &Detection, scale: f32) {
    let rect = detection.rect;
    let left = whole(rect.x_min * scale);
    let top = whole(rect.y_min * scale);
    let width = whole(rect.x_max * scale).saturating_sub(left);
    let height = whole(rect.y_max * scale).saturating_sub(top);
    let colour = colour(detection.confidence);
    // Thin on small boxes, so that the plant stays visible.
    let thickness = if width.min(height) >= 48 { 2 } else { 1 };
    for inset in 0..thickness {
        let size = |length: i32| u32::try_from(length - 2 * inset).unwrap_or(1).max(1);
        let edge = Rect::at(left + inset, top + inset).of_size(size(width), size(height));
        draw_hollow_rect_mut(picture, edge, colour);
    }
}

/// Red at 0.25 and below, yellow half-way, green from 0.85 on.
fn colour(confidence: f32) -> Rgb<u8> {
    let sure = ((confidence - 0.25) / 0.6).clamp(0.0, 1.0);
    let channel = |value: f32| byte((value.clamp(0.0, 1.0)) * 255.0);
    Rgb([channel(2.0 - 2.0 * sure), channel(2.0 * sure), 40])
}

/// The picture with the number below it, where it hides no plant and moves no pixel.
fn with_legend(picture: &RgbImage, count: &Count) -> RgbImage {
    let title = format!("{}  ", count.estimate);
    let mean = count.mean_confidence();
    let confidence = mean.map_or_else(String::new, |mean| {
        format!("confidence {:.0}%", mean * 100.0)
    });
    let size = (picture.width().min(picture.height()) / 250).clamp(1, 6);
    let margin = 4 * size;
    let left = margin + glyphs::width(title.len(), size);
    let right = left + glyphs::width(confidence.len(), size) + margin;
    let top = picture.height() + margin;
    let bottom = top + glyphs::HEIGHT * size + margin;
    let mut sheet = RgbImage::from_pixel(right.max(picture.width()), bottom, PANEL);
    imageops::replace(&mut sheet, picture, 0, 0);
    glyphs::draw(&mut sheet, &title, (margin, top), size, TEXT);
    let hue = colour(narrow(mean.unwrap_or_default()));
    glyphs::draw(&mut sheet, &confidence, (left, top), size, hue);
    sheet
}

#[expect(
    clippy::cast_precision_loss,
    reason = "sides of pictures are below 2^24"
)]
fn pixels_of(side: u32) -> f32 {
    side as f32
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "saturates, which is what drawing wants"
)]
fn whole(pixels: f32) -> i32 {
    pixels.round().clamp(-100_000.0, 100_000.0) as i32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 255"
)]
fn byte(value: f32) -> u8 {
    value.round() as u8
}

#[expect(clippy::cast_possible_truncation, reason = "a share needs few digits")]
fn narrow(share: f64) -> f32 {
    share as f32
}
