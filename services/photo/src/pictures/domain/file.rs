//! What may be uploaded, and why a file is refused.

use demeter_pictures::TooLarge;

/// The kinds of image that are taken, by content and never by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    WebP,
}

/// Why a file is refused. `Display` tells a person what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileRefusal {
    /// No bytes.
    #[error("the file is empty; send the bytes of an image")]
    EmptyBody,
    /// By content neither JPEG, PNG nor WebP.
    #[error("the file is not a JPEG, PNG or WebP image")]
    UnsupportedFormat,
    /// It does not decode.
    #[error("the image cannot be read, it may be cut off or damaged: {0}")]
    UnreadableImage(String),
    /// Too many bytes.
    #[error("the file is larger than {limit} bytes; send a smaller one")]
    FileTooLarge {
        /// The most that is taken.
        limit: u64,
    },
    /// Too many pixels.
    #[error("the image has {width} x {height} pixels, more than {limit}; send a smaller one")]
    TooManyPixels {
        /// As its header says.
        width: u32,
        /// As its header says.
        height: u32,
        /// The most that is taken.
        limit: u64,
    },
    /// A side, or the memory that decoding takes, is above the limit.
    #[error("the image is too large: {0}")]
    TooLargeToDecode(#[from] TooLarge),
    /// Too many files in one form.
    #[error("a form may carry at most {limit} files; send the others in another one")]
    TooManyFiles {
        /// The most that is taken.
        limit: usize,
    },
}

// === impl Format ===

impl Format {
    /// Says the format from the first bytes.
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Self::Png),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Some(Self::WebP),
            _ => None,
        }
    }

    /// Its media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }

    /// The ending of its object key.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
        }
    }

    /// The format with this ending.
    pub fn from_extension(extension: &str) -> Option<Self> {
        [Self::Jpeg, Self::Png, Self::WebP]
            .into_iter()
            .find(|format| format.extension() == extension)
    }
}

// === impl FileRefusal ===

impl FileRefusal {
    /// For programs.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::EmptyBody => "EMPTY_BODY",
            Self::UnsupportedFormat => "UNSUPPORTED_FORMAT",
            Self::UnreadableImage(_) => "UNREADABLE_IMAGE",
            Self::FileTooLarge { .. } => "FILE_TOO_LARGE",
            Self::TooManyPixels { .. } | Self::TooLargeToDecode(_) => "TOO_MANY_PIXELS",
            Self::TooManyFiles { .. } => "TOO_MANY_FILES",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_told_by_content() {
        assert_eq!(Format::sniff(b"\xFF\xD8\xFF\xE0rest"), Some(Format::Jpeg));
        assert_eq!(Format::sniff(b"\x89PNG\r\n\x1A\nrest"), Some(Format::Png));
        assert_eq!(Format::sniff(b"RIFF\x04\0\0\0WEBPVP8 "), Some(Format::WebP));
        for other in [
            &b""[..],
            b"\xFF\xD8",
            b"GIF89a",
            b"RIFF\0\0\0\0WAVE",
            b"plants",
        ] {
            assert_eq!(Format::sniff(other), None, "{other:?}");
        }
    }
}
