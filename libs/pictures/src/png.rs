//! PNG: the first chunk says everything.

use super::Declared;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Reads the IHDR chunk.
pub(crate) fn read(bytes: &[u8]) -> Option<Declared> {
    let chunk = bytes.strip_prefix(SIGNATURE)?;
    let fields = chunk.strip_prefix(b"\0\0\0\x0dIHDR")?;
    let number = |at: usize| Some(u32::from_be_bytes(*fields.get(at..)?.first_chunk()?));
    let (width, height) = (number(0)?, number(4)?);
    let (depth, colours) = (*fields.get(8)?, *fields.get(9)?);
    // As many as with the transparency that a later chunk may add.
    let samples: u64 = match colours {
        0 | 4 => 2,
        _ => 4,
    };
    let of_sample = if depth == 16 { 2 } else { 1 };
    Some(Declared {
        width,
        height,
        eighths: 8 * (samples * of_sample + 3),
    })
}
