//! WebP: the first chunk is a lossy picture, a lossless one, or the frame of either.

use super::Declared;

/// Planes or colours of the decoder, what it gives with transparency, and RGB.
const BYTES_PER_PIXEL: u64 = 4 + 4 + 3;

/// Reads the first chunk.
pub(crate) fn read(bytes: &[u8]) -> Option<Declared> {
    let file = bytes.strip_prefix(b"RIFF")?.get(4..)?;
    let (kind, chunk) = file.strip_prefix(b"WEBP")?.split_at_checked(4)?;
    let data = chunk.get(4..)?;
    let (width, height) = match kind {
        b"VP8 " => lossy(data)?,
        b"VP8L" => lossless(data)?,
        b"VP8X" => (1 + three(data, 4)?, 1 + three(data, 7)?),
        _ => return None,
    };
    Some(Declared {
        width,
        height,
        eighths: 8 * BYTES_PER_PIXEL,
    })
}

/// Fourteen bits each, behind the start code of a key frame.
fn lossy(data: &[u8]) -> Option<(u32, u32)> {
    let sides = data.get(3..)?.strip_prefix(b"\x9d\x01\x2a")?;
    let [a, b, c, d] = *sides.first_chunk::<4>()?;
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
    Some((side(a, b), side(c, d)))
}

/// One less than each side, in fourteen bits.
fn lossless(data: &[u8]) -> Option<(u32, u32)> {
    let packed = u32::from_le_bytes(*data.strip_prefix(b"\x2f")?.first_chunk()?);
    Some((1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)))
}

/// A little-endian number of three bytes.
fn three(data: &[u8], at: usize) -> Option<u32> {
    let [a, b, c] = *data.get(at..)?.first_chunk::<3>()?;
    Some(u32::from_le_bytes([a, b, c, 0]))
}
