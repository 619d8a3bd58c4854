//! The bins of `location.proto`.

use demeter_proto::stock::v1 as pb;

use crate::beds::domain::bin::{Bin, BinCategory};

impl From<Bin> for pb::StorageBin {
    fn from(bin: Bin) -> Self {
        let Bin {
            id,
            location,
            code,
            label,
            category,
            status,
        } = bin;
        Self {
            storage_bin_id: id.0,
            storage_location_id: location.0,
            code,
            label,
            category: pb::BinCategory::from(category).into(),
            status: status.code().to_owned(),
        }
    }
}

impl From<BinCategory> for pb::BinCategory {
    fn from(category: BinCategory) -> Self {
        match category {
            BinCategory::Plug => Self::Plug,
            BinCategory::SeedlingTray => Self::SeedlingTray,
            BinCategory::Box => Self::Box,
            BinCategory::Segment => Self::Segment,
            BinCategory::Pot => Self::Pot,
        }
    }
}

/// A category as a request names it; `None` for any.
pub fn category(value: i32) -> Option<BinCategory> {
    match pb::BinCategory::try_from(value) {
        Ok(pb::BinCategory::Plug) => Some(BinCategory::Plug),
        Ok(pb::BinCategory::SeedlingTray) => Some(BinCategory::SeedlingTray),
        Ok(pb::BinCategory::Box) => Some(BinCategory::Box),
        Ok(pb::BinCategory::Segment) => Some(BinCategory::Segment),
        Ok(pb::BinCategory::Pot) => Some(BinCategory::Pot),
        // The proto's rules let no other number through.
        Ok(pb::BinCategory::Unspecified) | Err(_) => None,
    }
}

/// A category, or any, as an answer names it.
pub fn category_or_any(category: Option<BinCategory>) -> i32 {
    let any = pb::BinCategory::Unspecified;
    category.map_or(any, pb::BinCategory::from).into()
}
