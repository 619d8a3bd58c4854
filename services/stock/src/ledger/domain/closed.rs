//! What becomes of facts of months that are closed for good.

use std::str::FromStr;

/// What the ledger does with a fact of a month that is closed for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClosedMonths {
    /// It does not take it.
    #[default]
    Refuse,
    /// It takes it; what it changes in the month's sales is settled by a later month.
    Carry,
}

/// Neither of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be refuse or carry")]
pub struct UnknownChoice;

// === impl ClosedMonths ===

impl FromStr for ClosedMonths {
    type Err = UnknownChoice;

    fn from_str(text: &str) -> Result<Self, UnknownChoice> {
        match text {
            "refuse" => Ok(Self::Refuse),
            "carry" => Ok(Self::Carry),
            _ => Err(UnknownChoice),
        }
    }
}
