//! How far a photo is, in one word.

/// How far a photo is: the word for it in the database, in metrics and in the
/// API. What is known at each stage is `processing`'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Stored; nobody has looked where it belongs.
    Received,
    /// Its location is known.
    Located,
    /// A model is looking at it, or was when its worker ended.
    Analysing,
    /// Its plants are counted and the count is kept.
    Counted,
    /// Its count is in the ledger. The end.
    Posted,
    /// No position, or outside every location.
    NeedsLocation,
    /// Nothing says what grows in its location.
    NeedsConfig,
    /// Gave up.
    Failed,
}

// === impl Stage ===

impl Stage {
    /// Every stage, in the order of the work.
    pub const ALL: [Self; 8] = [
        Self::Received,
        Self::Located,
        Self::Analysing,
        Self::Counted,
        Self::Posted,
        Self::NeedsLocation,
        Self::NeedsConfig,
        Self::Failed,
    ];

    /// Whether a worker has something to do.
    pub fn is_runnable(self) -> bool {
        match self {
            Self::Received | Self::Located | Self::Analysing | Self::Counted => true,
            Self::Posted | Self::NeedsLocation | Self::NeedsConfig | Self::Failed => false,
        }
    }

    /// Share of the work that is done, 0 to 100. A failed session shows none:
    /// what it had done is not told by its stage.
    pub fn percent(self) -> u8 {
        match self {
            Self::Failed => 0,
            Self::Received | Self::NeedsLocation => 5,
            Self::Located => 20,
            Self::Analysing => 40,
            Self::Counted | Self::NeedsConfig => 90,
            Self::Posted => 100,
        }
    }

    /// Its name in the database and in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Located => "located",
            Self::Analysing => "analysing",
            Self::Counted => "counted",
            Self::Posted => "posted",
            Self::NeedsLocation => "needs_location",
            Self::NeedsConfig => "needs_config",
            Self::Failed => "failed",
        }
    }

    /// The stage with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for stage in Stage::ALL {
            assert_eq!(Stage::from_name(stage.name()), Some(stage));
        }
        assert_eq!(Stage::from_name("done"), None);
    }
}
