//! How a photo is searched.

/// How a photo is searched. Kept with every count, so that it can be repeated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters {
    tile_size: u32,
    tile_overlap: f32,
    min_confidence: f32,
    merge_threshold: f32,
    search: Search,
}

/// Which windows of a photo are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Search {
    /// Coarse levels first, finer ones only where they may change the count.
    #[default]
    Adaptive,
    /// Every window of every level.
    Exhaustive,
}

/// What is not a [`Search`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be adaptive or exhaustive")]
pub struct UnknownSearch;

/// A parameter that no search can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{parameter} must be {allowed}")]
pub struct OutOfRange {
    /// Its name.
    pub parameter: &'static str,
    /// What it may be.
    pub allowed: &'static str,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            tile_size: 640,
            tile_overlap: 0.25,
            min_confidence: 0.25,
            merge_threshold: 0.5,
            search: Search::default(),
        }
    }
}

// === impl Parameters ===

impl Parameters {
    /// Side of the square tiles, in pixels.
    pub fn tile_size(&self) -> u32 {
        self.tile_size
    }

    /// Share of a tile that overlaps its neighbour.
    pub fn tile_overlap(&self) -> f32 {
        self.tile_overlap
    }

    /// Boxes below this confidence are dropped.
    pub fn min_confidence(&self) -> f32 {
        self.min_confidence
    }

    /// Two boxes are one plant when they share at least this part of the
    /// smaller one.
    pub fn merge_threshold(&self) -> f32 {
        self.merge_threshold
    }

    /// Which windows are looked at.
    pub fn search(&self) -> Search {
        self.search
    }

    /// With these windows looked at.
    #[must_use]
    pub fn with_search(self, search: Search) -> Self {
        Self { search, ..self }
    }

    /// With tiles of this side, 160 to 2048 pixels.
    pub fn with_tile_size(self, tile_size: u32) -> Result<Self, OutOfRange> {
        let sound = (160..=2048).contains(&tile_size);
        let changed = Self { tile_size, ..self };
        checked(sound, changed, "tile_size_px", "160 to 2048")
    }

    /// With tiles that share this part with their neighbours, 0 to 0.75.
    pub fn with_tile_overlap(self, tile_overlap: f32) -> Result<Self, OutOfRange> {
        let sound = (0.0..=0.75).contains(&tile_overlap);
        let changed = Self {
            tile_overlap,
            ..self
        };
        checked(sound, changed, "tile_overlap", "0 to 0.75")
    }

    /// Without boxes below this confidence, above 0 to 1.
    pub fn with_min_confidence(self, min_confidence: f32) -> Result<Self, OutOfRange> {
        let sound = min_confidence > 0.0 && min_confidence <= 1.0;
        let changed = Self {
            min_confidence,
            ..self
        };
        checked(sound, changed, "min_confidence", "above 0, at most 1")
    }

    /// With boxes down to this confidence too, which is one that
    /// [`Self::with_min_confidence`] takes.
    #[must_use]
    pub(crate) fn down_to(self, floor: f32) -> Self {
        Self {
            min_confidence: self.min_confidence.min(floor),
            ..self
        }
    }

    /// With boxes merged from this overlap on, above 0 to 1.
    pub fn with_merge_threshold(self, merge_threshold: f32) -> Result<Self, OutOfRange> {
        let sound = merge_threshold > 0.0 && merge_threshold <= 1.0;
        let changed = Self {
            merge_threshold,
            ..self
        };
        checked(sound, changed, "merge_threshold", "above 0, at most 1")
    }
}

// === impl Search ===

impl std::str::FromStr for Search {
    type Err = UnknownSearch;

    fn from_str(text: &str) -> Result<Self, UnknownSearch> {
        match text {
            "adaptive" => Ok(Self::Adaptive),
            "exhaustive" => Ok(Self::Exhaustive),
            _ => Err(UnknownSearch),
        }
    }
}

impl std::fmt::Display for Search {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Adaptive => "adaptive",
            Self::Exhaustive => "exhaustive",
        })
    }
}

fn checked(
    sound: bool,
    changed: Parameters,
    parameter: &'static str,
    allowed: &'static str,
) -> Result<Parameters, OutOfRange> {
    if sound {
        Ok(changed)
    } else {
        Err(OutOfRange { parameter, allowed })
    }
}

#[cfg(test)]
mod tests {
    use super::{Parameters, Search};

    #[test]
    fn a_search_is_read_as_it_is_written() {
        for search in [Search::Adaptive, Search::Exhaustive] {
            assert_eq!(search.to_string().parse(), Ok(search));
        }
        let unknown = "deep".parse::<Search>().unwrap_err();
        assert_eq!(unknown.to_string(), "must be adaptive or exhaustive");
    }

    #[test]
    fn senseless_parameters_cannot_be_made() {
        let usual = Parameters::default();

        assert!(usual.with_tile_size(100).is_err());
        assert!(usual.with_tile_overlap(0.9).is_err());
        assert!(usual.with_tile_overlap(f32::NAN).is_err());
        assert!(usual.with_min_confidence(0.0).is_err());
        let refused = usual.with_merge_threshold(1.5).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "merge_threshold must be above 0, at most 1"
        );
    }
}
