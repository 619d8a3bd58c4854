//! What a picture declares about itself, read without decoding or allocating
//! anything, and what decoding it will hold in memory: a file of some kilobytes can
//! declare a picture of gigabytes.

mod jpeg;
mod png;
mod webp;

/// No camera's picture is longer; a row or column of one pixel is an attack.
pub const LONGEST_SIDE: u32 = 30_000;

/// The most bytes that decoding one picture may hold. A JPEG of 64 million pixels
/// takes 192 MB, a PNG of as many in 16 bits with transparency 704.
pub const MOST_BYTES: u64 = 512 << 20;

/// What a header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Pixels from left to right, before any orientation.
    pub width: u32,
    /// Pixels from top to bottom, before any orientation.
    pub height: u32,
    /// The most bytes that a decoder holds for one pixel until it is RGB, in eighths:
    /// its own buffers, what it gives, and the RGB that is made of it.
    eighths: u64,
}

/// Why a picture is not decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooLarge {
    /// It is too long or too high.
    #[error("it has {width} x {height} pixels, and no side may have more than {LONGEST_SIDE}")]
    Side {
        /// As declared.
        width: u32,
        /// As declared.
        height: u32,
    },
    /// It is too much for one picture.
    #[error(
        "decoding it would take {} MiB, more than {}: make it smaller, or a JPEG",
        .bytes >> 20,
        MOST_BYTES >> 20
    )]
    Memory {
        /// What decoding would hold.
        bytes: u64,
    },
}

// === impl Declared ===

impl Declared {
    /// Reads a JPEG's, PNG's or WebP's header; none when there is no such header in
    /// these bytes.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        jpeg::read(bytes)
            .or_else(|| png::read(bytes))
            .or_else(|| webp::read(bytes))
    }

    /// Bytes that decoding to RGB holds at most, beside the file itself.
    pub fn bytes(&self) -> u64 {
        let pixels = u64::from(self.width) * u64::from(self.height);
        pixels.saturating_mul(self.eighths).div_ceil(8)
    }

    /// MiB that decoding the picture in these bytes holds at most; none when it is
    /// refused before that. At most [`MOST_BYTES`].
    pub fn mebibytes_to_decode(bytes: &[u8]) -> Option<u32> {
        let declared = Self::read(bytes)?;
        declared.check().ok()?;
        Some(mebibytes(declared.bytes()))
    }

    /// Refuses what is too large for one picture.
    pub fn check(&self) -> Result<(), TooLarge> {
        let Self { width, height, .. } = *self;
        if width.max(height) > LONGEST_SIDE {
            return Err(TooLarge::Side { width, height });
        }
        let bytes = self.bytes();
        if bytes > MOST_BYTES {
            return Err(TooLarge::Memory { bytes });
        }
        Ok(())
    }
}

/// Whole MiB that hold so many bytes, at least one: what semaphores of memory count.
pub fn mebibytes(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(1 << 20)).map_or(u32::MAX, |mebibytes| mebibytes.max(1))
}

/// A big-endian number of two bytes.
fn two(bytes: &[u8], at: usize) -> Option<u32> {
    let [high, low] = *bytes.get(at..at + 2)?.first_chunk::<2>()?;
    Some(u16::from_be_bytes([high, low]).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32, depth: u8, colours: u8) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([depth, colours, 0, 0, 0]);
        bytes
    }

    /// A JPEG up to its frame header: `marker` 0xC0 is baseline, 0xC2 progressive.
    fn jpeg(width: u16, height: u16, marker: u8, sampling: &[u8]) -> Vec<u8> {
        let mut bytes = b"\xff\xd8\xff\xe1\x00\x06Exif\xff\xff".to_vec();
        let components = u8::try_from(sampling.len()).unwrap();
        bytes.extend([marker, 0, 8 + 3 * components, 8]);
        bytes.extend(height.to_be_bytes());
        bytes.extend(width.to_be_bytes());
        bytes.push(components);
        for (number, sampling) in (1..).zip(sampling) {
            bytes.extend([number, *sampling, 0]);
        }
        bytes
    }

    fn megabytes(bytes: &[u8]) -> u64 {
        Declared::read(bytes).unwrap().bytes() / 1_000_000
    }

    #[test]
    fn a_row_of_64_million_pixels_is_refused_by_its_side() {
        for bytes in [png(64_000_000, 1, 8, 2), png(1, 64_000_000, 1, 0)] {
            let refused = Declared::read(&bytes).unwrap().check().unwrap_err();
            assert!(matches!(refused, TooLarge::Side { .. }), "{refused}");
        }
    }

    #[test]
    fn what_a_picture_holds_depends_on_format_and_depth() {
        let million = |depth, colours| megabytes(&png(1000, 1000, depth, colours));
        assert_eq!(million(8, 2), 7, "RGB, and perhaps a transparent colour");
        assert_eq!(million(16, 6), 11);
        assert_eq!(million(1, 3), 7, "a palette becomes colours");
        assert_eq!(megabytes(&jpeg(1000, 1000, 0xC0, &[0x22, 0x11, 0x11])), 3);
        assert_eq!(megabytes(&jpeg(1000, 1000, 0xC2, &[0x22, 0x11, 0x11])), 6);
        assert_eq!(megabytes(&jpeg(1000, 1000, 0xC2, &[0x11, 0x11, 0x11])), 9);
        assert_eq!(megabytes(&jpeg(1000, 1000, 0xC0, &[0x11])), 4);
    }

    #[test]
    fn eight_thousand_squared_is_taken_as_a_jpeg_and_refused_in_sixteen_bits() {
        let photo = jpeg(8000, 8000, 0xC0, &[0x22, 0x11, 0x11]);
        assert_eq!(Declared::read(&photo).unwrap().check(), Ok(()));

        let refused = Declared::read(&png(8000, 8000, 16, 6)).unwrap().check();

        assert_eq!(refused, Err(TooLarge::Memory { bytes: 704_000_000 }));
    }

    #[test]
    fn webp_of_all_three_kinds_is_read() {
        let wrap = |chunk: &[u8]| [b"RIFF\0\0\0\0WEBP", chunk].concat();
        let lossy = wrap(b"VP8 \x20\0\0\0\0\0\0\x9d\x01\x2a\x40\x01\xf0\x00");
        // 14 bits of width - 1, 14 bits of height - 1.
        let lossless = wrap(b"VP8L\x20\0\0\0\x2f\x3f\xc1\x3b\x00");
        let extended = wrap(b"VP8X\x0a\0\0\0\0\0\0\0\x3f\x01\0\xef\0\0");
        for bytes in [lossy, lossless, extended] {
            let Declared { width, height, .. } = Declared::read(&bytes).unwrap();
            assert_eq!((width, height), (320, 240));
        }
    }

    #[test]
    fn headers_that_end_early_say_nothing() {
        for whole in [png(8, 8, 8, 2), jpeg(8, 8, 0xC0, &[0x11, 0x11, 0x11])] {
            for end in 0..whole.len() - 3 {
                assert_eq!(Declared::read(&whole[..end]), None);
            }
        }
        assert_eq!(Declared::read(b"GIF89a"), None);
        assert_eq!(Declared::read(&[0xff; 1000]), None);
    }
}
