//! What a camera wrote into a photo. A broken block counts as none: it says
//! nothing about the picture.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use chrono::{DateTime, FixedOffset, Utc};
use image::metadata::Orientation;
use nom_exif::{Exif, ExifTag, MediaParser, MediaSource};

use crate::ports::Position;

/// The parts of EXIF that matter here.
#[derive(Debug)]
pub(super) struct Metadata {
    pub(super) orientation: Orientation,
    pub(super) position: Option<Position>,
    /// A time without an offset is taken as UTC.
    pub(super) captured_at: Option<DateTime<Utc>>,
}

/// Reads the EXIF block of a JPEG, PNG or WebP.
pub(super) fn read(bytes: Bytes) -> Metadata {
    // A parser that panics on hostile bytes must not refuse the picture.
    let exif = catch_unwind(AssertUnwindSafe(|| parse(bytes)))
        .ok()
        .flatten();
    Metadata {
        orientation: exif
            .as_ref()
            .and_then(orientation)
            .unwrap_or(Orientation::NoTransforms),
        position: exif.as_ref().and_then(position),
        captured_at: exif.as_ref().and_then(captured_at),
    }
}

fn parse(bytes: Bytes) -> Option<Exif> {
    let source = MediaSource::from_memory(bytes).ok()?;
    let iter = MediaParser::new().parse_exif(source).ok()?;
    Some(iter.into())
}

fn orientation(exif: &Exif) -> Option<Orientation> {
    let value = exif.get(ExifTag::Orientation)?.try_as_integer()?;
    Orientation::from_exif(u8::try_from(value).ok()?)
}

fn position(exif: &Exif) -> Option<Position> {
    let gps = exif.gps_info()?;
    Position::new(gps.longitude_decimal()?, gps.latitude_decimal()?)
}

fn captured_at(exif: &Exif) -> Option<DateTime<Utc>> {
    let time = exif.get(ExifTag::DateTimeOriginal)?.as_datetime()?;
    Some(time.or_offset(FixedOffset::east_opt(0)?).to_utc())
}
