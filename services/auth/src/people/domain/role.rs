//! Roles and the rights they bundle.

use std::collections::BTreeSet;

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
    pub fn rights(self) -> BTreeSet<String> {
        let rights: &[&str] = match self {
            Self::Viewer => &["stock:read", "photos:read", "analytics:read"],
            Self::Worker => &["stock:read", "stock:write", "photos:read", "photos:write"],
            Self::Supervisor => &[
                "stock:read",
                "stock:write",
                "stock:delete",
                "photos:read",
                "photos:write",
                "photos:validate",
                "analytics:read",
                "config:read",
            ],
            Self::Admin => &[
                "stock:read",
                "stock:write",
                "stock:delete",
                "photos:read",
                "photos:write",
                "photos:validate",
                "analytics:read",
                "config:read",
                "config:write",
                "users:manage",
                "models:manage",
            ],
        };
        owned(rights)
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

/// What a service may do on its own behalf; none for a service that never
/// works on its own behalf.
pub fn rights_of_service(client: &str) -> Option<BTreeSet<String>> {
    match client {
        // Its worker locates beds, posts counts and has photos counted.
        "photo" => Some(owned(&["stock:read", "stock:write", "photos:write"])),
        _ => None,
    }
}

fn owned(rights: &[&str]) -> BTreeSet<String> {
    rights.iter().map(|right| (*right).to_owned()).collect()
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
            for right in ["users:manage", "config:write", "models:manage"] {
                assert!(!role.rights().contains(right), "{role:?} {right}");
            }
        }
    }
}
