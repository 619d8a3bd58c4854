//! What a caller may be allowed to do.

use std::fmt;
use std::str::FromStr;

/// One permission. Roles bundle them, biscuits carry them, the protos' access
/// option asks for them, all by the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// `analytics:read`
    AnalyticsRead,
    /// `config:read`
    ConfigRead,
    /// `config:write`
    ConfigWrite,
    /// `models:manage`
    ModelsManage,
    /// `photos:read`
    PhotosRead,
    /// `photos:validate`
    PhotosValidate,
    /// `photos:write`
    PhotosWrite,
    /// `stock:delete`
    StockDelete,
    /// `stock:read`
    StockRead,
    /// `stock:write`
    StockWrite,
    /// `users:manage`
    UsersManage,
}

/// No right has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no right is called {0:?}")]
pub struct UnknownRight(pub String);

// === impl Right ===

impl Right {
    /// Every right, in the order of their names.
    pub const ALL: [Self; 11] = [
        Self::AnalyticsRead,
        Self::ConfigRead,
        Self::ConfigWrite,
        Self::ModelsManage,
        Self::PhotosRead,
        Self::PhotosValidate,
        Self::PhotosWrite,
        Self::StockDelete,
        Self::StockRead,
        Self::StockWrite,
        Self::UsersManage,
    ];

    /// The name in biscuits and protos.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AnalyticsRead => "analytics:read",
            Self::ConfigRead => "config:read",
            Self::ConfigWrite => "config:write",
            Self::ModelsManage => "models:manage",
            Self::PhotosRead => "photos:read",
            Self::PhotosValidate => "photos:validate",
            Self::PhotosWrite => "photos:write",
            Self::StockDelete => "stock:delete",
            Self::StockRead => "stock:read",
            Self::StockWrite => "stock:write",
            Self::UsersManage => "users:manage",
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Right {
    type Err = UnknownRight;

    fn from_str(name: &str) -> Result<Self, UnknownRight> {
        Self::ALL
            .into_iter()
            .find(|right| right.as_str() == name)
            .ok_or_else(|| UnknownRight(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_right_is_found_by_its_name_and_they_are_in_order() {
        for right in Right::ALL {
            assert_eq!(right.as_str().parse(), Ok(right));
        }
        assert!(Right::ALL.is_sorted_by_key(|right| right.as_str()));
        assert!("stock:burn".parse::<Right>().is_err());
    }
}
