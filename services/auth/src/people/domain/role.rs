//! Roles and the rights they bundle.

use std::collections::BTreeSet;

use demeter_identity::Right;

/// A bundle of rights that a person has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Reads stock, photos and analytics.
    Viewer,
    /// Also takes photos and records movements.
    Worker,
    /// Also validates counts, deletes stock and reads configuration.
    Supervisor,
    /// Everything.
    Admin,
}

/// No role has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no role is called {0:?}")]
pub struct UnknownRole(pub String);

// === impl Role ===

impl Role {
    /// Every role, from the least to the most powerful.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Worker, Self::Supervisor, Self::Admin];

    /// The name in tokens and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Worker => "worker",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        }
    }

    /// What the role may do.
    pub fn rights(self) -> BTreeSet<Right> {
        let rights: &[Right] = match self {
            Self::Viewer => &[Right::StockRead, Right::PhotosRead, Right::AnalyticsRead],
            Self::Worker => &[
                Right::StockRead,
                Right::StockWrite,
                Right::PhotosRead,
                Right::PhotosWrite,
            ],
            Self::Supervisor => &[
                Right::StockRead,
                Right::StockWrite,
                Right::StockDelete,
                Right::PhotosRead,
                Right::PhotosWrite,
                Right::PhotosValidate,
                Right::AnalyticsRead,
                Right::ConfigRead,
            ],
            Self::Admin => &Right::ALL,
        };
        rights.iter().copied().collect()
    }
}

impl std::str::FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Self, UnknownRole> {
        Self::ALL
            .into_iter()
            .find(|role| role.name() == name)
            .ok_or_else(|| UnknownRole(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_found_by_its_name() {
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
        }
        assert!("Admin".parse::<Role>().is_err());
    }

    #[test]
    fn an_administrator_may_do_what_any_other_role_may() {
        for role in Role::ALL {
            assert!(role.rights().is_subset(&Role::Admin.rights()));
        }
    }

    #[test]
    fn only_an_administrator_manages_users_and_configuration() {
        for role in [Role::Viewer, Role::Worker, Role::Supervisor] {
            for right in [Right::UsersManage, Right::ConfigWrite, Right::ModelsManage] {
                assert!(!role.rights().contains(&right), "{role:?} {right}");
            }
        }
    }
}
