//! Whether a JPEG is all there. Decoders fill what is missing with grey, and a
//! grey half would be counted as a bed without plants.

/// Walks the markers of a file that begins with SOI: true when there is a scan
/// and, after it, the end-of-image marker. Bytes after that are fine (phones
/// append films).
pub(super) fn is_complete(bytes: &[u8]) -> bool {
    let mut at = 2;
    let mut has_scan = false;
    while let Some(&byte) = bytes.get(at) {
        if byte != 0xFF {
            // Entropy-coded data.
            at += 1;
            continue;
        }
        match bytes.get(at + 1) {
            None => return false,
            // A fill byte: the marker is the next one.
            Some(0xFF) => at += 1,
            // A stuffed zero, or a marker without a body.
            Some(0x00 | 0x01 | 0xD0..=0xD8) => at += 2,
            Some(0xD9) => return has_scan,
            Some(&marker) => {
                let Some(&[high, low]) = bytes.get(at + 2..at + 4) else {
                    return false;
                };
                let length = usize::from(u16::from_be_bytes([high, low]));
                has_scan |= marker == 0xDA;
                at += 2 + length.max(2);
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] = &[
        0xFF, 0xD8, 0xFF, 0xE1, 0, 6, 0xFF, 0xD9, 1, 1, 0xFF, 0xDA, 0, 3, 9, 5, 0xFF, 0, 0xFF,
        0xD0, 7, 0xFF, 0xFF, 0xD9, 1,
    ];

    #[test]
    fn a_file_ends_at_its_end_marker_and_not_at_one_inside_a_segment() {
        assert!(is_complete(WHOLE));
        for length in 2..WHOLE.len() - 1 {
            assert!(!is_complete(&WHOLE[..length]), "{length}");
        }
    }

    #[test]
    fn an_end_without_a_scan_is_no_picture() {
        assert!(!is_complete(&[0xFF, 0xD8, 0xFF, 0xD9]));
    }
}
