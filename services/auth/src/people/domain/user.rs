//! A person who can sign in.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::people::domain::{Email, Role};

/// Identifies a user for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UserId(pub Uuid);

/// What a person is called. Both parts may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// Given name.
    pub first: String,
    /// Family name.
    pub last: String,
}

/// A person who can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Never changes.
    pub id: UserId,
    /// Unique.
    pub email: Email,
    /// For people to read.
    pub name: Name,
    /// What they may do.
    pub role: Role,
    /// False: cannot sign in, and their sessions are refused.
    pub active: bool,
    /// When they last signed in.
    pub last_login_at: Option<DateTime<Utc>>,
    /// When they were added.
    pub created_at: DateTime<Utc>,
}

/// Someone to be added.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Must not be taken.
    pub email: Email,
    /// For people to read.
    pub name: Name,
    /// What they may do.
    pub role: Role,
}

/// What to change about a user; absent parts stay as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UserChange {
    /// The new role.
    pub role: Option<Role>,
    /// Whether they may sign in.
    pub active: Option<bool>,
}

// === impl User ===

impl User {
    /// Takes over a change.
    pub fn apply(&mut self, change: UserChange) {
        let UserChange { role, active } = change;
        self.role = role.unwrap_or(self.role);
        self.active = active.unwrap_or(self.active);
    }

    fn administers(&self) -> bool {
        self.active && self.role == Role::Admin
    }
}

impl std::fmt::Display for UserId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Whether a user's change would leave nobody who can manage users.
/// `active_admins` counts them before the change.
pub fn leaves_no_admin(before: &User, after: &User, active_admins: u64) -> bool {
    before.administers() && !after.administers() && active_admins <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admin() -> User {
        User {
            id: UserId(Uuid::nil()),
            email: "ana@demeter.local".parse().unwrap(),
            name: Name::default(),
            role: Role::Admin,
            active: true,
            last_login_at: None,
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_last_administrator_can_neither_leave_nor_step_down() {
        for change in [
            UserChange {
                role: Some(Role::Worker),
                active: None,
            },
            UserChange {
                role: None,
                active: Some(false),
            },
        ] {
            let mut after = admin();
            after.apply(change);
            assert!(leaves_no_admin(&admin(), &after, 1));
            assert!(!leaves_no_admin(&admin(), &after, 2));
        }
    }

    #[test]
    fn a_change_without_parts_changes_nothing() {
        let mut after = admin();
        after.apply(UserChange::default());

        assert_eq!(after, admin());
        assert!(!leaves_no_admin(&admin(), &after, 1));
    }
}
