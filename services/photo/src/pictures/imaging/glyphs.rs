//! Text as scaled 8 x 8 bitmap letters: no font file, no licence.

use font8x8::legacy::BASIC_LEGACY;
use image::{Rgb, RgbImage};
use imageproc::drawing::draw_filled_rect_mut;
use imageproc::rect::Rect;

/// Rows of a letter at size 1.
pub(super) const HEIGHT: u32 = 8;

/// Pixels that so many letters take.
pub(super) fn width(letters: usize, size: u32) -> u32 {
    u32::try_from(letters)
        .unwrap_or(u32::MAX)
        .saturating_mul(8 * size)
}

/// Draws ASCII text with its top left at `at`; other letters are left blank.
pub(super) fn draw(picture: &mut RgbImage, text: &str, at: (u32, u32), size: u32, colour: Rgb<u8>) {
    for (index, letter) in text.bytes().enumerate() {
        let rows = BASIC_LEGACY
            .get(usize::from(letter))
            .copied()
            .unwrap_or_default();
        let left = at.0 + width(index, size);
        for (row, bits) in (0_u32..).zip(rows) {
            for column in (0_u32..8).filter(|column| bits >> column & 1 == 1) {
                dot(
                    picture,
                    (left + column * size, at.1 + row * size),
                    size,
                    colour,
                );
            }
        }
    }
}

fn dot(picture: &mut RgbImage, at: (u32, u32), size: u32, colour: Rgb<u8>) {
    if let (Ok(left), Ok(top)) = (i32::try_from(at.0), i32::try_from(at.1)) {
        draw_filled_rect_mut(picture, Rect::at(left, top).of_size(size, size), colour);
    }
}
