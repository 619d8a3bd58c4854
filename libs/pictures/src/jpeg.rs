//! JPEG: the frame header, behind whatever the camera wrote before it.

use super::{Declared, two};

/// Start of a frame whose coefficients come in several passes, so that all of them
/// are held.
const PROGRESSIVE: [u8; 2] = [0xC2, 0xCA];
/// Marks of this range that start no frame.
const NO_FRAME: [u8; 3] = [0xC4, 0xC8, 0xCC];

/// Walks over the segments to the frame header.
pub(crate) fn read(bytes: &[u8]) -> Option<Declared> {
    let mut rest = bytes.strip_prefix(b"\xff\xd8")?;
    loop {
        let after = rest.strip_prefix(b"\xff")?;
        let (marker, segment) = after.split_first()?;
        match marker {
            // Filling.
            0xFF => rest = after,
            0xC0..=0xCF if !NO_FRAME.contains(marker) => return frame(*marker, segment),
            _ => {
                let length = usize::try_from(two(segment, 0)?).ok()?;
                rest = segment.get(length..)?;
            }
        }
    }
}

fn frame(marker: u8, segment: &[u8]) -> Option<Declared> {
    let (height, width) = (two(segment, 3)?, two(segment, 5)?);
    let count = usize::from(*segment.get(7)?);
    let components = segment.get(8..8 + 3 * count)?;
    let of_components = || components.iter().skip(1).step_by(3);
    let areas = of_components().map(|sampling| u64::from(sampling >> 4) * u64::from(sampling & 15));
    let (all, largest) = (areas.clone().sum::<u64>(), areas.max()?.max(1));
    // Three components are decoded to RGB at once; others become RGB after.
    let given = if count == 3 {
        3
    } else {
        u64::try_from(count).ok()? + 3
    };
    let coefficients = if PROGRESSIVE.contains(&marker) {
        (8 * 2 * all).div_ceil(largest)
    } else {
        0
    };
    Some(Declared {
        width,
        height,
        eighths: 8 * given + coefficients,
    })
}
